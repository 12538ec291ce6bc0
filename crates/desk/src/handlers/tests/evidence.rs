//! Evidence: what is in it, how it is packed, and the two verdicts.

use std::io::{Cursor, Read, Write};

use domain::{ErrorCode, Outcome};
use standin::Fault;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::World;
use crate::commands::export;
use crate::{AsAsked, EvidenceCheck, Failure, check_evidence, check_evidence_at};

/// The files of evidence, in their order.
pub(super) type Files = Vec<(String, Vec<u8>)>;

pub(super) async fn evidence_of(world: &World, entry: u64) -> (Vec<u8>, u64) {
    let written = world.desk.export(export::Request::Evidence { entry, intent: None }).await.unwrap();
    (std::fs::read(&written.path).unwrap(), written.count)
}

pub(super) async fn signed() -> (World, Vec<u8>) {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let (bytes, _) = evidence_of(&world, 1).await;
    (world, bytes)
}

pub(super) fn unpacked(bytes: &[u8]) -> Files {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

pub(super) fn packed(files: &Files, options: SimpleFileOptions) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(super) fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

pub(super) fn check(bytes: &[u8]) -> Result<EvidenceCheck, Failure> {
    check_evidence(Cursor::new(bytes))
}

fn is_sound(bytes: &[u8]) {
    let check = check(bytes).unwrap();
    assert!(check.holds && check.as_asked == AsAsked::Yes, "{check:#?}");
}

pub(super) fn within(folder: &str, files: &Files) -> Files {
    files.iter().map(|(name, content)| (format!("{folder}{name}"), content.clone())).collect()
}

pub(super) fn changed(files: &Files, name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    let (_, content) = files.iter_mut().find(|(it, _)| it.ends_with(name)).unwrap();
    *content = change(std::str::from_utf8(content).unwrap()).into_bytes();
    files
}

#[tokio::test]
async fn evidence_is_verified_alone_and_says_how_many_events_it_has() {
    let (world, bytes) = signed().await;
    is_sound(&bytes);
    let check = check(&bytes).unwrap();
    assert!(check.says.iter().any(|it| it.contains("certifies the key of the enclosed CSR")), "{check:#?}");
    assert!(check.not_proven.is_empty() && check.journal.is_some(), "{check:#?}");
    // The first one is of this signing too.
    let (_, count) = evidence_of(&world, 1).await;
    assert_eq!(count, 5, "intent, sent, outcome, and twice that evidence was written");
}

#[tokio::test]
async fn the_request_in_evidence_names_the_version_of_http_that_carried_it() {
    let (world, bytes) = signed().await;
    let files = unpacked(&bytes);
    let (_, request) = files.iter().find(|(name, _)| name == "request.http").unwrap();
    let first = std::str::from_utf8(request).unwrap().lines().next().unwrap();
    assert_eq!(first, "POST /api/pki/restapi/signCSR HTTP/2");
    // An entry from before the version was recorded has the request that its evidence had then.
    let mut entry = world.history().await.remove(0);
    entry.ending.seen.http_version = None;
    let files = crate::handlers::evidence::derived(&entry).unwrap();
    let (_, request) = files.iter().find(|(name, _)| *name == "request.http").unwrap();
    assert!(request.starts_with("POST /api/pki/restapi/signCSR HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn a_review_says_what_of_the_request_depends_on_the_server() {
    let world = World::connected().await;
    let review = async || {
        let form = world.form(301);
        world.desk.review(crate::commands::review::Request { form }).await.unwrap()
    };
    let open = review().await;
    assert!(open.http_request.starts_with("POST /api/pki/restapi/signCSR HTTP/2\r\n"), "{open:?}");
    assert!(open.version_note().contains("HTTP/2 or HTTP/1.1"));
    let http_version = domain::HttpVersion::Http11Only;
    world.save(domain::ConnectionForm { http_version, ..world.connection() }).await.unwrap();
    let fixed = review().await;
    assert_eq!(fixed.http_request, open.http_request.replacen("HTTP/2", "HTTP/1.1", 1));
    assert_eq!(fixed.version_note(), "");
}

#[tokio::test]
async fn evidence_that_was_packed_again_is_verified_by_its_contents() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    is_sound(&packed(&files, deflated()));
    is_sound(&packed(&files, deflated().large_file(true)));
    is_sound(&packed(&files.iter().rev().cloned().collect(), deflated()));
    // As Finder, Explorer and the desktop of Windows do.
    let mut finder = within("evidence 1/", &files);
    finder.push(("evidence 1/.DS_Store".into(), vec![0, 1, 2]));
    finder.insert(0, ("evidence 1/".into(), Vec::new()));
    finder.push(("__MACOSX/".into(), Vec::new()));
    finder.push(("__MACOSX/._evidence 1".into(), vec![0]));
    finder.extend(within("__MACOSX/evidence 1/._", &files));
    is_sound(&packed(&finder, deflated()));
    let mut explorer = within("evidence\\", &files);
    explorer.push(("evidence\\Thumbs.db".into(), vec![0xff]));
    is_sound(&packed(&explorer, deflated()));
    // A gateway that knows no sizes beforehand writes them behind each file.
    let mut streamed = Vec::new();
    let mut zip = ZipWriter::new_stream(&mut streamed);
    for (name, content) in &files {
        zip.start_file(name.as_str(), deflated()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    is_sound(&streamed);
    // An editor's line ends, and its mark.
    let dos = changed(&files, "entry.json", |it| format!("\u{feff}{}", it.replace('\n', "\r\n")));
    is_sound(&packed(&dos, deflated()));
    let named = check(&packed(&finder, deflated())).unwrap();
    assert!(named.says.iter().any(|it| it.contains("evidence 1/.DS_Store is a file of an operating system")));

    let folder = tempfile::tempdir().unwrap();
    for (name, content) in &files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let check = check_evidence_at(folder.path()).unwrap();
    assert!(check.holds && check.as_asked == AsAsked::Yes, "{check:#?}");
}

#[tokio::test]
async fn what_was_changed_is_found_however_it_is_packed() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    for (name, from, to) in [
        ("entry.json", "\"signed\"", "\"refused\""),
        ("entry.json", "302", "303"),
        ("request.http", "302", "303"),
        ("answer.txt", "successfully", "Successfully"),
    ] {
        let files = changed(&files, name, |it| it.replace(from, to));
        let check = check(&packed(&within("x/", &files), deflated())).unwrap();
        assert!(!check.holds, "{name}: {check:#?}");
        assert!(check.says.iter().any(|it| it.contains(name) && it.contains("altered")), "{check:#?}");
    }
    let proof = changed(&files, "proof.json", |it| it.replace("successfully", "Successfully"));
    assert!(!check(&packed(&proof, deflated())).unwrap().holds);
    let missing = files.iter().filter(|(name, _)| name != "entry.json").cloned().collect();
    assert!(!check(&packed(&missing, deflated())).unwrap().holds);
}

#[tokio::test]
async fn what_is_no_evidence_or_too_much_of_it_is_refused() {
    let (_world, bytes) = signed().await;
    let files = unpacked(&bytes);
    let refused = |bytes: &[u8], why: &str| {
        let failure = check(bytes).unwrap_err();
        assert_eq!(failure.code, ErrorCode::EvidenceUnreadable);
        assert!(failure.detail.clone().unwrap_or_default().contains(why), "{why}: {failure:?}");
    };
    for junk in [&b""[..], b"PK", b"not a zip at all"] {
        refused(junk, "");
    }
    // Few bytes that unpack to many.
    let mut bomb = files.clone();
    bomb.iter_mut().find(|(name, _)| name == "entry.json").unwrap().1 = vec![b' '; 9 * 1024 * 1024];
    let bomb = packed(&bomb, deflated());
    assert!(bomb.len() < 100_000);
    refused(&bomb, "entry.json is larger than");
    let many: Files = (0..300).map(|number| (format!("{number}"), Vec::new())).collect();
    refused(&packed(&many, deflated()), "300 files");
    let mut two = within("a/", &files);
    two.extend(within("b/", &files));
    refused(&packed(&two, deflated()), "more than one proof.json");
    let mut twice = files.clone();
    twice.extend(
        changed(&files, "entry.json", |it| it.replace("302", "303"))
            .into_iter()
            .filter(|(name, _)| name == "entry.json")
            .map(|(_, content)| ("./entry.json".to_owned(), content)),
    );
    // Under another spelling of the path it is another file, and is named as one.
    let check = check(&packed(&twice, deflated())).unwrap();
    assert!(!check.holds, "{check:#?}");
    assert!(check.says.iter().any(|it| it.contains("./entry.json is not part")), "{check:#?}");
}

#[tokio::test]
async fn altered_and_not_as_asked_are_two_verdicts() {
    for (intermediate, which) in [
        (false, "It is a CA certificate. The request asked for one that is not a CA."),
        (true, "It is not a CA certificate. The request asked for an intermediate CA."),
    ] {
        let world = World::connected().await;
        let mut request = world.signing("a", Fault::CaFlagFlipped.csr_id());
        request.form.intermediate = intermediate;
        assert_eq!(world.desk.sign(request).await.unwrap().ending.outcome, Outcome::Signed);
        let (bytes, _) = evidence_of(&world, 1).await;
        let found = check(&bytes).unwrap();
        assert!(found.holds && found.as_asked == AsAsked::No, "{found:#?}");
        assert!(found.says.iter().any(|it| it == which), "{found:#?}");
    }
}

#[tokio::test]
async fn evidence_without_a_certificate_says_what_was_not_checked() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let (bytes, _) = evidence_of(&world, 1).await;
    let found = check(&bytes).unwrap();
    assert!(found.holds && found.as_asked == AsAsked::NotChecked, "{found:#?}");
}

/// The evidence of a signing of case 27's first CSR, and that CSR and the second one with the same key.
async fn evidence_of_one_of_two_with_a_key() -> (Files, String, String) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../pam360/tests/cases/27-reconcile-same-key/");
    let csr = |name: &str| std::fs::read_to_string(folder.to_owned() + name).unwrap();
    let (first, second) = (csr("first.csr"), csr("second-same-key.csr"));
    let world = World::connected().await;
    let id = world.standin.import_csr(first.as_bytes()).unwrap();
    assert_eq!(world.desk.sign(world.signing("a", id)).await.unwrap().ending.outcome, Outcome::Signed);
    let (bytes, _) = evidence_of(&world, 1).await;
    (unpacked(&bytes), first, second)
}

#[tokio::test]
async fn a_certificate_with_the_key_and_other_names_is_not_as_asked() {
    let (files, first, second) = evidence_of_one_of_two_with_a_key().await;
    let with =
        |csr: &str| check(&packed(&changed(&files, "csr.pem", |_| csr.to_owned()), deflated())).unwrap();
    let said = |found: &EvidenceCheck, text: &str| found.says.iter().any(|it| it == text);

    let found = check(&packed(&files, deflated())).unwrap();
    assert!(found.holds && found.as_asked == AsAsked::Yes, "{found:#?}");
    drop(first);
    assert!(said(&found, "It certifies the key of the enclosed CSR."), "{found:#?}");
    assert!(said(&found, "Its names are those of the enclosed CSR: first.example.test."), "{found:#?}");

    // Nothing but its hash tells that it is not the one that PAM360 handed out.
    let found = with(&second);
    assert!(!found.holds && found.as_asked == AsAsked::No, "{found:#?}");
    assert!(said(&found, "csr.pem was altered: its SHA-256 is not the recorded one."), "{found:#?}");
    assert!(said(&found, "It certifies the key of the enclosed CSR."), "{found:#?}");
    assert!(
        said(
            &found,
            "Its names differ from those of the enclosed CSR. Certificate: first.example.test. CSR: second.example.test."
        ),
        "{found:#?}"
    );
}

#[tokio::test]
async fn what_could_not_be_compared_is_said_and_is_not_as_asked_either() {
    let (files, ..) = evidence_of_one_of_two_with_a_key().await;
    let without = files.iter().filter(|(name, _)| name != "csr.pem").cloned().collect();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut nameless = rcgen::CertificateParams::default();
    nameless.distinguished_name = rcgen::DistinguishedName::new();
    let nameless = nameless.serialize_request(&key).unwrap().pem().unwrap();
    for (files, verdict, which) in [
        (without, AsAsked::NotChecked, "No CSR is enclosed, so key and names were not compared."),
        (
            changed(&files, "csr.pem", |_| "no CSR".to_owned()),
            AsAsked::NotChecked,
            "csr.pem is not a readable CSR, so key and names were not compared.",
        ),
        (
            changed(&files, "csr.pem", |_| nameless.clone()),
            AsAsked::No,
            "Its names differ from those of the enclosed CSR. Certificate: first.example.test. CSR: none.",
        ),
    ] {
        let found = check(&packed(&files, deflated())).unwrap();
        assert!(!found.holds && found.as_asked == verdict, "{found:#?}");
        assert!(found.says.iter().any(|it| it == which), "{which}: {found:#?}");
    }
}

/// Case 26's CSR has the key of case 27's and an IP address of three bytes, which is not a name.
#[tokio::test]
async fn names_that_cannot_be_read_are_not_compared() {
    let (files, ..) = evidence_of_one_of_two_with_a_key().await;
    let unreadable = include_str!("../../../../standin/tests/cases/ip-of-3-bytes.csr");
    let found = check(&packed(&changed(&files, "csr.pem", |_| unreadable.to_owned()), deflated())).unwrap();
    assert!(!found.holds && found.as_asked == AsAsked::NotChecked, "{found:#?}");
    for part in ["It certifies the key of the enclosed CSR.", "Its names could not be compared"] {
        assert!(found.says.iter().any(|it| it.starts_with(part)), "{part}: {found:#?}");
    }
}
