//! What the page says before a person relies on it: a test of values that are not stored, a token that a removal deletes, an
//! answer that names two subjects.

use e2e::program;
use e2e::steps::{add, fill_form, row, sign};
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::Served;

#[tokio::test]
async fn the_button_below_the_steps_saves_what_is_not_saved_before_it_tests() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    let words = async || page.text("button-test").await;
    wait::until("the test of what is stored", async || (words().await == "Test again").then_some(())).await;
    assert!(!page.has("[data-testid='test-unsaved']").await);
    page.fill("timeout", "17").await;
    assert_eq!(words().await, "Save and test");
    assert_eq!(page.text("test-unsaved").await, "Not saved yet");
    page.press("button-test").await;
    wait::until("the saving", async || {
        page.call("connections", "{}").await.contains("\"timeout_seconds\":17").then_some(())
    })
    .await;
    wait::until("the test of what is stored", async || (words().await == "Test again").then_some(())).await;
    // A typed token is a change, too.
    page.fill("token", "half").await;
    assert_eq!(words().await, "Save and test");
}

#[tokio::test]
async fn a_removal_says_that_a_token_in_memory_is_deleted_with_it() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    add(&page, &world, "Lab", "test", "").await;
    page.go("#/connection", "settings").await;
    // Not in use and not production: nothing asks first.
    page.click(&format!("{} [data-testid='button-remove']", row("Lab"))).await;
    let words = "Lab is removed, and its token was deleted from memory.";
    wait::until(words, async || page.text("toast").await.contains(words).then_some(())).await;
    page.press("button-undo").await;
    page.shown(&row("Lab")).await;
    // Without a token there is none to delete.
    page.click(&format!("{} [data-testid='button-remove']", row("Lab"))).await;
    wait::until("the removal", async || {
        page.text("toast").await.contains("Lab is removed. It can be undone.").then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_names_two_subjects_is_a_caution_in_page_and_terminal() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::WrongCn.csr_id()).await;
    assert_eq!(sign(&page).await, "signed");
    let words = "PAM360's message and the certificate name different subjects";
    let caution = page.text("certificate-caution").await;
    assert!(caution.contains(words) && caution.contains("someone-else.example.test"), "{caution}");
    page.go("#/history/1", "screen-entry").await;
    assert!(page.text("certificate-caution").await.contains(words));
    let mut shown = program::terminal(None);
    shown.args(["entry", "1", "--data-dir"]).arg(world.data_dir());
    let output = shown.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(words), "{text} {}", String::from_utf8_lossy(&output.stderr));
}
