//! One signing taken out of the record so that it can be checked alone.
//!
//! Owns the form of such a proof and its check: each event with the hash and signature it builds on, so that its own hash
//! can be computed and its own signature verified. Refuses to claim more: that no other event belongs to the signing, and
//! that nothing stands between, only the whole record shows.

use domain::{Entry, EventKind};
use serde::{Deserialize, Serialize};

use crate::canonical::{Content, Link, hex, unhex};
use crate::chain::{self, Raw};
use crate::fold::{Fold, Told};
use crate::key::is_signed;
use crate::{Journal, JournalError};

/// More events than any signing has; a proof from elsewhere is bounded.
const MAX_EVENTS: usize = 10_000;

/// The events of one signing with all that their check needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The key that signed them, in hexadecimal.
    pub public_key: String,
    /// The events, oldest first.
    pub events: Vec<ProvenEvent>,
}

/// An event and what it builds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenEvent {
    seq: i64,
    kind: String,
    entry: i64,
    at: i64,
    body: String,
    previous_hash: String,
    previous_signature: String,
    hash: String,
    signature: String,
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// An event's hash or signature is not that of its content.
    #[error("event {0} does not hold: it was changed, or signed with another key")]
    Broken(i64),
    /// The events are none, too many, or not those of one signing in their order.
    #[error("these are not the events of one signing")]
    NotOneSigning,
}

impl Journal {
    /// The proof of one signing; none when there is no such entry.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn proof(&self, entry: u64) -> Result<Option<Proof>, JournalError> {
        let Ok(number) = i64::try_from(entry) else { return Ok(None) };
        self.read(|connection| {
            let keys = chain::keys(connection)?;
            let columns = Raw::COLUMNS;
            let mut of_entry = connection.prepare_cached(&format!(
                "SELECT {columns} FROM event WHERE entry = ?1 AND entry > 0 ORDER BY seq"
            ))?;
            let mut at_place =
                connection.prepare_cached(&format!("SELECT {columns} FROM event WHERE seq = ?1"))?;
            let raws = of_entry.query_map([number], Raw::of)?.collect::<Result<Vec<_>, _>>()?;
            let mut events = Vec::new();
            for raw in raws {
                let previous = match raw.seq {
                    1 => Some(Link::START),
                    seq => {
                        at_place.query_map([seq - 1], Raw::of)?.next().transpose()?.and_then(|it| it.link())
                    }
                };
                events.push(ProvenEvent::of(&raw, previous.unwrap_or(Link::START)));
            }
            // Several keys may have signed; each event is checked with the one named, so that must be its own.
            let key = keys
                .iter()
                .rev()
                .find(|key| events.iter().all(|it: &ProvenEvent| it.holds(key)))
                .or(keys.last());
            let public_key = key.map(|it| hex(it)).unwrap_or_default();
            Ok((!events.is_empty()).then_some(Proof { public_key, events }))
        })
    }
}

impl Proof {
    /// Checks every hash and signature under the key that the proof names.
    ///
    /// # Errors
    /// Which event does not hold.
    pub fn check(&self) -> Result<(), ProofError> {
        let in_order = self.events.windows(2).all(|pair| pair[0].seq < pair[1].seq);
        let of_one = self.events.windows(2).all(|pair| pair[0].entry == pair[1].entry);
        if self.events.is_empty() || self.events.len() > MAX_EVENTS || !in_order || !of_one {
            return Err(ProofError::NotOneSigning);
        }
        let key = unhex::<32>(&self.public_key).ok_or(ProofError::NotOneSigning)?;
        match self.events.iter().find(|it| !it.holds(&key)) {
            Some(event) => Err(ProofError::Broken(event.seq)),
            None => Ok(()),
        }
    }

    /// The signing that the events tell, whether they hold or not.
    ///
    /// # Errors
    /// [`ProofError::NotOneSigning`] when they tell none.
    pub fn entry(&self) -> Result<Entry, ProofError> {
        let first = self.events.first().filter(|_| self.events.len() <= MAX_EVENTS);
        let mut fold = Fold::new(first.ok_or(ProofError::NotOneSigning)?.entry);
        for event in &self.events {
            let told = Told { kind: event.kind.as_bytes(), at: event.at, body: event.body.as_bytes() };
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
}

impl ProvenEvent {
    fn of(raw: &Raw, previous: Link) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            seq: raw.seq,
            kind: text(&raw.kind),
            entry: raw.entry,
            at: raw.at,
            body: text(&raw.body),
            previous_hash: hex(&previous.hash),
            previous_signature: hex(&previous.signature),
            hash: hex(&raw.hash),
            signature: hex(&raw.signature),
        }
    }

    fn holds(&self, key: &[u8; 32]) -> bool {
        let links = || {
            let previous = Link {
                seq: self.seq.checked_sub(1)?,
                hash: unhex::<32>(&self.previous_hash)?,
                signature: unhex::<64>(&self.previous_signature)?,
            };
            Some((previous, unhex::<32>(&self.hash)?, unhex::<64>(&self.signature)?))
        };
        let Some((previous, hash, signature)) = links() else { return false };
        let content = Content {
            seq: self.seq,
            kind: self.kind.as_bytes(),
            entry: self.entry,
            at: self.at,
            body: self.body.as_bytes(),
        };
        content.hash(&previous) == hash && is_signed(key, &Link::signed_bytes(self.seq, &hash), &signature)
    }
}

#[cfg(test)]
mod tests {
    use domain::{Ending, ErrorCode, SignForm, Timestamp};

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
        let intent = Intent { id: "one", at, server: "https://h", request: &request, again: None };
        assert_eq!(journal.begin(&intent).unwrap(), Begun::New(1));
        let _ = journal.sent(1, at).unwrap();
        journal.finish(1, at, &Ending::new(ErrorCode::TimedOut)).unwrap();
        let proof = journal.proof(1).unwrap().unwrap();
        assert_eq!(journal.proof(2).unwrap(), None);
        assert_eq!(proof.entry().unwrap(), journal.entry(1).unwrap().unwrap());
        (folder, proof)
    }

    #[test]
    fn a_proof_holds_away_from_its_record() {
        let (_folder, proof) = proven();
        assert_eq!(proof.events.len(), 3);
        let text = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<Proof>(&text).unwrap().check(), Ok(()));
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
    }
}
