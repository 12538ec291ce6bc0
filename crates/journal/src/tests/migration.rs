//! A record of format 1 is taken over whole.

use domain::{HistoryFilter, Outcome, Remark};

use super::*;

/// The tables of format 1, as its last version made them.
const FORMAT_1: &str = "
    CREATE TABLE intent (
        entry     INTEGER PRIMARY KEY AUTOINCREMENT,
        intent_id TEXT    NOT NULL UNIQUE,
        at        INTEGER NOT NULL, -- milliseconds since 1970-01-01T00:00:00Z
        server    TEXT    NOT NULL,
        csr_id    TEXT    NOT NULL,
        request   TEXT    NOT NULL  -- JSON
    ) STRICT;
    CREATE INDEX intent_by_csr ON intent (server, csr_id);
    CREATE TABLE ending (
        entry   INTEGER PRIMARY KEY REFERENCES intent (entry),
        at      INTEGER NOT NULL,
        outcome TEXT    NOT NULL,
        body    TEXT    NOT NULL    -- JSON
    ) STRICT;
    CREATE TRIGGER intent_stays BEFORE UPDATE ON intent BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER intent_kept BEFORE DELETE ON intent BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER ending_stays BEFORE UPDATE ON ending BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER ending_kept BEFORE DELETE ON ending BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    PRAGMA journal_mode = WAL;
    PRAGMA application_id = 0x43535264;
    PRAGMA user_version = 1;
";

/// Four signings: signed, never answered, refused (by a clock that went back), and one whose ending is damaged.
const SIGNINGS: &str = r#"
    INSERT INTO intent VALUES (1, 'aaaaaaaa', 100, 'https://h', '303', '{"sign_type":"signWithRoot","issuer":{"common_name":"testroot","serial_number":"1879376424c"},"validity":100,"intermediate":true,"csr_id":303,"organization":null}');
    INSERT INTO intent VALUES (2, 'bbbbbbbb', 200, 'https://h', '304', '{"sign_type":"MSCA","issuer":null,"validity":1,"intermediate":false,"csr_id":304,"organization":"Org"}');
    INSERT INTO intent VALUES (4, 'dddddddd', 400, 'https://h', '306', '{"sign_type":"MSCA","issuer":null,"validity":1,"intermediate":false,"csr_id":306,"organization":null}');
    INSERT INTO intent VALUES (3, 'cccccccc', 300, 'https://h', '305', '{"sign_type":"MSCA","issuer":null,"validity":1,"intermediate":false,"csr_id":305,"organization":null}');
    INSERT INTO ending VALUES (1, 350, 'signed', '{"outcome":"signed","code":"signed","server_message":"Success","detail":null,"certificates":[{"common_name":"a","certificate_id":"9","serial_number":"B7D5"}],"seen":{"http_status":200,"raw_answer":"{}","tls_version":"TLSv1.3","server_certificate_sha256":"00","elapsed_ms":3}}');
    INSERT INTO ending VALUES (3, 250, 'refused', '{"outcome":"refused","code":"server-refused","server_message":"No","detail":null,"certificates":[],"seen":{}}');
    INSERT INTO ending VALUES (4, 450, 'unknown', 'no json');
"#;

fn format_1() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.execute_batch(FORMAT_1).unwrap();
    connection.execute_batch(SIGNINGS).unwrap();
    folder
}

#[test]
fn entries_keep_their_numbers_times_and_outcomes() {
    let folder = format_1();
    let journal = open(folder.path());
    let page = journal.page(&HistoryFilter::default(), None, 10).unwrap();
    assert_eq!(page.damaged, [4]);
    let [third, second, first] = page.entries.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.entry, first.at, first.answered_at), (1, at(100), Some(at(350))));
    assert_eq!((first.intent.as_str(), first.server.as_str()), ("aaaaaaaa", "https://h"));
    assert_eq!(first.outcome(), Outcome::Signed);
    assert_eq!(first.ending.seen.elapsed_ms, 3);
    // Whether it had left was not recorded then: it may have.
    assert_eq!((second.entry, second.code()), (2, ErrorCode::Interrupted));
    assert_eq!((third.entry, third.outcome(), third.answered_at), (3, Outcome::Refused, Some(at(250))));

    let found = check(&journal);
    assert!(found.holds() && found.entries == 4, "{found:?}");
    assert_eq!(found.listing, domain::Listing::Sound);
    assert_eq!(found.notes, [Remark::ClockWentBack { times: 1, seq: 7, by_ms: 50 }]);
    assert_eq!(journal.count(&HistoryFilter { serial: "b7:d5".into(), ..Default::default() }).unwrap(), 1);
    assert_eq!(begin(&journal, "aaaaaaaa", "303"), Begun::Known(Box::new(first.clone())));
    assert_eq!(begin(&journal, "eeeeeeee", "303"), Begun::Before(vec![1]));
    assert_eq!(begin(&journal, "eeeeeeee", "999"), Begun::New(5));
}

#[test]
fn who_takes_it_over_did_not_sign_what_is_in_it() {
    let folder = format_1();
    let origin = Origin { user: "anna".into(), ..Default::default() };
    let journal =
        Journal::open(folder.path(), Caller { at: at(1_000), origin: origin.clone() }).unwrap().journal;
    for entry in 1..=3 {
        assert!(journal.entry(entry).unwrap().unwrap().origin.is_unknown());
        assert!(journal.events(entry).unwrap().iter().all(|it| it.origin.is_unknown()));
    }
    let connection = Connection::open(journal.path()).unwrap();
    let sql = "SELECT origin FROM event WHERE kind = 'migrated'";
    let text: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(serde_json::from_str::<Origin>(&text).unwrap(), origin);
}

#[test]
fn nothing_of_the_old_tables_is_lost_and_it_happens_once() {
    let folder = format_1();
    let (one, two) = (open(folder.path()), open(folder.path()));
    assert_eq!(check(&one).events, check(&two).events);
    let connection = Connection::open(one.path()).unwrap();
    let count = |table: &str| -> i64 {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("v1_intent"), count("v1_ending")), (4, 3));
    // A program of format 1 that is still running is stopped rather than lost.
    connection.execute("INSERT INTO intent VALUES (9, 'x', 1, 'h', '1', '{}')", []).unwrap_err();
}

#[test]
fn an_empty_record_is_taken_over_too() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.execute_batch(FORMAT_1).unwrap();
    drop(connection);
    let journal = open(folder.path());
    assert_eq!(check(&journal).events, 2);
    assert_eq!(begin(&journal, "a", "1"), Begun::New(1));
}

#[test]
fn its_log_has_a_durable_name_before_it_is_taken_over() {
    let folder = format_1();
    wal::NAMES_SYNCED.take();
    drop(open(folder.path()));
    let [empty, filled] = wal::NAMES_SYNCED.take()[..] else { panic!() };
    assert!(empty == 0 && filled > 0);
}
