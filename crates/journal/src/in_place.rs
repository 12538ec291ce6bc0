//! Whether the files that a program has open are still the ones in the data folder.
//!
//! Owns the comparison of a file by its device and number, not by its name. Refuses to own what follows: an event that is
//! written into a file that was deleted or replaced is in no journal, so nothing may be recorded or sent.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::head::{self, HeadFile};
use crate::{FILE_NAME, JournalError, chain, locked, wal};

/// What tells a file apart from another one of the same name: device and file number on Unix.
#[cfg(unix)]
type Identity = (u64, u64);

/// Windows does not let a file be deleted or replaced that SQLite has open.
#[cfg(not(unix))]
type Identity = ();

/// The journal's file, its log and the log's index, as they were when they were opened, or first written to.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilesInPlace(Arc<Mutex<Files>>);

#[derive(Debug, Default)]
struct Files {
    database: Option<Identity>,
    log: Option<Identity>,
    index: Option<Identity>,
    /// SQLite found that their content was changed by another program than SQLite.
    changed: bool,
}

impl FilesInPlace {
    /// The files that are there now, just after SQLite opened them.
    pub(crate) fn of(folder: &Path) -> Self {
        let files = Files {
            database: identity(&folder.join(FILE_NAME)),
            log: identity(&wal::path(folder)),
            index: identity(&wal::index_path(folder)),
            changed: false,
        };
        Self(Arc::new(Mutex::new(files)))
    }

    /// Compares the files with the ones that were opened. To be called with the journal's write lock: then SQLite has the log
    /// and its index open too, which it may have made after the file.
    ///
    /// # Errors
    /// [`JournalError::Replaced`].
    pub(crate) fn check(&self, folder: &Path) -> Result<(), JournalError> {
        let mut files = locked(&self.0);
        if files.changed {
            return Err(JournalError::Replaced);
        }
        same(&mut files.database, &folder.join(FILE_NAME))?;
        same(&mut files.log, &wal::path(folder))?;
        same(&mut files.index, &wal::index_path(folder))
    }

    /// Whether the files that were opened are still there. Waits for no other program and no writer.
    pub(crate) fn holds(&self, folder: &Path) -> bool {
        let files = locked(&self.0);
        let gone = |first: Option<Identity>, path: &Path| first.is_some() && identity(path) != first;
        !files.changed
            && !gone(files.database, &folder.join(FILE_NAME))
            && !gone(files.log, &wal::path(folder))
            && !gone(files.index, &wal::index_path(folder))
    }

    /// Whether the journal's file is the one that was opened, and the files as a whole are not.
    pub(crate) fn is_changed_in_place(&self, folder: &Path) -> bool {
        let database = locked(&self.0).database;
        database == identity(&folder.join(FILE_NAME)) && !self.holds(folder)
    }

    /// What SQLite's answer about these files means. Bytes that belong to another state look damaged, or the log is shorter
    /// than its index says: not a fault of the disk, where the files were changed.
    pub(crate) fn explain(&self, folder: &Path, error: JournalError) -> JournalError {
        match error {
            JournalError::CutShort => locked(&self.0).changed = true,
            JournalError::Corrupted(_) | JournalError::Database(_) if !self.holds(folder) => {}
            error => return error,
        }
        JournalError::Replaced
    }
}

fn same(first: &mut Option<Identity>, path: &Path) -> Result<(), JournalError> {
    let now = identity(path);
    match (&first, now) {
        (Some(first), now) if Some(*first) != now => Err(JournalError::Replaced),
        (Some(_), _) => Ok(()),
        (None, None) => Err(JournalError::Replaced),
        (None, now) => {
            *first = now;
            Ok(())
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|it| (it.dev(), it.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some(())
}

/// Compares the head file with the chain, as far as a line of it is signed: a head that names an event that is not there,
/// or not with this hash, proves that the journal's file is an older or another one. A head that is behind, missing or
/// unreadable proves nothing, and the next one is written over it.
///
/// # Errors
/// [`JournalError::Replaced`].
pub(crate) fn head_fits(
    connection: &rusqlite::Connection,
    folder: &Path,
    own_key: Option<[u8; 32]>,
) -> Result<(), JournalError> {
    match names(connection, folder, own_key)? {
        Some(false) => Err(JournalError::Replaced),
        _ => Ok(()),
    }
}

/// Makes sure that the head file names an event of the chain: to be called with the write lock, after the head was written.
///
/// # Errors
/// [`JournalError::Replaced`]: it names an event of another chain, or none.
pub(crate) fn head_names(
    connection: &rusqlite::Connection,
    folder: &Path,
    own_key: Option<[u8; 32]>,
) -> Result<(), JournalError> {
    match names(connection, folder, own_key)? {
        Some(true) => Ok(()),
        _ => Err(JournalError::Replaced),
    }
}

/// Whether the head file names an event of the chain; none when no line of it is signed.
fn names(
    connection: &rusqlite::Connection,
    folder: &Path,
    own_key: Option<[u8; 32]>,
) -> Result<Option<bool>, JournalError> {
    let file = head::read(folder);
    let HeadFile::Lines(lines) = &file else { return Ok(None) };
    // The common case, without looking at a signature.
    if let Some(highest) = lines.iter().max_by_key(|it| it.seq)
        && chain::hash_of(connection, highest.seq)? == highest.hash()
    {
        return Ok(Some(true));
    }
    let mut keys = chain::keys(connection)?;
    keys.extend(own_key);
    match file.latest(&keys) {
        Some(head) => Ok(Some(chain::hash_of(connection, head.seq)? == head.hash())),
        None => Ok(None),
    }
}
