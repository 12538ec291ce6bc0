//! Cross-site request forgery: other sites that make the owner's browser send something, cookie and all.

use crate::target::{Request, Target};

/// Each as a browser would send it, even with the key that such a page cannot have: every guard holds by itself.
#[tokio::test]
async fn no_other_page_makes_a_call() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    let other_port = format!("http://127.0.0.1:{}", target.port ^ 1);
    let localhost = format!("http://localhost:{}", target.port);
    let over_tls = format!("https://{}", target.host());
    for (what, request) in [
        ("another site", call.clone().with("origin", "http://attacker.example")),
        ("another port", call.clone().with("origin", &other_port)),
        ("another name", call.clone().with("origin", &localhost)),
        ("another scheme", call.clone().with("origin", &over_tls)),
        ("a sandboxed frame or a file", call.clone().with("origin", "null")),
        ("no origin", call.clone().without("origin")),
        ("an empty origin", call.clone().with("origin", "")),
        ("two origins", call.clone().and("origin", "http://attacker.example")),
        ("ours with more", call.clone().with("origin", format!("http://{}.evil", target.host()))),
        ("a path", call.clone().with("origin", format!("http://{}/", target.host()))),
        ("upper case", call.clone().with("origin", format!("HTTP://{}", target.host()))),
        ("cross-site", call.clone().with("sec-fetch-site", "cross-site")),
        ("another port, by fetch metadata", call.clone().with("sec-fetch-site", "same-site")),
        ("typed into the address", call.clone().with("sec-fetch-site", "none")),
        ("an unknown word", call.clone().with("sec-fetch-site", "SAME-ORIGIN")),
        ("two words", call.clone().and("sec-fetch-site", "cross-site")),
        ("text", call.clone().with("content-type", "text/plain")),
        ("text that says JSON", call.clone().with("content-type", "text/plain; application/json")),
        ("nearly JSON", call.clone().with("content-type", "application/jsonx")),
        ("a form", call.clone().with("content-type", "application/x-www-form-urlencoded")),
        ("a form with files", call.clone().with("content-type", "multipart/form-data; boundary=x")),
        ("no type", call.clone().without("content-type")),
        ("two types", call.clone().and("content-type", "text/plain")),
    ] {
        let answer = target.turns_away(&request, 403).await;
        assert!(!answer.head.contains("access-control-"), "{what}: {answer:?}");
    }
    target.lets_in(&session).await;
}

/// `<form enctype="text/plain">`, `fetch(…, { mode: "no-cors" })` and `navigator.sendBeacon` of another port: same-site, so
/// that the strict cookie goes along.
#[tokio::test]
async fn what_a_page_on_another_port_can_really_send_does_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    let neighbour = format!("http://127.0.0.1:{}", target.port ^ 1);
    for (content_type, mode, dest) in [
        ("text/plain", "navigate", "document"),
        ("application/x-www-form-urlencoded", "navigate", "iframe"),
        ("text/plain;charset=UTF-8", "no-cors", "empty"),
        ("application/json", "cors", "empty"),
    ] {
        let request = Request::new("POST", "/api/provide_token")
            .with("host", target.host())
            .with("origin", &neighbour)
            .with("sec-fetch-site", "same-site")
            .with("sec-fetch-mode", mode)
            .with("sec-fetch-dest", dest)
            .with("content-type", content_type)
            .with("cookie", &session.cookie)
            .body(r#"{"token":"of-the-attacker"}"#);
        target.turns_away(&request, 403).await;
    }
    assert_eq!(target.told(), [""; 0], "none of these is somebody at the door");
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_question_whether_another_site_may_call_gets_no_word_of_permission() {
    let target = Target::new().await;
    let session = target.opened().await;
    for path in ["/api/provide_token", "/", &target.launch] {
        let preflight = Request::new("OPTIONS", path)
            .with("host", target.host())
            .with("origin", "http://attacker.example")
            .with("access-control-request-method", "POST")
            .with("access-control-request-headers", "content-type,x-csrdesk")
            .with("access-control-request-private-network", "true");
        for request in [preflight.clone(), preflight.with("cookie", &session.cookie)] {
            let answer = target.turns_away(&request, 405).await;
            assert!(!answer.head.contains("access-control-"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn nothing_of_ours_becomes_a_part_of_another_page() {
    let target = Target::new().await;
    let session = target.opened().await;
    for (site, mode, dest) in [
        ("same-site", "no-cors", "script"),
        ("same-site", "no-cors", "image"),
        ("same-site", "cors", "empty"),
        ("same-site", "navigate", "iframe"),
        ("cross-site", "navigate", "embed"),
        ("cross-site", "websocket", "empty"),
    ] {
        let part = target
            .visit("/")
            .with("cookie", &session.cookie)
            .with("sec-fetch-site", site)
            .with("sec-fetch-mode", mode)
            .with("sec-fetch-dest", dest);
        target.turns_away(&part, 403).await;
    }
    // A person who follows a link is no part of anything.
    let link = target
        .visit("/")
        .with("cookie", &session.cookie)
        .with("sec-fetch-site", "cross-site")
        .with("sec-fetch-mode", "navigate")
        .with("sec-fetch-dest", "document");
    assert_ne!(target.send(&link).await.status, 403);
}

#[tokio::test]
async fn a_method_cannot_be_put_on_over_another() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    for method in ["GET", "HEAD"] {
        for header in ["x-http-method-override", "x-method-override", "x-http-method"] {
            target.turns_away(&call.clone().method(method).with(header, "POST"), 405).await;
        }
        let query = call.clone().method(method).target("/api/provide_token?_method=POST");
        target.turns_away(&query, 405).await;
    }
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "post", "FOO"] {
        let answer = target.send(&call.clone().method(method)).await;
        assert!([400, 405].contains(&answer.status), "{method} {answer:?}");
        assert!(!answer.body.contains(&session.key), "TRACE echoes nothing: {answer:?}");
        assert!(!target.holds_a_token().await, "{method}");
    }
    target.lets_in(&session).await;
}

#[tokio::test]
async fn no_connection_becomes_another_protocol() {
    let target = Target::new().await;
    let session = target.opened().await;
    for upgrade in ["websocket", "h2c", "TLS/1.3"] {
        for path in ["/", "/api/status", "/api/provide_token"] {
            let request = target
                .visit(path)
                .with("cookie", &session.cookie)
                .with("x-csrdesk", &session.key)
                .with("origin", "http://attacker.example")
                .with("connection", "Upgrade, HTTP2-Settings")
                .with("upgrade", upgrade)
                .with("http2-settings", "AAMAAABkAAQAAP__")
                .with("sec-websocket-version", "13")
                .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            let answer = target.send(&request).await;
            assert_ne!(answer.status, 101, "{answer:?}");
            assert_eq!(answer.header("upgrade"), None);
        }
    }
    assert!(!target.holds_a_token().await);
}
