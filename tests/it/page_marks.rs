//! What the history marks: production, issuers, possible certificates; and that what is new comes into view.

use e2e::page::Page;
use e2e::steps::add;
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::Served;

/// Whether an element lies in the window, below the header.
async fn in_sight(page: &Page<'_>, selector: &str) -> bool {
    let source = format!(
        "const it = document.querySelector(\"{selector}\")?.getBoundingClientRect();
         const top = document.querySelector('.top').getBoundingClientRect().bottom;
         return !!it && it.height > 0 && it.top >= Math.max(0, top) - 1 && it.bottom <= window.innerHeight + 1;"
    );
    page.script(&source).await == true
}

async fn comes_into_sight(page: &Page<'_>, selector: &str) {
    wait::until(selector, async || in_sight(page, selector).await.then_some(())).await;
}

#[tokio::test]
async fn the_failed_step_of_a_test_comes_into_view_with_its_first_action() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    for (width, height) in [(1280, 800), (390, 800)] {
        page.client.set_window_size(width, height).await.unwrap();
        page.go("#/connection/new", "connection-form").await;
        page.fill("server", world.standin.url()).await;
        page.fill("name", &format!("Wide {width}")).await;
        page.script("window.scrollTo(0, document.body.scrollHeight)").await;
        page.script("document.getElementById('timeout').focus({ preventScroll: true })").await;
        let hand_in = "document.activeElement.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))";
        page.script(hand_in).await;
        let failed = "[data-testid='test-steps'] [data-state='failed']";
        page.shown(failed).await;
        comes_into_sight(&page, &format!("{failed} summary")).await;
        comes_into_sight(&page, &format!("{failed} a")).await;
    }
}

#[tokio::test]
async fn a_failed_step_below_a_sticky_column_comes_into_view() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection/new", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.click("label[for='trust-file']").await;
    page.fill("ca-file", &world.standin.ca_file().display().to_string()).await;
    page.fill("token", "NOT-THE-TOKEN").await;
    // Low, but not so low that the column beside the form gives up its place.
    page.client.set_window_size(1280, 660).await.unwrap();
    page.script("document.getElementById('token').scrollIntoView({ block: 'center' })").await;
    page.script("document.getElementById('token').focus({ preventScroll: true })").await;
    let hand_in = "document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }))";
    page.script(hand_in).await;
    page.shown("[data-stage='token'][data-state='failed']").await;
    comes_into_sight(&page, "[data-testid='test-steps'] [data-state='failed'] summary").await;
    comes_into_sight(&page, "[data-testid='test-steps'] [data-state='failed'] .step-body").await;
}

#[tokio::test]
async fn the_history_marks_production_and_names_the_issuer() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    world.sign(301, &[]).await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    page.client.set_window_size(1280, 800).await.unwrap();
    page.go("#/history", "screen-history").await;
    page.part("production-mark").await;
    let issuer = &world.standin.roots()[0].common_name;
    let cell = page.shown("[data-entry='1'] .cell-issuer").await.text().await.unwrap();
    assert_eq!(&cell, issuer);
    let cut_off = "return [...document.querySelectorAll('.record tbody td')].filter(cell =>
        !cell.matches('.cell-server, .cell-issuer') && cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)";
    assert_eq!(page.script(cut_off).await, serde_json::json!([]), "cut off at 1280");
    // What was asked for is known, whatever came of it.
    for entry in [1, 2] {
        let end = page.shown(&format!("[data-entry='{entry}'] .cell-expires")).await.text().await.unwrap();
        assert_eq!(end.len(), "2027-03-04".len(), "{end}");
    }
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(page.script(fits).await, true);
    page.client.set_window_size(390, 800).await.unwrap();
    let cell = page.shown("[data-entry='1'] .cell-issuer").await.text().await.unwrap();
    assert_eq!(&cell, issuer, "in sight on a narrow page too");
    assert_eq!(page.script(fits).await, true);
    page.go("#/history/1", "screen-entry").await;
    let bar = page.text("production-bar").await;
    page.go("#/history", "screen-history").await;
    page.client.set_window_size(390, 800).await.unwrap();
    page.client.set_window_size(320, 700).await.unwrap();
    let whole = "const name = document.querySelector('.chip-name');
        return name.clientWidth > 0 && name.scrollWidth <= name.clientWidth";
    assert_eq!(page.script(whole).await, true, "the connection's name is cut off");
    assert_eq!(page.script(fits).await, true);
    assert!(bar.contains("Live"), "{bar}");
}

#[tokio::test]
async fn the_certificates_of_a_search_are_counted_as_they_are_shown() {
    let world = World::new().await;
    // Two signings of one CSR are unknown; one of them made a certificate.
    for (csr, fault) in [(302, Fault::CloseBeforeHeaders), (302, Fault::SignThen500)] {
        world.standin.fault_next(fault, 1);
        world.sign(csr, &["--again", "the first one was lost"]).await;
    }
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/2", "screen-entry").await;
    page.press("button-look").await;
    let possible = page.text("candidates-possible").await;
    assert!(
        possible.contains("May match: 1") && possible.contains("May also belong to entry 1"),
        "{possible}"
    );
    assert!(!page.has("[data-testid='proof']").await && !page.has("[name='verdict']:checked").await);
    page.follow("entry 1").await;
    wait::until("that entry", async || (page.address().await == "#/history/1").then_some(())).await;

    // The CSR of this one cannot be fetched.
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    page.go("#/history/3", "screen-entry").await;
    page.press("button-look").await;
    let words = page.text("look-result").await;
    let cards = async |group: &str| {
        let source = format!(
            "return document.querySelectorAll(\"[data-testid='{group}'] [data-testid='candidate']\").length"
        );
        page.script(&source).await.as_u64().unwrap()
    };
    // The unlikely ones are folded away, as in the terminal.
    let fold = page.part("less-likely").await.text().await.unwrap();
    assert_eq!(
        page.script("return document.querySelector('details:has([data-testid=\"less-likely\"])').open").await,
        false
    );
    page.press("less-likely").await;
    page.part("candidates-contradicted").await;
    let (possible, contradicted) =
        (cards("candidates-possible").await, cards("candidates-contradicted").await);
    assert!(words.contains(&format!("{possible} may match")), "{words}");
    assert!(words.contains(&format!("{contradicted} ")) && contradicted > 0, "{words}");
    assert!(fold.contains(&format!("{contradicted} certificate")) && fold.contains("less likely"), "{fold}");
    assert!(
        words.contains("neither keys nor names were compared") && !words.contains("another key"),
        "{words}"
    );
    let first = page.text("contradictions").await;
    assert!(first.starts_with("– contradicts: "), "{first}");
}

#[tokio::test]
async fn a_wrong_serial_number_is_said_at_its_field_and_evidence_comes_into_view() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.client.set_window_size(1280, 700).await.unwrap();
    page.go("#/history", "screen-history").await;
    page.fill("filter-serial", "zz").await;
    let problem = page.shown(".field:has(#filter-serial) #filter-serial-problem").await.text().await.unwrap();
    assert!(problem.contains("This is not a serial number"), "{problem}");
    assert_eq!(
        page.shown("#filter-serial").await.attr("aria-invalid").await.unwrap().as_deref(),
        Some("true")
    );
    page.go("#/history/1", "screen-entry").await;
    page.press("button-evidence").await;
    page.part("export-name").await;
    comes_into_sight(&page, "[data-testid='evidence-saved'] .notice").await;
}
