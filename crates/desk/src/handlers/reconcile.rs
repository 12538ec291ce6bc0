//! The way out of `unknown`: look on the server for the certificate, weigh what is found, let a person decide.
//!
//! Nothing here concludes by itself that a certificate is the one, or that there is none (invariant 4): it shows what
//! speaks for and against, and records what a person says.

use std::sync::Arc;
use std::time::Duration;

use domain::{BaseUrl, Basis, Entry, ErrorCode, Event, EventKind, Outcome, SerialNumber, Verdict};
use journal::{Journal, JournalError};
use pam360::{Endpoint, Issued, Listed, Session, StoredCsr, Unreadable};
use secrets::AuthToken;
use serde::Deserialize;

use super::evidence::Fetched;
use super::one_connection::Held;
use super::weigh::{self, NAMES_NAMED, RuledOut, Suspect};
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::export::Lacks;
use crate::commands::look_for::{Candidate, Evidence, Recorded, Request, Response, Standing};
use crate::commands::{annotate, decide, entry};

/// How many certificates are fetched and compared; each costs a request.
const MAX_FETCHED: usize = 20;

impl Desk {
    /// Looks on the server for the certificate of a signing whose outcome is unknown.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::NotUnknown`], [`ErrorCode::OtherServer`], no connection or token, or
    /// what kept the server's list from being read; or what the search finds could not be recorded or compared with the
    /// history.
    pub async fn look_for(&self, request: Request) -> Result<Response, Failure> {
        let entry = self.read_entry(request.entry).await?;
        is_the_one(&entry, request.intent.as_deref())?;
        // Its answer may be on its way: what is found now may be gone, or not yet there, in a moment.
        if entry.is_in_progress() {
            return Err(Failure::new(ErrorCode::StillUnderWay));
        }
        // One that a person resolved is searched too: a decision can be wrong.
        if entry.ending.outcome != Outcome::Unknown {
            return Err(Failure::new(ErrorCode::NotUnknown));
        }
        // Before the server is asked: a search that cannot be recorded is not made.
        let desk = self.clone();
        blocking(move || desk.journal_to_record().map(drop)).await?.map_err(super::record::refused)?;
        let server = self.server_of(&entry).await?;
        let listed = server.list().await;
        match &listed {
            Ok(_) => self.token_answered(&server.held, &server.token, true).await,
            Err(it) if it.code == ErrorCode::NotAuthorized => {
                self.token_answered(&server.held, &server.token, false).await;
            }
            Err(_) => {}
        }
        let listed = listed?;
        let csr = server.csr(&entry).await;
        let (csr, key_unknown) = match csr {
            Ok(csr) => (Some(csr), None),
            Err(error) => (None, Some(error.code)),
        };

        let total = listed.len() as u64;
        let mut likely: Vec<Listed> = listed.into_iter().filter(|it| it.serial_number.is_some()).collect();
        // Those whose names, issuer and end fit come first, so that the ones that are fetched are the likeliest.
        likely.sort_by_cached_key(|it| {
            let named = |csr: &StoredCsr| it.common_name.as_deref().is_some_and(|name| csr.names.have(name));
            let other_name = csr.as_ref().is_some_and(|csr| !named(csr));
            let other_issuer = weigh::issuer_fits(it.issuer.as_deref(), &entry) == Some(false);
            let days = it.expires.as_deref().and_then(|expires| weigh::end_differs(expires, &entry));
            (weigh::is_self_listed(it), other_name, other_issuer, days.unwrap_or(i64::MAX))
        });
        likely.truncate(MAX_FETCHED);

        let examined = likely.len() as u64;
        let mut others = self.others(&entry, csr.as_ref()).await?;
        let mut candidates = Vec::new();
        let (mut other_key, mut self_signed) = (0, 0);
        for row in likely {
            let Some(serial) = row.serial_number.clone() else { continue };
            let issued = server.fetch(row.common_name.as_deref().unwrap_or_default(), &serial).await.ok();
            let other_entry = self.other_entry_with(&serial, &entry).await?;
            let suspect = Suspect {
                row: &row,
                serial: &serial,
                issued: issued.as_ref(),
                csr: csr.as_ref(),
                other_entry,
            };
            match suspect.weigh(&entry) {
                Ok(mut candidate) => {
                    others.mark(&mut candidate, &suspect, &server).await;
                    candidates.push(candidate);
                }
                Err(RuledOut::OtherKey) => other_key += 1,
                Err(RuledOut::SelfSigned) => self_signed += 1,
            }
        }
        let weight = |it: &Candidate| it.evidence.iter().map(|it| it.weight()).sum::<i32>();
        // Those that nothing contradicts come first: they are what the count of possible ones counts.
        candidates.sort_by_key(|it| (it.is_contradicted(), -weight(it)));
        let response = Response {
            listed: total,
            ruled_out: other_key + self_signed,
            other_key,
            self_signed,
            not_examined: total - examined,
            key_unknown,
            asked_names: csr.iter().flat_map(|it| it.names.all()).take(NAMES_NAMED).collect(),
            candidates,
        };
        self.record_look(&entry, &response, &server.token).await?;
        Ok(response)
    }

    /// Records what a person found out.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::NotUnknown`], [`ErrorCode::ReasonMissing`], [`ErrorCode::LookFirst`],
    /// [`ErrorCode::StillUnderWay`], [`ErrorCode::CertificateFound`], [`ErrorCode::CertificatePossible`],
    /// [`ErrorCode::CertificateOfAnother`], [`ErrorCode::CertificateNotInSearch`], [`ErrorCode::DecidedMeanwhile`], or the
    /// record cannot be written, or not
    /// be read where a verdict has to be compared with it.
    pub async fn decide(&self, request: decide::Request) -> Result<decide::Response, Failure> {
        let (desk, at) = (self.clone(), self.shared.host.now());
        let decide::Request { entry, verdict, reason, basis, seen, intent } = request;
        let now = self.read_entry(entry).await?;
        is_the_one(&now, intent.as_deref())?;
        // An answer may be on its way; "not there" would open the way for a second request before it comes.
        if now.is_in_progress() {
            return Err(Failure::new(ErrorCode::StillUnderWay));
        }
        // Nobody can know without a look: a guess that nothing is there opens the way for a second certificate.
        if now.ending.outcome == Outcome::Unknown && basis == Basis::Search && now.look_ups == 0 {
            return Err(Failure::new(ErrorCode::LookFirst));
        }
        // Before anything else that was true of another decision is said; the journal looks once more when it records.
        let events = self.entry(entry::Request { entry }).await?.events;
        if let Some(seen) = seen {
            let is_decision = |it: &&Event| it.kind == EventKind::Decision.as_str();
            if events.iter().filter(is_decision).any(|it| it.seq > seen) {
                return Err(Failure::new(ErrorCode::DecidedMeanwhile));
            }
        }
        // A search of an earlier version, which weighed less, cannot be read so and proves nothing.
        let search = Recorded::last(&events).map(|it| it.response);
        if let Some(failure) = self.what_contradicts(&now, &verdict, basis, search.as_ref()).await? {
            return Err(failure);
        }
        let verdict = match search {
            Some(search) => as_found(verdict, search),
            None => verdict,
        };
        let decide = move || {
            let journal = desk.journal_with(entry, intent.as_deref())?;
            journal.decide(entry, at, &verdict, &reason, Some(basis), seen).map_err(super::record::refused)
        };
        blocking(decide).await??;
        Ok(decide::Response { entry: self.read_entry(entry).await? })
    }

    /// What the history says against a verdict, if anything.
    async fn what_contradicts(
        &self,
        entry: &Entry,
        verdict: &Verdict,
        basis: Basis,
        search: Option<&Response>,
    ) -> Result<Option<Failure>, Failure> {
        let Verdict::ItIsThisOne { certificate } = verdict else {
            let Some(search) = search else { return Ok(None) };
            // A proven certificate is not argued away: the way to a second one stays shut until a search no longer finds it.
            // That another entry may have made it is no reason to say of both that they made nothing.
            let proves = |it: &&Candidate| it.standing == Standing::Proof || Evidence::prove(&it.evidence);
            let mut of_another = 0;
            for candidate in search.candidates.iter().filter(proves) {
                let serial = candidate.certificate.serial_number.as_deref();
                let serial = serial.and_then(|it| SerialNumber::parse(it).ok());
                match serial {
                    Some(serial) if self.other_entry_with(&serial, entry).await?.is_some() => of_another += 1,
                    _ => return Ok(Some(Failure::new(ErrorCode::CertificateFound))),
                }
            }
            // One that may be the one takes more than the search that found it: a person has to look at it.
            let possible = basis == Basis::Search && search.possible() > of_another;
            return Ok(possible.then(|| Failure::new(ErrorCode::CertificatePossible)));
        };
        let serial = certificate.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok());
        let Some(serial) = serial else { return Ok(None) };
        if let Some(other) = self.other_entry_with(&serial, entry).await? {
            return Ok(Some(Failure::because(ErrorCode::CertificateOfAnother, format!("entry {other}"))));
        }
        if let Some(failure) = search.and_then(|it| what_a_search_contradicts(it, &serial, basis)) {
            return Ok(Some(failure));
        }
        let is_in_search =
            search.iter().flat_map(|it| &it.candidates).any(|it| it.certificate.has_serial(&serial));
        Ok((basis == Basis::Search && !is_in_search).then(|| Failure::new(ErrorCode::CertificateNotInSearch)))
    }

    /// Puts a note and a ticket beside a signing.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::NoteChanged`], or the record cannot be written.
    pub async fn annotate(&self, request: annotate::Request) -> Result<annotate::Response, Failure> {
        let (desk, at) = (self.clone(), self.shared.host.now());
        let annotate::Request { entry, note, ticket, seen, intent } = request;
        // First, because recording begins a journal where there is none, and asks a keychain for its key.
        is_the_one(&self.read_entry(entry).await?, intent.as_deref())?;
        let annotate = move || {
            let seen = seen.as_ref().map(|it| (it.note.as_str(), it.ticket.as_str()));
            let journal = desk.journal_with(entry, intent.as_deref())?;
            journal.annotate_over(entry, at, &note, &ticket, seen).map_err(super::record::refused)
        };
        blocking(annotate).await??;
        Ok(annotate::Response { entry: self.read_entry(entry).await? })
    }

    /// The certificate and the CSR of a signing, as far as the server hands them out now.
    pub(super) async fn fetch_for_evidence(&self, number: u64) -> Fetched {
        let Ok(entry) = self.read_entry(number).await else { return Fetched::default() };
        let certificates = entry.certificates();
        let lacks = |code| Lacks { certificate: !certificates.is_empty(), csr: true, code: Some(code) };
        // Evidence is written without them too. The answer says what is missing and why.
        let server = match self.server_of(&entry).await {
            Ok(server) => server,
            Err(failure) => return Fetched { lacks: Some(lacks(failure.code)), ..Fetched::default() },
        };
        let mut fetched = Fetched::default();
        let mut why = None;
        for certificate in &certificates {
            let serial = certificate.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok());
            if let (Some(name), Some(serial)) = (&certificate.common_name, serial) {
                match server.fetch(name, &serial).await {
                    Ok(issued) => fetched.certificate = Some(issued),
                    Err(unreadable) => why = Some(unreadable.code),
                }
            }
        }
        match server.csr(&entry).await {
            Ok(csr) => fetched.csr = Some(csr),
            Err(unreadable) => why = why.or(Some(unreadable.code)),
        }
        let certificate = !certificates.is_empty() && fetched.certificate.is_none();
        if certificate || fetched.csr.is_none() {
            fetched.lacks = Some(Lacks { certificate, csr: fetched.csr.is_none(), code: why });
        }
        fetched.token = Some(server.token);
        fetched
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
        Ok(Server { endpoint, token, organization, held })
    }

    /// Another signing whose recorded result is the certificate of this serial number.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`] when the history cannot tell: an entry that cannot be read may be the one.
    async fn other_entry_with(&self, serial: &SerialNumber, of: &Entry) -> Result<Option<u64>, Failure> {
        // Another server's CA may use the same number for something else.
        let filter = domain::HistoryFilter {
            serial: serial.hex().to_owned(),
            server: Some(of.server.clone()),
            ..Default::default()
        };
        let has_it = |it: &Entry| it.certificates().iter().any(|it| it.has_serial(serial));
        let server = BaseUrl::canonical(&of.server);
        let on_server = server.clone();
        let is_result =
            |it: &Entry| it.entry != of.entry && BaseUrl::canonical(&it.server) == on_server && has_it(it);
        let (mut after, mut unreadable) = (None, None);
        loop {
            let request = crate::commands::history::Request { filter: filter.clone(), after, limit: None };
            let page = self.history_page(request).await?;
            if let Some(found) = page.entries.iter().find(|it| is_result(it)) {
                return Ok(Some(found.entry));
            }
            unreadable = unreadable.or(page.damaged.iter().find(|it| **it != of.entry).copied());
            after = page.last;
            if !page.more {
                break;
            }
        }
        if let Some(entry) = unreadable {
            return Err(super::record::refused(JournalError::Damaged(entry)));
        }
        // A list that was made after the damage has no serial number of such an entry.
        let (desk, of) = (self.clone(), of.entry);
        let entries = blocking(move || {
            let journal = desk.journal()?;
            let mut entries = Vec::new();
            for number in journal.listed_as_damaged()?.into_iter().filter(|it| *it != of) {
                match journal.entry(number) {
                    Err(JournalError::Damaged(_)) if is_of_another(&journal, number, &server)? => {}
                    read => entries.extend(read?),
                }
            }
            Ok(entries)
        });
        let entries = entries.await?.map_err(super::record::refused)?;
        Ok(entries.iter().find(|it| is_result(it)).map(|it| it.entry))
    }

    /// The journal for an event of an entry, if its number still belongs to the signing with this intent: the file that was
    /// read may be another one by now.
    fn journal_with(&self, entry: u64, intent: Option<&str>) -> Result<Arc<Journal>, Failure> {
        let journal = self.journal_to_record().map_err(super::record::refused)?;
        if let Some(now) = journal.entry(entry).map_err(super::record::refused)? {
            is_the_one(&now, intent)?;
        }
        Ok(journal)
    }

    async fn record_look(&self, entry: &Entry, found: &Response, token: &AuthToken) -> Result<(), Failure> {
        /// What was found, and the count that the journal reads of it.
        #[derive(serde::Serialize)]
        struct Body {
            #[serde(flatten)]
            found: Response,
            possible: usize,
        }
        let (desk, at) = (self.clone(), self.shared.host.now());
        let body = Body { possible: found.possible(), found: found.clone() };
        let (token, entry, intent) = (token.clone(), entry.entry, entry.intent.clone());
        let record = move || {
            // The server had its time to answer.
            let journal = desk.journal_with(entry, Some(&intent))?;
            let token = journal.token_fingerprint(token.expose());
            journal.look_up(entry, at, &body, token.as_deref()).map_err(super::record::refused)
        };
        blocking(record).await?
    }
}

/// Refuses a number that another signing has than the one that a person saw.
pub(super) fn is_the_one(entry: &Entry, intent: Option<&str>) -> Result<(), Failure> {
    let same = intent.is_none_or(|it| it == entry.intent);
    if same { Ok(()) } else { Err(Failure::new(ErrorCode::EntryReplaced)) }
}

/// Whether the intent of a damaged entry can be read and names another server.
fn is_of_another(journal: &Journal, entry: u64, server: &str) -> Result<bool, JournalError> {
    #[derive(Deserialize)]
    struct Intent {
        server: String,
    }
    let events = journal.events(entry)?;
    let first = events.first().filter(|it| it.kind == EventKind::Intent.as_str());
    let intent = first.and_then(|it| serde_json::from_str::<Intent>(&it.body).ok());
    Ok(intent.is_some_and(|it| BaseUrl::canonical(&it.server) != server))
}

/// A server that is asked several questions, each on a connection of its own.
pub(super) struct Server {
    endpoint: Endpoint,
    held: Held,
    token: AuthToken,
    organization: Option<String>,
}

impl Server {
    fn limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.held.connection.timeout_seconds))
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

    pub(super) async fn csr(&self, entry: &Entry) -> Result<StoredCsr, Unreadable> {
        let csr_id = entry.request.csr_id.to_string();
        let organization = self.organization.as_deref();
        let question = |it: Session| it.csr(&csr_id, &self.token, organization, self.limit());
        self.endpoint.ask(self.limit(), question).await
    }
}

/// A verdict with all that the last search says of its certificate, where only a serial number was given, as in a terminal:
/// evidence needs the common name to fetch it.
fn as_found(verdict: Verdict, search: Response) -> Verdict {
    let Verdict::ItIsThisOne { certificate } = &verdict else { return verdict };
    let serial = certificate.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok());
    let is_bare = certificate.common_name.is_none() && certificate.certificate_id.is_none();
    let Some(serial) = serial.filter(|_| is_bare) else { return verdict };
    let mut found = search.candidates.into_iter().filter(|it| it.certificate.has_serial(&serial));
    // A serial number is one issuer's (RFC 5280, section 4.1.2.2): of two certificates with it the person did not say which.
    match (found.next(), found.next()) {
        (Some(one), None) => Verdict::ItIsThisOne { certificate: one.certificate },
        _ => verdict,
    }
}

/// What the last search says against a certificate that a person names: another one is proven, or this one is contradicted
/// and nobody looked in PAM360's console.
fn what_a_search_contradicts(search: &Response, serial: &SerialNumber, basis: Basis) -> Option<Failure> {
    let named = search.candidates.iter().filter(|it| it.certificate.has_serial(serial));
    let standing = named.map(|it| it.standing).next();
    if standing == Some(Standing::Proof) {
        return None;
    }
    if search.candidates.iter().any(|it| it.standing == Standing::Proof) {
        return Some(Failure::new(ErrorCode::OtherCertificateFound));
    }
    let contradicted = standing == Some(Standing::NoMatch) && basis == Basis::Search;
    contradicted.then(|| Failure::new(ErrorCode::CertificateContradicted))
}
