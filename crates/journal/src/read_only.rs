//! Reading a record that cannot be written: a backup that is mounted read-only, a share, another user's folder.
//!
//! Owns how SQLite is brought to read such a file. In write-ahead mode it wants to write shared memory beside the file,
//! even to read. Refuses to change anything there, and to copy: a record may be larger than the space that is left.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::head;
use crate::keep::NoKey;
use crate::key::HeadKey;
use crate::looked::Looked;
use crate::open::{BUSY_TIMEOUT, Opened};
use crate::schema::{self, Kind};
use crate::wal::{self, Wal};
use crate::{FILE_NAME, Journal, JournalError, chain, folder, key};

/// Opens a record for reading alone, after opening it for writing failed with `why`.
///
/// # Errors
/// That it may not be read; otherwise `why`, when it cannot be read either, or of a version without a chain.
pub(crate) fn open(folder: &Path, why: JournalError) -> Result<Opened, JournalError> {
    let connection = match open_to_read(folder) {
        Ok(connection) => connection,
        // Permission to write is not what is missing: another user's folder, for example.
        Err(error @ JournalError::File { .. }) => return Err(error),
        Err(_) => return Err(why),
    };
    if !matches!(schema::kind(&connection), Ok(Kind::Ours(schema::OLDEST_CHAIN..))) {
        return Err(why);
    }
    let present = schema::present(&connection)?;
    // An older list, or none: making it anew takes writing.
    if !(present.events && present.listing) {
        return Err(why);
    }
    // Making them again takes writing, too, and what an altered list says is not the events' word.
    if let Some(what) = schema::altered(&connection)?.lists {
        return Err(JournalError::Altered(what));
    }
    // Nothing is signed here; the key of the folder, or else the record's own word, tells whose it is.
    let own = key::read_file(folder).ok().flatten().map(|it| it.public_key());
    let Some(public) = own.or(chain::keys(&connection)?.last().copied()) else { return Err(why) };
    let key = NoKey { why: why.to_string(), public };
    let looked = Looked::at(&connection, Some(public), &head::read(folder))?;
    let gap = looked.gap_as_bad();
    let journal = Journal::to_read(folder, connection, Box::new(key))?;
    Ok(Opened {
        journal,
        set_aside: None,
        found: looked.bad.or(gap),
        not_in_keychain: None,
        lists_altered: None,
    })
}

/// A connection that reads the record and changes nothing in its folder that is not SQLite's own.
pub(crate) fn open_to_read(folder: &Path) -> Result<Connection, JournalError> {
    let path = folder.join(FILE_NAME);
    // "Unable to open" has no reason in SQLite; the system has one. It is never about writing.
    folder::may_be_read(folder, folder::TO_READ)?;
    if let Err(error) = File::open(&path) {
        return Err(match error.kind() {
            ErrorKind::NotFound => JournalError::NoJournal(folder.to_owned()),
            _ => JournalError::File { path, error },
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let plain = Connection::open_with_flags(&path, flags)?;
    plain.busy_timeout(BUSY_TIMEOUT)?;
    match schema::kind(&plain) {
        Err(JournalError::Database(_) | JournalError::ReadOnly) => {}
        _ => return Ok(plain),
    }
    drop(plain);
    let uri: String = path.display().to_string().bytes().map(escaped).collect();
    let open = |options: &str| {
        Connection::open_with_flags(format!("file:{uri}?{options}"), flags | OpenFlags::SQLITE_OPEN_URI)
    };
    // No program can write there, so none does: the file may be read as it lies, where no log goes beyond it.
    if wal::state(folder) == Wal::Empty {
        return Ok(open("immutable=1")?);
    }
    // With a log, its index is built in this program's memory. That takes a file without locks, which nobody needs here.
    let alone = open(if cfg!(unix) { "mode=ro&vfs=unix-none" } else { "mode=ro&vfs=win32-none" })?;
    alone.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(alone)
}

/// A byte of a path within a URI.
fn escaped(byte: u8) -> String {
    match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    }
}
