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
mod doubt;
mod error;
mod export;
mod findings;
mod fold;
mod folder;
mod gates;
mod head;
mod history;
mod in_place;
mod keep;
mod key;
mod listing;
mod looked;
mod migrate;
mod moving;
mod open;
mod proof;
mod read_only;
mod schema;
mod signing;
mod verify;
mod wal;
mod walk;
mod words;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Origin, Timestamp};
use rusqlite::{Connection, OpenFlags};

use chain::{Durable, Pen, Writer};
use in_place::FilesInPlace;
use open::{BUSY_TIMEOUT, Opening};

pub use error::JournalError;
pub use export::verify_export;
pub use head::HEAD_FILE_NAME;
pub use history::Page;
pub use keep::{KEY_ID_FILE_NAME, KeeperError, KeyKeeper};
pub use key::{HeadKey, KEY_FILE_NAME, KeyKind, SeedKey};
pub use moving::{Moved, kept_public_key, move_key, replace_lost_key};
pub use open::Opened;
pub use proof::{LeftOpen, Proof, ProofError, ProvenEvent};
pub use signing::{Begun, Intent, Plain, Sent};
pub use verify::verify_folder;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "journal.sqlite3";

/// What an open record is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A file in a folder that can be written.
    Writable,
    /// A file that cannot be written.
    ReadOnly,
    /// Nothing: there is no file yet, and reading makes none. Empty tables in memory stand for it.
    NotBegun,
}

/// Who opens a record, and when. A moment alone stands for nobody who is known.
#[derive(Clone, Debug)]
pub struct Caller {
    /// When it is opened.
    pub at: Timestamp,
    /// Who causes what is recorded.
    pub origin: Origin,
}

impl From<Timestamp> for Caller {
    fn from(at: Timestamp) -> Self {
        Self { at, origin: Origin::default() }
    }
}

/// An open record.
pub struct Journal {
    writer: Mutex<Writer>,
    /// Apart from the writer, so that nobody who searches holds up a signing. Made when it is first needed.
    reader: Mutex<Option<Connection>>,
    files: FilesInPlace,
    folder: PathBuf,
    path: PathBuf,
    /// None while the key was not asked for, and so for the public key.
    key_kind: Option<KeyKind>,
    read_only: Option<String>,
    place: Place,
    public_key: Option<[u8; 32]>,
    wait: Duration,
}

impl Journal {
    /// Opens the record in a data folder with the key file there, making all three when they are not there. On Unix the
    /// folder and the files are the user's alone.
    ///
    /// # Errors
    /// The folder, file or key cannot be used, is not ours, or comes from a newer version. A file that SQLite cannot
    /// read is set aside instead, see [`Opened::set_aside`].
    pub fn open(folder: &Path, by: impl Into<Caller>) -> Result<Opened, JournalError> {
        Opening::new(folder, by, BUSY_TIMEOUT).open(None)
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
        by: impl Into<Caller>,
        keeper: &dyn KeyKeeper,
    ) -> Result<Opened, JournalError> {
        Opening { keeper: Some(keeper), ..Opening::new(folder, by, BUSY_TIMEOUT) }.open(None)
    }

    /// Opens the record for reading, as [`Journal::open_keeping`] but without asking a keychain for the key: reading
    /// needs none, and a keychain may answer late. With a key file the key is read, and what opening finds is appended, as
    /// [`Journal::open_keeping`] does. A record whose key is in a keychain then has no key here, see
    /// [`Journal::has_asked_for_key`]; to record something, open it again with [`Journal::open_keeping`]. Where there is
    /// no record yet, none is made, see [`Journal::is_begun`].
    ///
    /// The keychain is still asked where the record is of version 1, so damaged that it has to be moved away, or gone
    /// while its head is left: the record that is begun then names that in a signed event.
    ///
    /// # Errors
    /// As [`Journal::open_keeping`].
    pub fn open_to_read(
        folder: &Path,
        by: impl Into<Caller>,
        keeper: &dyn KeyKeeper,
    ) -> Result<Opened, JournalError> {
        let opening = Opening::new(folder, by, BUSY_TIMEOUT);
        Opening { keeper: Some(keeper), to_record: false, ..opening }.open(None)
    }

    fn over(writer: Writer, place: Place, wait: Duration) -> Self {
        Self {
            files: writer.files.clone(),
            folder: writer.folder.clone(),
            path: writer.folder.join(FILE_NAME),
            key_kind: writer.key.as_ref().map(|it| it.kind()),
            read_only: writer.key.as_ref().and_then(|it| it.unreachable()).map(str::to_owned),
            public_key: writer.key.as_ref().map(|it| it.public_key()),
            reader: Mutex::default(),
            writer: Mutex::new(writer),
            place,
            wait,
        }
    }

    /// A record of which there is nothing yet.
    fn not_begun(folder: &Path, wait: Duration) -> Result<Self, JournalError> {
        let nothing = Writer::new(in_memory()?, None, folder.to_owned(), Origin::default());
        Ok(Self::over(nothing, Place::NotBegun, wait))
    }

    /// A record that cannot be written.
    fn to_read(folder: &Path, connection: Connection, key: Box<dyn HeadKey>) -> Result<Self, JournalError> {
        history::set_up_reader(&connection)?;
        let writer = Writer::new(connection, Some(key), folder.to_owned(), Origin::default());
        Ok(Self::over(writer, Place::ReadOnly, BUSY_TIMEOUT))
    }

    /// Where the record is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key is that signs it; none while the key was not asked for.
    #[must_use]
    pub fn key_kind(&self) -> Option<KeyKind> {
        self.key_kind
    }

    /// Whether the key was asked for. Without it, everything can be read, and whatever appends an event fails with
    /// [`JournalError::KeyNotAskedFor`].
    #[must_use]
    pub fn has_asked_for_key(&self) -> bool {
        self.public_key.is_some()
    }

    /// Whether its folder can be written. Where it cannot, everything can be read, and nothing is recorded.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.place != Place::ReadOnly
    }

    /// Whether the files in the data folder are still the ones that this journal has open. Where they are not, nothing is
    /// recorded any more ([`JournalError::Replaced`]); opening it again shows what is there now.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.place != Place::Writable || self.files.holds(&self.folder)
    }

    /// Whether the journal's file is still the one that was opened, and its content or what belongs to it was changed by
    /// another program. Before it is opened again, this one has to be closed.
    #[must_use]
    pub fn is_changed_in_place(&self) -> bool {
        self.place == Place::Writable && self.files.is_changed_in_place(&self.folder)
    }

    /// Whether there is a record. Where there is none, it was opened for reading, and has no entries; opening it again
    /// looks again.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.place != Place::NotBegun
    }

    /// Why nothing can be recorded, when the key cannot be reached or the folder cannot be written; opening it again
    /// tries again.
    #[must_use]
    pub fn read_only(&self) -> Option<&str> {
        self.read_only.as_deref()
    }

    /// Makes sure that its key can be used to record.
    ///
    /// # Errors
    /// [`JournalError::ReadOnly`], where the key is not to blame; or [`JournalError::KeyUnreachable`].
    pub fn require_key(&self) -> Result<(), JournalError> {
        match self.read_only() {
            _ if !self.is_writable() => Err(JournalError::ReadOnly),
            Some(why) => Err(JournalError::KeyUnreachable(why.to_owned())),
            None => Ok(()),
        }
    }

    /// What tells a token apart from another one in this record, and from nothing else what it is: for the events of an act
    /// that uses it. None while the key was not asked for, or cannot be had.
    #[must_use]
    pub fn token_fingerprint(&self, token: &str) -> Option<String> {
        locked(&self.writer).key.as_ref().and_then(|it| it.token_fingerprint(token.as_bytes()))
    }

    /// The public key that signs it, in hexadecimal: what another computer needs to check an exported copy. Empty while
    /// the key was not asked for.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.public_key.as_ref().map(|it| canonical::hex(it)).unwrap_or_default()
    }

    /// Makes the lists from the events again, as after a check that found them wrong. Gives the number of entries. The
    /// events are only read; what they hold together with is not checked here.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when another program is doing the same, or writing; or the record cannot be written. The
    /// lists are then what they were.
    pub fn rebuild_lists(&self) -> Result<u64, JournalError> {
        let lock = folder::try_lock(&self.folder)?;
        let entries = self.write(Durable::Now, |pen| {
            pen.note_change();
            listing::rebuild(pen.transaction)
        })?;
        // Apart from that, and a little at a time: signings of other programs go on in between.
        while self.bring_in_words()? {}
        drop(lock);
        Ok(entries)
    }

    /// Brings some entries into the index of words that are not in it yet: those of an older version's record, and the
    /// newest. Gives whether any is left. One call holds up a signing for some milliseconds.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn bring_in_words(&self) -> Result<bool, JournalError> {
        self.write(Durable::WithTheNext, |pen| {
            pen.note_change();
            words::bring_in(pen.transaction, words::BATCH)
        })
    }

    /// Whether so many entries are outside the index of words that searching takes longer for it.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn has_words_to_bring_in(&self) -> Result<bool, JournalError> {
        let enough = 2 * i64::from(words::BATCH);
        let can_be_written = self.place == Place::Writable && self.read_only.is_none();
        Ok(can_be_written && self.read(|it| words::waiting(it, enough))? >= enough)
    }

    fn write<T>(
        &self,
        durable: Durable,
        work: impl FnOnce(&Pen<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        match self.place {
            Place::Writable => {
                locked(&self.writer).write(durable, work).map_err(|error| self.explained(error))
            }
            Place::ReadOnly => Err(JournalError::ReadOnly),
            Place::NotBegun => Err(JournalError::KeyNotAskedFor),
        }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let mut slot = locked(&self.reader);
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(self.new_reader()?),
        };
        work(connection).map_err(|error| self.explained(error))
    }

    fn explained(&self, error: JournalError) -> JournalError {
        if self.place == Place::Writable { self.files.explain(&self.folder, error) } else { error }
    }

    /// A connection of its own for what takes long: a check, an export.
    fn new_reader(&self) -> Result<Connection, JournalError> {
        self.try_new_reader().map_err(|error| self.explained(error))
    }

    fn try_new_reader(&self) -> Result<Connection, JournalError> {
        let connection = match self.place {
            Place::Writable => {
                // Never makes the file: where it was deleted, an empty one would take its place.
                let flags = OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                connection.busy_timeout(self.wait)?;
                // Whichever connection is the last to close must not delete the log.
                wal::keep(&connection)?;
                connection
            }
            Place::ReadOnly => read_only::open_to_read(&self.folder)?,
            Place::NotBegun => in_memory()?,
        };
        history::set_up_reader(&connection)?;
        Ok(connection)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.place == Place::Writable {
            // Its own reader first: a connection that is open may hold the log.
            let reader = locked(&self.reader).take();
            if let Some(reader) = reader.as_ref().filter(|_| !self.is_in_place()) {
                let _ = wal::copy_nothing_at_close(reader);
            }
            drop(reader);
            locked(&self.writer).leave();
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The tables of a record without events.
fn in_memory() -> Result<Connection, JournalError> {
    let connection = Connection::open_in_memory()?;
    schema::make_events(&connection)?;
    schema::make_listing(&connection)?;
    Ok(connection)
}

/// A panic between two statements leaves SQLite's own state sound: an open transaction rolls back on drop.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
