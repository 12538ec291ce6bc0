//! Bodies and heads that are too large, too deep, or not what they say.

use gateway::Limits;
use tokio::io::AsyncWriteExt;

use crate::target::{Answer, Target, later};

const MOST: usize = 1_000;

async fn target() -> Target {
    Target::with(Limits { body_bytes: MOST, ..Limits::default() }).await
}

fn padded(length: usize) -> String {
    let body = r#"{"token":"of-the-attacker"}"#;
    format!("{}{body}", " ".repeat(length - body.len()))
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let target = target().await;
    let session = target.opened().await;
    for length in ["1001", "2147483648", "9223372036854775807"] {
        // Nothing of it is sent: who waited for it would wait until the body's time is over.
        let call = target.call(&session).with("content-length", length).body("");
        target.turns_away(&call, 413).await;
    }
    let call = target.call(&session).with("content-length", "18446744073709551616").body("");
    target.turns_away(&call, 400).await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit() {
    let target = target().await;
    let session = target.opened().await;
    target.turns_away(&target.call(&session).body(&padded(MOST + 1)), 413).await;
    assert_eq!(target.send(&target.call(&session).body(&padded(MOST))).await.status, 200);
    assert!(target.holds_a_token().await);
}

#[tokio::test]
async fn a_body_in_pieces_has_the_same_limit() {
    let target = target().await;
    let session = target.opened().await;
    let call = |length: usize, pieces: usize| {
        let body = padded(length);
        let pieces: Vec<&str> =
            body.as_bytes().chunks(pieces).map(|it| str::from_utf8(it).unwrap()).collect();
        let mut text = String::new();
        for piece in pieces {
            text += &format!("{:x}\r\n{piece}\r\n", piece.len());
        }
        target.call(&session).with("transfer-encoding", "chunked").body(&format!("{text}0\r\n\r\n"))
    };
    target.turns_away(&call(MOST + 1, 100), 413).await;
    target.turns_away(&call(MOST + 1, 5_000), 413).await;
    // Sizes that are none.
    for size in ["fffffffffffffffff", "-1", "0x10", "zz"] {
        let piece = format!("{size}\r\n{{\"token\":\"of-the-attacker\"}}\r\n0\r\n\r\n");
        let lying = target.call(&session).with("transfer-encoding", "chunked").body(&piece);
        let answer = target.send(&lying).await;
        assert!([400, 413].contains(&answer.status), "{size} {answer:?}");
        assert!(!target.holds_a_token().await, "{size}");
    }
    // A piece that says it has as many bytes as there are numbers for, and never comes.
    let piece = "ffffffffffffffff\r\n{\"token\":\"of-the-attacker\"}\r\n0\r\n\r\n";
    let endless = target.call(&session).with("transfer-encoding", "chunked").body(piece);
    let mut stream = target.connect().await;
    stream.write_all(&endless.bytes()).await.unwrap();
    target.settle().await;
    later(Limits::default().body).await;
    assert_eq!(Answer::from(&mut stream).await.status, 408);
    assert!(!target.holds_a_token().await);
    assert_eq!(target.send(&call(MOST, 100)).await.status, 200);
    assert!(target.holds_a_token().await);
}

#[tokio::test]
async fn bodies_that_are_no_call_end_in_words_that_quote_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    let deep = "[".repeat(100_000);
    let deep_object = r#"{"token":"#.repeat(10_000);
    for body in [
        "{\"token\":\"CANARY",
        r#"{"token":["CANARY"]}"#,
        r#""CANARY""#,
        "null",
        "[]",
        "\u{feff}{}",
        "token=CANARY",
        deep.as_str(),
        deep_object.as_str(),
    ] {
        let answer = target.turns_away(&target.call(&session).body(body), 400).await;
        assert!(answer.body.contains("malformed-call") && !answer.body.contains("CANARY"), "{answer:?}");
    }
    target.turns_away(&target.call(&session).body(""), 400).await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn what_a_form_lacks_is_said_by_the_desk() {
    let target = Target::new().await;
    let session = target.opened().await;
    let form = r#"{"intent":"00000000-0000","form":{"sign_type":"","root_common_name":"","root_serial_number":"","validity_days":"","intermediate":false,"csr_id":"","organization":""}}"#;
    let answer = target.turns_away(&target.call(&session).target("/api/sign").body(form), 422).await;
    assert!(answer.body.contains("csr-id-missing"), "{answer:?}");
}

#[tokio::test]
async fn a_head_has_an_end() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    let large = call.clone().with("x-padding", "x".repeat(70_000));
    let long = call.clone().target(&format!("/api/provide_token?{}", "x".repeat(70_000)));
    let many = (0..70).fold(call.clone(), |call, index| call.and(&format!("x-{index}"), "x"));
    for request in [large, long, many] {
        let answer = target.send(&request).await;
        assert!([0, 400, 414, 431].contains(&answer.status), "{answer:?}");
        assert!(!target.holds_a_token().await);
    }
    // The cookies of a dozen other programs on this computer are no attack.
    let crowded = call.with("cookie", format!("{}; {}", "other=x; ".repeat(1_000), session.cookie));
    assert_eq!(target.send(&crowded).await.status, 200);
}
