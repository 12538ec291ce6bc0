//! What is typed and not saved yet: it is said, and it is still there after another page.

use e2e::page::Page;
use e2e::steps::{hold_answer, let_go};
use e2e::wait;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;

use crate::browser::{Served, fill_form};
use crate::page_connections::{add, row};

#[tokio::test]
async fn a_note_stays_with_its_entry_until_it_is_saved() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.fill("note", "half a sentence").await;
    page.fill("ticket", "OPS-1").await;
    assert_eq!(page.text("note-unsaved").await, "Not saved yet");

    page.go("#/history", "screen-history").await;
    page.go("#/history/2", "screen-entry").await;
    assert_eq!((page.value("note").await, page.has_part("note-unsaved").await), (String::new(), false));
    page.go("#/sign", "screen-sign").await;
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    assert_eq!(page.value("note").await, "half a sentence");
    assert_eq!(page.value("ticket").await, "OPS-1");
    page.part("note-unsaved").await;
    assert_eq!(world.history().await[1]["note"], "");

    page.press("button-save-note").await;
    page.part("note-saved").await;
    assert!(!page.has_part("note-unsaved").await);
    assert_eq!(world.history().await[1]["note"], "half a sentence");
    page.fill("note", "more").await;
    page.part("note-unsaved").await;
    page.fill("note", "half a sentence").await;
    page.gone("[data-testid='note-unsaved']").await;
}

#[tokio::test]
async fn the_texts_of_a_decision_survive_the_way_to_the_connection_and_back_and_its_tick_does_not() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.click("#looked-in-console").await;
    page.press("verdict-another").await;
    page.fill("decision-serial", "0a:0b").await;
    page.fill("decision-reason", "listed there").await;
    page.click("[data-testid='settle-obstacle'] a").await;
    page.part("connection-form").await;
    served.driven.client.back().await.unwrap();
    page.go("#/history/1", "screen-entry").await;
    page.part("settle").await;
    // What was typed and chosen is there. What the person said to have seen is not: it may be another by now.
    assert!(!page.is_checked("looked-in-console").await);
    assert!(!page.has_part("button-decide").await);
    page.part("console-reset").await;
    page.click("#looked-in-console").await;
    assert!(page.is_checked("verdict-another").await);
    assert_eq!(page.value("decision-serial").await, "0a:0b");
    assert_eq!(page.value("decision-reason").await, "listed there");

    page.press("button-decide").await;
    page.part("decision").await;
    // What is recorded is no draft any more.
    page.click("[data-testid='screen-entry'] details:has([data-testid='settle']) summary").await;
    assert!(!page.is_checked("looked-in-console").await);
    page.click("#looked-in-console").await;
    assert_eq!(page.value("decision-reason").await, "");
    // One that is half typed is there when the entry is opened again, below the box that says how the person knows.
    page.fill("decision-reason", "on second thoughts").await;
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    page.part("settle").await;
    assert!(!page.is_checked("looked-in-console").await);
    page.click("#looked-in-console").await;
    assert_eq!(page.value("decision-reason").await, "on second thoughts");
}

#[tokio::test]
async fn a_connection_form_says_what_is_not_saved_and_comes_back_as_it_was_left() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    assert!(!page.has_part("form-unsaved").await);
    page.fill("server", "https://pam.example.test").await;
    page.fill("name", "Half").await;
    page.part("form-unsaved").await;
    let remark = page.shown("#server-remarks p").await.text().await.unwrap();
    assert!(remark.contains("names no port, so port 443 is used"), "{remark}");
    page.fill("server", "https://pam.example.test:8282").await;
    page.shown("#name").await.click().await.unwrap();
    page.gone("#server-remarks p").await;
    page.go("#/history", "screen-history").await;
    page.go("#/connection", "connection-form").await;
    assert_eq!(page.value("name").await, "Half");

    add(&page, &world, "Live", "test", "").await;
    page.gone("[data-testid='form-unsaved']").await;
    page.fill("name", "Renamed").await;
    page.part("form-unsaved").await;
    let edit = format!("{} [data-testid='button-edit']", row("Live"));
    for _ in 0..2 {
        page.go("#/history", "screen-history").await;
        page.go("#/connection", "settings").await;
        // The form of a new connection holds nothing of it.
        page.press("button-add").await;
        page.shown("#server").await;
        assert_ne!(page.value("name").await, "Renamed");
        page.go("#/connection", "settings").await;
        page.click(&edit).await;
        page.part("connection-form").await;
        wait::until("what was typed", async || (page.value("name").await == "Renamed").then_some(())).await;
        page.part("form-unsaved").await;
    }
    // The page keeps no secret, so it says that one is not saved yet.
    page.press("button-discard").await;
    page.gone("[data-testid='form-unsaved']").await;
    page.fill("token", "half-a-token").await;
    page.part("form-unsaved").await;
    page.fill("name", "Renamed").await;
    page.press("button-discard").await;
    assert_eq!(page.value("token").await, "");
    wait::until("what is saved", async || (page.value("name").await == "Live").then_some(())).await;
    page.gone("[data-testid='form-unsaved']").await;
}

#[tokio::test]
async fn a_reason_to_sign_again_a_filter_and_half_a_fingerprint_stay() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.fill("again-reason", "the first one was lost").await;
    page.go("#/connection", "screen-connection").await;
    page.follow("Sign").await;
    page.press("button-review").await;
    page.part("screen-review").await;
    assert_eq!(page.value("again-reason").await, "the first one was lost");
    // It was given for this signing, and for no other.
    page.follow("Sign").await;
    page.fill("validity-days", "7").await;
    page.press("button-review").await;
    page.part("screen-review").await;
    assert_eq!(page.value("again-reason").await, "");

    page.follow("History").await;
    page.fill("filter-text", "nothing has this").await;
    page.shown(".empty").await;
    page.follow("Sign").await;
    page.part("screen-sign").await;
    page.follow("History").await;
    assert_eq!(page.value("filter-text").await, "nothing has this");
    page.shown(".empty").await;

    let untrusted = format!(r#"{{"form":{{"name":"Unknown CA","server":"{}"}}}}"#, world.standin.url());
    page.call("save_connection", &untrusted).await;
    page.go("#/connection", "settings").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.click(&format!("{} [data-testid='button-edit']", row("Unknown CA"))).await;
    page.press("button-test").await;
    page.fill("ca-fingerprint", "AB:CD").await;
    page.go("#/history", "screen-history").await;
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-edit']", row("Unknown CA"))).await;
    assert_eq!(page.value("ca-fingerprint").await, "AB:CD");
}

/// The id of a connection.
async fn id_of(page: &Page<'_>, name: &str) -> String {
    stored(page, name).await["id"].as_str().unwrap().to_owned()
}

/// A connection as it is stored.
async fn stored(page: &Page<'_>, name: &str) -> Value {
    let all: Value = serde_json::from_str(&page.call("connections", "{}").await).unwrap();
    let all = all["connections"].as_array().unwrap();
    all.iter()
        .find(|it| it["connection"]["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {all:?}"))
        .clone()
}

/// Stores a connection as another program does: without a CA file.
async fn store_elsewhere(page: &Page<'_>, world: &World, id: &str, timeout: &str) {
    let form = serde_json::json!({
        "name": "Live", "server": world.standin.url(), "environment": "test", "timeout_seconds": timeout,
    });
    let answer =
        page.call("save_connection", &serde_json::json!({ "id": id, "form": form }).to_string()).await;
    assert!(answer.contains(timeout), "{answer}");
}

#[tokio::test]
async fn what_was_typed_does_not_bring_back_a_connection_that_was_corrected_elsewhere() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    let id = id_of(&page, "Live").await;
    let form = format!("#/connection/{id}");
    page.fill("org", "Typed").await;
    page.part("form-unsaved").await;
    page.go("#/connection", "settings").await;
    page.press("button-add").await;
    page.part("connection-form").await;
    wait::until("an empty form", async || page.value("org").await.is_empty().then_some(())).await;

    // A form that was closed.
    store_elsewhere(&page, &world, &id, "17").await;
    page.look_again().await;
    page.go(&form, "form-changed").await;
    assert_eq!(page.value("timeout").await, "17");
    assert_eq!(page.value("org").await, "Typed");
    assert!(page.is_checked("trust-system").await);
    // One that is in sight.
    store_elsewhere(&page, &world, &id, "18").await;
    page.look_again().await;
    wait::until("the new value", async || (page.value("timeout").await == "18").then_some(())).await;
    assert_eq!(page.value("org").await, "Typed");
    page.part("form-changed").await;
    page.press("button-save-connection").await;
    page.gone("[data-testid='form-changed']").await;
    let it = stored(&page, "Live").await;
    assert_eq!(
        (&it["connection"]["organization"], &it["connection"]["timeout_seconds"]),
        (&"Typed".into(), &18.into())
    );
    page.gone("[data-testid='form-unsaved']").await;
    // One in which nothing is typed follows without a word.
    store_elsewhere(&page, &world, &id, "19").await;
    page.look_again().await;
    wait::until("the new value", async || (page.value("timeout").await == "19").then_some(())).await;
    assert!(!page.has_part("form-changed").await && !page.has_part("form-unsaved").await);
}

#[tokio::test]
async fn what_is_typed_while_a_connection_is_saved_stays_and_goes_nowhere_else() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "One", "test", "").await;
    add(&page, &world, "Two", "test", "").await;
    let (one, two) = (id_of(&page, "One").await, id_of(&page, "Two").await);
    let idle = async || {
        let button = page.part("button-save-connection").await;
        wait::until("the test", async || (button.text().await.ok()? == "Save and test").then_some(())).await;
    };
    // In the same form.
    idle().await;
    page.fill("org", "Sent").await;
    hold_answer(&page, "save_connection").await;
    page.press("button-save-connection").await;
    page.fill("org", "Sent and more").await;
    page.fill("timeout", "21").await;
    let_go(&page).await;
    wait::until("the saving", async || {
        (stored(&page, "Two").await["connection"]["organization"] == "Sent").then_some(())
    })
    .await;
    idle().await;
    assert_eq!(page.value("org").await, "Sent and more");
    assert_eq!(page.value("timeout").await, "21");
    page.part("form-unsaved").await;
    page.press("button-discard").await;
    wait::until("what is saved", async || (page.value("org").await == "Sent").then_some(())).await;

    // In another one.
    let rejected = "token-of-one";
    page.go("#/connection", "settings").await;
    page.go(&format!("#/connection/{one}"), "connection-form").await;
    page.fill("org", "Of one").await;
    page.fill("token", rejected).await;
    hold_answer(&page, "save_connection").await;
    page.press("button-save-connection").await;
    page.go("#/connection", "settings").await;
    page.go(&format!("#/connection/{two}"), "connection-form").await;
    page.fill("org", "Of two").await;
    page.fill("token", "half of the token of two").await;
    let_go(&page).await;
    wait::until("the saving", async || {
        (stored(&page, "One").await["connection"]["organization"] == "Of one").then_some(())
    })
    .await;
    idle().await;
    assert!(page.address().await.ends_with(&two));
    assert_eq!(page.value("org").await, "Of two");
    assert_eq!(page.value("token").await, "half of the token of two");
    page.part("form-unsaved").await;
    // The token that was handed in with the first form went to its connection: the server has rejected it.
    wait::until("the test", async || {
        (!stored(&page, "One").await["token"]["rejected"].is_null()).then_some(())
    })
    .await;
    assert!(stored(&page, "Two").await["token"]["rejected"].is_null());
    page.go("#/connection", "settings").await;
    page.go(&format!("#/connection/{one}"), "connection-form").await;
    assert_eq!(page.value("org").await, "Of one");
    assert!(!page.has_part("form-unsaved").await);
}

#[tokio::test]
async fn what_is_typed_while_a_new_connection_is_saved_stays_in_its_form() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection/new", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.fill("name", "New").await;
    hold_answer(&page, "save_connection").await;
    page.press("button-save-connection").await;
    page.fill("org", "Typed meanwhile").await;
    let_go(&page).await;
    wait::until("its own address", async || (!page.address().await.ends_with("/new")).then_some(())).await;
    page.part("form-unsaved").await;
    assert_eq!(page.value("org").await, "Typed meanwhile");
    assert_eq!(page.value("name").await, "New");
    page.go("#/connection", "settings").await;
    page.press("button-add").await;
    page.part("connection-form").await;
    wait::until("an empty form", async || page.value("name").await.is_empty().then_some(())).await;
    assert_eq!(page.value("org").await, "");
}
