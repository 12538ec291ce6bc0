//! Whatever is changed in the record is found, and the first bad event is named.

use domain::{Bad, HeadState, HistoryFilter, Listing, Remark, Why};

use super::*;

/// Three signings in ten events.
pub(super) fn ten_events() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for csr in ["1", "2", "3"] {
        sign(&journal, csr, &signed());
    }
    assert_eq!(check(&journal).events, 10);
    folder
}

/// What a check says after a change, and that the history can be read all the same.
fn after(sql: &str) -> Verification {
    let folder = ten_events();
    tamper(folder.path(), sql);
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    let journal = Journal::open(folder.path(), at(5_000)).unwrap().journal;
    let page = journal.page(&HistoryFilter::default(), None, 10).unwrap();
    assert!(!page.entries.is_empty(), "{sql}");
    let opened = check(&journal);
    assert_eq!(
        opened.first_bad.as_ref().map(|it| it.seq),
        found.first_bad.as_ref().map(|it| it.seq),
        "{sql}"
    );
    found
}

fn bad(seq: u64, entry: Option<u64>, why: Why) -> Option<Bad> {
    Some(Bad { seq, entry, why })
}

#[test]
fn a_sound_record_holds_and_its_head_matches() {
    let folder = ten_events();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!((&found.first_bad, found.head, found.listing), (&None, HeadState::Matches, Listing::Sound));
    assert_eq!((found.events, found.entries, found.notes.clone()), (10, 3, vec![]));
    assert_eq!(found.public_key, open(folder.path()).public_key());
    assert!(found.says()[0].contains("holds"));
}

#[test]
fn every_column_of_every_event_is_protected() {
    for seq in 1..=10 {
        for change in [
            "kind = 'note'",
            "entry = entry + 1",
            "at = at + 1",
            "body = body || ' '",
            "hash = zeroblob(32)",
            "hash = x'00'",
            "signature = zeroblob(64)",
            "signature = x''",
            "origin = ''",
            "origin = '{\"user\":\"anna\"}'",
            "author = 'x'",
        ] {
            let sql = format!("UPDATE event SET {change} WHERE seq = {seq}");
            let found = after(&sql);
            let first = found.first_bad.unwrap_or_else(|| panic!("not found: {sql}"));
            assert_eq!(first.seq, seq, "{sql}: {first:?}");
        }
    }
}

#[test]
fn a_removed_event_is_missing() {
    for seq in 2..=9 {
        let found = after(&format!("DELETE FROM event WHERE seq = {seq}"));
        assert_eq!(found.first_bad, bad(seq, None, Why::Missing));
    }
    let found = after("DELETE FROM event WHERE seq = 1");
    assert_eq!(found.first_bad, bad(1, None, Why::Missing));
}

#[test]
fn a_removed_event_whose_place_was_closed_is_found() {
    let found = after("DELETE FROM event WHERE seq = 5; UPDATE event SET seq = seq - 1 WHERE seq > 5");
    assert_eq!(found.first_bad.map(|it| (it.seq, it.why)), Some((5, Why::Changed)));
}

#[test]
fn swapped_events_are_found() {
    let found = after(
        "UPDATE event SET seq = 100 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 7;
         UPDATE event SET seq = 7 WHERE seq = 100",
    );
    assert_eq!(found.first_bad, bad(4, Some(2), Why::Changed));
}

#[test]
fn a_removed_end_contradicts_the_head_and_stays_told() {
    let folder = ten_events();
    tamper(folder.path(), "DELETE FROM event WHERE seq > 7; DELETE FROM signing WHERE entry = 3");
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!((&found.first_bad, found.head), (&bad(8, None, Why::Truncated), HeadState::Contradicts));

    // The next start tells it in the record, so that the next head does not wipe it out.
    let opened = Journal::open(folder.path(), at(5_000)).unwrap();
    assert_eq!(opened.found, bad(8, None, Why::Truncated));
    acknowledge(&opened.journal);
    sign(&opened.journal, "9", &signed());
    let found = check(&opened.journal);
    assert_eq!((&found.first_bad, found.head), (&bad(8, None, Why::Truncated), HeadState::Matches));
    drop(opened);
    assert!(Journal::open(folder.path(), at(6_000)).unwrap().found.is_none());
}

#[test]
fn an_older_copy_put_back_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    sign(&open(folder.path()), "1", &signed());
    std::fs::copy(folder.path().join(FILE_NAME), &copy).unwrap();
    sign(&open(folder.path()), "2", &signed());
    std::fs::rename(&copy, folder.path().join(FILE_NAME)).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!(found.first_bad, bad(5, None, Why::Truncated));

    // Signing on from the older copy does not hide it either, before or after a start that tells it.
    let journal = Journal::open(folder.path(), at(5_000)).unwrap().journal;
    acknowledge(&journal);
    sign(&journal, "3", &signed());
    sign(&journal, "4", &signed());
    assert_eq!(check(&journal).first_bad, bad(5, None, Why::Truncated));
}

#[test]
fn an_end_written_anew_contradicts_the_head() {
    let folder = ten_events();
    let head = std::fs::read(folder.path().join(HEAD_FILE_NAME)).unwrap();
    tamper(folder.path(), "DELETE FROM event WHERE seq > 7; DELETE FROM signing WHERE entry = 3");
    std::fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    // Written with the key, by a program that knows nothing of the removed end.
    let unaware = Journal::open(folder.path(), at(5_000)).unwrap().journal;
    acknowledge(&unaware);
    sign(&unaware, "9", &signed());
    drop(unaware);
    std::fs::write(folder.path().join(HEAD_FILE_NAME), head).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!((&found.first_bad, found.head), (&bad(10, None, Why::Rewritten), HeadState::Contradicts));
    let opened = Journal::open(folder.path(), at(6_000)).unwrap();
    assert_eq!(opened.found, bad(10, None, Why::Rewritten));
    let again = check(&opened.journal);
    assert_eq!(again.first_bad, bad(10, None, Why::Rewritten));
}

#[test]
fn without_a_head_it_is_said_what_cannot_be_proven() {
    let folder = ten_events();
    let head = folder.path().join(HEAD_FILE_NAME);
    std::fs::remove_file(&head).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!((found.holds(), found.head), (false, HeadState::Missing));
    assert!(found.says()[0].contains("no signed head"), "{:?}", found.says());
    assert!(!found.says().join(" ").contains("none changed, removed"), "{:?}", found.says());
    std::fs::write(&head, "{}").unwrap();
    assert_eq!(verify_folder(folder.path(), None, &mut |_| {}).unwrap().head, HeadState::Unreadable);
    let found = check(&open(folder.path()));
    assert_eq!(
        (found.head, found.notes),
        (HeadState::Matches, vec![Remark::HeadWasMissing { seq: 11, acknowledged: None }])
    );
}

#[test]
fn an_older_head_is_no_contradiction() {
    let folder = ten_events();
    let head = folder.path().join(HEAD_FILE_NAME);
    let old = std::fs::read(&head).unwrap();
    sign(&open(folder.path()), "4", &signed());
    std::fs::write(&head, old).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!((found.holds(), found.head), (true, HeadState::Older { by: 3 }));
    sign(&open(folder.path()), "5", &signed());
    assert_eq!(check(&open(folder.path())).head, HeadState::Matches);
}

/// An intent waits for the disk only when its request is about to leave. A head that named it before that would be newer
/// than the record after a power failure, which is what a removed end looks like.
#[test]
fn the_head_never_names_what_the_disk_may_not_have() {
    let folder = ten_events();
    let journal = open(folder.path());
    assert_eq!(begin(&journal, "waiting", "4"), Begun::New(4));
    let found = check(&journal);
    assert_eq!((found.holds(), found.head), (true, HeadState::Older { by: 1 }));
    // Another program's head names its own event, not the one that waits.
    let other = open(folder.path());
    assert_eq!(other.record(Plain::Export, at(1_000), &()).unwrap(), 12);
    assert_eq!(begin(&journal, "waiting too", "5"), Begun::New(5));
    assert_eq!(check(&journal).head, HeadState::Older { by: 1 });
    assert_eq!(journal.sent(4, at(1_000)).unwrap(), Sent::Marked);
    assert_eq!(check(&journal).head, HeadState::Matches);
}

#[test]
fn a_head_of_another_key_does_not_count() {
    let (folder, other) = (ten_events(), ten_events());
    std::fs::copy(other.path().join(HEAD_FILE_NAME), folder.path().join(HEAD_FILE_NAME)).unwrap();
    assert_eq!(verify_folder(folder.path(), None, &mut |_| {}).unwrap().head, HeadState::Unreadable);
}

#[test]
fn events_of_another_record_do_not_fit() {
    let (folder, other) = (ten_events(), ten_events());
    // SQLite quotes a quote by doubling it; the folder of a test may have one in its name.
    let path = other.path().join(FILE_NAME).display().to_string().replace('\'', "''");
    tamper(
        folder.path(),
        &format!(
            "ATTACH '{path}' AS other; DELETE FROM event WHERE seq = 6;
             INSERT INTO event SELECT * FROM other.event WHERE seq = 6"
        ),
    );
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!(found.first_bad, bad(6, Some(2), Why::Changed));
}

#[test]
fn a_chain_computed_anew_without_the_key_is_found_at_its_first_event() {
    let folder = ten_events();
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.execute_batch("DROP TRIGGER event_stays").unwrap();
    let mut previous = chain::at(&connection, 3).unwrap().unwrap().link().unwrap();
    for seq in 4..=10 {
        let mut raw = chain::at(&connection, seq).unwrap().unwrap();
        if seq == 4 {
            raw.at += 1;
        }
        let bound = chain::bound(&connection, seq, raw.entry).unwrap();
        raw.hash = raw.content().hash(&previous, Some(&bound)).to_vec();
        connection
            .execute("UPDATE event SET at = ?1, hash = ?2 WHERE seq = ?3", (raw.at, &raw.hash, seq))
            .unwrap();
        previous = raw.link().unwrap();
    }
    drop(connection);
    std::fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
    assert_eq!(found.first_bad, bad(4, Some(1), Why::Signature));
}

#[test]
fn a_wrong_list_is_found_and_made_anew() {
    for sql in [
        "DELETE FROM signing WHERE entry = 3",
        "DELETE FROM signing WHERE entry = 1",
        "UPDATE signing SET outcome = 'refused' WHERE entry = 2",
        "UPDATE signing SET search = '' WHERE entry = 2",
        "DELETE FROM signing_serial WHERE entry = 2",
        "INSERT INTO signing_serial VALUES ('1', 2)",
        "INSERT INTO signing SELECT 9, 'x', at, csr_id, server, issuer, outcome, code, search FROM signing LIMIT 1",
        "DROP TABLE signing",
        "DROP TABLE signing_serial",
    ] {
        let folder = ten_events();
        tamper(folder.path(), sql);
        let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
        assert!(found.chain_holds() && !found.holds(), "{sql}");
        assert!(matches!(found.listing, Listing::Differs { .. }), "{sql}");
        assert!(found.says()[0].contains("--rebuild"), "{sql}: {:?}", found.says());
        let journal = open(folder.path());
        journal.rebuild_lists().unwrap();
        let found = check(&journal);
        assert_eq!((found.listing, found.head), (Listing::Sound, HeadState::Matches), "{sql}");
        assert_eq!(journal.count(&HistoryFilter::default()).unwrap(), 3);
    }
}

/// Every index that the journal looks something up through, with its text.
fn indexes(folder: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL";
    let mut rows = connection.prepare(sql).unwrap();
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_index_that_hides_what_is_there_is_found_and_made_again() {
    let all = indexes(ten_events().path());
    assert!(all.len() > 8, "{all:?}");
    for (name, text) in all {
        let folder = ten_events();
        // Emptied under another text, then given its text back: the schema shows nothing of it.
        let set = |text: &str| {
            let text = text.replace('\'', "''");
            let sql = format!(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '{text}' WHERE name = '{name}'"
            );
            Connection::open(folder.path().join(FILE_NAME)).unwrap().execute_batch(&sql).unwrap();
        };
        let nothing = if text.contains(" WHERE ") { " AND 0" } else { " WHERE 0" };
        set(&[text.as_str(), nothing].concat());
        let reindex = format!("REINDEX {name}");
        Connection::open(folder.path().join(FILE_NAME)).unwrap().execute_batch(&reindex).unwrap();
        set(&text);
        let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
        // One that is empty in a sound journal of this size hides nothing.
        let sound = ["event_of_finding", "event_of_decision"].contains(&name.as_str());
        let expected = if sound { Listing::Sound } else { Listing::IndexesDiffer };
        assert_eq!((found.listing, found.chain_holds()), (expected, true), "{name}: {:?}", found.says());
        assert_eq!(found.holds(), sound, "{name}");
        let journal = opened(folder.path()).journal;
        journal.rebuild_lists().unwrap();
        assert_eq!(check(&journal).listing, Listing::Sound, "{name}");
    }
}

#[test]
fn a_damaged_entry_is_named_and_hides_no_other() {
    let folder = ten_events();
    tamper(folder.path(), "UPDATE event SET body = '{' WHERE seq = 5");
    let journal = opened(folder.path()).journal;
    let page = journal.page(&HistoryFilter::default(), None, 10).unwrap();
    let numbers: Vec<u64> = page.entries.iter().map(|it| it.entry).collect();
    assert_eq!((numbers, page.damaged), (vec![3, 1], vec![2]));
    assert!(matches!(journal.entry(2), Err(JournalError::Damaged(2))));
    assert_eq!(journal.events(2).unwrap()[0].body, "{");
    journal.rebuild_lists().unwrap();
    assert_eq!(check(&journal).first_bad, bad(5, Some(2), Why::Changed));
    sign(&journal, "8", &signed());
}

#[test]
fn a_list_that_was_made_after_damage_still_keeps_a_second_request_from_leaving() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    sign(&journal, "2", &signed());
    drop(journal);
    let lists = "DROP TABLE signing; DROP TABLE signing_serial;";
    let damage = "UPDATE event SET body = '{' WHERE entry = 1 AND kind = 'outcome';";
    tamper(folder.path(), &format!("{damage} {lists}"));
    for _ in 0..2 {
        let journal = opened(folder.path()).journal;
        assert_eq!(journal.listed_as_damaged().unwrap(), [1]);
        let again = request("1");
        let intent = Intent {
            id: "intent-1",
            at: at(1),
            server: "https://h",
            request: &again,
            again: None,
            token: None,
        };
        assert!(matches!(journal.begin(&intent), Err(JournalError::Damaged(1))), "the same intent");
        assert_eq!(begin(&journal, "another", "1"), Begun::Before(vec![1]), "the same CSR and issuer");
        let server = HistoryFilter { server: Some("https://h".into()), ..HistoryFilter::default() };
        assert_eq!(journal.page(&server, None, 10).unwrap().damaged, [1]);
        assert_eq!(check(&journal).listing, Listing::Sound);
        journal.rebuild_lists().unwrap();
    }
    // Nothing is left of an entry whose intent cannot be read either.
    tamper(folder.path(), &format!("UPDATE event SET body = '{{' WHERE entry = 1; {lists}"));
    let journal = opened(folder.path()).journal;
    assert_eq!(journal.listed_as_damaged().unwrap(), [1]);
    assert_eq!(check(&journal).listing, Listing::Sound);
}

#[test]
fn the_clock_may_go_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (number, (id, millis)) in (1..).zip([("1", 5_000), ("2", 4_000), ("3", 4_500), ("4", 4_499)]) {
        assert_eq!(begin_at(&journal, id, id, millis), Begun::New(number));
    }
    let found = check(&journal);
    assert_eq!(found.notes, [Remark::ClockWentBack { times: 2, seq: 3, by_ms: 1_000 }]);
    assert!(found.holds());
}
