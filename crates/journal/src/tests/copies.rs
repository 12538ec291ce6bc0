//! A copy is sound only when each of its lines is what an export writes there.

use domain::{HeadState, Remark, Why};
use proptest::prelude::*;

use super::*;
use crate::keep::NoKey;

/// Exported copies of version 3, of both versions, and of version 2, made once; each with its public key.
fn shared() -> &'static [(Vec<String>, [u8; 32]); 3] {
    static EXPORTED: std::sync::OnceLock<[(Vec<String>, [u8; 32]); 3]> = std::sync::OnceLock::new();
    EXPORTED.get_or_init(|| [exported(), exported_mixed(), exported_of_version_2()])
}

/// Two signings, exported; and the public key.
fn exported() -> (Vec<String>, [u8; 32]) {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    sign(&journal, "2", &signed());
    exported_from(&journal)
}

/// A journal of version 2 that went on in version 3.
fn exported_mixed() -> (Vec<String>, [u8; 32]) {
    let folder = version_2::mixed();
    exported_from(&open(folder.path()))
}

/// A journal of version 2 as a program of that version exports it.
fn exported_of_version_2() -> (Vec<String>, [u8; 32]) {
    let folder = version_2::version_2();
    let key = key::read_file(folder.path()).unwrap().unwrap().public_key();
    let connection = read_only::open_to_read(folder.path()).unwrap();
    exported_from(
        &Journal::to_read(folder.path(), connection, Box::new(NoKey { why: String::new(), public: key }))
            .unwrap(),
    )
}

fn exported_from(journal: &Journal) -> (Vec<String>, [u8; 32]) {
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    let lines = String::from_utf8(copy).unwrap().lines().map(str::to_owned).collect();
    (lines, journal.public_key.unwrap())
}

fn checked(lines: &[String], key: [u8; 32]) -> Verification {
    verify_export(&mut lines.join("\n").as_bytes(), Some(&key)).unwrap()
}

/// The first sentence about a copy that is not sound.
fn refused(lines: &[String], key: [u8; 32]) -> String {
    let found = checked(lines, key);
    assert!(!found.holds(), "{lines:#?} {found:?}");
    let says = found.says();
    let verdicts = ["The record does not hold.", "The record is not proven"];
    assert!(verdicts.iter().any(|it| says[0].starts_with(it)), "{says:?}");
    assert!(!says.join(" ").contains("none changed"), "{says:?}");
    says[0].clone()
}

#[test]
fn a_closing_line_stands_once_and_at_the_end() {
    let (lines, key) = exported();
    assert!(checked(&lines, key).holds());
    let (closing, events) = lines.split_last().unwrap();

    let second = [&events[..1], std::slice::from_ref(closing), &events[1..]].concat();
    refused(&second, key);
    // Events that were never recorded, between the closing line and the end.
    let forged = events[2].replace("\"seq\":2", "\"seq\":8");
    assert!(refused(&[lines.as_slice(), &[forged]].concat(), key).contains("after its closing line"));
    let twice = [lines.as_slice(), std::slice::from_ref(closing)].concat();
    assert!(refused(&twice, key).contains("with 1 line that"));
    assert!(refused(events, key).contains("closing line of the copy is missing"));
    assert_eq!(checked(events, key).head, HeadState::NoClosingLine);
}

#[test]
fn the_closing_line_names_the_last_event_and_their_number() {
    let (lines, key) = exported();
    let (closing, events) = lines.split_last().unwrap();
    let with = |closing: String| [events, &[closing]].concat();
    let count = refused(&with(closing.replace("\"events\":7", "\"events\":8")), key);
    assert!(count.contains("does not hold"), "{count}");
    // The time of the head is no part of what is signed.
    assert!(checked(&with(closing.replace("\"at\":1000", "\"at\":1001")), key).first_bad.is_some());
    refused(&with(closing.replace("\"events\"", "\"note\":1,\"events\"")), key);
    refused(&with(closing.replace("\"seq\":7", "\"by\":\"x\",\"seq\":7")), key);
    refused(&with("{\"events\":7,\"head\":null}".to_owned()), key);
}

#[test]
fn the_first_line_agrees_with_the_events() {
    let (lines, key) = exported();
    let with = |first: String| [&[first], &lines[1..]].concat();
    for (lines, key) in shared() {
        let with = |first: String| [&[first], &lines[1..]].concat();
        let own = if lines[0].contains("\"csrdesk_record\":2") { 2 } else { 3 };
        for named in [1, 2, 3].into_iter().filter(|it| *it != own) {
            let first = lines[0].replace(&format!("record\":{own}"), &format!("record\":{named}"));
            assert!(refused(&with(first), *key).contains(&format!("names format {named}")));
        }
    }
    let own = canonical::hex(&key);
    let named = with(lines[0].replace(&own, &"0".repeat(64)));
    assert!(refused(&named, key).contains("names another key"));
    assert!(checked(&named, key).notes.contains(&Remark::KeyDiffers));
    let more = with(lines[0].replace("{", "{\"by\":\"an auditor\","));
    assert!(matches!(
        verify_export(&mut more.join("\n").as_bytes(), Some(&key)),
        Err(JournalError::NotACopy)
    ));
}

#[test]
fn a_line_with_more_than_an_event_is_refused() {
    let (lines, key) = exported();
    for at in 1..lines.len() - 1 {
        let mut changed = lines.clone();
        changed[at] = lines[at].replace("\"seq\"", "\"approved_by\":\"Anna\",\"seq\"");
        assert_ne!(changed, lines);
        let bad = checked(&changed, key).first_bad.unwrap();
        assert_eq!((bad.seq, bad.why), (at as u64, Why::Unreadable));
        refused(&changed, key);
    }
}

#[test]
fn the_key_that_the_auditor_knows_decides() {
    let (lines, key) = exported();
    let (other, _) = exported();
    assert!(refused(&other, key).contains("another key"));
    let unknown = verify_export(&mut lines.join("\n").as_bytes(), None).unwrap();
    assert!(unknown.holds() && unknown.notes == [Remark::KeyNotGiven], "{unknown:?}");
}

#[test]
fn the_fields_of_version_3_are_in_its_lines_and_in_no_other() {
    let (lines, key) = &shared()[1];
    assert!(checked(lines, *key).holds());
    let change = |at: usize, from: &str, to: &str| {
        let mut changed = lines.clone();
        changed[at] = lines[at].replace(from, to);
        assert_ne!(&changed, lines, "{at} {from}");
        refused(&changed, *key);
    };
    let last = lines.len() - 2;
    change(last, ",\"origin\":\"{}\",\"author\":\"\"", "");
    change(last, ",\"author\":\"\"", "");
    change(last, "\"author\":\"\"", "\"author\":null");
    change(last, "\"origin\":\"{}\"", "\"origin\":\"\"");
    change(last, "\"origin\":\"{}\"", "\"origin\":\"{\\\"user\\\":\\\"anna\\\"}\"");
    for more in ["\"origin\":\"\",\"author\":\"\"", "\"origin\":\"{}\",\"author\":\"\"", "\"author\":\"\""] {
        change(2, "\"entry\"", &format!("{more},\"entry\""));
    }
    // Without the event that ends version 2, and with what follows it moved up.
    let mut without = lines.clone();
    without.remove(8);
    refused(&without, *key);
    for (number, line) in without.iter_mut().enumerate().skip(8) {
        *line = line.replace(&format!("\"seq\":{}", number + 1), &format!("\"seq\":{number}"));
    }
    refused(&without, *key);
}

/// What a copy says, whatever its spaces and the order of its fields.
fn meaning(lines: &[String]) -> Option<Vec<serde_json::Value>> {
    lines.iter().filter(|it| !it.trim().is_empty()).map(|it| serde_json::from_str(it).ok()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// The checker against its own writer: what still holds says the same as before.
    #[test]
    fn a_changed_copy_never_holds(
        which in 0..3usize,
        changes in prop::collection::vec((0..14usize, any::<prop::sample::Index>(), 0..8u8, any::<u8>()), 1..4)
    ) {
        let (lines, key) = &shared()[which];
        let mut copy = lines.clone();
        for (line, place, how, byte) in changes {
            let line = line.min(copy.len().saturating_sub(1));
            match how {
                0 => drop(copy.remove(line)),
                1 => copy.insert(line, copy[place.index(copy.len())].clone()),
                2 => { let other = place.index(copy.len()); copy.swap(line, other); }
                _ => {
                    // One character, so that the text stays UTF-8.
                    let mut text: Vec<char> = copy[line].chars().collect();
                    let at = place.index(text.len().max(1));
                    match how {
                        3 => drop(text.drain(at.min(text.len())..)),
                        4 if at < text.len() => drop(text.remove(at)),
                        5 => text.insert(at.min(text.len()), char::from(byte)),
                        _ if at < text.len() => text[at] = char::from(byte),
                        _ => {}
                    }
                    copy[line] = text.into_iter().collect();
                }
            }
            if copy.is_empty() {
                break;
            }
        }
        // A line end within a text makes two lines.
        let copy: Vec<String> = copy.join("\n").split('\n').map(str::to_owned).collect();
        if let Ok(found) = verify_export(&mut copy.join("\n").as_bytes(), Some(key)) {
            let same = meaning(&copy) == meaning(lines);
            prop_assert!(!found.holds() || same, "{copy:#?} {found:?}");
        }
    }
}
