//! Steps of the page that several tests take: a connection, the signing form, a signing.

use fantoccini::Locator;
use standin::Fault;

use crate::page::Page;
use crate::wait;
use crate::world::World;

/// Fills the signing form for a CSR id with the first root, for 100 days.
pub async fn fill_form(page: &Page<'_>, world: &World, csr_id: u64) {
    page.go("#/sign", "screen-sign").await;
    let root = &world.standin.roots()[0];
    page.fill("root-cn", &root.common_name).await;
    page.fill("root-serial", &root.serial_number).await;
    page.fill("validity-days", "100").await;
    page.fill("csr-id", &csr_id.to_string()).await;
}

/// From the form to its result.
pub async fn sign(page: &Page<'_>) -> String {
    page.press("button-review").await;
    page.part("screen-review").await;
    page.press("button-sign").await;
    page.outcome().await
}

/// Begins a signing whose answer does not come before the stand-in stops, and waits until the server has the request.
pub async fn begin_hanging(page: &Page<'_>, world: &World) {
    fill_form(page, world, Fault::Hang.csr_id()).await;
    page.press("button-review").await;
    page.press("button-sign").await;
    page.part("screen-progress").await;
    wait::until("the POST", async || (world.standin.sign_posts() == 1).then_some(())).await;
}

/// Keeps the answer to the next call of a command back, once the program has given it, until [`let_go`].
pub async fn hold_answer(page: &Page<'_>, command: &str) {
    let source = "
        const real = window.fetch;
        const wait = new Promise(resolve => { window.goOn = resolve; });
        window.answered = false;
        window.fetch = async (...call) => {
            if (!String(call[0].url ?? call[0]).endsWith('/api/COMMAND')) return real(...call);
            window.fetch = real;
            const answer = await real(...call);
            window.answered = true;
            await wait;
            return answer;
        };";
    page.script(&source.replace("COMMAND", command)).await;
}

/// Waits until the program has given the answer that [`hold_answer`] keeps back.
pub async fn is_answered(page: &Page<'_>) {
    wait::until("the program's answer", async || {
        (page.script("return window.answered").await == true).then_some(())
    })
    .await;
}

/// Hands the page the answer that [`hold_answer`] keeps back.
pub async fn let_go(page: &Page<'_>) {
    page.script("window.goOn()").await;
}

/// Adds a connection to a stand-in, with its token kept where `keep` says, and waits until the server has accepted it.
pub async fn add(page: &Page<'_>, world: &World, name: &str, environment: &str, keep: &str) {
    page.go("#/connection", "screen-connection").await;
    page.go("#/connection/new", "connection-form").await;
    page.fill("server", world.standin.url()).await;
    page.fill("name", name).await;
    page.click(&format!("label[for='environment-{environment}']")).await;
    page.click("label[for='trust-file']").await;
    page.fill("ca-file", &world.standin.ca_file().display().to_string()).await;
    if !keep.is_empty() {
        page.click(&format!("label[for='{keep}']")).await;
    }
    page.fill("token", world.standin.token()).await;
    page.press("button-save-connection").await;
    passed(page, "token").await;
}

/// Waits until a step of the test has passed.
pub async fn passed(page: &Page<'_>, stage: &str) {
    page.shown(&format!("[data-testid='test-steps'] [data-stage='{stage}'][data-state='passed']")).await;
}

/// Takes a connection from the list of connections into use, if it is not, and waits until it is: what is typed for another
/// one before that does not stay.
pub async fn use_from_list(page: &Page<'_>, name: &str) {
    let row = format!("[data-testid='connection'][data-name='{name}']");
    page.click(&format!("{row} [data-testid='button-use'], {row}[data-in-use='true']")).await;
    page.shown(&format!("{row}[data-in-use='true']")).await;
}

/// Works with another connection, by the list in the header.
pub async fn switch_to(page: &Page<'_>, name: &str) {
    page.press("connection-chip").await;
    let client = page.client;
    wait::until("the connection in the list", async || {
        for row in client.find_all(Locator::Css("[data-testid='switch-to']")).await.ok()? {
            if row.text().await.ok()?.contains(name) {
                return row.click().await.ok();
            }
        }
        None
    })
    .await;
    wait::until("the connection in use", async || {
        page.text("connection-chip").await.contains(name).then_some(())
    })
    .await;
}

/// The selector of a connection's row in the list.
pub fn row(name: &str) -> String {
    format!("[data-testid='connection'][data-name='{name}']")
}
