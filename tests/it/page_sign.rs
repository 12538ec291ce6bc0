//! The page Sign over time: which step it shows at which address, what is left of a form, and earlier signings.

use e2e::page::Page;
use e2e::program;
use e2e::steps::{add, begin_hanging, fill_form, sign, switch_to, use_from_list};
use e2e::wait;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;

use crate::browser::Served;

/// The CA switch and the days of the form.
async fn ca_and_days(page: &Page<'_>) -> (bool, String) {
    let days = page.shown("#validity-days").await.prop("value").await.unwrap();
    (page.is_checked("intermediate").await, days.unwrap_or_default())
}

#[tokio::test]
async fn after_a_result_sign_starts_a_new_one_with_the_issuer_and_the_focus_in_the_first_empty_field() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // Where the page comes up, typing can begin.
    page.part("screen-sign").await;
    page.has_focus("csr-id").await;
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "signed");
    page.follow("Sign").await;
    page.part("screen-sign").await;
    page.has_focus("csr-id").await;
    assert_eq!(page.field("CSR id").await, "");
    let kept = page.shown("#root-cn").await.prop("value").await.unwrap();
    assert_eq!(kept, Some(world.standin.roots()[0].common_name.clone()));
    // The result is still at its own address.
    served.driven.client.back().await.unwrap();
    assert_eq!(page.outcome().await, "signed");
    page.press_button("Sign another").await;
    page.part("screen-sign").await;
    page.has_focus("csr-id").await;
}

#[tokio::test]
async fn a_result_that_a_person_resolved_since_gives_way_to_its_entry() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::SignThen500.csr_id()).await;
    assert_eq!(sign(&page).await, "unknown");
    let address = page.address().await;
    page.press("settle-link").await;
    page.part("screen-entry").await;
    page.call("decide", r#"{"entry":1,"verdict":"not_there","reason":"looked","basis":"console"}"#).await;
    assert_eq!(world.history().await[0]["code"], "not-there");
    // Back leads to the result's address, which shows the entry now.
    served.driven.client.back().await.unwrap();
    wait::until("the entry", async || (page.address().await == "#/history/1").then_some(())).await;
    page.part("screen-entry").await;
    page.go(&address, "screen-entry").await;
    assert_eq!(page.address().await, "#/history/1");
    page.go("#/sign", "screen-sign").await;
    assert!(!page.has("[data-testid='outcome']").await);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_result_of_another_connection_is_shown_by_its_entry_alone() {
    let (live, lab) = (World::new().await, World::new().await);
    let served = Served::bare(&live, false).await;
    let page = served.page();
    add(&page, &lab, "Lab", "test", "").await;
    add(&page, &live, "Live", "test", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Live").await;
    fill_form(&page, &live, 301).await;
    assert_eq!(sign(&page).await, "signed");
    let address = page.address().await;
    switch_to(&page, "Lab").await;
    page.part("screen-entry").await;
    assert_eq!(page.address().await, "#/history/1");
    // A reload at the result's address does not bring it back either.
    page.go(&address, "screen-entry").await;
    page.go("#/sign", "screen-sign").await;
    assert_eq!((live.standin.sign_posts(), lab.standin.sign_posts()), (1, 0));
}

#[tokio::test]
async fn the_ca_switch_and_its_days_survive_no_signing_no_refusal_and_no_lock() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    // A CA that is refused, to edit. Its days are typed before its switch is turned on.
    fill_form(&page, &world, 303).await;
    page.fill("validity-days", "1825").await;
    page.click("#intermediate").await;
    page.fill("root-cn", "No Such Root").await;
    page.press("button-review").await;
    page.click("#confirm-ca").await;
    page.press_button("Sign CSR 303 as a CA").await;
    assert_eq!(page.outcome().await, "refused");
    page.press_button("Edit and try again").await;
    let note = page.text("form-note").await;
    assert!(note.contains("CA switch is off"), "{note}");
    assert_eq!(ca_and_days(&page).await, (false, String::new()));
    assert_eq!(page.field("CSR id").await, "303");

    // A CA that is issued: first the days, then the switch.
    fill_form(&page, &world, 303).await;
    page.fill("validity-days", "1825").await;
    page.click("#intermediate").await;
    page.press("button-review").await;
    page.click("#confirm-ca").await;
    page.press_button("Sign CSR 303 as a CA").await;
    page.shown("[data-testid='outcome'][data-outcome='signed'][data-ca='true']").await;
    let heading = page.shown("h1").await.text().await.unwrap();
    assert_eq!(heading, "CA certificate issued for CSR 303");
    let ca_colour = colour(&page).await;
    page.press_button("Sign another").await;
    page.part("screen-sign").await;
    assert_eq!(ca_and_days(&page).await, (false, String::new()));

    // A leaf looks different.
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "signed");
    assert_eq!(page.shown("h1").await.text().await.unwrap(), "CSR 301 is signed");
    assert_ne!(colour(&page).await, ca_colour);

    // A lock turns it off as well, and says so.
    page.go("#/sign", "screen-sign").await;
    page.fill("validity-days", "1825").await;
    page.click("#intermediate").await;
    page.press("button-lock").await;
    page.part("form-note").await;
    let locked = page.text("locked").await;
    assert!(locked.contains("CA switch is off, and its days were reset"), "{locked}");
    // The days are those of the leaf that was signed last.
    assert_eq!(ca_and_days(&page).await, (false, "100".to_owned()));
}

async fn colour(page: &Page<'_>) -> Value {
    page.script("return getComputedStyle(document.querySelector(\".outcome h1\")).color").await
}

#[tokio::test]
async fn a_connection_switch_empties_the_form_and_says_so() {
    let (live, lab) = (World::new().await, World::new().await);
    let served = Served::bare(&live, false).await;
    let page = served.page();
    add(&page, &live, "Live", "test", "").await;
    add(&page, &lab, "Lab", "test", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Live").await;
    fill_form(&page, &live, 303).await;
    page.fill("validity-days", "1825").await;
    page.click("#intermediate").await;
    switch_to(&page, "Lab").await;
    let note = page.text("form-note").await;
    assert!(note.contains("emptied") && note.contains("Live") && note.contains("CA switch is off"), "{note}");
    for id in ["csr-id", "root-cn", "root-serial", "validity-days"] {
        let value = page.shown(&format!("#{id}")).await.prop("value").await.unwrap();
        assert_eq!(value.as_deref(), Some(""), "{id}");
    }
    assert!(!page.is_checked("intermediate").await);
    // Nothing is missing before the form is handed in.
    assert!(!page.has("[data-testid='summary-problems']").await);
}

#[tokio::test]
async fn back_on_the_review_returns_to_the_form_as_it_was_typed() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    assert_eq!(page.address().await, "#/sign/review");
    served.driven.client.back().await.unwrap();
    page.part("screen-sign").await;
    assert_eq!((page.field("CSR id").await, page.address().await), ("301".to_owned(), "#/sign".to_owned()));
    // What was reviewed is what is shown again; what was changed since has to be reviewed anew.
    served.driven.client.forward().await.unwrap();
    page.part("screen-review").await;
    page.press_button("Back to the form").await;
    page.part("screen-sign").await;
    page.fill("csr-id", "302").await;
    served.driven.client.forward().await.unwrap();
    page.part("screen-sign").await;
    wait::until("the form's address", async || (page.address().await == "#/sign").then_some(())).await;
    assert_eq!(page.field("CSR id").await, "302");
    // A reload of a review has nothing to review.
    page.press("button-review").await;
    page.part("screen-review").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("screen-sign").await;
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_reload_during_a_signing_and_on_its_result_comes_back_to_it_and_sends_nothing() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    begin_hanging(&page, &world).await;
    let address = page.address().await;
    for _ in 0..2 {
        served.driven.client.refresh().await.unwrap();
        page.is_ready().await;
        page.part("screen-progress").await;
        assert_eq!(page.address().await, address);
    }
    // Sign in the navigation shows it, too, and nothing is there to resolve.
    page.go("#/history", "screen-history").await;
    page.follow("Sign Signing…").await;
    page.part("screen-progress").await;
    page.go("#/sign", "screen-progress").await;
    assert_eq!(page.address().await, address);
    assert!(!page.has("[data-testid='unsettled-badge']").await);
    assert_eq!(world.standin.sign_posts(), 1);

    world.standin.stop().await;
    assert_eq!(page.outcome().await, "unknown");
    page.part("unsettled-badge").await;
    for _ in 0..2 {
        assert_eq!(page.text("outcome-code").await, "connection-lost");
        assert_eq!(page.text("entry-link").await, "entry 1");
        assert_eq!(page.address().await, address);
        served.driven.client.refresh().await.unwrap();
        page.is_ready().await;
    }
}

#[tokio::test]
async fn an_address_of_a_signing_that_never_was_leads_to_the_form_and_says_so() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign/signing/00000000-0000-4000-8000-000000000000", "screen-sign").await;
    let note = page.text("form-note").await;
    assert!(note.contains("Nothing was sent"), "{note}");
    assert_eq!(page.address().await, "#/sign");
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_result_that_comes_while_another_page_is_shown_is_told_there() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    begin_hanging(&page, &world).await;
    page.go("#/connection", "settings").await;
    world.standin.stop().await;
    let note = page.text("signing-ended").await;
    assert!(note.contains("unknown whether"), "{note}");
    page.follow("Entry 1").await;
    page.part("screen-entry").await;
}

#[tokio::test]
async fn the_notice_of_an_ended_signing_is_dismissed_and_is_not_shown_above_another_entry() {
    let world = World::new().await;
    // An entry of a signing that was not sent: nothing listens there.
    let url = world.standin.url().to_owned();
    let target = world.target().into_iter().map(|it| it.replace(&url, "https://127.0.0.1:1"));
    let elsewhere = ["sign".to_owned()].into_iter().chain(target).chain(world.fields(301));
    assert_eq!(program::csrdesk(Some(world.standin.token()), elsewhere).await.status.code(), Some(5));
    let served = Served::connected(&world, false).await;
    let page = served.page();
    begin_hanging(&page, &world).await;
    page.go("#/connection", "settings").await;
    world.standin.stop().await;
    page.shown(".notice--warning[data-testid='signing-ended']").await;
    page.go("#/history/1", "screen-entry").await;
    page.gone("[data-testid='signing-ended']").await;
    page.go("#/history/2", "screen-entry").await;
    page.part("signing-ended").await;
    page.go("#/history", "screen-history").await;
    page.press("button-dismiss-ended").await;
    page.gone("[data-testid='signing-ended']").await;
    page.go("#/connection", "settings").await;
    assert!(!page.has("[data-testid='signing-ended']").await);
}

#[tokio::test]
async fn the_review_names_earlier_signings_by_this_and_by_another_issuer() {
    let world = World::with(|it| it.intermediate(true)).await;
    world.sign(301, &[]).await;
    let serial = world.standin.issued()[0].serial_hex.to_uppercase();
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.fill("root-cn", "Another Root").await;
    page.press("button-review").await;
    let cautions = page.text("caution").await;
    assert!(cautions.contains("Another issuer already signed this CSR"), "{cautions}");
    let row = page.text("earlier").await;
    let issuer = &world.standin.roots()[0].common_name;
    assert!(row.contains("Entry 1") && row.contains("signed on") && row.contains(issuer), "{row}");
    assert!(row.replace(':', "").contains(&serial), "{row}");
    // The guard is about one issuer: here nothing more is needed.
    assert!(!page.has("#again-reason").await);
    assert!(page.part("button-sign").await.is_enabled().await.unwrap());
    page.press_button("Back to the form").await;

    world.standin.fault_next(Fault::SignThen500, 1);
    fill_form(&page, &world, 302).await;
    assert_eq!(sign(&page).await, "unknown");
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    let cautions = page.text("caution").await;
    assert!(cautions.contains("This issuer may already have signed this CSR"), "{cautions}");
    let row = page.text("earlier").await;
    assert!(row.contains("Entry 2") && row.contains("unknown outcome on"), "{row}");
    page.shown("#again-reason").await;
}

#[tokio::test]
async fn a_refusal_for_the_token_leads_to_the_token_and_one_without_words_names_none() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    for fault in [Fault::TokenExpired, Fault::HostRefused, Fault::Unauthorized401] {
        fill_form(&page, &world, fault.csr_id()).await;
        assert_eq!(sign(&page).await, "refused");
        page.press_button("Replace token").await;
        page.part("connection-form").await;
        page.has_focus("token").await;
    }
    fill_form(&page, &world, Fault::NotFound404.csr_id()).await;
    assert_eq!(sign(&page).await, "refused");
    let words = page.text("outcome").await;
    assert!(
        words.contains("was not signed: not found at this address (404)") && words.contains("path prefix"),
        "{words}"
    );
    assert!(!words.contains("Read the server's words") && !words.contains("PAM360 refused"), "{words}");
    assert!(!page.has("[data-testid='button-replace-token']").await);
    page.press_button("Open the connection").await;
    page.part("connection-form").await;
    page.has_focus("server").await;
    fill_form(&page, &world, Fault::Failed200.csr_id()).await;
    assert_eq!(sign(&page).await, "refused");
    let words = page.text("outcome-what").await;
    assert!(words.contains("Read the server's words"), "{words}");
}

#[tokio::test]
async fn the_dates_of_the_page_follow_the_clock_of_the_program() {
    let moment = "2031-05-06T08:00:00Z";
    let world = World::at(moment).await;
    let served = Served::at(&world, moment).await;
    let page = served.page();
    page.part("connection-chip").await;
    page.fill("validity-days", "100").await;
    wait::until("the end date", async || {
        let date = page.script("return document.getElementById('end-date').value").await;
        (date == "2031-08-14").then_some(())
    })
    .await;
}

#[tokio::test]
async fn production_and_a_ca_do_not_look_like_every_day() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    let mut colours = Vec::new();
    for (name, environment, ca) in
        [("Lab", "test", false), ("Live", "production", false), ("Root", "test", true)]
    {
        add(&page, &world, name, environment, "").await;
        switch_to(&page, name).await;
        fill_form(&page, &world, 303).await;
        if ca {
            page.click("#intermediate").await;
        }
        page.press("button-review").await;
        if ca {
            page.click("#confirm-ca").await;
        }
        let button = page.part("button-sign").await;
        wait::until("the button", async || button.is_enabled().await.ok()?.then_some(())).await;
        colours.push(button.css_value("background-color").await.unwrap());
        page.press_button("Back to the form").await;
    }
    assert!(colours[0] != colours[1] && colours[1] != colours[2] && colours[0] != colours[2], "{colours:?}");
}

#[tokio::test]
async fn the_end_date_is_iso_text_and_says_what_is_wrong_with_any_other() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign", "screen-sign").await;
    page.fill("validity-days", "100").await;
    let end = page.field("End date").await;
    assert!(end.len() == 10 && end.as_bytes()[4] == b'-' && end.as_bytes()[7] == b'-', "{end}");
    page.fill("validity-days", "200").await;
    page.fill("end-date", &end).await;
    assert_eq!(page.field("End date").await, end);
    let days = page.shown("#validity-days").await.prop("value").await.unwrap().unwrap();
    assert!((99..=101).contains(&days.parse::<u32>().unwrap()), "{days}");
    page.fill("end-date", "03/04/2099").await;
    page.click("#csr-id").await;
    let problem = page.shown("#end-date-problem").await.text().await.unwrap();
    assert!(problem.contains("2027-03-04"), "{problem}");
    // What was typed stays to be corrected. The date was emptied before, and so were its days.
    assert_eq!(page.field("End date").await, "03/04/2099");
    assert_eq!(page.shown("#validity-days").await.prop("value").await.unwrap(), Some(String::new()));
}
