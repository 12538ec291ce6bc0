//! What a server said about a token: it rejected it, or accepted it again.
//!
//! The fact belongs to one token of one connection. Of a token in the keychain it is stored beside the connection, without
//! the token, so that the next program knows it too; another token that is entered or found there ends it.

use domain::Timestamp;
use secrets::AuthToken;

use super::Desk;
use super::account::Kept;
use super::one_connection::Held;
use super::session::{InMemory, Session};

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
    /// is not meant.
    pub(super) async fn token_answered(&self, held: &Held, token: &AuthToken, accepted: bool) {
        let at = self.shared.host.now();
        let verdict = (!accepted).then_some(at);
        let kept_since = {
            let mut session = self.session();
            let Some(since) = session.still_used(held, token).map(|it| it.since) else { return };
            let Some(before) = session.get(&held.id).map(|it| session.token_rejected(it)) else { return };
            if accepted && before.is_none() {
                return;
            }
            let account = held.account(Kept::Token);
            match verdict {
                Some(at) => drop(session.secrets.rejected.insert(account, Rejected { since, at })),
                None => drop(session.secrets.rejected.remove(&account)),
            }
            let mine = session.held.iter_mut().find(|it| it.id == held.id);
            let Some(mine) = mine.filter(|it| it.token_kept == Some(since)) else { return };
            mine.token_rejected = verdict;
            since
        };
        let id = held.id.clone();
        // When it cannot be written, it counts for this session.
        let _ = self
            .change_settings(move |it| {
                if let Some(stored) = it.stored(&id).filter(|it| it.token_kept == Some(kept_since)) {
                    stored.token_rejected = verdict;
                }
            })
            .await;
    }
}
