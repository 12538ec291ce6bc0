//! A schema that somebody altered: of the events it blocks recording, of the lists it is made again.

use domain::{HistoryFilter, Listing};

use super::keeping::Chain;
use super::tampering::ten_events;
use super::*;

/// Changes the schema of a file, and nothing else.
fn alter(folder: &Path, sql: &str) {
    Connection::open(folder.join(FILE_NAME)).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn altered_tables_of_events_block_recording_and_are_said() {
    for (change, words) in [
        ("DROP TRIGGER event_kept", "event_kept is missing"),
        (
            "CREATE TRIGGER drops AFTER INSERT ON event BEGIN UPDATE signing SET outcome = 'signed'; END",
            "the trigger drops was changed or added",
        ),
        ("ALTER TABLE event ADD COLUMN more TEXT", "the table event was changed or added"),
    ] {
        let folder = ten_events();
        alter(folder.path(), change);
        let before = std::fs::read(folder.path().join(HEAD_FILE_NAME)).unwrap();
        let refused = Journal::open(folder.path(), at(1)).unwrap_err();
        assert!(matches!(&refused, JournalError::Altered(it) if it == words), "{change}: {refused}");
        // It is neither set aside nor begun again, and it can be read.
        let keeper = Chain::default();
        let opened = Journal::open_to_read(folder.path(), at(1), &keeper).unwrap();
        assert_eq!(opened.set_aside, None);
        let reading = opened.journal;
        assert!(reading.read_only().unwrap().contains(words), "{:?}", reading.read_only());
        assert_eq!(reading.page(&HistoryFilter::default(), None, 10).unwrap().entries.len(), 3);
        assert!(reading.annotate(1, at(2), "x", "").is_err());
        // A check does not call it sound, and an event that was changed as well is named before that.
        let checked = verify_folder(folder.path(), None, &mut |_| {}).unwrap_err();
        assert!(checked.to_string().contains(words), "{checked}");
        assert_eq!(std::fs::read(folder.path().join(HEAD_FILE_NAME)).unwrap(), before);
    }
    let folder = ten_events();
    alter(folder.path(), "DROP TRIGGER event_stays; UPDATE event SET at = at + 1 WHERE seq = 4");
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!(found.first_bad.unwrap().seq, 4);
}

#[test]
fn altered_tables_of_the_lists_are_made_again_and_that_is_said() {
    for (change, words) in [
        (
            "CREATE TRIGGER hides AFTER INSERT ON signing BEGIN DELETE FROM signing; END",
            "the trigger hides was changed or added",
        ),
        ("DROP INDEX signing_by_csr", "signing_by_csr is missing"),
        (
            "CREATE TRIGGER deafens AFTER INSERT ON signing_words_data BEGIN SELECT 1; END",
            "the trigger deafens was changed or added",
        ),
        (
            "DROP TABLE signing_waiting; CREATE TABLE signing_waiting (entry)",
            "the table signing_waiting was changed or added",
        ),
    ] {
        let folder = ten_events();
        alter(folder.path(), change);
        let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
        assert!(!found.holds() && matches!(found.listing, Listing::Differs { .. }), "{change}: {found:?}");
        let opened = opened(folder.path());
        assert_eq!(opened.lists_altered.as_deref(), Some(words));
        drop(opened);
        let again = Journal::open(folder.path(), at(1)).unwrap();
        assert_eq!(again.lists_altered, None, "{change}");
        assert!(check(&again.journal).holds(), "{change}");
    }
}
