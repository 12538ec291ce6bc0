//! What a person typed or chose about an entry stays: over a reload, and beside what somebody else stores meanwhile.

use e2e::program;
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::Served;

#[tokio::test]
async fn a_reload_keeps_the_answer_and_the_texts_and_says_that_the_tick_is_gone() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.part("settle").await;
    assert!(!page.has("[data-testid='console-reset']").await);
    page.click("#looked-in-console").await;
    page.press("verdict-another").await;
    page.fill("decision-serial", "0a:0b").await;
    page.fill("decision-reason", "listed there").await;
    page.fill("note", "half a note").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    let words = page.text("console-reset").await;
    assert!(words.contains("Your answer is kept"), "{words}");
    assert!(!page.is_checked("looked-in-console").await);
    page.click("#looked-in-console").await;
    assert!(page.is_checked("verdict-another").await);
    assert!(!page.has("[data-testid='console-reset']").await);
    let texts = [page.value("decision-serial").await, page.value("decision-reason").await];
    assert_eq!(
        (texts, page.value("note").await),
        (["0a:0b".into(), "listed there".into()], "half a note".into())
    );

    // What is recorded is no draft any more, here and in the storage of the tab.
    page.press("button-save-note").await;
    page.part("note-saved").await;
    page.press("button-decide").await;
    page.part("decision").await;
    wait::until("nothing is left", async || {
        (page.script("return sessionStorage.getItem('csrdesk-drafts')").await.is_null()).then_some(())
    })
    .await;
    assert_eq!(world.history().await[0]["note"], "half a note");
}

/// A note and a ticket that somebody else stores.
async fn noted_elsewhere(world: &World, note: &str, ticket: &str) {
    let folder = world.data_dir().display().to_string();
    let arguments = ["note", "1", "--note", note, "--ticket", ticket, "--data-dir", &folder];
    assert_eq!(program::csrdesk(None, arguments).await.status.code(), Some(0));
}

#[tokio::test]
async fn a_note_that_somebody_else_changed_is_shown_beside_the_typed_one_and_not_replaced() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.fill("note", "mine").await;
    noted_elsewhere(&world, "theirs", "OPS-1").await;
    page.press("button-save-note").await;
    let conflict = page.text("note-conflict").await;
    assert!(conflict.contains("Stored now: theirs") && conflict.contains("You typed: mine"), "{conflict}");
    // The ticket was not typed: it follows what is stored.
    wait::until("the stored ticket", async || (page.value("ticket").await == "OPS-1").then_some(())).await;
    assert_eq!(world.history().await[0]["note"], "theirs");
    // An alert that is built again is read aloud again.
    page.script("document.querySelector(\"[data-testid='note-conflict']\").dataset.same = 'yes'").await;
    page.fill("note", "mine too").await;
    wait::until("the typed text", async || {
        page.text("note-conflict").await.contains("mine too").then_some(())
    })
    .await;
    let same = "return document.querySelector(\"[data-testid='note-conflict']\").dataset.same === 'yes'";
    assert!(page.script(same).await == true);
    let save = page.part("button-save-note").await;
    assert!(!save.is_enabled().await.unwrap());
    page.press("button-use-stored").await;
    assert_eq!(page.value("note").await, "theirs");
    assert!(!page.has("[data-testid='note-conflict']").await);

    page.fill("note", "mine after all").await;
    noted_elsewhere(&world, "theirs again", "OPS-1").await;
    page.press("button-save-note").await;
    page.part("note-conflict").await;
    page.press("button-keep-typed").await;
    page.press("button-save-note").await;
    page.part("note-saved").await;
    let entry = &world.history().await[0];
    assert_eq!((&entry["note"], &entry["ticket"]), (&"mine after all".into(), &"OPS-1".into()));
}
