//! Taking over a record of format 1, which had no chain, and going on in version 3 with one of version 2.
//!
//! Owns these two steps. Refuses to drop anything: the old tables of format 1 stay in the file under other names, and entries
//! keep their numbers. Only now is everything signed, so what was changed before cannot be noticed any more; the event
//! `migrated` says where that begins and ends. Events of version 2 stay as they are.

use domain::{EventKind, Timestamp};
use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::bodies::{FormatChangedBody, MigratedBody, SentBody};
use crate::canonical::{Format, hex};
use crate::chain::{self, Pen};
use crate::{JournalError, schema};

/// Renamed, so that a program of format 1 that is still running stops rather than writes where nobody reads.
pub(crate) fn rename_old_tables(transaction: &Transaction<'_>) -> Result<(), JournalError> {
    transaction.execute_batch(
        "ALTER TABLE intent RENAME TO v1_intent;
         ALTER TABLE ending RENAME TO v1_ending;",
    )?;
    Ok(())
}

/// Ends version 2: what is appended from here on is of version 3. Within the transaction that added the columns, so that a
/// program that ends in between leaves a journal of version 2.
pub(crate) fn go_on_in_version_3(pen: &Pen<'_>, at: Timestamp) -> Result<(), JournalError> {
    // A journal without events begins as version 3.
    if chain::last(pen.transaction)?.is_some_and(|it| it.format() == Format::Two) {
        let journal = chain::hash_of(pen.transaction, 1)?.unwrap_or_default();
        pen.append(EventKind::FormatChanged, 0, at, &FormatChangedBody::new(hex(&journal)))?;
    }
    schema::end_version_2(pen.transaction)?;
    pen.note_change();
    Ok(())
}

struct Old {
    entry: i64,
    intent: String,
    at: i64,
    server: String,
    request: String,
    ended: Option<(i64, String)>,
}

/// Appends what the old tables tell, in the order in which it happened.
pub(crate) fn take_over(pen: &Pen<'_>, at: Timestamp) -> Result<(), JournalError> {
    let signings: i64 = pen.transaction.query_row("SELECT count(*) FROM v1_intent", [], |row| row.get(0))?;
    pen.append(EventKind::Migrated, 0, at, &MigratedBody { from: 1, signings })?;

    let mut statement = pen.transaction.prepare(
        "SELECT v1_intent.entry, intent_id, v1_intent.at, server, request, v1_ending.at, body
         FROM v1_intent LEFT JOIN v1_ending USING (entry) ORDER BY v1_intent.entry",
    )?;
    let rows = statement.query_map([], |row| {
        let ended: (Option<i64>, Option<String>) = (row.get(5)?, row.get(6)?);
        Ok(Old {
            entry: row.get(0)?,
            intent: row.get(1)?,
            at: row.get(2)?,
            server: row.get(3)?,
            request: row.get(4)?,
            ended: ended.0.zip(ended.1),
        })
    })?;
    let mut steps: Vec<(i64, i64, EventKind, i64, Value)> = Vec::new();
    for old in rows {
        let old = old?;
        let body = json!({ "intent": old.intent, "server": old.server, "request": value(&old.request) });
        steps.push((old.at, old.entry, EventKind::Intent, old.at, body));
        match old.ended {
            // Not before its intent, whatever the clock said.
            Some((ended, body)) => {
                steps.push((ended.max(old.at), old.entry, EventKind::Outcome, ended, value(&body)));
            }
            // Format 1 did not tell whether a request had left: it may have.
            None => {
                let assumed =
                    serde_json::to_value(SentBody { assumed: true }).map_err(JournalError::Unwritable)?;
                steps.push((old.at, old.entry, EventKind::Sent, old.at, assumed));
            }
        }
    }
    // Stable: an intent stays before its ending when both have the same time.
    steps.sort_by_key(|(order, ..)| *order);
    for (_, entry, kind, at, body) in steps {
        pen.append(kind, entry, Timestamp::from_millis(at), &body)?;
    }
    Ok(())
}

/// A text that is no JSON is kept as it is; the entry then reads as damaged, which it was before.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
