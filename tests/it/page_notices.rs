//! What the page says by itself: toasts in the tone of what they say, and a signing that began elsewhere beside a review.

use std::process::Stdio;

use e2e::page::Page;
use e2e::steps::{add, fill_form, hold_answer, let_go};
use e2e::wait;
use e2e::world::World;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::browser::Served;

/// Whether the toast that is shown warns, and what it says.
async fn toast(page: &Page<'_>) -> (bool, String) {
    let toast = page.part("toast").await;
    let class = toast.attr("class").await.unwrap().unwrap();
    (class.contains("toast--warning"), toast.text().await.unwrap())
}

#[tokio::test]
async fn the_toast_of_an_unknown_outcome_warns_and_that_of_a_certificate_does_not() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // Keeps the answer to the signing back until another page is open.
    hold_answer(&page, "sign").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    page.part("screen-progress").await;
    page.go("#/history", "screen-history").await;
    let_go(&page).await;
    let (warns, words) = toast(&page).await;
    assert!(!warns && words.contains("CSR 301 is signed"), "{words}");
    page.click("[data-testid='toast'] .toast-close").await;

    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    fill_form(&page, &world, standin::Fault::Hang.csr_id()).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    page.part("screen-progress").await;
    wait::until("the POST", async || (world.standin.sign_posts() == 2).then_some(())).await;
    page.go("#/history", "screen-history").await;
    world.standin.stop().await;
    let (warns, words) = toast(&page).await;
    assert!(warns && words.contains("It is unknown whether CSR"), "{words}");
}

/// A terminal that signs with the journal and a connection of the page, and stops for good just before its request leaves.
async fn signs_elsewhere(world: &World, csr: u64) -> Child {
    let mut command = e2e::program::terminal(Some(world.standin.token()));
    command
        .args(["sign", "--connection", "Live", "--data-dir"])
        .arg(world.data_dir())
        .args(world.fields(csr));
    command.env("CSRDESK_HALT_AT", "BeforeSending").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    while !lines.next_line().await.unwrap().unwrap().contains("halted") {}
    child
}

#[tokio::test]
async fn an_open_review_shows_a_signing_of_the_same_csr_that_began_elsewhere() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    let enabled = async |wanted: bool| {
        wait::until("the button", async || {
            (page.part("button-sign").await.is_enabled().await.ok()? == wanted).then_some(())
        })
        .await;
    };
    enabled(true).await;
    // One of another CSR is not this one's.
    let mut other = signs_elsewhere(&world, 302).await;
    let mut same = signs_elsewhere(&world, 301).await;
    let notice = page.text("signing-running").await;
    assert!(notice.contains("CSR 301 is being signed"), "{notice}");
    let all = "return document.querySelectorAll(\"[data-testid='signing-running']\").length";
    assert_eq!(page.script(all).await, 1);
    enabled(false).await;
    let reason = page.shown("#sign-reason").await.text().await.unwrap();
    assert!(reason.contains("Another signing of this CSR began or ended after this review"), "{reason}");

    // The next review names it, and asks why the CSR is signed again.
    page.press("button-review-again").await;
    page.fill("again-reason", "the other one never left").await;
    enabled(true).await;
    assert!(!page.has("[data-testid='button-review-again']").await);
    assert!(page.text("caution").await.contains("Entry 2"));
    for child in [&mut same, &mut other] {
        child.kill().await.unwrap();
    }
    let notice = page.text("signing-over").await;
    assert!(notice.contains("It is unknown whether CSR"), "{notice}");
    // This review calls it in progress.
    enabled(false).await;
    page.press("button-review-again").await;
    wait::until("what it led to", async || {
        page.text("caution").await.contains("unknown outcome on").then_some(())
    })
    .await;
    enabled(true).await;
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_toast_that_says_a_doubt_or_a_failure_is_not_green() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // Without a clipboard nothing is copied.
    page.script("Object.defineProperty(navigator, 'clipboard', { value: undefined })").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    page.part("outcome").await;
    page.click("[data-testid='screen-result'] .button--copy").await;
    let (warns, words) = toast(&page).await;
    assert!(warns, "{words}");
    // An unlock that brings no token back.
    page.press("button-lock").await;
    page.press("button-unlock").await;
    page.part("token-again-form").await;
    let (warns, words) = wait::until("its toast", async || {
        let (warns, now) = toast(&page).await;
        (now != words).then_some((warns, now))
    })
    .await;
    assert!(warns, "{words}");
    page.fill("token-again", world.standin.token()).await;
    page.press("button-token-again").await;
    wait::until("a good toast", async || (!toast(&page).await.0).then_some(())).await;
}
