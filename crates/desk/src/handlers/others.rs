//! Other unresolved signings that a certificate may belong to just as well.
//!
//! A certificate proves one signing at most. Where two are unresolved, a search for one of them says so before a person
//! records its certificate for the wrong one.

use std::collections::BTreeMap;

use domain::{BaseUrl, Entry};
use pam360::StoredCsr;

use super::Desk;
use super::reconcile::Server;
use super::weigh::Suspect;
use crate::Failure;
use crate::commands::history;
use crate::commands::look_for::{Candidate, Standing};

/// So many other unresolved entries are compared, the latest.
const MOST_ENTRIES: u32 = 100;
/// So many CSRs of other entries are fetched in one search; each costs a request.
const MOST_CSRS: usize = 5;

/// The other unresolved entries of a server, and the CSRs of those that were fetched.
pub(super) struct Others {
    entries: Vec<Entry>,
    /// By CSR id and organization; none for one that the server did not hand out.
    csrs: BTreeMap<(String, Option<String>), Option<StoredCsr>>,
    /// How many were fetched.
    fetched: usize,
    /// Whether the CSR of the entry itself could be fetched: without it, no other one is asked for.
    comparable: bool,
}

fn key(entry: &Entry) -> (String, Option<String>) {
    let organization = entry.request.organization.as_ref().map(|it| it.as_str().to_owned());
    (entry.request.csr_id.to_string(), organization)
}

impl Desk {
    /// The entries beside `entry` that are unresolved on its server.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(super) async fn others(&self, entry: &Entry, csr: Option<&StoredCsr>) -> Result<Others, Failure> {
        let server = BaseUrl::canonical(&entry.server);
        let filter = domain::HistoryFilter {
            unsettled: true,
            server: Some(entry.server.clone()),
            ..Default::default()
        };
        let page = history::Request { filter, after: None, limit: Some(MOST_ENTRIES) };
        let mut entries = self.history_page(page).await?.entries;
        entries.retain(|it| {
            it.entry != entry.entry && it.is_unsettled() && BaseUrl::canonical(&it.server) == server
        });
        let csrs = BTreeMap::from([(key(entry), csr.cloned())]);
        Ok(Others { entries, csrs, fetched: 0, comparable: csr.is_some() })
    }
}

impl Others {
    /// Notes at a certificate that nothing contradicts which other entries it may belong to. It is no proof then.
    pub(super) async fn mark(&mut self, candidate: &mut Candidate, suspect: &Suspect<'_>, server: &Server) {
        if candidate.is_contradicted() {
            return;
        }
        let mut found = Vec::new();
        for other in &self.entries {
            let fits = |csr: Option<&StoredCsr>| {
                let weighed = Suspect { csr, other_entry: None, ..*suspect }.weigh(other);
                weighed.is_ok_and(|it| !it.is_contradicted())
            };
            // Most differ in issuer or time already: no CSR is fetched for those.
            if !fits(None) {
                continue;
            }
            let key = key(other);
            if self.comparable && self.fetched < MOST_CSRS && !self.csrs.contains_key(&key) {
                self.fetched += 1;
                self.csrs.insert(key.clone(), server.csr(other).await.ok());
            }
            if fits(self.csrs.get(&key).and_then(Option::as_ref)) {
                found.push(other.entry);
            }
        }
        found.sort_unstable();
        if !found.is_empty() && candidate.standing == Standing::Proof {
            candidate.standing = Standing::Possible;
        }
        candidate.may_belong_to = found;
    }
}
