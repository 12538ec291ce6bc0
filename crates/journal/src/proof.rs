//! One signing taken out of the record so that it can be checked alone.
//!
//! Owns the form of such a proof and its check: each event with what its hash is made of, so that the hash can be computed, the
//! signature verified, and each event compared with the one before it of the same signing. An event of version 3 is bound to
//! its journal and to that event, so events of two signings or of two journals do not fit together, and none can be left out
//! between two others. Refuses to claim more: that no later event belongs to the signing, only the whole record shows.

use domain::{Entry, EventKind, Origin, Timestamp};
use serde::{Deserialize, Serialize};

use crate::canonical::{Bound, Content, Format, Hash, Link, hex, unhex};
use crate::chain::{self, Raw};
use crate::fold::{self, Fold, Told};
use crate::{Journal, JournalError};

/// More events than any signing has; a proof from elsewhere is bounded.
const MAX_EVENTS: usize = 10_000;
/// More changes of its key than any journal has while a signing is of interest: each event is tried with each key.
const MAX_KEYS: usize = 32;
/// The version of the form below. Version 2 had neither its number nor the journal's id.
const VERSION: i64 = 3;

/// The events of one signing with all that their check needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The version of this form; none in version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<i64>,
    /// The journal's id, the hash of its first event, in hexadecimal; none in version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<String>,
    /// The key that signed the last of them, in hexadecimal.
    pub public_key: String,
    /// The other keys that signed earlier ones, because the journal's key was changed since then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier_keys: Vec<String>,
    /// The events, oldest first.
    pub events: Vec<ProvenEvent>,
}

/// An event and what it builds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenEvent {
    seq: i64,
    kind: String,
    entry: i64,
    at: i64,
    body: String,
    /// Only in version 3, as the next two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// The hash of the event before it of the same entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry_previous_hash: Option<String>,
    previous_hash: String,
    previous_signature: String,
    hash: String,
    signature: String,
}

/// What a proof that holds does not prove of its events; nothing is left open where all are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOpen {
    /// The numbers of the events that nothing binds to the event before them here: of version 2, which is bound only where no
    /// other event was recorded between the two.
    pub unbound: Vec<u64>,
    /// The numbers of the events that another key than [`Proof::public_key`] signed. The last event, which that key signed, vouches
    /// for them; how the key changed, the journal tells.
    pub with_earlier_key: Vec<u64>,
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// An event's hash or signature is not that of its content.
    #[error("event {0} does not hold: it was changed, or signed with another key")]
    Broken(i64),
    /// An event does not build on the one before it.
    #[error(
        "event {0} does not follow the event before it here: an event of this signing is missing between them, or one of them is of another signing or journal"
    )]
    Unlinked(i64),
    /// The events are none, too many, or not those of one signing in their order.
    #[error("these are not the events of one signing")]
    NotOneSigning,
    /// The proof is of a version that this program does not know.
    #[error("the proof is of format {0}, written by a newer version of CSR Desk; use that version")]
    Newer(i64),
}

impl Journal {
    /// The proof of one signing, up to the event `last` if one is named; none when there is no such entry.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn proof(&self, entry: u64, last: Option<u64>) -> Result<Option<Proof>, JournalError> {
        let Ok(number) = i64::try_from(entry) else { return Ok(None) };
        let last = last.and_then(|it| i64::try_from(it).ok()).unwrap_or(i64::MAX);
        self.read(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            let keys = chain::keys(&snapshot)?;
            let sql = Raw::select(&snapshot, "WHERE entry = ?1 AND entry > 0 AND seq <= ?2 ORDER BY seq")?;
            let mut of_entry = snapshot.prepare_cached(&sql)?;
            let raws = of_entry.query_map([number, last], Raw::of)?.collect::<Result<Vec<_>, _>>()?;
            let mut events = Vec::new();
            for raw in raws {
                let previous = match raw.seq {
                    1 => Some(Link::START),
                    seq => chain::at(&snapshot, seq - 1)?.and_then(|it| it.link()),
                };
                let bound = chain::bound(&snapshot, raw.seq, number)?;
                events.push(ProvenEvent::of(&raw, &previous.unwrap_or(Link::START), &bound));
            }
            let journal = chain::hash_of(&snapshot, 1)?.unwrap_or_default();
            // An event that no key of the journal signed is left to the check.
            let signer = |event: &ProvenEvent| keys.iter().rev().find(|key| event.holds(key, Some(journal)));
            let key = events.last().and_then(signer).or(keys.last());
            let mut earlier_keys: Vec<String> = Vec::new();
            for other in events.iter().filter_map(signer).filter(|it| Some(*it) != key).map(|it| hex(it)) {
                if !earlier_keys.contains(&other) {
                    earlier_keys.push(other);
                }
            }
            Ok((!events.is_empty()).then_some(Proof {
                format: Some(VERSION),
                journal: Some(hex(&journal)),
                public_key: key.map(|it| hex(it)).unwrap_or_default(),
                earlier_keys,
                events,
            }))
        })
    }
}

impl Proof {
    /// Checks every hash and signature under the keys that the proof names, and that the events build on one another: when nothing
    /// stays open, all are of one signing in one journal, and none is missing between them. An event of an earlier key counts
    /// where the later ones are bound to it, because the last one, of the key in force, then vouches for it.
    ///
    /// # Errors
    /// Which event does not hold, or does not follow the one before it.
    pub fn check(&self) -> Result<LeftOpen, ProofError> {
        if let Some(other) = self.format.filter(|it| *it != VERSION) {
            return Err(ProofError::Newer(other));
        }
        let in_order = self.events.windows(2).all(|pair| pair[0].seq < pair[1].seq);
        let of_one = self.events.windows(2).all(|pair| pair[0].entry == pair[1].entry);
        if self.events.first().is_none_or(|it| it.entry <= 0 || it.seq <= 1) {
            return Err(ProofError::NotOneSigning);
        }
        if self.events.len() > MAX_EVENTS || !in_order || !of_one {
            return Err(ProofError::NotOneSigning);
        }
        let key = |text: &String| unhex::<32>(text).ok_or(ProofError::NotOneSigning);
        let own = key(&self.public_key)?;
        if self.earlier_keys.len() > MAX_KEYS {
            return Err(ProofError::NotOneSigning);
        }
        let earlier = self.earlier_keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let distinct = earlier.iter().enumerate().all(|(at, it)| *it != own && !earlier[..at].contains(it));
        if !distinct || (self.is_version_2() && !earlier.is_empty()) {
            return Err(ProofError::NotOneSigning);
        }
        let journal = match (self.format, &self.journal) {
            (None, None) => None,
            (Some(_), Some(journal)) => Some(unhex::<32>(journal).ok_or(ProofError::NotOneSigning)?),
            _ => return Err(ProofError::NotOneSigning),
        };
        let mut open = LeftOpen::default();
        let mut used = Vec::new();
        let mut former: Option<&ProvenEvent> = None;
        for event in &self.events {
            if !event.holds(&own, journal) {
                let signer = earlier.iter().position(|key| event.holds(key, journal));
                used.push(signer.ok_or(ProofError::Broken(event.seq))?);
                open.with_earlier_key.push(event.seq());
            }
            if !event.follows(former) {
                return Err(ProofError::Unlinked(event.seq));
            }
            if let Some(former) = former.filter(|it| !event.is_bound_to(it)) {
                // Nobody but the key that signed it would vouch for it.
                if open.with_earlier_key.contains(&former.seq()) {
                    return Err(ProofError::Broken(former.seq));
                }
                open.unbound.push(event.seq());
            }
            former = Some(event);
        }
        let last_is_own = former.is_some_and(|it| !open.with_earlier_key.contains(&it.seq()));
        // A key that signed nothing here has no business here.
        let all_used = (0..earlier.len()).all(|it| used.contains(&it));
        if last_is_own && all_used { Ok(open) } else { Err(ProofError::NotOneSigning) }
    }

    /// Whether it is of version 2, which had no journal's id.
    #[must_use]
    pub fn is_version_2(&self) -> bool {
        self.format.is_none()
    }

    /// The journal's id in hexadecimal: the hash of its first event; none in version 2.
    #[must_use]
    pub fn journal(&self) -> Option<&str> {
        self.journal.as_deref()
    }

    /// The keys that signed earlier events, in hexadecimal.
    #[must_use]
    pub fn earlier_keys(&self) -> &[String] {
        &self.earlier_keys
    }

    /// The signing that the events tell, whether they hold or not.
    ///
    /// # Errors
    /// [`ProofError::NotOneSigning`] when they tell none.
    pub fn entry(&self) -> Result<Entry, ProofError> {
        let first = self.events.first().filter(|_| self.events.len() <= MAX_EVENTS);
        let mut fold = Fold::new(first.ok_or(ProofError::NotOneSigning)?.entry);
        for event in &self.events {
            let told = Told {
                kind: event.kind.as_bytes(),
                at: event.at,
                body: event.body.as_bytes(),
                origin: event.origin.as_deref().unwrap_or_default().as_bytes(),
            };
            fold.take(told).map_err(|_| ProofError::NotOneSigning)?;
        }
        fold.done().ok_or(ProofError::NotOneSigning)
    }

    /// How many events it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it holds no events, which no proof from a record does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The bodies of the events of a kind, as JSON text.
    pub fn bodies(&self, kind: EventKind) -> impl Iterator<Item = &str> {
        self.events.iter().filter(move |it| it.kind == kind.as_str()).map(|it| it.body.as_str())
    }

    /// The bodies of the events of a kind, as JSON text, that come after the last event of another kind.
    pub fn bodies_since(&self, kind: EventKind, last: EventKind) -> impl Iterator<Item = &str> {
        let from = self.events.iter().rposition(|it| it.kind == last.as_str()).map_or(0, |it| it + 1);
        let since = self.events.iter().skip(from);
        since.filter(move |it| it.kind == kind.as_str()).map(|it| it.body.as_str())
    }

    /// The body of the last event, as JSON text, if it is of a kind.
    #[must_use]
    pub fn last_body(&self, kind: EventKind) -> Option<&str> {
        self.events.last().filter(|it| it.kind == kind.as_str()).map(|it| it.body.as_str())
    }
}

impl ProvenEvent {
    fn of(raw: &Raw, previous: &Link, bound: &Bound) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let is_3 = raw.format() == Format::Three;
        Self {
            seq: raw.seq,
            kind: text(&raw.kind),
            entry: raw.entry,
            at: raw.at,
            body: text(&raw.body),
            origin: is_3.then(|| text(&raw.origin)),
            author: is_3.then(|| text(&raw.author)),
            entry_previous_hash: is_3.then(|| hex(&bound.of_entry)),
            previous_hash: hex(&previous.hash),
            previous_signature: hex(&previous.signature),
            hash: hex(&raw.hash),
            signature: hex(&raw.signature),
        }
    }

    /// The version that it is checked as. Its hash and signature are of one version, so no event passes as one of the other.
    fn format(&self) -> Format {
        if self.entry_previous_hash.is_some() { Format::Three } else { Format::Two }
    }

    /// Its number in the journal.
    #[must_use]
    pub fn seq(&self) -> u64 {
        u64::try_from(self.seq).unwrap_or(0)
    }

    /// When it was recorded, by the clock of that moment.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.at)
    }

    /// Its kind, as it stands in the journal.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Who caused it; nothing is known of an event of version 2.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin.as_ref().map(|it| fold::origin(it.as_bytes())).unwrap_or_default()
    }

    fn holds(&self, key: &[u8; 32], journal: Option<Hash>) -> bool {
        let links = || {
            let previous = Link {
                seq: self.seq.checked_sub(1)?,
                hash: unhex::<32>(&self.previous_hash)?,
                signature: unhex::<64>(&self.previous_signature)?,
            };
            let bound = match (&self.entry_previous_hash, &self.origin, &self.author) {
                (None, None, None) => None,
                (Some(it), Some(_), Some(_)) => Some(Bound { journal: journal?, of_entry: unhex(it)? }),
                _ => return None,
            };
            Some((previous, bound, unhex::<32>(&self.hash)?, unhex::<64>(&self.signature)?))
        };
        let Some((previous, bound, hash, signature)) = links() else { return false };
        let content = Content {
            seq: self.seq,
            kind: self.kind.as_bytes(),
            entry: self.entry,
            at: self.at,
            body: self.body.as_bytes(),
            origin: self.origin.as_deref().unwrap_or_default().as_bytes(),
            author: self.author.as_deref().unwrap_or_default().as_bytes(),
        };
        let link = Link { seq: self.seq, hash, signature };
        content.hash(&previous, bound.as_ref()) == hash && link.is_signed(self.format(), key)
    }

    /// Whether it builds on the event before it of the same signing, as far as that can be told: an event of version 2 builds on
    /// it only where no other event is between them.
    fn follows(&self, former: Option<&Self>) -> bool {
        let Some(former) = former else {
            return self.entry_previous_hash.as_ref().is_none_or(|it| *it == hex(&Hash::default()));
        };
        let adjoins = !self.is_next_to(former)
            || (self.previous_hash == former.hash && self.previous_signature == former.signature);
        let of_entry = match &self.entry_previous_hash {
            Some(it) => *it == former.hash,
            // Nothing goes back to version 2.
            None => former.format() == Format::Two,
        };
        adjoins && of_entry
    }

    /// Whether no event is between the two in the journal.
    fn is_next_to(&self, former: &Self) -> bool {
        former.seq.checked_add(1) == Some(self.seq)
    }

    /// Whether something in it binds it to the event before it, which [`Self::follows`] compared.
    fn is_bound_to(&self, former: &Self) -> bool {
        self.format() == Format::Three || self.is_next_to(former)
    }
}

#[cfg(test)]
mod tests;
