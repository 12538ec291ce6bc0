//! From the events of a signing to the entry that is shown.
//!
//! Owns what the absence of an event means: an intent without `sent` had not left, one with `sent` and no outcome is
//! unknown (invariant 4). Refuses to own storage. Every entry that is shown is made here from the events themselves, so
//! that a damaged list can hide an entry, but not falsify one.

use domain::{Decision, Ending, Entry, ErrorCode, EventKind, Origin, Timestamp};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::bodies::{DecisionBody, IntentBody, NoteBody};
use crate::{JournalError, schema};

/// What is needed of an event to tell a signing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) at: i64,
    pub(crate) body: &'a [u8],
    /// Empty in version 2.
    pub(crate) origin: &'a [u8],
}

/// An entry that grows event by event.
pub(crate) struct Fold {
    entry: u64,
    told: Option<Entry>,
    /// The bytes of the origin before, because most events of a signing have the same.
    origin: Vec<u8>,
}

impl Fold {
    pub(crate) fn new(entry: i64) -> Self {
        Self { entry: u64::try_from(entry).unwrap_or(0), told: None, origin: Vec::new() }
    }

    /// Takes the next event of the signing.
    pub(crate) fn take(&mut self, event: Told<'_>) -> Result<(), JournalError> {
        let at = Timestamp::from_millis(event.at);
        let kind = std::str::from_utf8(event.kind).ok().and_then(EventKind::parse);
        let damaged = JournalError::Damaged(self.entry);
        let Some(told) = &mut self.told else {
            if kind != Some(EventKind::Intent) {
                return Err(damaged);
            }
            let body: IntentBody = read(event.body, damaged)?;
            self.told = Some(Entry { origin: origin(event.origin), ..begun(self.entry, at, body) });
            self.origin = event.origin.to_owned();
            return Ok(());
        };
        match kind {
            Some(EventKind::Intent) => return Err(damaged),
            Some(EventKind::Sent) => {
                told.sent_at = Some(at);
                if told.answered_at.is_none() {
                    told.ending = Ending::new(ErrorCode::Interrupted);
                }
            }
            Some(EventKind::Outcome) => {
                told.ending = read(event.body, damaged)?;
                told.answered_at = Some(at);
            }
            Some(EventKind::LookUp) => told.look_ups = told.look_ups.saturating_add(1),
            Some(EventKind::Decision) => {
                let DecisionBody { verdict, reason, basis } = read(event.body, damaged)?;
                told.decision = Some(Decision { at, verdict, reason, basis });
            }
            Some(EventKind::Note) => {
                let NoteBody { note, ticket } = read(event.body, damaged)?;
                (told.note, told.ticket) = (note, ticket);
            }
            // Told by the list of events; they do not change what became of the signing.
            _ => {}
        }
        if self.origin != event.origin {
            self.origin = event.origin.to_owned();
            let other = origin(event.origin);
            if !other.is_unknown() && other != told.origin && !told.other_origins.contains(&other) {
                told.other_origins.push(other);
            }
        }
        Ok(())
    }

    /// The entry; none when there was no event.
    pub(crate) fn done(self) -> Option<Entry> {
        self.told
    }
}

fn begun(entry: u64, at: Timestamp, body: IntentBody) -> Entry {
    let IntentBody { intent, server, request, again } = body;
    Entry { again, ..Entry::begun(entry, intent, at, server, request) }
}

/// Who caused an event, from what the journal has; nothing where that cannot be read.
pub(crate) fn origin(text: &[u8]) -> Origin {
    serde_json::from_slice(text).unwrap_or_default()
}

fn read<T: DeserializeOwned>(body: &[u8], damaged: JournalError) -> Result<T, JournalError> {
    serde_json::from_slice(body).map_err(|_| damaged)
}

/// What the intent of an entry says by itself, as of one whose answer was never recorded: what is left of an entry whose
/// later events cannot be read. None when the intent cannot be read either.
pub(crate) fn intent(connection: &Connection, number: i64) -> Result<Option<Entry>, JournalError> {
    let later = schema::origin_column(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT kind, at, body, {later} FROM event WHERE entry = ?1 AND entry > 0 ORDER BY seq LIMIT 1"
    ))?;
    let mut rows = statement.query([number])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let bytes = |index: usize| row.get_ref(index).ok().and_then(|it| it.as_bytes().ok());
    let mut fold = Fold::new(number);
    let taken = match (bytes(0), row.get(1), bytes(2)) {
        (Some(kind), Ok(at), Some(body)) => {
            fold.take(Told { kind, at, body, origin: bytes(3).unwrap_or_default() }).is_ok()
        }
        _ => false,
    };
    let entry = fold.done().filter(|_| taken);
    // Whether it left cannot be told: it may have.
    Ok(entry.map(|it| Entry { ending: Ending::new(ErrorCode::Interrupted), ..it }))
}

/// The entry of a number, from its events; none when there is no such entry.
///
/// # Errors
/// [`JournalError::Damaged`] when its events cannot be read.
pub(crate) fn entry(connection: &Connection, number: i64) -> Result<Option<Entry>, JournalError> {
    let later = schema::origin_column(connection)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT kind, at, body, {later} FROM event WHERE entry = ?1 AND entry > 0 ORDER BY seq"
    ))?;
    let mut rows = statement.query([number])?;
    let mut fold = Fold::new(number);
    while let Some(row) = rows.next()? {
        let bytes = |index: usize| row.get_ref(index).ok().and_then(|it| it.as_bytes().ok());
        let damaged = || JournalError::Damaged(u64::try_from(number).unwrap_or(0));
        fold.take(Told {
            kind: bytes(0).ok_or_else(damaged)?,
            at: row.get(1).map_err(|_| damaged())?,
            body: bytes(2).ok_or_else(damaged)?,
            // Nothing that an entry shows depends on it: one that cannot be read is as good as none.
            origin: bytes(3).unwrap_or_default(),
        })?;
    }
    Ok(fold.done())
}
