//! Who is not let in, and what is not signed.

use serde_json::json;

use crate::tools::{Answer, Desk, input_data};

const BAD_TOKEN: &str = "API key received is not associated to any user. Authentication failed.";

fn nested_refusal(answer: &Answer) -> String {
    let value = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(value["operation"]["name"], "Authentication");
    assert_eq!(value["operation"]["result"]["status"], "Failed");
    value["operation"]["result"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_or_missing_token_gets_the_captured_envelope() {
    let desk = Desk::open().await;
    let data = input_data(&desk.order(301));
    for arguments in [vec!["-d", &data], vec!["-H", "AUTHTOKEN: WRONG", "-d", &data]] {
        let answer = desk.curl("/api/pki/restapi/signCSR", &arguments);
        assert_eq!(nested_refusal(&answer), BAD_TOKEN);
    }
    assert_eq!((desk.standin.sign_posts(), desk.standin.signed()), (2, 0));
    assert_eq!(nested_refusal(&desk.curl("/standin/requests", &[])), BAD_TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outside_the_header_is_refused() {
    let desk = Desk::open().await;
    let (token, header) = (desk.standin.token().to_owned(), desk.token_header());
    let data = input_data(&desk.order(301));
    let body = format!("AUTHTOKEN={token}");
    for (path, extra) in [
        (format!("signCSR?AUTHTOKEN={token}"), vec![]),
        (format!("signCSR/AUTHTOKEN={token}"), vec![]),
        ("signCSR".to_owned(), vec!["-d", &body]),
    ] {
        for header in [vec![], vec!["-H", &header]] {
            let arguments = [&["-d", &data], &extra[..], &header[..]].concat();
            let answer = desk.curl(&format!("/api/pki/restapi/{path}"), &arguments);
            assert!(nested_refusal(&answer).contains("header only"), "{path}");
        }
    }
    assert_eq!(desk.standin.signed(), 0);
    let remembered = format!("{:?}", desk.standin.received());
    assert!(!remembered.contains(&token) && remembered.contains("[token]"), "{remembered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_see_their_own_things_only() {
    let desk = Desk::open().await;
    let data = input_data(&desk.order(301));
    let unknown = desk.call("signCSR", &["-H", "orgName: Nobody", "-d", &data]);
    assert!(nested_refusal(&unknown).contains("Nobody"));
    let other = desk.call("signCSR", &["-H", "orgName: Research", "-d", &data]);
    assert!(other.refusal().contains("301"));
    let same = desk.call("signCSR", &["-H", "orgName: Default", "-d", &data]);
    assert_eq!(same.json()["result"]["status"], "Success");

    let root = &desk.standin.roots_of("Research")[0];
    let id = desk.standin.csrs_of("Research")[0].id;
    let mut order = desk.order(id);
    order["rootCertificateCommonName"] = json!(root.common_name);
    order["rootCertificateSerialNumber"] = json!(root.serial_number);
    let own = desk.call("signCSR", &["-H", "orgName: Research", "-d", &input_data(&order)]);
    assert_eq!(own.json()["result"]["status"], "Success", "{own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_are_refused_and_nothing_is_signed() {
    let desk = Desk::open().await;
    for (key, value, word) in [
        ("signType", json!("MSCA"), "Microsoft"),
        ("signType", json!(null), "Microsoft"),
        ("signType", json!("other"), "other"),
        ("rootCertificateCommonName", json!("Example Root R9"), "Example Root R9"),
        ("rootCertificateCommonName", json!("example root r1"), "example root r1"),
        ("rootCertificateSerialNumber", json!("1"), "serial number 1"),
        ("rootCertificateSerialNumber", json!("nonsense"), "nonsense"),
        ("Validity", json!(0), "Validity"),
        ("isIntermediate", json!("perhaps"), "isIntermediate"),
        ("CSR_ID", json!("999"), "999"),
    ] {
        let mut order = desk.order(301);
        order[key] = value;
        let refusal = desk.sign(&order).refusal();
        assert!(refusal.contains(word), "{key}: {refusal}");
        assert_eq!(desk.sign(&order).json()["name"], "SignCSR");
    }
    for body in ["", "INPUT_DATA=", "INPUT_DATA={", "{\"operation\":{\"Details\":{}}}", "INPUT_DATA=[]"] {
        desk.call("signCSR", &["-d", body]).refusal();
    }
    assert_eq!(desk.standin.signed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_one_mebibyte_is_not_read() {
    let desk = Desk::open().await;
    let big = desk.file("big", &"x".repeat(1024 * 1024 + 1));
    let answer = desk.call("signCSR", &["--data-binary", &format!("@{}", big.display())]);
    assert_eq!(answer.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_input_leaves_it_serving() {
    let desk = Desk::open().await;
    let deep = format!("INPUT_DATA={}", "[".repeat(200_000));
    let bytes = desk.dir.path().join("bytes");
    std::fs::write(&bytes, [&b"INPUT_DATA=%00%FF%zz&=&&"[..], &(0..=255).collect::<Vec<u8>>()].concat())
        .unwrap();
    let raw = format!("@{}", bytes.display());
    let part = format!("CSR=@{}", bytes.display());
    let deep = format!("@{}", desk.file("deep", &deep).display());
    for (operation, arguments) in [
        ("signCSR", vec!["--data-binary", &raw]),
        ("signCSR", vec!["--data-binary", &deep]),
        ("signCSR?%00&INPUT_DATA=%FF", vec!["-X", "POST"]),
        ("importCSR", vec!["-F", &part]),
        ("importCSR", vec!["-H", "Content-Type: multipart/form-data; boundary=x", "--data-binary", &raw]),
        ("importCSR", vec!["-H", "Content-Type: multipart/form-data", "--data-binary", &raw]),
        (
            "createCSR",
            vec![
                "--data-urlencode",
                "INPUT_DATA={\"operation\":{\"Details\":{\"CNAME\":\"a\\u0000\u{202e}\",\"ALT_NAMES\":\"\u{fc}\"}}}",
            ],
        ),
        ("getCertificate", vec!["-G", "--data-binary", &raw]),
        (
            "getAllSSLCertificates",
            vec![
                "-G",
                "--data-urlencode",
                "INPUT_DATA={\"operation\":{\"Details\":{\"withExpiryDaysLessThan\":18446744073709551615}}}",
            ],
        ),
        (
            "exportCSR",
            vec!["-G", "--data-urlencode", "INPUT_DATA={\"operation\":{\"Details\":{\"CSR_ID\":-1}}}"],
        ),
    ] {
        let answer = desk.call(operation, &arguments);
        assert_eq!((answer.exit, answer.status), (0, 200), "{operation} {answer:?}");
    }
    let names = desk.call("getCertificate", &["-H", "orgName: \u{fc}\u{202e}", "-G"]);
    assert!(nested_refusal(&names).contains("not available"));
    assert_eq!(desk.sign(&desk.order(301)).json()["result"]["status"], "Success");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_paths_are_not_found() {
    let desk = Desk::open().await;
    for path in ["/", "/api/pki/restapi", "/api/pki/restapi/deleteCertificate", "/restapi/json/v1/resources"]
    {
        assert_eq!(desk.curl(path, &["-H", &desk.token_header()]).status, 404, "{path}");
    }
}
