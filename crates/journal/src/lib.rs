//! The record of every signing: the intent is durable before a request leaves, everything else follows.
//!
//! Owns one SQLite file in the data folder, shared by all hosts: a chain of hashed and signed events, and a list made
//! from them for searching. Refuses to own what a signing means, the clock, and the decision to send: a caller that got
//! no [`Begun::New`] and then no [`Sent::Marked`] must not send (invariants 2 and 3). What an entry shows is folded from
//! its events, so it is true whenever a process ended (invariant 4). The format is described in docs/record-format.md,
//! the reasons in docs/decisions/0004-the-record-is-a-chain-of-events.md.

mod aside;
mod bodies;
mod canonical;
mod chain;
mod error;
mod export;
mod fold;
mod head;
mod history;
mod keep;
mod key;
mod listing;
mod migrate;
mod moving;
mod open;
mod proof;
mod schema;
mod signing;
mod verify;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use rusqlite::Connection;

use chain::{Durable, Pen, Writer};
use open::{BUSY_TIMEOUT, Opening};

pub use error::JournalError;
pub use export::verify_export;
pub use head::HEAD_FILE_NAME;
pub use history::Page;
pub use keep::{KEY_ID_FILE_NAME, KeeperError, KeyKeeper};
pub use key::{HeadKey, KEY_FILE_NAME, KeyKind, SeedKey};
pub use moving::{Moved, kept_public_key, move_key, replace_lost_key};
pub use open::Opened;
pub use proof::{Proof, ProofError, ProvenEvent};
pub use signing::{Begun, Intent, Plain, Sent};
pub use verify::verify_folder;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "journal.sqlite3";

/// An open record.
pub struct Journal {
    writer: Mutex<Writer>,
    /// Apart from the writer, so that nobody who searches holds up a signing. Made when it is first needed.
    reader: Mutex<Option<Connection>>,
    folder: PathBuf,
    path: PathBuf,
    key_kind: KeyKind,
    read_only: Option<String>,
    public_key: [u8; 32],
    wait: Duration,
}

impl Journal {
    /// Opens the record in a data folder with the key file there, making all three when they are not there. On Unix the
    /// folder and the files are the user's alone.
    ///
    /// # Errors
    /// The folder, file or key cannot be used, is not ours, or comes from a newer version. A file that SQLite cannot
    /// read is set aside instead, see [`Opened::set_aside`].
    pub fn open(folder: &Path, at: Timestamp) -> Result<Opened, JournalError> {
        Opening::new(folder, at, BUSY_TIMEOUT).open(None)
    }

    /// Opens the record with a key that the host keeps elsewhere. When another key signed so far, the change is
    /// recorded; it counts as confirmed if the former one is the key file's.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_with_key(
        folder: &Path,
        at: Timestamp,
        key: Box<dyn HeadKey>,
    ) -> Result<Opened, JournalError> {
        Opening::new(folder, at, BUSY_TIMEOUT).open(Some(key))
    }

    /// Opens the record with a key that is in the key file or in a keychain. A new record gets its key in the keychain
    /// where that can be used; an existing one keeps the key that it has. When that key cannot be reached, the record
    /// can be read and nothing can be recorded, see [`Journal::read_only`].
    ///
    /// # Errors
    /// As [`Journal::open`]; [`JournalError::KeyUnreachable`] when there is no record yet that could be read.
    pub fn open_keeping(
        folder: &Path,
        at: Timestamp,
        keeper: &dyn KeyKeeper,
    ) -> Result<Opened, JournalError> {
        Opening { keeper: Some(keeper), ..Opening::new(folder, at, BUSY_TIMEOUT) }.open(None)
    }

    fn over(writer: Writer, wait: Duration) -> Self {
        Self {
            folder: writer.folder.clone(),
            path: writer.folder.join(FILE_NAME),
            key_kind: writer.key.kind(),
            read_only: writer.key.unreachable().map(str::to_owned),
            public_key: writer.key.public_key(),
            reader: Mutex::default(),
            writer: Mutex::new(writer),
            wait,
        }
    }

    /// Where the record is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key is kept that signs it.
    #[must_use]
    pub fn key_kind(&self) -> KeyKind {
        self.key_kind
    }

    /// Why nothing can be recorded, when the key cannot be reached; opening it again tries again.
    #[must_use]
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// The public key that signs it, in hexadecimal: what another computer needs to check an exported copy.
    #[must_use]
    pub fn public_key(&self) -> String {
        canonical::hex(&self.public_key)
    }

    /// Makes the lists anew from the events, as after a check that found them wrong.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn rebuild_lists(&self) -> Result<(), JournalError> {
        self.write(Durable::Now, |pen| {
            pen.note_change();
            listing::rebuild(pen.transaction)
        })
    }

    fn write<T>(
        &self,
        durable: Durable,
        work: impl FnOnce(&Pen<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        locked(&self.writer).write(durable, work)
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let mut slot = locked(&self.reader);
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(self.new_reader()?),
        };
        work(connection)
    }

    /// A connection of its own for what takes long: a check, an export.
    fn new_reader(&self) -> Result<Connection, JournalError> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(self.wait)?;
        history::set_up_reader(&connection)?;
        Ok(connection)
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A panic between two statements leaves SQLite's own state sound: an open transaction rolls back on drop.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
