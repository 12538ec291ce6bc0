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
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    assert_eq!(world.standin.sign_posts(), 3);
}
