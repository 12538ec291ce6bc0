//! What opening found out about the journal, and a person has not acknowledged yet: until then nothing is signed.
//!
//! Owns which findings there are, which of them are open, and the event that acknowledges them. They stand in the journal itself, so every program
//! sees them. Refuses to own the finding (see [`crate::looked`]) and to forget it: a check goes on to name it.

use domain::{Acknowledged, EventKind, Finding, OpenFinding, Timestamp, WhyOpen};
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

    /// Everything that opening found so far, oldest first: what a person has to acknowledge, and what was acknowledged with
    /// the reason.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn findings(&self) -> Result<Vec<Finding>, JournalError> {
        self.read(all)
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
    let all = all(connection)?.into_iter();
    Ok(all.filter(|it| it.acknowledged.is_none()).map(|it| it.finding).collect())
}

/// All findings, from the events.
fn all(connection: &Connection) -> Result<Vec<Finding>, JournalError> {
    let mut events = Vec::new();
    // One question for each of the two indexes.
    for kinds in ["'gap', 'acknowledged'", "'opened', 'key_changed'"] {
        let sql = Raw::select(connection, &format!("WHERE kind IN ({kinds}) ORDER BY seq"))?;
        let mut statement = connection.prepare_cached(&sql)?;
        for raw in statement.query_map([], Raw::of)? {
            events.push(raw?);
        }
    }
    events.sort_by_key(|it| it.seq);
    let mut findings = Findings::default();
    events.iter().for_each(|it| findings.step(it));
    Ok(findings.all())
}

/// The findings that the events tell, the open ones and the acknowledged ones: the one place that decides both, for signing
/// ([`none_open`]) and for a check of the whole record ([`crate::walk`]).
#[derive(Default)]
pub(crate) struct Findings {
    found: Vec<Finding>,
    /// The key in force.
    key: Option<[u8; 32]>,
}

impl Findings {
    /// Takes the next event; those of other kinds tell no finding.
    pub(crate) fn step(&mut self, raw: &Raw) {
        match raw.kind() {
            Some(EventKind::Opened | EventKind::KeyChanged) => self.begin_or_change_key(raw),
            Some(EventKind::Gap) => self.note(raw, gap(raw)),
            Some(EventKind::Acknowledged) => self.acknowledge(raw),
            _ => {}
        }
    }

    /// All of them, oldest first.
    pub(crate) fn all(self) -> Vec<Finding> {
        self.found
    }

    fn note(&mut self, raw: &Raw, why: WhyOpen) {
        let finding = OpenFinding { seq: shown(raw.seq), at: Timestamp::from_millis(raw.at), why };
        self.found.push(Finding { finding, acknowledged: None });
    }

    /// A beginning after a damaged record, and another key that the former one did not confirm.
    fn begin_or_change_key(&mut self, raw: &Raw) {
        if let Some(after) = serde_json::from_slice::<FollowsBody>(&raw.body).ok().and_then(|it| it.after) {
            self.note(raw, WhyOpen::SetAside { file: after.file });
        }
        let body = serde_json::from_slice::<KeyBody>(&raw.body).ok();
        let Some(named) = body.and_then(|it| unhex::<32>(&it.public_key)) else { return };
        let confirmed = |former: &[u8; 32]| raw.link().is_some_and(|it| it.is_signed(raw.format(), former));
        if self.key.is_some_and(|it| it != named && !confirmed(&it)) {
            self.note(raw, WhyOpen::KeyReplaced { public_key: hex(&named) });
        }
        self.key = Some(named);
    }

    /// An event acknowledges only earlier ones, and the first acknowledgement of a finding counts.
    fn acknowledge(&mut self, raw: &Raw) {
        let Ok(body) = serde_json::from_slice::<AcknowledgedBody>(&raw.body) else { return };
        let (seq, at) = (shown(raw.seq), Timestamp::from_millis(raw.at));
        for it in &mut self.found {
            if it.finding.seq < seq && body.events.contains(&it.finding.seq) {
                it.acknowledged.get_or_insert_with(|| Acknowledged { seq, at, reason: body.reason.clone() });
            }
        }
    }
}

fn gap(raw: &Raw) -> WhyOpen {
    let gap = serde_json::from_slice::<GapBody>(&raw.body).ok();
    gap.map_or(WhyOpen::Gap, |it| match it.why {
        GapWhy::HeadMissing => WhyOpen::HeadMissing,
        GapWhy::Truncated => WhyOpen::Truncated,
        GapWhy::Rewritten => WhyOpen::Rewritten,
    })
}
