//! The way out of `unknown`: look on the server for the certificate, weigh what is found, let a person decide.
//!
//! Nothing here concludes by itself that a certificate is the one, or that there is none (invariant 4): it shows what
//! speaks for and against, and records what a person says.

use std::time::Duration;

use domain::{BaseUrl, Certificate, Connection, Entry, ErrorCode, SerialNumber, Timestamp};
use pam360::{Endpoint, Issued, Listed, Session, StoredCsr, Unreadable};
use secrets::AuthToken;

use super::evidence::Fetched;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::look_for::{Candidate, Evidence, Request, Response};
use crate::commands::{annotate, decide, entry};

/// How many certificates are fetched and compared; each costs a request.
const MAX_FETCHED: usize = 20;
/// How far the server's clock may be from this computer's.
const CLOCK_LEEWAY_MS: i64 = 86_400_000;
/// How long a program may wait for an answer: the longest time-out, and a little for writing it down.
const LONGEST_WAIT_MS: i64 = (domain::MAX_TIMEOUT_SECONDS as i64 + 10) * 1_000;
/// How far the end may be from the asked one, in days: time zones and inclusive counting make a difference of one.
const END_LEEWAY_DAYS: i64 = 2;

impl Desk {
    /// Looks on the server for the certificate of a signing whose outcome is unknown.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::NotUnknown`], [`ErrorCode::OtherServer`], no connection or token, or
    /// what kept the server's list from being read.
    pub async fn look_for(&self, request: Request) -> Result<Response, Failure> {
        let entry = self.read_entry(request.entry).await?;
        if !entry.is_unsettled() {
            return Err(Failure::new(ErrorCode::NotUnknown));
        }
        let server = self.server_of(&entry).await?;
        let listed = server.list().await?;
        let key = server.csr(&entry).await.map(|it| it.public_key);

        let total = listed.len() as u64;
        let mut likely: Vec<Listed> = listed.into_iter().filter(|it| it.serial_number.is_some()).collect();
        // Those whose issuer and end fit come first, so that the ones that are fetched are the likeliest.
        likely.sort_by_key(|it| {
            let other_issuer = issuer_fits(it.issuer.as_deref(), &entry) == Some(false);
            let days = it.expires.as_deref().and_then(end_differs(&entry)).unwrap_or(i64::MAX / 2);
            (other_issuer, days)
        });
        likely.truncate(MAX_FETCHED);

        let examined = likely.len() as u64;
        let mut candidates = Vec::new();
        for row in likely {
            let Some(serial) = row.serial_number.clone() else { continue };
            let issued = server.fetch(row.common_name.as_deref().unwrap_or_default(), &serial).await.ok();
            let other = self.other_entry_with(&serial, entry.entry).await;
            if let Some(candidate) = weigh(&row, &serial, issued.as_ref(), key.as_ref().ok(), &entry, other) {
                candidates.push(candidate);
            }
        }
        candidates.sort_by_key(|it| -it.evidence.iter().map(|it| it.weight()).sum::<i32>());
        let response = Response {
            listed: total,
            ruled_out: examined - candidates.len() as u64,
            not_examined: total - examined,
            key_unknown: key.err().map(|it| it.code),
            candidates,
        };
        self.record_look(entry.entry, &response).await?;
        Ok(response)
    }

    /// Records what a person found out.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::NotUnknown`], [`ErrorCode::ReasonMissing`],
    /// [`ErrorCode::StillUnderWay`], or the record cannot be written.
    pub async fn decide(&self, request: decide::Request) -> Result<decide::Response, Failure> {
        let (desk, at) = (self.clone(), self.shared.host.now());
        let decide::Request { entry, verdict, reason } = request;
        let told = self.read_entry(entry).await?;
        let waiting = told.answered_at.is_none()
            && told.sent_at.is_some_and(|it| at.millis() - it.millis() < LONGEST_WAIT_MS);
        // Somebody's answer may be on its way; "not there" would open the way for a second request before it comes.
        if waiting && verdict == domain::Verdict::NotThere {
            return Err(Failure::new(ErrorCode::StillUnderWay));
        }
        let decided = blocking(move || desk.journal()?.decide(entry, at, &verdict, &reason)).await?;
        decided.map_err(super::record::refused)?;
        Ok(decide::Response { entry: self.read_entry(entry).await? })
    }

    /// Puts a note and a ticket beside a signing.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], or the record cannot be written.
    pub async fn annotate(&self, request: annotate::Request) -> Result<annotate::Response, Failure> {
        let (desk, at) = (self.clone(), self.shared.host.now());
        let annotate::Request { entry, note, ticket } = request;
        let noted = blocking(move || desk.journal()?.annotate(entry, at, &note, &ticket)).await?;
        noted.map_err(super::record::refused)?;
        Ok(annotate::Response { entry: self.read_entry(entry).await? })
    }

    /// The certificate and the CSR of a signing, as far as the server hands them out now.
    pub(super) async fn fetch_for_evidence(&self, number: u64) -> Fetched {
        let asked = async {
            let entry = self.read_entry(number).await?;
            let server = self.server_of(&entry).await?;
            let mut fetched = Fetched::default();
            for certificate in entry.certificates() {
                let serial = certificate.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok());
                if let (Some(name), Some(serial)) = (&certificate.common_name, serial) {
                    fetched.certificate_pem = server.fetch(name, &serial).await.ok().map(|it| it.pem);
                }
            }
            fetched.csr_pem = server.csr(&entry).await.ok().map(|it| it.pem);
            Ok::<_, Failure>(fetched)
        };
        // Evidence without them is evidence all the same; the bundle says what is not enclosed.
        asked.await.unwrap_or_default()
    }

    async fn read_entry(&self, number: u64) -> Result<Entry, Failure> {
        Ok(self.entry(entry::Request { entry: number }).await?.entry)
    }

    /// The server of an entry, which must be the one that is set: another server's list proves nothing about it.
    async fn server_of(&self, entry: &Entry) -> Result<Server, Failure> {
        let held = self.session().current().cloned().ok_or_else(|| Failure::new(ErrorCode::NoConnection))?;
        if held.connection.server.to_string() != BaseUrl::canonical(&entry.server) {
            return Err(Failure::because(ErrorCode::OtherServer, &entry.server));
        }
        let token = self.token(&held).await?;
        let endpoint =
            self.endpoint(&held).await.map_err(|error| Failure::because(error.code, error.detail))?;
        let organization = entry.request.organization.as_ref().map(|it| it.as_str().to_owned());
        Ok(Server { endpoint, token, organization, connection: held.connection })
    }

    async fn other_entry_with(&self, serial: &SerialNumber, entry: u64) -> Option<u64> {
        let filter = domain::HistoryFilter { serial: serial.hex().to_owned(), ..Default::default() };
        let request = crate::commands::history::Request { filter, after: None, limit: Some(50) };
        let page = self.history(request).await.ok()?;
        let is_result = |it: &Entry| {
            it.certificates().iter().any(|it| {
                it.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok()).as_ref()
                    == Some(serial)
            })
        };
        page.entries.iter().find(|it| it.entry != entry && is_result(it)).map(|it| it.entry)
    }

    async fn record_look(&self, entry: u64, found: &Response) -> Result<(), Failure> {
        let (desk, at, found) = (self.clone(), self.shared.host.now(), found.clone());
        blocking(move || desk.journal()?.look_up(entry, at, &found)).await?.map_err(super::record::refused)
    }
}

/// A server that is asked several questions, each on a connection of its own.
struct Server {
    endpoint: Endpoint,
    connection: Connection,
    token: AuthToken,
    organization: Option<String>,
}

impl Server {
    fn limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.connection.timeout_seconds))
    }

    async fn list(&self) -> Result<Vec<Listed>, Failure> {
        let organization = self.organization.as_deref();
        let question = |it: Session| it.list(&self.token, organization, self.limit());
        self.endpoint
            .ask(self.limit(), question)
            .await
            .map_err(|Unreadable { code, detail }| Failure::because(code, detail))
    }

    async fn fetch(&self, common_name: &str, serial: &SerialNumber) -> Result<Issued, Unreadable> {
        let organization = self.organization.as_deref();
        let question = |it: Session| it.fetch(common_name, serial, &self.token, organization, self.limit());
        self.endpoint.ask(self.limit(), question).await
    }

    async fn csr(&self, entry: &Entry) -> Result<StoredCsr, Unreadable> {
        let csr_id = entry.request.csr_id.to_string();
        let organization = self.organization.as_deref();
        let question = |it: Session| it.csr(&csr_id, &self.token, organization, self.limit());
        self.endpoint.ask(self.limit(), question).await
    }
}

/// Whether an issuer is the one that was asked for; none when either is not known.
fn issuer_fits(issuer: Option<&str>, entry: &Entry) -> Option<bool> {
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

/// How far a listed end is from the asked one, in days.
fn end_differs(entry: &Entry) -> impl Fn(&str) -> Option<i64> {
    let asked = entry.at.plus_days(entry.request.validity.days()).millis();
    move |text| Some((listed_day(text)? - asked / 86_400_000).abs())
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

/// What speaks for and against a certificate; none when it cannot be the one.
fn weigh(
    row: &Listed,
    serial: &SerialNumber,
    issued: Option<&Issued>,
    key: Option<&Vec<u8>>,
    entry: &Entry,
    other_entry: Option<u64>,
) -> Option<Candidate> {
    let mut evidence = Vec::new();
    match (issued, key) {
        (Some(issued), Some(key)) if issued.public_key == *key => evidence.push(Evidence::SameKey),
        // Another key is proof: a signed certificate carries its CSR's key.
        (Some(_), Some(_)) => return None,
        _ => evidence.push(Evidence::KeyNotCompared),
    }
    let issuer = issued.and_then(|it| it.issuer_common_name.clone()).or_else(|| row.issuer.clone());
    match issuer_fits(issuer.as_deref(), entry) {
        Some(true) => evidence.push(Evidence::IssuerMatches),
        Some(false) => evidence.push(Evidence::IssuerDiffers),
        None => evidence.push(Evidence::IssuerNotStated),
    }
    if let Some(issued) = issued {
        evidence.push(if began_then(issued.not_before, entry) {
            Evidence::BeganThen
        } else {
            Evidence::BeganAtAnotherTime
        });
    }
    let asked_end = entry.at.plus_days(entry.request.validity.days()).millis() / 86_400_000;
    let end = issued
        .map(|it| it.not_after.millis() / 86_400_000)
        .or_else(|| row.expires.as_deref().and_then(listed_day));
    if let Some(end) = end {
        let fits = (end - asked_end).abs() <= END_LEEWAY_DAYS;
        evidence.push(if fits { Evidence::EndsAsAsked } else { Evidence::EndsAtAnotherTime });
    }
    evidence.extend(other_entry.map(|entry| Evidence::OnRecord { entry }));
    let common_name = issued.and_then(|it| it.common_name.clone()).or_else(|| row.common_name.clone());
    Some(Candidate {
        certificate: Certificate {
            common_name,
            certificate_id: None,
            serial_number: Some(serial.hex().to_owned()),
        },
        issuer,
        not_before: issued.map(|it| it.not_before),
        not_after: issued.map(|it| it.not_after),
        evidence,
    })
}

/// Between the moment of recording and the end of waiting, give or take a day of clock difference.
fn began_then(not_before: Timestamp, entry: &Entry) -> bool {
    let from = entry.at.millis() - CLOCK_LEEWAY_MS;
    let to = entry.answered_at.unwrap_or(entry.at).millis() + CLOCK_LEEWAY_MS;
    (from..=to).contains(&not_before.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_recognised_however_it_is_written() {
        let form = domain::SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: "Test, Root".into(),
            root_serial_number: "1".into(),
            validity_days: "9".into(),
            csr_id: "1".into(),
            ..Default::default()
        };
        let at = Timestamp::from_millis(0);
        let request = form.check(at).unwrap();
        let text = serde_json::json!({ "entry": 1, "intent": "i", "at": 0, "answered_at": null, "server": "https://h",
            "request": request, "ending": { "outcome": "unknown", "code": "timed-out", "server_message": null, "detail": null,
            "certificates": [], "seen": {} } });
        let entry: Entry = serde_json::from_value(text).unwrap();
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
