//! Evidence that somebody put together or changed is never verified as evidence.

use std::io::Cursor;

use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber as Serial};
use serde_json::Value;
use time::OffsetDateTime;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::evidence::{Files, changed, check, deflated, evidence_of, packed, signed, unpacked, within};
use super::*;
use crate::{AsAsked, EvidenceCheck, check_evidence, check_evidence_at};

/// Evidence of entry 1 that a program of version 2 wrote; between its events another entry was signed.
const OF_2: &[u8] = include_bytes!("../../../tests/cases/evidence-of-version-2/one.zip");
/// The same of another journal that the same key signed: another CSR, also as entry 1.
const OF_2_OTHER: &[u8] = include_bytes!("../../../tests/cases/evidence-of-version-2/other.zip");

/// A verdict about files, which a forger would have to avoid.
fn found(files: &Files) -> EvidenceCheck {
    check(&packed(files, deflated())).unwrap()
}

fn refused(files: &Files, because: &str) {
    let found = found(files);
    assert!(!found.holds, "{because}: {found:#?}");
    assert!(found.says.iter().any(|it| it.contains(because)), "{because}: {found:#?}");
}

fn json(files: &Files, name: &str) -> Value {
    serde_json::from_slice(&files.iter().find(|it| it.0 == name).unwrap().1).unwrap()
}

fn with_file(files: &Files, name: &str, content: impl Into<Vec<u8>>) -> Files {
    let mut files: Files = files.iter().filter(|it| it.0 != name).cloned().collect();
    files.push((name.to_owned(), content.into()));
    files
}

/// The files as a program makes them from a proof: a forger has that program too.
fn remade(files: &Files, proof: &Value) -> Option<Files> {
    let parsed: journal::Proof = serde_json::from_value(proof.clone()).ok()?;
    let entry = parsed.entry().ok()?;
    let mut remade = with_file(files, "proof.json", crate::handlers::evidence::pretty(&parsed).unwrap());
    for (name, content) in crate::handlers::evidence::derived(&entry).unwrap() {
        remade = with_file(&remade, name, content);
    }
    if !parsed.is_version_2() {
        remade = with_file(&remade, "README.txt", crate::handlers::evidence::readme(&parsed, &entry));
    }
    Some(remade)
}

/// The events of a proof, and the proof with others in their place.
fn events(proof: &Value) -> Vec<Value> {
    proof["events"].as_array().unwrap().clone()
}

fn proof_of(proof: &Value, events: Vec<Value>) -> Value {
    let mut proof = proof.clone();
    proof["events"] = events.into();
    proof
}

/// A second desk whose journal has the key of the first one's, with a signing of another CSR as entry 1.
async fn same_key(world: &World) -> (World, Vec<u8>) {
    let other = World::connected().await;
    // Without its own journal, it begins one with the key that is there.
    let key = "journal.key";
    for name in ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "journal.head"] {
        let _ = std::fs::remove_file(other.desk.data_dir().join(name));
    }
    std::fs::copy(world.desk.data_dir().join(key), other.desk.data_dir().join(key)).unwrap();
    other.desk.sign(other.signing("b", 301)).await.unwrap();
    let (bytes, _) = evidence_of(&other, 1).await;
    (other, bytes)
}

#[tokio::test]
async fn the_request_of_one_signing_and_the_answer_of_another_are_no_evidence() {
    let (world, one) = signed().await;
    let (_other, other) = same_key(&world).await;
    world.desk.sign(world.signing("c", 301)).await.unwrap();
    let (neighbour, _) = evidence_of(&world, 2).await;
    let (here, there, neighbour) = (unpacked(&one), unpacked(&other), unpacked(&neighbour));
    let (mine, theirs, next) =
        (json(&here, "proof.json"), json(&there, "proof.json"), json(&neighbour, "proof.json"));
    assert_eq!(mine["public_key"], theirs["public_key"]);
    assert_ne!(mine["journal"], theirs["journal"]);
    // Two journals with one key, then two entries of one journal; cut after the intent, or after the request.
    let mut tried = 0;
    for (answer, with) in [(&theirs, &there), (&next, &neighbour)] {
        for cut in [1, 2, 3] {
            let mut mixed = events(&mine)[..cut].to_vec();
            mixed.extend(events(answer)[cut..].iter().cloned());
            for base in [&mine, answer] {
                let proof = proof_of(base, mixed.clone());
                for files in [&here, with] {
                    if let Some(files) = remade(files, &proof) {
                        assert!(!found(&files).holds);
                        tried += 1;
                    }
                }
            }
        }
    }
    assert_eq!(tried, 24, "each of them tells a signing");
    // The other journal's id over events of this one.
    let mut renamed = mine;
    renamed["journal"] = theirs["journal"].clone();
    refused(&remade(&here, &renamed).unwrap(), "The events were altered");
}

#[tokio::test]
async fn an_event_that_is_left_out_is_missing_also_at_the_end() {
    let (world, _) = signed().await;
    world
        .desk
        .annotate(crate::commands::annotate::Request {
            entry: 1,
            note: "approved".into(),
            ticket: String::new(),
            seen: None,
            intent: None,
        })
        .await
        .unwrap();
    let (bytes, count) = evidence_of(&world, 1).await;
    assert_eq!(count, 6);
    let files = unpacked(&bytes);
    let proof = json(&files, "proof.json");
    assert!(found(&remade(&files, &proof).unwrap()).holds);
    for missing in 1..5 {
        let mut fewer = events(&proof);
        fewer.remove(missing);
        refused(&remade(&files, &proof_of(&proof, fewer)).unwrap(), "is missing between them");
    }
    // Without the last event nothing records the certificate, and nothing says where the signing ends.
    let mut fewer = events(&proof);
    fewer.pop();
    let shorter = remade(&files, &proof_of(&proof, fewer)).unwrap();
    refused(&shorter, "certificate.pem is not part of this evidence");
    let bare: Files =
        shorter.iter().filter(|it| it.0 != "certificate.pem" && it.0 != "csr.pem").cloned().collect();
    let found = found(&bare);
    assert!(found.holds && found.as_asked == AsAsked::NotChecked, "{found:#?}");
    assert!(found.not_proven.iter().any(|it| it.contains("missing at the end")), "{found:#?}");
}

#[test]
fn evidence_of_version_2_is_read_and_says_first_what_it_cannot_prove() {
    let one = check(OF_2).unwrap();
    assert!(one.holds && one.as_asked == AsAsked::Yes && one.journal.is_none(), "{one:#?}");
    for part in [
        "is of version 2",
        "Nothing binds event 8",
        "missing at the end",
        "certificate and CSR to the journal",
    ] {
        assert!(one.not_proven.iter().any(|it| it.contains(part)), "{part}: {one:#?}");
    }
    // Its events follow one another in the journal, so they are bound all the same.
    let other = check(OF_2_OTHER).unwrap();
    assert!(
        other.holds && !other.not_proven.iter().any(|it| it.contains("Nothing binds event")),
        "{other:#?}"
    );

    // The request of one journal and the answer of the other: this verified before.
    let (here, there) = (unpacked(OF_2), unpacked(OF_2_OTHER));
    let (mine, theirs) = (json(&here, "proof.json"), json(&there, "proof.json"));
    assert_eq!(mine["public_key"], theirs["public_key"]);
    for cut in [1, 2] {
        let mut mixed = events(&mine)[..cut].to_vec();
        mixed.extend(events(&theirs)[cut..].iter().cloned());
        refused(&remade(&there, &proof_of(&mine, mixed)).unwrap(), "does not follow the event before it");
    }
    // Where other events were recorded in between, no event of version 2 can tell, and the evidence says so.
    let mixed = vec![events(&mine)[0].clone(), events(&mine)[3].clone()];
    let fewer = found(&remade(&here, &proof_of(&mine, mixed)).unwrap());
    assert!(fewer.not_proven.iter().any(|it| it.contains("Nothing binds event 8")), "{fewer:#?}");

    for (name, from, to) in
        [("proof.json", "later", "Later"), ("entry.json", "301", "303"), ("README.txt", "not prove", "prove")]
    {
        assert!(!found(&changed(&here, name, |it| it.replacen(from, to, 1))).holds, "{name}");
    }
    let mut named = mine;
    named["journal"] = Value::from("00".repeat(32));
    named["format"] = Value::from(3);
    refused(&with_file(&here, "proof.json", serde_json::to_vec(&named).unwrap()), "proof.json was altered");
}

#[tokio::test]
async fn what_does_not_belong_to_evidence_is_refused_by_its_name() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    for name in [
        "report.pdf",
        "sub/entry.json",
        "../entry.json",
        "/entry.json",
        "Entry.json",
        "entry.json ",
        "__MACOSX/letter.txt",
        "._letter.txt",
        "sub/.DS_Store",
        "answer.txt.exe",
    ] {
        refused(
            &with_file(&files, name, "The director approved it."),
            &format!("{name} is not part of the evidence"),
        );
    }
    // Beside the one folder that the files are in.
    let mut beside = within("evidence/", &files);
    beside.push(("letter.txt".into(), b"approved".to_vec()));
    refused(&beside, "letter.txt is not part");
    for deep in ["a/b/", "./", "../"] {
        let failure = check(&packed(&within(deep, &files), deflated())).unwrap_err();
        assert!(failure.detail.unwrap().contains("not in the archive itself"), "{deep}");
    }

    let folder = tempfile::tempdir().unwrap();
    for (name, content) in &files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    assert!(check_evidence_at(folder.path()).unwrap().holds);
    std::fs::write(folder.path().join("letter.txt"), "approved").unwrap();
    let found = check_evidence_at(folder.path()).unwrap();
    assert!(!found.holds && found.says.iter().any(|it| it.contains("letter.txt is not part")), "{found:#?}");
    std::fs::remove_file(folder.path().join("letter.txt")).unwrap();
    std::fs::create_dir(folder.path().join("answers")).unwrap();
    assert!(!check_evidence_at(folder.path()).unwrap().holds);
}

#[tokio::test]
async fn a_file_that_follows_from_no_event_is_refused() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let (bytes, _) = evidence_of(&world, 1).await;
    let files = unpacked(&bytes);
    assert!(found(&files).holds && !files.iter().any(|it| it.0 == "answer.txt"));
    refused(&with_file(&files, "answer.txt", "success"), "answer.txt is not part of this evidence");
    refused(&with_file(&files, "certificate.pem", "x"), "certificate.pem is not part of this evidence");
}

#[tokio::test]
async fn an_unknown_field_and_another_spelling_of_the_proof_are_refused() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    let proof = json(&files, "proof.json");
    for at in [None, Some(0)] {
        let mut more = proof.clone();
        let object = match at {
            None => &mut more,
            Some(at) => &mut more["events"][at],
        };
        object["approved_by"] = Value::from("Anna");
        let files = with_file(&files, "proof.json", serde_json::to_vec_pretty(&more).unwrap());
        let failure = check(&packed(&files, deflated())).unwrap_err();
        assert_eq!(failure.code, ErrorCode::EvidenceUnreadable);
        assert!(failure.detail.unwrap().contains("unknown field `approved_by`"));
    }
    let newer = changed(&files, "proof.json", |it| it.replacen("\"format\": 3", "\"format\": 4", 1));
    let failure = check(&packed(&newer, deflated())).unwrap_err();
    assert!(failure.detail.unwrap().contains("newer version"));
    for (name, more) in [
        ("entry.json", "\"approved_by\": \"Anna\",\n  \"entry\""),
        ("input_data.json", "\"a\":1,\"operation\""),
    ] {
        let field = more.rsplit(['\n', ',']).next().unwrap().trim();
        refused(&changed(&files, name, |it| it.replacen(field, more, 1)), &format!("{name} was altered"));
    }
    let compact = with_file(&files, "proof.json", serde_json::to_vec(&proof).unwrap());
    refused(&compact, "proof.json was altered");
    refused(&changed(&files, "README.txt", |it| it.replace("prove", "PROVE")), "README.txt was altered");
    let without = files.iter().filter(|it| it.0 != "README.txt").cloned().collect();
    refused(&without, "README.txt is missing");
    // A carriage return alone hides what stands before it on a terminal.
    refused(
        &changed(&files, "README.txt", |it| it.replacen("made by", "\rmade by", 1)),
        "README.txt was altered",
    );
}

/// An archive with two members of one name, which no library writes.
fn twice(files: &Files, name: &str) -> Vec<u8> {
    let other = format!("{}_", &name[..name.len() - 1]);
    let content = files.iter().find(|it| it.0 == name).unwrap().1.clone();
    let mut files = files.clone();
    files.push((other.clone(), content));
    let mut bytes =
        packed(&files, SimpleFileOptions::default().compression_method(CompressionMethod::Stored));
    let places: Vec<usize> =
        (0..bytes.len() - other.len()).filter(|at| bytes[*at..].starts_with(other.as_bytes())).collect();
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
    }
    bytes
}

#[tokio::test]
async fn a_name_that_is_in_the_archive_twice_is_refused() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    for (name, _) in &files {
        let failure = check(&twice(&files, name)).unwrap_err();
        assert_eq!(failure.code, ErrorCode::EvidenceUnreadable, "{name}");
        assert!(failure.detail.unwrap().contains("twice"), "{name}");
    }
}

#[tokio::test]
async fn nothing_hides_in_an_archive_beside_its_files() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    let refused = |bytes: &[u8], what: &str| {
        let failure = check(bytes).expect_err(what);
        assert!(failure.detail.unwrap().contains("not in its list of files"), "{what}");
    };
    assert!(check(&stored(&files)).unwrap().holds);
    refused(&[b"Approved.\n".as_slice(), &bytes].concat(), "words before it");
    let with_comment = {
        let mut zip = ZipWriter::new_append(Cursor::new(bytes.clone())).unwrap();
        zip.set_comment("approved").unwrap();
        zip.finish().unwrap().into_inner()
    };
    refused(&with_comment, "a comment");
    // A name before the content that is not the one in the list: programs show the one or the other.
    let mut renamed = bytes.clone();
    let place = renamed.windows(10).position(|it| it == b"answer.txt").unwrap();
    renamed[place..place + 10].copy_from_slice(b"letter.txt");
    refused(&renamed, "another name");
    // A member that is not in the list: that of a second archive, cut off before its own list.
    let hidden = packed(&vec![("letter.txt".to_owned(), b"approved".to_vec())], deflated());
    let end = hidden.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    refused(&[&hidden[..end], &bytes].concat(), "a member before the others");
    let mut within = bytes;
    let list = within.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    within.splice(list..list, hidden[..end].iter().copied());
    let at = within.len() - 6;
    let moved = u32::try_from(list + end).unwrap();
    within[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    refused(&within, "a member after the others");
}

#[tokio::test]
async fn evidence_from_before_a_change_of_the_key_names_the_earlier_key() {
    let (world, before) = signed().await;
    std::fs::remove_file(world.desk.data_dir().join("journal.key")).unwrap();
    let desk = Desk::new(Frozen, world.desk.data_dir().to_owned());
    let world = World { desk, ..world };
    let (bytes, _) = evidence_of(&world, 1).await;
    let (before, after) = (check(&before).unwrap(), check(&bytes).unwrap());
    assert!(after.holds && after.public_key != before.public_key, "{after:#?}");
    let named =
        |it: &String| it.contains("another key than the last event") && it.contains(&before.public_key);
    assert!(after.not_proven.iter().any(named), "{after:#?}");
    assert_eq!(after.journal, before.journal);
}

#[tokio::test]
async fn two_certificates_that_the_events_of_one_signing_record_are_an_alteration() {
    let (world, _) = signed().await;
    let journal = world.desk.journal_to_record().unwrap();
    // As somebody records it who has the key of the last event, or a later one.
    let other = serde_json::json!({ "what": "evidence", "certificate_sha256": "ab".repeat(32) });
    journal.record_evidence(1, Frozen.now(), &other, None).unwrap();
    let found = check(&evidence_of(&world, 1).await.0).unwrap();
    let says = found.says.join(" ");
    assert!(!found.holds && says.contains("record different certificates for this signing"), "{says}");
}

/// A certificate and a CSR of a forger, which agree with what evidence says of the real ones but for `change`.
fn forged(entry: &Entry, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let recorded = &entry.certificates()[0];
    let name = recorded.common_name.clone().unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.clone()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let csr = params.serialize_request(&key).unwrap().pem().unwrap();
    let serial = domain::SerialNumber::parse(recorded.serial_number.as_deref().unwrap()).unwrap();
    let bytes: Vec<u8> = (0..serial.hex().len().div_ceil(2))
        .map(|at| {
            let hex = format!("{:0>1$}", serial.hex(), serial.hex().len().next_multiple_of(2));
            u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()
        })
        .collect();
    params.serial_number = Some(Serial::from(bytes));
    let moment = |it: Timestamp| OffsetDateTime::from_unix_timestamp(it.millis() / 1_000).unwrap();
    params.not_before = moment(entry.sent_at.unwrap());
    params.not_after = moment(entry.at.plus_days(entry.request.validity.days()));
    change(&mut params);
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = entry.request.issuer.as_ref().unwrap().common_name.as_str().to_owned();
    let issuer =
        params.distinguished_name.get(&DnType::OrganizationName).map_or(issuer, |_| "Other CA".to_owned());
    ca.distinguished_name.push(DnType::CommonName, issuer);
    let ca_key = KeyPair::generate().unwrap();
    let ca = Issuer::new(ca, ca_key);
    let pem = params.signed_by(&key, &ca).unwrap().pem();
    let crlf = |text: String| text.replace("\r\n", "\n").replace('\n', "\r\n");
    (crlf(pem), crlf(csr))
}

/// A change of a forged certificate, and what is said of it.
type Forgery = (fn(&mut CertificateParams), &'static str);

const FORGERIES: [Forgery; 6] = [
    (|it| it.serial_number = Some(Serial::from(vec![7])), "its serial number differs"),
    (|it| it.subject_alt_names = vec![], "certifies the key"),
    (
        |it| it.distinguished_name.push(DnType::CommonName, "mail.example.test"),
        "common name is not the one that was recorded",
    ),
    // The forger's CA takes another name for it.
    (|it| it.distinguished_name.push(DnType::OrganizationName, "x"), "Its issuer is not the one"),
    (|it| it.not_before -= time::Duration::days(30), "It is valid from"),
    (|it| it.not_after += time::Duration::days(300), "The request asked for"),
];

#[tokio::test]
async fn a_certificate_that_pam360_did_not_hand_out_is_refused_whatever_it_says() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    let entry = check(&bytes).unwrap().entry;
    let with = |(certificate, csr): &(String, String)| {
        with_file(&with_file(&files, "certificate.pem", certificate.as_str()), "csr.pem", csr.as_str())
    };
    // Serial number, names, issuer, dates and key agree with all that was recorded.
    let found = found(&with(&forged(&entry, |_| ())));
    assert!(!found.holds && found.as_asked == AsAsked::Yes, "{found:#?}");
    for (change, _) in FORGERIES {
        refused(&with(&forged(&entry, change)), "certificate.pem was altered");
    }
    let text =
        |name: &str| String::from_utf8(files.iter().find(|it| it.0 == name).unwrap().1.clone()).unwrap();
    for name in ["certificate.pem", "csr.pem"] {
        let (whole, other) = (text(name), forged(&entry, |_| ()));
        let other = if name == "csr.pem" { other.1 } else { other.0 };
        for several in [
            format!("{whole}{other}"),
            format!("{other}{whole}"),
            format!("{whole}{whole}"),
            format!("This was approved.\r\n{whole}"),
        ] {
            refused(&with_file(&files, name, several), &format!("{name} was altered"));
        }
        let without = files.iter().filter(|it| it.0 != name).cloned().collect();
        refused(&without, &format!("{name} is missing"));
    }
}

#[test]
fn each_fact_of_a_certificate_is_compared_with_the_journals_also_in_version_2() {
    let files = unpacked(OF_2);
    let entry = check(OF_2).unwrap().entry;
    let with = |(certificate, csr): &(String, String)| {
        with_file(&with_file(&files, "certificate.pem", certificate.as_str()), "csr.pem", csr.as_str())
    };
    // Nothing in the journal tells a forgery that agrees with all of it, and the evidence says so.
    let agrees = found(&with(&forged(&entry, |_| ())));
    assert!(agrees.holds && agrees.as_asked == AsAsked::Yes, "{agrees:#?}");
    assert!(agrees.not_proven.iter().any(|it| it.contains("another certificate can agree")), "{agrees:#?}");
    for (change, because) in FORGERIES {
        let found = found(&with(&forged(&entry, change)));
        assert!(found.says.iter().any(|it| it.contains(because)), "{because}: {found:#?}");
        let passes = found.holds && found.as_asked == AsAsked::Yes;
        // Without alternative names, the common name is compared.
        assert_eq!(passes, because == "certifies the key", "{because}: {found:#?}");
    }
    let other = forged(&entry, |_| ()).1;
    let found = found(&with_file(&files, "csr.pem", other));
    assert!(
        found.as_asked == AsAsked::No && found.says.iter().any(|it| it.contains("another key")),
        "{found:#?}"
    );
}

/// Evidence of a signing with a certificate, made once.
fn shared() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        unpacked(&runtime.block_on(signed()).1)
    })
}

fn stored(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        zip.start_file(name.as_str(), options).unwrap();
        std::io::Write::write_all(&mut zip, content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// What files say, whatever their order and line ends.
fn meaning(files: &Files) -> Vec<(String, String)> {
    let mut all: Vec<_> = files
        .iter()
        .map(|(name, content)| {
            let text = String::from_utf8_lossy(content).replace("\r\n", "\n");
            (name.clone(), text.trim_start_matches('\u{feff}').trim_end_matches('\n').to_owned())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn no_changed_byte_of_a_member_is_verified() {
    let files = shared();
    assert!(check(&stored(files)).unwrap().holds);
    let all: usize = files.iter().map(|it| it.1.len()).sum();
    // Every third byte, each with another change; the other test meets any byte.
    for at in (0..all).step_by(3) {
        let (mut changed, mut place) = (files.clone(), at);
        for (name, content) in &mut changed {
            if place < content.len() {
                content[place] ^= u8::try_from(1 + at % 127).unwrap();
                let found = check_evidence(Cursor::new(stored(&with_file(files, name, content.clone()))));
                assert!(!found.is_ok_and(|it| it.holds), "{name}, byte {place}");
                break;
            }
            place -= content.len();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The checker against its own writer: what is still verified says the same as before.
    #[test]
    fn changed_evidence_is_never_verified(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..9u8, any::<u8>()), 1..4)
    ) {
        let files = shared();
        let mut copy = files.clone();
        for (which, place, how, byte) in changes {
            let (which, other, many) = (which.index(copy.len()), place.index(copy.len()), copy.len() > 1);
            let at = place.index(copy[which].1.len().max(1));
            let (theirs, mine) = (copy[other].1.clone(), copy[which].1.clone());
            let content = &mut copy[which].1;
            match how {
                0 if at < content.len() => drop(content.remove(at)),
                1 => content.insert(at.min(content.len()), byte),
                2 => content.truncate(at),
                3 => *content = theirs,
                4 => {
                    *content = theirs;
                    copy[other].1 = mine;
                }
                5 if many => drop(copy.remove(which)),
                6 => content_of(&mut copy, &mine, byte),
                _ if at < content.len() => content[at] = byte,
                _ => {}
            }
        }
        if let Ok(found) = check_evidence(Cursor::new(stored(&copy))) {
            let same = meaning(&copy) == meaning(files);
            prop_assert!(!found.holds || same, "{:?} {found:?}", meaning(&copy));
        }
    }
}

/// A member more, under a name of its own.
fn content_of(files: &mut Files, content: &[u8], byte: u8) {
    let name = format!("more-{byte}.txt");
    if !files.iter().any(|it| it.0 == name) {
        files.push((name, content.to_vec()));
    }
}
