//! What opening found out about the journal, and a person has not acknowledged yet: until then nothing is signed.
//!
//! Owns which findings are open, and the event that acknowledges them. They stand in the journal itself, so every program
//! sees them. Refuses to own the finding (see [`crate::looked`]) and to forget it: a check goes on to name it.

use domain::{EventKind, OpenFinding, Timestamp, WhyOpen};
use rusqlite::Connection;

use crate::bodies::{AcknowledgedBody, FollowsBody, GapBody, GapWhy, KeyBody};
use crate::canonical::{hex, unhex};
use crate::chain::{Durable, Pen, Raw};
use crate::signing::shown;
use crate::{Journal, JournalError};

impl Journal {
    /// What a person has to acknowledge before anything is signed, oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn open_findings(&self) -> Result<Vec<OpenFinding>, JournalError> {
        self.read(open)
    }

    /// Records that a person knows of the open findings, with the reason to sign all the same. `seen` are the `seq` of those
    /// that the person saw.
    ///
    /// # Errors
    /// [`JournalError::ReasonMissing`]; [`JournalError::OtherFindings`] when the open ones are not those that the person saw;
    /// or it could not be made durable. Nothing is acknowledged then.
    pub fn acknowledge(&self, at: Timestamp, seen: &[u64], reason: &str) -> Result<(), JournalError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(JournalError::ReasonMissing);
        }
        self.write(Durable::Now, |pen| {
            let found: Vec<u64> = open(pen.transaction)?.iter().map(|it| it.seq).collect();
            if found.is_empty() || found != seen {
                return Err(JournalError::OtherFindings);
            }
            let body = AcknowledgedBody { events: found, reason: reason.to_owned() };
            pen.append(EventKind::Acknowledged, 0, at, &body).map(|_| ())
        })
    }
}

/// Refuses to go on while a finding is open.
///
/// # Errors
/// [`JournalError::NotAcknowledged`].
pub(crate) fn none_open(pen: &Pen<'_>) -> Result<(), JournalError> {
    let found = open(pen.transaction)?;
    if found.is_empty() { Ok(()) } else { Err(JournalError::NotAcknowledged(found)) }
}

/// The findings that no later event acknowledges, from the events.
fn open(connection: &Connection) -> Result<Vec<OpenFinding>, JournalError> {
    let mut found = beginnings_and_keys(connection)?;
    let mut acknowledged = Vec::new();
    let sql = Raw::select(connection, "WHERE kind IN ('gap', 'acknowledged') ORDER BY seq")?;
    let mut statement = connection.prepare_cached(&sql)?;
    for raw in statement.query_map([], Raw::of)? {
        let raw = raw?;
        if raw.kind() == Some(EventKind::Acknowledged) {
            let body = serde_json::from_slice::<AcknowledgedBody>(&raw.body).ok();
            // An event is acknowledged only by a later one.
            let events = body.map(|it| it.events).unwrap_or_default();
            acknowledged.extend(events.into_iter().filter(|it| *it < shown(raw.seq)));
            continue;
        }
        let gap = serde_json::from_slice::<GapBody>(&raw.body).ok();
        let why = gap.map_or(WhyOpen::Gap, |it| match it.why {
            GapWhy::HeadMissing => WhyOpen::HeadMissing,
            GapWhy::Truncated => WhyOpen::Truncated,
            GapWhy::Rewritten => WhyOpen::Rewritten,
        });
        found.push(OpenFinding { seq: shown(raw.seq), at: Timestamp::from_millis(raw.at), why });
    }
    found.retain(|it| !acknowledged.contains(&it.seq));
    found.sort_by_key(|it| it.seq);
    Ok(found)
}

/// The beginnings after a damaged record, and the events in which another key took over and the former one did not confirm
/// it.
fn beginnings_and_keys(connection: &Connection) -> Result<Vec<OpenFinding>, JournalError> {
    let sql = Raw::select(connection, "WHERE kind IN ('opened', 'key_changed') ORDER BY seq")?;
    let mut statement = connection.prepare_cached(&sql)?;
    let mut former: Option<[u8; 32]> = None;
    let mut found = Vec::new();
    for raw in statement.query_map([], Raw::of)? {
        let raw = raw?;
        let (seq, at) = (shown(raw.seq), Timestamp::from_millis(raw.at));
        if let Some(after) = serde_json::from_slice::<FollowsBody>(&raw.body).ok().and_then(|it| it.after) {
            found.push(OpenFinding { seq, at, why: WhyOpen::SetAside { file: after.file } });
        }
        let body = serde_json::from_slice::<KeyBody>(&raw.body).ok();
        let Some(named) = body.and_then(|it| unhex::<32>(&it.public_key)) else { continue };
        let confirmed = |former: &[u8; 32]| raw.link().is_some_and(|it| it.is_signed(raw.format(), former));
        if former.is_some_and(|it| it != named && !confirmed(&it)) {
            let public_key = hex(&named);
            found.push(OpenFinding { seq, at, why: WhyOpen::KeyReplaced { public_key } });
        }
        former = Some(named);
    }
    Ok(found)
}
