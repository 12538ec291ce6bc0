use domain::{Certificate, SignForm};

use super::*;

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
    form.check(Timestamp::from_millis(0)).unwrap()
}

fn begin(journal: &Journal, id: &str, csr_id: &str) -> Begun {
    let request = request(csr_id);
    journal
        .begin(&Intent { id, at: Timestamp::from_millis(1), server: "https://h", request: &request })
        .unwrap()
}

fn signed() -> Ending {
    let mut ending = Ending::new(ErrorCode::Signed);
    ending
        .certificates
        .push(Certificate { serial_number: Some("b7d5fcb7".into()), ..Certificate::default() });
    ending
}

#[test]
fn an_intent_without_an_ending_is_unknown_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(begin(&journal, "a", "1"), Begun::New(1));
    drop(journal);
    let page = Journal::open(folder.path()).unwrap().page(None, 10).unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!((page[0].ending.outcome, page[0].ending.code), (Outcome::Unknown, ErrorCode::Interrupted));
    assert_eq!(page[0].request, request("1"));
}

#[test]
fn the_same_intent_is_recorded_once_even_by_two_processes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Journal::open(folder.path()).unwrap(), Journal::open(folder.path()).unwrap());
    assert_eq!(begin(&one, "a", "1"), Begun::New(1));
    assert!(matches!(begin(&two, "a", "1"), Begun::Known(entry) if entry.entry == 1));
    one.finish(1, Timestamp::from_millis(2), &signed()).unwrap();
    assert!(matches!(begin(&two, "a", "1"), Begun::Known(entry) if entry.ending == signed()));
    assert_eq!(begin(&two, "b", "1"), Begun::New(2));
}

#[test]
fn pages_run_from_the_newest_to_the_oldest() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    for id in 1..=5 {
        begin(&journal, &id.to_string(), "7");
    }
    let numbers = |before, limit| -> Vec<u64> {
        journal.page(before, limit).unwrap().iter().map(|it| it.entry).collect()
    };
    assert_eq!(numbers(None, 2), [5, 4]);
    assert_eq!(numbers(Some(4), 9), [3, 2, 1]);
}

#[test]
fn earlier_entries_are_those_after_which_a_certificate_may_exist() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    for (number, code) in [(1, ErrorCode::Signed), (2, ErrorCode::ServerRefused), (3, ErrorCode::DnsFailed)] {
        begin(&journal, &number.to_string(), "7");
        journal.finish(number, Timestamp::from_millis(2), &Ending::new(code)).unwrap();
    }
    begin(&journal, "4", "7");
    begin(&journal, "5", "8");
    assert_eq!(journal.earlier("https://h", CsrId::parse("7").unwrap()).unwrap(), [1, 4]);
}

#[test]
fn what_is_recorded_stays() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    begin(&journal, "a", "1");
    journal.finish(1, Timestamp::from_millis(2), &signed()).unwrap();
    journal.finish(1, Timestamp::from_millis(3), &Ending::new(ErrorCode::ServerRefused)).unwrap_err();
    for statement in
        ["UPDATE intent SET at = 0", "DELETE FROM intent", "UPDATE ending SET at = 0", "DELETE FROM ending"]
    {
        let error = journal.lock().execute(statement, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(journal.page(None, 1).unwrap()[0].ending, signed());
}

#[test]
fn durability_is_what_the_design_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let connection = journal.lock();
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!((mode.as_str(), synchronous), ("wal", 2));
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    assert!(matches!(Journal::open(folder.path()), Err(JournalError::Foreign)));

    let folder = tempfile::tempdir().unwrap();
    Journal::open(folder.path()).unwrap().lock().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Journal::open(folder.path()), Err(JournalError::Newer(99))));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE_NAME), "not a database, but long enough to look at").unwrap();
    assert!(matches!(Journal::open(folder.path()), Err(JournalError::Database(_))));

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(Journal::open(&file), Err(JournalError::Folder { .. })));
}
