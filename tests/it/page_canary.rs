//! The token in the page: what the browser is sent, shows, keeps and copies does not hold it.

use e2e::canary::{CANARY, absent_below, absent_from};
use e2e::world::World;
use standin::Fault;

use crate::browser::{Served, fill_form, sign};

#[tokio::test]
async fn nothing_that_the_page_is_sent_or_shows_or_copies_holds_the_token() {
    let world = World::with(|it| it.token(CANARY)).await;
    let served = Served::talkative(&world).await;
    let page = served.page();
    page.record_traffic().await;
    for csr_id in [301, Fault::SignThen500.csr_id(), Fault::EchoToken.csr_id()] {
        fill_form(&page, &world, csr_id).await;
        sign(&page).await;
        absent_from("the page", page.everything().await.as_bytes());
        page.press("button-next").await;
    }
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    page.go("#/connection", "screen-connection").await;
    absent_from("the page", page.everything().await.as_bytes());
    // The host's own commands that give text to copy or to keep.
    for (command, request) in [
        ("diagnostics", "{}"),
        ("export_connections", "{}"),
        ("connections", "{}"),
        ("history", "{}"),
        ("export", r#"{"what":"csv","filter":{}}"#),
        ("export", r#"{"what":"journal"}"#),
    ] {
        absent_from(command, page.call(command, request).await.as_bytes());
    }
    assert!(absent_below(&world.data_dir()) > 4);
}
