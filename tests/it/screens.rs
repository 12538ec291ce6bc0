//! Every screen in both themes: axe-core finds nothing, the page does not scroll sideways when it is narrow.

use e2e::axe;
use e2e::page::Page;
use e2e::steps::{hold_answer, is_answered, let_go, use_from_list};
use e2e::wait;
use e2e::world::World;
use standin::Fault;

use crate::browser::{Served, fill_form, sign};
use crate::page_connections::{add, passed, set_expiry, switch_to};

/// Looks at the screen as it stands, in the light theme and, where `dark` asks for it, in the dark one as well; keeps pictures
/// of it below `target/screens`. A theme changes colours alone: what is not about them is looked at once.
async fn look(served: &Served, name: &str, dark: bool) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    served.driven.prefer("light").await;
    let complaints = axe::complaints(&served.driven.client, axe::Rules::All).await;
    assert!(complaints.is_empty(), "{name}, light: {complaints:#?}");
    served.picture(&folder.join(format!("{name}-light.png"))).await;
    let sideways = "return document.documentElement.scrollWidth > document.documentElement.clientWidth + 1";
    assert_eq!(served.page().script(sideways).await, false, "{name} scrolls sideways");
    // As wide as a telephone; after the wide one, so that nothing that was opened there is closed here.
    if dark {
        served.driven.narrow(390, 844).await;
        assert_eq!(served.page().script(sideways).await, false, "{name} scrolls sideways at 390 pixels");
        served.picture(&folder.join(format!("{name}-390-light.png"))).await;
        served.driven.wide().await;
    }
    if dark {
        served.driven.prefer("dark").await;
        let background = "return getComputedStyle(document.body).colorScheme";
        assert_eq!(served.page().script(background).await, "dark", "{name} has its dark colours");
        let complaints = axe::complaints(&served.driven.client, axe::Rules::Colours).await;
        assert!(complaints.is_empty(), "{name}, dark: {complaints:#?}");
        served.picture(&folder.join(format!("{name}-dark.png"))).await;
        served.driven.narrow(390, 844).await;
        served.picture(&folder.join(format!("{name}-390-dark.png"))).await;
        served.driven.wide().await;
    }
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
    page.press("advanced").await;
    for way in ["trust-pem", "client-pkcs12", "proxy-manual"] {
        page.click(&format!("label[for='{way}']")).await;
    }
    page.press("button-save-connection").await;
    page.part("summary-problems").await;
    look(&bare, "connection-problems", dark).await;
    drop(bare);
    connections(dark).await;
    locked(dark).await;
    not_accepted(dark).await;

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
    page.press("sort-server").await;
    page.shown("th[aria-sort]").await;
    page.press("button-verify").await;
    page.part("verification").await;
    look(&served, "history-verified", dark).await;
    page.go("#/history/1", "screen-entry").await;
    page.part("outcome").await;
    look(&served, "history-entry", dark).await;
    settling(&served, &world, dark).await;

    fill_form(&page, &world, Fault::Hang.csr_id()).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    page.press("button-sign").await;
    page.part("screen-progress").await;
    look(&served, "progress", dark).await;
    // After a reload the form says that it runs.
    page.script("history.replaceState(null, '', '#/sign')").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("signing-running").await;
    look(&served, "sign-running", dark).await;
    page.go("#/connection", "settings").await;
    look(&served, "connection-signing", dark).await;
}

async fn connection(served: &Served, page: &Page<'_>, dark: bool) {
    page.go("#/connection", "settings").await;
    page.press("button-test").await;
    passed(page, "token").await;
    look(served, "connection-tested", dark).await;
}

/// Several connections, and a production that cannot be overlooked.
async fn connections(dark: bool) {
    let world = World::new().await;
    let folder = world.path("keychain");
    std::fs::create_dir(&folder).unwrap();
    let served = Served::themed(&world, Some(&format!("folder:{}", folder.display())), dark).await;
    let page = served.page();
    add(&page, &world, "Rehearsal", "staging", "keep-session").await;
    add(&page, &world, "Live", "production", "keep-keychain").await;
    set_expiry(&page, 3).await;
    look(&served, "connection-form", dark).await;
    page.go("#/connection", "settings").await;
    use_from_list(&page, "Live").await;
    page.part("toast").await;
    look(&served, "connections", dark).await;
    page.press("connection-chip").await;
    page.part("connection-manage").await;
    look(&served, "connection-switcher", dark).await;
    page.press("connection-chip").await;
    page.click("[data-testid='connection'][data-name='Live'] [data-testid='button-remove']").await;
    page.part("remove-question").await;
    look(&served, "connection-remove-question", dark).await;
    page.press("button-keep").await;
    page.press("button-export").await;
    page.part("exported").await;
    page.press("button-diagnostics").await;
    page.part("diagnostics").await;
    look(&served, "connection-exported-diagnostics", dark).await;
    page.click("[data-testid='connection'][data-name='Rehearsal'] [data-testid='button-remove']").await;
    page.part("removed").await;
    look(&served, "connection-removed", dark).await;
    page.press("button-undo").await;

    fill_form(&page, &world, 301).await;
    page.part("production-bar").await;
    look(&served, "sign-production-expiring", dark).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    look(&served, "review-production", dark).await;
    switch_to(&page, "Rehearsal").await;
    page.part("changed-over").await;
    look(&served, "sign-changed-over", dark).await;
}

async fn locked(dark: bool) {
    let world = World::new().await;
    let served = Served::themed(&world, Some("denied"), dark).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.part("keychain-unusable").await;
    look(&served, "connection-keychain-denied", dark).await;
    add(&page, &world, "Live", "production", "").await;
    page.go("#/sign", "screen-sign").await;
    page.press("button-lock").await;
    page.part("locked").await;
    look(&served, "sign-locked", dark).await;
    page.press("button-unlock").await;
    page.part("token-again-form").await;
    look(&served, "sign-token-again", dark).await;
    page.fill("token-again", "WRONG").await;
    page.press("button-token-again").await;
    page.go("#/connection", "settings").await;
    page.press("button-test").await;
    page.shown("[data-stage='token'][data-state='failed']").await;
    look(&served, "connection-token-rejected", dark).await;
    page.press("button-edit").await;
    // The button beside what is known of the token, where the sticky header ends.
    page.part("button-forget-token").await;
    let below_the_header = "const it = document.querySelector(\"[data-testid='button-forget-token']\");
        it.focus({ preventScroll: true });
        scrollBy(0, it.getBoundingClientRect().top - document.querySelector('.top').getBoundingClientRect().bottom);";
    page.script(below_the_header).await;
    look(&served, "connection-form-scrolled", dark).await;
}

/// A server that is not accepted: with a CA that could be trusted, and with another key than the one that is pinned.
async fn not_accepted(dark: bool) {
    let world = World::new().await;
    let served = Served::themed(&world, None, dark).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.press("button-save-connection").await;
    page.part("trust-ca").await;
    page.fill("ca-fingerprint", &"ab".repeat(32)).await;
    page.press("button-trust-ca").await;
    page.shown("[data-testid='trust-ca'] [role='alert']").await;
    look(&served, "connection-not-accepted", dark).await;

    page.click("label[for='trust-file']").await;
    page.fill("ca-file", &world.standin.ca_file().display().to_string()).await;
    page.press("advanced").await;
    page.fill("pin", &"ab".repeat(32)).await;
    page.press("button-save-connection").await;
    page.part("pin-differs").await;
    page.press("button-use-pin").await;
    look(&served, "connection-pin-differs", dark).await;
    let (pin, shown) =
        (page.script("return document.getElementById('pin').value").await, page.text("pin-presented").await);
    assert_eq!(pin.as_str().unwrap(), shown.replace(':', "").to_lowercase());
}

/// An unknown outcome with what may answer it, and the same CSR once more.
async fn settling(served: &Served, world: &World, dark: bool) {
    let page = served.page();
    world.standin.fault_next(Fault::SignThen500, 1);
    fill_form(&page, world, 302).await;
    assert_eq!(sign(&page).await, "unknown");
    page.press("settle-link").await;
    page.press("button-look").await;
    page.part("candidate").await;
    look(served, "history-candidates", dark).await;
    fill_form(&page, world, 302).await;
    page.press("button-review").await;
    page.shown("#again-reason").await;
    look(served, "review-again", dark).await;
    page.press("button-back").await;
}

#[tokio::test]
async fn every_screen_in_both_themes() {
    every_screen(true).await;
}

/// A history that lacks something: what the history, the review, the result and the form say of it.
#[tokio::test]
async fn a_history_that_lacks_something_in_both_themes() {
    let world = World::new().await;
    world.put_back_history().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "button-acknowledge").await;
    look(&served, "history-findings", true).await;
    page.fill("findings-reason", "Restored from Monday's backup after the disk failed, INC-7").await;
    page.press("button-acknowledge").await;
    page.part("may-be-missing").await;
    look(&served, "history-may-be-missing", true).await;
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    page.part("may-be-missing").await;
    look(&served, "review-may-be-missing", true).await;
}

/// A signing that the history does not have: its result, and its address after a reload.
#[tokio::test]
async fn a_signing_that_is_not_in_the_history_in_both_themes() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let old = std::fs::read(world.data_dir().join("journal.sqlite3")).unwrap();
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign/signing/00000000-0000-4000-8000-000000000000", "form-note").await;
    look(&served, "sign-no-such-signing", true).await;
    fill_form(&page, &world, Fault::SignThenHang.csr_id()).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    wait::until("the POST", async || (world.standin.sign_posts() == 2).then_some(())).await;
    world.restore_history(&old);
    world.standin.stop().await;
    page.part("not-recorded").await;
    look(&served, "result-not-in-history", true).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("form-note").await;
    look(&served, "sign-signing-may-be-missing", true).await;
}

/// What was resolved, and once more: the entry, the search for its serial numbers, the notice on Sign and an open review.
#[tokio::test]
async fn what_was_resolved_in_both_themes() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    page.fill("again-reason", "it is not in the list").await;
    world.resolve(1, &["--it-is", "0a0b"], "It came late, seen by the night shift").await;
    page.part("button-review-again").await;
    look(&served, "review-resolved-since", true).await;
    world.resolve(1, &["--not-there"], "It was the certificate of another CSR").await;
    page.go("#/history/1", "earlier-decisions").await;
    look(&served, "history-entry-replaced-decision", true).await;
    page.go("#/history?serial=0a0b", "replaced").await;
    look(&served, "history-replaced", true).await;
    page.go("#/history?serial=0a", "screen-history").await;
    page.shown("#filter-serial-note").await;
    look(&served, "history-short-serial", true).await;

    fill_form(&page, &world, 304).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    hold_answer(&page, "sign").await;
    page.press("button-sign").await;
    is_answered(&page).await;
    page.go("#/history", "screen-history").await;
    let_go(&page).await;
    page.part("signing-ended").await;
    world.resolve(2, &["--not-there"], "looked").await;
    page.go("#/sign", "screen-sign").await;
    page.shown(".notice--info[data-testid='signing-ended']").await;
    look(&served, "sign-notice-resolved", true).await;
}

/// A decision that a search contradicts, evidence that lacks what PAM360 did not hand out, and a history with a gap that a
/// person acknowledged.
#[tokio::test]
async fn what_is_contradicted_or_lacking_in_both_themes() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.sign(302, &[]).await;
    world.resolve(1, &["--not-there"], "It is not in the console").await;
    world.find(1).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history/1", "decision-contradicted").await;
    look(&served, "history-entry-contradicted", true).await;
    page.call("forget_token", "{}").await;
    page.press("button-evidence").await;
    page.part("evidence-lacks").await;
    look(&served, "history-evidence-lacks", true).await;
    drop(served);
    // A program that starts finds no head.
    std::fs::remove_file(world.data_dir().join("journal.head")).unwrap();
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "button-acknowledge").await;
    page.fill("findings-reason", "The disk was replaced, INC-7").await;
    page.press("button-acknowledge").await;
    page.part("may-be-missing").await;
    page.press("button-verify").await;
    assert!(page.text("verification").await.contains("other signings may be missing"));
    look(&served, "history-verified-incomplete", true).await;
}

#[tokio::test]
async fn at_320_pixels_nothing_is_cut_off() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    // 1280 pixels at 400 % zoom (WCAG 2.2, 1.4.10).
    served.driven.narrow(320, 800).await;
    let page = served.page();
    world.sign(301, &[]).await;
    for (route, screen) in [
        ("#/sign", "screen-sign"),
        ("#/history", "history-row"),
        ("#/connection", "settings"),
        ("#/connection/new", "connection-form"),
    ] {
        page.go(route, screen).await;
        look(&served, &format!("narrow-{screen}"), false).await;
    }
    page.go("#/connection", "settings").await;
    page.press("button-remove").await;
    page.part("remove-question").await;
    look(&served, "narrow-remove-question", false).await;
    page.press("button-menu").await;
    page.part("button-lock").await;
    look(&served, "narrow-menu", false).await;
}
