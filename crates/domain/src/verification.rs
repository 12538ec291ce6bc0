//! What a check of the record found, and the words for it.
//!
//! Owns the findings and how they are said, in one place for the terminal, the page and an exported file. Refuses to
//! own the check itself. Says plainly what a chain of hashes cannot prove.

use serde::{Deserialize, Serialize};

use crate::Remark;

/// What a check of the whole record found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// How many events there are.
    pub events: u64,
    /// How many signings they tell of.
    pub entries: u64,
    /// The first event that does not hold; what follows it proves nothing.
    pub first_bad: Option<Bad>,
    /// What the head file says about the end of the record.
    pub head: HeadState,
    /// Whether the lists that are shown agree with the events.
    pub listing: Listing,
    /// The public key that signed the last event, in hexadecimal; empty when there is none.
    pub public_key: String,
    /// What is worth knowing and is no proof of anything.
    pub notes: Vec<Remark>,
}

/// An event that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bad {
    /// Its place in the record.
    pub seq: u64,
    /// The signing it belongs to, if it can be told.
    pub entry: Option<u64>,
    /// Why it does not hold.
    pub why: Why,
}

/// Why an event does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its hash is not the hash of what stands there.
    Changed,
    /// There is no event of this number, and later ones exist.
    Missing,
    /// Its signature is not the key's.
    Signature,
    /// The record does not begin with an event that names its key.
    Beginning,
    /// It says that the format changes, in a way that does not fit the events before it.
    Format,
    /// It cannot be read from the file.
    Unreadable,
    /// The head file or the file's last line proves that events from here on once existed.
    Truncated,
    /// The head file proves that another event once stood here.
    Rewritten,
}

impl Why {
    /// One sentence for people.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Changed => {
                "What stands there is not what was recorded: it, or its place in the record, was changed."
            }
            Self::Missing => "It was removed: later events exist.",
            Self::Signature => {
                "Its signature does not match: it, or everything from it on, was written without the key."
            }
            Self::Beginning => "The record does not begin with the event that names its key.",
            Self::Format => "It changes the format of the journal, and does not fit the events before it.",
            Self::Unreadable => "It cannot be read from the file.",
            Self::Truncated => {
                "A signed head proves that the history once went on there: its end was removed, or its file was replaced by an older one."
            }
            Self::Rewritten => {
                "A signed head proves that another event once had this number: the end of the history was replaced."
            }
        }
    }
}

impl Bad {
    /// What is wrong, and with which events, in a clause: as [`OpenFinding::says`] names them.
    #[must_use]
    pub fn says(&self) -> String {
        let Self { seq, entry, why } = self;
        match why {
            Why::Truncated => format!("{}. {}", missing_after(seq.saturating_sub(1)), why.says()),
            _ => {
                let of = entry.map(|it| format!(", of entry {it},")).unwrap_or_default();
                format!("Event {seq}{of} is not sound. {}", why.says())
            }
        }
    }
}

/// Which events are missing, the same wherever it is said.
pub(crate) fn missing_after(last: u64) -> String {
    format!("Events after event {last} are missing")
}

/// What the head file says about the end of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum HeadState {
    /// It names the last event: nothing is missing after it.
    Matches,
    /// An exported copy ends with a line that names its last event. Whoever cut the copy could have made that line from the
    /// event's own hash and signature.
    ClosingLine,
    /// It names an earlier event, as when a program or the power ended just then.
    Older {
        /// How many events follow the one it names.
        by: u64,
    },
    /// There is none, and the record has nothing yet that could be missing: a program was ended right after it made it.
    NotYet,
    /// There is none, although the record has more than its first event.
    Missing,
    /// It cannot be read, or is not signed by the record's key.
    Unreadable,
    /// It names an event that the record does not have, or not with this hash.
    Contradicts,
    /// An exported copy does not end with the line that names its last event: it was cut off, or lines were removed.
    NoClosingLine,
}

impl HeadState {
    /// Whether the end of the record is proven as far as a head can prove it: up to the event that it names.
    #[must_use]
    pub fn is_intact(self) -> bool {
        matches!(self, Self::Matches | Self::ClosingLine | Self::Older { .. } | Self::NotYet)
    }

    /// One sentence for people.
    fn says(self) -> String {
        match self {
            Self::Matches => "The last signed head names the last event: nothing was removed from the end.".to_owned(),
            Self::ClosingLine => "The closing line names the last event. Whether the copy once went on after it cannot be proven: compare the number of events with the history.".to_owned(),
            Self::Older { by } => format!("The last signed head is older by {}, as when a program or the power ended just then. Whether more of them were removed from the end cannot be proven.", counted(by, "event", "events")),
            Self::NotYet => "There is no signed head yet, and no signing that could be missing.".to_owned(),
            Self::Missing => "There is no signed head beside the record. Whether events were removed from its end cannot be proven.".to_owned(),
            Self::Unreadable => "The signed head cannot be used. Whether events were removed from the end cannot be proven.".to_owned(),
            Self::Contradicts => "The last signed head contradicts the record.".to_owned(),
            Self::NoClosingLine => "The closing line of the copy is missing. Whether events were removed from its end cannot be proven.".to_owned(),
        }
    }
}

/// Whether the lists that are shown agree with the events they are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Listing {
    /// They do.
    Sound,
    /// They do not; making them anew from the events mends it.
    Differs {
        /// The first signing that is listed wrongly, or not at all.
        entry: u64,
    },
    /// An index through which events or signings are looked up does not name all of them, or names others; making them from the
    /// events again mends it.
    IndexesDiffer,
    /// They cannot be read; making them from the events again mends it.
    Unreadable,
    /// Not compared: the events do not hold, or there is no list, as in an exported file.
    NotCompared,
}

impl Listing {
    /// One sentence for people; none where there is nothing to say.
    fn says(self) -> Option<String> {
        match self {
            Self::Differs { entry } => Some(format!(
                "The list made from the events is wrong from entry {entry} on. csrdesk verify-journal --rebuild makes it from the events again."
            )),
            Self::IndexesDiffer => Some(
                "An index of the history does not agree with the events or the list, so a search and the check for an earlier signing can miss an entry. csrdesk verify-journal --rebuild makes the indexes again."
                    .to_owned(),
            ),
            Self::Unreadable => Some(
                "The list made from the events cannot be read. csrdesk verify-journal --rebuild makes it from the events again."
                    .to_owned(),
            ),
            Self::Sound | Self::NotCompared => None,
        }
    }
}

/// The verdict on a record, the best one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Soundness {
    /// Everything that a check can prove is proven.
    Sound,
    /// The same of the events that are there; others may be missing, and a person acknowledged it.
    Incomplete,
    /// Nothing contradicts the record, and something that would prove it is missing: a key, a head.
    NotProven,
    /// Something contradicts it.
    Unsound,
}

impl Verification {
    /// Whether every event holds and is in its place. Says nothing about the end of the record, its key or its lists.
    #[must_use]
    pub fn chain_holds(&self) -> bool {
        self.first_bad.is_none()
    }

    /// Whether the record is sound as a whole: the chain holds, its end is proven by an intact head, the expected key
    /// signed it, and its lists agree with the events. An incomplete record that a person acknowledged holds too.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.soundness(), Soundness::Sound | Soundness::Incomplete)
    }

    /// The verdict: what is not proven is neither sound nor unsound.
    #[must_use]
    pub fn soundness(&self) -> Soundness {
        let chain = if self.chain_holds() { Soundness::Sound } else { Soundness::Unsound };
        let head = if self.head.is_intact() { Soundness::Sound } else { Soundness::NotProven };
        let list = match self.listing {
            Listing::Differs { .. } | Listing::IndexesDiffer | Listing::Unreadable => Soundness::Unsound,
            Listing::Sound | Listing::NotCompared => Soundness::Sound,
        };
        let notes = self.notes.iter().map(Remark::soundness);
        notes.chain([chain, head, list]).max().unwrap_or(Soundness::Sound)
    }

    /// The findings in sentences, the verdict first. The last one says what this check cannot prove.
    #[must_use]
    pub fn says(&self) -> Vec<String> {
        let mut says = vec![self.verdict()];
        // Where events are known to be missing, a head that fits the rest says nothing.
        let head = (self.chain_holds() || self.head != HeadState::Matches).then(|| self.head.says());
        let rest = head.into_iter().chain(self.listing.says());
        let rest = rest.chain(self.notes.iter().map(Remark::says));
        // The verdict names the gravest finding: not once more.
        says.extend(rest.filter(|it| !says[0].ends_with(it.as_str())).collect::<Vec<_>>());
        if !self.public_key.is_empty() {
            says.push(format!("The last event was signed with the public key {}.", self.public_key));
        }
        says.push(LIMITS.to_owned());
        says
    }

    fn verdict(&self) -> String {
        let events = self.events;
        let count =
            [counted(events, "event", "events"), counted(self.entries, "signing", "signings")].join(", ");
        match (&self.first_bad, self.fault(), self.head) {
            (Some(bad @ Bad { why: Why::Truncated, .. }), ..) => {
                // Said once: the event that records it says more.
                let recorded = self.notes.iter().find(
                    |it| matches!(it, Remark::EventsMissing { seq, replaced: false, .. } if *seq == bad.seq),
                );
                format!("The record does not hold. {}", recorded.map_or_else(|| bad.says(), Remark::says))
            }
            (Some(Bad { seq, entry, why }), ..) => {
                let of = entry.map(|it| format!(", of entry {it},")).unwrap_or_default();
                let of_all = if *seq > events { String::new() } else { format!(" of {events}") };
                format!(
                    "The record does not hold. The first bad event is number {seq}{of}{of_all}. {} What follows it proves nothing; it can still be read.",
                    why.says()
                )
            }
            (None, Some(fault), _) if self.soundness() == Soundness::NotProven => {
                format!("The record is not proven to be sound. {fault}")
            }
            (None, Some(fault), _) => format!("The record does not hold. {fault}"),
            (None, None, _) if self.soundness() == Soundness::Incomplete => format!(
                "The events that are here hold: {count}, none changed or reordered. Others may be missing; a person acknowledged it."
            ),
            (None, None, HeadState::ClosingLine) => format!(
                "The copy holds: {count}, none changed or reordered, and none removed before event {events}."
            ),
            (None, None, HeadState::Older { by }) => format!(
                "The record holds: {count}, none changed or reordered, and none removed before event {}.",
                events.saturating_sub(by).saturating_add(1)
            ),
            (None, None, _) => format!("The record holds: {count}, none changed, removed or reordered."),
        }
    }

    /// The gravest finding beside a bad event that keeps the record from being sound, as a sentence.
    fn fault(&self) -> Option<String> {
        let of =
            |soundness| self.notes.iter().filter(move |it| it.soundness() == soundness).map(Remark::says);
        let head = (!self.head.is_intact()).then(|| self.head.says());
        of(Soundness::Unsound).chain(self.listing.says()).chain(head).chain(of(Soundness::NotProven)).next()
    }
}

/// "1 event", "2 events".
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What no chain can prove by itself (docs/record-format.md, "What this proves, and what it cannot").
const LIMITS: &str = "A chain cannot prove more than this: whoever holds the key and can write these files can write the whole record anew, and whoever can write both the record and its head can put back an older state of both. Keep exported copies elsewhere.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Acknowledged;

    fn sound() -> Verification {
        Verification {
            events: 7,
            entries: 2,
            first_bad: None,
            head: HeadState::Matches,
            listing: Listing::Sound,
            public_key: String::new(),
            notes: vec![Remark::ClockWentBack { times: 1, seq: 3, by_ms: 20 }],
        }
    }

    #[test]
    fn the_verdict_stands_first_and_the_limits_last() {
        let says = sound().says();
        assert!(says[0].starts_with("The record holds: 7 events, 2 signings"), "{says:?}");
        assert!(says[2].contains("clock went back"), "{says:?}");
        assert!(says.last().unwrap().contains("cannot prove"), "{says:?}");
    }

    #[test]
    fn an_acknowledged_gap_is_no_complete_record() {
        let by = |acknowledged| Remark::BeganAfterDamage { seq: 1, file: "old".to_owned(), acknowledged };
        let acknowledged =
            Acknowledged { seq: 2, at: crate::Timestamp::from_millis(0), reason: "disk".to_owned() };
        let found = Verification { notes: vec![by(Some(acknowledged))], ..sound() };
        assert_eq!((found.holds(), found.soundness()), (true, Soundness::Incomplete));
        let says = found.says();
        assert!(
            says[0].contains("Others may be missing") && !says[0].contains("The record holds"),
            "{says:?}"
        );
        assert!(
            says.iter().any(|it| it.contains("Acknowledged on 1970-01-01, in event 2: disk")),
            "{says:?}"
        );
        let open = Verification { notes: vec![by(None)], ..sound() };
        assert_eq!((open.holds(), open.soundness()), (false, Soundness::NotProven));
    }

    #[test]
    fn one_of_something_is_not_many() {
        let one = Verification {
            events: 1,
            entries: 1,
            head: HeadState::Older { by: 1 },
            notes: vec![
                Remark::ClockWentBack { times: 1, seq: 3, by_ms: 20 },
                Remark::UnknownKind { times: 1 },
            ],
            ..sound()
        };
        let says = one.says().join(" ");
        for words in
            ["holds: 1 event, 1 signing, none", "older by 1 event,", "back 1 time,", "the kind of 1 event."]
        {
            assert!(says.contains(words), "{words}: {says}");
        }
        assert!(sound().says()[0].contains("7 events, 2 signings"));
    }

    #[test]
    fn missing_events_are_said_once() {
        let bad = Bad { seq: 32, entry: None, why: Why::Truncated };
        let recorded = Remark::EventsMissing { seq: 32, replaced: false, acknowledged: None };
        let found = Verification { first_bad: Some(bad), ..sound() };
        for notes in [vec![recorded], vec![]] {
            let says = Verification { notes, ..found.clone() }.says().join("\n");
            assert!(
                says.starts_with("The record does not hold. Events after event 31 are missing"),
                "{says}"
            );
            assert_eq!(says.matches("are missing").count(), 1, "{says}");
            assert!(!says.contains("event 32 are") && !says.contains("before event"), "{says}");
        }
    }

    #[test]
    fn the_first_bad_event_is_named_with_its_entry() {
        let bad = Bad { seq: 4, entry: Some(1), why: Why::Changed };
        let found = Verification { first_bad: Some(bad), head: HeadState::Missing, ..sound() };
        assert!(!found.holds());
        let says = found.says().join(" ");
        assert!(says.contains("event is number 4, of entry 1, of 7"), "{says}");
        assert!(says.contains("cannot be proven"), "{says}");
    }
}
