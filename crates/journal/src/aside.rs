//! Setting a record aside that can no longer be used.
//!
//! Owns the names it gets. Refuses to own when that is to be done, but for a person's decision; and never deletes anything.

use std::path::{Path, PathBuf};

use domain::Timestamp;

use crate::head::{self, HeadFile, HeadText};
use crate::{FILE_NAME, HEAD_FILE_NAME, Journal, JournalError, folder};

/// Renames the record and what belongs to it. Gives its new place, and its last head as evidence for the next record.
///
/// The key stays: it is not damaged, and signs the next record too.
pub(crate) fn rename(folder: &Path, at: Timestamp) -> Result<(PathBuf, Option<HeadText>), JournalError> {
    let io = |error| JournalError::from_io(folder, error);
    let head = match head::read(folder) {
        HeadFile::Lines(lines) => lines.into_iter().max_by_key(|it| it.seq),
        HeadFile::Missing | HeadFile::Unreadable => None,
    };
    let date = at.date();
    let names = (1..).map(|count| match count {
        1 => format!("journal-corrupt-{date}.sqlite3"),
        _ => format!("journal-corrupt-{date}-{count}.sqlite3"),
    });
    let mut paths = names.map(|name| folder.join(name));
    let path = paths.find(|it| !it.exists()).unwrap_or_else(|| folder.join("journal-corrupt.sqlite3"));
    let with = |path: &Path, ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    let file = folder.join(FILE_NAME);
    // The write-ahead log first: left behind, it would be taken for the next record's.
    for ending in ["-wal", "-shm"] {
        move_if_there(&with(&file, ending), &with(&path, ending)).map_err(io)?;
    }
    move_if_there(&folder.join(HEAD_FILE_NAME), &with(&path, ".head")).map_err(io)?;
    move_if_there(&file, &path).map_err(io)?;
    Ok((path, head))
}

fn move_if_there(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl Journal {
    /// Sets a record aside that can no longer be read or written, so that the next [`Journal::open`] begins a new one.
    /// For a person's decision: damage in the middle of a file is not seen when it is opened. No other program may have
    /// the record open. Gives its new place.
    ///
    /// # Errors
    /// The files cannot be renamed.
    pub fn set_aside(folder: &Path, at: Timestamp) -> Result<PathBuf, JournalError> {
        let lock = folder::lock(folder)?;
        let (path, _) = rename(folder, at)?;
        drop(lock);
        Ok(path)
    }
}
