//! A signing in progress wherever it was begun: the page Sign shows it and says how it ended, and its connection stays.

use std::process::Stdio;

use e2e::page::Page;
use e2e::steps::{add, begin_hanging, fill_form, row, sign, switch_to};
use e2e::world::World;
use e2e::{program, wait};
use serde_json::{Value, json};
use standin::Fault;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::browser::Served;

/// Loads the page again at an address.
async fn reload_at(served: &Served, hash: &str) {
    served.page().script(&format!("history.replaceState(null, '', '{hash}')")).await;
    served.driven.client.refresh().await.unwrap();
    served.page().is_ready().await;
}

#[tokio::test]
async fn sign_shows_a_running_signing_after_a_reload_and_says_how_it_ended() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    begin_hanging(&page, &world).await;
    let address = page.address().await;
    reload_at(&served, "#/sign").await;
    let notice = page.text("signing-running").await;
    let csr = format!("CSR {} is being signed", Fault::Hang.csr_id());
    let issuer = &world.standin.roots()[0].common_name;
    assert!(notice.contains(&csr) && notice.contains(issuer) && notice.contains("UTC"), "{notice}");
    page.part("screen-sign").await;
    // Its address shows it as it would have been without the reload.
    page.follow("Show this signing").await;
    page.part("screen-progress").await;
    assert_eq!(page.address().await, address);

    // Its entry has no answer yet, and so neither the code of one nor a duration.
    page.go("#/history/1", "screen-entry").await;
    let seen = page.text("screen-entry").await;
    assert!(seen.contains("in-progress") && !seen.contains("interrupted"), "{seen}");
    assert!(!seen.contains("Took"), "{seen}");

    reload_at(&served, "#/sign").await;
    page.part("signing-running").await;
    assert_eq!(world.standin.sign_posts(), 1, "showing it sends nothing");
    world.standin.stop().await;
    let notice = page.text("signing-over").await;
    assert!(notice.contains("It is unknown whether CSR") && notice.contains("Entry 1"), "{notice}");
    // It stays until it was read, whatever else is opened.
    page.go("#/history", "screen-history").await;
    page.go("#/sign", "signing-over").await;
    assert!(!page.has("[data-testid='signing-running']").await);
    page.press("button-dismiss-signing").await;
    wait::until("it is dismissed", async || (!page.has("[data-testid='signing-over']").await).then_some(()))
        .await;
}

#[tokio::test]
async fn a_signing_of_a_program_that_is_gone_ended_as_the_history_says() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    let data_dir = world.data_dir().display().to_string();
    let with_the_journal = ["--data-dir", &data_dir];
    for (moment, says) in
        [("AfterIntent", "CSR 302 was not sent"), ("BeforeSending", "It is unknown whether CSR")]
    {
        let mut command = program::terminal(Some(world.standin.token()));
        command.args(["sign", "--connection", "Live"]).args(with_the_journal).args(world.fields(302));
        command.env("CSRDESK_HALT_AT", moment).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        while !lines.next_line().await.unwrap().unwrap().contains("halted") {}
        page.go("#/history", "screen-history").await;
        page.go("#/sign", "signing-running").await;
        child.kill().await.unwrap();
        let notice = page.text("signing-over").await;
        assert!(notice.contains(says), "{moment}: {notice}");
        if moment == "AfterIntent" {
            page.press("button-dismiss-signing").await;
        }
    }
    // A person resolves it elsewhere: the notice goes.
    world.resolve(2, &["--not-there"], "looked").await;
    page.go("#/history", "screen-history").await;
    page.go("#/sign", "screen-sign").await;
    wait::until("the notice is gone", async || {
        (!page.has("[data-testid='signing-over']").await).then_some(())
    })
    .await;
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_second_tab_shows_the_signing_of_the_first_and_only_for_its_connection() {
    let (live, lab) = (World::new().await, World::new().await);
    let served = Served::bare(&live, false).await;
    let page = served.page();
    add(&page, &live, "Live", "test", "").await;
    add(&page, &lab, "Lab", "test", "").await;
    page.go("#/connection", "settings").await;
    page.shown(&format!("{}[data-in-use='true']", row("Live"))).await;
    begin_hanging(&page, &live).await;
    let client = &served.driven.client;
    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    client.goto(&format!("{}/#/history", served.address)).await.unwrap();
    page.is_ready().await;
    page.follow("Sign").await;
    page.part("signing-running").await;

    // It is another connection's signing now.
    switch_to(&page, "Lab").await;
    wait::until("it is gone", async || (!page.has("[data-testid='signing-running']").await).then_some(()))
        .await;
    switch_to(&page, "Live").await;
    page.part("signing-running").await;

    // The first tab follows its own signing at its address, and shows it once.
    client.switch_to_window(first).await.unwrap();
    page.part("screen-progress").await;
    live.standin.stop().await;
    assert_eq!(page.outcome().await, "unknown");
    page.go("#/sign", "screen-sign").await;
    assert!(!page.has("[data-testid='signings-elsewhere']").await, "its result was shown");
}

#[tokio::test]
async fn a_connection_that_signs_cannot_be_removed_and_says_why() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    add(&page, &world, "Other user", "test", "").await;
    begin_hanging(&page, &world).await;
    let id = "return document.querySelector(\"[data-name='Live'] h3\").id.replace('connection-', '')";
    for _ in 0..2 {
        page.go("#/connection", "settings").await;
        let live = format!("{} [data-testid='button-remove']", row("Live"));
        let button = page.shown(&live).await;
        wait::until("no removal", async || (!button.is_enabled().await.ok()?).then_some(())).await;
        let words = page.shown(&row("Live")).await.text().await.unwrap();
        assert!(words.contains("A signing with this connection is in progress, or may be."), "{words}");
        let other = page.shown(&format!("{} [data-testid='button-remove']", row("Other user"))).await;
        assert!(other.is_enabled().await.unwrap(), "nothing is signed with that one");
        let id = page.script(id).await;
        let refused =
            page.call("remove_connection", &format!("{{\"id\":\"{}\"}}", id.as_str().unwrap())).await;
        assert!(refused.contains("connection-is-signing"), "{refused}");
        // After a reload the desk alone knows of it.
        served.driven.client.refresh().await.unwrap();
        page.is_ready().await;
    }
    world.standin.stop().await;
    let button = page.shown(&format!("{} [data-testid='button-remove']", row("Live"))).await;
    wait::until("the removal", async || button.is_enabled().await.ok()?.then_some(())).await;
}

#[tokio::test]
async fn a_test_result_stays_while_other_pages_are_open_until_a_lock() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/connection", "settings").await;
    page.press("button-test").await;
    page.shown("[data-testid='verdict'][data-ready='true']").await;
    let at = page.text("tested-at").await;
    assert!(at.starts_with("Tested ") && at.ends_with(" UTC"), "{at}");
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "signed");
    page.go("#/connection", "settings").await;
    page.shown("[data-testid='verdict'][data-ready='true']").await;
    assert_eq!(page.text("tested-at").await, at);

    page.press("button-lock").await;
    page.press("button-unlock").await;
    page.fill("token-again", world.standin.token()).await;
    page.press("button-token-again").await;
    wait::until("no result", async || page.text("verdict").await.contains("no test result").then_some(()))
        .await;
}

/// The calls of a command that the page has made since [`note_calls`], each with what it says about who asked.
async fn calls_of(page: &Page<'_>, command: &str) -> Vec<Value> {
    let calls = page.script(&format!("return window.calls.filter(it => it[0] === '/api/{command}')")).await;
    calls.as_array().unwrap().iter().map(|it| it[1].clone()).collect()
}

/// Notes every call that the page makes from now on.
async fn note_calls(page: &Page<'_>) {
    page.script(
        "window.calls = [];
         const real = window.fetch;
         window.fetch = (call, options) => {
             const headers = new Headers(call.headers ?? options?.headers);
             const path = new URL(call.url ?? call, location.href).pathname;
             window.calls.push([path, headers.get('x-csrdesk-automatic')]);
             return real(call, options);
         };",
    )
    .await;
}

#[tokio::test]
async fn what_is_read_again_because_a_signing_ended_is_not_the_work_of_a_person() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    begin_hanging(&page, &world).await;
    page.go("#/history", "screen-history").await;
    page.shown("[data-testid='history-row'] .badge--in_progress").await;
    note_calls(&page).await;
    world.standin.stop().await;
    page.shown("[data-testid='history-row'] .badge--unknown").await;
    let again = calls_of(&page, "history").await;
    assert!(!again.is_empty() && again.iter().all(|it| *it == json!("1")), "{again:?}");
    // A person opens the entry.
    page.go("#/history/1", "screen-entry").await;
    page.part("outcome").await;
    assert_eq!(calls_of(&page, "entry").await, [Value::Null]);
}
