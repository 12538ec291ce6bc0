//! What the tests share, and the tests of what a caller sees.

mod altered;
mod copies;
mod damage;
mod findings;
mod format;
mod keeping;
mod log;
mod migration;
mod obstacles;
mod origins;
mod processes;
mod protocol;
mod random;
mod reading;
mod replaced;
mod searching;
mod signings;
mod tampering;
mod version_2;

use std::path::Path;
use std::time::Duration;

use domain::{Certificate, Ending, ErrorCode, SignForm, SignRequest, Timestamp, Verification};
use rusqlite::Connection;

use super::*;

/// A moment; the numbers are small so that they can be told apart.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn open(folder: &Path) -> Journal {
    let opened = opened(folder);
    assert!(opened.found.is_none() && opened.set_aside.is_none(), "{opened:?}");
    opened.journal
}

fn opened(folder: &Path) -> Opened {
    Journal::open(folder, at(1_000)).unwrap()
}

/// Does not wait for other programs, so that a test of waiting takes no time.
fn open_impatiently(folder: &Path) -> Result<Opened, JournalError> {
    Opening::new(folder, at(1_000), Duration::from_millis(1)).open(None)
}

fn request(csr_id: &str) -> SignRequest {
    let form = SignForm {
        sign_type: "signWithRoot".into(),
        root_common_name: "testroot".into(),
        root_serial_number: "1879376424c".into(),
        validity_days: "100".into(),
        intermediate: false,
        csr_id: csr_id.into(),
        organization: String::new(),
    };
    form.check(at(0)).unwrap()
}

fn begin_at(journal: &Journal, id: &str, csr_id: &str, millis: i64) -> Begun {
    let request = request(csr_id);
    journal
        .begin(&Intent {
            id,
            at: at(millis),
            server: "https://h",
            request: &request,
            again: None,
            token: None,
        })
        .unwrap()
}

fn begin(journal: &Journal, id: &str, csr_id: &str) -> Begun {
    begin_at(journal, id, csr_id, 1_000)
}

/// A signing from its intent to its outcome.
fn sign(journal: &Journal, csr_id: &str, ending: &Ending) -> u64 {
    let Begun::New(entry) = begin(journal, &format!("intent-{csr_id}"), csr_id) else {
        panic!("{csr_id} is on record")
    };
    assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
    journal.finish(entry, at(1_000), ending).unwrap();
    entry
}

fn signed() -> Ending {
    let mut ending = Ending::new(ErrorCode::Signed);
    ending.certificates.push(Certificate {
        common_name: Some("Web.Example.com".into()),
        certificate_id: Some("901".into()),
        serial_number: Some("B7:D5:FC:B7".into()),
    });
    ending
}

/// Acknowledges what is open. Gives how many findings that were.
fn acknowledge(journal: &Journal) -> usize {
    let found: Vec<u64> = journal.open_findings().unwrap().iter().map(|it| it.seq).collect();
    journal.acknowledge(at(1_000), &found, "restored, INC-7").unwrap();
    found.len()
}

fn check(journal: &Journal) -> Verification {
    journal.verify(&mut |_| {}).unwrap()
}

/// What makes the triggers of events again.
fn triggers(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'event%'";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Makes triggers again that somebody dropped to change events, so that only the events show it.
fn mend(connection: &Connection, triggers: &[String]) {
    for sql in triggers {
        // It may be there still.
        let _ = connection.execute_batch(sql);
    }
}

/// A connection that can do what the record forbids, as a person with an editor can.
fn tamper(folder: &Path, sql: &str) {
    let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
    let triggers = triggers(&connection);
    connection
        .execute_batch("DROP TRIGGER event_stays; DROP TRIGGER event_kept; DROP TRIGGER event_follows;")
        .unwrap();
    connection.execute_batch(sql).unwrap();
    mend(&connection, &triggers);
}
