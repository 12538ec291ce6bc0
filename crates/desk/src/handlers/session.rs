//! What is held between commands: the connections, the one in use, and the secrets of each.
//!
//! Secrets stand here under their account: what they are, whose, and where they may go ([`Account`]). Whoever asks with a
//! connection that goes elsewhere finds nothing, however and whenever the address changed.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::{Connection, ConnectionForm, ConnectionId, ErrorCode, Fingerprint, Problem, Timestamp, typed};
use secrets::{AuthToken, Passphrase};

use super::account::{Account, Kept};
use super::clocks::OnBothClocks;
use super::one_connection::{Held, Standing, new_id, without_ca_text};
use super::settings::Settings;
use super::token_answers::{Change, Rejected};
use crate::commands::{KeychainState, Preferences, SecretKind, Shown, TokenState};

/// A secret in memory.
#[derive(Clone, Debug)]
pub(super) struct InMemory<T> {
    pub(super) value: T,
    pub(super) since: Timestamp,
}

/// The secrets in memory, and what is known of those in the keychain.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) tokens: HashMap<Account, InMemory<AuthToken>>,
    pub(super) others: HashMap<Account, InMemory<Passphrase>>,
    /// Why the keychain did not give a token when it was asked last.
    pub(super) problems: HashMap<Account, ErrorCode>,
    /// Which of the tokens were rejected by their server.
    pub(super) rejected: HashMap<Account, Rejected>,
    /// A token that came before there was a connection; it goes to the first one that comes into use.
    pub(super) unassigned: Option<InMemory<AuthToken>>,
    /// Grows with each lock and each forgetting: what was read for an earlier time may not be held any more.
    pub(super) generation: u64,
}

impl Secrets {
    /// Whether there is anything in memory that a lock would take.
    pub(super) fn any(&self) -> bool {
        !self.tokens.is_empty() || !self.others.is_empty() || self.unassigned.is_some()
    }

    /// The text with each secret in memory replaced.
    pub(super) fn redact(&self, text: &str) -> String {
        // Line by line: where a secret stands in another spelling, the whole text is left out.
        text.split('\n').map(|line| self.redact_line(line.to_owned())).collect::<Vec<_>>().join("\n")
    }

    fn redact_line(&self, text: String) -> String {
        let tokens = self.tokens.values().chain(&self.unassigned);
        let text = tokens.fold(text, |text, it| it.value.redact(&text));
        self.others.values().fold(text, |text, it| it.value.redact(&text))
    }

    fn clear(&mut self) {
        *self = Self { generation: self.generation + 1, ..Self::default() };
    }
}

/// A CA that a server presented at the last test, and that a person may come to trust.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The account of the token that would go there: this connection, with this address.
    pub(super) of: Account,
    pub(super) sha256: Fingerprint,
    pub(super) name: String,
    pub(super) pem: String,
    /// Of the server's own certificate.
    pub(super) own: Fingerprint,
    /// Of the presented CAs that really signed it, this one among them.
    pub(super) signers: Vec<Fingerprint>,
}

/// A certificate that a server presented at the last test, and that may be accepted by its fingerprint.
#[derive(Clone, Debug)]
pub(super) struct ExactCandidate {
    /// As [`Candidate::of`].
    pub(super) of: Account,
    pub(super) sha256: Fingerprint,
    /// Of the presented CAs that really signed it.
    pub(super) signers: Vec<Fingerprint>,
}

/// Everything.
pub(super) struct Session {
    pub(super) held: Vec<Held>,
    pub(super) in_use: Option<ConnectionId>,
    pub(super) removed: Vec<(ConnectionId, String, Option<Timestamp>)>,
    pub(super) preferences: Preferences,
    /// Whether the file could not be written when the preferences changed: they count for this session.
    pub(super) preferences_unsaved: bool,
    /// The system's reason why the last change could not be written to the file; none when it was written.
    pub(super) unwritable: Option<String>,
    pub(super) secrets: Secrets,
    /// What servers said about tokens in the keychain, until it is stored: the file does not know it yet.
    pub(super) token_answers: BTreeMap<ConnectionId, Change>,
    pub(super) keychain: KeychainState,
    pub(super) locked: bool,
    /// When something was done last.
    pub(super) last_done: OnBothClocks,
    pub(super) candidate: Option<Candidate>,
    pub(super) exact_candidate: Option<ExactCandidate>,
}

impl Session {
    pub(super) fn new(settings: Settings, now: Timestamp) -> Self {
        let mut session = Self {
            held: Vec::new(),
            in_use: settings.in_use.clone(),
            removed: Vec::new(),
            preferences: settings.preferences,
            preferences_unsaved: false,
            unwritable: None,
            secrets: Secrets::default(),
            token_answers: BTreeMap::new(),
            keychain: KeychainState::NotAsked,
            locked: false,
            last_done: OnBothClocks::at(now),
            candidate: None,
            exact_candidate: None,
        };
        session.take_over(settings);
        session
    }

    /// Changes the organization and the time-out of the connection in use for this session; without one, does nothing.
    ///
    /// # Errors
    /// Every problem of the two values.
    pub(super) fn vary(
        &mut self,
        organization: Option<&str>,
        timeout: Option<&str>,
    ) -> Result<(), Vec<Problem>> {
        let in_use = self.in_use.clone();
        let Some(held) = self.held.iter_mut().find(|it| Some(&it.id) == in_use.as_ref()) else {
            return Ok(());
        };
        let mut form = ConnectionForm::from(held.connection.clone());
        if let Some(organization) = organization {
            organization.clone_into(&mut form.organization);
        }
        if let Some(timeout) = timeout {
            timeout.clone_into(&mut form.timeout_seconds);
        }
        let varied = form.check()?;
        (held.connection, held.standing) = (varied, Standing::Unsaved);
        Ok(())
    }

    /// Follows the file. What is unsaved here, and the one in use even if another process removed it, stays.
    pub(super) fn take_over(&mut self, settings: Settings) {
        let mut held: Vec<Held> = settings.connections.into_iter().filter_map(Held::of).collect();
        for mine in std::mem::take(&mut self.held) {
            let in_file = held.iter_mut().find(|it| it.id == mine.id);
            match (mine.standing, in_file) {
                (Standing::Unsaved, Some(place)) => *place = mine,
                (Standing::Unsaved, None) => held.push(mine),
                (Standing::Saved | Standing::Removed, None) if self.in_use.as_ref() == Some(&mine.id) => {
                    held.push(Held { standing: Standing::Removed, ..mine });
                }
                (Standing::Saved | Standing::Removed, _) => {}
            }
        }
        for (id, change) in &self.token_answers {
            if let Some(it) = held.iter_mut().find(|it| it.id == *id) {
                change.apply(it.token_kept, &mut it.token_rejected);
            }
        }
        self.held = held;
        if self.in_use.as_ref().is_none_or(|id| self.get(id).is_none()) {
            self.in_use = None;
        }
        self.removed = settings.removed.into_iter().map(|it| (it.id, it.form.name, it.removed_at)).collect();
        if !self.preferences_unsaved {
            self.preferences = settings.preferences;
        }
        self.forget_what_goes_nowhere();
        self.assign();
    }

    /// Secrets in memory for an address that no connection has any more.
    pub(super) fn forget_what_goes_nowhere(&mut self) {
        let held = std::mem::take(&mut self.held);
        let lives = |account: &Account| held.iter().any(|it| account.is_of(&it.id, &it.connection));
        self.secrets.tokens.retain(|account, _| lives(account));
        self.secrets.others.retain(|account, _| lives(account));
        self.secrets.problems.retain(|account, _| lives(account));
        self.secrets.rejected.retain(|account, _| lives(account));
        self.held = held;
    }

    /// The connection in use.
    pub(super) fn current(&self) -> Option<&Held> {
        self.in_use.as_ref().and_then(|id| self.get(id))
    }

    pub(super) fn get(&self, id: &ConnectionId) -> Option<&Held> {
        self.held.iter().find(|it| it.id == *id)
    }

    /// The connection that is meant: the named one, else the one in use.
    pub(super) fn meant(&self, id: Option<&ConnectionId>) -> Result<&Held, ErrorCode> {
        match id {
            Some(id) => self.get(id).ok_or(ErrorCode::NoSuchConnection),
            None => self.current().ok_or(ErrorCode::NoConnection),
        }
    }

    /// By its name, in any case, or its id. Of two that share a name, as two programs at once can make them, neither is
    /// meant.
    pub(super) fn named(&self, name: &str) -> Result<&Held, ErrorCode> {
        let name = typed::name(name);
        let same = |it: &&Held| it.connection.name.to_lowercase() == name.to_lowercase();
        let mut found = self.held.iter().filter(same);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(ErrorCode::ConnectionNameTaken),
            (Some(held), None) => Ok(held),
            _ => self.held.iter().find(|it| it.id.as_str() == name).ok_or(ErrorCode::NoSuchConnection),
        }
    }

    /// Uses a connection that is in no file.
    pub(super) fn add_unsaved(&mut self, connection: Connection) {
        let id = new_id();
        self.held.push(Held { standing: Standing::Unsaved, ..Held::saved(id.clone(), connection) });
        self.use_now(id);
    }

    /// Puts a connection in use.
    pub(super) fn use_now(&mut self, id: ConnectionId) {
        self.in_use = Some(id);
        self.assign();
    }

    /// Holds a token for the connection in use, or for the first one that will be.
    pub(super) fn hold_token(&mut self, token: AuthToken, since: Timestamp) {
        self.secrets.unassigned = Some(InMemory { value: token, since });
        self.assign();
    }

    fn assign(&mut self) {
        if let Some(account) = self.current().map(|it| it.account(Kept::Token))
            && let Some(token) = self.secrets.unassigned.take()
        {
            self.secrets.rejected.remove(&account);
            self.secrets.tokens.insert(account, token);
        }
    }

    /// Takes all secrets out of the memory, those included that are being read.
    pub(super) fn lock(&mut self) {
        self.secrets.clear();
        self.locked = true;
    }

    /// A person did something.
    pub(super) fn touched(&mut self, now: Timestamp) {
        self.last_done = OnBothClocks::at(now);
    }

    /// For how long nothing was done.
    pub(super) fn idle(&self, now: Timestamp) -> Duration {
        OnBothClocks::at(now).since(self.last_done)
    }

    /// A connection as the page may know it.
    pub(super) fn shown(&self, held: &Held) -> Shown {
        let account = held.account(Kept::Token);
        let token = match (held.token_kept, self.secrets.tokens.get(&account)) {
            (Some(since), _) => Some(TokenState {
                in_keychain: true,
                since: Some(since),
                problem: self.secrets.problems.get(&account).copied(),
                rejected: self.token_rejected(held),
            }),
            (None, Some(token)) => Some(TokenState {
                in_keychain: false,
                since: Some(token.since),
                problem: None,
                rejected: self.token_rejected(held),
            }),
            (None, None) => None,
        };
        let kinds = [SecretKind::ClientPassphrase, SecretKind::ProxyPassword].into_iter();
        let (mut secrets, mut secrets_since) = (Vec::new(), BTreeMap::new());
        for kind in kinds {
            let what = Kept::Other(kind);
            let in_memory = self.secrets.others.get(&held.account(what)).map(|it| it.since);
            if held.keeps(what) || in_memory.is_some() {
                secrets.push(kind);
            }
            // One in memory alone may be the newer one, and so may one that another program stored since.
            if let Some(since) = in_memory.max(held.secrets_since.get(&kind).copied()) {
                secrets_since.insert(kind, since);
            }
        }
        let connection = without_ca_text(held.connection.clone());
        Shown {
            id: held.id.clone(),
            connection,
            saved: held.is_saved(),
            removed: held.standing == Standing::Removed,
            token,
            secrets,
            secrets_since,
        }
    }
}
