//! Commands that only look: at the server, and at what a signing would send.

use std::time::Duration;

use domain::{
    BaseUrl, ConnectPhase, ConnectStep, ConnectionId, Entry, ErrorCode, Event, Field, Problem, SignRequest,
    SignType, SpokenHttp, StepState, Verdict,
};
use journal::{Journal, JournalError};
use pam360::{ConnectFailure, OrganizationVerdict, Session, TokenVerdict, Trace, TrustSettings};

use super::one_connection::{Held, Standing};
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::entry;
use crate::commands::look_for::Recorded;
use crate::commands::review::{self, Before, Caution, MAX_BEFORE, NotIssued};
use crate::commands::test_connection::{self, Stage, State, Step};

impl Desk {
    /// Walks the way to the server step by step. Changes nothing there.
    ///
    /// # Errors
    /// [`ErrorCode::NoConnection`] or [`ErrorCode::NoSuchConnection`]; a step that fails is part of the answer.
    pub async fn test_connection(
        &self,
        request: test_connection::Request,
    ) -> Result<test_connection::Response, Failure> {
        let held = self.session().meant(request.connection.as_ref()).map_err(Failure::new)?.clone();
        let connection = &held.connection;
        let limit = Duration::from_secs(u64::from(connection.timeout_seconds));
        let mut steps = Steps { of: held.id.clone(), taken: Vec::new() };
        {
            let mut session = self.session();
            session.candidate = None;
            session.exact_candidate = None;
        }

        let endpoint = match self.endpoint(&held).await {
            Ok(endpoint) => endpoint,
            Err(error) => return Ok(steps.stopped(Stage::Trust, error.code, error.detail)),
        };
        let mut words = vec![TrustSettings::from(connection).words()];
        words.extend(endpoint.trust().remarks().iter().cloned());
        steps.passed(Stage::Trust, words.join(" "));

        let mut trace = Trace::default();
        let connected = endpoint.connect_traced(limit, &mut trace).await;
        steps.walked(trace);
        let ready = match connected {
            Ok(ready) => ready,
            Err(failure) => {
                let diagnosed = failure.diagnosis.inspect(|it| self.remember_candidate(&held, it));
                let diagnosis = diagnosed.map(|it| it.diagnosis().clone());
                return Ok(test_connection::Response { diagnosis, ..steps.ended() });
            }
        };

        let token = match self.token(&held).await {
            Ok(token) => token,
            // Without one there is nothing to ask with, and nothing has failed.
            Err(Failure { code: ErrorCode::NoToken, .. }) if held.token_kept.is_none() => {
                return Ok(steps.ended());
            }
            Err(Failure { code, detail, .. }) => {
                return Ok(steps.stopped(Stage::Token, code, detail.unwrap_or_default()));
            }
        };
        let organization = connection.organization.as_ref().map(|it| it.as_str());
        let over_http2 = ready.facts().protocol == "h2";
        let looked = endpoint.ask_on(ready, limit, |it| it.look(&token, organization, limit)).await;
        let fell_back = over_http2 && self.learned_http11(&held).await;
        let looked = match looked {
            Ok(looked) => looked,
            Err(ConnectFailure { code, detail, .. }) => return Ok(steps.stopped(Stage::Http, code, detail)),
        };
        let said = looked.server_message.unwrap_or_default();
        let mut detail = format!("HTTP {}. {said}", looked.status).trim_end().to_owned();
        if fell_back {
            detail += words::FELL_BACK;
        }
        let odd = looked.odd.map(|it| format!("{detail} {it}")).unwrap_or_else(|| detail.clone());
        if looked.organization == OrganizationVerdict::Refused {
            // Whether the token is accepted is not known then.
            steps.answered(Stage::Http, detail);
            return Ok(steps.stopped(Stage::Organization, ErrorCode::OrganizationRefused, said));
        }
        match looked.token {
            TokenVerdict::NotRejected => {
                self.token_answered(&held, &token, true).await;
                steps.passed(Stage::Http, detail);
                steps.passed(Stage::Token, words::TOKEN_NOT_REJECTED.to_owned());
                steps.passed(Stage::Organization, words::organization(looked.organization, organization));
            }
            TokenVerdict::Rejected => {
                self.token_answered(&held, &token, false).await;
                steps.answered(Stage::Http, detail);
                return Ok(steps.stopped(Stage::Token, ErrorCode::NotAuthorized, said));
            }
            TokenVerdict::RejectedOrOrganization => {
                steps.answered(Stage::Http, detail);
                return Ok(steps.stopped(Stage::Token, ErrorCode::TokenOrOrganization, said));
            }
            TokenVerdict::Unclear => {
                let code = looked.told.unwrap_or(ErrorCode::AnswerNotRecognized);
                return Ok(steps.stopped(Stage::Http, code, odd));
            }
        }
        if let Some(operation) = &connection.csr_list {
            // A session carries one request, so this question has a connection of its own.
            let question = |it: Session| it.list_csrs(operation, &token, organization, limit);
            match endpoint.ask(limit, question).await {
                Ok(csrs) => steps.passed(Stage::CsrList, words::csrs(csrs.len())),
                Err(error) => return Ok(steps.stopped(Stage::CsrList, error.code, error.detail)),
            }
        }
        Ok(steps.ended())
    }

    /// Shows what a signing would send.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems, or [`ErrorCode::NoConnection`].
    pub async fn review(&self, request: review::Request) -> Result<review::Response, Failure> {
        let now = self.shared.host.now();
        let request = request.form.check(now).map_err(Failure::invalid)?;
        // What is reviewed is what is stored: another program may have changed or removed the connection.
        self.follow_the_file().await?;
        let held = self.session().current().cloned().ok_or_else(|| Failure::new(ErrorCode::NoConnection))?;
        if held.standing == Standing::Removed {
            return Err(Failure::new(ErrorCode::ConnectionRemoved));
        }
        let as_reviewed = held.as_reviewed();
        let http11_only = self.http_offer(&held).is_http11_only();
        let version = if http11_only { SpokenHttp::Http11 } else { SpokenHttp::Http2 };
        let Held { id, connection, .. } = held;
        let ends = request
            .validity
            .end(now)
            .map_err(|code| Failure::invalid(vec![Problem::new(Field::ValidityDays, code)]))?;
        let server = connection.server.to_string();
        let earlier = self.earlier(server.clone(), &request).await;
        let (before, before_more) = self.before(server, &request, &earlier).await;
        let (not_issued, not_issued_more) = self.not_issued(connection.server.to_string(), &request).await;
        let another_issuer = before.iter().any(|it| !it.same_issuer);
        Ok(review::Response {
            server: connection.server.to_string(),
            verified_by: connection.trust(),
            as_reviewed,
            connection: id,
            http_request: pam360::http_request_text(&connection.server, &request, version),
            http11_only,
            input_data: pam360::input_data_indented(&request),
            ends,
            cautions: cautions(&request, !earlier.is_empty(), another_issuer),
            earlier,
            before,
            before_more,
            not_issued,
            not_issued_more,
            request,
        })
    }

    /// A record that cannot be read has no earlier entries to show; signing will say so by itself.
    async fn earlier(&self, server: String, request: &SignRequest) -> Vec<u64> {
        let (desk, request) = (self.clone(), request.clone());
        let read = blocking(move || {
            let journal = desk.journal()?;
            let running = desk.running_with(&journal, &server, request.csr_id)?;
            let same = running.into_iter().filter(|it| it.request.issuer == request.issuer);
            Ok::<_, JournalError>(also(journal.earlier(&server, &request)?, same.map(|it| it.entry)))
        });
        read.await.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// The earlier signings of the same CSR by any issuer, the latest first, and how many more there are.
    async fn before(&self, server: String, request: &SignRequest, same: &[u64]) -> (Vec<Before>, u64) {
        let (desk, csr_id, same) = (self.clone(), request.csr_id, same.to_vec());
        let read = blocking(move || {
            let journal = desk.journal()?;
            let running = desk.running_with(&journal, &server, csr_id)?;
            let running = running.into_iter().map(|it| it.entry);
            // Those under another name of the server as well.
            let numbers = also(also(journal.of_csr(&server, csr_id)?, running), same.iter().copied());
            let more = numbers.len().saturating_sub(MAX_BEFORE);
            let latest = numbers.iter().rev().take(MAX_BEFORE);
            let mut before = Vec::new();
            for number in latest {
                if let Some(entry) = readable(&journal, *number)? {
                    let entry = desk.with_progress(&journal, entry)?;
                    before.push(earlier_signing(&entry, same.contains(number), &server));
                }
            }
            Ok::<_, JournalError>((before, more as u64))
        });
        read.await.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// What the entries led to that speak against a signing of the same CSR and issuer; those that can be read.
    pub(super) async fn before_of(&self, earlier: &[u64], server: &BaseUrl) -> Vec<Before> {
        let (desk, numbers, server) = (self.clone(), earlier.to_vec(), server.to_string());
        let read = blocking(move || {
            let journal = desk.journal()?;
            let mut before = Vec::new();
            for number in numbers.into_iter().take(MAX_BEFORE) {
                if let Some(entry) = readable(&journal, number)? {
                    before.push(earlier_signing(&desk.with_progress(&journal, entry)?, true, &server));
                }
            }
            Ok::<_, JournalError>(before)
        });
        read.await.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// The earlier signings of the same CSR after which a person found no certificate, the latest first, and how many more
    /// there are.
    async fn not_issued(&self, server: String, request: &SignRequest) -> (Vec<NotIssued>, u64) {
        let (desk, csr_id) = (self.clone(), request.csr_id);
        let read = blocking(move || {
            let journal = desk.journal()?;
            let numbers = journal.not_issued_of_csr(&server, csr_id)?;
            let more = numbers.len().saturating_sub(MAX_BEFORE);
            let mut found = Vec::new();
            for number in numbers.iter().rev().take(MAX_BEFORE) {
                let Some(entry) = readable(&journal, *number)? else { continue };
                found.extend(found_not_issued(&entry, &journal.events(*number)?));
            }
            Ok::<_, JournalError>((found, more as u64))
        });
        read.await.ok().and_then(Result::ok).unwrap_or_default()
    }
}

/// The entries with those that are in progress, which the journal counts as not sent as long as only their intent is recorded.
fn also(mut entries: Vec<u64>, running: impl Iterator<Item = u64>) -> Vec<u64> {
    entries.extend(running);
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// An entry; none when it is damaged. It hides no other one, and signing the same CSR again still asks for a reason.
fn readable(journal: &Journal, number: u64) -> Result<Option<Entry>, JournalError> {
    match journal.entry(number) {
        Err(JournalError::Damaged(_)) => Ok(None),
        read => read,
    }
}

/// The last certificate that a decision about an entry named, before a later one replaced it; by its serial number or else
/// its common name.
fn named_before(events: &[Event]) -> Option<String> {
    entry::earlier_decisions(events).into_iter().find_map(|it| match it.verdict {
        Verdict::ItIsThisOne { certificate } => certificate.serial_number.or(certificate.common_name),
        Verdict::NotThere => None,
    })
}

fn found_not_issued(entry: &Entry, events: &[Event]) -> Option<NotIssued> {
    Some(NotIssued {
        named_before: named_before(events),
        found_possible: Recorded::last(events).is_some_and(|it| it.response.possible() > 0),
        entry: entry.entry,
        at: entry.at,
        issuer: entry.request.issuer.as_ref().map(|it| it.common_name.as_str().to_owned()),
        decided_at: entry.decision.as_ref()?.at,
    })
}

fn earlier_signing(entry: &Entry, same_issuer: bool, server: &str) -> Before {
    let elsewhere = BaseUrl::canonical(&entry.server) != BaseUrl::canonical(server);
    Before {
        other_address: elsewhere.then(|| entry.server.clone()),
        entry: entry.entry,
        at: entry.at,
        same_issuer,
        issuer: entry.request.issuer.as_ref().map(|it| it.common_name.as_str().to_owned()),
        state: entry.state(),
        serial_number: entry.certificates().into_iter().find_map(|it| it.serial_number),
        not_issued: entry.code() == ErrorCode::NotThere,
        who: entry.origin.who(),
    }
}

/// Gravest first.
fn cautions(request: &SignRequest, sent_before: bool, another_issuer: bool) -> Vec<Caution> {
    let microsoft = request.sign_type == SignType::Msca;
    let not_ascii = request.organization.as_ref().is_some_and(|it| !it.as_str().is_ascii());
    [
        (request.intermediate, Caution::MakesACa),
        (sent_before, Caution::SentBefore),
        (another_issuer, Caution::SignedByAnotherIssuer),
        (microsoft, Caution::MicrosoftCa),
        (microsoft && request.issuer.is_none(), Caution::IssuerLeftOut),
        (not_ascii, Caution::OrganizationNotAscii),
    ]
    .into_iter()
    .filter_map(|(applies, caution)| applies.then_some(caution))
    .collect()
}

/// The steps of a test, filled up with what was not tried.
struct Steps {
    of: ConnectionId,
    taken: Vec<Step>,
}

impl Steps {
    /// What was seen on the way to the server.
    fn walked(&mut self, trace: Trace) {
        for ConnectStep { phase, state, detail, elapsed_ms } in trace.into_steps() {
            tracing::debug!(?phase, ?state, detail, elapsed_ms, "connection test");
            let stage = match phase {
                ConnectPhase::Proxy => Stage::Proxy,
                ConnectPhase::Dns => Stage::Dns,
                ConnectPhase::Tcp => Stage::Tcp,
                ConnectPhase::Tls => Stage::Tls,
            };
            let state = match state {
                StepState::Passed => State::Passed { detail },
                StepState::Failed { code } => State::Failed { code, detail },
                StepState::Skipped => State::Skipped,
            };
            self.taken.push(Step { stage, state });
        }
    }

    fn passed(&mut self, stage: Stage, detail: String) {
        self.taken.push(Step { stage, state: State::Passed { detail } });
    }

    /// An answer that is a no is no success, and the reason is another step's.
    fn answered(&mut self, stage: Stage, detail: String) {
        self.taken.push(Step { stage, state: State::Answered { detail } });
    }

    fn stopped(mut self, stage: Stage, code: ErrorCode, detail: String) -> test_connection::Response {
        self.taken.push(Step { stage, state: State::Failed { code, detail } });
        self.ended()
    }

    /// All stages in their order; what was not tried is skipped.
    fn ended(mut self) -> test_connection::Response {
        let found = |stage| self.taken.iter().position(|it| it.stage == stage);
        let order: Vec<_> = Stage::ALL.into_iter().map(|stage| (stage, found(stage))).collect();
        let steps = order.into_iter().map(|(stage, place)| match place {
            Some(place) => std::mem::replace(&mut self.taken[place], Step { stage, state: State::Skipped }),
            None => Step { stage, state: State::Skipped },
        });
        let steps = steps.collect();
        test_connection::Response { connection: self.of, steps, diagnosis: None }
    }
}

/// What a passed step says.
mod words {
    use domain::visible;
    use pam360::OrganizationVerdict;

    pub(super) const TOKEN_NOT_REJECTED: &str = "The server did not reject the token. Whether its user may sign shows \
         only when something is signed: PAM360 documents no call that tells.";

    pub(super) const FELL_BACK: &str = " The server requires HTTP/1.1: this question was sent again over it, and the next connections use it.";

    pub(super) fn organization(verdict: OrganizationVerdict, name: Option<&str>) -> String {
        let name = visible(name.unwrap_or_default());
        match verdict {
            OrganizationVerdict::NotNamed => {
                "None is set: the organization of the token's user counts.".to_owned()
            }
            OrganizationVerdict::NotTold => format!(
                "The server did not object to {name}. Which words it has for an organization that it does not know is \
                 not documented."
            ),
            OrganizationVerdict::Mentioned | OrganizationVerdict::Refused => {
                format!("The server's words speak of an organization; read whether they are about {name}.")
            }
        }
    }

    pub(super) fn csrs(count: usize) -> String {
        match count {
            1 => "1 CSR is listed.".to_owned(),
            _ => format!("{count} CSRs are listed."),
        }
    }
}
