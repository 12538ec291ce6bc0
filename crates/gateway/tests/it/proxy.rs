//! Behind a reverse proxy: its origin is the only one.

use gateway::{Limits, Place};

use crate::target::{Request, Session, Target};

async fn behind_a_proxy() -> Target {
    let origin = "https://desk.example:8443".parse().unwrap();
    Target::at(Place::new("127.0.0.1".parse().unwrap(), 0, Some(origin)).unwrap(), Limits::default()).await
}

fn visit(target: &Target, path: &str) -> Request {
    target.visit(path).with("host", "desk.example:8443")
}

fn call(target: &Target, session: &Session) -> Request {
    target.call(session).with("host", "desk.example:8443").with("origin", "https://desk.example:8443")
}

#[tokio::test]
async fn the_cookie_travels_over_tls_only_and_belongs_to_the_host_alone() {
    let target = behind_a_proxy().await;
    let answer = target.send(&visit(&target, &target.launch)).await;
    let cookie = answer.header("set-cookie").unwrap();
    // The prefix __Host- makes browsers insist on the rest, and on that no other host or plain page set it.
    assert!(cookie.starts_with("__host-csrdesk="), "{cookie}");
    assert!(cookie.ends_with("; httponly; samesite=strict; path=/; secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), None, "that is the proxy's");
    let session = answer.session();
    assert_eq!(target.send(&call(&target, &session)).await.status, 200);
    assert!(target.holds_a_token().await);
}

#[tokio::test]
async fn who_comes_past_the_proxy_or_under_another_name_reaches_nothing() {
    let target = behind_a_proxy().await;
    let session = target.send(&visit(&target, &target.launch)).await.session();
    let call = call(&target, &session);
    for host in [
        target.host(),
        "desk.example".to_owned(),
        "desk.example:443".to_owned(),
        "DESK.example:8443".to_owned(),
    ] {
        target.turns_away(&call.clone().with("host", &host), 421).await;
        // What a proxy says about names is not asked for, so it cannot be made up either.
        let forged = call
            .clone()
            .with("host", &host)
            .with("x-forwarded-host", "desk.example:8443")
            .with("forwarded", "host=desk.example:8443;proto=https");
        target.turns_away(&forged, 421).await;
    }
    for origin in [
        "http://desk.example:8443",
        "https://desk.example",
        "https://desk.example:8444",
        "https://evil.desk.example:8443",
        "null",
    ] {
        target.turns_away(&call.clone().with("origin", origin), 403).await;
    }
    target.turns_away(&call.clone().without("x-csrdesk"), 401).await;
    target.turns_away(&call.clone().with("cookie", session.cookie.replace("__Host-", "")), 401).await;
}
