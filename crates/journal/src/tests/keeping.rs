//! Where the key is kept: in a file, in a keychain, on the way between them, or nowhere any more.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::{HistoryFilter, Remark};
use zeroize::Zeroizing;

use super::*;

/// A keychain in memory that can be locked, and that can take a key without keeping it.
#[derive(Default)]
pub(super) struct Chain {
    kept: Mutex<BTreeMap<String, String>>,
    locked: AtomicBool,
    forgetful: bool,
    calls: AtomicUsize,
}

impl Chain {
    /// How often it was asked for anything since the last time.
    pub(super) fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    pub(super) fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    fn usable(&self) -> Result<(), KeeperError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.locked.load(Ordering::SeqCst) { Err("The keychain is LOCKED.".into()) } else { Ok(()) }
    }

    fn accounts(&self) -> Vec<String> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }
}

impl KeyKeeper for Chain {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeeperError> {
        self.usable()?;
        Ok(self.kept.lock().unwrap().get(account).cloned().map(Zeroizing::new))
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeeperError> {
        self.usable()?;
        if !self.forgetful {
            self.kept.lock().unwrap().insert(account.to_owned(), secret.to_owned());
        }
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), KeeperError> {
        self.usable()?;
        self.kept.lock().unwrap().remove(account);
        Ok(())
    }
}

pub(super) fn keeping(folder: &Path, chain: &Chain) -> Opened {
    Journal::open_keeping(folder, at(1_000), chain).unwrap()
}

pub(super) fn has(folder: &Path, name: &str) -> bool {
    folder.join(name).exists()
}

/// Nothing is recorded, what is recorded can be read, and nothing was made in place of the key.
fn is_read_only(folder: &Path, chain: &Chain, why: &str) {
    let journal = keeping(folder, chain).journal;
    assert!(journal.read_only().unwrap().contains(why), "{:?}", journal.read_only());
    assert_eq!(journal.page(&HistoryFilter::default(), None, 10).unwrap().entries.len(), 1);
    let request = request("9");
    let intent =
        Intent { id: "another", at: at(1), server: "https://h", request: &request, again: None, token: None };
    let error = journal.begin(&intent).unwrap_err();
    assert!(matches!(error, JournalError::KeyUnreachable(_)), "{error:?}");
    for words in [why, "record-key --to file", "--new-key"] {
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(journal.record(Plain::Export, at(1), &()).is_err());
    let found = verify_folder(folder, None, &mut |_| {}).unwrap();
    assert!(found.chain_holds(), "{found:?}");
    assert_eq!(found.entries, 1);
}

#[test]
fn a_new_record_gets_its_key_in_the_keychain() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::default();
    let opened = keeping(folder.path(), &chain);
    assert_eq!((opened.journal.key_kind(), opened.not_in_keychain), (Some(KeyKind::Keychain), None));
    assert!(!has(folder.path(), KEY_FILE_NAME));
    let id = fs::read_to_string(folder.path().join(KEY_ID_FILE_NAME)).unwrap();
    assert_eq!(chain.accounts(), [format!("record-key {}", id.trim())]);
    sign(&opened.journal, "1", &signed());
    let key = opened.journal.public_key();
    drop(opened.journal);

    // The folder may be moved: its path is no part of the name.
    let moved = folder.path().with_extension("moved");
    fs::rename(folder.path(), &moved).unwrap();
    let again = keeping(&moved, &chain).journal;
    assert_eq!((again.public_key(), again.read_only()), (key, None));
    sign(&again, "2", &signed());
    let found = check(&again);
    assert!(found.holds() && found.notes.is_empty(), "{found:?}");
    let own = kept_public_key(&moved, &chain);
    assert_eq!(verify_folder(&moved, own.as_ref(), &mut |_| {}).unwrap().notes, []);
    fs::rename(&moved, folder.path()).unwrap();
}

#[test]
fn without_a_keychain_a_new_key_is_a_file_and_says_why() {
    for chain in
        [Chain { locked: true.into(), ..Chain::default() }, Chain { forgetful: true, ..Chain::default() }]
    {
        let folder = tempfile::tempdir().unwrap();
        let opened = keeping(folder.path(), &chain);
        assert_eq!(opened.journal.key_kind(), Some(KeyKind::File));
        assert!(!opened.not_in_keychain.unwrap().is_empty());
        assert!(has(folder.path(), KEY_FILE_NAME) && !has(folder.path(), KEY_ID_FILE_NAME));
        // It keeps the key that it has, also when a keychain comes.
        chain.lock(false);
        let again = keeping(folder.path(), &chain);
        assert_eq!((again.journal.key_kind(), again.not_in_keychain), (Some(KeyKind::File), None));
    }
}

#[test]
fn a_key_that_cannot_be_reached_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    sign(&keeping(folder, &chain).journal, "1", &signed());
    let files = || {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.retain(|it| it.to_string_lossy().starts_with("journal.key"));
        names
    };
    let before = files();
    chain.lock(true);
    is_read_only(folder, &chain, "LOCKED");
    chain.lock(false);
    is_read_only(folder, &Chain::default(), "holds no key for this record");
    let account = &chain.accounts()[0];
    let key = chain.kept.lock().unwrap().insert(account.clone(), "no key".to_owned()).unwrap();
    is_read_only(folder, &chain, "is no key");
    chain.kept.lock().unwrap().insert(account.clone(), "11".repeat(32));
    is_read_only(folder, &chain, "in the keychain is not the one");
    chain.kept.lock().unwrap().insert(account.clone(), key);

    let id = fs::read_to_string(folder.join(KEY_ID_FILE_NAME)).unwrap();
    fs::write(folder.join(KEY_ID_FILE_NAME), "../../x").unwrap();
    is_read_only(folder, &chain, "holds no id");
    fs::remove_file(folder.join(KEY_ID_FILE_NAME)).unwrap();
    is_read_only(folder, &chain, "is missing");
    // A key that somebody puts there is not taken for the record's, with the id or without.
    fs::write(folder.join(KEY_FILE_NAME), "11".repeat(32)).unwrap();
    is_read_only(folder, &chain, "in journal.key is not the one");
    fs::write(folder.join(KEY_ID_FILE_NAME), id).unwrap();
    is_read_only(folder, &chain, "in journal.key is not the one");
    fs::remove_file(folder.join(KEY_FILE_NAME)).unwrap();
    assert_eq!(files(), before);
    let journal = keeping(folder, &chain).journal;
    sign(&journal, "2", &signed());
    assert!(check(&journal).notes.is_empty());
}

#[test]
fn a_new_record_is_not_begun_without_the_key_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::default();
    drop(keeping(folder.path(), &chain));
    for name in [FILE_NAME, HEAD_FILE_NAME, "journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
    chain.lock(true);
    let error = Journal::open_keeping(folder.path(), at(1), &chain).unwrap_err();
    assert!(matches!(error, JournalError::KeyUnreachable(_)), "{error:?}");
    chain.lock(false);
    assert_eq!(keeping(folder.path(), &chain).journal.key_kind(), Some(KeyKind::Keychain));
}

#[test]
fn a_damaged_record_is_set_aside_when_another_can_follow() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::default();
    drop(keeping(folder.path(), &chain));
    for name in ["journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }
    fs::write(folder.path().join(FILE_NAME), "no database, but as long as one has to be".repeat(100))
        .unwrap();
    chain.lock(true);
    let error = Journal::open_keeping(folder.path(), at(1), &chain).unwrap_err();
    assert!(matches!(error, JournalError::KeyUnreachable(_)), "{error:?}");
    assert!(fs::read(folder.path().join(FILE_NAME)).unwrap().starts_with(b"no database"));
    chain.lock(false);
    let opened = keeping(folder.path(), &chain);
    assert!(opened.set_aside.unwrap().exists());
    assert_eq!((opened.journal.key_kind(), chain.accounts().len()), (Some(KeyKind::Keychain), 1));
}

#[test]
fn a_key_moves_there_and_back_and_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    let journal = open(folder);
    let key = journal.public_key();
    sign(&journal, "1", &signed());
    for (to, file, id) in [(KeyKind::Keychain, false, true), (KeyKind::File, true, false)] {
        let moved = move_key(folder, &chain, to, at(1_000)).unwrap();
        assert_eq!(moved, Moved { moved: true, left_behind: None });
        assert_eq!((has(folder, KEY_FILE_NAME), has(folder, KEY_ID_FILE_NAME)), (file, id));
        assert_eq!(chain.accounts().len(), usize::from(id));
        assert!(!move_key(folder, &chain, to, at(1_000)).unwrap().moved);
        let now = keeping(folder, &chain).journal;
        assert_eq!((now.key_kind(), now.public_key()), (Some(to), key.clone()));
        // A program that runs meanwhile holds the same key, and goes on.
        sign(&journal, if id { "2" } else { "3" }, &signed());
    }
    // Told in the record, and no change of the key.
    let found = check(&journal);
    assert!(found.holds() && found.notes.is_empty(), "{found:?}");
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    let copy = String::from_utf8(copy).unwrap();
    let told: Vec<_> = copy.lines().filter(|it| it.contains("key_changed")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains(r#"\"keychain\""#) && told[1].contains(r#"\"file\""#), "{told:?}");
    assert!(told.iter().all(|it| it.contains(&key)));
}

#[test]
fn a_keychain_that_fails_leaves_the_key_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sign(&open(folder), "1", &signed());
    let secret = fs::read(folder.join(KEY_FILE_NAME)).unwrap();
    for chain in
        [Chain { locked: true.into(), ..Chain::default() }, Chain { forgetful: true, ..Chain::default() }]
    {
        let error = move_key(folder, &chain, KeyKind::Keychain, at(1_000)).unwrap_err();
        assert!(matches!(error, JournalError::KeyUnreachable(_)), "{error:?}");
        assert_eq!(fs::read(folder.join(KEY_FILE_NAME)).unwrap(), secret);
        assert!(!has(folder, KEY_ID_FILE_NAME));
    }
    assert!(check(&open(folder)).notes.is_empty());

    let chain = Chain::default();
    move_key(folder, &chain, KeyKind::Keychain, at(1_000)).unwrap();
    chain.lock(true);
    let error = move_key(folder, &chain, KeyKind::File, at(1_000)).unwrap_err();
    assert!(error.to_string().contains("LOCKED"), "{error}");
    assert!(!has(folder, KEY_FILE_NAME) && has(folder, KEY_ID_FILE_NAME));
}

#[test]
fn a_move_that_was_interrupted_is_finished_by_moving_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    sign(&open(folder), "1", &signed());
    let file = fs::read(folder.join(KEY_FILE_NAME)).unwrap();
    move_key(folder, &chain, KeyKind::Keychain, at(1_000)).unwrap();
    // As if it had been ended before the file was removed: both are there, and either way is open.
    for to in [KeyKind::Keychain, KeyKind::File] {
        fs::write(folder.join(KEY_FILE_NAME), &file).unwrap();
        let journal = keeping(folder, &chain).journal;
        assert_eq!((journal.key_kind(), journal.read_only()), (Some(KeyKind::File), None));
        assert!(move_key(folder, &chain, to, at(1_000)).unwrap().moved);
        let now = keeping(folder, &chain).journal;
        assert_eq!((now.key_kind(), now.read_only()), (Some(to), None));
        assert_eq!(chain.accounts().len(), usize::from(to == KeyKind::Keychain));
        assert!(check(&now).notes.is_empty());
    }
}

#[test]
fn a_key_that_is_lost_for_good_is_replaced_when_a_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chain = Chain::default();
    sign(&keeping(folder, &chain).journal, "1", &signed());
    let error = replace_lost_key(folder, &chain, at(1_000)).unwrap_err();
    assert!(matches!(error, JournalError::KeyUsable), "{error}");
    let lost = Chain::default();
    is_read_only(folder, &lost, "holds no key");
    let journal = replace_lost_key(folder, &lost, at(1_000)).unwrap();
    assert_eq!((journal.key_kind(), journal.read_only()), (Some(KeyKind::File), None));
    sign(&journal, "2", &signed());
    let found = check(&keeping(folder, &lost).journal);
    assert!(found.holds());
    assert!(matches!(found.notes[..], [Remark::KeyReplaced { .. }]), "{found:?}");
}

#[test]
fn two_first_starts_at_once_make_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::default();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> =
            (0..4).map(|_| scope.spawn(|| keeping(folder.path(), &chain).journal.public_key())).collect();
        starts.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|it| *it == keys[0]), "{keys:?}");
    assert_eq!(chain.accounts().len(), 1);
}
