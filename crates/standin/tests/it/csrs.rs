//! CSRs as people have them: each sound one is signed with the right names, or refused with the true reason. The files in
//! tests/cases were made by programs that OpenSSL understands and strict readers do not.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::tools::{Desk, openssl, run};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

/// The message of importCSR, and whether it is a success.
fn import(desk: &Desk, csr: &Path) -> (bool, String) {
    let answer = desk.call("importCSR", &["-F", &format!("CSR=@{}", csr.display())]).json();
    let text = answer["result"]["message"].as_str().unwrap_or_default().to_owned();
    (answer["result"]["status"] == "Success", text)
}

/// The last row of the list of CSRs.
fn listed(desk: &Desk) -> Value {
    desk.call("getCSRList", &[]).json()["details"].as_array().unwrap().last().unwrap().clone()
}

/// Imports and signs, and returns the row of the list and signCSR's answer.
fn signed(desk: &Desk, csr: &Path) -> (Value, Value) {
    let (imported, message) = import(desk, csr);
    assert!(imported, "{}: {message}", csr.display());
    let row = listed(desk);
    let answer = desk.sign(&desk.order(row["CSR_ID"].as_u64().unwrap())).json();
    assert_eq!(answer["result"]["status"], "Success", "{}: {answer}", csr.display());
    let certificate = desk.last_issued();
    assert!(desk.verifies_under(&certificate, "Example Root R1") || row["KeyAlgorithm"] == "RSA 1024");
    // Byte for byte what the CSR says, whatever string types it uses.
    let options = ["-noout", "-subject", "-nameopt", "multiline,show_type,dump_all,dump_der"];
    let of = |what: &str, file: &Path| openssl(&[&[what], &options[..]].concat(), file);
    if std::fs::read(csr).unwrap().starts_with(b"-----BEGIN") {
        assert_eq!(of("x509", &certificate), of("req", csr));
    }
    (row, answer)
}

/// signCSR's refusal of a CSR that could be imported.
fn refused(desk: &Desk, csr: &Path) -> (Value, String) {
    let (imported, message) = import(desk, csr);
    assert!(imported, "{}: {message}", csr.display());
    let row = listed(desk);
    let refusal = desk.sign(&desk.order(row["CSR_ID"].as_u64().unwrap())).refusal();
    (row, refusal)
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_may_be_left_out() {
    let desk = Desk::open().await;
    let (row, answer) = signed(&desk, &case("no-attributes.csr"));
    assert_eq!((&row["commonName"], &row["SAN"]), (&"web.example.test".into(), &"".into()));
    assert_eq!(answer["details"][0]["commonName"], "web.example.test");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_password_of_any_string_type_is_passed_over_and_never_shown() {
    let desk = Desk::open().await;
    for name in ["challenge-utf8.csr", "challenge-bmp.csr"] {
        let (row, answer) = signed(&desk, &case(name));
        assert_eq!(row["SAN"], "web.example.test,www.example.test");
        let text = openssl(&["x509", "-noout", "-text"], &desk.last_issued());
        let state = std::fs::read_to_string(desk.standin.data_dir().join("changes.jsonl")).unwrap();
        for shown in [row.to_string(), answer.to_string(), text, state] {
            assert!(!shown.contains("secret") && !shown.to_lowercase().contains("challenge"), "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_every_string_type_are_shown() {
    let desk = Desk::open().await;
    for (name, common_name) in [
        ("bmp.csr", "Gerät €"),
        ("universal.csr", "Gerät €"),
        ("t61.csr", "Gerät Zürich"),
        ("t61-ascii.csr", "printer.example.test"),
    ] {
        let (row, answer) = signed(&desk, &case(name));
        assert_eq!(row["commonName"], common_name, "{name}");
        assert_eq!(answer["details"][0]["commonName"], common_name, "{name}");
        let wanted = serde_json::json!({ "common_name": common_name });
        let input = crate::tools::input_data(&wanted);
        let fetched = desk.call("getCertificate", &["-G", "--data-urlencode", &input]).text();
        assert_eq!(Some(fetched), desk.standin.issued().last().map(|it| it.pem.clone()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_twice_is_refused_in_words() {
    let desk = Desk::open().await;
    for (name, words) in [
        ("two-attributes.csr", "two extensionRequest attributes"),
        ("two-values.csr", "extensionRequest attribute has several values"),
        ("two-extensions.csr", "the extension subjectAltName twice"),
    ] {
        let (imported, message) = import(&desk, &case(name));
        assert!(!imported && message.contains(words), "{name}: {message}");
    }
    assert_eq!(desk.standin.csrs().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_p_521_key_is_named_and_its_signature_is_checked() {
    let desk = Desk::open().await;
    for name in ["p521-sha256.csr", "p521-sha512.csr"] {
        let (row, _) = signed(&desk, &case(name));
        assert_eq!(row["KeyAlgorithm"], "EC P-521");
        let text = openssl(&["x509", "-noout", "-text"], &desk.last_issued());
        assert!(text.contains("(521 bit)"), "{text}");
    }
}

/// Judging what a certificate should say is for the client.
#[tokio::test(flavor = "multi_thread")]
async fn odd_names_and_wishes_are_signed_as_they_stand() {
    let desk = Desk::open().await;
    for (name, dns) in [
        ("ca-true.csr", ""),
        ("empty-list.csr", ""),
        ("ip-of-3-bytes.csr", ""),
        ("unknown-critical.csr", ""),
        ("raw-utf8.csr", "münchen.test"),
    ] {
        let (imported, message) = import(&desk, &case(name));
        assert!(imported, "{name}: {message}");
        let row = listed(&desk);
        assert_eq!((&row["commonName"], &row["SAN"]), (&"web.example.test".into(), &dns.into()), "{name}");
        desk.signed(&desk.order(row["CSR_ID"].as_u64().unwrap()));
        let text = openssl(&["x509", "-noout", "-text"], &desk.last_issued());
        assert!(text.contains("CA:FALSE"), "{name}: {text}");
    }
}

/// A CSR that openssl makes with these arguments.
fn made(desk: &Desk, name: &str, arguments: &[&str]) -> PathBuf {
    let csr = desk.dir.path().join(format!("{name}.csr").replace(['/', ' '], "-"));
    let mut request = Command::new("openssl");
    request.args(["req", "-new", "-nodes", "-keyout"]).arg(desk.dir.path().join("made.key"));
    request.args(arguments).arg("-out").arg(&csr);
    if !arguments.contains(&"-subj") {
        request.args(["-subj", "/CN=made.example.test"]);
    }
    let output = run(&mut request);
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    csr
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_key_is_named_and_its_signature_is_checked_or_said_to_be_unchecked() {
    let desk = Desk::open().await;
    let pss = ["-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss"];
    let ec = |curve: &'static str| vec!["-newkey", "ec", "-pkeyopt", curve];
    for (name, arguments, key) in [
        ("small RSA", vec!["-newkey", "rsa:1024"], "RSA 1024"),
        ("SHA-1", vec!["-newkey", "rsa:2048", "-sha1"], "RSA 2048"),
        ("SHA-384", vec!["-newkey", "rsa:3072", "-sha384"], "RSA 3072"),
        ("PSS with the longest salt", pss.to_vec(), "RSA 2048"),
        ("PSS with an usual salt", [&pss[..], &["-sigopt", "rsa_pss_saltlen:32"]].concat(), "RSA 2048"),
        ("PSS with SHA-512", [&pss[..], &["-sha512", "-sigopt", "rsa_pss_saltlen:64"]].concat(), "RSA 2048"),
        ("a key for PSS alone", vec!["-newkey", "rsa-pss"], "RSA-PSS 2048"),
        ("Ed25519", vec!["-newkey", "ed25519"], "Ed25519"),
        ("P-256", [ec("ec_paramgen_curve:P-256"), vec!["-sha512"]].concat(), "EC P-256"),
        ("P-384", [ec("ec_paramgen_curve:P-384"), vec!["-sha256"]].concat(), "EC P-384"),
        ("secp256k1", ec("ec_paramgen_curve:secp256k1"), "EC secp256k1"),
    ] {
        let (row, _) = signed(&desk, &made(&desk, name, &arguments));
        assert_eq!(row["KeyAlgorithm"], key, "{name}");
    }
    for (name, arguments, key, reason) in [
        ("Ed448", vec!["-newkey", "ed448"], "Ed448", "cannot be checked here: Ed448 by a key"),
        (
            "P-224",
            ec("ec_paramgen_curve:P-224"),
            "EC P-224",
            "cannot be checked here: ECDSA with SHA-256 by a key",
        ),
        (
            "brainpool",
            ec("ec_paramgen_curve:brainpoolP256r1"),
            "EC brainpoolP256r1",
            "cannot be checked here",
        ),
        (
            "SHA-224",
            [ec("ec_paramgen_curve:P-256"), vec!["-sha224"]].concat(),
            "EC P-256",
            "with SHA-224 by a key",
        ),
        ("tiny RSA", vec!["-newkey", "rsa:512"], "RSA 512", "by a key of type RSA 512"),
        ("MD5", vec!["-newkey", "rsa:2048", "-md5"], "RSA 2048", "cannot be checked here: MD5 with RSA"),
        ("PSS with SHA-1", [&pss[..], &["-sha1"]].concat(), "RSA 2048", "cannot be checked here: RSA-PSS"),
        (
            "explicit parameters",
            [ec("ec_paramgen_curve:P-256"), vec!["-pkeyopt", "ec_param_enc:explicit"]].concat(),
            "EC explicit parameters",
            "RFC 5480, section 2.1.1",
        ),
    ] {
        let (row, refusal) = refused(&desk, &made(&desk, name, &arguments));
        assert_eq!(row["KeyAlgorithm"], key, "{name}");
        assert!(refusal.contains(reason) && !refusal.contains("invalid"), "{name}: {refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dsa_keys_and_compressed_points_are_told_as_what_they_are() {
    let desk = Desk::open().await;
    let path = |name: &str| desk.dir.path().join(name);
    let make = |arguments: &[&str], out: &Path| {
        let (program, rest) = arguments.split_first().unwrap();
        let output = run(Command::new("openssl").arg(program).arg("-out").arg(out).args(rest));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    make(&["dsaparam", "-genkey", "1024"], &path("dsa.key"));
    make(&["ecparam", "-name", "prime256v1", "-genkey", "-conv_form", "compressed"], &path("compressed.key"));
    let request = |name: &str| {
        let (key, csr) = (path(&format!("{name}.key")), path(&format!("{name}.csr")));
        make(&["req", "-new", "-subj", "/CN=k.example.test", "-key", &key.display().to_string()], &csr);
        csr
    };
    let (row, refusal) = refused(&desk, &request("dsa"));
    assert_eq!(row["KeyAlgorithm"], "DSA 1024");
    assert!(refusal.contains("cannot be checked here: DSA with SHA-256"), "{refusal}");
    let (row, _) = signed(&desk, &request("compressed"));
    assert_eq!(row["KeyAlgorithm"], "EC P-256");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_shown_is_the_first_that_there_is() {
    let desk = Desk::open().await;
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    for (name, arguments, common_name) in [
        ("several", vec!["-subj", "/CN=one.example.test/O=Example/CN=two.example.test"], "one.example.test"),
        (
            "multi-valued",
            vec!["-multivalue-rdn", "-subj", "/O=Example/UID=u1+CN=both.example.test"],
            "both.example.test",
        ),
        (
            "unusual order",
            vec!["-subj", "/CN=first.example.test/OU=Unit/O=Example/C=CH"],
            "first.example.test",
        ),
        (
            "no subject",
            vec!["-subj", "/", "-addext", "subjectAltName=IP:10.0.0.1,DNS:a.example.test"],
            "a.example.test",
        ),
        ("an address alone", vec!["-subj", "/", "-addext", "subjectAltName=IP:10.0.0.1"], "10.0.0.1"),
        (
            "a mail address",
            vec!["-subj", "/", "-addext", "subjectAltName=email:a@example.test"],
            "a@example.test",
        ),
        (
            "an unknown attribute",
            vec!["-subj", "/1.3.6.1.4.1.99999.1=x/CN=odd.example.test"],
            "odd.example.test",
        ),
    ] {
        let (row, answer) = signed(&desk, &made(&desk, name, &[&ec[..], &arguments].concat()));
        assert_eq!(row["commonName"], common_name, "{name}");
        assert_eq!(answer["details"][0]["commonName"], common_name, "{name}");
        let text = openssl(&["x509", "-noout", "-text"], &desk.last_issued());
        assert_eq!(
            text.contains("Subject Alternative Name: critical"),
            arguments[1] == "/",
            "{name}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outer_form_of_a_file_does_not_matter() {
    let desk = Desk::open().await;
    let pem = std::fs::read_to_string(case("no-attributes.csr")).unwrap();
    let der = desk.dir.path().join("der.csr");
    let mut convert = Command::new("openssl");
    convert.args(["req", "-outform", "DER", "-in"]).arg(case("no-attributes.csr")).arg("-out").arg(&der);
    assert!(run(&mut convert).status.success());
    let utf_16 = desk.dir.path().join("utf16.csr");
    let units: Vec<u8> =
        std::iter::once(0xfeff).chain(pem.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(&utf_16, units).unwrap();
    let mail = desk.file("mail.csr", &format!("Hello,\r\n\r\n{}\r\nBye\r\n", pem.replace('\n', "\r\n")));
    for file in [der, utf_16, mail] {
        let (row, _) = signed(&desk, &file);
        assert_eq!(row["commonName"], "web.example.test", "{}", file.display());
    }
    let twice = desk.file("twice.csr", &pem.repeat(2));
    let certificate = desk.file("a.crt", &desk.standin.root_pem("Example Root R1").unwrap());
    let behind = desk.dir.path().join("behind.csr");
    std::fs::write(&behind, [std::fs::read(desk.dir.path().join("der.csr")).unwrap(), vec![0; 3]].concat())
        .unwrap();
    for (file, words) in [
        (twice, "holds 2 certificate requests"),
        (certificate, "holds a CERTIFICATE, not a"),
        (behind, "3 bytes follow the end"),
    ] {
        let (imported, message) = import(&desk, &file);
        assert!(!imported && message.contains(words), "{message}");
    }
}
