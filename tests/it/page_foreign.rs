//! A signing and the connection in use: what belongs to another connection says so wherever it is shown.

use e2e::program;
use e2e::steps::{
    add, begin_hanging, fill_form, hold_answer, is_answered, let_go, sign, switch_to, use_from_list,
};
use e2e::wait;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;

use crate::browser::Served;

#[tokio::test]
async fn a_signing_of_another_connection_names_it_and_leaves_the_form_free() {
    let (staging, live) = (World::new().await, World::new().await);
    let served = Served::bare(&staging, false).await;
    let page = served.page();
    add(&page, &staging, "Staging A", "staging", "").await;
    add(&page, &live, "Prod", "production", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Staging A").await;
    begin_hanging(&page, &staging).await;
    let running = page.address().await;
    assert_eq!(page.text("signing-with").await, "With Staging A (Staging)");
    assert!(!page.has("[data-testid='signing-foreign']").await);
    let step = page.shown(".stepper [aria-current='step']").await.text().await.unwrap();
    assert!(step.contains('3') && step.contains("Signing"), "{step}");

    // It stays at its address while another connection comes into use, under its own name.
    switch_to(&page, "Prod").await;
    let foreign = page.text("signing-foreign").await;
    assert!(foreign.contains("With Staging A (Staging), not the connection in use."), "{foreign}");
    assert_eq!(page.text("signing-with").await, "With Staging A (Staging)");
    let screen = page.text("screen-progress").await;
    assert!(screen.contains("waits up to 60 seconds"), "{screen}");
    // After a reload the desk says with which connection it is.
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    assert!(page.text("signing-foreign").await.contains("With Staging A (Staging)"));
    wait::until("the wait", async || {
        page.text("screen-progress").await.contains("waits up to 60 seconds").then_some(())
    })
    .await;

    // The connection in use can sign meanwhile.
    page.follow("Sign another CSR with Prod").await;
    page.part("screen-sign").await;
    let notice = page.text("signing-with-another").await;
    assert!(
        notice.contains("is being signed") && notice.contains("With Staging A (Staging), not the"),
        "{notice}"
    );
    page.follow("History").await;
    page.follow("Sign").await;
    page.part("screen-sign").await;
    page.follow("Show this signing").await;
    page.part("screen-progress").await;
    assert_eq!(page.address().await, running);

    // Its result comes with words, on the page that has it.
    staging.standin.stop().await;
    page.part("screen-entry").await;
    assert_eq!(page.address().await, "#/history/1");
    let note = page.text("signing-ended").await;
    assert!(
        note.contains("It is unknown whether CSR") && note.contains("With Staging A (Staging), not"),
        "{note}"
    );
    assert!(page.text("toast").await.contains("It is unknown whether CSR"));
    fill_form(&page, &live, 301).await;
    assert_eq!(sign(&page).await, "signed");
    assert_eq!(live.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_result_that_gives_way_to_another_connection_says_so() {
    let (staging, live) = (World::new().await, World::new().await);
    let served = Served::bare(&staging, false).await;
    let page = served.page();
    add(&page, &staging, "Staging A", "staging", "").await;
    add(&page, &live, "Prod", "production", "").await;
    for (csr_id, outcome, words) in [
        (301, "signed", "CSR 301 is signed"),
        (Fault::SignThen500.csr_id(), "unknown", "It is unknown whether CSR"),
    ] {
        page.go("#/connection", "settings").await;
        use_from_list(&page, "Staging A").await;
        fill_form(&page, &staging, csr_id).await;
        assert_eq!(sign(&page).await, outcome);
        switch_to(&page, "Prod").await;
        page.part("screen-entry").await;
        let note = page.text("signing-ended").await;
        assert!(
            note.contains(words) && note.contains("With Staging A (Staging), not the connection in use."),
            "{note}"
        );
    }
    // Nothing was sent, and there is no entry to lead to: the note says it all.
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Staging A").await;
    fill_form(&page, &staging, 301).await;
    page.press("button-review").await;
    page.fill("again-reason", "lost").await;
    page.part("screen-review").await;
    staging.standin.stop().await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "not_sent");
    switch_to(&page, "Prod").await;
    let note = page.text("signing-ended").await;
    assert!(note.contains("was not sent") && note.contains("With Staging A"), "{note}");
}

#[tokio::test]
async fn a_connection_that_was_removed_elsewhere_does_not_sign_and_is_shown_as_removed() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    // Another program, while nothing is asked by this page.
    let mut remove = program::terminal(None);
    remove.args(["connections", "remove", "Live", "--data-dir"]).arg(world.data_dir());
    let output = remove.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    // Its button may have noticed already; the desk is asked in any case.
    page.script("document.querySelector(\"[data-testid='button-sign']\").click()").await;
    wait::until("what happened", async || {
        let main = page.shown("#main").await.text().await.ok()?;
        main.contains("removed in another window or program").then_some(())
    })
    .await;
    assert_eq!((world.standin.sign_posts(), world.history().await.len()), (0, 0));
    page.go("#/sign", "screen-sign").await;
    assert_eq!(page.field("CSR id").await, "301");
    let reason = page.shown("#review-reason").await.text().await.unwrap();
    assert!(reason.contains("removed in another window or program"), "{reason}");
    assert!(page.text("connection-chip").await.contains("removed"));
    page.go("#/connection", "settings").await;
    page.part("removed-elsewhere").await;
    // Its token is still here: no sentence says that it was deleted.
    let removed = page.text("removed").await;
    assert!(removed.contains("stay until you use another"), "{removed}");
    assert!(!removed.contains("deleted"), "{removed}");
}

/// *Test again* on the list, beside the connection in use, and on its form.
#[tokio::test]
async fn a_connection_that_was_removed_elsewhere_during_its_test_is_not_called_ready() {
    for form in [false, true] {
        let world = World::new().await;
        let served = Served::bare(&world, false).await;
        let page = served.page();
        add(&page, &world, "Live", "test", "").await;
        page.shown("[data-testid='verdict'][data-ready='true']").await;
        if !form {
            page.go("#/connection", "settings").await;
        }
        page.shown("[data-testid='verdict'][data-ready='true']").await;
        page.click("[data-testid='toast'] .toast-close").await;
        // The answer to the test waits until the connection is removed.
        hold_answer(&page, "test_connection").await;
        page.press("button-test").await;
        is_answered(&page).await;
        let mut remove = program::terminal(None);
        remove.args(["connections", "remove", "Live", "--data-dir"]).arg(world.data_dir());
        let output = remove.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        let_go(&page).await;
        wait::until("the verdict", async || {
            page.text("verdict").await.contains("removed in another window or program").then_some(())
        })
        .await;
        assert!(!page.has("[data-testid='verdict'][data-ready='true']").await, "form: {form}");
        let toast = page.part("toast").await;
        let (class, words) = (toast.attr("class").await.unwrap().unwrap(), toast.text().await.unwrap());
        assert!(
            class.contains("toast--warning") && words.contains("Live tested: not ready"),
            "{class}: {words}"
        );
    }
}

#[tokio::test]
async fn a_review_of_a_connection_that_was_exchanged_elsewhere_says_that_nothing_was_sent() {
    let (staging, live) = (World::new().await, World::new().await);
    let served = Served::bare(&staging, false).await;
    let page = served.page();
    add(&page, &staging, "Staging A", "staging", "").await;
    add(&page, &live, "Prod", "production", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Staging A").await;
    let all: Value = serde_json::from_str(&page.call("connections", "{}").await).unwrap();
    let id = |name: &str| {
        let mut all = all["connections"].as_array().unwrap().iter();
        all.find(|it| it["connection"]["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    // Another tab works with the other connection, and this one is used before it notices.
    fill_form(&page, &staging, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    page.call("use_connection", &serde_json::json!({ "id": id("Prod") }).to_string()).await;
    page.script("document.querySelector(\"[data-testid='button-sign']\")?.click()").await;
    let note = page.text("form-note").await;
    assert!(note.contains("It was filled in for Staging A.") && note.contains("comes back"), "{note}");
    let main = page.shown("#main").await.text().await.unwrap();
    assert!(main.contains("nothing was sent") || main.contains("Nothing was sent"), "{main}");
    // It comes back with its connection.
    switch_to(&page, "Staging A").await;
    assert!(page.text("form-note").await.contains("You filled it in for Staging A."));
    assert_eq!(page.field("CSR id").await, "301");

    // The connection itself is changed: what was typed stays.
    page.press("button-review").await;
    page.part("screen-review").await;
    let form = serde_json::json!({ "name": "Staging A", "server": staging.standin.url(), "environment": "production" });
    page.call("save_connection", &serde_json::json!({ "id": id("Staging A"), "form": form }).to_string())
        .await;
    page.look_again().await;
    let changed = page.text("changed-over").await;
    assert!(changed.contains("Nothing was sent: Staging A was changed"), "{changed}");
    assert!(page.text("form-note").await.contains("What you typed for Staging A is still here"));
    assert_eq!(page.field("CSR id").await, "301");
    assert_eq!((staging.standin.sign_posts(), live.standin.sign_posts()), (0, 0));
}
