//! Answers that give the token back, hide characters, contradict themselves, or are no answers at all.

use domain::Outcome;
use proptest::prelude::*;

use super::*;

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

#[test]
fn a_failure_beside_a_success_is_a_contradiction_wherever_it_stands() {
    for body in [
        r#"{"result":{"status":"Success"},"details":[{"serialNumber":"b7","status":"Failed"}]}"#,
        r#"{"result":{"status":"Success"},"details":[{"serialNumber":"b7"},{"serialNumber":"b8","Status":"error"}]}"#,
        r#"{"result":{"status":"Success"},"details":[{"serialNumber":"b7","status":"pending"}]}"#,
        r#"{"result":[{"status":"Success"},{"status":"Failed"}],"details":[{"serialNumber":"b7"}]}"#,
        r#"{"status":"Success","details":[{"serialNumber":"b7"}],"operation":{"operation":{"result":{"status":"failed"}}}}"#,
        r#"{"result":{"status":"Success","inner":{"deep":[{"status":false}]}},"details":[{"serialNumber":"b7"}]}"#,
    ] {
        let ending = read(200, body);
        assert_eq!(
            (ending.outcome, ending.code),
            (Outcome::Unknown, ErrorCode::ContradictingAnswer),
            "{body}"
        );
        assert!(ending.certificates.is_empty() && !ending.reported.is_empty(), "{body}");
    }
    // A second success changes nothing.
    let body = r#"{"result":{"status":"Success"},"details":[{"serialNumber":"b7","status":"Success"}]}"#;
    assert_eq!(read(200, body).code, ErrorCode::Signed);
}

#[test]
fn two_serial_numbers_in_one_row_are_a_contradiction() {
    let row = |row: &str| read(200, &format!(r#"{{"result":{{"status":"Success"}},"details":[{row}]}}"#));
    let two = row(r#"{"serialNumber":"b7","Serial Number":"b8"}"#);
    assert_eq!((two.outcome, two.code), (Outcome::Unknown, ErrorCode::ContradictingAnswer));
    assert_eq!(row(r#"{"serialNumber":"b7","Serial Number":"b7"}"#).code, ErrorCode::Signed);
}

#[test]
fn no_part_of_an_echoed_token_is_left_by_clipping_and_no_escape_hides_it() {
    // Where texts are clipped: a name at 512 characters, a message at 2,000, a body at 16,384.
    for before in [505, 512 - "CANARY-TOKEN".len() / 2, 1_990, 1_994, 16_300, 16_378] {
        let name = format!("{}CANARY-TOKEN", "x".repeat(before));
        let body = serde_json::json!({
            "result": { "status": "Success", "message": name },
            "details": [{ "commonName": name, "serialNumber": "b7", "Certificate_ID": name }],
        });
        let all = format!("{:?}", read(200, &body.to_string()));
        assert!(!all.contains("CANARY"), "{before}: {all}");
    }
    for spelled in ["\\u0043ANARY-TOKEN", "CANARY\\u002dTOKEN", "%43ANARY-TOKEN", "&#67;ANARY-TOKEN"] {
        for body in [
            format!(r#"{{"result":{{"status":"Failed","message":"no {spelled}"}}}}"#),
            // Cut off, with a key twice, and no JSON at all.
            format!(r#"{{"result":{{"status":"Failed","message":"no {spelled}"#),
            format!(r#"{{"a":1,"a":"{spelled}"}}"#),
            format!("<html><title>{spelled}</title>"),
        ] {
            let ending = read(200, &body);
            let all = format!("{ending:?}");
            assert!(!all.contains("ANARY") && !all.contains("TOKEN"), "{body}: {all}");
            assert_eq!(ending.seen.raw_answer.as_deref(), Some(LEFT_OUT), "{body}");
        }
    }
}
