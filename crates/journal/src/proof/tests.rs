//! A proof is sound only with the events of one signing of one journal, unchanged.

use domain::{Ending, ErrorCode, SignForm};

use super::*;
use crate::{Begun, Intent};

fn proven() -> (tempfile::TempDir, Proof) {
    let folder = tempfile::tempdir().unwrap();
    let at = Timestamp::from_millis(1);
    let journal = Journal::open(folder.path(), at).unwrap().journal;
    let form = SignForm {
        sign_type: "MSCA".into(),
        validity_days: "9".into(),
        csr_id: "3".into(),
        ..SignForm::default()
    };
    let request = form.check(at).unwrap();
    let intent = Intent { id: "one", at, server: "https://h", request: &request, again: None, token: None };
    assert_eq!(journal.begin(&intent).unwrap(), Begun::New(1));
    let _ = journal.sent(1, at).unwrap();
    journal.finish(1, at, &Ending::new(ErrorCode::TimedOut)).unwrap();
    let proof = journal.proof(1, None).unwrap().unwrap();
    assert_eq!(journal.proof(2, None).unwrap(), None);
    assert_eq!(proof.entry().unwrap(), journal.entry(1).unwrap().unwrap());
    (folder, proof)
}

#[test]
fn a_proof_holds_away_from_its_record() {
    let (_folder, proof) = proven();
    assert_eq!(proof.events.len(), 3);
    let text = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<Proof>(&text).unwrap().check(), Ok(LeftOpen::default()));
    assert_eq!(proof.bodies(EventKind::Outcome).count(), 1);
}

#[test]
fn whatever_is_changed_in_a_proof_is_found() {
    let (_folder, good) = proven();
    let broken = |change: fn(&mut Proof)| {
        let mut proof = good.clone();
        change(&mut proof);
        assert!(proof.check().is_err(), "{proof:?}");
    };
    broken(|it| it.events[2].body = it.events[2].body.replace("timed-out", "signed"));
    broken(|it| it.events[0].at += 1);
    broken(|it| it.events[1].entry = 2);
    broken(|it| it.events[1].seq += 1);
    broken(|it| it.events[1].kind = "outcome".into());
    broken(|it| it.events.swap(0, 1));
    broken(|it| it.events.clear());
    broken(|it| it.public_key = "00".repeat(32));
    broken(|it| it.events[2].signature = it.events[1].signature.clone());
    broken(|it| it.events[2].previous_hash = it.events[0].previous_hash.clone());
    broken(|it| it.events[2].origin = Some("{\"user\":\"anna\"}".into()));
    broken(|it| it.events[2].origin = None);
    broken(|it| it.events[2].author = Some("x".into()));
    broken(|it| it.events[2].entry_previous_hash = it.events[1].entry_previous_hash.clone());
    broken(|it| it.journal = Some("00".repeat(32)));
    broken(|it| it.journal = None);
    broken(|it| it.format = None);
    broken(|it| (it.format, it.journal) = (None, None));
    broken(|it| it.format = Some(2));
    let newer = Proof { format: Some(4), ..good.clone() };
    assert_eq!(newer.check(), Err(ProofError::Newer(4)));
    // An event of version 3 is none of version 2.
    broken(|it| {
        (it.format, it.journal) = (None, None);
        for event in &mut it.events {
            (event.origin, event.author, event.entry_previous_hash) = (None, None, None);
        }
    });
    let text = serde_json::to_string(&good).unwrap();
    for field in ["\"seq\"", "\"public_key\""] {
        let more = text.replacen(field, &format!("\"approved_by\":\"Anna\",{field}"), 1);
        assert!(serde_json::from_str::<Proof>(&more).unwrap_err().to_string().contains("approved_by"));
    }
}

#[test]
fn events_from_before_a_change_of_the_key_are_vouched_for_by_the_last_one() {
    let (folder, before) = proven();
    std::fs::remove_file(folder.path().join(crate::KEY_FILE_NAME)).unwrap();
    let at = Timestamp::from_millis(2);
    let journal = Journal::open(folder.path(), at).unwrap().journal;
    let last = journal.record_evidence(1, at, &(), None).unwrap();
    let proof = journal.proof(1, Some(last)).unwrap().unwrap();
    assert_eq!(proof.earlier_keys, std::slice::from_ref(&before.public_key));
    let open = LeftOpen { with_earlier_key: vec![2, 3, 4], ..LeftOpen::default() };
    assert_eq!(proof.check(), Ok(open));
    let broken = |change: &dyn Fn(&mut Proof)| {
        let mut proof = proof.clone();
        change(&mut proof);
        proof.check().unwrap_err();
    };
    broken(&|it| it.earlier_keys.clear());
    broken(&|it| it.earlier_keys.push("00".repeat(32)));
    broken(&|it| it.earlier_keys.push(before.public_key.clone()));
    broken(&|it| it.earlier_keys.extend((0..40).map(|at| format!("{at:064x}"))));
    broken(&|it| it.earlier_keys.push(it.public_key.clone()));
    broken(&|it| std::mem::swap(&mut it.public_key, &mut it.earlier_keys[0]));
    // The last event is the one of the key in force.
    broken(&|it| drop(it.events.pop()));
    broken(&|it| drop(it.events.remove(1)));
    // Of an earlier journal with that key, as of any other one.
    let (_other, other) = proven();
    broken(&|it| {
        it.earlier_keys = vec![other.public_key.clone()];
        it.events[..3].clone_from_slice(&other.events);
    });
}

#[test]
fn an_event_that_is_left_out_between_two_others_is_missing() {
    let (_folder, good) = proven();
    for (missing, found) in [(0, 3), (1, 4)] {
        let mut proof = good.clone();
        proof.events.remove(missing);
        assert_eq!(proof.check(), Err(ProofError::Unlinked(found)));
    }
    // What is left out at the end no event of the signing can tell.
    let mut proof = good;
    proof.events.pop();
    assert_eq!(proof.check(), Ok(LeftOpen::default()));
}

/// The proofs of two signings of the same CSR, by turns in one journal.
fn two_in(folder: &std::path::Path, key: Option<&std::path::Path>) -> [Proof; 2] {
    if let Some(other) = key {
        std::fs::copy(other.join(crate::KEY_FILE_NAME), folder.join(crate::KEY_FILE_NAME)).unwrap();
    }
    let at = Timestamp::from_millis(1);
    let journal = Journal::open(folder, at).unwrap().journal;
    let form = |csr_id: &str| SignForm {
        sign_type: "MSCA".into(),
        validity_days: "9".into(),
        csr_id: csr_id.into(),
        ..SignForm::default()
    };
    for (id, csr_id) in [("one", "3"), ("two", "4")] {
        let request = form(csr_id).check(at).unwrap();
        let intent = Intent { id, at, server: "https://h", request: &request, again: None, token: None };
        let _ = journal.begin(&intent).unwrap();
    }
    for entry in [1, 2] {
        let _ = journal.sent(entry, at).unwrap();
    }
    for (entry, code) in [(1, ErrorCode::TimedOut), (2, ErrorCode::ServerRefused)] {
        journal.finish(entry, at, &Ending::new(code)).unwrap();
    }
    [1, 2].map(|it| journal.proof(it, None).unwrap().unwrap())
}

#[test]
fn events_of_two_signings_or_two_journals_do_not_make_one_proof() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let here = two_in(one.path(), None);
    let there = two_in(two.path(), Some(one.path()));
    assert_eq!(here[0].public_key, there[0].public_key);
    assert_ne!(here[0].journal, there[0].journal);
    for proof in here.iter().chain(&there) {
        assert_eq!(proof.check(), Ok(LeftOpen::default()));
    }
    // The request of one signing and the answer of another: the other journal's, then the other entry's.
    for (other, from) in [(&there[0], 1), (&there[0], 2), (&there[1], 2), (&here[1], 1), (&here[1], 2)] {
        for journal in [&here[0].journal, &other.journal] {
            let mut mixed = Proof { journal: journal.clone(), ..here[0].clone() };
            mixed.events.truncate(from);
            mixed.events.extend(other.events[from..].iter().cloned());
            mixed.events.sort_by_key(|it| it.seq);
            mixed.check().unwrap_err();
            // Also under the number of the first one.
            for event in &mut mixed.events {
                event.entry = 1;
            }
            mixed.check().unwrap_err();
        }
    }
}
