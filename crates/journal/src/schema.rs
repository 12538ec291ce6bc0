//! The tables, and the checks that a file is ours and of a version that we know.
//!
//! Owns the file's form in SQLite. Refuses to own what is in it. Looks before it touches: a file of another program or
//! of a newer version is not changed, not even its journal mode.

mod compare;

use rusqlite::{Connection, OptionalExtension};

use crate::gates::{CSR_ID, INTENT_ID};
use crate::{JournalError, wal};

pub(crate) use compare::altered;

/// Marks the file as a CSR Desk record ("CSRd").
const APPLICATION_ID: i64 = 0x4353_5264;
/// The version of the tables below.
pub(crate) const VERSION: i64 = 3;
/// The oldest version that has a chain of events. A journal of it can be read as it is; the first program that has the key
/// makes it one of [`VERSION`].
pub(crate) const OLDEST_CHAIN: i64 = 2;

/// The truth. Append-only: nothing that was recorded can be changed, removed or written over through SQLite's own
/// statements. What goes around SQLite is found by the chain.
const EVENTS: &str = "
    CREATE TABLE event (
        seq       INTEGER PRIMARY KEY, -- 1, 2, 3, … without a hole
        kind      TEXT    NOT NULL,
        entry     INTEGER NOT NULL,    -- the signing it belongs to; 0 for none
        at        INTEGER NOT NULL,    -- milliseconds since 1970-01-01T00:00:00Z
        body      TEXT    NOT NULL,    -- canonical JSON
        hash      BLOB    NOT NULL,
        signature BLOB    NOT NULL,
        origin    TEXT    NOT NULL DEFAULT '', -- canonical JSON; empty in events of version 2
        author    TEXT    NOT NULL DEFAULT ''  -- reserved; empty
    ) STRICT;
    CREATE INDEX event_by_entry ON event (entry, seq) WHERE entry > 0;
    CREATE INDEX event_of_key ON event (seq) WHERE kind IN ('opened', 'key_changed');
    CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER event_follows BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE seq >= NEW.seq)
        BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
";

/// What version 3 adds to the table of a journal of version 2.
const ORIGIN: &str = "
    ALTER TABLE event ADD COLUMN origin TEXT NOT NULL DEFAULT '';
    ALTER TABLE event ADD COLUMN author TEXT NOT NULL DEFAULT '';
";

/// A program of version 2 that had the journal open when it became one of version 3 knows no origin: its events would break
/// the chain.
const ONLY_VERSION_3: &str = "
    CREATE TRIGGER IF NOT EXISTS event_of_version BEFORE INSERT ON event WHEN NEW.origin = ''
        BEGIN SELECT raise(ABORT, 'the record is of a newer version'); END;
";

/// What finds events without going through all. Versions before these were added made journals without them.
fn event_indexes() -> String {
    format!(
        "CREATE INDEX IF NOT EXISTS event_of_finding ON event (seq) WHERE kind IN ('gap', 'acknowledged');
         CREATE INDEX IF NOT EXISTS event_of_decision ON event (seq) WHERE kind = 'decision';
         CREATE INDEX IF NOT EXISTS event_of_intent ON event ({INTENT_ID}) WHERE kind = 'intent';
         CREATE INDEX IF NOT EXISTS event_of_csr ON event ({CSR_ID}, entry) WHERE kind = 'intent';"
    )
}

/// What is listed and searched. Made from the events, in the same transaction, and made anew when it is damaged.
///
/// One index for each order of a listing. Each has one column, so that it also yields the order of the entries.
const LISTING: &str = "
    CREATE TABLE signing (
        entry     INTEGER PRIMARY KEY,
        intent_id TEXT    NOT NULL UNIQUE,
        at        INTEGER NOT NULL,
        csr_id    INTEGER NOT NULL,
        server    TEXT    NOT NULL,
        issuer    TEXT    NOT NULL, -- serial number and common name; empty for none
        outcome   TEXT    NOT NULL, -- the one that holds now
        code      TEXT    NOT NULL,
        search    TEXT    NOT NULL  -- lower case
    ) STRICT;
    CREATE INDEX signing_by_csr ON signing (csr_id);
    CREATE INDEX signing_by_server ON signing (server);
    CREATE INDEX signing_by_outcome ON signing (outcome);
    CREATE INDEX signing_by_time ON signing (at);
    CREATE TABLE signing_serial (
        number TEXT    NOT NULL, -- hexadecimal or decimal, without leading zeros
        entry  INTEGER NOT NULL,
        PRIMARY KEY (number, entry)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX signing_serial_of ON signing_serial (entry);
";

/// What words are looked up in, see [`crate::words`]. Of no entry the text itself: that is in `signing`.
const WORDS: &str = "
    CREATE VIRTUAL TABLE signing_words USING fts5 (
        search, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    );
    CREATE TABLE signing_waiting (entry INTEGER PRIMARY KEY) STRICT;
";

/// What a file is, as far as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// There is nothing in it.
    Empty,
    /// Ours, of this version or an older one that we know.
    Ours(i64),
}

/// Looks at a file without changing it.
pub(crate) fn kind(connection: &Connection) -> Result<Kind, JournalError> {
    // One state of the file: another process may be making the tables at this moment.
    let snapshot = connection.unchecked_transaction()?;
    let number = |name: &str| snapshot.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version @ 1..=VERSION) => Ok(Kind::Ours(version)),
        (APPLICATION_ID, version) if version > VERSION => Err(JournalError::Newer(version)),
        (0, _) if is_empty(&snapshot)? => Ok(Kind::Empty),
        _ => Err(JournalError::Foreign),
    }
}

/// The version that the header names.
pub(crate) fn version(connection: &Connection) -> Result<i64, JournalError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn is_empty(connection: &Connection) -> Result<bool, JournalError> {
    Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))? == 0)
}

/// Sets durability. Only for a file that is ours or empty.
pub(crate) fn set_durable(connection: &Connection) -> Result<(), JournalError> {
    // FULL: a commit returns when the write-ahead log is on the disk, which is what "recorded" means here.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    wal::keep(connection)
}

/// Makes the table of events in an empty file.
pub(crate) fn make_events(connection: &Connection) -> Result<(), JournalError> {
    connection.execute_batch(EVENTS)?;
    make_event_indexes(connection)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    end_version_2(connection)
}

/// Adds the columns of version 3 where they are missing. Within a transaction that also calls [`end_version_2`].
pub(crate) fn add_origin(connection: &Connection) -> Result<(), JournalError> {
    if !has_origin(connection)? {
        connection.execute_batch(ORIGIN)?;
    }
    Ok(())
}

/// From here on, only events of version 3 can be added, and no program of version 2 opens the file.
pub(crate) fn end_version_2(connection: &Connection) -> Result<(), JournalError> {
    connection.execute_batch(ONLY_VERSION_3)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// The column with the origin of an event, or what stands for it in a file of version 2.
pub(crate) fn origin_column(connection: &Connection) -> Result<&'static str, JournalError> {
    Ok(if has_origin(connection)? { "origin" } else { "''" })
}

/// Whether the table of events has the columns of version 3. In a transaction, the answer holds until its end.
pub(crate) fn has_origin(connection: &Connection) -> Result<bool, JournalError> {
    match connection.prepare_cached("SELECT origin, author FROM event LIMIT 0") {
        // To run it begins to read, so that what is asked next is of the same state of the file.
        Ok(mut statement) => statement.exists([]).map(|_| true).map_err(JournalError::from),
        // There is no such column.
        Err(rusqlite::Error::SqlInputError { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes the indexes of events that are missing.
pub(crate) fn make_event_indexes(connection: &Connection) -> Result<(), JournalError> {
    connection.execute_batch(&event_indexes())?;
    Ok(())
}

/// Makes the tables of the listing, over what is left of them.
pub(crate) fn make_listing(connection: &Connection) -> Result<(), JournalError> {
    connection.execute_batch("DROP TABLE IF EXISTS signing; DROP TABLE IF EXISTS signing_serial;")?;
    connection.execute_batch(LISTING)?;
    make_words(connection)
}

/// Makes the index of words, over what is left of it.
pub(crate) fn make_words(connection: &Connection) -> Result<(), JournalError> {
    connection.execute_batch("DROP TABLE IF EXISTS signing_words; DROP TABLE IF EXISTS signing_waiting;")?;
    connection.execute_batch(WORDS)?;
    Ok(())
}

/// Whether the tables are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) events: bool,
    pub(crate) event_indexes: bool,
    pub(crate) listing: bool,
    pub(crate) words: bool,
}

pub(crate) fn present(connection: &Connection) -> Result<Present, JournalError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = ?1")?;
    let mut has = |name: &str| statement.query_row([name], |_| Ok(())).optional().map(|it| it.is_some());
    Ok(Present {
        events: has("event")?,
        event_indexes: has("event_of_finding")?
            && has("event_of_decision")?
            && has("event_of_intent")?
            && has("event_of_csr")?,
        listing: has("signing")? && has("signing_serial")?,
        words: has("signing_words")? && has("signing_waiting")?,
    })
}
