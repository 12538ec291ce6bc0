//! The tables, and the checks that a file is ours and of a version that we know.

use rusqlite::{Connection, TransactionBehavior};

use crate::JournalError;

/// Marks the file as a CSR Desk record ("CSRd").
const APPLICATION_ID: i64 = 0x4353_5264;
/// The version of the tables below.
const VERSION: i64 = 1;

/// Append-only: nothing that was recorded can be changed or removed through SQLite's own statements.
const TABLES: &str = "
    CREATE TABLE intent (
        entry     INTEGER PRIMARY KEY AUTOINCREMENT,
        intent_id TEXT    NOT NULL UNIQUE,
        at        INTEGER NOT NULL, -- milliseconds since 1970-01-01T00:00:00Z
        server    TEXT    NOT NULL,
        csr_id    TEXT    NOT NULL,
        request   TEXT    NOT NULL  -- JSON
    ) STRICT;
    CREATE INDEX intent_by_csr ON intent (server, csr_id);
    CREATE TABLE ending (
        entry   INTEGER PRIMARY KEY REFERENCES intent (entry),
        at      INTEGER NOT NULL,
        outcome TEXT    NOT NULL,
        body    TEXT    NOT NULL    -- JSON
    ) STRICT;
    CREATE TRIGGER intent_stays BEFORE UPDATE ON intent BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER intent_kept BEFORE DELETE ON intent BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER ending_stays BEFORE UPDATE ON ending BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER ending_kept BEFORE DELETE ON ending BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
";

/// Sets durability and makes the tables in a new file.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), JournalError> {
    // FULL: a commit returns when the write-ahead log is on the disk, which is what "recorded" means here.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if version(connection)? == Some(VERSION) {
        return Ok(());
    }
    // Immediate, and looked at again inside: another process may be making the tables at this moment.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match version(&transaction)? {
        Some(VERSION) => return Ok(()),
        Some(newer) => return Err(JournalError::Newer(newer)),
        None => {}
    }
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// The version of our tables in the file; none when it is new.
fn version(connection: &Connection) -> Result<Option<i64>, JournalError> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version) => Ok(Some(version)),
        _ => {
            let objects: i64 =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            if objects == 0 { Ok(None) } else { Err(JournalError::Foreign) }
        }
    }
}
