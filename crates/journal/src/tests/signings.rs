//! What a caller sees: begin, sent, finish, decisions, notes, and the history.

use domain::{Basis, HistoryFilter, Outcome, SortBy, Verdict};

use super::*;

const NONE: [u64; 0] = [];

fn all() -> HistoryFilter {
    HistoryFilter::default()
}

fn numbers(journal: &Journal, filter: &HistoryFilter) -> Vec<u64> {
    let page = journal.page(filter, None, 100).unwrap();
    let numbers: Vec<u64> = page.entries.iter().map(|it| it.entry).collect();
    assert_eq!(journal.count(filter).unwrap(), numbers.len() as u64);
    numbers
}

#[test]
fn what_history_shows_is_true_wherever_a_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(begin(&open(folder.path()), "a", "1"), Begun::New(1));
    let entry = open(folder.path()).entry(1).unwrap().unwrap();
    assert_eq!((entry.outcome(), entry.code()), (Outcome::NotSent, ErrorCode::InterruptedBeforeSending));
    assert_eq!((entry.request, entry.sent_at, entry.answered_at), (request("1"), None, None));

    assert_eq!(open(folder.path()).sent(1, at(1_002)).unwrap(), Sent::Marked);
    let entry = open(folder.path()).entry(1).unwrap().unwrap();
    assert_eq!((entry.outcome(), entry.code()), (Outcome::Unknown, ErrorCode::Interrupted));
    assert_eq!(entry.sent_at, Some(at(1_002)));

    open(folder.path()).finish(1, at(1_003), &signed()).unwrap();
    let journal = open(folder.path());
    let entry = journal.entry(1).unwrap().unwrap();
    assert_eq!((entry.ending, entry.answered_at), (signed(), Some(at(1_003))));
    assert!(check(&journal).holds());
    assert_eq!(journal.entry(2).unwrap(), None);
}

#[test]
fn the_same_intent_is_recorded_once_even_by_two_programs() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    assert_eq!(begin(&one, "a", "1"), Begun::New(1));
    assert!(matches!(begin(&two, "a", "1"), Begun::Known(entry) if entry.entry == 1));
    assert_eq!(one.sent(1, at(2)).unwrap(), Sent::Marked);
    assert!(matches!(two.sent(1, at(2)), Err(JournalError::OutOfOrder { entry: 1, .. })));
    one.finish(1, at(2), &signed()).unwrap();
    assert!(matches!(two.finish(1, at(2), &signed()), Err(JournalError::OutOfOrder { .. })));
    assert!(matches!(two.sent(1, at(2)), Err(JournalError::OutOfOrder { .. })));
    assert!(matches!(begin(&two, "a", "1"), Begun::Known(entry) if entry.ending == signed()));
    assert_eq!(two.by_intent("a").unwrap().map(|it| it.entry), Some(1));
    assert_eq!(begin(&two, "b", "2"), Begun::New(2));
}

#[test]
fn a_uuid_that_an_earlier_version_recorded_in_another_spelling_is_found() {
    const UUID: &str = "0baf707d-fb13-49eb-95f9-4875f222e753";
    for old in ["0BAF707D-FB13-49EB-95F9-4875F222E753", "0bAf707dfb1349eb95F94875f222e753", UUID] {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(folder.path());
        // Recorded as typed, as it was before; and its neighbours in the list.
        let _ = begin(&journal, "0baf707d-fb13-49eb-95f9-4875f222e752", "1");
        let _ = begin(&journal, old, "2");
        let _ = begin(&journal, "0baf-an-id-of-another-kind", "3");
        for spelling in [UUID, &UUID.to_uppercase(), &UUID.replace('-', "")] {
            assert_eq!(journal.by_intent(spelling).unwrap().map(|it| it.entry), Some(2), "{old} {spelling}");
            assert!(
                matches!(begin(&journal, spelling, "2"), Begun::Known(entry) if entry.entry == 2),
                "{spelling}"
            );
        }
        assert_eq!(journal.by_intent("0BAF-an-id-of-another-kind").unwrap(), None);
    }
}

#[test]
fn of_a_uuid_that_was_sent_in_two_spellings_the_first_answers() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let _ = begin(&journal, "ffaf707d-fb13-49eb-95f9-4875f222e753", "1");
    // What a version did that took them for two: its events are in the record, whatever is refused today.
    tamper(
        folder.path(),
        "UPDATE signing SET intent_id = 'FFAF707D-FB13-49EB-95F9-4875F222E753' WHERE entry = 1;
         INSERT INTO signing (entry, intent_id, at, csr_id, server, issuer, outcome, code, search)
         VALUES (7, 'ffaf707d-fb13-49eb-95f9-4875f222e753', 1, 1, 'https://h', '', 'signed', 'signed', '')",
    );
    assert_eq!(journal.by_intent("FFAF707DFB1349EB95F94875F222E753").unwrap().map(|it| it.entry), Some(1));
}

#[test]
fn signing_again_needs_a_reason_which_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "7", &signed());
    assert_eq!(begin(&journal, "b", "7"), Begun::Before(vec![1]));
    let request = request("7");
    let again = |reason| {
        let intent = Intent {
            id: "c",
            at: at(5),
            server: "https://h",
            request: &request,
            again: Some(reason),
            token: None,
        };
        journal.begin(&intent).unwrap()
    };
    assert_eq!(again("  "), Begun::Before(vec![1]));
    assert_eq!(numbers(&journal, &all()), [1]);
    assert_eq!(again(" the key was lost "), Begun::New(2));
    assert_eq!(journal.sent(2, at(6)).unwrap(), Sent::Marked);
    let again = journal.entry(2).unwrap().unwrap().again.unwrap();
    assert_eq!((again.reason.as_str(), again.earlier), ("the key was lost", vec![1]));
    assert_eq!(journal.earlier("https://h", &request).unwrap(), [1, 2]);
    // Another server, CSR or issuer is another matter.
    assert_eq!(journal.earlier("https://other", &request).unwrap(), NONE);
    let mut other = request.clone();
    other.issuer = None;
    assert_eq!(journal.earlier("https://h", &other).unwrap(), NONE);
}

#[test]
fn only_what_is_signed_or_unsettled_speaks_against_another_signing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &Ending::new(ErrorCode::ServerRefused));
    sign(&journal, "2", &Ending::new(ErrorCode::DnsFailed));
    sign(&journal, "3", &Ending::new(ErrorCode::TimedOut));
    assert_eq!(begin(&journal, "unsent", "4"), Begun::New(4));
    assert_eq!(begin(&journal, "a", "1"), Begun::New(5));
    assert_eq!(begin(&journal, "b", "2"), Begun::New(6));
    assert_eq!(begin(&journal, "c", "3"), Begun::Before(vec![3]));
    assert_eq!(begin(&journal, "d", "4"), Begun::New(7));
    journal.decide(3, at(9), &Verdict::NotThere, "looked", None, None).unwrap();
    assert_eq!(begin(&journal, "c", "3"), Begun::New(8));
}

#[test]
fn a_persons_word_that_nothing_was_issued_takes_a_reason_while_the_journal_casts_doubt_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let timed_out = Ending::new(ErrorCode::TimedOut);
    let not_there = |entry| journal.decide(entry, at(9), &Verdict::NotThere, "looked", None, None).unwrap();
    let search = |entry, found: &str| {
        let found: serde_json::Value = serde_json::from_str(found).unwrap();
        journal.look_up(entry, at(8), &found, None).unwrap();
    };
    // An earlier decision named a certificate.
    let named = sign(&journal, "1", &timed_out);
    let verdict = Verdict::ItIsThisOne { certificate: Certificate::default() };
    journal.decide(named, at(7), &verdict, "seen", None, None).unwrap();
    not_there(named);
    assert!(journal.is_doubted(named).unwrap());
    assert_eq!(begin(&journal, "again", "1"), Begun::Before(vec![named]));
    let again = request("1");
    let intent = Intent {
        id: "b",
        at: at(9),
        server: "https://h",
        request: &again,
        again: Some("new key"),
        token: None,
    };
    assert!(matches!(journal.begin(&intent).unwrap(), Begun::New(_)));
    // The last search counts. One of an earlier version does not say how many may be the one.
    for (csr, found, casts) in [
        ("2", r#"{"candidates":[{},{}],"possible":1}"#, true),
        ("3", r#"{"candidates":[{},{}],"possible":0}"#, false),
        ("4", r#"{"candidates":[{}]}"#, true),
        ("5", r#"{"candidates":[]}"#, false),
    ] {
        let entry = sign(&journal, csr, &timed_out);
        search(entry, r#"{"candidates":[],"possible":7}"#);
        search(entry, found);
        not_there(entry);
        assert_eq!(journal.is_doubted(entry).unwrap(), casts, "{found}");
        assert_eq!(!journal.earlier("https://h", &request(csr)).unwrap().is_empty(), casts, "{found}");
    }
}

#[test]
fn of_two_that_are_prepared_at_once_one_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    assert_eq!(begin(&one, "a", "7"), Begun::New(1));
    assert_eq!(begin(&two, "b", "7"), Begun::New(2));
    assert_eq!(two.sent(2, at(2)).unwrap(), Sent::Marked);
    assert_eq!(one.sent(1, at(2)).unwrap(), Sent::Before(vec![2]));
    one.finish(1, at(3), &Ending::new(ErrorCode::SentMeanwhile)).unwrap();
    assert_eq!(one.entry(1).unwrap().unwrap().outcome(), Outcome::NotSent);
}

#[test]
fn a_note_that_changed_since_it_was_seen_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    sign(&one, "1", &signed());
    one.annotate_over(1, at(5), "first", "OPS-1", Some(("", ""))).unwrap();
    for (note, ticket) in [("second", "OPS-1"), ("first", "OPS-2")] {
        two.annotate(1, at(6), note, ticket).unwrap();
        let events = one.events(1).unwrap().len();
        let refused = one.annotate_over(1, at(7), "mine", "OPS-1", Some(("first", "OPS-1")));
        assert!(matches!(refused, Err(JournalError::NoteChanged(1))), "{refused:?}");
        assert_eq!(one.events(1).unwrap().len(), events, "nothing was recorded");
        // A person who saw it replaces it; and so does a program that shows none.
        one.annotate_over(1, at(8), "first", "OPS-1", Some((note, ticket))).unwrap();
    }
    let entry = one.entry(1).unwrap().unwrap();
    assert_eq!((entry.note.as_str(), entry.ticket.as_str()), ("first", "OPS-1"));
}

#[test]
fn a_decision_is_refused_after_one_that_the_person_did_not_see() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    sign(&one, "1", &Ending::new(ErrorCode::TimedOut));
    let seen = |journal: &Journal| journal.events(1).unwrap().last().map(|it| it.seq);
    let found = Verdict::ItIsThisOne { certificate: signed().certificates[0].clone() };
    let before = seen(&one);
    two.decide(1, at(5), &found, "in the console", None, before).unwrap();
    for stale in [before, Some(0)] {
        let refused = one.decide(1, at(6), &Verdict::NotThere, "not in the list", None, stale);
        assert!(matches!(refused, Err(JournalError::DecidedMeanwhile(1))), "{refused:?}");
    }
    assert_eq!(one.entry(1).unwrap().unwrap().code(), ErrorCode::FoundByPerson);
    assert_eq!(one.events(1).unwrap().len(), 4, "nothing was recorded");
    // Whoever saw it corrects it, also after a note that changes nothing; and so does a program that shows nothing.
    let then = seen(&one);
    two.annotate(1, at(6), "note", "").unwrap();
    one.decide(1, at(7), &Verdict::NotThere, "another CSR", None, then).unwrap();
    assert_eq!(one.entry(1).unwrap().unwrap().code(), ErrorCode::NotThere);
    one.decide(1, at(8), &found, "it is", None, None).unwrap();
    assert_eq!(one.entry(1).unwrap().unwrap().code(), ErrorCode::FoundByPerson);
}

#[test]
fn a_decision_needs_a_reason_and_an_unknown_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    sign(&journal, "2", &Ending::new(ErrorCode::TimedOut));
    let found = Verdict::ItIsThisOne { certificate: signed().certificates[0].clone() };
    assert!(matches!(journal.decide(2, at(5), &found, " ", None, None), Err(JournalError::ReasonMissing)));
    assert!(matches!(
        journal.decide(1, at(5), &Verdict::NotThere, "why", None, None),
        Err(JournalError::OutOfOrder { .. })
    ));
    assert!(matches!(journal.decide(9, at(5), &found, "why", None, None), Err(JournalError::NoEntry(9))));
    journal.decide(2, at(5), &Verdict::NotThere, "not in the list", None, None).unwrap();
    let unsettled = HistoryFilter { unsettled: true, ..all() };
    assert_eq!(numbers(&journal, &unsettled), NONE);
    journal.look_up(2, at(6), &serde_json::json!({ "listed": 3 }), None).unwrap();
    journal.decide(2, at(7), &found, "it came late", Some(Basis::Console), None).unwrap();
    let entry = journal.entry(2).unwrap().unwrap();
    assert_eq!((entry.outcome(), entry.code()), (Outcome::Signed, ErrorCode::FoundByPerson));
    assert_eq!((entry.ending.code, entry.look_ups), (ErrorCode::TimedOut, 1));
    let decision = entry.decision.unwrap();
    assert_eq!((decision.reason.as_str(), decision.basis), ("it came late", Some(Basis::Console)));
    let kinds: Vec<String> = journal.events(2).unwrap().into_iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["intent", "sent", "outcome", "decision", "look_up", "decision"]);
    assert_eq!(numbers(&journal, &HistoryFilter { serial: "0xb7d5fcb7".into(), ..all() }), [2, 1]);
    assert!(check(&journal).holds());
}

#[test]
fn a_serial_number_of_a_decision_that_was_replaced_is_found_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    sign(&journal, "2", &Ending::new(ErrorCode::TimedOut));
    let named = |serial: &str| Verdict::ItIsThisOne {
        certificate: Certificate { serial_number: Some(serial.into()), ..Certificate::default() },
    };
    journal.decide(2, at(5), &named("0A:0B:0C"), "seen", None, None).unwrap();
    let page = |serial: &str| {
        let page = journal.page(&HistoryFilter { serial: serial.into(), ..all() }, None, 10).unwrap();
        let entries: Vec<u64> = page.entries.iter().map(|it| it.entry).collect();
        assert_eq!(
            journal.count(&HistoryFilter { serial: serial.into(), ..all() }).unwrap(),
            entries.len() as u64
        );
        (entries, page.replaced)
    };
    assert_eq!(page("a0b0c"), (vec![2], NONE.to_vec()));
    journal.decide(2, at(6), &named("b7d5fcb8"), "the other one", None, None).unwrap();
    journal.decide(2, at(7), &named("b7d5fcb9"), "no, this one", None, None).unwrap();
    for spelling in ["0a0b0c", "0xA:0B:0C", "658188", "6581", "a0b0"] {
        assert_eq!(page(spelling), (vec![2], vec![2]), "{spelling}");
    }
    assert_eq!(page("b7d5fcb9"), (vec![2], NONE.to_vec()));
    // Several decisions of one entry name it once, and what is shown is not told to be replaced.
    assert_eq!(page("b7d5"), (vec![2, 1], NONE.to_vec()));
    assert_eq!(page("a0b"), (NONE.to_vec(), NONE.to_vec()));
    assert!(check(&journal).holds());
}

#[test]
fn the_history_is_filtered_by_every_part() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "31", &signed());
    let mut refused = Ending::new(ErrorCode::ServerRefused);
    refused.server_message = Some("CSR 100% déjà Signé".into());
    sign(&journal, "32", &refused);
    assert_eq!(begin_at(&journal, "later", "33", 9_000), Begun::New(3));
    journal.annotate(3, at(9_001), "for the new Proxy", "CHG-77").unwrap();

    let text = |text: &str| numbers(&journal, &HistoryFilter { text: text.into(), ..all() });
    assert_eq!(text("WEB.example"), [1]);
    assert_eq!(text("DÉJÀ"), [2]);
    assert_eq!(text("100%"), [2]);
    assert_eq!(text("%"), [2]);
    assert_eq!(text("chg-77 proxy"), [3]);
    assert_eq!(text("chg-77 web"), NONE);
    assert_eq!(text("testroot"), [3, 2, 1]);

    let serial = |serial: &str| numbers(&journal, &HistoryFilter { serial: serial.into(), ..all() });
    for spelling in ["b7d5fcb7", "0xB7D5FCB7", "00:b7:d5:fc:b7", "3084254391", " B7 D5 FC B7 "] {
        assert_eq!(serial(spelling), [1], "{spelling}");
    }
    assert_eq!(serial("1879376424C"), [3, 2, 1]);
    assert_eq!(serial("1681806213708"), [3, 2, 1]);
    assert_eq!(serial("no number"), NONE);
    // Four digits or more find those that begin with them, in both notations.
    for beginning in ["1879", "0x1879:37", "01879", "1681", "168180621370"] {
        assert_eq!(serial(beginning), [3, 2, 1], "{beginning}");
    }
    for other in ["187", "8793", "168", "18793764240"] {
        assert_eq!(serial(other), NONE, "{other}");
    }

    assert_eq!(numbers(&journal, &HistoryFilter { outcome: Some(Outcome::Signed), ..all() }), [1]);
    assert_eq!(numbers(&journal, &HistoryFilter { outcome: Some(Outcome::NotSent), ..all() }), [3]);
    assert_eq!(numbers(&journal, &HistoryFilter { server: Some("https://h".into()), ..all() }), [3, 2, 1]);
    assert_eq!(numbers(&journal, &HistoryFilter { server: Some("https://x".into()), ..all() }), NONE);
    assert_eq!(numbers(&journal, &HistoryFilter { from: Some(at(9_000)), ..all() }), [3]);
    assert_eq!(numbers(&journal, &HistoryFilter { to: Some(at(9_000)), ..all() }), [2, 1]);
}

#[test]
fn pages_follow_each_other_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for (number, csr) in (1..).zip(["5", "20", "5000", "1", "300"]) {
        assert_eq!(begin(&journal, csr, csr), Begun::New(number));
    }
    let walk = |sort, ascending| {
        let filter = HistoryFilter { sort, ascending, ..all() };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = journal.page(&filter, after, 2).unwrap();
            seen.extend(page.entries.iter().map(|it| it.entry));
            after = page.last;
            if !page.more {
                return seen;
            }
        }
    };
    assert_eq!(walk(SortBy::Entry, false), [5, 4, 3, 2, 1]);
    assert_eq!(walk(SortBy::Entry, true), [1, 2, 3, 4, 5]);
    assert_eq!(walk(SortBy::CsrId, true), [4, 1, 2, 5, 3]);
    assert_eq!(walk(SortBy::CsrId, false), [3, 5, 2, 1, 4]);
    assert_eq!(walk(SortBy::Outcome, true), [1, 2, 3, 4, 5]);
    assert_eq!(walk(SortBy::Server, false), [5, 4, 3, 2, 1]);
}

#[test]
fn what_belongs_to_no_signing_is_recorded_too() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for what in [Plain::BatchStarted, Plain::ConnectionChanged, Plain::Export] {
        journal.record(what, at(2_000), &serde_json::json!({ "b": 1, "a": [1.5, null] })).unwrap();
    }
    assert_eq!(begin(&journal, "a", "1"), Begun::New(1));
    let found = check(&journal);
    assert_eq!((found.events, found.entries, found.holds()), (5, 1, true));
}

#[test]
fn nothing_recorded_can_be_changed_through_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    for statement in [
        "UPDATE event SET at = 0",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT seq, kind, entry, 0, body, hash, signature, origin, author FROM event WHERE seq = 2",
        "REPLACE INTO event SELECT seq, kind, entry, 0, body, hash, signature, origin, author FROM event",
    ] {
        let error = locked(&journal.writer).connection.execute(statement, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    }
    assert!(check(&journal).holds());
}

#[test]
fn durability_is_what_the_design_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let writer = locked(&journal.writer);
    let text = |name: &str| -> String {
        writer.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    };
    let number =
        |name: &str| -> i64 { writer.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!((text("journal_mode").as_str(), number("synchronous")), ("wal", 2));
}

#[test]
fn what_the_desk_calls_in_progress_is_left_out_of_the_outcomes_that_the_journal_alone_would_show() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &Ending::new(ErrorCode::TimedOut));
    assert_eq!(begin(&journal, "b", "2"), Begun::New(2));
    assert_eq!(journal.sent(2, at(1_005)).unwrap(), Sent::Marked);
    assert_eq!(begin(&journal, "c", "3"), Begun::New(3));
    let running = HistoryFilter { running: vec![2, 3], ..all() };
    let unknown = HistoryFilter { outcome: Some(Outcome::Unknown), ..running.clone() };
    assert_eq!(numbers(&journal, &unknown), [1]);
    assert_eq!(numbers(&journal, &HistoryFilter { running: Vec::new(), ..unknown }), [2, 1]);
    assert_eq!(numbers(&journal, &HistoryFilter { unsettled: true, ..running.clone() }), [1]);
    let not_sent = HistoryFilter { outcome: Some(Outcome::NotSent), ..running.clone() };
    assert_eq!(numbers(&journal, &not_sent), NONE);
    assert_eq!(numbers(&journal, &HistoryFilter { in_progress: true, ..running.clone() }), [3, 2]);
    let found = HistoryFilter { in_progress: true, text: "interrupted-before".into(), ..running };
    assert_eq!(numbers(&journal, &found), [3]);
    assert_eq!(numbers(&journal, &HistoryFilter { in_progress: true, ..all() }), NONE);

    assert_eq!(journal.unanswered(at(0), at(2_000)).unwrap(), [2, 3]);
    assert_eq!(journal.unanswered(at(0), at(999)).unwrap(), NONE);
}
