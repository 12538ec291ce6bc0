//! The functions that the model stands for. A change of one of them fails here until somebody has looked at the model.
//!
//! Owns the list and the digests. Refuses to own what a function does: `replay` compares that for the journal, the tests of
//! the desk for the order of its steps.

use aws_lc_rs::digest;
use domain::EventKind;

use crate::canonical::hex;

const OPEN: &str = include_str!("../../open.rs");
const LOOKED: &str = include_str!("../../looked.rs");
const CHAIN: &str = include_str!("../../chain.rs");
const SIGNING: &str = include_str!("../../signing.rs");
const FINDINGS: &str = include_str!("../../findings.rs");
const GATES: &str = include_str!("../../gates.rs");
const IN_PLACE: &str = include_str!("../../in_place.rs");
const HEAD: &str = include_str!("../../head.rs");
const DESK: &str = include_str!("../../../../desk/src/handlers/sign.rs");

/// For each step of the model the functions that do it, and the beginning of the SHA-256 of their text, line ends and
/// indents aside. After a change: look at the model, change it where the protocol is another one now, and write the new digest
/// here.
const STEPS: &[(&str, &str, &str, &str)] = &[
    ("Open", OPEN, "fn settle", "24a58eae"),
    ("Open", OPEN, "fn append_findings", "a2b3847d"),
    ("Open", OPEN, "fn fill", "d9e95d1c"),
    ("Open", LOOKED, "fn gap", "b33924b6"),
    ("Begin", SIGNING, "pub fn begin", "34a86f7f"),
    ("Begin", GATES, "pub(crate) fn by_intent", "13432e0a"),
    ("Begin, Commit", GATES, "pub(crate) fn against", "67c99a42"),
    ("Begin, Commit", FINDINGS, "pub(crate) fn none_open", "afafc278"),
    ("Begin, Commit, Finish", IN_PLACE, "pub(crate) fn check", "a569cd0b"),
    ("Commit", SIGNING, "pub fn sent_to", "766718f9"),
    ("Commit", IN_PLACE, "pub(crate) fn head_fits", "c4f705a6"),
    ("Commit, Finish", CHAIN, "pub(crate) fn write", "ce50c446"),
    ("NameHead, Clear", CHAIN, "fn write_head", "d2c6cfbf"),
    ("NameHead", HEAD, "pub(crate) fn is_behind", "5764848f"),
    ("Clear", IN_PLACE, "pub(crate) fn head_names", "2e46594f"),
    ("Commit, Clear", IN_PLACE, "fn names", "a9307aef"),
    ("Begin, Commit, Post, Finish", DESK, "async fn carry_out", "48a9b5f8"),
    ("Begin", DESK, "async fn begin", "1b3f871a"),
    ("Commit", DESK, "async fn mark_sent", "857652f1"),
    ("Finish", DESK, "async fn finish", "21733692"),
    ("Finish", SIGNING, "fn add_ending", "7c09fc2b"),
    ("NotIssued", SIGNING, "pub fn decide", "d56dbcdc"),
    ("Acknowledge", FINDINGS, "pub fn acknowledge", "2910e322"),
    ("Acknowledge", FINDINGS, "fn acknowledge", "95571e8b"),
];

/// The text of a function, from its signature to the brace that ends it.
fn text(file: &str, signature: &str) -> Option<String> {
    let begins = |line: &str| {
        let rest = line.trim_start().strip_prefix(signature);
        rest.is_some_and(|it| it.starts_with(['(', '<']))
    };
    let mut lines = file.lines().skip_while(|line| !begins(line));
    let first = lines.next()?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let end = [indent, "}"].concat();
    let mut text = vec![first.trim()];
    for line in lines {
        text.push(line.trim());
        if line == end {
            return Some(text.join("\n"));
        }
    }
    None
}

#[test]
fn every_step_of_the_model_is_the_one_of_the_code() {
    let mut changed = Vec::new();
    for (step, file, signature, expected) in STEPS {
        let text = text(file, signature).unwrap_or_else(|| panic!("{step}: there is no {signature}"));
        let found = hex(&digest::digest(&digest::SHA256, text.as_bytes()).as_ref()[..4]);
        if found != *expected {
            changed.push(format!("{step}: {signature} is {found:?}, and was {expected:?}"));
        }
    }
    let changed = changed.join("\n");
    assert!(
        changed.is_empty(),
        "look at the model in tests/protocol.rs, then write the new digests:\n{changed}"
    );
}

/// The step of the model that records an event; none for events that decide nothing about what leaves.
fn step_of(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Opened
        | EventKind::Gap
        | EventKind::KeyChanged
        | EventKind::Migrated
        | EventKind::FormatChanged => Some("Open"),
        EventKind::Intent => Some("Begin"),
        EventKind::Sent => Some("Commit"),
        EventKind::Outcome => Some("Finish"),
        EventKind::Decision => Some("NotIssued"),
        EventKind::Acknowledged => Some("Acknowledge"),
        EventKind::LookUp
        | EventKind::Note
        | EventKind::Export
        | EventKind::BatchStarted
        | EventKind::ConnectionChanged => None,
        other => panic!("{other}: is it a part of the protocol?"),
    }
}

#[test]
fn every_kind_of_event_has_its_step_or_needs_none() {
    for kind in EventKind::ALL {
        if let Some(step) = step_of(*kind) {
            assert!(STEPS.iter().any(|(steps, ..)| steps.split(", ").any(|it| it == step)), "{kind}: {step}");
        }
    }
}
