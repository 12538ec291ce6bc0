//! Resolving an entry in a browser: what a search finds, what a person decides, and decisions made elsewhere.

use e2e::wait;
use e2e::world::World;
use fantoccini::key::Key;
use standin::Fault;

use crate::browser::{Served, fill_form};

#[tokio::test]
async fn no_verdict_is_offered_in_the_page_before_a_look_or_the_word_of_a_person() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.part("button-look").await;
    assert!(!page.has("[name='verdict']").await);
    page.click("#looked-in-console").await;
    page.part("verdict-another").await;
    page.part("verdict-not-there").await;
    page.click("#looked-in-console").await;
    wait::until("no verdict", async || (!page.has("[name='verdict']").await).then_some(())).await;

    page.press("button-look").await;
    page.part("look-result").await;
    assert_eq!(page.focused().await, "button-look", "a busy button keeps the focus");
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "not in the list").await;
    page.press("button-decide").await;
    let decision = page.text("decision").await;
    assert!(decision.contains("After a search on the server"), "{decision}");
    assert!(decision.contains("Not issued (by a person)"), "{decision}");
    assert!(!page.has("[data-testid='earlier-decisions']").await);
    assert_eq!(world.history().await[0]["code"], "not-there");
    // The review of the same CSR names it, and asks for no reason.
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    let named = page.text("not-issued").await;
    assert!(named.contains("Entry 1: signing of 20") && named.contains("A person recorded"), "{named}");
    assert!(!page.has("#again-reason").await);
    page.follow("Entry 1").await;
    page.part("screen-entry").await;

    // A wrong decision is corrected by a later one, and the search stays in sight for that.
    page.click("[data-testid='screen-entry'] details:has([data-testid='settle']) summary").await;
    page.part("look-result").await;
    page.press("verdict-another").await;
    page.fill("decision-serial", "0a:0b").await;
    page.fill("decision-reason", "found in the console").await;
    page.press("button-decide").await;
    wait::until("the later decision", async || {
        (world.history().await[0]["code"] == "found-by-person").then_some(())
    })
    .await;
    let decision = page.text("decision").await;
    assert!(decision.contains("console") && decision.contains("found in the console"), "{decision}");
    assert!(decision.contains("Signed (by a person)"), "{decision}");
    assert_eq!(page.text("resolution").await, "Signed (by a person)");
    let earlier = page.text("earlier-decisions").await;
    for words in ["Not issued (by a person)", "not in the list", "After a search on the server", " UTC"] {
        assert!(earlier.contains(words), "{words}: {earlier}");
    }
    assert!(!earlier.contains("found in the console"), "{earlier}");
    // A decision can be wrong: the search is still offered.
    assert!(page.has("[data-testid='button-look']").await);

    // Once more; the serial number of the decision that does not count any longer still leads here, and that is said.
    page.script("document.querySelector(\"details:has([data-testid='settle'])\").open = true").await;
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "it was of another CSR").await;
    page.shown("#decision-reason").await.send_keys(&Key::Enter.to_string()).await.unwrap();
    wait::until("the last decision", async || {
        (world.history().await[0]["code"] == "not-there").then_some(())
    })
    .await;
    page.go("#/history?serial=0a0b", "history-row").await;
    let replaced = page.text("replaced").await;
    assert!(replaced.contains("An earlier decision names this serial number"), "{replaced}");
    assert!(replaced.contains("Entry 1"), "{replaced}");
}

#[tokio::test]
async fn the_history_says_how_a_person_resolved_an_entry() {
    let world = World::new().await;
    for (entry, decision, csr_id) in [(1, &["--not-there"][..], 302), (2, &["--it-is", "0a0b"], 304)] {
        world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
        world.sign(csr_id, &[]).await;
        world.resolve(entry, decision, "seen").await;
    }
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    for (entry, words) in [("1", "Not issued (by a person)"), ("2", "Signed (by a person)")] {
        let cell = page.shown(&format!("tr[data-entry='{entry}'] .cell-outcome")).await;
        assert_eq!(cell.text().await.unwrap().trim(), words);
    }
    page.go("#/history/1", "screen-entry").await;
    assert_eq!(page.text("resolution").await, "Not issued (by a person)");
}

/// A certificate that nothing contradicts is not decided away by the search that found it.
#[tokio::test]
async fn no_certificate_is_recorded_beside_a_possible_one_only_after_a_look_in_the_console() {
    let world = World::new().await;
    // Its CSR cannot be fetched, so nothing proves the certificate that was issued.
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.press("button-look").await;
    page.part("look-result").await;
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "I think so").await;
    let reason = async || page.shown("#decide-reason").await.text().await.unwrap();
    let closed = reason().await;
    assert!(closed.contains("Nothing contradicts a certificate that the search found"), "{closed}");
    assert!(!page.part("button-decide").await.is_enabled().await.unwrap());
    page.press("button-to-console").await;
    page.has_focus("looked-in-console").await;
    page.click("#looked-in-console").await;
    wait::until("the reason is gone", async || (!reason().await.contains("contradicts")).then_some(())).await;
    page.press("button-decide").await;
    let decision = page.text("decision").await;
    assert!(decision.contains("console"), "{decision}");
    assert_eq!(world.history().await[0]["code"], "not-there");
}

#[tokio::test]
async fn a_certificate_known_from_the_console_is_recorded_by_its_serial_number() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.sign(302, &[]).await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.part("settle-obstacle").await;
    page.click("#looked-in-console").await;
    page.press("verdict-another").await;
    page.fill("decision-serial", "zz").await;
    page.fill("decision-reason", "listed there").await;
    let button = page.part("button-decide").await;
    assert!(!button.is_enabled().await.unwrap());
    let serial = world.standin.issued().pop().unwrap().serial_hex;
    page.fill("decision-serial", &serial.to_uppercase()).await;
    page.press("button-decide").await;
    let decision = page.text("decision").await;
    assert!(decision.contains("After a look in PAM360's console"), "{decision}");
    assert_eq!(world.history().await[0]["certificates"][0]["serial_number"], serial.as_str());
}

/// A decision in a terminal about the only entry: a person saw this certificate.
async fn decide_elsewhere(world: &World) {
    world.resolve(1, &["--it-is", "0a0b"], "it came late").await;
}

#[tokio::test]
async fn a_page_does_not_reverse_a_decision_that_it_has_not_shown() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.click("#looked-in-console").await;
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "not in the list").await;
    // The page does not learn of the decision by itself.
    served.driven.block("*/api/status").await;
    decide_elsewhere(&world).await;
    page.press("button-decide").await;
    let refused = page.shown("[data-testid='screen-entry'] > [data-testid='failure']").await;
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("Somebody decided about this entry in the meantime"), "{refused}");
    let decision = page.text("decision").await;
    assert!(decision.contains("it came late"), "{decision}");
    assert_eq!(world.history().await[0]["code"], "found-by-person", "nothing was recorded");

    // Now that the person has seen it, it is corrected on purpose; the typed reason is still there.
    page.click("#looked-in-console").await;
    assert_eq!(page.field("How do you know?").await, "not in the list");
    assert!(!page.part("button-decide").await.is_enabled().await.unwrap(), "the choice was made without it");
    page.press("verdict-not-there").await;
    page.press("button-decide").await;
    wait::until("the correction", async || (world.history().await[0]["code"] == "not-there").then_some(()))
        .await;
    wait::until("the refusal is gone", async || {
        (!page.has("[data-testid='screen-entry'] > [data-testid='failure']").await).then_some(())
    })
    .await;
}

/// A stored choice is from before the decision: neither a return to the entry nor a reload of the page takes it for an answer.
#[tokio::test]
async fn a_choice_from_before_a_decision_elsewhere_is_gone_after_a_return_and_after_a_reload() {
    for reload in [false, true] {
        let world = World::new().await;
        world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
        world.sign(302, &[]).await;
        let served = Served::connected(&world, false).await;
        let page = served.page();
        page.go("#/history/1", "screen-entry").await;
        page.click("#looked-in-console").await;
        page.press("verdict-not-there").await;
        page.fill("decision-reason", "not in the list").await;
        page.go("#/connection", "screen-connection").await;
        decide_elsewhere(&world).await;
        if reload {
            served.driven.client.refresh().await.unwrap();
            page.is_ready().await;
        }
        page.go("#/history/1", "screen-entry").await;
        let decision = page.text("decision").await;
        assert!(decision.contains("it came late"), "{decision}");
        page.click("#looked-in-console").await;
        assert_eq!(page.field("How do you know?").await, "not in the list");
        assert!(!page.part("button-decide").await.is_enabled().await.unwrap(), "reload: {reload}");
        assert_eq!(world.history().await[0]["code"], "found-by-person");
    }
}

#[tokio::test]
async fn an_open_entry_shows_what_somebody_decides_elsewhere() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.click("#looked-in-console").await;
    page.press("verdict-not-there").await;
    page.fill("decision-reason", "not in the list").await;
    decide_elsewhere(&world).await;
    // The page is looked at again.
    page.look_again().await;
    let decision = page.text("decision").await;
    assert!(decision.contains("it came late"), "{decision}");
    page.click("#looked-in-console").await;
    assert_eq!(page.field("How do you know?").await, "not in the list");
}

#[tokio::test]
async fn why_a_decision_was_refused_goes_with_the_choice() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/2", "screen-entry").await;
    page.click("#looked-in-console").await;
    page.press("verdict-another").await;
    page.fill("decision-serial", &world.standin.issued()[0].serial_hex).await;
    page.fill("decision-reason", "listed there").await;
    page.press("button-decide").await;
    page.shown("[data-testid='settle'] [data-testid='failure']").await;
    page.press("verdict-not-there").await;
    wait::until("the refusal is gone", async || {
        (!page.has("[data-testid='settle'] [data-testid='failure']").await).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_proven_certificate_is_chosen_beforehand_and_never_decided_by_itself() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "screen-entry").await;
    page.press("button-look").await;
    let proof = page.text("proof").await;
    assert_eq!(proof, "Same key, names, issuer and time: proof");
    let candidate = page.text("candidate").await;
    assert!(candidate.contains("after the request was sent"), "{candidate}");
    assert_eq!(page.script("return document.getElementById('candidate-0').checked").await, true);
    assert_eq!(world.history().await[0]["outcome"], "unknown");
    let button = page.part("button-decide").await;
    assert!(!button.is_enabled().await.unwrap(), "a person says how they know");

    // Opened again, the entry still shows what that search found, and when.
    let at = page.shown("[data-testid='look-result'] time").await.text().await.unwrap();
    assert!(at.ends_with(" UTC"), "{at}");
    page.go("#/history", "screen-history").await;
    page.go("#/history/1", "screen-entry").await;
    assert_eq!(page.text("proof").await, proof);
    assert_eq!(page.shown("[data-testid='look-result'] time").await.text().await.unwrap(), at);
    assert_eq!(page.text("button-look").await, "Search again");
    assert_eq!(page.script("return document.getElementById('candidate-0').checked").await, true);
    page.press("button-look").await;
    wait::until("a second search", async || {
        let entry = page.call("entry", r#"{"entry":1}"#).await;
        let entry: serde_json::Value = serde_json::from_str(&entry).ok()?;
        (entry["entry"]["look_ups"] == 2).then_some(())
    })
    .await;
    assert_eq!(page.text("proof").await, proof);
    page.shown("[data-testid='look-result'] time").await;
}
