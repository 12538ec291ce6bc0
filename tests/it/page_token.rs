//! What a server says about a token stands beside it, and a banner above the page is noticed.

use e2e::page::Page;
use e2e::program;
use e2e::wait;
use e2e::world::World;
use serde_json::Value;

use crate::browser::{Served, fill_form};
use crate::page_connections::{add, passed, row};

/// Waits until a part of the page says this.
async fn says(page: &Page<'_>, part: &str, words: &str) {
    wait::until(words, async || page.text(part).await.contains(words).then_some(())).await;
}

#[tokio::test]
async fn a_rejected_token_is_called_so_wherever_it_is_shown_until_another_one_is_accepted() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    add(&page, &world, "Live", "test", "").await;
    says(&page, "connection-chip", "token held").await;
    page.fill("token", "NOT-THE-TOKEN").await;
    page.press("button-save-connection").await;
    page.shown("[data-stage='token'][data-state='failed']").await;
    says(&page, "connection-chip", "token rejected").await;
    says(&page, "token-rejected", "The server rejected this token").await;
    // The result of the test that found it stays.
    page.shown("[data-stage='token'][data-state='failed']").await;
    page.press("connection-chip").await;
    says(&page, "switch-to-rejected", "token rejected 20").await;
    page.press("connection-chip").await;
    // It is said where the token is used, and forbids nothing.
    page.go("#/sign", "screen-sign").await;
    says(&page, "rejected-here", "The server rejected this token at 20").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    says(&page, "rejected-here", "Another token is needed").await;
    assert!(page.part("button-sign").await.is_enabled().await.unwrap());
    page.go("#/connection", "settings").await;
    says(&page, "token-rejected", "Rejected by the server").await;

    page.click(&format!("{} [data-testid='button-edit']", row("Live"))).await;
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    passed(&page, "token").await;
    says(&page, "connection-chip", "token held").await;
    page.gone("[data-testid='token-rejected']").await;
}

#[tokio::test]
async fn a_token_from_the_environment_is_not_given_to_the_connection_used_last() {
    let world = World::new().await;
    let folder = world.data_dir().display().to_string();
    let (server, ca_file) = (world.standin.url(), world.standin.ca_file().display().to_string());
    let add = [
        "connections",
        "add",
        "--name",
        "Live",
        "--server",
        server,
        "--ca-file",
        &ca_file,
        "--data-dir",
        &folder,
    ];
    assert!(program::csrdesk(None, add).await.status.success());
    for (named, words) in [(&[][..], "no token"), (&["--connection", "Live"], "token held")] {
        let mut arguments: Vec<_> = ["serve", "--data-dir", &folder].map(str::to_owned).into();
        arguments.extend(named.iter().map(|it| (*it).to_owned()));
        let served = Served::start(&world, Some(world.standin.token()), &arguments, false).await;
        says(&served.page(), "connection-chip", words).await;
    }
}

#[tokio::test]
async fn a_banner_that_comes_up_out_of_sight_is_called_out_until_it_was_seen() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.client.set_window_size(1280, 600).await.unwrap();
    page.go("#/connection", "connection-form").await;
    add(&page, &world, "Live", "test", "").await;
    // The same stand-in under another name is another server: its token is not taken along.
    page.fill("server", &world.standin.url().replace("127.0.0.1", "localhost")).await;
    let bottom = "window.scrollTo(0, document.body.scrollHeight); return window.scrollY > 300";
    assert_eq!(page.script(bottom).await, Value::Bool(true));
    page.script("document.getElementById('token-expires').focus({ preventScroll: true })").await;
    let hand_in = "document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))";
    page.script(hand_in).await;
    says(&page, "banner-call", "token was forgotten").await;
    page.press("banner-call").await;
    page.gone("[data-testid='banner-call']").await;
    let top =
        "return document.querySelector(\"[data-testid='token-forgotten']\").getBoundingClientRect().top";
    let top = page.script(top).await.as_f64().unwrap();
    assert!((0.0..600.0).contains(&top), "{top}");
    // Once seen, it is not called out again.
    page.script("window.scrollTo(0, document.body.scrollHeight)").await;
    let drawn = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
        document.querySelector(\"[data-testid='banner-call']\") === null))))";
    assert_eq!(page.script(drawn).await, Value::Bool(true));
}

/// The server's own fingerprint in place of its CA's: a slip, and no sign of an attack.
#[tokio::test]
async fn a_mixed_up_fingerprint_is_no_alarm_and_shows_nothing_that_the_server_sent() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.press("button-save-connection").await;
    page.part("trust-ca").await;
    let tested: Value = serde_json::from_str(&page.call("test_connection", "{}").await).unwrap();
    let of = |at: usize| tested["diagnosis"]["chain"][at]["sha256"].as_str().unwrap().to_uppercase();
    page.fill("ca-fingerprint", &of(0)).await;
    page.press("button-trust-ca").await;
    page.part("button-test-again").await;
    let notice = page.shown("[data-testid='trust-ca'] .notice--warning").await.text().await.unwrap();
    assert!(notice.contains("the server's own certificate, not of its CA"), "{notice}");
    let doctor = page.text("doctor").await;
    assert!(!doctor.contains("between you and the server"), "{doctor}");
    let digits: String = doctor.chars().filter(char::is_ascii_alphanumeric).collect();
    assert!(digits.contains(&of(0)), "what was typed stays in sight");
    assert!(!digits.to_uppercase().contains(&of(1)), "{doctor}");
    // It was the one comparison of this test.
    assert!(doctor.contains("each test allows one comparison"), "{doctor}");
}

#[tokio::test]
async fn what_was_typed_for_a_signing_stays_while_its_rejected_token_is_replaced() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    let value = async |id: &str| page.shown(&format!("#{id}")).await.prop("value").await.unwrap().unwrap();
    page.go("#/history/1", "screen-entry").await;
    page.fill("note", "half a note").await;
    page.fill("ticket", "OPS-7").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.fill("again-reason", "the first one was lost").await;
    world.standin.fault_next(standin::Fault::TokenExpired, 1);
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "refused");
    page.press("button-replace-token").await;
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    passed(&page, "token").await;

    page.follow("Sign").await;
    page.part("screen-sign").await;
    assert_eq!((value("csr-id").await, value("validity-days").await), ("301".into(), "100".into()));
    page.press("button-review").await;
    page.part("screen-review").await;
    assert_eq!(value("again-reason").await, "the first one was lost");
    page.go("#/history/1", "screen-entry").await;
    assert_eq!((value("note").await, value("ticket").await), ("half a note".into(), "OPS-7".into()));
    // Another CSR that was typed meanwhile is not replaced.
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    world.standin.fault_next(standin::Fault::TokenExpired, 1);
    page.press("button-sign").await;
    page.part("button-replace-token").await;
    fill_form(&page, &world, 303).await;
    served.driven.client.back().await.unwrap();
    page.press("button-replace-token").await;
    page.part("connection-form").await;
    page.follow("Sign").await;
    page.part("screen-sign").await;
    assert_eq!(value("csr-id").await, "303");
}
