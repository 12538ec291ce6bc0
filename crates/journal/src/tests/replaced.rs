//! The files are changed under a program that runs, or between two runs: nothing leaves that the journal does not know of.

use std::fs;

use domain::WhyOpen;

use super::*;

fn why(journal: &Journal) -> Vec<WhyOpen> {
    journal.open_findings().unwrap().into_iter().map(|it| it.why).collect()
}

fn intent<'a>(id: &'a str, request: &'a SignRequest) -> Intent<'a> {
    Intent { id, at: at(1_000), server: "https://h", request, again: None, token: None }
}

/// Nothing is signed until a person acknowledges what was found, in this program and in the next.
fn is_blocked_until_acknowledged(folder: &Path, id: &str, expected: &WhyOpen) {
    let request = request("1");
    for _ in 0..2 {
        let journal = Journal::open(folder, at(1_000)).unwrap().journal;
        assert_eq!(why(&journal), std::slice::from_ref(expected));
        let error = journal.begin(&intent(id, &request)).unwrap_err();
        assert!(matches!(error, JournalError::NotAcknowledged(_)), "{error:?}");
        assert!(error.to_string().starts_with("signing is blocked: "), "{error}");
        // What needs no signing goes on.
        journal.record(Plain::Export, at(1_000), &"copy").unwrap();
        assert!(journal.acknowledge(at(1_000), &[], "restored").is_err());
    }
    let journal = Journal::open(folder, at(1_000)).unwrap().journal;
    let seen: Vec<u64> = journal.open_findings().unwrap().iter().map(|it| it.seq).collect();
    assert!(matches!(journal.acknowledge(at(1_000), &seen, "  "), Err(JournalError::ReasonMissing)));
    assert!(matches!(journal.acknowledge(at(1_000), &[99], "restored"), Err(JournalError::OtherFindings)));
    journal.acknowledge(at(1_000), &seen, "restored from the backup of Monday, INC-7").unwrap();
    assert_eq!(why(&journal), []);
    assert_eq!(why(&Journal::open(folder, at(1_000)).unwrap().journal), []);
    let Begun::New(entry) = journal.begin(&intent(id, &request)).unwrap() else { panic!() };
    assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
}

#[test]
fn an_older_file_put_back_blocks_signing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE_NAME);
    drop(open(folder.path()));
    let old = fs::read(&file).unwrap();
    sign(&open(folder.path()), "1", &signed());
    fs::write(&file, old).unwrap();
    // The same intent as the one that is missing now.
    is_blocked_until_acknowledged(folder.path(), "intent-1", &WhyOpen::Truncated);
}

#[test]
fn a_file_deleted_beside_its_head_blocks_signing() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
    fs::remove_file(wal::path(folder.path())).unwrap();
    is_blocked_until_acknowledged(folder.path(), "intent-1", &WhyOpen::Truncated);
}

#[test]
fn a_head_that_is_gone_blocks_signing() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "2", &signed());
    fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    is_blocked_until_acknowledged(folder.path(), "a", &WhyOpen::HeadMissing);
}

#[test]
fn a_damaged_file_that_was_renamed_blocks_signing() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    fs::write(folder.path().join(FILE_NAME), vec![7; 8192]).unwrap();
    fs::remove_file(wal::path(folder.path())).unwrap();
    let opened = Journal::open(folder.path(), at(1_000)).unwrap();
    let file = opened.set_aside.unwrap().file_name().unwrap().to_string_lossy().into_owned();
    drop(opened.journal);
    is_blocked_until_acknowledged(folder.path(), "intent-1", &WhyOpen::SetAside { file });
}

/// What a program that has the journal open says after `change`: nothing more is recorded, so nothing may leave.
#[cfg(unix)]
fn nothing_leaves_after(change: impl Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sign(&open(folder), "1", &signed());
    let journal = open(folder);
    // One that was begun before, one whose request left before.
    let (first, second) = (request("2"), request("3"));
    let Begun::New(begun) = journal.begin(&intent("begun", &first)).unwrap() else { panic!() };
    let Begun::New(left) = journal.begin(&intent("left", &second)).unwrap() else { panic!() };
    assert_eq!(journal.sent(left, at(1_000)).unwrap(), Sent::Marked);
    change(folder);
    for _ in 0..2 {
        assert!(matches!(journal.sent(begun, at(1_000)), Err(JournalError::Replaced)));
        assert!(matches!(journal.finish(left, at(1_000), &signed()), Err(JournalError::Replaced)));
        let request = request("4");
        assert!(matches!(journal.begin(&intent("new", &request)), Err(JournalError::Replaced)));
        assert!(!journal.is_in_place());
    }
}

#[cfg(unix)]
#[test]
fn nothing_leaves_from_a_file_that_was_deleted_or_replaced() {
    nothing_leaves_after(|folder| fs::remove_file(folder.join(FILE_NAME)).unwrap());
    nothing_leaves_after(|folder| fs::remove_file(wal::path(folder)).unwrap());
    nothing_leaves_after(|folder| fs::rename(folder.join(FILE_NAME), folder.join("moved")).unwrap());
    nothing_leaves_after(|folder| {
        let (file, copy) = (folder.join(FILE_NAME), folder.join("copy"));
        fs::copy(&file, &copy).unwrap();
        fs::rename(copy, file).unwrap();
    });
    nothing_leaves_after(|folder| {
        let moved = folder.with_extension("moved");
        fs::rename(folder, &moved).unwrap();
        fs::create_dir(folder).unwrap();
        fs::remove_dir_all(moved).unwrap();
    });
}

#[test]
fn nothing_leaves_when_the_head_is_of_a_later_state() {
    let folder = tempfile::tempdir().unwrap();
    let head = folder.path().join(HEAD_FILE_NAME);
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    let old = fs::read(&head).unwrap();
    let request = request("2");
    let Begun::New(entry) = journal.begin(&intent("a", &request)).unwrap() else { panic!() };
    // As another copy of this journal, with the same key, went on.
    let other = tempfile::tempdir().unwrap();
    for name in [FILE_NAME, KEY_FILE_NAME, HEAD_FILE_NAME, "journal.sqlite3-wal"] {
        fs::copy(folder.path().join(name), other.path().join(name)).unwrap();
    }
    sign(&Journal::open(other.path(), at(1_000)).unwrap().journal, "3", &signed());
    fs::copy(other.path().join(HEAD_FILE_NAME), &head).unwrap();
    assert!(matches!(journal.sent(entry, at(1_000)), Err(JournalError::Replaced)));
    // An older head proves nothing, and neither does a damaged one.
    for harmless in [old, b"damaged".to_vec()] {
        fs::write(&head, harmless).unwrap();
        let next = journal.begin(&intent("b", &super::request("5"))).unwrap();
        assert!(matches!(next, Begun::New(_) | Begun::Known(_)));
    }
    assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
}

#[test]
fn a_list_that_was_changed_lets_nothing_leave() {
    for sql in [
        "DELETE FROM signing",
        "UPDATE signing SET outcome = 'refused'",
        "UPDATE signing SET csr_id = 9, intent_id = 'other'",
        "UPDATE signing SET server = 'https://other'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        sign(&open(folder.path()), "1", &signed());
        // Begun before, when nothing spoke against it.
        let request = request("1");
        let journal = open(folder.path());
        tamper(folder.path(), sql);
        assert!(matches!(journal.begin(&intent("intent-1", &request)), Ok(Begun::Known(_))), "{sql}");
        assert_eq!(journal.begin(&intent("again", &request)).unwrap(), Begun::Before(vec![1]), "{sql}");
        assert_eq!(journal.earlier("https://h", &request).unwrap(), [1], "{sql}");
        assert_eq!(journal.by_intent("intent-1").unwrap().map(|it| it.entry), Some(1), "{sql}");
    }
}

#[test]
fn an_intent_from_before_a_finding_does_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    let request = request("2");
    let Begun::New(entry) = journal.begin(&intent("a", &request)).unwrap() else { panic!() };
    // Another program finds that the head is gone, and records it.
    fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    let other = Journal::open(folder.path(), at(1_000)).unwrap().journal;
    assert!(matches!(journal.sent(entry, at(1_000)), Err(JournalError::NotAcknowledged(_))));
    assert_eq!(acknowledge(&other), 1);
    assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
}

#[test]
fn an_intent_of_which_only_the_csr_can_be_read_speaks_against_another() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    let journal = open(folder.path());
    tamper(folder.path(), r#"UPDATE event SET body = '{"request":{"csr_id":1}}' WHERE kind = 'intent'"#);
    assert_eq!(journal.begin(&intent("again", &request("1"))).unwrap(), Begun::Before(vec![1]));
}
