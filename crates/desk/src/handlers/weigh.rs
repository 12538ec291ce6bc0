//! What supports and what contradicts that a certificate is the result of a signing.
//!
//! Owns the rules of evidence; refuses to own fetching and deciding. Nothing here concludes that a certificate is the
//! one (invariant 4): also [`Standing::Proof`] waits for a person.

use domain::{Certificate, Entry, SerialNumber, Timestamp};
use pam360::{Issued, Listed, NamesCompared, StoredCsr};

use crate::commands::look_for::{CLOCK_LEEWAY_MINUTES, Candidate, Evidence, Standing};

/// How far the server's clock may be from this computer's.
const CLOCK_LEEWAY_MS: i64 = CLOCK_LEEWAY_MINUTES * 60_000;
/// How far the end may be from the asked one, in days: time zones and inclusive counting make a difference of one.
const END_LEEWAY_DAYS: i64 = 2;
/// The longest wait for an answer, in milliseconds.
const LONGEST_WAIT_MS: i64 = domain::MAX_TIMEOUT_SECONDS as i64 * 1_000;
/// How many names of a certificate or a CSR go into an answer.
pub(super) const NAMES_NAMED: usize = 20;

/// A certificate of the server's list, and what is known to compare it with.
#[derive(Clone, Copy)]
pub(super) struct Suspect<'a> {
    pub(super) row: &'a Listed,
    pub(super) serial: &'a SerialNumber,
    /// The certificate, if it could be fetched.
    pub(super) issued: Option<&'a Issued>,
    /// The CSR, if it could be fetched.
    pub(super) csr: Option<&'a StoredCsr>,
    /// Another signing that this certificate is on record for.
    pub(super) other_entry: Option<u64>,
}

/// Why a certificate cannot be the result of a signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuledOut {
    /// It has another key than the CSR.
    OtherKey,
    /// It signed itself.
    SelfSigned,
}

impl Suspect<'_> {
    /// What supports and contradicts that it is the result of this signing.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn weigh(&self, entry: &Entry) -> Result<Candidate, RuledOut> {
        // A signed certificate has its CSR's key and its issuer's name.
        if self.issued.is_some_and(|it| it.self_issued) {
            return Err(RuledOut::SelfSigned);
        }
        if self.issued.zip(self.csr).is_some_and(|(it, csr)| it.public_key != csr.public_key) {
            return Err(RuledOut::OtherKey);
        }
        let issuer =
            self.issued.and_then(|it| it.issuer_common_name.clone()).or_else(|| self.row.issuer.clone());
        let mut evidence = vec![self.key()];
        evidence.extend(self.names());
        evidence.push(match issuer_fits(issuer.as_deref(), entry) {
            Some(true) => Evidence::IssuerMatches,
            Some(false) => Evidence::IssuerDiffers,
            None => Evidence::IssuerNotStated,
        });
        evidence.extend(self.issued.map(|it| began(it.not_before, entry)));
        evidence.extend(self.end(entry));
        evidence.extend(self.issued.and_then(|it| match (it.is_ca, entry.request.intermediate) {
            (true, false) => Some(Evidence::IsACa),
            (false, true) => Some(Evidence::IsNotACa),
            _ => None,
        }));
        evidence.extend((self.issued.is_none() && is_self_listed(self.row)).then_some(Evidence::SelfIssued));
        evidence.extend(self.other_entry.map(|entry| Evidence::OnRecord { entry }));
        let listed_name = self.row.common_name.clone();
        let names = match self.issued {
            Some(it) => it.names.all().into_iter().take(NAMES_NAMED).collect(),
            None => listed_name.iter().cloned().collect(),
        };
        Ok(Candidate {
            certificate: Certificate {
                common_name: self.issued.and_then(|it| it.common_name.clone()).or(listed_name),
                certificate_id: None,
                serial_number: Some(self.serial.hex().to_owned()),
            },
            names,
            issuer,
            not_before: self.issued.map(|it| it.not_before),
            seconds_after_sending: self.issued.map(|it| seconds_after(it.not_before, entry)),
            not_after: self.issued.map(|it| it.not_after),
            standing: standing(&evidence),
            evidence,
            is_ca: self.issued.map(|it| it.is_ca),
            may_belong_to: Vec::new(),
            not_compared_with: Vec::new(),
        })
    }

    fn key(&self) -> Evidence {
        if self.issued.is_some() && self.csr.is_some() { Evidence::SameKey } else { Evidence::KeyNotCompared }
    }

    fn names(&self) -> Vec<Evidence> {
        let Some(csr) = self.csr else { return vec![Evidence::NamesNotCompared] };
        match (self.issued, &self.row.common_name) {
            (Some(issued), _) => match issued.names.compared_with(&csr.names) {
                NamesCompared::Same { subject: true } => vec![Evidence::NamesMatch],
                NamesCompared::Same { subject: false } => {
                    vec![Evidence::NamesMatch, Evidence::SubjectDiffers]
                }
                NamesCompared::Differ => vec![Evidence::NamesDiffer],
                NamesCompared::NotComparable => vec![Evidence::NamesNotCompared],
            },
            (None, Some(name)) if csr.names.have(name) => vec![Evidence::CommonNameMatches],
            (None, Some(_)) if !csr.names.all().is_empty() => vec![Evidence::NamesDiffer],
            (None, _) => vec![Evidence::NamesNotCompared],
        }
    }

    fn end(&self, entry: &Entry) -> Option<Evidence> {
        let listed = || self.row.expires.as_deref().and_then(listed_day);
        let end = self.issued.map(|it| it.not_after.millis() / 86_400_000).or_else(listed)?;
        let fits = (end - asked_end(entry)).abs() <= END_LEEWAY_DAYS;
        Some(if fits { Evidence::EndsAsAsked } else { Evidence::EndsAtAnotherTime })
    }
}

fn standing(evidence: &[Evidence]) -> Standing {
    let has = |it: Evidence| evidence.contains(&it);
    if has(Evidence::NamesDiffer) || has(Evidence::SelfIssued) {
        Standing::NoMatch
    } else if Evidence::prove(evidence) {
        Standing::Proof
    } else {
        Standing::Possible
    }
}

/// When the request was sent, in whole seconds, as certificates write times.
fn sent(entry: &Entry) -> i64 {
    entry.sent_at.unwrap_or(entry.at).millis().div_euclid(1_000) * 1_000
}

fn seconds_after(not_before: Timestamp, entry: &Entry) -> i64 {
    (not_before.millis().saturating_sub(sent(entry))) / 1_000
}

/// A certificate that began before its request was sent supports nothing; clocks that differ make it inconclusive.
fn began(not_before: Timestamp, entry: &Entry) -> Evidence {
    let (from, at) = (sent(entry), not_before.millis());
    let last = entry.answered_at.map_or(from.saturating_add(LONGEST_WAIT_MS), Timestamp::millis);
    if at >= from && at <= last.saturating_add(CLOCK_LEEWAY_MS) {
        Evidence::BeganThen
    } else if at < from && at >= from.saturating_sub(CLOCK_LEEWAY_MS) {
        Evidence::BeganWithinClockLeeway
    } else {
        Evidence::BeganAtAnotherTime
    }
}

/// Whether the list shows a certificate as issued by itself, as it does with roots.
pub(super) fn is_self_listed(row: &Listed) -> bool {
    let plain = |it: &Option<String>| it.as_ref().map(|it| it.trim().to_lowercase());
    row.common_name.is_some() && plain(&row.common_name) == plain(&row.issuer)
}

/// Whether an issuer is the one that was asked for; none when either is not known.
pub(super) fn issuer_fits(issuer: Option<&str>, entry: &Entry) -> Option<bool> {
    let asked = entry.request.issuer.as_ref()?.common_name.as_str();
    let issuer = issuer?;
    // A list may name the issuer by its common name or by a whole distinguished name.
    let (issuer, asked) = (issuer.to_lowercase(), asked.to_lowercase());
    let in_a_name = issuer.match_indices("cn=").any(|(at, mark)| {
        issuer[at + mark.len()..].trim_start().strip_prefix(asked.as_str()).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with([',', '/', '+', ';'])
        })
    });
    Some(issuer.trim() == asked || in_a_name)
}

/// The day on which the asked validity ends, counted from 1970.
pub(super) fn asked_end(entry: &Entry) -> i64 {
    entry.at.plus_days(entry.request.validity.days()).millis() / 86_400_000
}

/// How far a listed end is from the asked one, in days.
pub(super) fn end_differs(expires: &str, entry: &Entry) -> Option<i64> {
    Some((listed_day(expires)? - asked_end(entry)).abs())
}

/// A date such as `Jan 2, 2006`, as days since 1970: the only form that clients have seen.
fn listed_day(text: &str) -> Option<i64> {
    let mut words = text.split([' ', ',']).filter(|it| !it.is_empty());
    let (month, day, year) = (words.next()?, words.next()?, words.next()?);
    let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = month.get(..3)?.to_ascii_lowercase();
    let month = u8::try_from(names.iter().position(|it| *it == month)? + 1).ok()?;
    let month = time::Month::try_from(month).ok()?;
    let date = time::Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    Some(i64::from(date.to_julian_day() - time::Date::from_ordinal_date(1970, 1).ok()?.to_julian_day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: i64 = 1_795_509_352_400;

    /// A signing of `Test, Root` for nine days that was sent at [`SENT`] and timed out after a minute.
    fn entry(intermediate: bool) -> Entry {
        let form = domain::SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: "Test, Root".into(),
            root_serial_number: "1".into(),
            validity_days: "9".into(),
            csr_id: "1".into(),
            intermediate,
            ..Default::default()
        };
        let request = form.check(Timestamp::from_millis(SENT)).unwrap();
        let text = serde_json::json!({ "entry": 1, "intent": "i", "at": SENT - 3_000, "sent_at": SENT,
            "answered_at": SENT + 60_000, "server": "https://h", "request": request,
            "ending": { "outcome": "unknown", "code": "timed-out", "server_message": null, "detail": null,
            "certificates": [], "seen": {} } });
        serde_json::from_value(text).unwrap()
    }

    fn csr(common_name: &str) -> StoredCsr {
        let mut params = rcgen::CertificateParams::new(vec![common_name.to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
        let key = rcgen::KeyPair::generate().unwrap();
        StoredCsr::from_text(&params.serialize_request(&key).unwrap().pem().unwrap()).unwrap()
    }

    /// What a CA makes of a CSR, so many seconds after it was sent.
    fn issued(csr: &StoredCsr, seconds: i64) -> Issued {
        let day = 86_400_000;
        Issued {
            pem: String::new(),
            common_name: csr.names.all().first().cloned(),
            issuer_common_name: Some("Test, Root".into()),
            serial_number: SerialNumber::parse("b7").unwrap(),
            not_before: Timestamp::from_millis((SENT / 1_000 + seconds) * 1_000),
            not_after: Timestamp::from_millis(SENT + 9 * day),
            is_ca: false,
            self_issued: false,
            names: csr.names.clone(),
            public_key: csr.public_key.clone(),
        }
    }

    fn weighed(
        issued: Option<&Issued>,
        csr: Option<&StoredCsr>,
        row: Listed,
        ca: bool,
    ) -> Result<Candidate, RuledOut> {
        let serial = SerialNumber::parse("b7").unwrap();
        Suspect { row: &row, serial: &serial, issued, csr, other_entry: None }.weigh(&entry(ca))
    }

    fn fetched(issued: &Issued, csr: &StoredCsr) -> Candidate {
        weighed(Some(issued), Some(csr), Listed::default(), false).unwrap()
    }

    #[test]
    fn a_ca_is_called_a_ca_whatever_was_asked_for() {
        let csr = csr("a.example");
        let ca = Issued { is_ca: true, ..issued(&csr, 40) };
        let asked = weighed(Some(&ca), Some(&csr), Listed::default(), true).unwrap();
        assert_eq!((asked.standing, asked.is_ca), (Standing::Proof, Some(true)));
        assert_eq!(asked.ca_words(), Some("It is a CA certificate: it can issue certificates."));
        // What contradicts the request says it already.
        let not_asked = weighed(Some(&ca), Some(&csr), Listed::default(), false).unwrap();
        assert!(not_asked.evidence.contains(&Evidence::IsACa) && not_asked.ca_words().is_none());
        let plain = fetched(&issued(&csr, 40), &csr);
        assert_eq!((plain.is_ca, plain.ca_words()), (Some(false), None));
        let listed = weighed(None, Some(&csr), Listed::default(), false).unwrap();
        assert_eq!((listed.is_ca, listed.ca_words()), (None, None));
    }

    #[test]
    fn key_names_issuer_and_time_together_are_proof() {
        let csr = csr("a.example");
        let found = fetched(&issued(&csr, 40), &csr);
        assert_eq!(
            found.evidence,
            [
                Evidence::SameKey,
                Evidence::NamesMatch,
                Evidence::IssuerMatches,
                Evidence::BeganThen,
                Evidence::EndsAsAsked
            ]
        );
        assert_eq!((found.standing, found.seconds_after_sending), (Standing::Proof, Some(40)));
        assert_eq!(found.names, ["a.example"]);
        let other_issuer = Issued { issuer_common_name: Some("Other".into()), ..issued(&csr, 40) };
        let other_end = Issued { not_after: Timestamp::from_millis(SENT), ..issued(&csr, 40) };
        for one_thing_wrong in [other_issuer, other_end, issued(&csr, -1), issued(&csr, 86_400)] {
            assert_eq!(fetched(&one_thing_wrong, &csr).standing, Standing::Possible, "{one_thing_wrong:?}");
        }
    }

    #[test]
    fn what_began_before_the_request_was_sent_never_supports() {
        let csr = csr("a.example");
        for (seconds, expected) in [
            (0, Evidence::BeganThen),
            (60 + 15 * 60, Evidence::BeganThen),
            (60 + 15 * 60 + 1, Evidence::BeganAtAnotherTime),
            (-1, Evidence::BeganWithinClockLeeway),
            (-15 * 60, Evidence::BeganWithinClockLeeway),
            (-15 * 60 - 1, Evidence::BeganAtAnotherTime),
            (-86_400, Evidence::BeganAtAnotherTime),
        ] {
            let found = fetched(&issued(&csr, seconds), &csr).evidence;
            assert!(found.contains(&expected), "{seconds}: {found:?}");
            assert!(seconds >= 0 || expected.weight() <= 0);
        }
    }

    #[test]
    fn the_same_key_with_other_names_is_no_match() {
        let (first, second) = (csr("first.example"), csr("second.example"));
        let colleague = Issued { public_key: second.public_key.clone(), ..issued(&first, 5) };
        let found = fetched(&colleague, &second);
        assert_eq!(found.standing, Standing::NoMatch);
        assert!(found.evidence.contains(&Evidence::SameKey));
        let words = found.words(Evidence::NamesDiffer);
        assert!(words.contains("differ") && words.contains("first.example"), "{words}");
    }

    #[test]
    fn another_key_and_a_self_issued_certificate_are_no_candidates() {
        let (csr, other) = (csr("a.example"), csr("a.example"));
        assert_eq!(
            weighed(Some(&issued(&other, 5)), Some(&csr), Listed::default(), false),
            Err(RuledOut::OtherKey)
        );
        let root = Issued { self_issued: true, ..issued(&csr, 5) };
        assert_eq!(weighed(Some(&root), Some(&csr), Listed::default(), false), Err(RuledOut::SelfSigned));
        let unknown_key = weighed(Some(&root), None, Listed::default(), false);
        assert_eq!(unknown_key, Err(RuledOut::SelfSigned), "also where no key is known");
        let row =
            Listed { common_name: Some("Root".into()), issuer: Some("root".into()), ..Listed::default() };
        let listed = weighed(None, None, row, false).unwrap();
        assert_eq!(listed.standing, Standing::NoMatch);
    }

    #[test]
    fn a_ca_where_none_was_asked_contradicts_and_the_other_way_round() {
        let csr = csr("a.example");
        for (is_ca, asked, expected) in [(true, false, Evidence::IsACa), (false, true, Evidence::IsNotACa)] {
            let certificate = Issued { is_ca, ..issued(&csr, 5) };
            let found = weighed(Some(&certificate), Some(&csr), Listed::default(), asked).unwrap();
            assert!(found.evidence.contains(&expected) && expected.weight() < 0, "{found:?}");
            assert_eq!(found.standing, Standing::Possible);
        }
        let wanted = Issued { is_ca: true, ..issued(&csr, 5) };
        let found = weighed(Some(&wanted), Some(&csr), Listed::default(), true).unwrap();
        assert_eq!(found.standing, Standing::Proof);
    }

    #[test]
    fn what_could_not_be_fetched_is_said_and_proves_nothing() {
        let csr = csr("a.example");
        let found = weighed(Some(&issued(&csr, 5)), None, Listed::default(), false).unwrap();
        for missing in [Evidence::KeyNotCompared, Evidence::NamesNotCompared] {
            assert!(found.evidence.contains(&missing), "{found:?}");
        }
        assert_eq!(found.standing, Standing::Possible);
        let row = |name: &str| Listed { common_name: Some(name.into()), ..Listed::default() };
        let listed = |name| weighed(None, Some(&csr), row(name), false).unwrap().evidence;
        assert!(listed("A.example").contains(&Evidence::CommonNameMatches));
        assert!(listed("b.example").contains(&Evidence::NamesDiffer));
    }

    #[test]
    fn an_issuer_is_recognised_however_it_is_written() {
        let entry = entry(false);
        for issuer in
            ["Test, Root", "test, root", "CN=Test, Root, O=x", "/O=x/CN=Test, Root", "O=x,cn=Test, Root"]
        {
            assert_eq!(issuer_fits(Some(issuer), &entry), Some(true), "{issuer}");
        }
        for issuer in ["Test", "CN=Test, Root 2", "Root"] {
            assert_eq!(issuer_fits(Some(issuer), &entry), Some(false), "{issuer}");
        }
        assert_eq!(issuer_fits(None, &entry), None);
    }

    #[test]
    fn the_lists_date_is_read_and_other_forms_are_not_guessed() {
        assert_eq!(listed_day("Jan 2, 1970"), Some(1));
        assert_eq!(listed_day("March 4, 2027"), Some(20_881));
        for text in ["", "2027-03-04", "04/03/2027", "Foo 1, 2027", "Feb 30, 2027", "J"] {
            assert_eq!(listed_day(text), None, "{text}");
        }
    }
}
