//! Files that are damaged, foreign, newer, or whose key is gone.

use std::fs;

use domain::{Acknowledged, HeadState, HistoryFilter, Remark, Why};

use super::*;

#[test]
fn a_damaged_file_is_set_aside_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    sign(&open(folder.path()), "1", &signed());
    for (count, last) in [("", 4), ("-2", 5)] {
        let damaged = b"this was a database once, and is none any more".repeat(100);
        fs::write(&path, &damaged).unwrap();
        assert!(matches!(verify_folder(folder.path(), None, &mut |_| {}), Err(JournalError::Corrupted(_))));
        let opened = opened(folder.path());
        let aside = opened.set_aside.unwrap();
        assert_eq!(aside, folder.path().join(format!("journal-corrupt-1970-01-01{count}.sqlite3")));
        assert_eq!(fs::read(&aside).unwrap(), damaged);
        assert!(PathBuf::from(format!("{}.head", aside.display())).exists());
        assert_eq!(acknowledge(&opened.journal), 1);
        assert_eq!(sign(&opened.journal, "1", &signed()), 1);
        let found = check(&opened.journal);
        assert_eq!((found.holds(), found.head), (true, HeadState::Matches));
        // The new record tells what it follows, with the former head as evidence.
        let connection = opened.journal.new_reader().unwrap();
        let first = String::from_utf8(chain::at(&connection, 1).unwrap().unwrap().body).unwrap();
        assert!(first.contains(r#""file":"journal-corrupt-1970-01-01"#), "{first}");
        assert!(first.contains(&format!(r#""seq":{last},"#)), "{first}");
    }
}

#[test]
fn a_record_without_its_events_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    tamper(folder.path(), "DROP TABLE event");
    assert!(opened(folder.path()).set_aside.is_some());
}

#[test]
fn an_emptied_record_is_begun_again_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    tamper(folder.path(), "DELETE FROM event");
    assert_eq!(opened(folder.path()).found.map(|it| it.why), Some(Why::Truncated));
    let found = check(&open(folder.path()));
    assert_eq!(found.first_bad.map(|it| it.why), Some(Why::Truncated));

    // The whole file removed, its head and key left.
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
    let again = opened(folder.path());
    assert_eq!(again.found.map(|it| it.why), Some(Why::Truncated));
    let found = check(&again.journal);
    assert_eq!(found.first_bad.map(|it| it.why), Some(Why::Truncated));
}

#[test]
fn a_damaged_page_is_named_and_the_rest_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for csr in 1..=200 {
        sign(&journal, &csr.to_string(), &signed());
    }
    drop(journal);
    let path = folder.path().join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    // The page of an event in the middle, found by what it holds.
    let needle = b"\"intent\":\"intent-90\"";
    let place = bytes.windows(needle.len()).position(|it| it == needle).unwrap();
    let page = place / 4096 * 4096;
    bytes[page..page + 64].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    let first = found.first_bad.unwrap();
    assert_eq!(first.why, Why::Unreadable);
    let journal = opened(folder.path()).journal;
    assert_eq!(journal.page(&HistoryFilter::default(), None, 5).unwrap().entries.len(), 5);
    // A person decides to go on with a new one.
    drop(journal);
    let aside = Journal::set_aside(folder.path(), at(7)).unwrap();
    assert!(aside.exists());
    assert_eq!(sign(&open(folder.path()), "1", &signed()), 1);
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Journal::open(folder.path(), at(1)), Err(JournalError::Foreign)));
    assert!(matches!(verify_folder(folder.path(), None, &mut |_| {}), Err(JournalError::Foreign)));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_record_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    sign(&open(folder.path()), "1", &signed());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Journal::open(folder.path(), at(1)).unwrap_err();
    assert!(matches!(error, JournalError::Newer(99)));
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_lost_key_is_replaced_and_the_record_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    fs::remove_file(folder.path().join(KEY_FILE_NAME)).unwrap();
    let later = open(folder.path());
    assert_ne!(later.public_key(), journal.public_key());
    // The program that still has the former key must not sign with it.
    assert!(matches!(journal.record(Plain::Export, at(3), &()), Err(JournalError::KeyChanged)));
    let found = check(&later);
    assert_eq!((found.holds(), found.head), (false, HeadState::Matches));
    assert_eq!(found.notes, [Remark::KeyReplaced { seq: 5, acknowledged: None }]);
    assert!(found.says()[0].contains("another key took over"), "{:?}", found.says());
    assert_eq!(acknowledge(&later), 1);
    sign(&later, "2", &signed());
    let found = check(&later);
    assert_eq!((found.holds(), found.head), (true, HeadState::Matches));
    let known = Acknowledged { seq: 6, at: at(1_000), reason: "restored, INC-7".into() };
    assert_eq!(found.notes, [Remark::KeyReplaced { seq: 5, acknowledged: Some(known) }]);
    assert_eq!(found.public_key, later.public_key());
}

#[test]
fn a_key_moved_to_a_keychain_is_confirmed_by_the_former_one() {
    let folder = tempfile::tempdir().unwrap();
    sign(&open(folder.path()), "1", &signed());
    let seed = SeedKey::new_seed().unwrap();
    let keychain = || Box::new(SeedKey::from_seed(&seed, KeyKind::Keychain).unwrap());
    for _ in 0..2 {
        let journal = Journal::open_with_key(folder.path(), at(5_000), keychain()).unwrap().journal;
        assert_eq!(journal.key_kind(), Some(KeyKind::Keychain));
        assert_eq!(check(&journal).notes, [Remark::KeyChanged { seq: 5 }]);
    }
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert!(found.notes.contains(&Remark::OtherKey), "{found:?}");
    let own = keychain().public_key();
    let found = verify_folder(folder.path(), Some(&own), &mut |_| {}).unwrap();
    assert!(!found.notes.contains(&Remark::OtherKey), "{found:?}");
}

#[test]
fn no_key_is_made_over_a_damaged_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    fs::write(folder.path().join(KEY_FILE_NAME), "half a k").unwrap();
    let error = Journal::open(folder.path(), at(1)).unwrap_err();
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[cfg(unix)]
#[test]
fn everything_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let journal = open(&folder);
    sign(&journal, "1", &signed());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in [KEY_FILE_NAME, HEAD_FILE_NAME] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_begun_again_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let names = [FILE_NAME, "journal.sqlite3-wal", "journal.sqlite3-shm", HEAD_FILE_NAME, KEY_FILE_NAME];
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    sign(&open(folder.path()), "1", &signed());
    let chain = keeping::Chain::default();
    let again = |to_read: bool| match to_read {
        true => Journal::open_to_read(folder.path(), at(1), &chain).unwrap().journal,
        false => opened(folder.path()).journal,
    };
    for to_read in [false, true] {
        // Damaged, then deleted beside its head, to record and to read.
        fs::write(&path, b"this was a database once, and is none any more".repeat(100)).unwrap();
        let damaged = again(to_read);
        assert_eq!(names.map(mode), [0o600; 5], "damaged, to read: {to_read}");
        drop(damaged);
        fs::remove_file(&path).unwrap();
        let deleted = again(to_read);
        assert!(deleted.is_begun());
        assert_eq!(names.map(mode), [0o600; 5], "deleted, to read: {to_read}");
    }
}

#[cfg(unix)]
#[test]
fn reading_makes_no_file_where_the_journal_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
    let error = journal.page(&HistoryFilter::default(), None, 10).unwrap_err();
    assert!(matches!(error, JournalError::Replaced), "{error}");
    assert!(!folder.path().join(FILE_NAME).exists());
}
