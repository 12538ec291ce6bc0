//! The write-ahead log that stays beside the record.

use std::fs;

use domain::{HistoryFilter, Why};

use super::*;
use crate::wal::Wal;

fn log(folder: &Path) -> Vec<u8> {
    fs::read(wal::path(folder)).unwrap()
}

#[test]
fn the_log_stays_and_is_empty_after_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut size = 0;
    for csr in 1..=20 {
        let journal = open(folder);
        sign(&journal, &csr.to_string(), &signed());
        assert_eq!(wal::state(folder), Wal::InUse);
        drop(journal);
        assert_eq!(wal::state(folder), Wal::Empty);
        assert!(!log(folder).is_empty(), "it is neither removed nor cut");
        if csr == 2 {
            size = log(folder).len();
        }
    }
    // Neither does it grow with the runs.
    assert!(log(folder).len() <= 2 * size, "{} after {size}", log(folder).len());
    let found = check(&open(folder));
    assert!(found.holds() && found.entries == 20 && found.notes.is_empty(), "{found:?}");
}

#[test]
fn the_file_alone_is_a_whole_copy_after_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    for csr in 1..=3_usize {
        sign(&open(folder.path()), &csr.to_string(), &signed());
        for name in [FILE_NAME, HEAD_FILE_NAME, KEY_FILE_NAME] {
            fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
        }
        let _ = fs::remove_file(wal::path(copy.path()));
        let journal = open(copy.path());
        assert!(check(&journal).holds());
        assert_eq!(journal.page(&HistoryFilter::default(), None, 10).unwrap().entries.len(), csr);
    }
}

#[test]
fn a_copy_that_is_put_back_meets_no_log_of_a_later_state() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sign(&open(folder), "1", &signed());
    let copy = fs::read(folder.join(FILE_NAME)).unwrap();
    for csr in 2..=6 {
        sign(&open(folder), &csr.to_string(), &signed());
    }
    fs::write(folder.join(FILE_NAME), copy).unwrap();
    // The head tells that there was more; what is there is sound.
    let opened = opened(folder);
    assert_eq!(opened.found.as_ref().map(|it| it.why), Some(Why::Truncated));
    assert_eq!(opened.journal.page(&HistoryFilter::default(), None, 10).unwrap().entries.len(), 1);
    let whole: String = opened
        .journal
        .new_reader()
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
}

#[test]
fn a_program_that_still_reads_keeps_what_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sign(&open(folder), "1", &signed());
    let other = open(folder);
    let reader = other.new_reader().unwrap();
    let snapshot = reader.unchecked_transaction().unwrap();
    let count = |it: &Connection| it.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
    let before = count(&snapshot).unwrap();
    sign(&open(folder), "2", &signed());
    assert_eq!(count(&snapshot).unwrap(), before);
    drop(snapshot);
    drop(reader);
    // The program that stayed goes on writing after another one emptied the log.
    sign(&open(folder), "3", &signed());
    sign(&other, "4", &signed());
    sign(&open(folder), "5", &signed());
    let found = check(&other);
    assert!(found.holds() && found.entries == 5, "{found:?}");
    drop(other);
    assert_eq!(wal::state(folder), Wal::Empty);
    assert!(check(&open(folder)).holds());
}

#[test]
fn the_last_outcome_leaves_the_file_complete() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let journal = open(folder);
    let finish_last = |csr: &str| {
        let Begun::New(entry) = begin(&journal, &format!("last-{csr}"), csr) else { panic!("{csr}") };
        assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
        journal.finish_last(entry, at(1_000), &signed()).unwrap();
        journal.finish_last(entry, at(1_000), &signed()).unwrap_err();
        entry
    };
    // The program is still there, and its log is empty: nothing is left to do when it ends.
    let first = finish_last("1");
    assert_eq!(wal::state(folder), Wal::Empty);
    let copy = tempfile::tempdir().unwrap();
    for name in [FILE_NAME, HEAD_FILE_NAME, KEY_FILE_NAME] {
        fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    let copied = open(copy.path());
    assert_eq!(copied.entry(first).unwrap().unwrap().outcome(), domain::Outcome::Signed);
    assert_eq!(check(&copied).head, domain::HeadState::Matches);

    // Where a reader keeps the log from being copied, the outcome is recorded all the same, in the log.
    let reader = journal.new_reader().unwrap();
    let snapshot = reader.unchecked_transaction().unwrap();
    let count = |it: &Connection| it.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0));
    count(&snapshot).unwrap();
    let second = finish_last("2");
    assert_eq!(wal::state(folder), Wal::InUse);
    assert!(journal.entry(second).unwrap().unwrap().answered_at.is_some());
    drop(snapshot);
    drop(reader);

    // It may go on, and other programs with it.
    sign(&open(folder), "3", &signed());
    finish_last("4");
    let found = check(&journal);
    assert!(found.holds() && found.entries == 4 && found.notes.is_empty(), "{found:?}");
    drop(journal);
    assert_eq!(wal::state(folder), Wal::Empty);
    assert!(check(&open(folder)).holds());
}

/// How long the log was at each sync of the folder while the journal was opened.
fn names_synced(folder: &Path) -> Vec<u64> {
    wal::NAMES_SYNCED.take();
    drop(open(folder));
    wal::NAMES_SYNCED.take()
}

#[test]
fn a_new_log_gets_a_durable_name_before_anything_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // The second sync is for what filling an older format leaves.
    let [empty, filled] = names_synced(folder)[..] else { panic!("a new journal") };
    assert!(empty == 0 && filled > 0);
    assert_eq!(names_synced(folder), [0; 0], "the log has content");
    fs::remove_file(wal::path(folder)).unwrap();
    assert_eq!(names_synced(folder), [0], "the log alone is new");
}

#[cfg(unix)]
#[test]
fn a_last_outcome_that_may_not_be_on_the_disk_is_recorded_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let journal = open(folder);
    let Begun::New(entry) = begin(&journal, "last", "1") else { panic!() };
    assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
    // SQLite has the log open; what opens it after the outcome was appended meets a folder.
    let (log, moved) = (wal::path(folder), folder.join("moved"));
    let appended = journal.write(Durable::WithTheCopy, |pen| {
        pen.append(domain::EventKind::Outcome, 1, at(1_000), &signed())?;
        fs::rename(&log, &moved).unwrap();
        fs::create_dir(&log).unwrap();
        Ok(())
    });
    let error = appended.unwrap_err();
    fs::remove_dir(&log).unwrap();
    fs::rename(&moved, &log).unwrap();
    assert!(matches!(error, JournalError::NotDurable(_)), "{error:?}");
    assert!(error.to_string().contains("power failure"), "{error}");
    let entry = journal.entry(entry).unwrap().unwrap();
    assert!(entry.answered_at.is_some() && entry.outcome() == domain::Outcome::Signed, "{entry:?}");
}

#[cfg(unix)]
#[test]
fn sqlite_leaves_the_folder_to_this_crate() {
    // .cargo/config.toml sets it; without it each run waits once more for the disk.
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let set: bool = journal
        .new_reader()
        .unwrap()
        .query_row("SELECT sqlite_compileoption_used('DISABLE_DIRSYNC')", [], |row| row.get(0))
        .unwrap();
    // Cargo does not build SQLite again when that file changes.
    assert!(set, "an SQLite of an older build is in the target folder: run `cargo clean -p libsqlite3-sys`");
}
