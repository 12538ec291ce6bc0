//! The history in a browser: signings in progress, exports as downloads, filters, and words for every action.

use std::path::PathBuf;
use std::process::Stdio;

use e2e::program;
use e2e::wait;
use e2e::world::World;
use standin::Fault;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::browser::{Served, fill_form, sign};

/// Another program's signing that stops for good just before its request leaves.
async fn halted(world: &World) -> Child {
    let mut command = program::terminal(Some(world.standin.token()));
    command.arg("sign").args(world.target()).args(world.fields(302));
    command.env("CSRDESK_HALT_AT", "BeforeSending").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.next_line().await.unwrap().is_some_and(|it| it.contains("halted")));
    child
}

/// The one file that the browser of this world has downloaded, once it is whole.
async fn downloaded(world: &World, ending: &str) -> PathBuf {
    let folder = world.path("chromium").join("downloads");
    wait::until("the download", async || {
        let files = std::fs::read_dir(&folder).ok()?.filter_map(Result::ok).map(|it| it.path());
        files.into_iter().find(|it| it.to_string_lossy().ends_with(ending))
    })
    .await
}

#[tokio::test]
async fn a_running_signing_is_in_progress_in_the_page_until_its_program_is_gone() {
    let world = World::new().await;
    let mut other = halted(&world).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    page.shown("[data-testid='history-row'] .badge--in_progress").await;
    page.go("#/history/1", "screen-entry").await;
    page.shown("[data-testid='outcome'][data-outcome='in_progress']").await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.shown("[data-testid='outcome'][data-outcome='in_progress']").await;
    assert!(!page.has("[data-testid='settle']").await);
    assert!(!page.has("[data-testid='unsettled-badge']").await);

    // The page learns by itself that nobody waits any more.
    other.kill().await.unwrap();
    page.shown("[data-testid='outcome'][data-outcome='unknown']").await;
    page.part("settle").await;
    page.part("unsettled-badge").await;
}

#[tokio::test]
async fn two_certificates_for_one_csr_are_a_caution_in_the_page() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    fill_form(&page, &world, Fault::DetailsTwoRows.csr_id()).await;
    assert_eq!(sign(&page).await, "signed");
    let caution = "PAM360 named 2 certificates for one CSR. Check which one belongs to it.";
    assert_eq!(page.text("certificate-caution").await, caution);
    let headings = "return [...document.querySelectorAll('[data-testid=\"certificate-heading\"]')]\
        .map(it => it.textContent).join('; ')";
    assert_eq!(page.script(headings).await, "Certificate 1 of 2; Certificate 2 of 2");
    page.go("#/history/1", "screen-entry").await;
    assert_eq!(page.text("certificate-caution").await, caution);
    assert_eq!(page.script(headings).await, "Certificate 1 of 2; Certificate 2 of 2");
    page.go("#/history", "screen-history").await;
    let name = page.shown("td.cell-name").await.text().await.unwrap();
    assert!(name.starts_with("+1 "), "{name}");
}

#[tokio::test]
async fn what_is_done_in_the_history_ends_in_visible_words_and_keeps_the_focus() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    page.press("button-verify").await;
    page.shown("[data-testid='verification'][data-holds='true']").await;
    assert_eq!(page.focused().await, "button-verify");
    page.press("button-export-csv").await;
    assert!(page.text("export-name").await.ends_with(".csv"));
    assert_eq!(page.focused().await, "button-export-csv");

    page.go("#/history/1", "screen-entry").await;
    page.fill("ticket", "OPS-12").await;
    page.press("button-save-note").await;
    assert_eq!(page.text("note-saved").await, "Note and ticket saved.");
    assert_eq!(page.focused().await, "button-save-note");
    page.fill("ticket", "OPS-13").await;
    wait::until("the words go", async || (!page.has("[data-testid='note-saved']").await).then_some(())).await;
}

#[tokio::test]
async fn exports_in_the_browser_are_downloads() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    page.press("button-export-csv").await;
    let name = page.text("export-name").await;
    let file = downloaded(&world, ".csv").await;
    assert_eq!(file.file_name().unwrap().to_string_lossy(), name);
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 2);

    page.go("#/history/1", "screen-entry").await;
    page.press("button-evidence").await;
    let file = downloaded(&world, ".zip").await.display().to_string();
    let checked = program::csrdesk(None, ["verify-evidence", &file]).await;
    assert!(checked.status.success(), "{checked:?}");
    let notice = page.text("screen-entry").await;
    assert!(notice.contains("It holds 4 events."), "{notice}");
    // Who signed, and how; then who asked for the evidence.
    assert!(notice.contains("Started by") && notice.contains(", terminal, csrdesk "), "{notice}");
    let folder = world.data_dir().display().to_string();
    let entry = program::csrdesk(None, ["entry", "1", "--data-dir", &folder]).await;
    let said = String::from_utf8_lossy(&entry.stdout).into_owned();
    assert!(said.contains("Started by ") && said.contains(", browser, csrdesk "), "{said}");
    let left = std::fs::read_dir(world.data_dir().join("exports")).unwrap().count();
    assert_eq!(left, 0, "nothing is left where the program runs");
}

#[tokio::test]
async fn a_serial_number_that_is_none_is_said_and_an_empty_history_offers_nothing_to_export() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    page.shown(".empty").await;
    for part in ["button-export-csv", "button-export-json", "filter-text"] {
        assert!(!page.has(&format!("[data-testid='{part}']")).await, "{part}");
    }
    world.sign(301, &[]).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.part("button-export-csv").await;
    page.fill("filter-serial", "zz").await;
    let words = page.shown("#filter-serial-problem").await.text().await.unwrap();
    assert!(words.contains("not a serial number"), "{words}");
}

#[tokio::test]
async fn the_remark_about_the_key_is_one_line_of_the_history_and_stays_dismissed() {
    let world = World::new().await;
    // The program that makes the journal says where its key is.
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign", "screen-sign").await;
    assert!(!page.has("[data-testid='journal-remark']").await);
    page.go("#/history", "screen-history").await;
    let remark = page.part("journal-remark").await;
    assert!(remark.rectangle().await.unwrap().3 <= 44.0, "one line");
    page.press("button-dismiss-remark").await;
    let gone = async || (!page.has("[data-testid='journal-remark']").await).then_some(());
    wait::until("the remark goes", gone).await;
    served.driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.shown(".empty").await;
    assert!(!page.has("[data-testid='journal-remark']").await);
}

#[tokio::test]
async fn what_was_removed_from_a_typed_filter_is_said_below_it() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history?text=a%E2%80%8Bb&serial=%E2%80%8Eb7&from=%E2%80%8E2026-01-01", "screen-history").await;
    for (id, words) in [
        ("filter-text", "(U+200B) is part of this value"),
        ("filter-serial", "(U+200E) was removed"),
        ("filter-from", "(U+200E) was removed"),
    ] {
        let remark = page.shown(&format!("#{id}-remarks p")).await.text().await.unwrap();
        assert!(remark.contains(words), "{id}: {remark}");
    }
    page.fill("filter-server", "https://pam.example.test:8282/api/pki/restapi?AUTHTOKEN=5EC2E7").await;
    page.fill("filter-serial", "b7").await;
    let note = page.shown("#filter-serial-note").await.text().await.unwrap();
    assert!(note.contains("type at least 4 digits"), "{note}");
    let remark = page.shown("#filter-server-remarks p").await.text().await.unwrap();
    assert!(remark.contains("contained an AUTHTOKEN"), "{remark}");
    assert_eq!(page.script("return document.querySelector('#filter-serial-remarks').innerText").await, "");
    wait::until("the address of the page", async || {
        let address = page.script("return decodeURIComponent(location.hash)").await;
        let address = address.as_str().unwrap().to_owned();
        assert!(!address.contains("5EC2E7"), "{address}");
        (address.contains("server=https://pam.example.test:8282") && address.contains("serial=b7"))
            .then_some(())
    })
    .await;
    let value = page.script("return document.querySelector('#filter-server').value").await;
    assert_eq!(value, "https://pam.example.test:8282");
}
