//! A journal of version 2 is checked as it is, and goes on in version 3.

use std::collections::HashMap;

use domain::{EventKind, HeadState, Remark, Why, WhyOpen};
use serde_json::{Value, json};

use super::*;
use crate::canonical::{Bound, Content, Format, Link, hex};
use crate::chain::{self, Raw};
use crate::head::{HeadText, Lines};

/// The table of events as the last program of version 2 made it.
const EVENTS_2: &str = "
    CREATE TABLE event (
        seq       INTEGER PRIMARY KEY,
        kind      TEXT    NOT NULL,
        entry     INTEGER NOT NULL,
        at        INTEGER NOT NULL,
        body      TEXT    NOT NULL,
        hash      BLOB    NOT NULL,
        signature BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX event_by_entry ON event (entry, seq) WHERE entry > 0;
    CREATE INDEX event_of_key ON event (seq) WHERE kind IN ('opened', 'key_changed');
    CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER event_follows BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE seq >= NEW.seq)
        BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    PRAGMA application_id = 0x43535264;
    PRAGMA user_version = 2;
";

/// Appends events by hand, of either version.
struct Hand {
    connection: Connection,
    key: SeedKey,
    of_entry: HashMap<i64, [u8; 32]>,
}

impl Hand {
    /// Goes on in a journal.
    fn on(folder: &Path) -> Self {
        let key = key::read_file(folder).unwrap().unwrap();
        let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
        let mut last = connection.prepare("SELECT entry, hash FROM event ORDER BY seq").unwrap();
        let rows = last.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let of_entry: HashMap<i64, [u8; 32]> = rows.map(Result::unwrap).collect();
        drop(last);
        Self { connection, key, of_entry }
    }

    fn append(&mut self, format: Format, kind: &str, entry: i64, body: &Value) -> Link {
        let last = chain::last(&self.connection).unwrap();
        let previous = last.map_or(Link::START, |it| it.link().unwrap());
        let bound = Bound {
            journal: chain::hash_of(&self.connection, 1).unwrap().unwrap_or_default(),
            of_entry: self.of_entry.get(&entry).filter(|_| entry > 0).copied().unwrap_or_default(),
        };
        let (origin, bound) = match format {
            Format::Two => ("", None),
            Format::Three => ("{}", Some(&bound)),
        };
        let (seq, body) = (previous.seq + 1, canonical::json(body).unwrap());
        let content = Content {
            seq,
            kind: kind.as_bytes(),
            entry,
            at: 1_000,
            body: body.as_bytes(),
            origin: origin.as_bytes(),
            author: b"",
        };
        let hash = content.hash(&previous, bound);
        let signature = self.key.sign(&Link::signed_bytes(format, seq, &hash)).unwrap();
        let sql = "INSERT INTO event (seq, kind, entry, at, body, hash, signature) VALUES (?1, ?2, ?3, 1000, ?4, ?5, ?6)";
        self.connection.execute(sql, (seq, kind, entry, &body, hash, signature)).unwrap();
        if format == Format::Three {
            self.connection.execute("UPDATE event SET origin = ?1 WHERE seq = ?2", (origin, seq)).unwrap();
        }
        self.of_entry.insert(entry, hash);
        Link { seq, hash, signature }
    }

    fn sign(&mut self, format: Format, entry: i64) {
        let request = serde_json::to_value(request(&entry.to_string())).unwrap();
        let intent =
            json!({ "intent": format!("intent-{entry}"), "server": "https://h", "request": request });
        self.append(format, "intent", entry, &intent);
        self.append(format, "sent", entry, &json!({}));
        self.append(format, "outcome", entry, &serde_json::to_value(signed()).unwrap());
    }

    /// The lists and the head, as a program leaves them.
    fn leave(self, folder: &Path) {
        listing::rebuild(&self.connection).unwrap();
        let raw = chain::last(&self.connection).unwrap().unwrap();
        head::write(folder, &HeadText::new(&raw.link().unwrap(), raw.at), Lines::Both).unwrap();
    }
}

/// Two signings in seven events, as a program of version 2 recorded them.
pub(super) fn version_2() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = key::make_file(folder.path()).unwrap();
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    schema::set_durable(&connection).unwrap();
    connection.execute_batch(EVENTS_2).unwrap();
    schema::make_event_indexes(&connection).unwrap();
    schema::make_listing(&connection).unwrap();
    let public_key = hex(&key.public_key());
    let mut hand = Hand { connection, key, of_entry: HashMap::new() };
    hand.append(Format::Two, "opened", 0, &json!({ "format": 2, "key": "file", "public_key": public_key }));
    hand.sign(Format::Two, 1);
    hand.sign(Format::Two, 2);
    hand.leave(folder.path());
    folder
}

/// A journal of both versions: three signings, and a note about the first one in version 3.
pub(super) fn mixed() -> tempfile::TempDir {
    let folder = version_2();
    let journal = open(folder.path());
    sign(&journal, "3", &signed());
    journal.annotate(1, at(1_000), "of version 3", "").unwrap();
    folder
}

fn rows(folder: &Path) -> Vec<Raw> {
    let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
    let sql = Raw::select(&connection, "ORDER BY seq").unwrap();
    let mut statement = connection.prepare(&sql).unwrap();
    statement.query_map([], Raw::of).unwrap().map(Result::unwrap).collect()
}

fn version(folder: &Path) -> i64 {
    schema::version(&Connection::open(folder.join(FILE_NAME)).unwrap()).unwrap()
}

fn verified(folder: &Path) -> Verification {
    verify_folder(folder, None, &mut |_| {}).unwrap()
}

/// A keychain that gives no key.
struct Locked;

impl KeyKeeper for Locked {
    fn read(&self, _: &str) -> Result<Option<zeroize::Zeroizing<String>>, KeeperError> {
        Err("it is locked".into())
    }

    fn write(&self, _: &str, _: &str) -> Result<(), KeeperError> {
        Err("it is locked".into())
    }

    fn delete(&self, _: &str) -> Result<(), KeeperError> {
        Err("it is locked".into())
    }
}

#[test]
fn it_goes_on_in_version_3_and_no_event_is_written_again() {
    let folder = version_2();
    let (before, found) = (rows(folder.path()), verified(folder.path()));
    assert!(found.holds() && found.head == HeadState::Matches, "{found:?}");
    assert_eq!(version(folder.path()), 2, "a check changes nothing");

    let journal = open(folder.path());
    assert_eq!(sign(&journal, "3", &signed()), 3);
    journal.annotate(1, at(1_000), "of version 3", "").unwrap();
    drop(journal);
    let after = rows(folder.path());
    assert_eq!((version(folder.path()), after.len()), (3, 12));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before.hash, &before.signature, &before.body),
            (&after.hash, &after.signature, &after.body)
        );
        assert!(after.origin.is_empty() && after.author.is_empty());
    }
    let changed = &after[7];
    assert_eq!(changed.kind(), Some(EventKind::FormatChanged));
    let body = json!({ "from": 2, "journal": hex(&before[0].hash), "to": 3 });
    assert_eq!(serde_json::from_slice::<Value>(&changed.body).unwrap(), body);
    assert!(after[7..].iter().all(|it| !it.origin.is_empty()));
    let found = verified(folder.path());
    assert!(found.holds() && found.notes.is_empty() && found.head == HeadState::Matches, "{found:?}");
    // Once.
    drop(open(folder.path()));
    assert_eq!(rows(folder.path()).len(), 12);
}

#[test]
fn without_its_key_it_is_read_as_it_is() {
    let folder = version_2();
    std::fs::remove_file(folder.path().join(KEY_FILE_NAME)).unwrap();
    std::fs::write(folder.path().join(KEY_ID_FILE_NAME), "00".repeat(16)).unwrap();
    for to_record in [false, true] {
        let (folder, now) = (folder.path(), at(2_000));
        let opened = match to_record {
            true => Journal::open_keeping(folder, now, &Locked),
            false => Journal::open_to_read(folder, now, &Locked),
        };
        let journal = opened.unwrap().journal;
        assert_eq!(journal.entry(2).unwrap().unwrap().code(), ErrorCode::Signed);
        assert_eq!(journal.events(2).unwrap().len(), 3);
        assert_eq!(
            journal.proof(2, None).unwrap().unwrap().check(),
            Ok(LeftOpen::default()),
            "no other event was recorded between"
        );
        let mut copy = Vec::new();
        journal.export(&mut copy).unwrap();
        assert!(copy.starts_with(b"{\"csrdesk_record\":2,"));
        assert!(verify_export(&mut copy.as_slice(), None).unwrap().holds());
        journal.annotate(1, at(2_000), "no key", "").unwrap_err();
        drop(journal);
        assert_eq!((version(folder), rows(folder).len()), (2, 7));
    }
}

#[test]
fn a_program_that_fails_in_between_leaves_a_journal_of_version_2() {
    struct Refuses([u8; 32]);
    impl HeadKey for Refuses {
        fn sign(&self, _: &[u8]) -> Result<[u8; 64], JournalError> {
            Err(JournalError::Key("it was taken away".to_owned()))
        }
        fn public_key(&self) -> [u8; 32] {
            self.0
        }
        fn kind(&self) -> KeyKind {
            KeyKind::File
        }
    }
    let folder = version_2();
    let own = key::read_file(folder.path()).unwrap().unwrap().public_key();
    Journal::open_with_key(folder.path(), at(2_000), Box::new(Refuses(own))).unwrap_err();
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    assert_eq!((version(folder.path()), schema::has_origin(&connection).unwrap()), (2, false));
    assert!(verified(folder.path()).holds());
    drop(open(folder.path()));
    assert!(verified(folder.path()).holds());
    assert_eq!(version(folder.path()), 3);
    // The connection was open before: it sees the columns too.
    assert!(schema::has_origin(&connection).unwrap());
}

#[test]
fn a_program_of_version_2_that_has_it_open_records_nothing_more() {
    let folder = version_2();
    let old = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    drop(open(folder.path()));
    let refused = old.execute(
        "INSERT INTO event (seq, kind, entry, at, body, hash, signature) VALUES (9, 'sent', 2, 1, '{}', x'', x'')",
        [],
    );
    assert!(refused.unwrap_err().to_string().contains("newer version"));
    assert!(verified(folder.path()).holds());
}

#[test]
fn what_opening_finds_in_it_is_told_too() {
    // Another key, which the former one does not confirm: named in version 2, as the former key can no longer end it.
    let folder = version_2();
    std::fs::remove_file(folder.path().join(KEY_FILE_NAME)).unwrap();
    let journal = Journal::open(folder.path(), at(2_000)).unwrap().journal;
    let kinds: Vec<_> = rows(folder.path()).iter().skip(7).map(|it| it.kind().unwrap()).collect();
    assert_eq!(kinds, [EventKind::KeyChanged, EventKind::FormatChanged]);
    assert!(matches!(journal.open_findings().unwrap()[0].why, WhyOpen::KeyReplaced { .. }));
    acknowledge(&journal);
    let found = check(&journal);
    assert!(found.holds(), "{found:?}");

    // An older file was put back: the head of a journal of version 3 proves it.
    let (folder, older) = (version_2(), tempfile::tempdir().unwrap());
    std::fs::copy(folder.path().join(FILE_NAME), older.path().join(FILE_NAME)).unwrap();
    sign(&open(folder.path()), "3", &signed());
    std::fs::copy(older.path().join(FILE_NAME), folder.path().join(FILE_NAME)).unwrap();
    let journal = opened(folder.path()).journal;
    let kinds: Vec<_> = rows(folder.path()).iter().skip(7).map(|it| it.kind().unwrap()).collect();
    assert_eq!(kinds, [EventKind::FormatChanged, EventKind::Gap]);
    assert_eq!(journal.open_findings().unwrap()[0].why, WhyOpen::Truncated);
    assert_eq!(check(&journal).first_bad.map(|it| it.why), Some(Why::Truncated));
}

/// What a check says of a journal of both versions after a change by hand, with the key.
fn by_hand(change: impl FnOnce(&mut Hand)) -> Option<(u64, Why)> {
    let folder = mixed();
    let mut hand = Hand::on(folder.path());
    let all = triggers(&hand.connection);
    hand.connection.execute_batch("DROP TRIGGER event_of_version; DROP TRIGGER event_stays").unwrap();
    change(&mut hand);
    mend(&hand.connection, &all);
    hand.leave(folder.path());
    let found = verified(folder.path());
    assert_eq!(found.holds(), found.first_bad.is_none(), "{found:?}");
    found.first_bad.map(|it| (it.seq, it.why))
}

#[test]
fn nothing_goes_back_to_version_2() {
    let id = |hand: &Hand| hex(&chain::hash_of(&hand.connection, 1).unwrap().unwrap());
    // The way by hand writes what a program writes.
    assert_eq!(by_hand(|it| it.sign(Format::Three, 4)), None);
    assert_eq!(by_hand(|it| it.sign(Format::Two, 4)), Some((13, Why::Changed)));
    let change = |from: i64, to: i64| {
        move |it: &mut Hand| {
            let body = json!({ "from": from, "journal": id(it), "to": to });
            it.append(Format::Three, "format_changed", 0, &body);
        }
    };
    assert_eq!(by_hand(change(2, 3)), Some((13, Why::Format)));
    assert_eq!(by_hand(change(3, 2)), Some((13, Why::Format)));

    // The event that ends version 2 names this journal and these versions.
    for (body, good) in [
        (json!({ "from": 2, "journal": "", "to": 3 }), false),
        (json!({ "from": 2, "journal": "00".repeat(32), "to": 3 }), false),
        (json!({ "from": 2, "to": 3 }), false),
        (json!({ "from": 1, "journal": Value::Null, "to": 3 }), false),
        (Value::Null, true),
    ] {
        let folder = version_2();
        let mut hand = Hand::on(folder.path());
        schema::add_origin(&hand.connection).unwrap();
        let all = triggers(&hand.connection);
        hand.connection.execute_batch("DROP TRIGGER event_stays").unwrap();
        let right = json!({ "from": 2, "journal": id(&hand), "to": 3 });
        hand.append(Format::Three, "format_changed", 0, if good { &right } else { &body });
        hand.sign(Format::Three, 3);
        mend(&hand.connection, &all);
        schema::end_version_2(&hand.connection).unwrap();
        hand.leave(folder.path());
        let found = verified(folder.path());
        let expected = (!good).then_some((8, Why::Format));
        assert_eq!(found.first_bad.map(|it| (it.seq, it.why)), expected, "{body}");
    }
}

#[test]
fn what_the_hash_of_version_2_does_not_cover_is_not_in_its_events() {
    for change in ["origin = '{\"user\":\"anna\"}'", "author = 'x'", "origin = ' '"] {
        let folder = mixed();
        tamper(folder.path(), &format!("UPDATE event SET {change} WHERE seq = 3"));
        let bad = verified(folder.path()).first_bad.unwrap();
        assert_eq!((bad.seq, bad.why), (3, Why::Changed), "{change}");
    }
}

#[test]
fn the_header_of_the_database_agrees_with_the_chain() {
    for (folder, named) in [(mixed(), 2), (version_2(), 3)] {
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection.pragma_update(None, "user_version", named).unwrap();
        drop(connection);
        let found = verified(folder.path());
        assert!(found.notes.contains(&Remark::FormatDiffers { named }) && !found.holds(), "{found:?}");
        // A program that records mends it.
        drop(open(folder.path()));
        assert!(verified(folder.path()).holds());
    }
}

#[test]
fn a_journal_without_events_begins_as_version_3() {
    let folder = version_2();
    tamper(folder.path(), "DELETE FROM event; DELETE FROM signing; DELETE FROM signing_serial");
    std::fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    assert!(rows(folder.path()).iter().all(|it| it.kind() != Some(EventKind::FormatChanged)));
    assert!(check(&journal).chain_holds());
    assert_eq!(version(folder.path()), 3);
}
