//! What a server said about a token: it rejected it, or accepted it again.
//!
//! The fact belongs to one token of one connection. Of a token in the keychain it is stored beside the connection, without
//! the token, so that the next program knows it too; another token that is entered or found there ends it.

use domain::{ConnectionId, Timestamp};
use secrets::AuthToken;
use tokio::sync::watch;

use super::Desk;
use super::account::Kept;
use super::one_connection::Held;
use super::session::{InMemory, Session};
use super::settings::Settings;

/// A rejection of a token that is in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rejected {
    /// Since when the token is here: another one has another time.
    since: Timestamp,
    /// When the server rejected it.
    at: Timestamp,
}

impl Session {
    /// When the server rejected the token that the next call of this connection would use, if it did.
    pub(super) fn token_rejected(&self, held: &Held) -> Option<Timestamp> {
        let account = held.account(Kept::Token);
        match self.secrets.tokens.get(&account) {
            // A token that came another way goes before the one in the keychain.
            Some(used) if held.token_kept != Some(used.since) => {
                self.secrets.rejected.get(&account).filter(|it| it.since == used.since).map(|it| it.at)
            }
            _ => held.token_rejected,
        }
    }

    /// The token of a connection in memory, if it is this one still.
    fn still_used(&self, held: &Held, token: &AuthToken) -> Option<&InMemory<AuthToken>> {
        self.secrets.tokens.get(&held.account(Kept::Token)).filter(|it| it.value == *token)
    }
}

impl Desk {
    /// Notes that a server rejected a token of a connection, or accepted it. A token that was replaced or locked away since
    /// is not meant. Waits until that is stored.
    pub(super) async fn token_answered(&self, held: &Held, token: &AuthToken, accepted: bool) {
        if let Some(noted) = self.note_token_answer(held, token, accepted) {
            self.store_token_answer(noted).await;
        }
    }

    /// The same without the wait: another program may have locked the file. [`Self::token_answers_stored`] waits for it.
    pub(super) fn token_answered_in_passing(&self, held: &Held, token: &AuthToken, accepted: bool) {
        let Some(noted) = self.note_token_answer(held, token, accepted) else { return };
        let (desk, storing) = (self.clone(), Storing::begin(&self.shared.token_answers));
        tokio::spawn(async move {
            desk.store_token_answer(noted).await;
            drop(storing);
        });
    }

    /// Waits until everything is stored that servers said about tokens in answers to signings: at most as long as a change
    /// of the file waits for another program.
    pub async fn token_answers_stored(&self) {
        // The sender lives as long as this desk.
        let _ = self.shared.token_answers.subscribe().wait_for(|it| *it == 0).await;
    }

    /// Notes it for this session, and gives what is to be stored of it.
    fn note_token_answer(
        &self,
        held: &Held,
        token: &AuthToken,
        accepted: bool,
    ) -> Option<(ConnectionId, Change)> {
        let at = self.shared.host.now();
        let rejected = (!accepted).then_some(at);
        let mut session = self.session();
        let since = session.still_used(held, token)?.since;
        let before = session.get(&held.id).map(|it| session.token_rejected(it))?;
        if accepted && before.is_none() {
            return None;
        }
        let account = held.account(Kept::Token);
        match rejected {
            Some(at) => drop(session.secrets.rejected.insert(account, Rejected { since, at })),
            None => drop(session.secrets.rejected.remove(&account)),
        }
        let mine = session.held.iter_mut().find(|it| it.id == held.id);
        let mine = mine.filter(|it| it.token_kept == Some(since))?;
        mine.token_rejected = rejected;
        let change = Change { since, rejected };
        session.token_answers.insert(held.id.clone(), change);
        Some((held.id.clone(), change))
    }

    /// Stores what is noted about a connection's token: the newest answer, in whatever order the file is free for them.
    async fn store_token_answer(&self, (id, noted): (ConnectionId, Change)) {
        let (desk, of) = (self.clone(), id.clone());
        let edit = move |it: &mut Settings| {
            let change = desk.session().token_answers.get(&of).copied();
            if let (Some(change), Some(stored)) = (change, it.stored(&of)) {
                change.apply(stored.token_kept, &mut stored.token_rejected);
            }
        };
        // When it cannot be written, it is valid in this session until the file is read again.
        let _ = self.change_settings(edit).await;
        let mut session = self.session();
        if session.token_answers.get(&id) == Some(&noted) {
            session.token_answers.remove(&id);
        }
    }
}

/// What is to be stored about a token in the keychain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Since when the token is there: another one has another time.
    since: Timestamp,
    /// When the server rejected it; none when it accepted it.
    rejected: Option<Timestamp>,
}

impl Change {
    /// Changes what is known of a connection's token, if it is the token that the server answered to.
    pub(super) fn apply(self, kept: Option<Timestamp>, rejected: &mut Option<Timestamp>) {
        if kept == Some(self.since) {
            *rejected = self.rejected;
        }
    }
}

/// Counts one change among those that are being stored, until it is dropped.
struct Storing(watch::Sender<usize>);

impl Storing {
    fn begin(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|it| *it += 1);
        Self(count.clone())
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        self.0.send_modify(|it| *it -= 1);
    }
}
