use domain::Outcome;
use proptest::prelude::*;
use zeroize_free::token;

use super::*;

/// A token for tests, built through the public parser.
mod zeroize_free {
    use secrets::AuthToken;

    pub(super) fn token() -> AuthToken {
        AuthToken::parse("CANARY-TOKEN".to_owned().into()).unwrap()
    }
}

fn read(status: u16, body: &str) -> Ending {
    read_bytes(status, body.as_bytes())
}

fn read_bytes(status: u16, body: &[u8]) -> Ending {
    let status = StatusCode::from_u16(status).unwrap();
    read_answer(&Answer { status, encoding: None, body: body.to_vec() }, &token())
}

const VENDOR_SAMPLE: &str = r#"{
	"result": {
		"message": "Certificate csrtest successfully signed with mytestcert.",
		"status": "Success"
	},
	"name": "SignCSR",
	"details": [
		{
			"commonName": "csrtest",
			"Certificate_ID": 309,
			"serialNumber": "b7d5fcb7"
		}
	]
}"#;

#[test]
fn the_vendors_sample_is_signed() {
    let ending = read(200, VENDOR_SAMPLE);
    assert_eq!((ending.outcome, ending.code), (Outcome::Signed, ErrorCode::Signed));
    assert_eq!(
        ending.server_message.as_deref(),
        Some("Certificate csrtest successfully signed with mytestcert.")
    );
    let expected = Certificate {
        common_name: Some("csrtest".into()),
        certificate_id: Some("309".into()),
        serial_number: Some("b7d5fcb7".into()),
    };
    assert_eq!(ending.certificates, [expected]);
}

#[test]
fn a_yes_is_read_in_every_spelling() {
    let bodies = [
        r#"{"result":{"status":"SUCCESS"},"details":{"commonName":"a"}}"#,
        r#"{"operation":{"result":{"message":"m","status":"true","statusCode":20000},"Details":[{"serialNumber":12}]}}"#,
        r#"{"result":{"status":true},"details":[{"certificate_id":"309"}]}"#,
        "\u{FEFF}{\"result\":{\"status\":\"Success\"},\r\n\"details\":[{\"commonName\":\"a\"}]}\r\n",
    ];
    for body in bodies {
        assert_eq!(read(200, body).code, ErrorCode::Signed, "{body}");
    }
    for body in [r#"{"result":{"status":"Success"}}"#, r#"{"result":{"status":"Success"},"details":[]}"#] {
        assert_eq!(read(200, body).code, ErrorCode::SignedWithoutDetails, "{body}");
    }
    let latin1 = read_bytes(200, b"{\"result\":{\"status\":\"Success\",\"message\":\"M\xfcller\"}}");
    assert_eq!(latin1.server_message.as_deref(), Some("Müller"));
}

#[test]
fn a_no_is_refused_with_the_servers_words() {
    let ending = read(200, r#"{"result":{"message":"Invalid CSR_ID.","status":"Failed"},"name":"SignCSR"}"#);
    assert_eq!((ending.outcome, ending.code), (Outcome::Refused, ErrorCode::ServerRefused));
    assert_eq!(ending.message(), "Invalid CSR_ID.");
    let captured = r#"{"operation":{"result":{"message":"API key received is not associated to any user. Authentication failed.","status":"Failed"},"name":"Authentication"}}"#;
    assert_eq!(read(200, captured).code, ErrorCode::NotAuthorized);
    assert_eq!(read(401, "").code, ErrorCode::NotAuthorized);
    assert_eq!(read(404, "<html>").code, ErrorCode::HttpRefused);
    assert_eq!(read(400, r#"{"Status":"Failed","Message":"x"}"#).code, ErrorCode::ServerRefused);
    assert_eq!(read(429, "slow down").outcome, Outcome::Refused);
}

#[test]
fn everything_else_is_unknown() {
    let cases = [
        (500, VENDOR_SAMPLE, ErrorCode::ServerError),
        (502, "<html>", ErrorCode::ServerError),
        (408, "", ErrorCode::ServerTimedOut),
        (302, "", ErrorCode::Redirected),
        (204, "", ErrorCode::NoContent),
        (200, "  ", ErrorCode::NoContent),
        (200, "<html>login</html>", ErrorCode::NotJson),
        (200, r#"{"result":{"status":"Success""#, ErrorCode::NotJson),
        (200, r#"{"result":{"status":"Pending"}}"#, ErrorCode::UnclearStatus),
        (200, r#"{"result":{}}"#, ErrorCode::UnclearStatus),
        (200, r#"{"result":{"status":1}}"#, ErrorCode::UnclearStatus),
        (200, "[]", ErrorCode::UnclearStatus),
        (
            200,
            r#"{"result":{"status":"Success"},"operation":{"result":{"status":"Failed"}}}"#,
            ErrorCode::ContradictingAnswer,
        ),
        (200, r#"{"result":{"status":"Success","status":"Failed"}}"#, ErrorCode::ContradictingAnswer),
        (
            200,
            r#"{"result":{"status":"Failed"},"details":[{"serialNumber":"1"}]}"#,
            ErrorCode::ContradictingAnswer,
        ),
        (200, r#"{"result":{"Status":"Failed","status":"Success"}}"#, ErrorCode::ContradictingAnswer),
        (
            200,
            r#"{"result":{"status":"Failed","details":[{"serialNumber":"1"}]}}"#,
            ErrorCode::ContradictingAnswer,
        ),
        (400, VENDOR_SAMPLE, ErrorCode::ContradictingAnswer),
        (101, "", ErrorCode::UnexpectedStatus),
    ];
    for (status, body, code) in cases {
        let ending = read(status, body);
        assert_eq!((ending.outcome, ending.code), (Outcome::Unknown, code), "{status} {body}");
    }
    assert_eq!(read(200, &"[".repeat(10_000)).code, ErrorCode::AnswerTooDeep);
    let packed = Answer { status: StatusCode::OK, encoding: Some("gzip".into()), body: VENDOR_SAMPLE.into() };
    assert_eq!(read_answer(&packed, &token()).code, ErrorCode::EncodedAnswer);
}

#[test]
fn a_server_that_echoes_the_token_does_not_leak_it() {
    let ending = read(200, r#"{"result":{"status":"Failed","message":"Invalid AUTHTOKEN CANARY-TOKEN"}}"#);
    assert!(!serde_json::to_string(&ending).unwrap().contains("CANARY"), "{ending:?}");
    let bodies = [
        r#"{"result":{"status":"Success"},"details":[{"commonName":"CANARY-TOKEN","serialNumber":"1"}]}"#,
        r#"{"result":{"status":"Failed","message":"\u0043ANARY-TOKEN"}}"#,
    ];
    for body in bodies {
        let kept = serde_json::to_string(&read(200, body)).unwrap();
        assert!(!kept.contains("CANARY") && !kept.contains("u0043ANARY"), "{kept}");
    }
}

#[test]
fn a_serial_number_that_is_a_json_number_is_decimal() {
    let ending = read(200, r#"{"result":{"status":"Success"},"details":[{"serialNumber":3084254391}]}"#);
    assert_eq!(ending.certificates[0].serial_number.as_deref(), Some("b7d5fcb7"));
}

#[test]
fn hidden_characters_in_the_servers_words_are_visible_and_lines_stay() {
    let ending = read(200, "{\"result\":{\"status\":\"Failed\",\n\"message\":\"a\u{202E}b\"}}");
    assert_eq!(ending.server_message.as_deref(), Some("a⟨U+202E⟩b"));
    let raw = ending.seen.raw_answer.unwrap();
    assert!(raw.contains(",\n") && raw.contains("⟨U+202E⟩"), "{raw}");
}

proptest! {
    #[test]
    fn no_body_panics_or_becomes_a_yes_by_chance(body: Vec<u8>, status in 100_u16..600) {
        let ending = read_bytes(status, &body);
        prop_assert_ne!(ending.outcome, Outcome::Signed);
        prop_assert_ne!(ending.outcome, Outcome::NotSent);
    }
}
