//! What is signed is what was asked for, in openssl's eyes.

use serde_json::json;

use crate::tools::{Desk, openssl};

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_has_the_csrs_key_subject_and_names() {
    let desk = Desk::open().await;
    for id in [301, 302] {
        let certificate = desk.signed(&desk.order(id));
        let csr = desk.file("csr.pem", &desk.standin.csr_pem(id).unwrap());
        assert!(desk.verifies_under(&certificate, "Example Root R1"));
        assert!(!desk.verifies_under(&certificate, "Example Root R2"));
        for what in ["-pubkey", "-subject"] {
            let (got, asked) =
                (openssl(&["x509", "-noout", what], &certificate), openssl(&["req", "-noout", what], &csr));
            assert_eq!(got, asked, "{id} {what}");
        }
        let text = openssl(&["x509", "-noout", "-text"], &certificate);
        assert_eq!(names(&text), names(&openssl(&["req", "-noout", "-text"], &csr)), "{id}");
        assert!(text.contains("X509v3 Basic Constraints: critical\n                CA:FALSE"), "{text}");
        assert!(
            text.contains("X509v3 Subject Key Identifier")
                && text.contains("X509v3 Authority Key Identifier")
        );
        assert!(!text.contains("Certificate Sign"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_and_the_certificate_agree() {
    let desk = Desk::open().await;
    let answer = desk.sign(&desk.order(301));
    let text = answer.text();
    let row = &answer.json()["details"][0];
    assert_eq!(
        answer.json()["result"]["message"],
        "Certificate shop.example.test successfully signed with Example Root R1."
    );
    assert_eq!((&row["commonName"], &row["Certificate_ID"]), (&json!("shop.example.test"), &json!(309)));
    assert!(
        text.starts_with("{\"result\":{\"message\":")
            && text.contains("\"name\":\"SignCSR\",\"details\":[{\"commonName\"")
    );
    let serial = openssl(&["x509", "-noout", "-serial"], &desk.last_issued());
    assert_eq!(serial.trim().to_lowercase(), format!("serial={}", row["serialNumber"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intermediate_is_a_ca_only_when_asked_for() {
    let desk = Desk::open().await;
    let mut order = desk.order(303);
    let plain = openssl(&["x509", "-noout", "-text"], &desk.signed(&order));
    assert!(plain.contains("CA:FALSE") && !plain.contains("Certificate Sign"), "{plain}");
    order["isIntermediate"] = json!(true);
    let certificate = desk.signed(&order);
    let text = openssl(&["x509", "-noout", "-text"], &certificate);
    assert!(text.contains("X509v3 Basic Constraints: critical\n                CA:TRUE"), "{text}");
    assert!(text.contains("Certificate Sign, CRL Sign"), "{text}");
    assert!(desk.verifies_under(&certificate, "Example Root R1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn validity_is_whole_days_with_both_ends_counted() {
    let desk = Desk::open().await;
    for days in [1, 100, 36_500] {
        let mut order = desk.order(302);
        order["Validity"] = json!(days);
        desk.signed(&order);
        let issued = desk.standin.issued().pop().unwrap();
        assert_eq!(issued.not_after - issued.not_before, days * 86_400 - 1);
        let verified_at = |moment: i64| {
            let root = desk.file("root.pem", &desk.standin.root_pem("Example Root R1").unwrap());
            let mut verify = std::process::Command::new("openssl");
            verify.args(["verify", "-partial_chain", "-attime", &moment.to_string(), "-CAfile"]);
            crate::tools::run(verify.arg(root).arg(desk.last_issued())).status.success()
        };
        // For OpenSSL the last second is over already. The root ends before a hundred years do.
        let last = (issued.not_after - 1).min(issued.not_before + 20 * 365 * 86_400 - 10);
        assert!(verified_at(issued.not_before) && verified_at(last), "{days}");
        assert!(!verified_at(issued.not_before - 10) && !verified_at(issued.not_after + 1), "{days}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_intermediate_signs_too_and_serials_are_compared_as_numbers() {
    let desk = Desk::open().await;
    let issuer = &desk.standin.intermediates()[0];
    let mut order = desk.order(302);
    order["rootCertificateCommonName"] = json!(issuer.common_name);
    order["rootCertificateSerialNumber"] = json!(format!("0x000{}", issuer.serial_number.to_uppercase()));
    let certificate = desk.signed(&order);
    let chain = desk.standin.root_pem("Example Issuing I1").unwrap();
    let (chain, root) = (
        desk.file("chain.pem", &chain),
        desk.file("top.pem", &desk.standin.root_pem("Example Root R1").unwrap()),
    );
    let mut verify = std::process::Command::new("openssl");
    verify.args(["verify", "-CAfile"]).arg(root).arg("-untrusted").arg(chain).arg(certificate);
    assert!(crate::tools::run(&mut verify).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_subject_is_copied_byte_for_byte() {
    let desk = Desk::open().await;
    // Two OUs, DC pairs, an e-mail address, a BMPString and a multi-valued RDN: what a map of attributes would lose.
    let config = desk.file(
        "req.cnf",
        "[req]\ndistinguished_name=dn\nprompt=no\nstring_mask=nombstr\n[dn]\n0.DC=test\n1.DC=example\n0.OU=One\n1.OU=Two\n\
         O=Zürich AG\nCN=many.example.test\n+UID=u1\nemailAddress=a@example.test\n",
    );
    let (csr, key) = (desk.dir.path().join("many.csr"), desk.dir.path().join("many.key"));
    let mut request = std::process::Command::new("openssl");
    request
        .args([
            "req",
            "-new",
            "-utf8",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-384",
            "-nodes",
            "-config",
        ])
        .arg(config);
    request.arg("-keyout").arg(&key).arg("-out").arg(&csr);
    assert!(crate::tools::run(&mut request).status.success());
    let imported = desk.call("importCSR", &["-F", &format!("CSR=@{}", csr.display())]);
    assert_eq!(imported.json()["result"]["message"], "CSR many.example.test imported successfully.");
    let id = desk.standin.csrs().last().unwrap().id;
    let certificate = desk.signed(&desk.order(id));
    let options = ["-noout", "-subject", "-nameopt", "multiline,show_type,dump_all,dump_der"];
    let got = openssl(&[&["x509"], &options[..]].concat(), &certificate);
    assert_eq!(got, openssl(&[&["req"], &options[..]].concat(), &csr));
    assert!(got.matches("organizationalUnitName").count() == 2, "{got}");
    assert!(desk.verifies_under(&certificate, "Example Root R1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn msca_signs_for_a_year_once_it_is_switched_on() {
    let desk = Desk::open_with(|builder| builder.msca(true)).await;
    let certificate = desk.signed(&json!({ "CSR_ID": "303", "isIntermediate": "true", "Validity": "1" }));
    assert!(desk.verifies_under(&certificate, "Example Microsoft CA"));
    let text = openssl(&["x509", "-noout", "-text"], &certificate);
    assert!(text.contains("CA:FALSE"), "{text}");
    assert_eq!(desk.standin.roots().len(), 2, "a Microsoft CA is not a root to sign with");
}

/// The alternative names in openssl's text, if any.
fn names(text: &str) -> Option<String> {
    let at = text.find("Subject Alternative Name")?;
    text[at..].lines().nth(1).map(|line| line.trim().to_owned())
}
