//! Searching by words: the index finds what going through all texts finds, whatever state it is in.

use domain::{Ending, ErrorCode, HistoryFilter, Listing, SortBy};

use super::*;

fn with_name(name: &str) -> Ending {
    let mut ending = signed();
    ending.certificates[0].common_name = Some(name.into());
    ending
}

/// A record of so many entries, most of them in the index.
fn large(folder: &Path, entries: u32) -> Journal {
    let journal = open(folder);
    for number in 1..=entries {
        sign(&journal, &number.to_string(), &with_name(&format!("Host-{number}.Example.test")));
    }
    journal
}

fn found(journal: &Journal, text: &str) -> Vec<u64> {
    let filter = HistoryFilter { text: text.into(), ..HistoryFilter::default() };
    let page = journal.page(&filter, None, 10_000).unwrap();
    assert_eq!(journal.count(&filter).unwrap(), page.entries.len() as u64, "{text}");
    assert_eq!(journal.count_to(&filter, 3).unwrap(), page.entries.len().min(3) as u64, "{text}");
    page.entries.iter().map(|it| it.entry).collect()
}

/// What going through every text finds.
fn scanned(journal: &Journal, text: &str) -> Vec<u64> {
    let words = words::of(text);
    let connection = journal.new_reader().unwrap();
    let mut all = connection.prepare("SELECT entry, search FROM signing ORDER BY entry DESC").unwrap();
    let rows = all.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(Result::unwrap)
        .filter(|(_, text)| words.iter().all(|word| text.contains(word.as_str())))
        .map(|(entry, _)| u64::try_from(entry).unwrap())
        .collect()
}

fn uses_the_index(journal: &Journal, text: &str) -> bool {
    words::question(&journal.new_reader().unwrap(), &words::of(text)).unwrap().is_some()
}

#[test]
fn the_index_finds_what_going_through_all_texts_finds() {
    let folder = tempfile::tempdir().unwrap();
    let journal = large(folder.path(), 450);
    sign(&journal, "451", &with_name("Straße-ÜBER.東京.test"));
    sign(&journal, "452", &with_name("quote\"s.and % _ * stars"));
    sign(&journal, "453", &with_name("zero\0inside-the-name"));
    sign(&journal, "454", &signed());
    let waiting = |it: &Journal| words::waiting(&it.new_reader().unwrap(), 10_000).unwrap();
    assert!(waiting(&journal) < 300, "the oldest came into the index by themselves");
    for all_in in [false, true] {
        if all_in {
            while journal.bring_in_words().unwrap() {}
            assert_eq!(waiting(&journal), 0);
        }
        for text in [
            "host-77.",
            "HOST-77.",
            "host-7",
            "77",
            "7",
            "test",
            "host-77. example",
            "host-77. host-78.",
            "nowhere",
            "straße",
            "STRASSE",
            "über",
            "Über",
            "東京.",
            "東京",
            "京",
            "quote\"s",
            "\"",
            "% _",
            "* stars",
            "inside-the",
            "zero\0inside",
            "o\0i",
            "signed",
            "testroot host-449",
            "-44",
            "901",
            "ho st",
            "zq",
            "st",
            "e\"",
            "0\u{10ffff}",
            "example.test host-1",
        ] {
            assert_eq!(
                found(&journal, text),
                scanned(&journal, text),
                "{text:?}, all in the index: {all_in}"
            );
        }
    }
    assert_eq!(found(&journal, "host-77."), [77]);
    assert_eq!(found(&journal, "STRASSE"), [0; 0], "letters are compared one by one");
    assert_eq!(found(&journal, "ÜBER"), [451]);
    assert!(uses_the_index(&journal, "host-77.") && uses_the_index(&journal, "testroot host-77."));
    assert!(!uses_the_index(&journal, "testroot"), "what all have narrows nothing down");
    assert!(uses_the_index(&journal, "zq") && uses_the_index(&journal, "東京"), "two rare characters");
    assert!(!uses_the_index(&journal, "st") && !uses_the_index(&journal, "京"), "two common ones, and one");
}

fn with_serial(serial: &str) -> Ending {
    let mut ending = signed();
    ending.certificates[0].serial_number = Some(serial.into());
    ending
}

#[test]
fn a_serial_number_is_found_as_it_is_shown_and_by_a_replaced_decision() {
    let folder = tempfile::tempdir().unwrap();
    let journal = large(folder.path(), 300);
    sign(&journal, "301", &with_serial("b62f930e"));
    sign(&journal, "302", &with_serial("0B:62:FF:01"));
    sign(&journal, "303", &Ending::new(ErrorCode::TimedOut));
    let named = |serial: &str| domain::Verdict::ItIsThisOne {
        certificate: Certificate { serial_number: Some(serial.into()), ..Default::default() },
    };
    journal.decide(303, at(2), &named("C0:FF:EE:01"), "first look", None, None).unwrap();
    journal.decide(303, at(3), &named("deadbeef"), "second look", None, None).unwrap();
    for all_in in [false, true] {
        if all_in {
            while journal.bring_in_words().unwrap() {}
        }
        for (text, entries) in [
            ("B6:2F:93:0E", vec![301]),
            ("b62f930e", vec![301]),
            ("2f:93:0e", vec![301]),
            ("00:B6:2F:93", vec![301]),
            ("testroot B6:2F:93:0E", vec![301]),
            ("B6:2F:93:0E host-1", vec![]),
            // As PAM360 wrote it, and without the leading zero that the texts of others lack.
            ("0B:62:FF:01", vec![302]),
            ("DE:AD:BE:EF", vec![303]),
            ("C0:FF:EE:01", vec![303]),
            ("c0ffee01", vec![303]),
            ("found-by-person c0ffee", vec![303]),
            // In decimal, as other tools show it, and with the mark of hexadecimal digits.
            ("3056571150", vec![301]),
            ("30565711", vec![301]),
            ("testroot 3056571150", vec![301]),
            ("3056571151", vec![]),
            ("3237998081", vec![303]),
            ("0xB62F930E", vec![301]),
            ("0x00b62f930e", vec![301]),
            ("C0:FF:EE:02", vec![]),
            ("b6:2f:930", vec![]),
        ] {
            assert_eq!(found(&journal, text), entries, "{text}, all in the index: {all_in}");
        }
    }
    let replaced = |text: &str| {
        let filter = HistoryFilter { text: text.into(), ..HistoryFilter::default() };
        journal.page(&filter, None, 10).unwrap().replaced
    };
    assert_eq!((replaced("C0:FF:EE:01"), replaced("c0ffee01 found-by-person")), (vec![303], vec![303]));
    assert_eq!((replaced("DE:AD:BE:EF"), replaced("found-by-person")), (vec![], vec![]));
    assert_eq!((replaced("3237998081"), replaced("3056571150")), (vec![303], vec![]));
    // A decision that nobody replaced, by digits from the middle of its serial number.
    sign(&journal, "304", &Ending::new(ErrorCode::TimedOut));
    journal.decide(304, at(4), &named("C0:12:AB:34"), "the only look", None, None).unwrap();
    assert_eq!((found(&journal, "12ab3"), replaced("12ab3")), (vec![304], vec![]));
    assert_eq!((found(&journal, "3222448948"), replaced("32224489")), (vec![304], vec![]));
    // The index still narrows a search for a serial number down.
    let reader = journal.new_reader().unwrap();
    assert!(words::either(&reader, "b6:2f:93:0e", "b62f930e").unwrap().is_some());
}

#[test]
fn filters_and_orders_hold_beside_words() {
    let folder = tempfile::tempdir().unwrap();
    let journal = large(folder.path(), 300);
    sign(&journal, "301", &Ending::new(ErrorCode::TimedOut));
    while journal.bring_in_words().unwrap() {}
    let filter =
        HistoryFilter { text: "host-29".into(), sort: SortBy::CsrId, ascending: true, ..Default::default() };
    let page = |filter: &HistoryFilter, after| {
        let page = journal.page(filter, after, 4).unwrap();
        page.entries.iter().map(|it| it.entry).collect::<Vec<_>>()
    };
    assert_eq!(page(&filter, None), [29, 290, 291, 292]);
    assert_eq!(page(&filter, Some(292)), [293, 294, 295, 296]);
    let refused = HistoryFilter { outcome: Some(domain::Outcome::Refused), ..filter };
    assert_eq!(page(&refused, None), [0; 0]);
    let unsettled = HistoryFilter { text: "timed-out".into(), unsettled: true, ..Default::default() };
    assert_eq!(page(&unsettled, None), [301]);
}

#[test]
fn what_is_changed_later_is_found_by_its_new_words_alone() {
    let folder = tempfile::tempdir().unwrap();
    let journal = large(folder.path(), 250);
    while journal.bring_in_words().unwrap() {}
    journal.annotate(9, at(2), "an unusual remark", "OPS-12").unwrap();
    assert_eq!((found(&journal, "unusual"), found(&journal, "ops-12")), (vec![9], vec![9]));
    while journal.bring_in_words().unwrap() {}
    assert_eq!(found(&journal, "unusual"), [9]);
    journal.annotate(9, at(3), "another one", "").unwrap();
    while journal.bring_in_words().unwrap() {}
    assert_eq!((found(&journal, "unusual"), found(&journal, "another one")), (vec![], vec![9]));
    assert_eq!(check(&journal).listing, Listing::Sound);
}

#[test]
fn a_record_of_an_older_version_gets_its_index_little_by_little() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(large(folder, 450));
    let drop_index = "DROP TABLE signing_words; DROP TABLE signing_waiting";
    Connection::open(folder.join(FILE_NAME)).unwrap().execute_batch(drop_index).unwrap();
    // As it is, it can be checked, and searched where nothing can be written.
    assert_eq!(verify_folder(folder, None, &mut |_| {}).unwrap().listing, Listing::Sound);
    let as_it_is = read_only::open(folder, JournalError::ReadOnly).unwrap().journal;
    assert_eq!(found(&as_it_is, "host-77."), [77]);
    assert!(!as_it_is.has_words_to_bring_in().unwrap());
    drop(as_it_is);

    let journal = open(folder);
    let waiting = |it: &Journal| words::waiting(&it.new_reader().unwrap(), 10_000).unwrap();
    assert_eq!(waiting(&journal), 450);
    assert!(journal.has_words_to_bring_in().unwrap());
    assert!(journal.bring_in_words().unwrap());
    assert_eq!(waiting(&journal), 250);
    drop(journal);
    // It goes on where it stopped.
    let journal = open(folder);
    assert_eq!(waiting(&journal), 250);
    assert_eq!((found(&journal, "host-77."), found(&journal, "host-449.")), (vec![77], vec![449]));
    while journal.bring_in_words().unwrap() {}
    assert_eq!((found(&journal, "host-77."), check(&journal).listing), (vec![77], Listing::Sound));
}

#[test]
fn a_damaged_index_is_done_without_or_found_by_a_check_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = large(folder.path(), 250);
    while journal.bring_in_words().unwrap() {}
    assert!(uses_the_index(&journal, "host-77."));
    assert_eq!(check(&journal).listing, Listing::Sound);
    // What SQLite notices: every text is compared instead.
    change(folder.path(), "DROP TABLE signing_words_idx");
    assert_eq!(found(&open(folder.path()), "host-77."), [77]);
    assert_eq!(journal.rebuild_lists().unwrap(), 250);
    assert!(uses_the_index(&journal, "host-77."));
    assert_eq!((found(&journal, "host-77."), check(&journal).listing), (vec![77], Listing::Sound));
    // What only a check notices.
    change(folder.path(), "UPDATE signing_words_data SET block = x'00' WHERE id > 100");
    assert!(matches!(check(&journal).listing, Listing::Differs { .. }));
    journal.rebuild_lists().unwrap();
    assert_eq!(check(&journal).listing, Listing::Sound);
    change(folder.path(), "DELETE FROM signing_words_docsize WHERE id = 77");
    assert_eq!(check(&journal).listing, Listing::Differs { entry: 77 });
}

fn change(folder: &Path, sql: &str) {
    Connection::open(folder.join(FILE_NAME)).unwrap().execute_batch(sql).unwrap();
}
