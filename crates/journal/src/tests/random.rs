//! Random records always hold; random damage never goes unnoticed.

use domain::{HistoryFilter, Verdict};
use proptest::prelude::*;

use super::*;

/// A step of a caller; one that does not fit is refused and records nothing.
#[derive(Clone, Debug)]
enum Step {
    Begin { csr: u8, again: bool },
    Sent(u8),
    Finish(u8, usize),
    LookUp(u8),
    Decide(u8, bool),
    Note(u8, String),
    Record(String),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..5u8, any::<bool>()).prop_map(|(csr, again)| Step::Begin { csr, again }),
        3 => (1..8u8).prop_map(Step::Sent),
        3 => (1..8u8, 0..ErrorCode::ALL.len()).prop_map(|(entry, code)| Step::Finish(entry, code)),
        1 => (1..8u8).prop_map(Step::LookUp),
        1 => (1..8u8, any::<bool>()).prop_map(|(entry, there)| Step::Decide(entry, there)),
        1 => (1..8u8, ".{0,12}").prop_map(|(entry, note)| Step::Note(entry, note)),
        1 => ".{0,12}".prop_map(Step::Record),
        1 => Just(Step::Reopen),
    ]
}

fn play(folder: &Path, steps: &[Step], clock: &[i64]) -> Journal {
    let mut journal = open(folder);
    for (index, step) in steps.iter().enumerate() {
        let now = at(clock.get(index).copied().unwrap_or(0));
        match step {
            Step::Begin { csr, again } => {
                let request = request(&csr.to_string());
                let id = format!("intent-{index}");
                let again = again.then_some("because");
                let intent =
                    Intent { id: &id, at: now, server: "https://h", request: &request, again, token: None };
                let _ = journal.begin(&intent).unwrap();
            }
            Step::Sent(entry) => drop(journal.sent((*entry).into(), now)),
            Step::Finish(entry, code) => {
                drop(journal.finish((*entry).into(), now, &Ending::new(ErrorCode::ALL[*code])));
            }
            Step::LookUp(entry) => drop(journal.look_up((*entry).into(), now, &["nothing"], None)),
            Step::Decide(entry, there) => {
                let found = Verdict::ItIsThisOne { certificate: signed().certificates[0].clone() };
                let verdict = if *there { found } else { Verdict::NotThere };
                drop(journal.decide((*entry).into(), now, &verdict, "seen", None, None));
            }
            Step::Note(entry, note) => drop(journal.annotate((*entry).into(), now, note, "T")),
            Step::Record(text) => drop(journal.record(Plain::Export, now, text).unwrap()),
            Step::Reopen => journal = open(folder),
        }
    }
    journal
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_holds_and_at_most_one_leaves_without_a_reason(
        steps in prop::collection::vec(step(), 0..40),
        clock in prop::collection::vec(any::<i64>(), 40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let journal = play(folder.path(), &steps, &clock);
        let found = check(&journal);
        prop_assert!(found.holds(), "{found:?}");
        prop_assert_eq!(found.listing, domain::Listing::Sound);
        let mut copy = Vec::new();
        prop_assert_eq!(journal.export(&mut copy).unwrap(), found.events);
        prop_assert!(verify_export(&mut copy.as_slice(), journal.public_key.as_ref()).unwrap().holds());
        // At any time, only one of the signings that left without a reason can be signed or unsettled.
        let entries = journal.page(&HistoryFilter::default(), None, 100).unwrap().entries;
        for csr in 1..5 {
            let csr = request(&csr.to_string()).csr_id;
            let left = entries.iter().filter(|it| {
                it.request.csr_id == csr && it.sent_at.is_some() && it.again.is_none() && it.speaks_against_another()
            });
            // A decision that is taken back can bring an earlier one to life again, as a person said.
            let revised = steps.iter().any(|it| matches!(it, Step::Decide(..)));
            prop_assert!(left.count() <= 1 || revised);
        }
    }

    #[test]
    fn any_flipped_byte_is_found(
        steps in prop::collection::vec(step(), 8..20),
        which: prop::sample::Index,
        byte: prop::sample::Index,
        column in prop::sample::select(vec!["body", "hash", "signature", "kind"]),
        flip in 1..=255u8,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let events = check(&play(folder.path(), &steps, &[])).events;
        let seq = which.index(usize::try_from(events).unwrap()) + 1;
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection.execute_batch("DROP TRIGGER event_stays").unwrap();
        let select = format!("SELECT CAST({column} AS BLOB) FROM event WHERE seq = {seq}");
        let mut value: Vec<u8> = connection.query_row(&select, [], |row| row.get(0)).unwrap();
        let index = byte.index(value.len());
        value[index] ^= flip;
        let as_text = matches!(column, "body" | "kind");
        let cast = if as_text { "CAST(?1 AS TEXT)" } else { "?1" };
        connection.execute(&format!("UPDATE event SET {column} = {cast} WHERE seq = {seq}"), [value]).unwrap();
        drop(connection);
        let found = verify_folder(folder.path(), None, &mut |_| {}).unwrap();
        prop_assert_eq!(found.first_bad.map(|it| it.seq), Some(seq as u64));
    }

    #[test]
    fn a_copy_with_any_byte_changed_does_not_pass_for_the_record(
        steps in prop::collection::vec(step(), 4..12),
        byte: prop::sample::Index,
        flip in 1..=255u8,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let journal = play(folder.path(), &steps, &[]);
        let mut copy = Vec::new();
        journal.export(&mut copy).unwrap();
        let index = byte.index(copy.len());
        let first_line = copy.iter().position(|it| *it == b'\n').unwrap();
        copy[index] ^= flip;
        if let Ok(found) = verify_export(&mut copy.as_slice(), journal.public_key.as_ref()) {
            let in_the_first_line = index <= first_line;
            // Spelling that means the same: an escape, or the time of the last line, which nothing rests on.
            let same = found.holds() && copy.iter().rev().skip(1).position(|it| *it == b'\n').is_some_and(|from_end| {
                index >= copy.len() - from_end - 2
            });
            prop_assert!(!found.holds() || in_the_first_line || same, "{found:?}");
        }
    }
}
