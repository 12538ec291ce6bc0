//! Walking the chain from its beginning, event by event, for the record and for an exported copy alike.
//!
//! Owns which event is the first bad one. Refuses to own where events come from. Every hash is computed; signatures are
//! checked at the end of each run of events, because each hash contains the former signature: the last one vouches for
//! all. Only when it does not hold is each of its run looked at, to name the first.

use std::collections::HashMap;

use domain::{Bad, EventKind, Remark, Why};

use crate::bodies::{FormatBody, FormatChangedBody, GapBody, KeyBody};
use crate::canonical::{Bound, Format, Hash, Link, hex, unhex};
use crate::chain::Raw;
use crate::findings::Findings;
use crate::looked::gap_is_bad;
use crate::signing::shown;

/// How many events share one check of a signature; also how many are looked at to name the first bad one.
const RUN: usize = 1024;

/// A walk under way.
pub(crate) struct Walk {
    previous: Link,
    /// The version of the events that follow, by the chain alone: an event does not say of which version it is.
    format: Format,
    /// The hash of the first event.
    journal: Option<Hash>,
    /// The hash of the last event of each entry.
    of_entry: HashMap<i64, Hash>,
    previous_at: Option<i64>,
    /// The events since the last check of a signature, all signed with the same key.
    run: Vec<(Link, i64)>,
    /// The public keys seen, the one in force last.
    pub(crate) keys: Vec<[u8; 32]>,
    pub(crate) events: u64,
    pub(crate) entries: u64,
    pub(crate) bad: Option<Bad>,
    remarks: Vec<Remark>,
    findings: Findings,
    clock: Option<(u64, u64, i64)>,
    unknown: u64,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            previous: Link::START,
            format: Format::Two,
            journal: None,
            of_entry: HashMap::new(),
            previous_at: None,
            run: Vec::with_capacity(RUN),
            keys: Vec::new(),
            events: 0,
            entries: 0,
            bad: None,
            remarks: Vec::new(),
            findings: Findings::default(),
            clock: None,
            unknown: 0,
        }
    }

    /// The end of what was walked.
    pub(crate) fn end(&self) -> Link {
        self.previous
    }

    /// The number of the version of the last event.
    pub(crate) fn format(&self) -> i64 {
        self.format.number()
    }

    /// Takes the next event. Gives whether the chain still holds.
    pub(crate) fn step(&mut self, raw: &Raw) -> bool {
        let expected = self.previous.seq + 1;
        if raw.seq != expected {
            // A number twice, or one too low, cannot come from the record; in a copy it was put in there.
            let why = if raw.seq > expected { Why::Missing } else { Why::Changed };
            let entry = if raw.seq > expected { 0 } else { raw.entry };
            return self.stop(raw.seq.min(expected), entry, why);
        }
        let Some(link) = raw.link() else { return self.stop(raw.seq, raw.entry, Why::Changed) };
        let kind = raw.kind();
        // Before this event counts, so that the events before it are checked in their own version.
        if !self.change_format(raw, kind) {
            return self.stop(raw.seq, raw.entry, Why::Format);
        }
        let bound = self.bound(raw.entry);
        // What the hash of version 2 does not cover is not part of such an event.
        let covered = raw.origin.is_empty() == (self.format == Format::Two)
            && (raw.author.is_empty() || self.format != Format::Two);
        if !covered || raw.content().hash(&self.previous, bound.as_ref()) != link.hash {
            return self.stop(raw.seq, raw.entry, Why::Changed);
        }
        let named = match kind {
            Some(EventKind::Opened | EventKind::KeyChanged) => {
                serde_json::from_slice::<KeyBody>(&raw.body).ok().and_then(|it| unhex::<32>(&it.public_key))
            }
            _ => None,
        };
        if raw.seq == 1 && (kind != Some(EventKind::Opened) || named.is_none()) {
            return self.stop(1, raw.entry, Why::Beginning);
        }
        if let Some(named) = named {
            if !self.change_key(&link, named) {
                return false;
            }
        } else {
            self.run.push((link, raw.entry));
        }
        self.events += 1;
        self.entries += u64::from(kind == Some(EventKind::Intent));
        self.unknown += u64::from(kind.is_none());
        self.look_at_clock(raw, kind);
        self.findings.step(raw);
        if kind == Some(EventKind::Gap) {
            self.look_at_gap(raw);
        }
        self.previous = link;
        self.journal.get_or_insert(link.hash);
        if raw.entry > 0 {
            self.of_entry.insert(raw.entry, link.hash);
        }
        self.run.len() < RUN || self.close_run()
    }

    /// The walk is over. Gives whether the chain held to its end.
    pub(crate) fn finish(&mut self) -> bool {
        if self.events == 0 && self.bad.is_none() {
            self.bad = Some(Bad { seq: 1, entry: None, why: Why::Beginning });
        }
        self.close_run()
    }

    /// Ends the walk at an event that does not hold. An earlier one of the same run may be worse: a changed signature
    /// shows in the hash after it.
    pub(crate) fn stop(&mut self, seq: i64, entry: i64, why: Why) -> bool {
        self.close_run();
        self.note_bad(seq, entry, why);
        false
    }

    /// What is worth knowing, and the key in force.
    pub(crate) fn remarks(&mut self) -> Vec<Remark> {
        let mut remarks = std::mem::take(&mut self.remarks);
        let findings = std::mem::take(&mut self.findings);
        remarks.extend(findings.all().into_iter().map(Remark::from));
        if let Some((times, seq, by_ms)) = self.clock {
            remarks.push(Remark::ClockWentBack { times, seq, by_ms });
        }
        if self.unknown > 0 {
            remarks.push(Remark::UnknownKind { times: self.unknown });
        }
        remarks
    }

    /// Notes the version from this event on. Gives whether the change is one that a journal makes: it begins as one of either
    /// version, and goes from 2 to 3 once.
    fn change_format(&mut self, raw: &Raw, kind: Option<EventKind>) -> bool {
        if raw.seq == 1 {
            let named = serde_json::from_slice::<FormatBody>(&raw.body).map(|it| it.format);
            if named.is_ok_and(|it| it > Format::Two.number()) {
                self.format = Format::Three;
            }
            return true;
        }
        if kind != Some(EventKind::FormatChanged) {
            return true;
        }
        let expected = self.journal.map(|it| FormatChangedBody::new(hex(&it)));
        let fits = serde_json::from_slice::<FormatChangedBody>(&raw.body).ok() == expected;
        // The events of a run are all of one version.
        let closed = self.format == Format::Two && fits && self.close_run();
        if closed {
            self.format = Format::Three;
        }
        closed
    }

    /// What the next event is bound to, if it is one of an entry.
    fn bound(&self, entry: i64) -> Option<Bound> {
        (self.format == Format::Three).then(|| Bound {
            journal: self.journal.unwrap_or_default(),
            of_entry: self.of_entry.get(&entry).copied().unwrap_or_default(),
        })
    }

    fn note_bad(&mut self, seq: i64, entry: i64, why: Why) {
        let bad = Bad { seq: shown(seq), entry: u64::try_from(entry).ok().filter(|it| *it > 0), why };
        if self.bad.as_ref().is_none_or(|it| it.seq > bad.seq) {
            self.bad = Some(bad);
        }
    }

    /// Checks the signature of the last event of the run, which vouches for the run.
    fn close_run(&mut self) -> bool {
        let run = std::mem::take(&mut self.run);
        let (Some((last, _)), Some(key)) = (run.last(), self.keys.last().copied()) else { return true };
        let holds = |link: &Link| link.is_signed(self.format, &key);
        if holds(last) {
            return true;
        }
        if let Some((link, entry)) = run.iter().find(|(link, _)| !holds(link)) {
            self.note_bad(link.seq, *entry, Why::Signature);
        }
        false
    }

    /// An event that names a key is signed by the former one, or by itself when there is none to confirm it.
    fn change_key(&mut self, link: &Link, named: [u8; 32]) -> bool {
        if !self.close_run() {
            return false;
        }
        let format = self.format;
        let signed_by = |key: &[u8; 32]| link.is_signed(format, key);
        let seq = shown(link.seq);
        match self.keys.last() {
            Some(former) if signed_by(former) => {
                if *former != named {
                    self.remarks.push(Remark::KeyChanged { seq });
                }
            }
            // Without the former key's word: the findings tell it.
            _ if signed_by(&named) => {}
            _ => {
                self.note_bad(link.seq, 0, Why::Signature);
                return false;
            }
        }
        self.keys.push(named);
        true
    }

    fn look_at_clock(&mut self, raw: &Raw, kind: Option<EventKind>) {
        if let Some(before) = self.previous_at
            && raw.at < before
        {
            let by = before.saturating_sub(raw.at);
            let (times, ..) = self.clock.get_or_insert((0, shown(raw.seq), by));
            *times += 1;
        }
        // What was taken over carries its own, older times.
        self.previous_at = (kind != Some(EventKind::Migrated)).then_some(raw.at);
    }

    /// Events that a gap proves to be missing are missing, whatever a person knows of it.
    fn look_at_gap(&mut self, raw: &Raw) {
        let Ok(gap) = serde_json::from_slice::<GapBody>(&raw.body) else { return };
        if let Some(why) = gap_is_bad(gap.why) {
            let seq = match why {
                Why::Rewritten => gap.head.map_or(raw.seq, |it| it.seq),
                _ => raw.seq,
            };
            self.note_bad(seq, 0, why);
        }
    }
}
