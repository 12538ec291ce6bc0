//! The browser host: gateway and page in headless Chromium, against a stand-in.

use std::path::Path;

use e2e::driver::{self, Driven};
use e2e::page::Page;
use e2e::program::{self, Group};
use e2e::wait;
use e2e::world::World;
use fantoccini::key::Key;
use serde_json::Value;
use standin::Fault;

pub(crate) use e2e::steps::{fill_form, sign};

/// `csrdesk serve` and a browser that opened its link.
pub(crate) struct Served {
    pub(crate) driven: Driven,
    pub(crate) address: String,
    pub(crate) gateway: Group,
}

impl Served {
    /// With nothing set.
    pub(crate) async fn bare(world: &World, dark: bool) -> Self {
        let data_dir = world.data_dir().display().to_string();
        Self::start(world, None, &["serve".to_owned(), "--data-dir".to_owned(), data_dir], dark).await
    }

    /// With nothing set, and a store that stands for the system's keychain.
    pub(crate) async fn with_keychain(world: &World, keychain: &str) -> Self {
        Self::themed(world, Some(keychain), false).await
    }

    /// The same in either theme; without a name, there is no keychain.
    pub(crate) async fn themed(world: &World, keychain: Option<&str>, dark: bool) -> Self {
        let mut command = program::terminal(None);
        command.arg("serve").arg("--data-dir").arg(world.data_dir());
        if let Some(keychain) = keychain {
            command.env(program::KEYCHAIN, keychain);
        }
        Self::open(world, command, dark).await
    }

    /// With server and token set.
    pub(crate) async fn connected(world: &World, dark: bool) -> Self {
        let mut arguments = vec!["serve".to_owned()];
        arguments.extend(world.target());
        Self::start(world, Some(world.standin.token()), &arguments, dark).await
    }

    /// With server and token set, on a clock that stands still at a moment; the browser's own clock goes on.
    pub(crate) async fn at(world: &World, moment: &str) -> Self {
        let mut command = program::terminal(Some(world.standin.token()));
        command.arg("serve").args(world.target()).env(program::CLOCK, moment);
        Self::open(world, command, false).await
    }

    /// With server and token set, and a log that says all it can.
    pub(crate) async fn talkative(world: &World) -> Self {
        let mut command = program::terminal(Some(world.standin.token()));
        command.arg("serve").args(world.target()).env("CSRDESK_LOG", "trace");
        Self::open(world, command, false).await
    }

    /// With these arguments, and this token in the environment.
    pub(crate) async fn start(world: &World, token: Option<&str>, arguments: &[String], dark: bool) -> Self {
        let mut command = program::terminal(token);
        command.args(arguments);
        Self::open(world, command, dark).await
    }

    async fn open(world: &World, command: tokio::process::Command, dark: bool) -> Self {
        let (gateway, line) = Group::start(command, "/launch/").await;
        let link = line.trim().to_owned();
        let profile = world.path(if dark { "chromium-dark" } else { "chromium" });
        let driven = driver::browser(&profile, dark).await;
        driven.client.goto(&link).await.unwrap();
        let address = link.split("/launch/").next().unwrap().to_owned();
        let served = Self { driven, address, gateway };
        served.page().is_ready().await;
        served
    }

    pub(crate) fn page(&self) -> Page<'_> {
        Page { client: &self.driven.client }
    }

    pub(crate) async fn picture(&self, path: &Path) {
        let png = self.driven.client.screenshot().await.unwrap();
        std::fs::write(path, png).unwrap();
    }
}

#[tokio::test]
async fn a_person_connects_signs_and_finds_the_record() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    page.record_traffic().await;

    page.go("#/connection", "screen-connection").await;
    page.fill("server", world.standin.url()).await;
    page.click("label[for='trust-file']").await;
    page.fill("ca-file", &world.standin.ca_file().display().to_string()).await;
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    for stage in ["trust", "proxy", "dns", "tcp", "tls", "http", "token"] {
        page.shown(&format!("[data-testid='test-steps'] [data-stage='{stage}'][data-state='passed']")).await;
    }

    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    let sentence = page.text("sentence").await;
    assert!(
        sentence.contains("301") && sentence.contains(&world.standin.roots()[0].common_name),
        "{sentence}"
    );
    let request = page.text("http-request").await;
    assert!(request.contains("POST /api/pki/restapi/signCSR") && request.contains("redacted"), "{request}");
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    let issued = world.standin.issued();
    assert_eq!(page.text("certificate-serial-hex").await, issued[0].serial_hex);
    assert_eq!((issued.len(), world.standin.sign_posts()), (1, 1));
    assert!(world.openssl_verifies_the_last_one());

    page.go("#/history", "screen-history").await;
    let row = page.part("history-row").await.text().await.unwrap();
    assert!(row.contains("301"), "{row}");
    page.go("#/history/1", "screen-entry").await;
    assert_eq!(page.outcome().await, "signed");

    let everything = page.everything().await;
    assert!(everything.contains("CSR Desk"), "the search looks at something");
    assert!(!everything.contains(world.standin.token()), "the token is out of reach of the page's scripts");
}

#[tokio::test]
async fn problems_are_shown_at_their_fields_and_nothing_is_sent() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign", "screen-sign").await;
    page.fill("validity-days", "0").await;
    page.fill("root-serial", "xyz").await;
    page.press("button-review").await;
    let summary = page.text("summary-problems").await;
    for id in ["root-cn", "root-serial", "validity-days", "csr-id"] {
        let field = page.shown(&format!("#{id}")).await;
        assert_eq!(field.attr("aria-invalid").await.unwrap().as_deref(), Some("true"), "{id}");
        let problem = page.shown(&format!("#{id}-problem")).await.text().await.unwrap();
        assert!(!problem.is_empty(), "{id}");
    }
    assert!(summary.contains("serial") && summary.contains("CSR id"), "{summary}");
    let focused =
        page.script("return document.activeElement.dataset.testid || document.activeElement.id").await;
    assert_eq!(focused, "summary-problems");
    assert_eq!(world.standin.received().len(), 0);

    page.go("#/connection/new", "connection-form").await;
    page.fill("server", "http://plain.example").await;
    page.press("button-save-connection").await;
    let problem = page.shown("#server-problem").await.text().await.unwrap();
    assert!(problem.contains("https://"), "{problem}");
}

#[tokio::test]
async fn a_refusal_is_in_the_servers_words_and_the_form_is_kept() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    page.fill("root-cn", "No Such Root").await;
    assert_eq!(sign(&page).await, "refused");
    let words = page.text("server-message").await;
    assert!(words.contains("No Such Root"), "{words}");
    page.press("button-next").await;
    let kept = page.shown("#root-cn").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("No Such Root"));
}

#[tokio::test]
async fn an_unknown_outcome_says_what_to_do_and_sends_nothing_again() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::SignThen500.csr_id()).await;
    assert_eq!(sign(&page).await, "unknown");
    let screen = page.text("screen-result").await;
    assert!(screen.contains("Look for it in PAM360"), "{screen}");
    assert_eq!(page.text("outcome-code").await, "server-error");
    assert_eq!((world.standin.sign_posts(), world.standin.signed()), (1, 1));
    assert_eq!(world.history().await[0]["outcome"], "unknown");
}

#[tokio::test]
async fn a_server_that_is_gone_means_nothing_was_sent() {
    let world = World::new().await;
    let mut arguments = world.target();
    arguments[1] = "https://127.0.0.1:1".to_owned();
    arguments.insert(0, "serve".to_owned());
    let served = Served::start(&world, Some("T"), &arguments, false).await;
    let page = served.page();
    fill_form(&page, &world, 301).await;
    assert_eq!(sign(&page).await, "not_sent");
    assert_eq!(page.text("outcome-code").await, "connect-refused");
}

#[tokio::test]
async fn a_ca_is_made_only_after_a_confirmation() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, 303).await;
    page.click("#intermediate").await;
    page.press("button-review").await;
    let button = page.part("button-sign").await;
    assert!(!button.is_enabled().await.unwrap());
    page.click("#confirm-ca").await;
    wait::until("the button", async || button.is_enabled().await.ok()?.then_some(())).await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
}

#[tokio::test]
async fn a_double_click_and_a_reload_are_one_post() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::SignThenHang.csr_id()).await;
    page.press("button-review").await;
    page.part("button-sign").await;
    page.script("const b = document.querySelector(\"[data-testid='button-sign']\"); b.click(); b.click();")
        .await;
    page.part("screen-progress").await;
    wait::until("the POST", async || (world.standin.sign_posts() == 1).then_some(())).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.go("#/history", "screen-history").await;
    page.part("history-row").await;
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_signing_is_possible_with_the_keyboard_alone() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign", "screen-sign").await;
    let root = world.standin.roots()[0].clone();
    let values = [
        ("csr-id", "302".to_owned()),
        ("root-cn", root.common_name),
        ("root-serial", root.serial_number),
        ("validity-days", "30".to_owned()),
    ];
    for (id, text) in values {
        tab_to(&page, id).await;
        let field = served.driven.client.active_element().await.unwrap();
        field.send_keys(&text).await.unwrap();
    }
    let field = served.driven.client.active_element().await.unwrap();
    field.send_keys(&Key::Enter.to_string()).await.unwrap();
    page.part("screen-review").await;
    tab_to_part(&page, "button-sign").await;
    let button = served.driven.client.active_element().await.unwrap();
    button.send_keys(&Key::Enter.to_string()).await.unwrap();
    assert_eq!(page.outcome().await, "signed");
}

/// Presses Tab until the element with an id has the focus.
async fn tab_to(page: &Page<'_>, id: &str) {
    tab_until(page, &format!("document.activeElement.id === '{id}'"), id).await;
}

async fn tab_to_part(page: &Page<'_>, id: &str) {
    tab_until(page, &format!("document.activeElement.dataset.testid === '{id}'"), id).await;
}

async fn tab_until(page: &Page<'_>, condition: &str, name: &str) {
    for _ in 0..40 {
        if page.script(&format!("return {condition}")).await == Value::Bool(true) {
            return;
        }
        let focused = page.client.active_element().await.unwrap();
        focused.send_keys(&Key::Tab.to_string()).await.unwrap();
    }
    panic!("Tab does not reach {name}");
}

#[tokio::test]
async fn an_unknown_signing_is_settled_in_the_page() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    world.standin.fault_next(Fault::SignThen500, 1);
    fill_form(&page, &world, 302).await;
    assert_eq!(sign(&page).await, "unknown");
    let issued = world.standin.issued().pop().unwrap();

    page.go("#/history/1", "screen-entry").await;
    page.press("button-look").await;
    let candidate = page.part("candidate").await;
    assert_eq!(candidate.attr("data-serial").await.unwrap(), Some(issued.serial_hex));
    assert!(candidate.text().await.unwrap().contains("It has the CSR's key."));
    page.click("[data-testid='candidate'] input").await;
    page.fill("decision-reason", "same key").await;
    page.press("button-decide").await;
    page.shown("[data-testid='outcome'][data-outcome='signed']").await;
    assert_eq!(world.history().await[0]["code"], "found-by-person");
    assert_eq!(world.standin.sign_posts(), 1);

    // The same CSR and issuer once more: only with a reason.
    fill_form(&page, &world, 302).await;
    page.press("button-review").await;
    let button = page.part("button-sign").await;
    assert!(!button.is_enabled().await.unwrap());
    page.fill("again-reason", "a second one is needed").await;
    wait::until("the button", async || button.is_enabled().await.ok()?.then_some(())).await;
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    assert_eq!(world.history().await[0]["again_reason"], "a second one is needed");
}

#[tokio::test]
async fn the_record_is_searched_noted_and_checked_in_the_page() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(302, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    let serial = world.standin.issued()[0].serial_hex.to_uppercase();
    page.fill("filter-serial", &serial).await;
    wait::until("one row", async || {
        let rows = served
            .driven
            .client
            .find_all(fantoccini::Locator::Css("[data-testid='history-row']"))
            .await
            .ok()?;
        (rows.len() == 1).then_some(())
    })
    .await;
    page.press("button-verify").await;
    page.shown("[data-testid='verification'][data-holds='true']").await;
    page.go("#/history/1", "screen-entry").await;
    page.fill("ticket", "OPS-12").await;
    page.press("button-save-note").await;
    wait::until("the note", async || (world.history().await[1]["ticket"] == "OPS-12").then_some(())).await;
}
