//! Why the record cannot be used, in words that say what to do.

use std::path::PathBuf;

/// A record that cannot be used. Its meaning for a signing is always: nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// An entry's content cannot be read back.
    #[error("entry {0} of the record is damaged")]
    Damaged(u64),
    /// SQLite says no: full disk, read-only, locked by another program, corrupted.
    #[error("the record cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// The data folder cannot be made.
    #[error("the data folder {} cannot be made: {error}", folder.display())]
    Folder {
        /// Where it should be.
        folder: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// The file is a database of some other program.
    #[error(
        "the file journal.sqlite3 in the data folder belongs to another program; choose another data folder"
    )]
    Foreign,
    /// The file was written by a newer version of this program.
    #[error("the record is of format {0}, written by a newer version of CSR Desk; use that version")]
    Newer(i64),
    /// An entry cannot be written as JSON.
    #[error("an entry could not be written: {0}")]
    Unwritable(#[source] serde_json::Error),
}
