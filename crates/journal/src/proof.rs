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
            let signer = earlier.iter().position(|key| event.holds(key, journal));
            match signer {
                _ if event.holds(&own, journal) => {}
                Some(signer) => {
                    open.with_earlier_key.push(event.seq());
                    used.push(signer);
                }
                None => return Err(ProofError::Broken(event.seq)),
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
mod tests {
    use domain::{Ending, ErrorCode, SignForm};

    use super::*;
    use crate::{Begun, Intent};

    fn proven() -> (tempfile::TempDir, Proof) {
        let folder = tempfile::tempdir().unwrap();
        let at = Timestamp::from_millis(1);
        let journal = Journal::open(folder.path(), at).unwrap().journal;
        let form = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "9".into(),
            csr_id: "3".into(),
            ..SignForm::default()
        };
        let request = form.check(at).unwrap();
        let intent =
            Intent { id: "one", at, server: "https://h", request: &request, again: None, token: None };
        assert_eq!(journal.begin(&intent).unwrap(), Begun::New(1));
        let _ = journal.sent(1, at).unwrap();
        journal.finish(1, at, &Ending::new(ErrorCode::TimedOut)).unwrap();
        let proof = journal.proof(1, None).unwrap().unwrap();
        assert_eq!(journal.proof(2, None).unwrap(), None);
        assert_eq!(proof.entry().unwrap(), journal.entry(1).unwrap().unwrap());
        (folder, proof)
    }

    #[test]
    fn a_proof_holds_away_from_its_record() {
        let (_folder, proof) = proven();
        assert_eq!(proof.events.len(), 3);
        let text = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<Proof>(&text).unwrap().check(), Ok(LeftOpen::default()));
        assert_eq!(proof.bodies(EventKind::Outcome).count(), 1);
    }

    #[test]
    fn whatever_is_changed_in_a_proof_is_found() {
        let (_folder, good) = proven();
        let broken = |change: fn(&mut Proof)| {
            let mut proof = good.clone();
            change(&mut proof);
            assert!(proof.check().is_err(), "{proof:?}");
        };
        broken(|it| it.events[2].body = it.events[2].body.replace("timed-out", "signed"));
        broken(|it| it.events[0].at += 1);
        broken(|it| it.events[1].entry = 2);
        broken(|it| it.events[1].seq += 1);
        broken(|it| it.events[1].kind = "outcome".into());
        broken(|it| it.events.swap(0, 1));
        broken(|it| it.events.clear());
        broken(|it| it.public_key = "00".repeat(32));
        broken(|it| it.events[2].signature = it.events[1].signature.clone());
        broken(|it| it.events[2].previous_hash = it.events[0].previous_hash.clone());
        broken(|it| it.events[2].origin = Some("{\"user\":\"anna\"}".into()));
        broken(|it| it.events[2].origin = None);
        broken(|it| it.events[2].author = Some("x".into()));
        broken(|it| it.events[2].entry_previous_hash = it.events[1].entry_previous_hash.clone());
        broken(|it| it.journal = Some("00".repeat(32)));
        broken(|it| it.journal = None);
        broken(|it| it.format = None);
        broken(|it| (it.format, it.journal) = (None, None));
        broken(|it| it.format = Some(2));
        let newer = Proof { format: Some(4), ..good.clone() };
        assert_eq!(newer.check(), Err(ProofError::Newer(4)));
        // An event of version 3 is none of version 2.
        broken(|it| {
            (it.format, it.journal) = (None, None);
            for event in &mut it.events {
                (event.origin, event.author, event.entry_previous_hash) = (None, None, None);
            }
        });
        let text = serde_json::to_string(&good).unwrap();
        for field in ["\"seq\"", "\"public_key\""] {
            let more = text.replacen(field, &format!("\"approved_by\":\"Anna\",{field}"), 1);
            assert!(serde_json::from_str::<Proof>(&more).unwrap_err().to_string().contains("approved_by"));
        }
    }

    #[test]
    fn events_from_before_a_change_of_the_key_are_vouched_for_by_the_last_one() {
        let (folder, before) = proven();
        std::fs::remove_file(folder.path().join(crate::KEY_FILE_NAME)).unwrap();
        let at = Timestamp::from_millis(2);
        let journal = Journal::open(folder.path(), at).unwrap().journal;
        let last = journal.record_evidence(1, at, &(), None).unwrap();
        let proof = journal.proof(1, Some(last)).unwrap().unwrap();
        assert_eq!(proof.earlier_keys, std::slice::from_ref(&before.public_key));
        let open = LeftOpen { with_earlier_key: vec![2, 3, 4], ..LeftOpen::default() };
        assert_eq!(proof.check(), Ok(open));
        let broken = |change: &dyn Fn(&mut Proof)| {
            let mut proof = proof.clone();
            change(&mut proof);
            proof.check().unwrap_err();
        };
        broken(&|it| it.earlier_keys.clear());
        broken(&|it| it.earlier_keys.push("00".repeat(32)));
        broken(&|it| it.earlier_keys.push(before.public_key.clone()));
        broken(&|it| it.earlier_keys.push(it.public_key.clone()));
        broken(&|it| std::mem::swap(&mut it.public_key, &mut it.earlier_keys[0]));
        // The last event is the one of the key in force.
        broken(&|it| drop(it.events.pop()));
        broken(&|it| drop(it.events.remove(1)));
        // Of an earlier journal with that key, as of any other one.
        let (_other, other) = proven();
        broken(&|it| {
            it.earlier_keys = vec![other.public_key.clone()];
            it.events[..3].clone_from_slice(&other.events);
        });
    }

    #[test]
    fn an_event_that_is_left_out_between_two_others_is_missing() {
        let (_folder, good) = proven();
        for (missing, found) in [(0, 3), (1, 4)] {
            let mut proof = good.clone();
            proof.events.remove(missing);
            assert_eq!(proof.check(), Err(ProofError::Unlinked(found)));
        }
        // What is left out at the end no event of the signing can tell.
        let mut proof = good;
        proof.events.pop();
        assert_eq!(proof.check(), Ok(LeftOpen::default()));
    }

    /// The proofs of two signings of the same CSR, by turns in one journal.
    fn two_in(folder: &std::path::Path, key: Option<&std::path::Path>) -> [Proof; 2] {
        if let Some(other) = key {
            std::fs::copy(other.join(crate::KEY_FILE_NAME), folder.join(crate::KEY_FILE_NAME)).unwrap();
        }
        let at = Timestamp::from_millis(1);
        let journal = Journal::open(folder, at).unwrap().journal;
        let form = |csr_id: &str| SignForm {
            sign_type: "MSCA".into(),
            validity_days: "9".into(),
            csr_id: csr_id.into(),
            ..SignForm::default()
        };
        for (id, csr_id) in [("one", "3"), ("two", "4")] {
            let request = form(csr_id).check(at).unwrap();
            let intent = Intent { id, at, server: "https://h", request: &request, again: None, token: None };
            let _ = journal.begin(&intent).unwrap();
        }
        for entry in [1, 2] {
            let _ = journal.sent(entry, at).unwrap();
        }
        for (entry, code) in [(1, ErrorCode::TimedOut), (2, ErrorCode::ServerRefused)] {
            journal.finish(entry, at, &Ending::new(code)).unwrap();
        }
        [1, 2].map(|it| journal.proof(it, None).unwrap().unwrap())
    }

    #[test]
    fn events_of_two_signings_or_two_journals_do_not_make_one_proof() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let here = two_in(one.path(), None);
        let there = two_in(two.path(), Some(one.path()));
        assert_eq!(here[0].public_key, there[0].public_key);
        assert_ne!(here[0].journal, there[0].journal);
        for proof in here.iter().chain(&there) {
            assert_eq!(proof.check(), Ok(LeftOpen::default()));
        }
        // The request of one signing and the answer of another: the other journal's, then the other entry's.
        for (other, from) in [(&there[0], 1), (&there[0], 2), (&there[1], 2), (&here[1], 1), (&here[1], 2)] {
            for journal in [&here[0].journal, &other.journal] {
                let mut mixed = Proof { journal: journal.clone(), ..here[0].clone() };
                mixed.events.truncate(from);
                mixed.events.extend(other.events[from..].iter().cloned());
                mixed.events.sort_by_key(|it| it.seq);
                mixed.check().unwrap_err();
                // Also under the number of the first one.
                for event in &mut mixed.events {
                    event.entry = 1;
                }
                mixed.check().unwrap_err();
            }
        }
    }
}
