//! The format is what docs/record-format.md says: its test vectors are computed anew from that file.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::*;
use crate::canonical::{Bound, Content, Format, Link, hex, unhex};

const DOCUMENT: &str = include_str!("../../../../docs/record-format.md");

#[derive(Deserialize)]
struct Vector {
    seq: i64,
    entry: i64,
    at: i64,
    kind: String,
    body: serde_json::Value,
    canonical_body: String,
    /// Only in version 3.
    #[serde(default)]
    origin: Option<String>,
    encoding: String,
    hash: String,
    signature: String,
}

/// The blocks of test vectors, each with the seed of RFC 8032.
fn blocks() -> Vec<Vec<Vector>> {
    let blocks = DOCUMENT.split("```json\n").skip(1).map(|it| it.split("```").next().unwrap());
    blocks.map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// Computes the vectors anew, as what follows the events in `chain`.
fn recompute(chain: &mut Vec<(i64, Link)>, vectors: &[Vector]) {
    for vector in vectors {
        let body = canonical::json(&vector.body).unwrap();
        assert_eq!(body, vector.canonical_body);
        let previous = chain.last().map_or(Link::START, |it| it.1);
        let of_entry = chain.iter().rev().find(|it| it.0 == vector.entry && it.0 > 0);
        let bound = Bound {
            journal: chain.first().map_or([0; 32], |it| it.1.hash),
            of_entry: of_entry.map_or([0; 32], |it| it.1.hash),
        };
        let (bound, format) = match vector.origin {
            None => (None, Format::Two),
            Some(_) => (Some(&bound), Format::Three),
        };
        let content = Content {
            seq: vector.seq,
            kind: vector.kind.as_bytes(),
            entry: vector.entry,
            at: vector.at,
            body: body.as_bytes(),
            origin: vector.origin.as_deref().unwrap_or_default().as_bytes(),
            author: b"",
        };
        let hash = content.hash(&previous, bound);
        let signature = key().sign(&Link::signed_bytes(format, vector.seq, &hash)).unwrap();
        assert_eq!(
            (hex(&content.encoding(&previous, bound)), hex(&hash), hex(&signature)),
            (vector.encoding.clone(), vector.hash.clone(), vector.signature.clone()),
            "event {}",
            vector.seq
        );
        chain.push((vector.entry, Link { seq: vector.seq, hash, signature }));
    }
}

/// The seed that the document names: the one of RFC 8032, section 7.1, test 1. Never a key of a real record.
fn key() -> SeedKey {
    let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    SeedKey::from_seed(&Zeroizing::new(seed), KeyKind::File).unwrap()
}

#[test]
fn the_test_vectors_of_the_document_hold() {
    let [version_2, gone_on, version_3] = &blocks()[..] else { panic!("three blocks") };
    assert!(version_2.len() >= 3 && version_2.iter().all(|it| it.origin.is_none()));
    let mut chain = Vec::new();
    recompute(&mut chain, version_2);
    // The same journal in version 3, and an entry of both versions.
    assert!(gone_on.iter().all(|it| it.origin.is_some()) && gone_on.iter().any(|it| it.entry == 1));
    recompute(&mut chain, gone_on);
    assert!(version_3[0].seq == 1 && version_3.iter().all(|it| it.origin.is_some()));
    recompute(&mut Vec::new(), version_3);
}

/// A checker has nothing but the document: what it says of the vectors is what the program writes.
#[test]
fn the_test_vectors_are_a_copy_that_is_sound() {
    let [version_2, gone_on, version_3] = &blocks()[..] else { panic!("three blocks") };
    let line = |it: &Vector| {
        let mut line = serde_json::json!({
            "seq": it.seq, "kind": it.kind, "entry": it.entry, "at": it.at, "body": it.canonical_body,
            "hash": it.hash, "signature": it.signature,
        });
        if let Some(origin) = &it.origin {
            line["origin"] = origin.as_str().into();
            line["author"] = "".into();
        }
        line.to_string()
    };
    let own = key().public_key();
    for (number, events) in [
        (2, version_2.iter().collect::<Vec<_>>()),
        (3, version_2.iter().chain(gone_on).collect()),
        (3, version_3.iter().collect()),
    ] {
        let last = events.last().unwrap();
        let head = serde_json::json!({ "at": last.at, "hash": last.hash, "seq": last.seq, "signature": last.signature });
        let mut lines = vec![format!(r#"{{"csrdesk_record":{number},"public_key":"{}"}}"#, hex(&own))];
        lines.extend(events.iter().map(|it| line(it)));
        lines.push(serde_json::json!({ "events": events.len(), "head": head }).to_string());
        let found = verify_export(&mut lines.join("\n").as_bytes(), Some(&own)).unwrap();
        assert!(found.holds(), "{number}: {found:?}");
    }
}

#[test]
fn the_fingerprint_of_a_token_is_the_one_of_the_document() {
    let token = "C5E1C8F4-0B1C-4A31-9C0E-3F0D9C1B7A55";
    let fingerprint = key().token_fingerprint(token.as_bytes()).unwrap();
    assert!(DOCUMENT.contains(&format!("`{token}` has the fingerprint `{fingerprint}`")), "{fingerprint}");
}

#[test]
fn the_document_names_every_kind_of_event_and_every_file() {
    for kind in domain::EventKind::ALL {
        assert!(DOCUMENT.contains(&format!("`{kind}`")), "{kind}");
    }
    for name in [FILE_NAME, HEAD_FILE_NAME, KEY_FILE_NAME] {
        assert!(DOCUMENT.contains(name), "{name}");
    }
}

#[test]
fn a_record_is_the_same_bytes_for_the_same_events() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_with_key(folder.path(), at(1_000), Box::new(key())).unwrap().journal;
    sign(&journal, "303", &signed());
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    // A change of this number is a change of the format: it needs a new version, and a migration.
    let text = String::from_utf8(copy).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.contains(r#""events":4"#), "{last}");
    assert_eq!(text.lines().count(), 6);
    let found = verify_export(&mut text.as_bytes(), Some(&key().public_key())).unwrap();
    assert!(
        found.holds() && found.head == domain::HeadState::ClosingLine && found.notes.is_empty(),
        "{found:?}"
    );
}

#[test]
fn a_copy_that_a_shell_or_an_editor_wrote_again_is_still_checked() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    let text = String::from_utf8(copy).unwrap();
    for text in [text.clone(), text.replace('\n', "\r\n"), text.replace('\n', "\n\n")] {
        let marked = ["\u{FEFF}", &text].concat();
        let copies: [Vec<u8>; 6] = [
            text.clone().into(),
            marked.clone().into(),
            marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            marked.chars().flat_map(|it| u32::from(it).to_le_bytes()).collect(),
        ];
        for copy in copies {
            let found = verify_export(&mut copy.as_slice(), journal.public_key.as_ref()).unwrap();
            assert!(found.holds() && found.head == domain::HeadState::ClosingLine, "{found:?}");
        }
    }
    // A changed event is found in every encoding.
    let changed = text.replacen("csr_id\\\":1,", "csr_id\\\":7,", 1);
    assert_ne!(changed, text);
    let wide: Vec<u8> = changed.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!verify_export(&mut wide.as_slice(), journal.public_key.as_ref()).unwrap().holds());
}

#[test]
fn a_copy_that_was_cut_off_or_changed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    sign(&journal, "1", &signed());
    sign(&journal, "2", &signed());
    let mut copy = Vec::new();
    journal.export(&mut copy).unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&copy).unwrap().lines().collect();
    let check = |lines: &[&str]| {
        verify_export(&mut lines.join("\n").as_bytes(), journal.public_key.as_ref()).unwrap()
    };
    assert!(check(&lines).holds());

    // Without its last line nothing says where it ended.
    let found = check(&lines[..lines.len() - 1]);
    assert_eq!((found.holds(), found.head), (false, domain::HeadState::NoClosingLine));
    assert!(found.says()[0].contains("closing line"), "{:?}", found.says());
    let mut cut = lines.clone();
    cut.remove(lines.len() - 2);
    assert_eq!(check(&cut).first_bad.map(|it| (it.seq, it.why)), Some((7, domain::Why::Truncated)));
    let mut removed = lines.clone();
    removed.remove(4);
    assert_eq!(check(&removed).first_bad.map(|it| (it.seq, it.why)), Some((4, domain::Why::Missing)));
    let mut swapped = lines.clone();
    swapped.swap(3, 4);
    assert_eq!(check(&swapped).first_bad.map(|it| it.seq), Some(3));
    let mut doubled = lines.clone();
    doubled.insert(4, lines[3]);
    assert_eq!(check(&doubled).first_bad.map(|it| (it.seq, it.why)), Some((3, domain::Why::Changed)));
    let edited = lines[4].replace("signed", "Signed");
    let mut changed = lines.clone();
    changed[4] = &edited;
    assert_eq!(check(&changed).first_bad.map(|it| it.seq), Some(4));
    let mut noise = lines.clone();
    noise[4] = "no json";
    assert_eq!(check(&noise).first_bad.map(|it| (it.seq, it.why)), Some((4, domain::Why::Unreadable)));

    assert!(matches!(verify_export(&mut "".as_bytes(), None), Err(JournalError::NotACopy)));
    let newer = lines[0].replace("\"csrdesk_record\":3", "\"csrdesk_record\":4");
    assert!(matches!(verify_export(&mut newer.as_bytes(), None), Err(JournalError::Newer(4))));
}
