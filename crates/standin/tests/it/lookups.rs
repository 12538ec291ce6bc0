//! Listing, fetching, importing, creating and exporting.

use serde_json::{Value, json};
use standin::ListShape;

use crate::tools::{Answer, Desk, input_data, openssl};

fn get(desk: &Desk, operation: &str, details: &Value) -> Answer {
    desk.call(operation, &["-G", "--data-urlencode", &input_data(details)])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_holds_issuers_and_issued_certificates() {
    let desk = Desk::open().await;
    let certificate = desk.signed(&desk.order(301));
    let rows = desk.call("getAllSSLCertificates", &[]).json()["details"].as_array().unwrap().clone();
    let names: Vec<_> = rows.iter().map(|row| row["Common Name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Example Root R1", "Example Root R2", "Example Issuing I1", "shop.example.test"]);
    assert_eq!(rows[3]["Issuer"], "Example Root R1");
    assert_eq!(rows[3]["DNS Name/FQDN"], "shop.example.test");
    // notAfter=Jan  2 03:04:05 2006 GMT, against Jan 2, 2006
    let end = openssl(&["x509", "-noout", "-enddate"], &certificate);
    let parts: Vec<&str> = end.trim().trim_start_matches("notAfter=").split_whitespace().collect();
    assert_eq!(rows[3]["ExpiryDate"], format!("{} {}, {}", parts[0], parts[1], parts[3]));
    let soon = get(&desk, "getAllSSLCertificates", &json!({ "withExpiryDaysLessThan": "101" })).json();
    assert_eq!(soon["details"].as_array().unwrap().len(), 1);
    assert!(
        get(&desk, "getAllSSLCertificates", &json!({ "withExpiryDaysLessThan": "soon" }))
            .refusal()
            .contains("withExpiry")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_shape_is_a_switch_away() {
    let desk = Desk::open_with(|builder| builder.list_shape(ListShape::Old)).await;
    let all = desk.call("getAllSSLCertificates", &[]).json();
    assert_eq!(all["SSLCertificates"].as_array().unwrap().len(), 3);
    let one = get(&desk, "getCertificateDetails", &json!({ "common_name": "Example Root R1" })).json();
    assert_eq!(one["301"]["Common Name"], "Example Root R1", "{one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_fetched_as_raw_pem() {
    let desk = Desk::open().await;
    desk.signed(&desk.order(301));
    let first = desk.standin.issued()[0].clone();
    desk.signed(&desk.order(301));
    let by_serial = json!({ "common_name": first.common_name, "serial_number": first.serial_hex.to_uppercase(), "fileType": "CER" });
    assert_eq!(get(&desk, "getCertificate", &by_serial).text(), first.pem);
    let youngest =
        get(&desk, "getCertificate", &json!({ "common_name": first.common_name, "fileType": "CER" }));
    assert_eq!(youngest.text(), desk.standin.issued()[1].pem);
    let root = get(&desk, "getCertificate", &json!({ "common_name": "Example Root R2" }));
    assert_eq!(root.text(), desk.standin.root_pem("Example Root R2").unwrap());
    assert!(get(&desk, "getCertificate", &json!({ "common_name": "nobody" })).refusal().contains("nobody"));
    assert!(
        get(&desk, "getCertificate", &json!({ "common_name": "Example Root R2", "fileType": "KEY" }))
            .refusal()
            .contains("KEY")
    );
    let details = get(&desk, "getCertificateDetails", &by_serial).json();
    assert_eq!(details["details"]["Certificate_ID"], 309);
}

#[tokio::test(flavor = "multi_thread")]
async fn csrs_are_listed_under_a_configured_name() {
    let desk = Desk::open_with(|builder| builder.csr_list_operation("getCSRs")).await;
    let rows = desk.call("getCSRs", &[]).json();
    let ids: Vec<_> = rows["details"].as_array().unwrap().iter().map(|row| row["CSR_ID"].clone()).collect();
    assert_eq!(ids, [json!(301), json!(302), json!(303)]);
    assert_eq!(desk.call("getCSRList", &[]).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_csr_gets_an_id_that_the_reply_does_not_tell() {
    let desk = Desk::open().await;
    let csr = desk.file("new.csr", &desk.standin.csr_pem(301).unwrap());
    let part = format!("CSR=@{}", csr.display());
    let email = input_data(&json!({ "Email": "a@example.test" }));
    let answer = desk.call("importCSR", &["-F", &part, "-F", &email]);
    assert_eq!(
        answer.text(),
        "{\"result\":{\"message\":\"CSR shop.example.test imported successfully.\",\"status\":\"Success\"},\"name\":\"importCSR\"}"
    );
    assert_eq!(desk.standin.csrs().last().unwrap().id, 305);
    let key = json!({ "CSR_ID": 305, "fileType": "PrivateKey" });
    assert!(get(&desk, "exportCSR", &key).refusal().contains("No private key"));
    let junk = desk
        .file("junk.csr", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    desk.call("importCSR", &["-F", &format!("CSR=@{}", junk.display())]).refusal();
    desk.call("importCSR", &["-d", "CSR=x"]).refusal();
    desk.call("importCSR", &["-F", "other=x"]).refusal();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_csr_can_be_exported_and_signed() {
    let desk = Desk::open().await;
    for (algorithm, length, words) in [("RSA", "2048", "2048 bit"), ("EC", "384", "384 bit")] {
        let wanted = json!({
            "CNAME": "made.example.test", "ALT_NAMES": "made.example.test, 10.1.2.3", "ORG": "Made AG", "COUNTRY": "CH",
            "ALG": algorithm, "LEN": length, "SIGALG": "SHA256", "PASSWORD": "x", "VALIDITY": "888", "VALIDITY_TYPE": "days",
        });
        let answer = desk.call("createCSR", &["--data-urlencode", &input_data(&wanted)]).json();
        let id = answer["details"][0]["CSR_ID"].as_u64().unwrap_or_else(|| panic!("{answer}"));
        let csr = desk.file(
            "made.csr",
            &get(&desk, "exportCSR", &json!({ "CSR_ID": id.to_string(), "fileType": "CSR" })).text(),
        );
        let text = openssl(&["req", "-noout", "-verify", "-text"], &csr);
        assert!(
            text.contains(words) && text.contains("DNS:made.example.test, IP Address:10.1.2.3"),
            "{text}"
        );
        let key = get(&desk, "exportCSR", &json!({ "CSR_ID": id, "fileType": "PrivateKey" })).text();
        let key = desk.file("made.key", &key);
        assert_eq!(openssl(&["pkey", "-pubout"], &key), openssl(&["req", "-noout", "-pubkey"], &csr));
        assert!(desk.verifies_under(&desk.signed(&desk.order(id)), "Example Root R1"));
    }
    for wrong in [json!({}), json!({ "CNAME": "x", "ALG": "DSA" }), json!({ "CNAME": "x", "LEN": "17" })] {
        desk.call("createCSR", &["--data-urlencode", &input_data(&wrong)]).refusal();
    }
}
