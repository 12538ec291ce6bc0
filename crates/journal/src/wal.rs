//! The write-ahead log beside the record: kept from one program to the next, and emptied by the last one.
//!
//! Owns the file `journal.sqlite3-wal` where SQLite leaves it alone, and what SQLite does not make durable: the names of
//! the journal's files, and the last outcome of a program. SQLite would delete the log when the last program
//! closes the record, and the next one would make it anew: three waits for the disk's own lists of files. Instead the file
//! stays, with a first block that says that nothing is in it. Then `journal.sqlite3` alone is the whole record, and a
//! backup that is put back in its place meets no log of a later state.
//! The format is <https://sqlite.org/fileformat2.html>, section 4.1.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, FileControl, TransactionBehavior};

use crate::{FILE_NAME, JournalError, key};

/// The bytes of the log's header.
const HEADER: usize = 32;
/// How a log begins that has something in it; the last bit tells the byte order of its checksums.
const MAGIC: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];
/// A log that grew larger than this, in bytes, is cut when the record is closed: a migration writes much at once.
const KEPT_SIZE: u64 = 8 * 1024 * 1024;

/// What the log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wal {
    /// Nothing, or there is no log.
    Empty,
    /// Perhaps something that the record's file does not have.
    InUse,
}

/// Where the log is.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(format!("{FILE_NAME}-wal"))
}

/// Where the log's index is, which all programs share.
pub(crate) fn index_path(folder: &Path) -> PathBuf {
    folder.join(format!("{FILE_NAME}-shm"))
}

/// Looks at the log.
pub(crate) fn state(folder: &Path) -> Wal {
    let mut magic = [0; 4];
    match File::open(path(folder)).and_then(|mut it| it.read_exact(&mut magic)) {
        Ok(()) if MAGIC.contains(&magic) => Wal::InUse,
        Ok(()) => Wal::Empty,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => Wal::Empty,
        Err(_) => Wal::InUse,
    }
}

/// Makes the log one that stays when the record is closed.
pub(crate) fn keep(connection: &Connection) -> Result<(), JournalError> {
    let mut on = 1;
    connection.file_control(None::<&str>, FileControl::PersistWal(&mut on))?;
    Ok(())
}

/// Closes a connection without copying the log. SQLite would copy it also where the files were replaced meanwhile: pages of
/// one state over the file of another one.
pub(crate) fn copy_nothing_at_close(connection: &Connection) -> Result<(), JournalError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// Makes the names of the journal's files durable when the log was just made, by this program or by another one: before
/// anything is written into it. SQLite itself would wait for the folder in every run; the build turns that off
/// (`SQLITE_DISABLE_DIRSYNC` in .cargo/config.toml). A connection must be open that has read: then the log is there.
pub(crate) fn make_name_durable(folder: &Path) {
    if std::fs::metadata(path(folder)).is_ok_and(|it| it.len() > 0) {
        return;
    }
    sync_names(folder);
}

/// Makes the names of all files in the folder durable.
pub(crate) fn sync_names(folder: &Path) {
    #[cfg(test)]
    NAMES_SYNCED.with_borrow_mut(|it| it.push(std::fs::metadata(path(folder)).map_or(0, |log| log.len())));
    // As SQLite does: there are file systems that cannot sync a folder, and the journal must work there too.
    let _ = key::sync(folder);
}

#[cfg(test)]
std::thread_local! {
    /// How long the log was, in bytes, at each sync of the names by this thread.
    pub(crate) static NAMES_SYNCED: std::cell::RefCell<Vec<u64>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Makes what was committed durable by copying the log, see [`empty`]; or by waiting for the log where it cannot be
/// copied now.
///
/// # Errors
/// It is not durable.
pub(crate) fn make_durable(connection: &mut Connection, folder: &Path) -> Result<(), JournalError> {
    let waits = connection.query_row("PRAGMA busy_timeout", [], |row| row.get::<_, u32>(0))?;
    let emptied = empty(connection, folder);
    connection.busy_timeout(std::time::Duration::from_millis(waits.into()))?;
    // An empty log: its content was copied and synced before, in `empty` or by another program.
    if emptied.is_ok() && state(folder) == Wal::Empty {
        return Ok(());
    }
    // SQLite holds no locks on the log itself, so another handle on it does no harm.
    let log = OpenOptions::new().write(true).open(path(folder));
    log.and_then(|it| it.sync_data()).map_err(|error| JournalError::from_io(folder, error))
}

/// Copies the log into the record's file and empties it. Where another program is reading, it does less: that program
/// does it when it closes the record.
///
/// # Errors
/// The record cannot be written. Nothing is lost by that: the next program finds the log as it is.
pub(crate) fn empty(connection: &mut Connection, folder: &Path) -> Result<(), JournalError> {
    if state(folder) == Wal::Empty {
        return Ok(());
    }
    // What the file is to have must be on the disk before the log says that nothing is in it.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::ZERO)?;
    let version = |it: &Connection| it.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
    let before = version(connection)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0))?;
    if busy != 0 {
        return Ok(());
    }
    // With the right to write, and nothing written by others since: the log has no content that counts.
    let alone = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&alone)? != before {
        return Ok(());
    }
    let unusable = |error| JournalError::from_io(folder, error);
    let mut log = match OpenOptions::new().write(true).open(path(folder)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(unusable)?,
    };
    let size = log.metadata().map_err(unusable)?.len();
    if size > KEPT_SIZE {
        log.set_len(0).map_err(unusable)?;
    } else if size > 0 {
        log.write_all(&[0; HEADER]).map_err(unusable)?;
    }
    drop(alone);
    Ok(())
}
