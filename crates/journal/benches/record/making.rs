//! A large journal in a few minutes: its events are written as docs/record-format.md describes them, in one transaction,
//! and the lists are made from them. Recorded one after the other, a million signings would take an hour.

use std::path::Path;
use std::time::Instant;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use journal::Journal;
use rusqlite::{Connection, params};

use super::{SERVER, at, ending, intent_id, request};

/// A check verifies the signature of one event in so many, which vouches for those before it; see `walk.rs`.
const RUN: i64 = 1024;

/// The end of the chain while it is written.
struct Chain {
    seq: i64,
    hash: [u8; 32],
    signature: [u8; 64],
    key: Ed25519KeyPair,
    /// The journal's id.
    journal: [u8; 32],
    /// The entry of the last event, and its hash: the events of an entry follow one another here.
    entry: (u64, [u8; 32]),
}

/// Makes a journal of so many entries in a folder.
pub(crate) fn make(folder: &Path, entries: u64) {
    let started = Instant::now();
    drop(Journal::open(folder, at(0)).unwrap());
    write_events(folder, entries);
    let written = started.elapsed().as_secs();
    // Opening finds that the lists end too early, and makes them from the events.
    let journal = Journal::open(folder, at(0)).unwrap().journal;
    let listed = started.elapsed().as_secs();
    while journal.bring_in_words().unwrap() {}
    // The last event of the journal's own, with a head.
    journal.annotate(entries, at(entries), "the last one", "").unwrap();
    drop(journal);
    let size = std::fs::metadata(folder.join(journal::FILE_NAME)).unwrap().len() / 1024 / 1024;
    println!(
        "| made: {entries} entries, {size} MiB, in {} s (events {written} s, lists {} s) | | | |",
        started.elapsed().as_secs(),
        listed - written
    );
}

fn write_events(folder: &Path, entries: u64) {
    let seed = std::fs::read_to_string(folder.join(journal::KEY_FILE_NAME)).unwrap();
    let seed: Vec<u8> = seed
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|it| u8::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap())
        .collect();
    let mut connection = Connection::open(folder.join(journal::FILE_NAME)).unwrap();
    let (seq, hash, signature) = connection
        .query_row("SELECT seq, hash, signature FROM event ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let journal = connection.query_row("SELECT hash FROM event WHERE seq = 1", [], |row| row.get(0)).unwrap();
    let key = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let mut chain = Chain { seq, hash, signature, key, journal, entry: (0, [0; 32]) };
    let transaction = connection.transaction().unwrap();
    for number in 1..=entries {
        let intent = serde_json::json!({
            "intent": intent_id(number), "server": SERVER, "request": request(number),
        });
        chain.append(&transaction, "intent", number, &intent.to_string());
        if number.is_multiple_of(500) {
            continue;
        }
        chain.append(&transaction, "sent", number, "{}");
        let outcome = serde_json::to_value(ending(number)).unwrap();
        chain.append(&transaction, "outcome", number, &outcome.to_string());
    }
    transaction.commit().unwrap();
}

impl Chain {
    fn append(&mut self, connection: &Connection, kind: &str, entry: u64, body: &str) {
        const ORIGIN: &str = r#"{"computer":"ca-desk","host":"terminal","program":"csrdesk 0.1.0","token":"5f0c1d9a4be27713","user":"anna"}"#;
        let of_entry = if self.entry.0 == entry { self.entry.1 } else { [0; 32] };
        self.entry.0 = entry;
        let (entry, at) = (i64::try_from(entry).unwrap(), i64::try_from(entry).unwrap());
        let seq = self.seq + 1;
        let length = |it: &str| u32::try_from(it.len()).unwrap().to_be_bytes();
        let encoding = [
            b"csrdesk-record-v3\0".as_slice(),
            &self.journal,
            &seq.to_be_bytes(),
            &self.hash,
            &self.signature,
            &entry.to_be_bytes(),
            &of_entry,
            &at.to_be_bytes(),
            &length(kind),
            kind.as_bytes(),
            &length(body),
            body.as_bytes(),
            &length(ORIGIN),
            ORIGIN.as_bytes(),
            &length(""),
        ]
        .concat();
        self.hash.copy_from_slice(digest(&SHA256, &encoding).as_ref());
        self.entry.1 = self.hash;
        // The first event, which names the key, is a run of its own.
        let ends_a_run = (seq - 1).rem_euclid(RUN) == 0;
        let head = [b"csrdesk-head-v3\0".as_slice(), &seq.to_be_bytes(), &self.hash].concat();
        self.signature = match ends_a_run {
            true => self.key.sign(&head).as_ref().try_into().unwrap(),
            false => [0; 64],
        };
        self.seq = seq;
        connection
            .prepare_cached("INSERT INTO event (seq, kind, entry, at, body, hash, signature, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .unwrap()
            .execute(params![seq, kind, entry, at, body, self.hash, self.signature, ORIGIN])
            .unwrap();
    }
}
