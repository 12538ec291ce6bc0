//! Request smuggling: a second request that hides behind a first. Each hidden one carries both secrets, as it would if it
//! were put before the owner's own on a connection that a proxy shares.

use crate::target::Target;

#[tokio::test]
async fn nothing_that_follows_a_request_is_one() {
    let target = Target::new().await;
    let session = target.opened().await;
    let hidden = String::from_utf8(target.call(&session).bytes()).unwrap();
    let status = || target.call(&session).target("/api/status");
    let length = format!("{}", hidden.len() + 5);
    let chunked = format!("0\r\n\r\n{hidden}");
    for (what, request) in [
        ("pipelined after a page", target.visit("/").and("x", "y").body(&hidden).with("content-length", "0")),
        ("pipelined after a call", status().with("content-length", "2").body(&format!("{{}}{hidden}"))),
        (
            "a length and pieces",
            status().with("content-length", &length).and("transfer-encoding", "chunked").body(&chunked),
        ),
        (
            "pieces and a length",
            status().with("transfer-encoding", "chunked").and("content-length", "4").body(&chunked),
        ),
        ("two lengths", status().with("content-length", "2").and("content-length", &length).body(&hidden)),
        ("two lengths in one", status().with("content-length", format!("2, {length}")).body(&hidden)),
        ("a signed length", status().with("content-length", "+2").body(&format!("{{}}{hidden}"))),
        ("a negative length", status().with("content-length", "-1").body(&hidden)),
        ("a hexadecimal length", status().with("content-length", "0x2").body(&format!("{{}}{hidden}"))),
        ("an unknown coding", status().with("transfer-encoding", "xchunked").body(&chunked)),
        ("pieces that are not last", status().with("transfer-encoding", "chunked, identity").body(&chunked)),
        (
            "pieces twice",
            status().with("transfer-encoding", "chunked").and("transfer-encoding", "identity").body(&chunked),
        ),
        ("a vertical tab", status().with("transfer-encoding", "\x0bchunked").body(&chunked)),
        ("a space before the colon", status().with("transfer-encoding ", "chunked").body(&chunked)),
        ("a folded header", status().with("x", "y\r\n transfer-encoding: chunked").body(&chunked)),
        ("an expectation", status().with("expect", "100-continue").body(&format!("{{}}{hidden}"))),
        ("a get with a body", target.visit("/").with("content-length", "3").body(&format!("abc{hidden}"))),
    ] {
        let answer = target.send(&request).await;
        assert!(!target.holds_a_token().await, "{what} {answer:?}");
        assert!(answer.count() <= 1, "{what} {answer:?}");
    }
    target.lets_in(&session).await;
}

/// RFC 9112, section 6.3: two lengths are an error; where there are pieces as well, they count, and the connection ends.
#[tokio::test]
async fn a_body_has_one_length() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    for (one, two) in [("27", "26"), ("26", "27"), ("0", "27"), ("27", "0")] {
        target.turns_away(&call.clone().with("content-length", one).and("content-length", two), 400).await;
    }
    let pieces = call
        .with("content-length", "5")
        .and("transfer-encoding", "chunked")
        .body("2\r\n{}\r\n0\r\n\r\n{\"token\":\"of-the-attacker\"}");
    let answer = target.turns_away(&pieces, 400).await;
    assert_eq!(answer.header("connection"), Some("close"));
    target.lets_in(&session).await;
}

#[tokio::test]
async fn what_is_not_http_1_1_is_not_understood() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = String::from_utf8(target.call(&session).bytes()).unwrap();
    for bytes in [
        "GET /\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        call.replacen("HTTP/1.1", "HTTP/2.0", 1),
        call.replacen("HTTP/1.1", "HTTP/1.11", 1),
        call.replacen("HTTP/1.1", "ICAP/1.0", 1),
        call.replacen("POST ", "POST  ", 1),
        call.replacen("origin: ", "origin\0: ", 1),
        call.replacen("origin: ", "origin: \0", 1),
        call.replacen("x-csrdesk: ", "x-csrdesk\r\n: ", 1),
        "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03".to_owned() + &"x".repeat(600) + "\r\n\r\n",
    ] {
        let answer = target.raw(&bytes).await;
        assert_ne!(answer.status, 200, "{bytes:?} {answer:?}");
        assert!(!target.holds_a_token().await, "{bytes:?}");
    }
    target.lets_in(&session).await;
}
