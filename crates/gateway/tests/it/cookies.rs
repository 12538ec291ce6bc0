//! A program on another port of this computer: the browser hands it our cookie, and takes cookies from it.

use crate::target::{Session, Target};

#[tokio::test]
async fn the_cookie_alone_runs_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    let value = session.cookie.split_once('=').unwrap().1;
    for (what, request) in [
        ("no key", call.clone().without("x-csrdesk")),
        ("an empty key", call.clone().with("x-csrdesk", "")),
        ("the mark of older pages", call.clone().with("x-csrdesk", "1")),
        ("the cookie as key", call.clone().with("x-csrdesk", value)),
        ("a part of the key", call.clone().with("x-csrdesk", &session.key[..63])),
        ("more than the key", call.clone().with("x-csrdesk", format!("{}0", session.key))),
        ("a key that ends otherwise", call.clone().with("x-csrdesk", otherwise(&session.key))),
        ("the key in capitals", call.clone().with("x-csrdesk", session.key.to_uppercase())),
        ("two keys", call.clone().and("x-csrdesk", "guess")),
        ("two keys in one", call.clone().with("x-csrdesk", format!("guess, {}", session.key))),
        ("the key in the address", call.clone().without("x-csrdesk").target(&with_key(&session))),
    ] {
        let answer = target.turns_away(&request, 401).await;
        assert!(answer.body.contains("session-ended"), "{what}: {answer:?}");
    }
    target.lets_in(&session).await;
}

fn otherwise(key: &str) -> String {
    let (rest, last) = key.split_at(key.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

fn with_key(session: &Session) -> String {
    format!("/api/provide_token?x-csrdesk={}#key={}", session.key, session.key)
}

#[tokio::test]
async fn the_key_alone_runs_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    let (name, value) = session.cookie.split_once('=').unwrap();
    for (what, request) in [
        ("no cookie", call.clone().without("cookie")),
        ("a guess", call.clone().with("cookie", format!("{name}=guess"))),
        ("an empty one", call.clone().with("cookie", format!("{name}="))),
        ("the key as cookie", call.clone().with("cookie", format!("{name}={}", session.key))),
        ("another port's name", call.clone().with("cookie", format!("csrdesk_1={value}"))),
        ("its name in capitals", call.clone().with("cookie", format!("{}={value}", name.to_uppercase()))),
    ] {
        let answer = target.turns_away(&request, 401).await;
        assert!(answer.body.contains("session-ended"), "{what}: {answer:?}");
    }
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_thief_with_the_cookie_finds_no_key_in_anything_that_is_served() {
    let target = Target::new().await;
    let session = target.opened().await;
    for path in ["/", "/index.html", "/icon.svg", &target.launch, "/launch/", "/#key="] {
        let answer = target.send(&target.visit(path).with("cookie", &session.cookie)).await;
        assert!(!answer.body.contains(&session.key) && !answer.head.contains(&session.key), "{path}");
    }
}

/// Cookies come without their port: a neighbour can add one of our name with a longer path, which then comes first.
#[tokio::test]
async fn a_cookie_that_a_neighbour_adds_does_not_hide_ours() {
    let target = Target::new().await;
    let session = target.opened().await;
    let (name, _) = session.cookie.split_once('=').unwrap();
    let cookies = format!("{name}=of-the-neighbour; other=1; {}", session.cookie);
    let call = target.call(&session).with("cookie", cookies);
    assert_eq!(target.send(&call).await.status, 200);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
    let target = Target::new().await;
    let answer = target.send(&target.visit(&target.launch)).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("csrdesk_{}=", target.port)), "{cookie}");
    assert!(cookie.ends_with("; httponly; samesite=strict; path=/"), "{cookie}");
    assert!(!cookie.contains(&answer.session().key), "two secrets, not one twice");
}
