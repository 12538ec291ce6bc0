//! Every fault, reached by its sentinel id and seen with curl, and the ways to order one.

use std::time::Duration;

use serde_json::{Value, json};
use standin::Fault;

use crate::tools::{Answer, Desk, input_data, openssl};

/// curl's exit codes for a connection that ends without a whole answer, in HTTP/1.1 and HTTP/2.
const CUT: [i32; 6] = [16, 18, 52, 55, 56, 92];
/// curl's exit code when `--max-time` is over.
const TIMED_OUT: i32 = 28;

async fn desk() -> Desk {
    Desk::open_with(|builder| builder.slow_tick(Duration::from_millis(1))).await
}

fn sentinel(desk: &Desk, fault: Fault, more: &[&str]) -> Answer {
    let data = input_data(&desk.order(fault.csr_id()));
    desk.call("signCSR", &[&["--data-urlencode", &data], more].concat())
}

/// The certificate that a fault made, with the answer that went with it.
fn twisted(desk: &Desk, fault: Fault) -> (String, Value) {
    let answer = sentinel(desk, fault, &[]).json();
    assert_eq!(answer["result"]["status"], "Success", "{fault:?}");
    (openssl(&["x509", "-noout", "-text"], &desk.last_issued()), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sentinel_id_is_reachable_and_signs_as_it_says() {
    let desk = desk().await;
    for fault in Fault::ALL.iter().copied() {
        let before = desk.standin.signed();
        let hangs = matches!(fault, Fault::Hang | Fault::SignThenHang);
        let more: &[&str] = if hangs { &["--max-time", "0.3"] } else { &[] };
        let answer = sentinel(&desk, fault, more);
        // On a fresh connection keep-alive-close answers as usual; where HTTP/1.1 is required, curl sends again on it.
        let signs = fault.signs() || matches!(fault, Fault::KeepAliveClose | Fault::Http11Required);
        assert_eq!(desk.standin.signed() - before, u64::from(signs), "{fault:?}");
        let text = answer.text();
        let plain = text
            .starts_with("{\"result\":{\"message\":\"Certificate till-17.branch.example.test successfully");
        match fault {
            Fault::Hang | Fault::SignThenHang => assert_eq!(answer.exit, TIMED_OUT, "{fault:?}"),
            Fault::CloseBeforeHeaders | Fault::SignThenReset | Fault::Http2Goaway => {
                assert!(CUT.contains(&answer.exit) && answer.head.is_empty(), "{fault:?} {answer:?}");
            }
            Fault::CloseAfterHeaders => {
                assert!(
                    CUT.contains(&answer.exit) && answer.head.contains("content-length") && text.is_empty(),
                    "{answer:?}"
                );
            }
            Fault::CloseHalfBody => {
                assert!(CUT.contains(&answer.exit) && plain && !text.ends_with('}'), "{answer:?}");
            }
            other => check_answer(other, &answer, &text, plain),
        }
    }
    assert_eq!(
        desk.standin.sign_posts(),
        Fault::ALL.len() as u64 + 1,
        "curl repeats nothing on a fresh connection, except where HTTP/1.1 is required"
    );
}

fn check_answer(fault: Fault, answer: &Answer, text: &str, plain: bool) {
    assert_eq!(answer.exit, 0, "{fault:?} {answer:?}");
    let wanted_status = match fault {
        Fault::SignThen500 | Fault::Failed500 => 500,
        Fault::BadGateway502 => 502,
        Fault::GatewayTimeout504 => 504,
        Fault::RedirectToLogin => 302,
        Fault::Redirect307 => 307,
        Fault::NoContent204 => 204,
        Fault::Failed400 | Fault::SuccessWith4xx => 400,
        Fault::Unauthorized401 => 401,
        Fault::Forbidden403 => 403,
        Fault::NotFound404 => 404,
        Fault::Timeout408 => 408,
        Fault::TooMany429 | Fault::TooMany429Date => 429,
        Fault::TooLarge413 => 413,
        Fault::Forbidden403Page => 403,
        Fault::NotAllowed405 => 405,
        _ => 200,
    };
    assert_eq!(answer.status, wanted_status, "{fault:?}");
    match fault {
        Fault::SignThen500
        | Fault::BadGateway502
        | Fault::GatewayTimeout504
        | Fault::Html200
        | Fault::NotFound404
        | Fault::Forbidden403Page
        | Fault::TooLarge413 => {
            assert!(
                answer.head.contains("content-type: text/html") && text.contains("<html>"),
                "{fault:?} {text}"
            );
        }
        Fault::RedirectToLogin | Fault::Redirect307 => assert!(answer.head.contains("location: /")),
        Fault::Empty200 | Fault::NoContent204 | Fault::Timeout408 | Fault::NotAllowed405 => {
            assert!(text.is_empty());
        }
        Fault::TooMany429 => assert!(answer.head.contains("retry-after: 30")),
        Fault::TooMany429Date => {
            assert!(answer.head.contains("retry-after: ") && answer.head.contains(" gmt"));
        }
        Fault::SuccessUnsigned => {
            assert_eq!(answer.json()["result"]["status"], "Success");
            assert!(answer.json().get("details").is_none());
        }
        Fault::BigNumbers => {
            let (_, id) = text.split_once("\"Certificate_ID\":").unwrap();
            assert!(id.starts_with("1234567890123456789"), "{text}");
            let (_, serial) = text.split_once("\"serialNumber\":").unwrap();
            let digits = serial.chars().take_while(char::is_ascii_digit).count();
            assert!(digits >= 38, "{text}");
        }
        Fault::Failed200 | Fault::Failed400 | Fault::Forbidden403 | Fault::Failed500 | Fault::EchoToken => {
            assert_eq!(answer.json()["result"]["status"], "Failed");
            assert!(answer.json().get("details").is_none());
        }
        Fault::Unauthorized401 | Fault::TokenExpired | Fault::HostRefused => {
            assert_eq!(answer.json()["operation"]["result"]["status"], "Failed");
        }
        Fault::HugeBody => {
            assert!(answer.body.len() > 49_000_000 && plain);
            assert_eq!(answer.json()["result"]["status"], "Success");
        }
        Fault::GzipBomb => {
            assert!(answer.head.contains("content-encoding: gzip"));
            assert!(
                answer.body.starts_with(&[0x1f, 0x8b]) && answer.body.len() < 2_000_000,
                "{}",
                answer.body.len()
            );
        }
        Fault::Bom => assert!(answer.body.starts_with(b"\xef\xbb\xbf{")),
        Fault::Crlf => {
            assert!(text.starts_with("\r\n{\r\n") && answer.json()["result"]["status"] == "Success");
        }
        Fault::Latin1 => assert!(std::str::from_utf8(&answer.body).is_err() && answer.body.contains(&0xfc)),
        Fault::TruncatedJson => assert!(plain && serde_json::from_str::<Value>(text).is_err()),
        Fault::DeepJson => assert!(text.contains(&"[".repeat(10_000)) && text.ends_with("]}")),
        Fault::DuplicateKeys => {
            assert!(
                text.matches("\"result\"").count() == 2 && answer.json()["result"]["status"] == "Success"
            );
        }
        _ => check_envelope(fault, &answer.json(), plain),
    }
}

fn check_envelope(fault: Fault, value: &Value, plain: bool) {
    let row = &value["details"][0];
    match fault {
        Fault::SuccessWordUpper => assert_eq!(value["result"]["status"], "SUCCESS"),
        Fault::SuccessTrue20000 => {
            assert_eq!(
                (&value["result"]["status"], &value["result"]["statusCode"]),
                (&json!("true"), &json!(20000))
            );
        }
        Fault::UnknownStatusWord => assert_eq!(value["result"]["status"], "Accepted"),
        Fault::NestedEnvelope => {
            assert!(
                value.get("result").is_none() && value["operation"]["details"][0]["Certificate_ID"].is_u64()
            );
        }
        Fault::TwoEnvelopesContradicting => {
            assert_eq!(
                (&value["result"]["status"], &value["operation"]["result"]["status"]),
                (&json!("Success"), &json!("Failed"))
            );
        }
        Fault::FailedWithDetails => {
            assert!(value["result"]["status"] == "Failed" && row["serialNumber"].is_string());
        }
        Fault::NumbersAsStrings => assert!(row["Certificate_ID"].is_string()),
        Fault::SerialDecimal => assert!(row["serialNumber"].is_u64()),
        Fault::SerialUpperColons => assert!(
            row["serialNumber"].as_str().is_some_and(|text| text.starts_with("00:") && text.len() == 14)
        ),
        Fault::SerialOdd => assert!(row["serialNumber"].as_str().is_some_and(|text| text.len() == 7)),
        Fault::DetailsObject => assert!(value["details"]["serialNumber"].is_string()),
        Fault::DetailsEmpty => assert_eq!(value["details"], json!([])),
        Fault::DetailsMissing => assert!(value.get("details").is_none()),
        Fault::DetailsTwoRows => assert_eq!(value["details"].as_array().map(Vec::len), Some(2)),
        Fault::WrongCn => assert_eq!(row["commonName"], "someone-else.example.test"),
        _ => assert!(plain, "{fault:?} {value}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_wrong_in_exactly_one_way() {
    let desk = desk().await;
    let csr = desk.file("asked.csr", &desk.standin.csr_pem(302).unwrap());
    let asked_key = openssl(&["req", "-noout", "-pubkey"], &csr);
    let (usual, _) = twisted(&desk, Fault::KeepAliveClose);
    assert!(usual.contains("DNS:till-17.branch.example.test\n") && usual.contains("CA:FALSE"), "{usual}");
    assert_eq!(openssl(&["x509", "-noout", "-pubkey"], &desk.last_issued()), asked_key);

    twisted(&desk, Fault::OtherKey);
    assert_ne!(openssl(&["x509", "-noout", "-pubkey"], &desk.last_issued()), asked_key);
    let (text, _) = twisted(&desk, Fault::ExtraSan);
    assert!(text.contains("DNS:till-17.branch.example.test, DNS:extra.example.test"), "{text}");
    let (text, _) = twisted(&desk, Fault::SanDropped);
    assert!(!text.contains("Alternative Name"), "{text}");
    let (text, _) = twisted(&desk, Fault::CaFlagFlipped);
    assert!(text.contains("CA:TRUE") && text.contains("Certificate Sign"), "{text}");
    let (_, answer) = twisted(&desk, Fault::SubjectRewritten);
    assert_eq!(answer["details"][0]["commonName"], "till-17.branch.example.test");
    assert!(openssl(&["x509", "-noout", "-subject"], &desk.last_issued()).contains("rewritten.by.template"));
    let (_, answer) = twisted(&desk, Fault::OtherIssuer);
    assert!(answer["result"]["message"].as_str().unwrap().ends_with("with Example Root R1."));
    assert!(desk.verifies_under(&desk.last_issued(), "Example Root R2"));
    assert!(!desk.verifies_under(&desk.last_issued(), "Example Root R1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_and_lifetimes_are_off_by_whole_days() {
    let desk = desk().await;
    let times = |fault| {
        sentinel(&desk, fault, &[]);
        let last = desk.standin.issued().pop().unwrap();
        (last.not_before, last.not_after + 1)
    };
    const DAY: i64 = 86_400;
    let (start, _) = times(Fault::Bom);
    for (fault, shift, days) in [
        (Fault::ClockAhead, 1, 100),
        (Fault::ClockBehind, -1, 100),
        (Fault::LongerValidity, 0, 465),
        (Fault::ShorterValidity, 0, 1),
    ] {
        let (from, to) = times(fault);
        assert_eq!(to - from, days * DAY, "{fault:?}");
        // The whole test takes far less than an hour.
        assert!((from - start - shift * DAY).abs() < 3600, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reversed_chain_has_the_root_first() {
    let desk = desk().await;
    let (_, answer) = twisted(&desk, Fault::ChainReversed);
    let row = &answer["details"][0];
    let wanted =
        json!({ "common_name": row["commonName"], "serial_number": row["serialNumber"], "fileType": "CER" });
    let text = desk.call("getCertificate", &["-G", "--data-urlencode", &input_data(&wanted)]).text();
    let leaf = &desk.standin.issued()[0].pem;
    assert_eq!(text, desk.standin.root_pem("Example Root R1").unwrap() + leaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_connection_is_closed_under_the_post() {
    for version in ["--http1.1", "--http2"] {
        let desk = desk().await;
        let url = format!("{}/api/pki/restapi/signCSR", desk.standin.url());
        sentinel(&desk, Fault::KeepAliveClose, &[version, &url, "-o", "/dev/null"]);
        // The first is answered; the second, on the same connection, is not. curl then repeats it over a new connection,
        // which is exactly what a client of signCSR must not do.
        let arrived = desk.standin.sign_posts();
        assert!(arrived >= 2, "{version}: {arrived}");
        assert_eq!(desk.standin.signed(), arrived - 1, "{version}");
        assert_eq!(desk.standin.connections(), arrived - 1, "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_faults_are_slow_and_complete() {
    let desk = Desk::open_with(|builder| builder.slow_tick(Duration::from_secs(3600))).await;
    for (fault, version, received) in [
        (Fault::SlowBody, "--http1.1", "{"),
        (Fault::SlowBody, "--http2", "{"),
        (Fault::SlowHeaders, "--http1.1", ""),
        (Fault::SlowHeaders, "--http2", ""),
    ] {
        let answer = sentinel(&desk, fault, &[version, "--max-time", "0.5"]);
        assert_eq!((answer.exit, answer.text().as_str()), (TIMED_OUT, received), "{fault:?} {version}");
        assert_eq!(answer.head.is_empty(), fault == Fault::SlowHeaders, "{fault:?} {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_can_be_ordered_for_the_next_calls() {
    let desk = desk().await;
    desk.standin.fault_next(Fault::Failed400, 2);
    assert_eq!([400, 400, 200], [0; 3].map(|_: u16| desk.sign(&desk.order(301)).status));
    let order = |body: &str| desk.curl("/standin/faults", &["-H", &desk.token_header(), "-d", body]);
    assert_eq!(
        order("{\"next\":\"sign-then-500\",\"times\":1}").json(),
        json!({ "next": "sign-then-500", "times": 1 })
    );
    assert_eq!(desk.sign(&desk.order(301)).status, 500);
    assert_eq!(
        desk.standin.issued().last().unwrap().common_name,
        "shop.example.test",
        "the CSR asked for is signed"
    );
    order("{\"next\":\"failed-400\",\"times\":9}");
    order("{\"next\":\"none\"}");
    assert_eq!(desk.sign(&desk.order(301)).status, 200);
    for wrong in ["{\"next\":\"no-such-fault\"}", "{", "{\"times\":1}"] {
        assert_eq!(order(wrong).status, 400);
    }
    assert_eq!(desk.standin.sign_posts(), 5, "control calls are not signing calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_and_requests_are_listed() {
    let desk = desk().await;
    let rows = desk.curl("/standin/faults", &["-H", &desk.token_header()]).json();
    let listed: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| (row["name"].clone(), row["csr_id"].clone())).collect();
    let wanted: Vec<_> =
        Fault::ALL.iter().map(|fault| (json!(fault.name()), json!(fault.csr_id()))).collect();
    assert_eq!(listed, wanted);
    desk.sign(&desk.order(301));
    let seen = desk.curl("/standin/requests", &["-H", &desk.token_header()]).json();
    assert_eq!(
        (&seen["sign_posts"], &seen["signed"], &seen["connections"]),
        (&json!(1), &json!(1), &json!(3))
    );
    let request = &seen["requests"][0];
    assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/api/pki/restapi/signCSR")));
    assert_eq!(request["token_header"], true);
    assert!(request["header_names"].as_array().unwrap().contains(&json!("authtoken")));
    assert!(!seen.to_string().contains(desk.standin.token()));
}
