use super::*;
use domain::Outcome;

mod hostile;

/// A token for tests, built through the public parser.
fn token() -> AuthToken {
    AuthToken::parse("CANARY-TOKEN".to_owned().into()).unwrap()
}

fn read(status: u16, body: &str) -> Ending {
    read_bytes(status, body.as_bytes())
}

fn read_bytes(status: u16, body: &[u8]) -> Ending {
    let status = StatusCode::from_u16(status).unwrap();
    read_answer(&Answer { status, body: body.to_vec(), ..Answer::default() }, &token(), None)
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
        r#"{"result":{"status":"SUCCESS"},"details":{"commonName":"a","Certificate_ID":"7"}}"#,
        r#"{"operation":{"result":{"message":"m","status":"true","statusCode":20000},"Details":[{"serialNumber":12}]}}"#,
        r#"{"result":{"status":true},"details":[{"certificate_id":"309"}]}"#,
        "\u{FEFF}{\"result\":{\"status\":\"Success\"},\r\n\"details\":[{\"serialNumber\":\"a\"}]}\r\n",
    ];
    for body in bodies {
        assert_eq!(read(200, body).code, ErrorCode::Signed, "{body}");
    }
    assert_eq!(read(201, VENDOR_SAMPLE).code, ErrorCode::Signed);
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
    assert_eq!(read(404, "<html>").code, ErrorCode::NotFound);
    assert_eq!(read(400, r#"{"Status":"Failed","Message":"x"}"#).code, ErrorCode::ServerRefused);
}

#[test]
fn everything_else_is_unknown() {
    let cases = [
        (500, VENDOR_SAMPLE, ErrorCode::ServerError),
        (502, "<html>", ErrorCode::ServerError),
        (408, "", ErrorCode::ServerTimedOut),
        (302, "", ErrorCode::Redirected),
        (204, "", ErrorCode::NoContent),
        (202, VENDOR_SAMPLE, ErrorCode::UnexpectedStatus),
        (203, VENDOR_SAMPLE, ErrorCode::UnexpectedStatus),
        (206, VENDOR_SAMPLE, ErrorCode::UnexpectedStatus),
        (202, r#"{"result":{"status":"Failed"}}"#, ErrorCode::UnexpectedStatus),
        (302, VENDOR_SAMPLE, ErrorCode::Redirected),
        (103, VENDOR_SAMPLE, ErrorCode::UnexpectedStatus),
        (503, "", ErrorCode::ServerError),
        (504, "<html>", ErrorCode::ServerError),
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
    let packed = Answer { encoding: Some("gzip".into()), body: VENDOR_SAMPLE.into(), ..Answer::default() };
    assert_eq!(read_answer(&packed, &token(), None).code, ErrorCode::EncodedAnswer);
}

#[test]
fn a_success_that_names_no_certificate_is_unknown() {
    let rows = [
        "",
        r#","details":[]"#,
        r#","details":{}"#,
        r#","details":[{"commonName":"a"}]"#,
        r#","details":[{"commonName":"a","Certificate_ID":"","serialNumber":null}]"#,
        // Stated, and no name of a certificate.
        r#","details":[{"Certificate_ID":0}]"#,
        r#","details":[{"Certificate_ID":-1}]"#,
        r#","details":[{"Certificate_ID":1e5}]"#,
        r#","details":[{"Certificate_ID":"n/a","serialNumber":"unknown"}]"#,
        r#","details":[{"serialNumber":"00"}]"#,
        r#","details":[{"serialNumber":12.0}]"#,
    ];
    for row in rows {
        let ending = read(200, &format!(r#"{{"result":{{"status":"Success","message":"m"}}{row}}}"#));
        assert_eq!(
            (ending.outcome, ending.code),
            (Outcome::Unknown, ErrorCode::SignedWithoutDetails),
            "{row}"
        );
        assert_eq!(ending.certificates, [], "{row}");
    }
    let ending = read(200, r#"{"result":{"status":"Success"},"details":[{"commonName":"a"}]}"#);
    assert_eq!(ending.reported[0].common_name.as_deref(), Some("a"));
}

#[test]
fn certificates_are_of_signed_alone_and_claims_are_reported() {
    let serials = |ending: &Ending| {
        let of = |it: &[Certificate]| it.iter().filter_map(|it| it.serial_number.clone()).collect::<Vec<_>>();
        (of(&ending.certificates), of(&ending.reported))
    };
    let named = vec!["b7d5fcb7".to_owned()];
    assert_eq!(serials(&read(200, VENDOR_SAMPLE)), (named.clone(), vec![]));
    for status in [202, 400, 500] {
        assert_eq!(serials(&read(status, VENDOR_SAMPLE)), (vec![], named.clone()), "{status}");
    }
    let failed = VENDOR_SAMPLE.replace("\"Success\"", "\"Failed\"");
    assert_eq!(serials(&read(200, &failed)), (vec![], named));
}

/// An answer as it came over the wire.
fn raw(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = http::HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    Answer { status, encoding: None, body: body.into(), hints: Hints::of(&headers) }
}

#[test]
fn numbers_of_any_size_are_kept_digit_by_digit() {
    let read = |text| read_answer(&raw(text), &token(), None);
    let ending = read(include_str!("../../tests/cases/13-big-serial.http"));
    assert_eq!(ending.code, ErrorCode::Signed);
    // 243423423423423423423423423423423423 in hexadecimal.
    let serial = ending.certificates[0].serial_number.clone().unwrap();
    assert_eq!(SerialNumber::parse(&serial).unwrap().decimal(), "243423423423423423423423423423423423");
    assert_eq!(ending.certificates[0].certificate_id.as_deref(), Some("309"));

    let ending = read(include_str!("../../tests/cases/13-big-id.http"));
    assert_eq!(ending.code, ErrorCode::Signed);
    assert_eq!(ending.certificates[0].certificate_id.as_deref(), Some("12345678901234567890123"));
}

#[test]
fn a_number_that_is_not_whole_is_shown_as_it_stands_and_is_no_id() {
    let body = r#"{"result":{"status":"Success"},"details":[{"Certificate_ID":1e5,"serialNumber":"b7"},
        {"Certificate_ID":12.0,"serialNumber":1.5e3}]}"#;
    let rows = read(200, body).certificates;
    assert_eq!(rows[0].certificate_id.as_deref(), Some("1e5 (not a whole number)"));
    assert_eq!(rows[1].certificate_id.as_deref(), Some("12.0 (not a whole number)"));
    assert_eq!(rows[1].serial_number.as_deref(), Some("1.5e3 (not a whole number)"));
    // Beyond 20 bytes: as it stands.
    let long = "9".repeat(60);
    let body = format!(
        r#"{{"result":{{"status":"Success"}},"details":[{{"Certificate_ID":1,"serialNumber":{long}}}]}}"#
    );
    assert_eq!(read(200, &body).certificates[0].serial_number, Some(long));
}

#[test]
fn too_many_requests_says_how_long_to_wait() {
    let ending = read_answer(&raw(include_str!("../../tests/cases/14-too-many.http")), &token(), None);
    assert_eq!((ending.outcome, ending.code), (Outcome::Refused, ErrorCode::TooManyRequests));
    assert!(ending.message().ends_with("It asks to wait for 120 seconds."), "{}", ending.message());
    let ending = read_answer(
        &raw("HTTP/1.1 429 x\r\nRetry-After: Fri, 04 Dec 2026 08:36:00 GMT\r\n\r\n"),
        &token(),
        Some("Acme"),
    );
    assert!(
        ending.message().ends_with("It asks to wait until 2026-12-04 08:36:00 UTC."),
        "{}",
        ending.message()
    );
    let ending = read_answer(&raw("HTTP/1.1 503 x\r\nRetry-After: 30\r\n\r\n<html>"), &token(), None);
    assert_eq!((ending.outcome, ending.code), (Outcome::Unknown, ErrorCode::ServiceUnavailable));
    assert!(ending.message().ends_with("It asks to wait for 30 seconds."), "{}", ending.message());
    // A claim of success with it is still a contradiction.
    let both = format!("HTTP/1.1 429 x\r\nRetry-After: 1\r\n\r\n{VENDOR_SAMPLE}");
    assert_eq!(read_answer(&raw(&both), &token(), None).code, ErrorCode::ContradictingAnswer);
}

#[test]
fn each_odd_answer_is_told_as_what_it_is() {
    let cases = [
        ("HTTP/1.1 413 x\r\n\r\n", ErrorCode::RequestTooLarge, "HTTP 413"),
        ("HTTP/1.1 414 x\r\n\r\n", ErrorCode::RequestTooLarge, "HTTP 414"),
        ("HTTP/1.1 431 x\r\n\r\n", ErrorCode::RequestTooLarge, "HTTP 431"),
        (
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"corp\"\r\n\r\n",
            ErrorCode::GatewayLogin,
            "asks for a login (Basic)",
        ),
        (
            "HTTP/1.1 401 x\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n\r\n",
            ErrorCode::NotAuthorized,
            "asks for a login (Negotiate, NTLM)",
        ),
        ("HTTP/1.1 404 x\r\n\r\n", ErrorCode::NotFound, "HTTP 404"),
        (
            "HTTP/1.1 404 x\r\n\r\n{\"Status\":\"Failed\",\"Message\":\"No such CSR.\"}",
            ErrorCode::ServerRefused,
            "HTTP 404",
        ),
        ("HTTP/1.1 405 x\r\nAllow: GET\r\n\r\n", ErrorCode::MethodNotAllowed, "HTTP 405"),
        ("HTTP/1.1 410 x\r\n\r\n", ErrorCode::HttpRefused, "HTTP 410"),
        (
            "HTTP/1.1 403 x\r\nContent-Type: text/html\r\n\r\n<html><title>Access denied</title>",
            ErrorCode::GatewayRefused,
            "an HTML page with the title \"Access denied\"",
        ),
        (
            "HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=x\r\n\r\n<!doctype html><title>Sign in</title>",
            ErrorCode::GatewayRefused,
            "asks for a login (Basic)",
        ),
        ("HTTP/1.1 403 x\r\n\r\n", ErrorCode::NotAuthorized, "HTTP 403"),
        ("HTTP/1.1 451 x\r\n\r\n<html>", ErrorCode::GatewayRefused, "HTTP 451"),
        ("HTTP/1.1 451 x\r\n\r\n", ErrorCode::HttpRefused, "HTTP 451"),
        (
            "HTTP/1.1 502 x\r\n\r\n<html><head><title>502 Bad\n Gateway</title>",
            ErrorCode::ServerError,
            "HTTP 502: a proxy or gateway in front of PAM360 got no answer from it that it could pass on; an HTML page with the title \"502 Bad Gateway\"",
        ),
        ("HTTP/1.1 504 x\r\n\r\n", ErrorCode::ServerError, "HTTP 504: a proxy or gateway"),
        (
            "HTTP/1.1 200 x\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE HTML><TITLE>Sign in</TITLE>",
            ErrorCode::NotJson,
            "an HTML page with the title \"Sign in\"",
        ),
        (
            "HTTP/1.1 302 x\r\nLocation: https://idp.example/login?token=CANARY-TOKEN\r\n\r\n",
            ErrorCode::Redirected,
            "redirect to https://idp.example/login",
        ),
        ("HTTP/1.1 202 x\r\n\r\n{}", ErrorCode::UnexpectedStatus, "HTTP 202"),
    ];
    for (text, code, detail) in cases {
        let ending = read_answer(&raw(text), &token(), None);
        assert_eq!(ending.code, code, "{text}");
        let told = ending.detail.clone().unwrap_or_default();
        assert!(told.contains(detail), "{text}: {told}");
        assert!(!serde_json::to_string(&ending).unwrap().contains("CANARY"), "{ending:?}");
    }
    assert_eq!(read(200, VENDOR_SAMPLE).detail, None);
}

#[test]
fn a_refusal_that_may_be_about_the_organization_is_not_told_as_one_of_the_token() {
    let read = |status: u16, body: &str, organization: bool| {
        let status = StatusCode::from_u16(status).unwrap();
        let organization = organization.then_some("Acme");
        read_answer(&Answer { status, body: body.into(), ..Answer::default() }, &token(), organization).code
    };
    // As the sibling API answers, with the organization as the only thing that is named.
    let envelope = r#"{"operation":{"name":"Authentication","result":{"status":"Failed","message":"Organization Acme is not available."}}}"#;
    assert_eq!(read(200, envelope, true), ErrorCode::OrganizationRefused);
    assert_eq!(read(403, envelope, true), ErrorCode::OrganizationRefused);
    assert_eq!(read(200, envelope, false), ErrorCode::NotAuthorized);
    let failed = r#"{"result":{"status":"Failed","message":"You have no access to Acme."}}"#;
    assert_eq!(read(403, failed, true), ErrorCode::TokenOrOrganization);
    assert_eq!(read(403, "", true), ErrorCode::TokenOrOrganization);
    assert_eq!(read(403, failed, false), ErrorCode::SigningForbidden);
    assert_eq!(read(200, failed, true), ErrorCode::ServerRefused);
    // What is known to be about the token.
    assert_eq!(read(401, failed, true), ErrorCode::NotAuthorized);
    let captured = [
        r#"{"operation":{"result":{"message":"API key received is not associated to any user. Authentication failed.","status":"Failed"},"name":"Authentication"}}"#,
        r#"{"result":{"status":"Failed","message":"User is not allowed to access from this host"}}"#,
    ];
    for body in captured {
        assert_eq!(read(403, body, true), ErrorCode::NotAuthorized, "{body}");
    }
}

#[test]
fn words_about_the_right_to_sign_do_not_blame_the_token() {
    let read = |message: &str, organization| {
        let status = StatusCode::FORBIDDEN;
        let body = format!(r#"{{"result":{{"status":"Failed","message":"{message}"}},"name":"SignCSR"}}"#);
        read_answer(&Answer { status, body: body.into(), ..Answer::default() }, &token(), organization).code
    };
    for words in [
        "Unable to sign the certificate. Contact your administrator.",
        "You do not have permission to perform this operation.",
    ] {
        assert_eq!(read(words, None), ErrorCode::SigningForbidden, "{words}");
        assert_eq!(read(words, Some("Acme")), ErrorCode::SigningForbidden, "{words}");
    }
    for words in ["", "The AuthToken has expired.", "Invalid API key.", "Authentication failed."] {
        assert_eq!(read(words, None), ErrorCode::NotAuthorized, "{words}");
    }
}
