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

/// The head file names what is sent before it leaves: whoever puts an older file there finds it out.
#[test]
fn nothing_leaves_while_the_head_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let head = folder.path().join(HEAD_FILE_NAME);
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    let request = request("2");
    let Begun::New(entry) = journal.begin(&intent("a", &request)).unwrap() else { panic!() };
    fs::remove_file(&head).unwrap();
    fs::create_dir(&head).unwrap();
    assert!(journal.sent(entry, at(1_000)).is_err());
    // What happened is recorded all the same.
    journal.finish(entry, at(1_000), &Ending::new(ErrorCode::HistoryReplaced)).unwrap();
    fs::remove_dir(&head).unwrap();
    sign(&journal, "3", &signed());
}

#[test]
fn a_line_of_the_head_that_nobody_signed_hides_no_head() {
    let folder = tempfile::tempdir().unwrap();
    let head = folder.path().join(HEAD_FILE_NAME);
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    let text = fs::read_to_string(&head).unwrap();
    let (first, second) = text.split_at(text.len() / 2);
    let forged = |line: &str| {
        let seq = line.find("\"seq\":").unwrap() + 6;
        let end = seq + line[seq..].find(',').unwrap();
        format!("{}99{}", &line[..seq], &line[end..])
    };
    let length = first.len();
    let pad = |line: String| format!("{:<width$}\n", line.trim_end(), width = length - 1);
    for text in [format!("{}{second}", pad(forged(first))), format!("{first}{}", pad(forged(second)))] {
        fs::write(&head, &text[..2 * length]).unwrap();
        let csr = if text.starts_with(first) { "2" } else { "3" };
        sign(&journal, csr, &signed());
        let keys = [canonical::unhex::<32>(&journal.public_key()).unwrap()];
        let named = head::read(folder.path()).latest(&keys).map(|it| it.seq);
        assert_eq!(named, Some(i64::try_from(check(&journal).events).unwrap()), "{csr}");
    }
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

/// A journal with one entry whose file an older state of it is copied over, as `cp` does, while the journal is open. The log
/// with the newer state is deleted.
#[cfg(unix)]
fn older_file_copied_over(folder: &Path) -> Journal {
    let file = folder.join(FILE_NAME);
    drop(open(folder));
    let old = fs::read(&file).unwrap();
    let journal = open(folder);
    sign(&journal, "1", &signed());
    assert_eq!(journal.count(&domain::HistoryFilter::default()).unwrap(), 1);
    fs::write(&file, old).unwrap();
    fs::remove_file(wal::path(folder)).unwrap();
    journal
}

#[cfg(unix)]
#[test]
fn a_file_copied_over_is_told_and_the_next_opening_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = older_file_copied_over(folder.path());
    let before = fs::read(folder.path().join(FILE_NAME)).unwrap();
    assert!(!journal.is_in_place() && journal.is_changed_in_place());
    assert!(matches!(journal.begin(&intent("a", &request("2"))), Err(JournalError::Replaced)));
    // While it is open, what SQLite knows of the deleted log misleads every other connection.
    let error = Journal::open(folder.path(), at(1_000)).unwrap_err();
    assert!(matches!(error, JournalError::Replaced), "{error:?}");
    // Closing it copies nothing of the deleted log over the file.
    drop(journal);
    assert!(fs::read(folder.path().join(FILE_NAME)).unwrap() == before);
    is_blocked_until_acknowledged(folder.path(), "intent-1", &WhyOpen::Truncated);
}

#[cfg(unix)]
#[test]
fn a_log_that_was_cut_while_it_was_open_is_a_change_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    fs::File::create(wal::path(folder.path())).unwrap();
    let error = journal.count(&domain::HistoryFilter::default()).unwrap_err();
    assert!(matches!(error, JournalError::Replaced), "{error:?}");
    assert!(!journal.is_in_place() && journal.is_changed_in_place());
}

#[cfg(unix)]
#[test]
fn nothing_leaves_once_the_index_of_the_log_is_gone() {
    nothing_leaves_after(|folder| fs::remove_file(wal::index_path(folder)).unwrap());
}
