//! The page Connection: what is shown beside a connection belongs to it, and every action ends in visible words.

use e2e::page::Page;
use e2e::wait;
use e2e::world::World;
use fantoccini::Locator;
use fantoccini::key::Key;
use standin::ServerIdentity;

use crate::browser::{Served, fill_form};
use crate::page_connections::{add, fingerprint_of_the_ca, passed, row, set_expiry};

/// Fills the form of a new connection to a stand-in whose CA is not trusted, saves and tests it.
async fn add_untrusted(page: &Page<'_>, world: &World, name: &str) {
    page.go("#/connection", "screen-connection").await;
    page.go("#/connection/new", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.fill("name", name).await;
    page.press("button-save-connection").await;
    page.shown("[data-stage='tls'][data-state='failed']").await;
}

async fn edit(page: &Page<'_>, name: &str) {
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-edit']", row(name))).await;
    page.part("connection-form").await;
    wait::until("its form", async || {
        let value = page.script("return document.getElementById('name').value").await;
        (value == name).then_some(())
    })
    .await;
}

/// Waits until a part of the page says this. A part may be drawn again meanwhile.
async fn says(page: &Page<'_>, part: &str, words: &str) {
    let source = format!("return document.querySelector(\"[data-testid='{part}']\")?.textContent ?? ''");
    wait::until(words, async || {
        page.script(&source).await.as_str().is_some_and(|it| it.contains(words)).then_some(())
    })
    .await;
}

async fn toast(page: &Page<'_>, words: &str) {
    says(page, "toast", words).await;
}

/// The fingerprint of the stand-in's CA, with colons, as its owner would read it from the file.
fn fingerprint(world: &World) -> String {
    let line = fingerprint_of_the_ca(world);
    line.rsplit('=').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_server_showed_stands_beside_its_own_connection_alone() {
    let (live, lab) = (World::new().await, World::new().await);
    let served = Served::bare(&live, false).await;
    let page = served.page();
    add_untrusted(&page, &live, "Live").await;
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("Live"), "{doctor}");
    // Neither the CA's fingerprint nor the server's own is there to be typed back.
    assert!(!doctor.split_whitespace().any(|it| it.split(':').count() == 32), "{doctor}");
    // Live is in use and was not accepted. Beside another form there is nothing of it.
    page.go("#/connection", "settings").await;
    page.press("button-add").await;
    page.shown("#server").await;
    page.gone("[data-testid='doctor']").await;
    assert!(!page.has_part("trust-ca").await);

    add_untrusted(&page, &lab, "Lab").await;
    assert!(page.text("doctor").await.contains("Lab"));
    edit(&page, "Live").await;
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("Live") && !doctor.contains("Lab"), "{doctor}");
    // In the list, it is the one in use.
    page.go("#/connection", "settings").await;
    assert!(page.text("doctor").await.contains("Live"));

    // Lab is not in use; its CA is trusted for it and for nothing else.
    edit(&page, "Lab").await;
    page.press("button-test").await;
    page.part("trust-ca").await;
    page.fill("ca-fingerprint", &fingerprint(&lab)).await;
    page.press("button-trust-ca").await;
    passed(&page, "tls").await;
    let verdict = page.text("verdict").await;
    assert!(verdict.contains("Not ready to sign") && verdict.contains("No token is set"), "{verdict}");
    assert!(verdict.contains("HTTP answer, Token, Organization"), "{verdict}");
    page.go("#/connection", "settings").await;
    page.shown(&format!("{}[data-in-use='true']", row("Live"))).await;
    let saved = std::fs::read_to_string(live.data_dir().join("connections.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    let ca = |name: &str| {
        let all = saved["connections"].as_array().unwrap();
        all.iter().find(|it| it["form"]["name"] == name).unwrap()["form"]["ca"].clone()
    };
    assert_eq!(ca("Live"), "system");
    assert!(ca("Lab")["pem"]["text"].as_str().unwrap().contains("BEGIN CERTIFICATE"));
}

#[tokio::test]
async fn ready_is_said_only_when_every_step_passed_and_nothing_changed_since() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    assert!(page.text("verdict").await.contains("Ready to sign"));
    page.press("button-forget-token").await;
    toast(&page, "The token is forgotten").await;
    let now = async |words: &str| says(&page, "verdict", words).await;
    now("changed since the last test").await;
    wait::until("the focus on the token", async || (page.focused().await == "token").then_some(())).await;
    page.press("button-test").await;
    now("No token is set").await;
    page.shown("[data-stage='organization'][data-state='skipped']").await;

    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    now("Ready to sign").await;
    page.press("button-lock").await;
    now("Locked").await;
    page.press("button-unlock").await;
    now("no test result to show").await;

    // Removed and back again: its token left the memory.
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    now("Ready to sign").await;
    page.go("#/connection", "settings").await;
    now("Ready to sign").await;
    page.click(&format!("{} [data-testid='button-remove']", row("Live"))).await;
    page.press("button-remove-yes").await;
    page.press("button-undo").await;
    page.shown(&row("Live")).await;
    now("changed since the last test").await;
}

#[tokio::test]
async fn a_rejected_token_is_the_first_thing_to_be_seen() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    served.driven.narrow(1280, 800).await;
    page.go("#/connection", "settings").await;
    add(&page, &world, "Live", "test", "").await;
    page.fill("token", "WRONG").await;
    // Enter in a field of the form hands it in as the button does.
    page.shown("#token").await.send_keys(&Key::Enter.to_string()).await.unwrap();
    page.shown("[data-stage='token'][data-state='failed']").await;
    page.shown("[data-stage='http'][data-state='answered']").await;
    wait::until("the focus on the verdict", async || (page.focused().await == "verdict").then_some(())).await;
    let verdict = page.text("verdict").await;
    assert!(
        verdict.contains("Not ready to sign") && verdict.contains("did not accept the token"),
        "{verdict}"
    );
    let seen = page
        .script(
            "const inside = it => { const r = it.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; };
             const open = document.querySelector(\"[data-stage='token'] details\");
             const passed = document.querySelector(\"[data-stage='tls'] details\");
             return [inside(document.getElementById('verdict')), inside(open), open.open, passed.open];",
        )
        .await;
    assert_eq!(seen, serde_json::json!([true, true, true, false]));
    let step = page.shown("[data-stage='token'] .step-body").await.text().await.unwrap();
    assert!(step.contains("Authentication failed"), "{step}");
}

#[tokio::test]
async fn a_chosen_ca_file_shows_what_it_holds_before_and_after_it_is_saved() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.click("label[for='trust-pem']").await;
    let input = served.driven.client.find(Locator::Css("#ca-file-input")).await.unwrap();
    input.send_keys(&world.standin.ca_file().display().to_string()).await.unwrap();
    let name = page.text("ca-name").await;
    assert!(name.ends_with(".pem"), "{name}");
    let expected = fingerprint(&world);
    let before = page.text("ca-facts").await;
    assert!(before.contains(&expected) && before.contains("Expires"), "{before}");
    assert!(!page.text("screen-connection").await.contains("no file selected"));
    page.press("button-save-connection").await;
    passed(&page, "tls").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    assert_eq!((page.text("ca-name").await, page.text("ca-facts").await), (name, before));
}

#[tokio::test]
async fn a_busy_button_keeps_the_focus_and_its_action_ends_in_visible_words() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    toast(&page, "Live tested: ready to sign").await;
    page.go("#/connection", "settings").await;
    page.script("document.querySelector(\"[data-testid='button-test']\").focus()").await;
    served.driven.client.active_element().await.unwrap().send_keys(&Key::Enter.to_string()).await.unwrap();
    passed(&page, "token").await;
    wait::until("the focus on the verdict", async || (page.focused().await == "verdict").then_some(())).await;
    // A setting is saved without taking the focus from its list.
    page.script("document.getElementById('lock-after').focus()").await;
    served.driven.client.active_element().await.unwrap().send_keys(&Key::Down.to_string()).await.unwrap();
    toast(&page, "Settings saved").await;
    assert_eq!(page.focused().await, "lock-after");
    page.click("[data-testid='toast'] button").await;
    page.gone("[data-testid='toast']").await;
}

#[tokio::test]
async fn a_second_try_at_the_same_server_is_not_saved_beside_the_first() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", "https://127.0.0.1:1").await;
    page.press("button-save-connection").await;
    page.shown("[data-stage='tcp'][data-state='failed']").await;
    // The form goes on as the connection that was saved.
    page.press("button-save-connection").await;
    page.shown("[data-testid='button-save-connection']:not([aria-disabled])").await;
    page.go("#/connection", "settings").await;
    page.press("button-add").await;
    page.shown("#server").await;
    page.fill("server", "https://127.0.0.1:1").await;
    page.press("button-save-connection").await;
    page.part("summary-problems").await;
    let problem = page.shown("#name-problem").await.text().await.unwrap();
    assert!(problem.contains("Another connection has this name"), "{problem}");
    page.go("#/connection", "settings").await;
    let rows = page.client.find_all(Locator::Css("[data-testid='connection']")).await.unwrap();
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_reminder_is_about_the_connection_it_stands_beside() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "test", "").await;
    set_expiry(&page, 3).await;
    assert!(page.text("token-expiry").await.contains("Live: the token expires in 3 days"));
    page.go("#/connection", "settings").await;
    page.click(&format!("{} [data-testid='button-duplicate']", row("Live"))).await;
    let copy = page.shown(&row("Live (2)")).await.text().await.unwrap();
    assert!(copy.contains("No token") && !copy.contains("expires"), "{copy}");
    edit(&page, "Live (2)").await;
    page.gone("[data-testid='token-expiry']").await;
    edit(&page, "Live").await;
    page.part("token-expiry").await;
    // Without a token, nothing expires.
    page.press("button-forget-token").await;
    page.gone("[data-testid='token-expiry']").await;
    // What is missing on the page Sign is one step away.
    page.go("#/sign", "screen-sign").await;
    page.click("#review-reason a").await;
    page.part("connection-form").await;
    page.has_focus("token").await;
}

#[tokio::test]
async fn dates_are_text_and_what_is_no_date_is_said() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/connection/new", "connection-form").await;
    page.fill("token-expires", "2027-03-04").await;
    let note = page.shown("#token-expires-note").await.text().await.unwrap();
    assert_eq!(note, "4 March 2027 (UTC)");
    page.fill("token-expires", &format!("03/04/2027{}", Key::Tab)).await;
    let problem = page.shown("#token-expires-problem").await.text().await.unwrap();
    assert!(problem.contains("not a date") && problem.contains("2027-03-04"), "{problem}");
    page.go("#/sign", "screen-sign").await;
    page.fill("validity-days", "100").await;
    page.fill("end-date", "9999-12-31").await;
    let days = page.script("return document.getElementById('validity-days').value").await;
    assert!(days.as_str().is_some_and(|it| it.len() >= 7), "the date sets the days: {days}");
    page.fill("end-date", &format!("03/04/2099{}", Key::Tab)).await;
    let problem = page.shown("#end-date-problem").await.text().await.unwrap();
    assert!(problem.contains("not a date"), "{problem}");
    page.go("#/history", "history-row").await;
    page.click("[role='search'] summary").await;
    page.fill("filter-from", &format!("03/04/2027{}", Key::Tab)).await;
    let problem = page.shown("#filter-from-note").await.text().await.unwrap();
    assert!(problem.contains("not a date"), "{problem}");
    for route in ["#/sign", "#/history", "#/connection", "#/connection/new"] {
        page.script(&format!("window.location.hash = '{route}'")).await;
        page.shown("#main h1").await;
        assert!(page.client.find(Locator::Css("input[type='date']")).await.is_err(), "{route}");
    }
}

#[tokio::test]
async fn testing_a_connection_that_is_not_in_use_leaves_the_other_in_use() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "Live", "production", "").await;
    add(&page, &world, "Lab", "test", "").await;
    let verdict = page.text("verdict").await;
    assert!(
        verdict.contains("Ready to sign") && verdict.contains("Another connection is in use"),
        "{verdict}"
    );
    fill_form(&page, &world, 301).await;
    page.part("production-bar").await;
    edit(&page, "Lab").await;
    page.press("button-test").await;
    passed(&page, "token").await;
    page.press("button-use-tested").await;
    toast(&page, "Now working with Lab").await;
    wait::until("the connection in use", async || {
        page.text("connection-chip").await.contains("Lab").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_fresh_installation_is_accepted_once_its_fingerprint_was_typed() {
    let world = World::with(|it| it.server_identity(ServerIdentity::SelfSigned)).await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.go("#/connection", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.fill("name", "Fresh").await;
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    page.part("trust-certificate").await;
    // The stand-in's CA file is this very certificate.
    let owner_says = fingerprint(&world);
    let doctor = page.text("doctor").await;
    assert!(!doctor.contains(&owner_says), "it is not there to be copied: {doctor}");
    page.part("sha256-withheld").await;

    page.fill("exact-certificate", &"ab".repeat(32)).await;
    page.press("button-trust-certificate").await;
    let alert = page.shown("[data-testid='trust-certificate'] [role='alert']").await.text().await.unwrap();
    assert!(alert.contains("another fingerprint"), "{alert}");
    page.part("fingerprint-typed").await;
    assert_eq!(world.standin.received().len(), 0);
    // One comparison for each test, and nothing to copy the right one from.
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("each test allows one comparison"), "{doctor}");
    let digits: String = doctor.chars().filter(char::is_ascii_alphanumeric).collect();
    assert!(!digits.contains(&owner_says.replace(':', "")), "{doctor}");
    page.press("button-test").await;
    page.gone("[data-testid='fingerprint-typed']").await;

    page.fill("exact-certificate", &owner_says).await;
    page.press("button-trust-certificate").await;
    passed(&page, "token").await;
    page.go("#/connection", "settings").await;
    assert_eq!(page.text("exact-certificate").await, "exact certificate");
    page.press("connection-chip").await;
    assert_eq!(page.text("switch-to-trust").await, "exact certificate");
    page.press("connection-chip").await;
    fill_form(&page, &world, 301).await;
    assert!(page.shown(".preview").await.text().await.unwrap().contains("exact certificate"));
    page.press("button-review").await;
    page.part("screen-review").await;
    let says = "Server verified by";
    let verified = async |screen: &str| {
        let text = page.text(screen).await;
        let at = text.find(says).map(|it| text[it..].chars().take(120).collect::<String>());
        assert!(at.as_ref().is_some_and(|it| it.contains("exact certificate")), "{screen}: {at:?}");
        assert!(at.is_some_and(|it| it.contains("issuer and names are not checked")), "{screen}");
    };
    verified("screen-review").await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    page.script("document.querySelectorAll('details').forEach(it => it.open = true)").await;
    verified("screen-result").await;
    page.press("entry-link").await;
    page.part("verified-by").await;
    verified("screen-entry").await;

    // A renewed certificate is another one: its fingerprint is not shown, and nothing is offered to accept it.
    edit(&page, "Fresh").await;
    page.fill("exact-certificate", &"ab".repeat(32)).await;
    page.press("button-save-connection").await;
    page.shown("[data-stage='tls'][data-state='failed']").await;
    let doctor = page.text("doctor").await;
    assert!(doctor.contains("another certificate than the one"), "{doctor}");
    page.part("fingerprint-typed").await;
    let digits: String = doctor.chars().filter(char::is_ascii_alphanumeric).collect();
    assert!(!digits.contains(&owner_says.replace(':', "")), "{doctor}");
    assert!(!page.has_part("trust-certificate").await);
    assert_eq!(world.standin.sign_posts(), 1);
}
