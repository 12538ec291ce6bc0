//! Each finding is decided once: what blocks signing keeps a check from calling the record sound, and the other way round.

use std::fs;

use domain::{Acknowledged, EventKind, Finding, Remark, Soundness, WhyOpen};
use serde_json::{Value, json};

use super::*;
use crate::chain::Durable;

/// One of each kind.
fn every_kind() -> Vec<WhyOpen> {
    let all = vec![
        WhyOpen::Truncated,
        WhyOpen::Rewritten,
        WhyOpen::HeadMissing,
        WhyOpen::SetAside { file: String::new() },
        WhyOpen::Gap,
        WhyOpen::KeyReplaced { public_key: String::new() },
    ];
    // A new kind does not compile here until it is in the list above.
    for why in &all {
        match why {
            WhyOpen::Truncated
            | WhyOpen::Rewritten
            | WhyOpen::HeadMissing
            | WhyOpen::SetAside { .. }
            | WhyOpen::Gap
            | WhyOpen::KeyReplaced { .. } => {}
        }
    }
    all
}

/// A record in which opening found this.
fn record_with(folder: &Path, why: &WhyOpen) -> Journal {
    let gap = |body: Value| {
        let journal = open(folder);
        sign(&journal, "1", &signed());
        let appended = journal.write(Durable::Now, |pen| pen.append(EventKind::Gap, 0, at(2_000), &body));
        appended.unwrap();
        journal
    };
    match why {
        WhyOpen::Truncated => gap(json!({ "why": "truncated", "head": null })),
        WhyOpen::Rewritten => gap(json!({ "why": "rewritten", "head": null })),
        WhyOpen::HeadMissing => gap(json!({ "why": "head_missing", "head": null })),
        WhyOpen::Gap => gap(json!({ "why": "of a later version" })),
        WhyOpen::SetAside { .. } => {
            fs::write(folder.join(FILE_NAME), vec![7; 8192]).unwrap();
            Journal::open(folder, at(1_000)).unwrap().journal
        }
        WhyOpen::KeyReplaced { .. } => {
            sign(&open(folder), "1", &signed());
            fs::remove_file(folder.join(KEY_FILE_NAME)).unwrap();
            open(folder)
        }
    }
}

/// What the record itself and an exported copy of it say.
fn verified(journal: &Journal) -> [Verification; 2] {
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    let key = journal.public_key.unwrap();
    [check(journal), verify_export(&mut copy.as_slice(), Some(&key)).unwrap()]
}

#[test]
fn what_blocks_signing_is_not_sound_and_the_acknowledgement_is_told_with_its_reason() {
    for kind in every_kind() {
        let folder = tempfile::tempdir().unwrap();
        let journal = record_with(folder.path(), &kind);
        let open = journal.open_findings().unwrap();
        let [finding] = open.as_slice() else { panic!("{kind:?}: {open:?}") };
        assert_eq!(std::mem::discriminant(&finding.why), std::mem::discriminant(&kind));
        let remark = |acknowledged| Remark::from(Finding { finding: finding.clone(), acknowledged });
        for found in verified(&journal) {
            assert_ne!(found.soundness(), Soundness::Sound, "{kind:?}");
            assert!(found.notes.contains(&remark(None)), "{kind:?}: {:?}", found.notes);
            let says = found.says().join(" ");
            assert!(says.contains("Nobody has acknowledged it."), "{kind:?}: {says}");
        }
        // 2026-11-27.
        let moment = at(1_795_737_600_000);
        journal.acknowledge(moment, &[finding.seq], "restored, INC-7").unwrap();
        assert_eq!(journal.open_findings().unwrap(), [], "{kind:?}");
        let known = Acknowledged { seq: finding.seq + 1, at: moment, reason: "restored, INC-7".into() };
        for found in verified(&journal) {
            // What is missing stays missing.
            let missing = matches!(kind, WhyOpen::Truncated | WhyOpen::Rewritten);
            let expected = if missing { Soundness::Unsound } else { Soundness::Incomplete };
            assert_eq!(found.soundness(), expected, "{kind:?}: {:?}", found.says());
            assert!(found.notes.contains(&remark(Some(known.clone()))), "{kind:?}: {:?}", found.notes);
            let says = found.says().join(" ");
            let words = format!("Acknowledged on 2026-11-27, in event {}: restored, INC-7", known.seq);
            assert!(says.contains(&words), "{kind:?}: {says}");
        }
    }
}

#[test]
fn a_record_in_which_nothing_was_found_has_no_finding_and_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    assert_eq!(journal.open_findings().unwrap(), []);
    for found in verified(&journal) {
        assert_eq!((found.soundness(), found.notes), (Soundness::Sound, Vec::new()));
    }
}
