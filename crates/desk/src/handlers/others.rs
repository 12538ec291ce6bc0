//! Other unresolved signings that a certificate may belong to just as well.
//!
//! A certificate proves one signing at most. Where two are unresolved, a search for one of them says so before a person
//! records its certificate for the wrong one. Only a comparison with the other's CSR takes proof away: without one, the
//! other entry is named apart.

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

/// The other unresolved entries of an organization on a server, and the CSRs of those that were fetched.
pub(super) struct Others {
    entries: Vec<Entry>,
    /// By CSR id; none for one that the server did not hand out.
    csrs: BTreeMap<String, Option<StoredCsr>>,
    /// The CSR id of the entry itself.
    own: String,
    /// How many were fetched.
    fetched: usize,
    /// Whether the CSR of the entry itself could be fetched: without it, no other one is asked for.
    comparable: bool,
}

impl Desk {
    /// The entries beside `entry` that are unresolved or in progress on its server, in its organization: the search lists the
    /// certificates of that one alone, and its CSR ids count there.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(super) async fn others(&self, entry: &Entry, csr: Option<&StoredCsr>) -> Result<Others, Failure> {
        let server = BaseUrl::canonical(&entry.server);
        let of_server = domain::HistoryFilter { server: Some(entry.server.clone()), ..Default::default() };
        let unresolved = domain::HistoryFilter { unsettled: true, ..of_server.clone() };
        let in_progress = domain::HistoryFilter { in_progress: true, ..of_server };
        let mut entries = Vec::new();
        // Those in progress first: one that ends in between is among the unresolved.
        for filter in [in_progress, unresolved] {
            let page = history::Request { filter, after: None, limit: Some(MOST_ENTRIES) };
            entries.extend(self.history_page(page).await?.entries);
        }
        entries.retain(|it| {
            it.entry != entry.entry
                && (it.is_unsettled() || it.is_in_progress())
                && BaseUrl::canonical(&it.server) == server
                && it.request.organization == entry.request.organization
        });
        // One that ended between the two readings is in both.
        entries.sort_by_key(|it| std::cmp::Reverse(it.entry));
        entries.dedup_by_key(|it| it.entry);
        let own = entry.request.csr_id.to_string();
        let csrs = BTreeMap::from([(own.clone(), csr.cloned())]);
        Ok(Others { entries, csrs, own, fetched: 0, comparable: csr.is_some() })
    }
}

impl Others {
    /// Notes at a certificate that nothing contradicts which other entries it may belong to, and with which it could not be
    /// compared. It is not proof if a comparison shows that it may belong to another one.
    pub(super) async fn mark(&mut self, candidate: &mut Candidate, suspect: &Suspect<'_>, server: &Server) {
        if candidate.is_contradicted() {
            return;
        }
        let (mut found, mut not_compared) = (Vec::new(), Vec::new());
        for other in &self.entries {
            let fits = |csr: Option<&StoredCsr>| {
                let weighed = Suspect { csr, other_entry: None, ..*suspect }.weigh(other);
                weighed.is_ok_and(|it| !it.is_contradicted())
            };
            // Most differ in issuer or time already: no CSR is fetched for those.
            if !fits(None) {
                continue;
            }
            let id = other.request.csr_id.to_string();
            if self.comparable && self.fetched < MOST_CSRS && !self.csrs.contains_key(&id) {
                self.fetched += 1;
                self.csrs.insert(id.clone(), server.csr(other).await.ok());
            }
            match self.csrs.get(&id).and_then(Option::as_ref) {
                Some(csr) if fits(Some(csr)) => found.push(other.entry),
                Some(_) => {}
                // The same CSR, also where the server does not hand it out.
                None if id == self.own => found.push(other.entry),
                None => not_compared.push(other.entry),
            }
        }
        found.sort_unstable();
        not_compared.sort_unstable();
        if !found.is_empty() && candidate.standing == Standing::Proof {
            candidate.standing = Standing::Possible;
        }
        (candidate.may_belong_to, candidate.not_compared_with) = (found, not_compared);
    }
}
