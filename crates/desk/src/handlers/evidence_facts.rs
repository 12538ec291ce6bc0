//! What the certificate and the CSR of evidence say, compared with what was recorded and asked for.
//!
//! Owns the comparison of each fact. It finds what differs from the request; whether the files are the ones that PAM360 handed
//! out says their hash in the journal, see [`super::evidence_check`].

use domain::{Entry, ErrorCode, SignType, Timestamp};
use pam360::{Issued, Names, NamesCompared, StoredCsr};

use super::evidence_check::Checking;
use super::weigh::{NAMES_NAMED, asked_end, issuer_fits};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How far the first day and the last one may be from the expected ones: CAs set the first day back, and time zones and
/// inclusive counting make a difference.
const LEEWAY_DAYS: i64 = 2;

impl Checking {
    /// Compares the certificate with what was recorded and asked for.
    pub(super) fn certificate(&mut self, entry: &Entry, certificate: Option<&str>, csr: Option<&str>) {
        let Some(text) = certificate else {
            self.says(not_enclosed(entry));
            return;
        };
        let Some(issued) = Issued::alone(text) else {
            self.altered("certificate.pem was altered: it is not exactly one certificate in PEM.");
            return;
        };
        let recorded = entry.certificates().into_iter().find(|it| it.has_serial(&issued.serial_number));
        let Some(recorded) = recorded else {
            self.altered(
                "certificate.pem is not the certificate of this signing: its serial number differs.",
            );
            return;
        };
        self.as_asked = super::AsAsked::Yes;
        self.says("The enclosed certificate has the serial number that was recorded.");
        self.common_name(&issued, recorded.common_name.as_deref());
        match csr.map(StoredCsr::alone) {
            Some(Some(csr)) => {
                if csr.public_key == issued.public_key {
                    self.says("It certifies the key of the enclosed CSR.");
                } else {
                    self.differs("It certifies another key than that of the enclosed CSR.");
                }
                self.names(&issued.names, &csr.names);
            }
            Some(None) => {
                self.not_compared("csr.pem is not a readable CSR, so key and names were not compared.");
            }
            None => self.not_compared("No CSR is enclosed, so key and names were not compared."),
        }
        self.issuer(&issued, entry);
        self.dates(&issued, entry);
        match (entry.request.intermediate, issued.is_ca) {
            (true, true) => self.says("It is a CA certificate, as the request asked."),
            (false, false) => self.says("It is not a CA certificate, as the request asked."),
            (false, true) => {
                self.differs("It is a CA certificate. The request asked for one that is not a CA.");
            }
            (true, false) => {
                self.differs("It is not a CA certificate. The request asked for an intermediate CA.");
            }
        }
    }

    /// The common name that was recorded: the server's answer named it, or a person did.
    fn common_name(&mut self, issued: &Issued, recorded: Option<&str>) {
        let Some(recorded) = recorded else { return };
        let plain = |it: &str| it.trim().to_lowercase();
        match &issued.common_name {
            Some(name) if plain(name) == plain(recorded) => {}
            // A certificate without a common name is named by one of its other names.
            None if issued.names.have(recorded) => {}
            name => self.differs(format!(
                "Its common name is not the one that was recorded. Certificate: {}. Recorded: {recorded}.",
                name.as_deref().unwrap_or("none")
            )),
        }
    }

    /// One key may be in many CSRs, so the names are compared as well.
    fn names(&mut self, issued: &Names, csr: &Names) {
        match issued.compared_with(csr) {
            NamesCompared::Same { subject: true } => {
                self.says(format!("Its names are those of the enclosed CSR: {}.", listed(csr)));
            }
            NamesCompared::Same { subject: false } => self.says(format!(
                "Its names are those of the enclosed CSR: {}. The rest of its subject differs from the CSR's.",
                listed(csr)
            )),
            NamesCompared::Differ => self.differs(format!(
                "Its names differ from those of the enclosed CSR. Certificate: {}. CSR: {}.",
                listed(issued),
                listed(csr)
            )),
            NamesCompared::NotComparable => self.not_compared(
                "Its names could not be compared with those of the enclosed CSR: there are none, or some could not be read.",
            ),
        }
    }

    fn issuer(&mut self, issued: &Issued, entry: &Entry) {
        let name = issued.issuer_common_name.as_deref();
        let Some(asked) = &entry.request.issuer else {
            self.says("The request names no issuer, so the issuer was not compared.");
            return;
        };
        match issuer_fits(name, entry) {
            Some(true) => self.says(format!(
                "Its issuer has the name that the request asked for: {}.",
                asked.common_name.as_str()
            )),
            _ => self.differs(format!(
                "Its issuer is not the one that the request asked for. Certificate: {}. Request: {}.",
                name.unwrap_or("no common name"),
                asked.common_name.as_str()
            )),
        }
    }

    fn dates(&mut self, issued: &Issued, entry: &Entry) {
        let day = |it: Timestamp| it.millis().div_euclid(DAY_MS);
        let apart = |one: i64, other: i64| one.saturating_sub(other).abs() > LEEWAY_DAYS;
        let sent = entry.sent_at.unwrap_or(entry.at);
        let (from, to) = (issued.not_before.date(), issued.not_after.date());
        if apart(day(issued.not_before), day(sent)) {
            self.differs(format!("It is valid from {from}. The request was sent on {}.", sent.date()));
        }
        // A template of a Microsoft CA sets the end, whatever the request asks for.
        if entry.request.sign_type == SignType::Msca {
            self.says(format!(
                "It is valid until {to}. A Microsoft CA sets the end, so it was not compared."
            ));
        } else if apart(day(issued.not_after), asked_end(entry)) {
            let asked = entry.at.plus_days(entry.request.validity.days()).date();
            self.differs(format!("It is valid until {to}. The request asked for {asked}."));
        } else {
            self.says(format!("It is valid from {from} until {to}, as the request asked."));
        }
    }
}

/// Names for a sentence: the first of them, and how many more there are.
fn listed(names: &Names) -> String {
    let all = names.all();
    let first = all.iter().take(NAMES_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMES_NAMED) {
        _ if all.is_empty() => "none".to_owned(),
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// What is known of a certificate that is not enclosed.
fn not_enclosed(entry: &Entry) -> &'static str {
    match entry.code() {
        ErrorCode::FoundByPerson => {
            "No certificate is enclosed: what was issued is known from a person's decision alone."
        }
        _ if entry.certificates().is_empty() => {
            "No certificate is enclosed, and the history names none as issued."
        }
        _ => "No certificate is enclosed: what was issued is known from PAM360's answer alone.",
    }
}

#[cfg(test)]
mod tests {
    use domain::{Certificate, Decision, Ending, SignForm, Timestamp, Verdict};

    use super::*;

    #[test]
    fn what_is_not_enclosed_is_known_from_what_the_history_says() {
        let at = Timestamp::from_millis(1);
        let form = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "1".into(),
            csr_id: "1".into(),
            ..SignForm::default()
        };
        let request = form.check(at).unwrap();
        let of = |code, verdict: Option<Verdict>| {
            let begun = Entry::begun(1, "intent".into(), at, "https://h".into(), request.clone());
            let certificates =
                vec![Certificate { serial_number: Some("0a".into()), ..Certificate::default() }];
            let ending = Ending::new(code);
            let ending = if code == ErrorCode::Signed { Ending { certificates, ..ending } } else { ending };
            let decision =
                verdict.map(|verdict| Decision { at, verdict, reason: "seen".into(), basis: None });
            not_enclosed(&Entry { sent_at: Some(at), answered_at: Some(at), ending, decision, ..begun })
        };
        assert!(of(ErrorCode::Signed, None).contains("PAM360's answer alone"));
        for verdict in [None, Some(Verdict::NotThere)] {
            assert!(of(ErrorCode::ServerError, verdict).contains("names none"));
        }
        let found = Verdict::ItIsThisOne { certificate: Certificate::default() };
        assert!(of(ErrorCode::ServerError, Some(found)).contains("a person's decision"));
    }
}
