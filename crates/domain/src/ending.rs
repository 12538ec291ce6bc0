//! How a signing ended, and the record's entry of it.

use serde::{Deserialize, Serialize};

use crate::{
    Again, Certificate, Decision, ErrorCode, Origin, Outcome, Progress, Seen, SignRequest, State, Timestamp,
    Verdict,
};

/// How a signing ended: the truth as far as this side can tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// What became of it; the outcome of [`Self::code`], but for entries of an earlier version that decided otherwise
    /// (`signed-without-details` was `signed`): what was recorded stays.
    pub outcome: Outcome,
    /// Why; its words are [`ErrorCode::what`] and [`ErrorCode::next`].
    pub code: ErrorCode,
    /// The server's own words, made visible and bounded; absent when it said none.
    pub server_message: Option<String>,
    /// The technical text behind the code, if any; never a secret.
    pub detail: Option<String>,
    /// What was issued, as reported by the server; filled for `signed` only.
    pub certificates: Vec<Certificate>,
    /// What an answer claims that does not count as signed, such as one that contradicts itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported: Vec<Certificate>,
    /// What was seen of the server.
    pub seen: Seen,
}

impl Ending {
    /// An ending with nothing more to say than its code. A code that speaks of no outcome counts as `unknown`:
    /// the only safe reading when a signing ends in a way that was not foreseen.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            outcome: code.outcome().unwrap_or(Outcome::Unknown),
            code,
            server_message: None,
            detail: None,
            certificates: Vec::new(),
            reported: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// The same ending with the technical text behind it.
    #[must_use]
    pub fn because(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// One line for people and for JSON: the server's words when it spoke, ours otherwise, and how long it asks to wait.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.server_message {
            Some(words) if !words.is_empty() => format!("{words}{}", self.wait()),
            _ => format!("{} {}{}", self.code.what(), self.code.next_of_signing(), self.wait()),
        }
    }

    /// How long the server asks to wait, as a sentence with a space before it; empty when it does not.
    #[must_use]
    pub fn wait(&self) -> String {
        match &self.seen.retry_after {
            Some(time) if time.starts_with("until") => format!(" It asks to wait {time}."),
            Some(time) => format!(" It asks to wait for {time}."),
            None => String::new(),
        }
    }
}

/// One signing as the record tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number; grows with time.
    pub entry: u64,
    /// The caller's id of the decision to sign.
    pub intent: String,
    /// When the intent was recorded.
    pub at: Timestamp,
    /// When it was recorded that the request is about to leave; absent when it had not left.
    #[serde(default)]
    pub sent_at: Option<Timestamp>,
    /// When the outcome was recorded; absent when none was.
    pub answered_at: Option<Timestamp>,
    /// The server's address.
    pub server: String,
    /// What was asked.
    pub request: SignRequest,
    /// Why it was signed although it may have been signed before.
    #[serde(default)]
    pub again: Option<Again>,
    /// How it ended as far as the program saw it. When no outcome is on record: `unknown` with the code
    /// `interrupted` if the request may have left, `not_sent` with `interrupted-before-sending` if not.
    pub ending: Ending,
    /// The latest decision of a person. It counts while the ending is `unknown`.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// The latest note; empty when there is none.
    #[serde(default)]
    pub note: String,
    /// The latest ticket; empty when there is none.
    #[serde(default)]
    pub ticket: String,
    /// How often the server was asked what became of it.
    #[serde(default)]
    pub look_ups: u32,
    /// Who decided to sign; nothing is known in entries from before this was recorded.
    #[serde(default, skip_serializing_if = "Origin::is_unknown")]
    pub origin: Origin,
    /// Who else caused events of it, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_origins: Vec<Origin>,
    /// Whether a program is waiting for the answer. The journal cannot know, so it always says [`Progress::Over`]; the
    /// desk sets it on each entry without an answer. Left out when it is over: evidence is made from the journal alone.
    #[serde(default, skip_serializing_if = "Progress::is_over")]
    pub progress: Progress,
}

impl Entry {
    /// An entry of which only the intent is recorded: nothing has left.
    #[must_use]
    pub fn begun(entry: u64, intent: String, at: Timestamp, server: String, request: SignRequest) -> Self {
        Self {
            entry,
            intent,
            at,
            sent_at: None,
            answered_at: None,
            server,
            request,
            again: None,
            ending: Ending::new(ErrorCode::InterruptedBeforeSending),
            decision: None,
            note: String::new(),
            ticket: String::new(),
            look_ups: 0,
            origin: Origin::default(),
            other_origins: Vec::new(),
            progress: Progress::Over,
        }
    }

    /// The code that holds now: the ending's, or the decision's when the ending left it open.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match &self.decision {
            Some(decision) if self.ending.outcome == Outcome::Unknown => match decision.verdict {
                Verdict::ItIsThisOne { .. } => ErrorCode::FoundByPerson,
                Verdict::NotThere => ErrorCode::NotThere,
            },
            _ if self.answered_at.is_some() => self.ending.code,
            _ => self.progress.code().unwrap_or(self.ending.code),
        }
    }

    /// The ending to show. What is recorded of a signing that is in progress says that it was interrupted, which is so only
    /// once no program waits for its answer.
    #[must_use]
    pub fn ending_now(&self) -> Ending {
        if self.is_in_progress() { Ending::new(self.code()) } else { self.ending.clone() }
    }

    /// Whether a program is waiting, or may be waiting, for the answer.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        matches!(self.code(), ErrorCode::InProgress | ErrorCode::MayBeInProgress)
    }

    /// What to show: the outcome that holds now, or that the signing is in progress.
    #[must_use]
    pub fn state(&self) -> State {
        if self.is_in_progress() { State::InProgress } else { self.outcome().into() }
    }

    /// The outcome that holds now. A decision that nothing is there leaves it `unknown`: no answer says so, a person
    /// does, and the code `not-there` tells the two apart.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.code() == self.ending.code {
            return self.ending.outcome;
        }
        self.code().outcome().unwrap_or(Outcome::Unknown)
    }

    /// The decision of a person that the entry shows now. None while nobody resolved it, and where a clear answer counts
    /// in place of the decision.
    #[must_use]
    pub fn resolution(&self) -> Option<&Verdict> {
        let counts = matches!(self.code(), ErrorCode::FoundByPerson | ErrorCode::NotThere);
        self.decision.as_ref().filter(|_| counts).map(|it| &it.verdict)
    }

    /// Whether somebody still has to look: it is unknown, no program is waiting for it, and no decision is recorded.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.outcome() == Outcome::Unknown && self.code() != ErrorCode::NotThere && !self.is_in_progress()
    }

    /// Whether signing the same again needs a person's reason: a certificate exists or may exist.
    #[must_use]
    pub fn speaks_against_another(&self) -> bool {
        self.outcome() == Outcome::Signed || self.is_unsettled() || self.is_in_progress()
    }

    /// The certificates that were issued: those of the server's answer, or the one that a person found. None while it does
    /// not count as signed.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        match &self.decision {
            Some(Decision { verdict: Verdict::ItIsThisOne { certificate }, .. })
                if self.ending.outcome == Outcome::Unknown =>
            {
                vec![certificate.clone()]
            }
            _ if self.ending.outcome == Outcome::Signed => self.ending.certificates.clone(),
            _ => Vec::new(),
        }
    }

    /// What the answer claims without counting as signed. An earlier version recorded it among the certificates.
    #[must_use]
    pub fn reported(&self) -> Vec<Certificate> {
        match self.ending.outcome {
            Outcome::Signed => Vec::new(),
            _ if self.ending.reported.is_empty() => self.ending.certificates.clone(),
            _ => self.ending.reported.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignForm;

    #[test]
    fn a_way_of_trust_of_a_later_version_leaves_the_outcome_readable() {
        for verified_by in [r#""quorum_of_cas""#, r#"{"threshold":2}"#, "null"] {
            let recorded = format!(
                r#"{{"outcome":"signed","code":"signed","server_message":null,"detail":null,"certificates":[],
                "seen":{{"http_status":200,"elapsed_ms":3,"verified_by":{verified_by}}}}}"#
            );
            let ending: Ending = serde_json::from_str(&recorded).unwrap();
            assert_eq!((ending.outcome, ending.seen.http_status), (Outcome::Signed, Some(200)));
            assert_eq!(ending.seen.verified_by, None, "{verified_by}");
        }
    }

    fn entry(code: ErrorCode, verdict: Option<Verdict>) -> Entry {
        let form = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "1".into(),
            csr_id: "1".into(),
            ..SignForm::default()
        };
        let at = Timestamp::from_millis(1);
        let request = form.check(at).unwrap();
        Entry {
            sent_at: Some(at),
            answered_at: Some(at),
            ending: Ending::new(code),
            decision: verdict.map(|verdict| Decision { at, verdict, reason: "seen".into(), basis: None }),
            ..Entry::begun(1, "intent".into(), at, "https://h".into(), request)
        }
    }

    #[test]
    fn a_signing_in_progress_is_neither_unknown_nor_not_sent() {
        for code in [ErrorCode::Interrupted, ErrorCode::InterruptedBeforeSending] {
            let gone = Entry { answered_at: None, ..entry(code, None) };
            assert_eq!((gone.code(), gone.state()), (code, gone.outcome().into()));
            for (progress, shown) in [
                (Progress::Waiting, ErrorCode::InProgress),
                (Progress::MayBeWaiting, ErrorCode::MayBeInProgress),
            ] {
                let running = Entry { progress, ..gone.clone() };
                assert_eq!((running.code(), running.state()), (shown, State::InProgress));
                assert!(!running.is_unsettled() && running.speaks_against_another());
                assert_eq!((running.ending_now().code, running.ending_now().seen.took_ms()), (shown, None));
            }
            assert_eq!(gone.ending_now(), gone.ending);
        }
        let answered = Entry { progress: Progress::Waiting, ..entry(ErrorCode::Signed, None) };
        assert_eq!(answered.state(), State::Signed, "an answer ends the waiting");
        let text = serde_json::to_string(&entry(ErrorCode::Signed, None)).unwrap();
        assert!(!text.contains("progress"), "evidence stays what the journal says: {text}");
    }

    #[test]
    fn a_decision_settles_what_is_unknown() {
        let open = entry(ErrorCode::TimedOut, None);
        assert!(open.is_unsettled() && open.speaks_against_another());

        let gone = entry(ErrorCode::TimedOut, Some(Verdict::NotThere));
        assert_eq!((gone.outcome(), gone.code()), (Outcome::Unknown, ErrorCode::NotThere));
        assert!(!gone.is_unsettled() && !gone.speaks_against_another());
        assert_eq!((open.resolution(), gone.resolution()), (None, Some(&Verdict::NotThere)));
        assert_eq!(Verdict::NotThere.words(), "Not issued (by a person)");

        let certificate = Certificate { certificate_id: Some("7".into()), ..Certificate::default() };
        let found =
            entry(ErrorCode::TimedOut, Some(Verdict::ItIsThisOne { certificate: certificate.clone() }));
        assert_eq!((found.outcome(), found.code()), (Outcome::Signed, ErrorCode::FoundByPerson));
        assert_eq!(found.resolution().map(Verdict::words), Some("Signed (by a person)"));
        assert_eq!(found.resolution().and_then(Verdict::certificate), Some(&certificate));
        assert_eq!(found.certificates(), [certificate]);
        assert!(found.speaks_against_another());
        assert_eq!(found.ending.code, ErrorCode::TimedOut);
    }

    #[test]
    fn a_clear_answer_outweighs_a_decision() {
        let signed = entry(ErrorCode::Signed, Some(Verdict::NotThere));
        assert_eq!((signed.outcome(), signed.code()), (Outcome::Signed, ErrorCode::Signed));
        assert_eq!(signed.resolution(), None);
        assert!(!entry(ErrorCode::ServerRefused, None).speaks_against_another());
    }

    #[test]
    fn what_an_answer_claims_is_no_certificate() {
        let certificate = Certificate { certificate_id: Some("7".into()), ..Certificate::default() };
        let mut claimed = entry(ErrorCode::ContradictingAnswer, None);
        claimed.ending.reported.push(certificate.clone());
        assert_eq!((claimed.certificates(), claimed.reported()), (vec![], vec![certificate.clone()]));
        // As an earlier version recorded it.
        let mut earlier = entry(ErrorCode::ContradictingAnswer, None);
        earlier.ending.certificates.push(certificate.clone());
        assert_eq!((earlier.certificates(), earlier.reported()), (vec![], vec![certificate]));
    }

    #[test]
    fn a_success_without_a_certificate_is_unknown_and_stays_signed_where_it_was_recorded_so() {
        assert!(entry(ErrorCode::SignedWithoutDetails, None).is_unsettled());
        let recorded = r#"{"outcome":"signed","code":"signed-without-details","server_message":null,"detail":null,
            "certificates":[],"seen":{"http_status":200,"elapsed_ms":3}}"#;
        let mut earlier = entry(ErrorCode::Signed, None);
        earlier.ending = serde_json::from_str(recorded).unwrap();
        assert_eq!((earlier.outcome(), earlier.is_unsettled()), (Outcome::Signed, false));
        assert!(earlier.speaks_against_another());
    }

    #[test]
    fn an_answer_that_asks_to_wait_says_how_long() {
        let mut ending = Ending::new(ErrorCode::TooManyRequests);
        ending.seen.retry_after = Some("120 seconds".into());
        assert!(ending.message().ends_with("It asks to wait for 120 seconds."), "{}", ending.message());
    }

    #[test]
    fn an_entry_survives_the_wire() {
        let entry = entry(ErrorCode::TimedOut, Some(Verdict::NotThere));
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}
