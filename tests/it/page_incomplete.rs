//! A history that was put back blocks signing on the page until a person acknowledges it there.

use e2e::page::Page;
use e2e::steps::fill_form;
use e2e::wait;
use e2e::world::World;
use fantoccini::key::Key;

use crate::browser::Served;

async fn words(page: &Page<'_>) -> String {
    page.text("findings").await
}

#[tokio::test]
async fn the_page_blocks_signing_until_somebody_acknowledges_it() {
    let world = World::new().await;
    world.put_back_history().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 302).await;
    assert!(words(&page).await.contains("Signing is blocked"), "{}", words(&page).await);
    assert!(!page.part("button-review").await.is_enabled().await.unwrap());

    // The way there ends at what was found, not below it.
    page.follow("Read it on the page History").await;
    page.part("screen-history").await;
    page.has_focus("findings-found").await;
    wait::until("the findings", async || words(&page).await.contains("Events after event ").then_some(()))
        .await;
    page.press("button-acknowledge").await;
    page.shown("[data-testid='findings'] [role='alert'], [data-testid='findings'] .notice .notice").await;
    page.fill("findings-reason", "restored from Monday, INC-7").await;
    page.shown("#findings-reason").await.send_keys(&Key::Enter.to_string()).await.unwrap();
    wait::until("nothing blocks signing", async || {
        (!page.has("[data-testid='findings']").await).then_some(())
    })
    .await;
    // What is missing stays missing: the list and the review say so.
    let missing = page.text("may-be-missing").await;
    assert!(missing.contains("Earlier signings may be missing"), "{missing}");
    assert!(missing.contains("restored from Monday, INC-7"), "{missing}");
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    assert!(page.text("may-be-missing").await.contains("Earlier signings may be missing"));
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    assert_eq!(world.standin.sign_posts(), 3);
}

#[tokio::test]
async fn a_verdict_about_the_history_goes_when_another_history_is_there() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let file = world.data_dir().join("journal.sqlite3");
    let old = std::fs::read(&file).unwrap();
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "history-row").await;
    page.press("button-verify").await;
    let verdict = page.text("verification").await;
    assert!(verdict.contains("The record holds (checked 20"), "{verdict}");
    // As somebody restores a backup under the program.
    world.restore_history(&old);
    page.press_button("Refresh").await;
    page.part("findings").await;
    wait::until("no verdict", async || (!page.has("[data-testid='verification']").await).then_some(())).await;
    wait::until("the list of what is there now", async || {
        let rows = "return document.querySelectorAll(\"[data-testid='history-row']\").length";
        (page.script(rows).await == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_search_says_that_an_older_history_was_put_back() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let old = std::fs::read(world.data_dir().join("journal.sqlite3")).unwrap();
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // Nothing but the search asks: the page's own questions, from time to time, never come.
    served
        .driven
        .run_first(
            "const real = window.setInterval;
             window.setInterval = (run, every, ...more) => every < 10000 ? real(run, every, ...more) : 0;",
        )
        .await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.go("#/history", "history-row").await;
    assert!(!page.has("[data-testid='findings']").await);
    world.restore_history(&old);
    page.fill("filter-text", "30").await;
    assert!(words(&page).await.contains("Signing is blocked"));
}

#[tokio::test]
async fn a_history_that_was_begun_anew_does_not_say_that_nothing_was_signed() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    for log in ["journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _ = std::fs::remove_file(world.data_dir().join(log));
    }
    std::fs::write(world.data_dir().join("journal.sqlite3"), vec![7; 8192]).unwrap();
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    page.part("findings").await;
    wait::until("what is there", async || {
        let main = page.shown("#main").await.text().await.ok()?;
        (main.contains("No signing is in this history") && !main.contains("Nothing has been signed yet"))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_signing_that_the_history_lacks_may_have_been_sent() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let file = world.data_dir().join("journal.sqlite3");
    let old = std::fs::read(&file).unwrap();
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    let address = page.address().await;
    assert!(address.starts_with("#/sign/signing/"), "{address}");
    // What a signing leaves of the form is nothing that waits to be sent.
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.go("#/sign", "screen-sign").await;
    assert_eq!(page.field("Issuer common name").await, world.standin.roots()[0].common_name);
    assert!(!page.has("[data-testid='form-note']").await);

    world.restore_history(&old);
    page.script(&format!("window.location.hash = '{address}'")).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    let note = page.text("form-note").await;
    assert!(note.contains("This signing is not in the history"), "{note}");
    assert!(note.contains("may have been sent") && !note.contains("Nothing was sent"), "{note}");
}
