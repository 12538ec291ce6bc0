//! A signing whose outcome was unknown, resolved elsewhere: nothing on the page goes on to call it unknown.

use e2e::page::Page;
use e2e::steps::{fill_form, hold_answer, let_go, sign};
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::Served;

/// Waits until the notice of an ended signing says these words.
async fn notice_says(page: &Page<'_>, words: &str) -> String {
    wait::until(words, async || {
        let notice = page.text("signing-ended").await;
        notice.contains(words).then_some(notice)
    })
    .await
}

/// An unknown outcome of another CSR in a terminal: the number of unresolved entries stays what it was.
async fn another_is_unknown(world: &World) {
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    assert_eq!(world.sign(304, &[]).await.status.code(), Some(4));
}

#[tokio::test]
async fn the_notice_of_an_unknown_signing_says_how_it_was_resolved() {
    for (decision, words, tone) in [
        (&["--not-there"][..], "A person recorded that no certificate was issued for CSR 302", "info"),
        (&["--it-is", "0a0b"], "Signed (by a person)", "good"),
    ] {
        let world = World::new().await;
        let served = Served::connected(&world, false).await;
        let page = served.page();
        fill_form(&page, &world, 302).await;
        world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
        // The answer comes while another page is open.
        hold_answer(&page, "sign").await;
        page.press("button-review").await;
        page.press("button-sign").await;
        page.part("screen-progress").await;
        page.go("#/history", "screen-history").await;
        let_go(&page).await;
        notice_says(&page, "It is unknown whether CSR 302 was signed").await;
        page.go("#/sign", "screen-sign").await;
        notice_says(&page, "It is unknown whether CSR 302 was signed").await;

        world.resolve(1, decision, "seen").await;
        another_is_unknown(&world).await;
        page.go("#/history", "screen-history").await;
        page.go("#/sign", "screen-sign").await;
        let notice = notice_says(&page, words).await;
        assert!(!notice.contains("unknown"), "{notice}");
        page.shown(&format!(".notice--{tone}[data-testid='signing-ended']")).await;
        page.follow("Entry 1").await;
        page.part("screen-entry").await;
        assert_eq!(world.standin.sign_posts(), 2);
    }
}

#[tokio::test]
async fn a_shown_result_gives_way_when_the_window_is_looked_at_though_another_signing_became_unknown() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 302).await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    assert_eq!(sign(&page).await, "unknown");
    world.resolve(1, &["--not-there"], "seen").await;
    another_is_unknown(&world).await;
    page.look_again().await;
    page.part("screen-entry").await;
    assert_eq!(page.address().await, "#/history/1");
    assert_eq!(page.text("resolution").await, "Not issued (by a person)");
    page.go("#/sign", "screen-sign").await;
    assert!(!page.has("[data-testid='outcome']").await);
}

#[tokio::test]
async fn a_result_without_the_programs_answer_gives_way_to_what_the_history_has() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // The program signs, and neither its answer nor the next questions come through.
    page.script(
        "const real = window.fetch;
         window.cut = false;
         window.fetch = async (...call) => {
             if (window.cut) throw new TypeError('cut');
             const answer = await real(...call);
             if (!String(call[0].url ?? call[0]).endsWith('/sign')) return answer;
             window.cut = true;
             throw new TypeError('cut');
         };",
    )
    .await;
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "unknown");
    let words = page.shown("#main").await.text().await.unwrap();
    assert!(words.contains("This page lost touch with the program"), "{words}");
    page.script("window.cut = false").await;
    page.look_again().await;
    page.shown("[data-testid='outcome'][data-outcome='signed']").await;
    assert_eq!(page.text("entry-link").await, "entry 1");
    assert_eq!(world.standin.sign_posts(), 1, "nothing was sent again");
}

#[tokio::test]
async fn an_open_review_goes_stale_when_the_unknown_signing_that_it_names_is_resolved() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.fill("again-reason", "it is not in the list").await;
    let reason = async |words: &str| {
        wait::until(words, async || {
            page.shown("#sign-reason").await.text().await.ok()?.contains(words).then_some(())
        })
        .await;
    };
    reason("sent once").await;
    world.resolve(1, &["--it-is", "0a0b"], "it came late").await;
    reason("Somebody resolved an earlier signing of this CSR after this review").await;
    assert!(!page.part("button-sign").await.is_enabled().await.unwrap());
    page.press("button-review-again").await;
    wait::until("what it led to", async || page.text("earlier").await.contains("signed on 20").then_some(()))
        .await;
    reason("sent once").await;
    assert_eq!(world.standin.sign_posts(), 1);
}

/// Takes the whole history away, as somebody does who puts another folder in place; the terminal begins a new one.
async fn another_history(world: &World) {
    for name in ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "journal.head"] {
        let _ = std::fs::remove_file(world.data_dir().join(name));
    }
    another_is_unknown(world).await;
}

#[tokio::test]
async fn what_was_typed_for_an_entry_is_not_recorded_for_another_signing_with_its_number() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    for (field, button) in [("decision-reason", "button-decide"), ("note", "button-save-note")] {
        page.go("#/history", "history-row").await;
        page.go("#/history/1", "screen-entry").await;
        if button == "button-decide" {
            page.press("button-look").await;
            page.part("look-result").await;
            page.click("label[for='looked-in-console']").await;
            page.press("verdict-not-there").await;
        }
        // The page does not learn of it before the button is pressed.
        page.script("window.setInterval = () => 0").await;
        page.fill(field, "it is not there").await;
        another_history(&world).await;
        page.press(button).await;
        wait::until("the refusal", async || {
            page.everything().await.contains("Another signing has the number of this entry now").then_some(())
        })
        .await;
        // Nothing of what was found for the former signing stands beside the one that has the number now.
        page.gone("[data-testid='look-result']").await;
        wait::until("the other signing", async || page.everything().await.contains("CSR 304").then_some(()))
            .await;
        let entry = &world.history().await[0];
        assert_eq!((&entry["note"], &entry["decision"]), (&"".into(), &serde_json::Value::Null), "{entry}");
        assert_eq!(entry["csr_id"], "304");
    }
}

#[tokio::test]
async fn a_result_names_no_entry_that_belongs_to_another_signing_now() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "signed");
    assert_eq!(page.text("entry-link").await, "entry 1");
    another_history(&world).await;
    page.look_again().await;
    page.gone("[data-testid='entry-link']").await;
    let words = page.shown("#main").await.text().await.unwrap();
    assert!(words.contains("The outcome of this signing is not in the history"), "{words}");
    assert!(words.contains("There is no entry in the record for this."), "{words}");
    page.shown("[data-testid='outcome'][data-outcome='signed']").await;
}

#[tokio::test]
async fn a_search_that_contradicts_a_decision_says_so() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.sign(302, &[]).await;
    world.resolve(1, &["--not-there"], "it is not in the console").await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    assert!(!page.has("[data-testid='decision-contradicted']").await);
    page.script("document.querySelector(\"details:has([data-testid='settle'])\").open = true").await;
    page.press("button-look").await;
    let words = page.text("decision-contradicted").await;
    assert!(words.contains("The last search contradicts this decision"), "{words}");
    let found = world.find(1).await;
    assert!(found.contains("Entry 1 is resolved: Not issued (by a person), on "), "{found}");
    assert!(found.contains("THIS SEARCH CONTRADICTS THAT DECISION."), "{found}");
}
