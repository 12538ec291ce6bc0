//! The page Connection: several connections, their secrets, the lock, and a server that is not accepted.

use e2e::page::Page;
use e2e::wait;
use e2e::world::World;
use fantoccini::Locator;
use fantoccini::key::Key;
use standin::ServerIdentity;

use crate::browser::{Served, fill_form, sign};

pub(crate) use e2e::steps::{add, passed, row, switch_to};

fn files_in(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test]
async fn two_connections_one_in_use_and_a_review_never_goes_to_the_other() {
    let (live, lab) = (World::new().await, World::new().await);
    let served = Served::bare(&live, false).await;
    let page = served.page();
    // With nothing saved, the page leads straight to the form.
    page.go("#/connection", "connection-form").await;
    add(&page, &live, "Live", "production", "").await;
    add(&page, &lab, "Lab", "test", "").await;
    page.go("#/connection", "settings").await;
    // Adding and testing the second one left the first in use.
    page.shown(&format!("{}[data-in-use='true']", row("Live"))).await;
    page.shown(&format!("{}[data-in-use='false']", row("Lab"))).await;

    fill_form(&page, &live, 301).await;
    page.part("production-bar").await;
    page.press("button-review").await;
    let button = page.text("button-sign").await;
    assert!(button.contains("in production"), "{button}");

    switch_to(&page, "Lab").await;
    let notice = page.text("changed-over").await;
    assert!(notice.contains("Lab") && notice.contains("Nothing was sent"), "{notice}");
    page.gone("[data-testid='production-bar']").await;
    fill_form(&page, &lab, 301).await;
    assert_eq!(sign(&page).await, "signed");
    assert_eq!((live.standin.sign_posts(), lab.standin.sign_posts()), (0, 1));
}

#[tokio::test]
async fn a_removed_connection_comes_back() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-duplicate']", row("Live"))).await;
    page.shown(&row("Live (2)")).await;
    wait::until("the focus on the copy", async || {
        page.focused().await.starts_with("connection-").then_some(())
    })
    .await;
    // One that is neither in use nor production goes at once; this copy is production.
    page.click(&format!("{} [data-testid='button-remove']", row("Live (2)"))).await;
    let question = page.text("remove-question").await;
    assert!(question.contains("marked as production") && !question.contains("in use"), "{question}");
    page.press("button-remove-yes").await;
    page.gone(&row("Live (2)")).await;

    page.click(&format!("{} [data-testid='button-remove']", row("Live"))).await;
    let question = page.text("remove-question").await;
    for words in ["It is in use", "the token in memory", "The history stays", "15 minutes"] {
        assert!(question.contains(words), "{words}: {question}");
    }
    wait::until("the focus", async || (page.focused().await == "button-keep").then_some(())).await;
    // Nothing has happened yet, and Escape leaves it so.
    page.shown(&row("Live")).await;
    let keep = page.part("button-keep").await;
    keep.send_keys(&Key::Escape.to_string()).await.unwrap();
    page.gone("[data-testid='remove-question']").await;
    page.click(&format!("{} [data-testid='button-remove']", row("Live"))).await;
    page.press("button-remove-yes").await;
    page.gone(&row("Live")).await;
    wait::until("the focus on Undo", async || (page.focused().await == "button-undo").then_some(())).await;
    let undo = page.part("button-undo").await.attr("aria-label").await.unwrap();
    assert_eq!(undo.as_deref(), Some("Undo: Live (2)"), "in the order of the removals");
    page.click("[data-testid='removed'] li:last-child button").await;
    page.shown(&format!("{}[data-in-use='true']", row("Live"))).await;
    let toast = page.text("toast").await;
    assert!(toast.contains("It is in use") && toast.contains("no token"), "{toast}");
    wait::until("the focus on it", async || page.focused().await.starts_with("connection-").then_some(()))
        .await;
    page.press("button-undo").await;
    page.gone("[data-testid='removed']").await;
    let order = "return [...document.querySelectorAll(\"[data-testid='connection']\")].map(it => it.dataset.name).join()";
    assert_eq!(page.script(order).await, "Live,Live (2)");
    page.shown(&format!("{}[data-in-use='true']", row("Live"))).await;
}

#[tokio::test]
async fn connections_are_handed_out_without_secrets_and_taken_in_elsewhere() {
    let (world, other) = (World::new().await, World::new().await);
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    page.go("#/connection", "settings").await;
    page.press("button-export").await;
    page.click("[data-testid='exported'] summary").await;
    let text = page.text("export-text").await;
    assert!(text.contains("Live") && !text.contains(world.standin.token()), "{text}");
    let file = world.path("connections.json");
    std::fs::write(&file, &text).unwrap();

    let elsewhere = Served::bare(&other, false).await;
    let page = elsewhere.page();
    add(&page, &other, "Lab", "test", "").await;
    page.go("#/connection", "settings").await;
    let input = elsewhere.driven.client.find(Locator::Css("#import-file")).await.unwrap();
    input.send_keys(&file.display().to_string()).await.unwrap();
    let told = page.text("imported").await;
    assert!(told.contains("1 of 1") && told.contains("Live"), "{told}");
    let row = page.shown(&row("Live")).await.text().await.unwrap();
    assert!(row.contains("Production") && row.contains("No token"), "{row}");
}

#[tokio::test]
async fn a_token_is_kept_or_held_for_the_session_as_chosen() {
    let world = World::new().await;
    let folder = world.path("keychain");
    std::fs::create_dir(&folder).unwrap();
    let served = Served::with_keychain(&world, &format!("folder:{}", folder.display())).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    // The record's key may be there already.
    let before = files_in(&folder);
    add(&page, &world, "Session", "test", "keep-session").await;
    assert_eq!(files_in(&folder), before);
    page.go("#/connection", "settings").await;
    let text = page.shown(&row("Session")).await.text().await.unwrap();
    assert!(text.contains("held for this session"), "{text}");

    // Locked, a token of the session is gone, and signing waits for it.
    fill_form(&page, &world, 301).await;
    page.press("button-lock").await;
    page.part("locked").await;
    assert!(!page.part("button-review").await.is_enabled().await.unwrap());
    page.press("button-unlock").await;
    // The token is entered in place, and what was filled in stays.
    page.fill("token-again", world.standin.token()).await;
    page.press("button-token-again").await;
    page.gone("[data-testid='token-again-form']").await;
    let kept = page.shown("#csr-id").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("301"));
    wait::until("a review", async || page.part("button-review").await.is_enabled().await.ok()?.then_some(()))
        .await;
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-edit']", row("Session"))).await;
    page.part("connection-form").await;

    // What is typed and not saved yet leaves its field with a lock.
    page.fill("token", "half-a-token").await;
    page.press("button-lock").await;
    let typed = async || page.script("return document.getElementById('token').value").await;
    wait::until("an empty field", async || (typed().await == "").then_some(())).await;
    page.press("button-unlock").await;
    page.gone("[data-testid='locked']").await;

    page.click("label[for='keep-keychain']").await;
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    passed(&page, "token").await;
    assert_eq!(files_in(&folder), before + 1);

    // One that is kept comes back, and what was typed is still there.
    page.go("#/sign", "screen-sign").await;
    page.script(
        "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'l', altKey: true, bubbles: true }))",
    )
    .await;
    page.part("locked").await;
    page.press("button-unlock").await;
    page.gone("[data-testid='locked']").await;
    assert_eq!(sign(&page).await, "signed");

    let everything = page.everything().await;
    assert!(!everything.contains(world.standin.token()), "the token is out of reach of the page's scripts");
}

#[tokio::test]
async fn a_keychain_that_cannot_be_used_says_why() {
    let world = World::new().await;
    let served = Served::with_keychain(&world, "locked").await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    let told = page.text("keychain-unusable").await;
    assert!(told.contains("this session only") && told.contains("locked"), "{told}");
    add(&page, &world, "Live", "production", "").await;
}

#[tokio::test]
async fn a_server_is_accepted_once_its_ca_was_compared() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.fill("token", &format!("\"{}\"", world.standin.token())).await;
    page.script("document.activeElement.blur()").await;
    let remark = page.shown("#token-remarks p").await.text().await.unwrap();
    assert!(remark.contains("quotation marks"), "{remark}");
    page.press("button-save-connection").await;
    page.shown("[data-stage='tls'][data-state='failed']").await;
    // It goes with the text that it is about.
    page.gone("#token-remarks p").await;
    let doctor = page.text("doctor").await;
    let colons = fingerprint_of_the_ca(&world);
    assert!(!doctor.contains(colons.rsplit('=').next().unwrap()), "it is not there to be copied: {doctor}");
    page.part("sha256-withheld").await;
    let button = page.part("button-trust-ca").await;
    page.fill("ca-fingerprint", "AB:CD").await;
    assert!(!button.is_enabled().await.unwrap());
    let reason = page.shown("#trust-reason").await.text().await.unwrap();
    assert!(reason.contains("4 of 64"), "{reason}");

    page.fill("ca-fingerprint", &"ab".repeat(32)).await;
    wait::until("the button", async || button.is_enabled().await.ok()?.then_some(())).await;
    page.press("button-trust-ca").await;
    let alarm = page.shown("[data-testid='trust-ca'] [role='alert']").await.text().await.unwrap();
    assert!(alarm.contains("not that of the CA") && alarm.contains("Do not trust it"), "{alarm}");
    assert!(!alarm.contains("Some fields"), "{alarm}");
    wait::until("the focus", async || (page.focused().await == "button-test-again").then_some(())).await;

    // The typed one stays in sight, the presented one is still not there, and the next try takes a new test.
    let typed = page.text("fingerprint-typed").await;
    assert!(typed.contains("ABAB"), "{typed}");
    page.part("sha256-withheld").await;
    page.gone("#ca-fingerprint").await;
    // So it stays when another page was open meanwhile.
    page.go("#/history", "screen-history").await;
    page.go("#/connection", "doctor").await;
    assert!(page.text("fingerprint-typed").await.contains("ABAB"));
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("each test allows one comparison"), "{doctor}");
    page.gone("[data-testid='button-trust-ca']").await;
    page.press("button-test-again").await;
    page.gone("[data-testid='fingerprint-typed']").await;
    // As openssl writes it, with its words in front; Enter hands it in.
    page.fill("ca-fingerprint", &colons).await;
    page.shown("#ca-fingerprint").await.send_keys(&Key::Enter.to_string()).await.unwrap();
    passed(&page, "token").await;
    // The form is gone with what it was for: the focus is on how the test ended.
    wait::until("the focus on the verdict", async || (page.focused().await == "verdict").then_some(())).await;
    page.gone("[data-testid='doctor']").await;
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "signed");
}

#[tokio::test]
async fn a_server_with_a_foreign_name_gets_no_way_around_but_its_own_fingerprint() {
    let world = World::with(|it| it.server_identity(ServerIdentity::WrongName)).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/connection", "settings").await;
    page.press("button-test").await;
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("pam360.elsewhere.example.test") && doctor.contains("127.0.0.1"), "{doctor}");
    page.shown("[data-fault='true']").await;
    assert!(page.client.find(Locator::Css("[data-testid='trust-ca']")).await.is_err());
    page.part("trust-certificate").await;
    page.part("sha256-withheld").await;
    assert_eq!(world.standin.received().len(), 0);
}

#[tokio::test]
async fn a_token_that_ends_soon_is_said_on_both_pages() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    set_expiry(&page, 3).await;
    let told = page.text("token-expiry").await;
    assert!(told.contains("in 3 days"), "{told}");
    page.go("#/sign", "screen-sign").await;
    page.part("token-expiry").await;
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-edit']", row("Live"))).await;
    page.part("connection-form").await;
    set_expiry(&page, -2).await;
    fill_form(&page, &world, 301).await;
    page.shown("[data-testid='token-expiry'][role='alert']").await;
    assert_eq!(sign(&page).await, "signed");
}

/// Types a day so many days from now, and saves. The page's clock stands still from then on: midnight may be near.
pub(crate) async fn set_expiry(page: &Page<'_>, days: i64) {
    page.script(&format!(
        "const now = Date.now();
         Date.now = () => now;
         const field = document.getElementById('token-expires');
         field.value = new Date(now + {days} * 86400000).toISOString().slice(0, 10);
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ))
    .await;
    page.press("button-save-connection").await;
    page.part("token-expiry").await;
    passed(page, "token").await;
}

/// The fingerprint of the stand-in's CA, as its owner would read it from the file.
pub(crate) fn fingerprint_of_the_ca(world: &World) -> String {
    let output = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(world.standin.ca_file())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn what_is_preferred_is_kept_and_diagnostics_hold_no_secret() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/connection", "settings").await;
    page.click("#lock-after option[value='240']").await;
    // While it is being saved, no other action begins.
    page.part("toast").await;
    wait::until("the preference", async || {
        page.press("button-diagnostics").await;
        page.text("diagnostics").await.contains("240").then_some(())
    })
    .await;
    assert!(!page.text("diagnostics").await.contains(world.standin.token()));
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("settings").await;
    let value = page.script("return document.getElementById('lock-after').value").await;
    assert_eq!(value, "240");
}

#[tokio::test]
async fn the_record_is_sorted_by_its_columns() {
    let world = World::new().await;
    world.sign(302, &[]).await;
    world.sign(301, &[]).await;
    world.sign(303, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    let order = async || {
        let source = "return [...document.querySelectorAll(\"[data-testid='history-row']\")].map(it => it.dataset.entry).join()";
        page.script(source).await.as_str().unwrap_or_default().to_owned()
    };
    page.go("#/history", "screen-history").await;
    wait::until("the newest first", async || (order().await == "3,2,1").then_some(())).await;
    page.press("sort-csr").await;
    wait::until("by CSR id", async || (order().await == "2,1,3").then_some(())).await;
    page.shown("th[aria-sort='ascending'] [data-testid='sort-csr']").await;
    page.press("sort-csr").await;
    wait::until("turned round", async || (order().await == "3,1,2").then_some(())).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    wait::until("the same after a reload", async || (order().await == "3,1,2").then_some(())).await;
    page.shown("th[aria-sort='descending'] [data-testid='sort-csr']").await;
}
