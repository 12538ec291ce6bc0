//! The thorough check: every event, the head, and the list made from the events.
//!
//! Owns what is compared with what. Refuses to mend anything, and to write: evidence stays as it was found. It reads one
//! state of the file, so that signings may go on meanwhile.

use std::path::Path;

use domain::{Bad, HeadState, Listing, Remark, Verification, Why};
use rusqlite::Connection;

use crate::canonical::hex;
use crate::chain::{self, Raw};
use crate::head::{self, HeadFile};
use crate::read_only::open_to_read;
use crate::schema::{self, Kind};
use crate::signing::shown;
use crate::walk::Walk;
use crate::{Journal, JournalError, history, key, listing};

/// How many events pass between two calls of a progress callback.
const PROGRESS_STEP: u64 = 1_000;

impl Journal {
    /// Checks the whole record. `progress` is told how many events were checked so far.
    ///
    /// # Errors
    /// The file cannot be read at all. What is wrong inside it is the answer, not an error.
    pub fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification, JournalError> {
        let connection = self.new_reader()?;
        verify(&self.folder, &connection, self.public_key.as_ref(), progress)
    }
}

/// Checks the record in a folder without opening it for writing, so that nothing there is changed. `own_key` is the
/// public key it should be signed with, in place of the key file's.
///
/// # Errors
/// There is no record, it is not ours or of a newer version, or it cannot be read at all.
pub fn verify_folder(
    folder: &Path,
    own_key: Option<&[u8; 32]>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verification, JournalError> {
    use crate::key::HeadKey;
    let connection = open_to_read(folder)?;
    match schema::kind(&connection)? {
        Kind::Ours(schema::OLDEST_CHAIN..) => {}
        // An older format has no chain that could be checked, an empty file not even that.
        Kind::Ours(_) | Kind::Empty => {
            return Err(JournalError::Corrupted("it holds no chain of events".to_owned()));
        }
    }
    history::set_up_reader(&connection)?;
    let file = key::read_file(folder).ok().flatten().map(|it| it.public_key());
    verify(folder, &connection, own_key.or(file.as_ref()), progress)
}

fn verify(
    folder: &Path,
    connection: &Connection,
    own_key: Option<&[u8; 32]>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verification, JournalError> {
    // The head before the record: what is appended in between makes it older, never newer.
    let file = head::read(folder);
    let snapshot = connection.unchecked_transaction()?;
    let mut walk = Walk::new();
    walk_all(&snapshot, &mut walk, progress)?;
    let mut found = Verification {
        events: walk.events,
        entries: walk.entries,
        first_bad: None,
        head: HeadState::Missing,
        listing: Listing::NotCompared,
        public_key: walk.keys.last().map(|it| hex(it)).unwrap_or_default(),
        notes: walk.remarks(),
    };
    if walk.bad.is_some() {
        // The walk ended early: how much there is says the file.
        let count = |which: &str| -> u64 {
            let sql = format!("SELECT count(*) FROM event {which}");
            snapshot.query_row(&sql, [], |row| row.get(0)).map_or(0, shown)
        };
        found.events = found.events.max(count(""));
        found.entries = found.entries.max(count("WHERE kind = 'intent'"));
    }
    let (head, head_is_bad) = compare_head(&snapshot, &walk, &file, own_key)?;
    found.head = head;
    found.first_bad = [walk.bad.take(), head_is_bad].into_iter().flatten().min_by_key(|it| it.seq);
    found.notes.extend(whose_key(&walk, own_key));
    found.notes.extend(other_format(&snapshot, &walk)?);
    // Lookups go through indexes, which are no part of the chain: one that lacks an entry hides it, from the gates as well.
    found.listing = match indexes_agree(&snapshot).then(|| listing::first_difference(&snapshot)) {
        None => Listing::IndexesDiffer,
        Some(Ok(None)) => Listing::Sound,
        Some(Ok(Some(entry))) => Listing::Differs { entry: shown(entry) },
        // With a damaged chain the list is not what matters.
        Some(Err(_)) if found.first_bad.is_some() => Listing::NotCompared,
        Some(Err(_)) => Listing::Unreadable,
    };
    let altered = schema::altered(&snapshot)?;
    // Nothing in it can be relied on, whatever its rows say now.
    if altered.lists.is_some() && found.listing == Listing::Sound {
        found.listing = Listing::Differs { entry: 1 };
    }
    // An event that does not hold is the better answer: it names the place.
    match altered.events {
        Some(what) if found.first_bad.is_none() => Err(JournalError::Altered(what)),
        _ => Ok(found),
    }
}

/// Whether SQLite finds each row of the events and the lists through each of their indexes, and nothing else. What the index
/// of words names is compared with the texts, see [`crate::words`].
fn indexes_agree(connection: &Connection) -> bool {
    ["event", "signing", "signing_serial"].iter().all(|table| {
        let sql = format!("PRAGMA integrity_check({table})");
        // A table that is not there is found by the comparison of the list.
        connection.query_row(&sql, [], |row| row.get::<_, String>(0)).map_or(true, |it| it == "ok")
    })
}

fn walk_all(
    connection: &Connection,
    walk: &mut Walk,
    progress: &mut dyn FnMut(u64),
) -> Result<(), JournalError> {
    let sql = Raw::select(connection, "ORDER BY seq")?;
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    loop {
        let raw = match rows.next().and_then(|row| row.map(Raw::of).transpose()) {
            Ok(Some(raw)) => raw,
            Ok(None) => break,
            Err(error) => match JournalError::from(error) {
                JournalError::Locked => return Err(JournalError::Locked),
                // A damaged page, or a value of a kind that the table does not allow.
                _ => {
                    walk.stop(walk.end().seq + 1, 0, Why::Unreadable);
                    return Ok(());
                }
            },
        };
        if !walk.step(&raw) {
            return Ok(());
        }
        if walk.events.is_multiple_of(PROGRESS_STEP) {
            progress(walk.events);
        }
    }
    walk.finish();
    progress(walk.events);
    Ok(())
}

fn compare_head(
    connection: &Connection,
    walk: &Walk,
    file: &HeadFile,
    own_key: Option<&[u8; 32]>,
) -> Result<(HeadState, Option<Bad>), JournalError> {
    let mut keys = walk.keys.clone();
    keys.extend(own_key);
    let Some(head) = file.latest(&keys) else {
        let state = match file {
            HeadFile::Missing if walk.events <= 1 => HeadState::NotYet,
            HeadFile::Missing => HeadState::Missing,
            HeadFile::Unreadable | HeadFile::Lines(_) => HeadState::Unreadable,
        };
        return Ok((state, None));
    };
    let end: Option<i64> = connection.query_row("SELECT max(seq) FROM event", [], |row| row.get(0))?;
    let end = end.unwrap_or(0);
    let bad = |seq: i64, why| Some(Bad { seq: shown(seq), entry: None, why });
    if head.seq > end {
        return Ok((HeadState::Contradicts, bad(end + 1, Why::Truncated)));
    }
    if chain::hash_of(connection, head.seq)? != head.hash() {
        return Ok((HeadState::Contradicts, bad(head.seq, Why::Rewritten)));
    }
    Ok((
        if head.seq == end { HeadState::Matches } else { HeadState::Older { by: shown(end - head.seq) } },
        None,
    ))
}

/// The header of the database is no part of the chain: it must not say that the events are of another version.
fn other_format(connection: &Connection, walk: &Walk) -> Result<Option<Remark>, JournalError> {
    let named = schema::version(connection)?;
    let differs = named != walk.format() && walk.bad.is_none();
    Ok(differs.then_some(Remark::FormatDiffers { named }))
}

fn whose_key(walk: &Walk, own_key: Option<&[u8; 32]>) -> Option<Remark> {
    match (own_key, walk.keys.last()) {
        (None, _) => Some(Remark::KeyNotAtHand),
        (Some(own), Some(last)) if own != last => Some(Remark::OtherKey),
        _ => None,
    }
}
