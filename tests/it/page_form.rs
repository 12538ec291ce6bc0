//! The signing form: what can't be used is a problem, stays as typed, and leads to no review.

use e2e::page::Page;
use e2e::wait;
use e2e::world::World;
use fantoccini::key::Key;
use serde_json::Value;

use crate::browser::{Served, fill_form};

/// Presses Ctrl and Enter in a field.
async fn ctrl_enter(page: &Page<'_>, id: &str) {
    let (control, none, enter) = (Key::Control, Key::Null, Key::Enter);
    page.shown(&format!("#{id}")).await.send_keys(&format!("{control}{enter}{none}")).await.unwrap();
}

/// Types over what a field holds, without emptying it first.
async fn type_over(page: &Page<'_>, id: &str, text: &str) {
    let (control, none) = (Key::Control, Key::Null);
    page.shown(&format!("#{id}")).await.send_keys(&format!("{control}a{none}{text}")).await.unwrap();
}

#[tokio::test]
async fn an_end_date_that_cannot_be_used_is_a_problem_and_opens_no_review() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.fill("validity-days", "44").await;
    let end = page.field("End date").await;
    let today = page.script("return new Date(Date.now() - 86400000).toISOString().slice(0, 10)").await;
    let not_after = "The end date must be after today.";
    for (text, words) in [
        ("tomorrow", "This is not a date."),
        ("2027-02-30", "This is not a date."),
        (today.as_str().unwrap(), not_after),
        ("2001-01-01", not_after),
    ] {
        type_over(&page, "end-date", text).await;
        ctrl_enter(&page, "end-date").await;
        let summary = page.text("summary-problems").await;
        assert!(summary.contains(&format!("End date: {words}")), "{text}: {summary}");
        assert_eq!((page.value("end-date").await.as_str(), page.address().await.as_str()), (text, "#/sign"));
        page.click("#csr-id").await;
        page.click("[data-testid='summary-problems'] a").await;
        page.has_focus("end-date").await;
        assert!(page.shown("#end-date-problem").await.text().await.unwrap().contains(words));
        // Neither an address nor another page is a way round it.
        page.script("window.location.hash = '#/sign/review'").await;
        page.go("#/history", "screen-history").await;
        page.go("#/sign", "screen-sign").await;
        assert_eq!(page.value("end-date").await, text);
    }
    // Days that are typed are newer than the date, and lead on.
    page.fill("validity-days", "44").await;
    assert_eq!(page.field("End date").await, end);
    // An emptied date stays empty, and so do the days.
    page.fill("end-date", "").await;
    page.click("#csr-id").await;
    assert_eq!(
        (page.value("end-date").await, page.value("validity-days").await),
        <(String, String)>::default()
    );
    page.press("button-review").await;
    assert!(page.text("summary-problems").await.contains("The validity is missing."));
    // A day after today is the way on.
    page.fill("end-date", &end).await;
    ctrl_enter(&page, "end-date").await;
    let sentence = page.text("sentence").await;
    assert!(sentence.contains("44 days"), "{sentence}");
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_review_does_not_come_back_beside_a_date_that_cannot_be_used() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    page.press("button-back").await;
    type_over(&page, "end-date", "tomorrow").await;
    page.script("window.location.hash = '#/sign/review'").await;
    wait::until("the form", async || (page.address().await == "#/sign").then_some(())).await;
    page.part("screen-sign").await;
    assert_eq!(page.value("end-date").await, "tomorrow");
}

#[tokio::test]
async fn a_date_of_the_filter_that_cannot_be_read_shows_no_entry_and_says_so() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "history-row").await;
    page.click("[role='search'] summary").await;
    page.fill("filter-from", "2027-02-30").await;
    let empty = page.shown(".empty").await.text().await.unwrap();
    assert!(empty.contains("A date of the filter is not a date."), "{empty}");
    assert_eq!(page.value("filter-from").await, "2027-02-30");
    page.fill("filter-from", "2001-01-01").await;
    page.part("history-row").await;
    assert_eq!(page.script("return document.querySelectorAll('.empty').length").await, Value::from(0));
}

#[tokio::test]
async fn a_reload_of_the_form_or_the_review_keeps_what_was_typed_and_says_so() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.fill("validity-days", "44").await;
    page.press("button-review").await;
    page.fill("again-reason", "the first one was lost").await;
    for way in ["#/sign/review", "#/sign"] {
        page.script(&format!("window.location.hash = '{way}'")).await;
        served.driven.client.refresh().await.unwrap();
        page.is_ready().await;
        page.part("screen-sign").await;
        let note = page.text("form-note").await;
        assert!(
            note.contains("The page was loaded again")
                && note.contains("What you typed is still here and was not sent"),
            "{note}"
        );
        assert_eq!(
            (page.value("csr-id").await.as_str(), page.value("validity-days").await.as_str()),
            ("301", "44")
        );
    }
    page.press("button-review").await;
    assert_eq!(page.value("again-reason").await, "the first one was lost");
    // A date that can't be used is still a problem after a reload, and an emptied form stays empty.
    page.go("#/sign", "screen-sign").await;
    type_over(&page, "end-date", "tomorrow").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("form-note").await;
    assert_eq!(page.value("end-date").await, "tomorrow");
    page.press_button("Clear the form").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("screen-sign").await;
    assert_eq!(page.value("csr-id").await, "");
    assert!(!page.has("[data-testid='form-note']").await);
}

#[tokio::test]
async fn the_link_beside_review_leads_to_the_token_field_on_the_page() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.press("button-lock").await;
    page.press("button-unlock").await;
    page.part("token-again-form").await;
    page.click("#csr-id").await;
    page.follow("Enter the token").await;
    page.has_focus("token-again").await;
    assert_eq!(page.address().await, "#/sign");
    assert_eq!(page.value("csr-id").await, "301");
}

#[tokio::test]
async fn the_keyboard_reaches_sign_before_the_details_of_the_review() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.fill("again-reason", "lost").await;
    page.part("http-request").await;
    let order = "
        const names = ['earlier', 'again-reason', 'button-sign', 'http-request'];
        const parts = names.map(it => document.querySelector(`[data-testid='${it}']`));
        return parts.slice(1).every((it, at) =>
            parts[at].compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING);";
    assert_eq!(page.script(order).await, Value::Bool(true));
    // Nothing scrolls on the way to the button.
    page.script("window.scrollTo(0, 0); document.querySelector('#main h1').focus()").await;
    let on_sign = "return document.activeElement?.dataset.testid === 'button-sign'";
    for _ in 0..12 {
        served.driven.client.active_element().await.unwrap().send_keys(&Key::Tab.to_string()).await.unwrap();
        if page.script(on_sign).await == Value::Bool(true) {
            break;
        }
        let in_details = "return !!document.activeElement?.closest('details')";
        assert_eq!(page.script(in_details).await, Value::Bool(false), "details come after the decision");
    }
    assert_eq!(page.script(on_sign).await, Value::Bool(true));
}

#[tokio::test]
async fn one_issuer_field_alone_is_named_as_such_for_a_microsoft_ca() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.fill("root-cn", "").await;
    page.click("label[for='sign-type-MSCA']").await;
    page.press("button-review").await;
    let summary = page.text("summary-problems").await;
    assert!(
        summary.contains("only one of the two issuer fields") && !summary.contains("missing"),
        "{summary}"
    );
    let optional = "return [...document.querySelectorAll('.field:has(#root-cn, #root-serial) .tag')].length";
    assert_eq!(page.script(optional).await, Value::from(0));
    page.fill("root-serial", "").await;
    wait::until("both optional", async || (page.script(optional).await == 2).then_some(())).await;
    page.press("button-review").await;
    page.part("screen-review").await;
}
