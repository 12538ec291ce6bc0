//! DNS rebinding: a site whose name was pointed at this computer, and other ways to reach us under a false name.

use crate::target::Target;

#[tokio::test]
async fn a_foreign_name_reaches_nothing_even_with_both_secrets() {
    let target = Target::new().await;
    let session = target.opened().await;
    let port = target.port;
    for host in [
        "attacker.example".to_owned(),
        format!("attacker.example:{port}"),
        format!("127.0.0.1.attacker.example:{port}"),
        format!("localhost.evil:{port}"),
        format!("localhost.:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("0.0.0.0:{port}"),
        format!("127.1:{port}"),
        format!("2130706433:{port}"),
        format!("user@127.0.0.1:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        String::new(),
    ] {
        // Its origin goes with its name, as a browser would have it.
        let call = target.call(&session).with("host", &host).with("origin", format!("http://{host}"));
        target.turns_away(&call, 421).await;
        target.turns_away(&target.visit("/").with("host", &host), 421).await;
    }
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_launch_link_opens_nothing_under_a_foreign_name() {
    let target = Target::new().await;
    let answer = target.turns_away(&target.visit(&target.launch).with("host", "attacker.example"), 421).await;
    assert_eq!(answer.header("set-cookie"), None);
    target.opened().await;
}

#[tokio::test]
async fn a_name_that_is_missing_or_there_twice_is_none() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    target.turns_away(&call.clone().without("host"), 421).await;
    target.turns_away(&call.clone().and("host", "attacker.example"), 421).await;
    target.turns_away(&call.clone().and("host", target.host()), 421).await;
    target.turns_away(&call.with("host", "attacker.example").and("host", target.host()), 421).await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_target_that_names_a_host_itself_is_for_proxies() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    for place in ["http://attacker.example", "https://127.0.0.1:1", &format!("http://{}", target.host())] {
        target.turns_away(&call.clone().target(&format!("{place}/api/provide_token")), 421).await;
    }
    // With nothing but such a target, too.
    let full = format!("http://{}/api/provide_token", target.host());
    target.turns_away(&call.without("host").target(&full), 421).await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn localhost_is_a_name_of_its_own() {
    let target = Target::new().await;
    let session = target.opened().await;
    let localhost = format!("localhost:{}", target.port);
    // The page of one name does not call the other.
    target.turns_away(&target.call(&session).with("host", &localhost), 403).await;
    target.turns_away(&target.call(&session).with("origin", format!("http://{localhost}")), 403).await;
    let call = target.call(&session).with("host", &localhost).with("origin", format!("http://{localhost}"));
    assert_eq!(target.send(&call).await.status, 200);
}
