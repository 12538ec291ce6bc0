//! The commands carried out: [`Desk`] holds the state of one session, each command is a method of its name.
//!
//! Owns the order of things (check, record, send, record) and what is held between commands: the connections, and the
//! secrets of each. Refuses to own how a call arrives and who may make it; that is each host's part.

mod account;
mod cells;
mod clocks;
mod connections;
mod diagnostics;
mod dispatch;
mod evidence;
mod evidence_check;
mod evidence_facts;
mod evidence_files;
mod exchange;
mod export;
mod export_folder;
mod files;
mod host;
mod http_versions;
mod keep;
mod keychain;
mod log;
mod look;
mod one_connection;
mod opened;
mod others;
mod reconcile;
mod record;
mod record_key;
mod running;
mod session;
mod settings;
mod sign;
mod signing;
mod start;
mod status;
mod table;
mod token_answers;
mod trust;
mod weigh;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use domain::{BaseUrl, Connection, ConnectionId, Entry, ErrorCode, IntentId, Origin, Timestamp};
use pam360::HttpOffer;
use secrets::{AuthToken, Keychain};
use tokio::sync::{OnceCell, watch};

use crate::Failure;
use session::Session;

pub use clocks::OnBothClocks;
pub use evidence_check::{AsAsked, EvidenceCheck, KeyKnown, check_evidence, check_evidence_at};
pub use export::Exported;
pub use export_folder::OpenFolder;
pub use files::{Destination, write_file};
pub use host::{Host, SystemHost, UsedIn, default_data_dir};
pub use pam360::Surroundings;
pub use record::check_exported_journal;
pub use record_key::{KeyPlace, RecordKey};
pub use start::{StartOptions, TOKEN_NOT_USED, TOKEN_VARIABLE};
pub use table::{COLUMNS, row};

/// The application of one session. Clones share it.
#[derive(Clone)]
pub struct Desk {
    shared: Arc<Shared>,
}

struct Shared {
    /// Shared with the TLS policy of each connection, which reads the same clock.
    host: Arc<dyn Host>,
    data_dir: PathBuf,
    /// Who uses the program; found out when it is first needed.
    origin: OnceLock<Origin>,
    journal: opened::OpenedJournal,
    session: Mutex<Session>,
    keychain: Keychain,
    /// Filled once the keychain has answered for the first time whether it can be used.
    keychain_answered: OnceCell<()>,
    /// Signings that are under way in this process, by intent: a second call waits for the first one's answer.
    under_way: Mutex<HashMap<IntentId, sign::UnderWay>>,
    /// What each server is offered, and what it said about it.
    http_offers: Mutex<HashMap<(ConnectionId, BaseUrl), HttpOffer>>,
    /// How many answers about tokens are being stored.
    token_answers: watch::Sender<usize>,
    /// Set when the program is about to end: nothing new may leave.
    stopping: AtomicBool,
    /// Set when the program ends with the signing that it starts.
    signs_once: AtomicBool,
    /// Whether this session has written an export, so that its folder may be opened.
    exported: AtomicBool,
    /// How a folder is opened in the file manager; the window says so.
    open_folder: OnceLock<OpenFolder>,
}

impl Desk {
    /// A desk on a data folder, with the connections that are kept there. The folder is made when it is first needed.
    #[must_use]
    pub fn new(host: impl Host, data_dir: PathBuf) -> Self {
        let session = Session::new(settings::read(&data_dir).unwrap_or_default(), host.now());
        let shared = Shared {
            keychain: host.keychain(),
            keychain_answered: OnceCell::new(),
            host: Arc::new(host),
            data_dir,
            origin: OnceLock::new(),
            journal: opened::OpenedJournal::default(),
            session: Mutex::new(session),
            under_way: Mutex::default(),
            http_offers: Mutex::default(),
            token_answers: watch::Sender::new(0),
            stopping: AtomicBool::new(false),
            signs_once: AtomicBool::new(false),
            exported: AtomicBool::new(false),
            open_folder: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Uses a connection and a token for this session without saving anything: what command line options ask for.
    pub fn adopt(&self, connection: Option<Connection>, token: Option<AuthToken>) {
        let now = self.shared.host.now();
        let mut session = self.session();
        if let Some(connection) = connection {
            session.add_unsaved(connection);
        }
        if let Some(token) = token {
            session.hold_token(token, now);
        }
    }

    /// Uses the saved connection of this name for this session; the one that the next start uses stays what it is.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`], or [`ErrorCode::ConnectionNameTaken`] when two have it.
    pub fn use_named(&self, name: &str) -> Result<(), ErrorCode> {
        let mut session = self.session();
        let id = session.named(name)?.id.clone();
        session.use_now(id);
        Ok(())
    }

    /// A connection by its name, in any case, or its id.
    ///
    /// # Errors
    /// As [`Desk::use_named`].
    pub fn named(&self, name: &str) -> Result<crate::commands::Shown, ErrorCode> {
        let session = self.session();
        session.named(name).map(|it| session.shown(it))
    }

    /// Makes sure that the saved connections can be read. A window or page goes on without them; a command that lists or
    /// names them must not say that there are none.
    ///
    /// # Errors
    /// [`ErrorCode::SettingsUnreadable`], with the file and the system's reason.
    pub fn require_settings(&self) -> Result<(), Failure> {
        match settings::problem(&self.shared.data_dir) {
            Some(why) => Err(Failure::because(ErrorCode::SettingsUnreadable, why)),
            None => Ok(()),
        }
    }

    /// A change of connections that could not be saved, with the file's folder and the system's reason. For a program
    /// that ends with its task: there the change is lost.
    #[must_use]
    pub fn unsaved(&self, code: ErrorCode) -> Failure {
        let folder = self.shared.data_dir.display().to_string();
        let reason = self.session().unwritable.clone();
        Failure::because(code, reason.map_or_else(|| folder.clone(), |it| format!("{folder}: {it}")))
    }

    /// Whether a server is set.
    #[must_use]
    pub fn has_connection(&self) -> bool {
        self.session().current().is_some()
    }

    /// The connection in use, as a person sees it.
    #[must_use]
    pub fn in_use(&self) -> Option<crate::commands::Shown> {
        let session = self.session();
        session.current().map(|it| session.shown(it))
    }

    /// Whether the token of the connection in use is kept in the keychain.
    #[must_use]
    pub fn keeps_token(&self) -> bool {
        self.session().current().is_some_and(|it| it.token_kept.is_some())
    }

    /// The organization of the connection in use.
    #[must_use]
    pub fn organization(&self) -> Option<String> {
        self.session().current().and_then(|it| it.connection.organization.as_ref()).map(ToString::to_string)
    }

    /// The entry of an intent, if there is one.
    pub async fn entry_of_intent(&self, intent: &IntentId) -> Option<Entry> {
        let (desk, intent) = (self.clone(), intent.clone());
        blocking(move || desk.journal().and_then(|it| it.by_intent(intent.as_str())).ok().flatten())
            .await
            .ok()
            .flatten()
    }

    /// The time by the clock of this desk's host.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.host.now()
    }

    /// Where everything is stored.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.shared.data_dir
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        locked(&self.shared.session)
    }
}

/// What the lock guards is replaced whole, so it is sound even after a panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs what waits for a disk away from the tasks that wait for the network.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::because(ErrorCode::Internal, error))
}

#[cfg(test)]
mod tests;
