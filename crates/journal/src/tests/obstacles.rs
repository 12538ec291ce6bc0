//! Folders and disks that do not let us write: nothing is lost, and the error says what to do.

use std::process::Command;

use domain::HistoryFilter;
use rusqlite::TransactionBehavior;

use super::*;

/// A small file system in memory, if this system lets the test mount one.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        if disk.run("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]) {
            return Some(disk);
        }
        println!("skipped: a tmpfs cannot be mounted here, which takes root on Linux");
        None
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let output = Command::new(program).args(arguments).arg(self.folder.path()).output();
        output.is_ok_and(|it| it.status.success())
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

fn assert_holds(folder: &Path) -> Vec<domain::Entry> {
    let journal = open(folder);
    let found = check(&journal);
    assert!(found.holds() && found.listing == domain::Listing::Sound, "{found:?}");
    journal.page(&HistoryFilter::default(), None, 1_000).unwrap().entries
}

#[test]
fn a_full_disk_stops_before_anything_is_sent_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("1200k") else { return };
    let journal = open(&disk.path());
    let mut large = signed();
    large.seen.raw_answer = Some("x".repeat(20_000));
    let (mut finished, mut begun) = (Vec::new(), Vec::new());
    let error = loop {
        let csr = (begun.len() + 1).to_string();
        let request = request(&csr);
        let intent =
            Intent { id: &csr, at: at(2), server: "https://h", request: &request, again: None, token: None };
        match journal.begin(&intent) {
            Ok(Begun::New(entry)) => {
                begun.push(entry);
                let _ =
                    journal.sent(entry, at(3)).map_err(|error| assert!(matches!(error, JournalError::Full)));
                if journal.finish(entry, at(4), &large).is_ok() {
                    finished.push(entry);
                }
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, JournalError::Full), "{error:?}");
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert!(finished.len() > 5, "{finished:?}");
    drop(journal);

    // Opening, when there is no room either, ends in words or works; and all is there once there is room again.
    if let Err(error) = Journal::open(&disk.path(), at(5)) {
        assert!(matches!(error, JournalError::Full), "{error:?}");
    }
    assert!(disk.run("mount", &["-o", "remount,size=8m"]));
    let entries = assert_holds(&disk.path());
    assert_eq!(entries.len(), begun.len());
    for entry in entries {
        assert_eq!(entry.answered_at.is_some(), finished.contains(&entry.entry), "{}", entry.entry);
    }
}

#[test]
fn a_new_record_on_a_full_disk_leaves_nothing_half_made() {
    let Some(disk) = SmallDisk::mount("64k") else { return };
    let filler = disk.folder.path().join("filler");
    let _ = std::fs::write(&filler, vec![0; 1024 * 1024]);
    let error = Journal::open(&disk.path(), at(1)).unwrap_err();
    assert!(matches!(error, JournalError::Full | JournalError::Folder { .. }), "{error:?}");
    std::fs::remove_file(filler).unwrap();
    assert!(disk.run("mount", &["-o", "remount,size=4m"]));
    sign(&open(&disk.path()), "1", &signed());
    assert_eq!(assert_holds(&disk.path()).len(), 1);
}

/// Everything can be read there, and nothing is recorded.
fn is_read_where_it_lies(folder: &Path, entries: usize) {
    let opened = Journal::open(folder, at(1)).unwrap();
    assert_eq!((opened.found, opened.set_aside), (None, None));
    let journal = opened.journal;
    assert!(!journal.is_writable() && journal.read_only().unwrap().contains("read-only"));
    let page = journal.page(&HistoryFilter::default(), None, 1_000).unwrap();
    assert_eq!((page.entries.len(), page.damaged.len()), (entries, 0));
    let words = HistoryFilter { text: "web.example".into(), ..HistoryFilter::default() };
    assert_eq!(journal.count(&words).unwrap(), entries as u64);
    assert!(journal.entry(1).unwrap().is_some());
    assert!(journal.proof(1, None).unwrap().is_some());
    assert!(journal.export(&mut Vec::new()).unwrap() > 3);
    let request = request("9");
    let intent =
        Intent { id: "another", at: at(1), server: "https://h", request: &request, again: None, token: None };
    assert!(matches!(journal.begin(&intent), Err(JournalError::ReadOnly)));
    assert!(matches!(journal.record(Plain::Export, at(1), &()), Err(JournalError::ReadOnly)));
    assert!(matches!(journal.rebuild_lists(), Err(JournalError::ReadOnly)));
    let found = verify_folder(folder, None, &mut |_| {}).unwrap();
    assert!(found.chain_holds(), "{found:?}");
    assert_eq!(found.entries, entries as u64);
}

#[test]
fn a_record_on_a_read_only_medium_is_read_and_nothing_is_recorded() {
    let Some(disk) = SmallDisk::mount("8m") else { return };
    sign(&open(&disk.path()), "1", &signed());
    // As a backup has it: without what SQLite keeps beside it, and with a log that was in use.
    let (alone, with_log) = (disk.folder.path().join("alone"), disk.folder.path().join("with % log"));
    for folder in [&alone, &with_log] {
        std::fs::create_dir(folder).unwrap();
    }
    let copy = |name: &str, to: &Path| std::fs::copy(disk.path().join(name), to.join(name)).unwrap();
    copy(FILE_NAME, &alone);
    copy(HEAD_FILE_NAME, &alone);
    let journal = open(&disk.path());
    sign(&journal, "2", &signed());
    for name in [FILE_NAME, "journal.sqlite3-wal", HEAD_FILE_NAME, KEY_FILE_NAME] {
        copy(name, &with_log);
    }
    drop(journal);
    assert!(disk.run("mount", &["-o", "remount,ro"]));
    is_read_where_it_lies(&disk.path(), 2);
    is_read_where_it_lies(&alone, 1);
    is_read_where_it_lies(&with_log, 2);
    assert!(disk.run("mount", &["-o", "remount,rw"]));
    assert_eq!(assert_holds(&disk.path()).len(), 2);
}

#[test]
fn a_folder_that_becomes_read_only_stops_before_anything_is_sent() {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    let journal = open(&disk.path());
    sign(&journal, "1", &signed());
    // Files that are open for writing keep a file system from being made read-only.
    drop(journal);
    assert!(disk.run("mount", &["-o", "remount,ro"]));
    let journal = Journal::open(&disk.path(), at(1)).unwrap().journal;
    let request = request("2");
    let intent =
        Intent { id: "two", at: at(1), server: "https://h", request: &request, again: None, token: None };
    let error = journal.begin(&intent).unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    drop(journal);
    // Where there is no record, none can be read.
    let none = Journal::open(&disk.folder.path().join("none"), at(1)).unwrap_err();
    assert!(matches!(none, JournalError::Folder { .. } | JournalError::ReadOnly), "{none:?}");
    assert!(disk.run("mount", &["-o", "remount,rw"]));
    assert_eq!(assert_holds(&disk.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_ends_in_words() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(folder.path().join("try"), "").is_ok() {
        println!("skipped: permissions do not bind this user");
        return;
    }
    assert!(matches!(Journal::open(folder.path(), at(1)), Err(JournalError::ReadOnly)));
}

#[test]
fn a_record_that_another_program_holds_ends_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open_impatiently(folder.path()).unwrap().journal;
    let mut other = Connection::open(journal.path()).unwrap();
    let held = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let request = request("1");
    let intent =
        Intent { id: "a", at: at(1), server: "https://h", request: &request, again: None, token: None };
    let error = journal.begin(&intent).unwrap_err();
    assert!(matches!(error, JournalError::Locked), "{error:?}");
    // Reading goes on meanwhile, and so does opening when nothing has to be written.
    assert!(check(&journal).holds());
    assert!(open_impatiently(folder.path()).is_ok());
    drop(held);
    assert_eq!(journal.begin(&intent).unwrap(), Begun::New(1));
}

#[test]
fn a_folder_that_is_a_file_ends_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(Journal::open(&file, at(1)), Err(JournalError::Folder { .. })));
    let missing = verify_folder(&folder.path().join("none"), None, &mut |_| {});
    assert!(matches!(missing, Err(JournalError::NoJournal(_))));
}

#[cfg(unix)]
#[test]
fn the_files_are_the_owners_alone_from_their_first_byte() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    let set = |name: &str, mode| {
        std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // A folder that was there before, as an administrator or an installer makes it.
    set("", 0o755);
    let names = [FILE_NAME, "journal.sqlite3-wal", "journal.sqlite3-shm", HEAD_FILE_NAME, KEY_FILE_NAME];
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    assert_eq!(names.map(mode), [0o600; 5]);
    drop(journal);
    // An earlier version made them by the umask.
    for name in [FILE_NAME, "journal.sqlite3-wal", HEAD_FILE_NAME] {
        set(name, 0o644);
    }
    let journal = open(folder.path());
    sign(&journal, "2", &signed());
    assert_eq!(names.map(mode), [0o600; 5]);
}

#[cfg(unix)]
#[test]
fn nothing_is_recorded_where_others_can_replace_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let set = |mode| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    sign(&open(folder.path()), "1", &signed());
    for mode in [0o777, 0o757, 0o775] {
        set(mode);
        let error = Journal::open(folder.path(), at(1)).unwrap_err();
        assert!(matches!(error, JournalError::FolderOfOthers(_)), "{mode:o}: {error}");
        assert!(error.to_string().contains("chmod go-w"), "{error}");
        // It can be read all the same.
        let chain = keeping::Chain::default();
        let read = Journal::open_to_read(folder.path(), at(1), &chain).unwrap().journal;
        assert_eq!(read.page(&HistoryFilter::default(), None, 10).unwrap().entries.len(), 1);
    }
    for mode in [0o1777, 0o755, 0o700] {
        set(mode);
        drop(open(folder.path()));
    }
}
