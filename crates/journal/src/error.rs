//! Why the record cannot be used, in words that say what to do.
//!
//! Owns what SQLite's and the system's answers mean for a person. Refuses to own codes: a host maps all of these to
//! one, because their meaning for a signing is always the same.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode as Sqlite;

/// A record that cannot be used. Its meaning for a signing is always: nothing is sent. Only [`JournalError::NotDurable`]
/// comes after the answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file is damaged where it was read or written.
    #[error(
        "the record's file is damaged ({0}); it stays readable as far as it is whole. Start again to have it set aside, or restore a copy"
    )]
    Corrupted(String),
    /// The exported copy cannot be written or read: another file than the record's.
    #[error("{0}")]
    Copy(#[source] std::io::Error),
    /// The file that is checked is not an exported copy.
    #[error("its first line is not that of an exported journal")]
    NotACopy,
    /// An entry's content cannot be read back.
    #[error("entry {0} of the record is damaged; verify the record to see where")]
    Damaged(u64),
    /// SQLite says no in a way that has no words of its own here.
    #[error("the record cannot be used: {0}")]
    Database(#[source] rusqlite::Error),
    /// The data folder cannot be made, or a file in it cannot be used.
    #[error("the data folder {} cannot be used: {error}", folder.display())]
    Folder {
        /// Where it should be.
        folder: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// A file of the journal is there, and this user may not read it.
    #[error("the file {} cannot be read: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// Something changed what SQLite does when an event is recorded.
    #[error(
        "the journal's tables are not as this program makes them: {0}; nothing is recorded there. Restore a copy, or let an administrator find out who changed them"
    )]
    Altered(String),
    /// There is no journal to check.
    #[error("there is no history in the data folder {}", .0.display())]
    NoJournal(PathBuf),
    /// Other users can write in the data folder.
    #[error(
        "other users can write in the data folder {folder}, and so replace the history: take that right away, for example with chmod go-w {folder}",
        folder = .0.display()
    )]
    FolderOfOthers(PathBuf),
    /// The file is a database of some other program.
    #[error(
        "the file journal.sqlite3 in the data folder belongs to another program; choose another data folder"
    )]
    Foreign,
    /// No room.
    #[error("the disk is full: free some space; what is recorded already is safe")]
    Full,
    /// The key cannot be read, made or used.
    #[error("the key that signs the record cannot be used: {0}")]
    Key(String),
    /// The key is in a keychain, and cannot be had.
    #[error(
        "the record can be read, and nothing can be recorded: the key that signs it cannot be had. {0} Once the keychain can be used again, csrdesk record-key --to file moves the key to a file; if it is lost for good, csrdesk record-key --new-key goes on with another one"
    )]
    KeyUnreachable(String),
    /// The record is open for reading, and something was to be recorded. A defect of the caller, see
    /// [`crate::Journal::open_to_read`].
    #[error("nothing was recorded: the record is open for reading, and its key was not read")]
    KeyNotAskedFor,
    /// A key that is not lost was to be replaced.
    #[error("the key that signs the record can be used; move it instead of replacing it")]
    KeyUsable,
    /// Another process gave the record another key while this one was running.
    #[error("the record is signed with another key since this program started; start it again")]
    KeyChanged,
    /// A decision that the person did not see stands in the entry.
    #[error("somebody decided about entry {0} in the meantime; read it again")]
    DecidedMeanwhile(u64),
    /// A person has to acknowledge what opening found.
    #[error("signing is blocked: {}", .0.first().map(domain::OpenFinding::says).unwrap_or_default())]
    NotAcknowledged(Vec<domain::OpenFinding>),
    /// The findings that were to be acknowledged are not the ones that are open now.
    #[error("the findings are not the ones that you saw; read them again")]
    OtherFindings,
    /// The file at the journal's path is not the one that this program has open, or it is another state of it.
    #[error("the history's file was changed while it was open; nothing more was written to it")]
    Replaced,
    /// SQLite read less than the index of its log says is there. To a caller it is [`Self::Replaced`].
    #[error("the history's file was changed while it was open; nothing more was written to it")]
    CutShort,
    /// The entry has another note or ticket than the one that was to be replaced.
    #[error("somebody changed the note or the ticket of entry {0} in the meantime; read it again")]
    NoteChanged(u64),
    /// Another process is writing, and went on longer than we wait.
    #[error("another program holds the record; wait until it has finished, then try again")]
    Locked,
    /// The file was written by a newer version of this program.
    #[error("the record is of format {0}, written by a newer version of CSR Desk; use that version")]
    Newer(i64),
    /// There is no such entry.
    #[error("the record has no entry {0}")]
    NoEntry(u64),
    /// What was to be recorded last is in the journal, and the disk may not have it.
    #[error("it is recorded, and a power failure can still remove it from the journal: {0}")]
    NotDurable(#[source] Box<Self>),
    /// An event that cannot follow what is recorded.
    #[error("entry {entry} cannot be continued: {why}")]
    OutOfOrder {
        /// The entry.
        entry: u64,
        /// Why not.
        why: &'static str,
    },
    /// The file or folder cannot be written.
    #[error(
        "the record cannot be written: its file or folder is read-only; correct the permissions of the data folder"
    )]
    ReadOnly,
    /// Something that has to be explained was not.
    #[error("a reason is missing: say in a few words why")]
    ReasonMissing,
    /// More than an event may hold.
    #[error("an event of {0} bytes is larger than any that is recorded")]
    TooLarge(usize),
    /// An event cannot be written as JSON.
    #[error("an event could not be written: {0}")]
    Unwritable(#[source] serde_json::Error),
}

impl JournalError {
    /// What the system's answer about a file in the data folder means.
    pub(crate) fn from_io(folder: &Path, error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Folder { folder: folder.to_owned(), error },
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        // The extended codes of <https://sqlite.org/rescode.html> that mean no room, though their primary code is
        // "I/O error": the shared memory or a temporary file could not grow.
        const NO_ROOM: [i32; 2] = [rusqlite::ffi::SQLITE_IOERR_SHMSIZE, rusqlite::ffi::SQLITE_IOERR_WRITE];
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Sqlite::DiskFull => Self::Full,
                Sqlite::SystemIoFailure if NO_ROOM.contains(&failure.extended_code) => Self::Full,
                // A fault of the disk has codes of its own. This one comes where the log is shorter than the index that the
                // programs share says: somebody cut or replaced a file while a program had it open.
                Sqlite::SystemIoFailure
                    if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ =>
                {
                    Self::CutShort
                }
                Sqlite::ReadOnly => Self::ReadOnly,
                Sqlite::DatabaseBusy | Sqlite::DatabaseLocked => Self::Locked,
                Sqlite::DatabaseCorrupt | Sqlite::NotADatabase => Self::Corrupted(error.to_string()),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlites_answers_have_words() {
        let of =
            |code| JournalError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        assert!(matches!(of(rusqlite::ffi::SQLITE_FULL), JournalError::Full));
        assert!(matches!(of(rusqlite::ffi::SQLITE_IOERR_SHMSIZE), JournalError::Full));
        assert!(matches!(of(rusqlite::ffi::SQLITE_READONLY_DIRECTORY), JournalError::ReadOnly));
        assert!(matches!(of(rusqlite::ffi::SQLITE_BUSY_SNAPSHOT), JournalError::Locked));
        assert!(matches!(of(rusqlite::ffi::SQLITE_CORRUPT_INDEX), JournalError::Corrupted(_)));
        assert!(matches!(of(rusqlite::ffi::SQLITE_NOTADB), JournalError::Corrupted(_)));
        assert!(matches!(of(rusqlite::ffi::SQLITE_MISUSE), JournalError::Database(_)));
        assert!(matches!(of(rusqlite::ffi::SQLITE_IOERR_SHORT_READ), JournalError::CutShort));
        for fault in [rusqlite::ffi::SQLITE_IOERR_READ, rusqlite::ffi::SQLITE_IOERR_FSYNC] {
            assert!(of(fault).to_string().contains("disk I/O error"), "{}", of(fault));
        }
    }
}
