//! Opening for reading: no keychain is asked, and no finding is lost.

use std::fs;

use domain::{HistoryFilter, Remark, Why};

use super::keeping::{Chain, has, keeping};
use super::*;

fn to_read(folder: &Path, chain: &Chain) -> Opened {
    Journal::open_to_read(folder, at(1_000), chain).unwrap()
}

fn listed(journal: &Journal) -> usize {
    journal.page(&HistoryFilter::default(), None, 10).unwrap().entries.len()
}

fn files(folder: &Path) -> Vec<String> {
    let names =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn reading_asks_no_keychain_and_recording_asks_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    let written = keeping(folder, &chain).journal;
    sign(&written, "1", &signed());
    let key = written.public_key();
    drop(written);
    chain.calls();

    // Locked or not is the same: nobody asks it.
    for locked in [false, true] {
        chain.lock(locked);
        let opened = to_read(folder, &chain);
        assert!(opened.found.is_none() && opened.not_in_keychain.is_none(), "{opened:?}");
        let journal = opened.journal;
        assert_eq!(
            (journal.has_asked_for_key(), journal.key_kind(), journal.public_key()),
            (false, None, String::new())
        );
        assert_eq!((journal.read_only(), journal.is_writable(), journal.is_begun()), (None, true, true));
        assert_eq!(listed(&journal), 1);
        assert!(journal.entry(1).unwrap().is_some() && journal.proof(1, None).unwrap().is_some());
        assert_eq!(journal.rebuild_lists().unwrap(), 1, "the list takes no signature");
        assert!(!journal.bring_in_words().unwrap());
        let found = check(&journal);
        assert_eq!(
            (found.chain_holds(), found.holds(), found.notes),
            (true, false, vec![Remark::KeyNotAtHand]),
            "whose key it is was not checked"
        );
        assert_eq!(chain.calls(), 0);
        // A caller that forgot to ask gets an error, and nothing is recorded.
        let request = request("9");
        let intent = Intent {
            id: "another",
            at: at(1),
            server: "https://h",
            request: &request,
            again: None,
            token: None,
        };
        assert!(matches!(journal.begin(&intent), Err(JournalError::KeyNotAskedFor)));
        assert!(matches!(journal.annotate(1, at(1), "n", ""), Err(JournalError::KeyNotAskedFor)));
        assert!(matches!(journal.record(Plain::Export, at(1), &()), Err(JournalError::KeyNotAskedFor)));
        assert_eq!(listed(&journal), 1);
    }
    chain.lock(false);
    let journal = keeping(folder, &chain).journal;
    assert_eq!((chain.calls(), journal.public_key()), (1, key));
    sign(&journal, "2", &signed());
    assert!(check(&journal).notes.is_empty());
    assert_eq!(chain.calls(), 0, "the key is asked for once");
}

#[test]
fn a_key_in_the_folder_is_used_and_one_that_is_known_to_be_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    sign(&open(folder), "1", &signed());
    let journal = to_read(folder, &chain).journal;
    assert_eq!((journal.has_asked_for_key(), journal.key_kind()), (true, Some(KeyKind::File)));
    sign(&journal, "2", &signed());
    drop(journal);
    move_key(folder, &chain, KeyKind::Keychain, at(1_000)).unwrap();
    chain.calls();
    let id = fs::read(folder.join(KEY_ID_FILE_NAME)).unwrap();
    for (name, content, why) in [
        (KEY_FILE_NAME, Some("11".repeat(32)), "in journal.key is not the one"),
        (KEY_ID_FILE_NAME, Some("../../x".to_owned()), "holds no id"),
        (KEY_ID_FILE_NAME, None, "is missing"),
    ] {
        match content {
            Some(text) => fs::write(folder.join(name), text).unwrap(),
            None => fs::remove_file(folder.join(name)).unwrap(),
        }
        let journal = to_read(folder, &chain).journal;
        assert!(journal.read_only().unwrap().contains(why), "{:?}", journal.read_only());
        assert_eq!(listed(&journal), 2);
        let _ = fs::remove_file(folder.join(KEY_FILE_NAME));
    }
    fs::write(folder.join(KEY_ID_FILE_NAME), id).unwrap();
    // A file that holds no key stops recording, not reading.
    fs::write(folder.join(KEY_FILE_NAME), "no key").unwrap();
    assert_eq!(listed(&to_read(folder, &chain).journal), 2);
    assert!(matches!(Journal::open_keeping(folder, at(1), &chain), Err(JournalError::Key(_))));
    assert_eq!(chain.calls(), 0);
}

#[test]
fn what_reading_found_is_recorded_by_the_next_program_that_records() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    let journal = keeping(folder, &chain).journal;
    sign(&journal, "1", &signed());
    drop(journal);
    let short = fs::read(folder.join(FILE_NAME)).unwrap();
    let journal = keeping(folder, &chain).journal;
    sign(&journal, "2", &signed());
    drop(journal);
    // An older state of the record: its head proves that it once went on.
    fs::write(folder.join(FILE_NAME), short).unwrap();
    let head = fs::read(folder.join(HEAD_FILE_NAME)).unwrap();
    for _ in 0..2 {
        let opened = to_read(folder, &chain);
        assert_eq!(opened.found.unwrap().why, Why::Truncated);
        assert_eq!(listed(&opened.journal), 1);
        drop(opened.journal);
        assert_eq!(fs::read(folder.join(HEAD_FILE_NAME)).unwrap(), head, "the evidence stays");
    }
    let opened = keeping(folder, &chain);
    assert_eq!(opened.found.unwrap().why, Why::Truncated);
    let found = check(&opened.journal);
    assert_eq!(found.first_bad.unwrap().why, Why::Truncated);
}

#[test]
fn a_key_of_another_record_is_found_when_something_is_to_be_recorded() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let chain = Chain::default();
    sign(&keeping(folder.path(), &chain).journal, "1", &signed());
    drop(keeping(other.path(), &chain));
    // The keychain now gives another key for this record.
    fs::copy(other.path().join(KEY_ID_FILE_NAME), folder.path().join(KEY_ID_FILE_NAME)).unwrap();
    let reading = to_read(folder.path(), &chain).journal;
    assert_eq!((reading.read_only(), listed(&reading)), (None, 1));
    let journal = keeping(folder.path(), &chain).journal;
    assert!(
        journal.read_only().unwrap().contains("in the keychain is not the one"),
        "{:?}",
        journal.read_only()
    );
    let own = kept_public_key(folder.path(), &chain);
    let found = verify_folder(folder.path(), own.as_ref(), &mut |_| {}).unwrap();
    assert_eq!(found.notes, [Remark::OtherKey]);
}

#[test]
fn reading_makes_no_record_and_finds_the_one_that_is_made_later() {
    let parent = tempfile::tempdir().unwrap();
    let folder = &parent.path().join("not-there");
    let chain = Chain::default();
    let journal = to_read(folder, &chain).journal;
    assert_eq!((journal.is_begun(), journal.is_writable(), listed(&journal)), (false, true, 0));
    assert!(journal.entry(1).unwrap().is_none() && journal.proof(1, None).unwrap().is_none());
    assert!(!journal.has_words_to_bring_in().unwrap());
    assert!(matches!(journal.record(Plain::Export, at(1), &()), Err(JournalError::KeyNotAskedFor)));
    drop(journal);
    assert!(!folder.exists());
    sign(&keeping(folder, &chain).journal, "1", &signed());
    chain.calls();
    assert_eq!(listed(&to_read(folder, &chain).journal), 1);
    assert_eq!(chain.calls(), 0);
    assert!(!has(folder, KEY_FILE_NAME));

    // What is left of a record is not taken for a folder without one.
    for name in [FILE_NAME, "journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
    let before = files(folder);
    chain.lock(true);
    let error = Journal::open_to_read(folder, at(1), &chain).unwrap_err();
    assert!(matches!(error, JournalError::KeyUnreachable(_)), "{error:?} {before:?}");
    chain.lock(false);
    assert!(to_read(folder, &chain).journal.is_begun());
}

#[test]
fn a_damaged_record_is_quarantined_with_the_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    drop(keeping(folder, &chain));
    fs::write(folder.join(FILE_NAME), "no database, but as long as one has to be".repeat(100)).unwrap();
    chain.lock(true);
    assert!(matches!(Journal::open_to_read(folder, at(1), &chain), Err(JournalError::KeyUnreachable(_))));
    chain.lock(false);
    let opened = to_read(folder, &chain);
    assert!(opened.set_aside.unwrap().exists());
    assert_eq!(opened.journal.key_kind(), Some(KeyKind::Keychain));
    assert_eq!(acknowledge(&opened.journal), 1);
    sign(&opened.journal, "1", &signed());
    assert!(check(&opened.journal).holds());
}
