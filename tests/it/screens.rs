//! Every screen in both themes: axe-core finds nothing, the page does not scroll sideways when it is narrow.

use e2e::axe;
use e2e::page::Page;
use e2e::world::World;
use standin::Fault;

use crate::browser::{Served, fill_form, sign};

/// Looks at the screen as it stands, and keeps a picture of it below `target/screens`.
async fn look(served: &Served, name: &str, dark: bool) {
    let complaints = axe::complaints(&served.driven.client).await;
    assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    served.picture(&folder.join(format!("{name}-{}.png", if dark { "dark" } else { "light" }))).await;
    let sideways = "return document.documentElement.scrollWidth > document.documentElement.clientWidth + 1";
    assert_eq!(served.page().script(sideways).await, false, "{name} scrolls sideways");
}

async fn every_screen(dark: bool) {
    let world = World::new().await;
    let bare = Served::bare(&world, dark).await;
    let page = bare.page();
    page.go("#/sign", "screen-sign").await;
    look(&bare, "sign-unconnected", dark).await;
    page.go("#/history", "screen-history").await;
    look(&bare, "history-empty", dark).await;
    page.go("#/connection", "screen-connection").await;
    look(&bare, "connection-empty", dark).await;
    page.press("button-save-connection").await;
    page.part("summary-problems").await;
    look(&bare, "connection-problems", dark).await;
    drop(bare);

    let served = Served::connected(&world, dark).await;
    let page = served.page();
    connection(&served, &page, dark).await;
    page.go("#/sign", "screen-sign").await;
    page.press("button-review").await;
    page.part("summary-problems").await;
    look(&served, "sign-problems", dark).await;
    page.click("label[for='sign-type-MSCA']").await;
    page.part("msca-notice").await;
    look(&served, "sign-msca", dark).await;
    page.click("label[for='sign-type-signWithRoot']").await;

    fill_form(&page, &world, 303).await;
    page.click("#intermediate").await;
    look(&served, "sign-intermediate", dark).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    look(&served, "review-intermediate", dark).await;
    page.press("button-back").await;
    page.part("screen-sign").await;
    page.click("#intermediate").await;

    let endings =
        [(301, "signed"), (Fault::Failed200.csr_id(), "refused"), (Fault::SignThen500.csr_id(), "unknown")];
    for (csr_id, outcome) in endings {
        fill_form(&page, &world, csr_id).await;
        if csr_id == 301 {
            page.press("button-review").await;
            page.part("screen-review").await;
            look(&served, "review", dark).await;
            page.press("button-sign").await;
            assert_eq!(page.outcome().await, outcome);
        } else {
            assert_eq!(sign(&page).await, outcome);
        }
        look(&served, &format!("result-{outcome}"), dark).await;
        page.press("button-next").await;
    }
    page.go("#/history", "screen-history").await;
    page.part("history-row").await;
    look(&served, "history", dark).await;
    page.go("#/history/1", "screen-entry").await;
    page.part("outcome").await;
    look(&served, "history-entry", dark).await;

    fill_form(&page, &world, Fault::Hang.csr_id()).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    page.press("button-sign").await;
    page.part("screen-progress").await;
    look(&served, "progress", dark).await;
}

async fn connection(served: &Served, page: &Page<'_>, dark: bool) {
    page.go("#/connection", "screen-connection").await;
    page.press("button-save-connection").await;
    page.shown("[data-testid='test-steps'] [data-stage='token'][data-state='passed']").await;
    look(served, "connection-tested", dark).await;
}

#[tokio::test]
async fn every_screen_in_the_light_theme() {
    every_screen(false).await;
}

#[tokio::test]
async fn every_screen_in_the_dark_theme() {
    every_screen(true).await;
}

#[tokio::test]
async fn at_320_pixels_nothing_is_cut_off() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    // 1280 pixels at 400 % zoom (WCAG 2.2, 1.4.10).
    served.driven.narrow(320, 800).await;
    let page = served.page();
    for (route, screen) in
        [("#/sign", "screen-sign"), ("#/history", "screen-history"), ("#/connection", "screen-connection")]
    {
        page.go(route, screen).await;
        look(&served, &format!("narrow-{screen}"), false).await;
    }
}
