//! Where a person's word, a search and an earlier signing disagree: what the page then says, asks for and forbids.

use e2e::program;
use e2e::steps::{add, fill_form, sign, use_from_list};
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::Served;

#[tokio::test]
async fn a_certificate_that_was_named_and_taken_back_asks_for_a_reason_in_review_and_terminal() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    for decision in [&["--it-is", "0a0b"][..], &["--not-there"]] {
        world.resolve(1, decision, "seen").await;
    }
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    let heading = page.text("outcome").await;
    assert!(heading.contains("A person recorded that no certificate was issued for CSR 302"), "{heading}");

    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    let notice = page.part("not-issued").await;
    let words = notice.text().await.unwrap();
    assert!(words.contains("A person recorded that entry 1 issued no certificate"), "{words}");
    assert!(words.contains("An earlier decision named the certificate a0b."), "{words}");
    assert!(notice.attr("class").await.unwrap().unwrap().contains("warning"), "a caution");
    assert!(!page.part("button-sign").await.is_enabled().await.unwrap(), "it takes a reason");

    // Another program is stopped too, and names the entry.
    let posts = world.standin.sign_posts();
    let refused = world.sign(302, &[]).await;
    let words = String::from_utf8_lossy(&refused.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("already-on-record") || words.contains("exists or may exist"), "{words}");
    assert!(words.contains("entry 1, 20") && words.contains("RESOLVED"), "{words}");
    assert_eq!(world.standin.sign_posts(), posts);
    page.fill("again-reason", "the CA has none").await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    assert_eq!(world.history().await[0]["again_reason"], "the CA has none");
}

/// Two tabs review the same CSR; the second one signs after the first.
#[tokio::test]
async fn a_signing_that_is_stopped_by_earlier_ones_says_what_they_led_to() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    world.sign(301, &[]).await;
    page.script("document.querySelector(\"[data-testid='button-sign']\").click()").await;
    wait::until("the answer", async || {
        (page.has("[data-testid='outcome'][data-outcome='not_sent']").await).then_some(())
    })
    .await;
    let earlier = page.text("earlier").await;
    let serial = world.standin.issued().pop().unwrap().serial_hex.to_uppercase();
    assert!(earlier.contains("Entry 1: signed on 20") && earlier.contains(" UTC by “"), "{earlier}");
    assert!(
        earlier.replace(':', "").to_uppercase().contains(&format!("SERIAL NUMBER {serial}")),
        "{earlier}"
    );
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn proof_forbids_the_answer_that_nothing_was_issued_and_takes_no_other_answers_place() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.click("#looked-in-console").await;
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "i say no").await;
    // The choice stays with its reason while another page is open.
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    page.click("#looked-in-console").await;
    assert!(page.is_checked("verdict-not-there").await);
    assert_eq!(page.field("How do you know?").await, "i say no");

    page.press("button-look").await;
    page.part("proof").await;
    for _ in 0..2 {
        assert!(!page.has("[name='verdict']:checked").await, "the reason is one for another answer");
        assert!(!page.part("verdict-not-there").await.is_enabled().await.unwrap());
        let why = page.shown("#verdict-not-there-text").await.text().await.unwrap();
        assert!(why.contains("The search found proof of a certificate"), "{why}");
        let reason = page.shown("#decide-reason").await.text().await.unwrap();
        assert!(reason.contains("The search found something else since you chose"), "{reason}");
        assert!(!page.part("button-decide").await.is_enabled().await.unwrap());
        page.go("#/history", "screen-history").await;
        page.go("#/history/1", "screen-entry").await;
        page.part("proof").await;
    }
    page.click("#candidate-0").await;
    page.fill("decision-reason", "same key").await;
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    page.part("proof").await;
    assert!(page.is_checked("candidate-0").await);
    page.press("button-decide").await;
    page.part("decision").await;
    assert_eq!(world.history().await[0]["code"], "found-by-person");
}

#[tokio::test]
async fn an_entry_of_another_server_names_the_connection_that_has_it() {
    let (staging, live) = (World::new().await, World::new().await);
    let served = Served::bare(&staging, false).await;
    let page = served.page();
    add(&page, &staging, "Staging", "staging", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Staging").await;
    fill_form(&page, &staging, Fault::CloseBeforeHeaders.csr_id()).await;
    assert_eq!(sign(&page).await, "unknown");
    add(&page, &live, "Prod", "production", "").await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Prod").await;
    page.go("#/history/1", "screen-entry").await;
    let words = page.text("settle-obstacle").await;
    assert!(words.contains(&staging.standin.url().replace("https://", "")), "{words}");
    assert_eq!(page.text("button-use-fitting").await, "Use Staging");
    page.press("button-use-fitting").await;
    page.part("button-look").await;
    assert!(page.text("connection-chip").await.contains("Staging"));

    // Without such a connection, it says so.
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Prod").await;
    let folder = staging.data_dir().display().to_string();
    let removed = program::csrdesk(None, ["connections", "remove", "Staging", "--data-dir", &folder]).await;
    assert!(removed.status.success(), "{removed:?}");
    page.go("#/history/1", "screen-entry").await;
    page.look_again().await;
    wait::until("that none fits", async || {
        page.text("settle-obstacle").await.contains("No saved connection has this server.").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refused_right_to_sign_is_not_shown_as_a_rejected_token() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::Forbidden403.csr_id()).await;
    assert_eq!(sign(&page).await, "refused");
    let words = page.text("outcome").await;
    assert!(words.contains("No certificate was issued by this request."), "{words}");
    assert!(words.contains("may sign with this issuer") && words.contains("Unable to sign"), "{words}");
    assert!(!page.has("[data-testid='button-replace-token']").await);
    assert!(!page.text("connection-chip").await.contains("rejected"));
}

#[tokio::test]
async fn rows_and_edges_are_in_line_and_a_reload_keeps_the_issuer() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    let tops = "return ['validity-days', 'end-date'].map(it => document.getElementById(it).getBoundingClientRect().top)";
    let tops = page.script(tops).await;
    assert_eq!(tops[0], tops[1], "the days and the end date: {tops}");
    assert_eq!(sign(&page).await, "signed");
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    // As the navigation does it.
    page.go("#/sign", "screen-sign").await;
    let root = &world.standin.roots()[0];
    assert_eq!(
        page.script("return document.getElementById('root-cn').value").await,
        root.common_name.as_str()
    );
    assert_eq!(page.script("return document.getElementById('csr-id').value").await, "");

    let left = "return ['.top-inner', '#main', '.bottom'].map(it => {
        const part = document.querySelector(it), box = part.getBoundingClientRect();
        return box.left + parseFloat(getComputedStyle(part).paddingLeft);
    })";
    for width in [1280, 1900] {
        served.driven.narrow(width, 800).await;
        page.go("#/history", "screen-history").await;
        let left = page.script(left).await;
        assert!(left[0] == left[1] && left[1] == left[2], "{width}: {left}");
        page.go("#/sign", "screen-sign").await;
    }
    served.driven.narrow(390, 844).await;
    page.go("#/history", "screen-history").await;
    let lines = "const it = document.querySelector('[data-testid=\"history-total\"]');
        return it.getClientRects().length > 0 && it.clientHeight < 1.9 * parseFloat(getComputedStyle(it).fontSize)";
    page.part("history-total").await;
    assert_eq!(page.script(lines).await, true, "the count is one line");
}
