//! What is drawn over what: the header and the toast never hide a control that has the focus or is about to be used.

use e2e::page::Page;
use e2e::wait;
use e2e::world::World;
use fantoccini::key::Key;
use serde_json::Value;

use crate::browser::{Served, fill_form};
use crate::page_connections::{add, row};

/// The most controls of a form.
const MOST_STOPS: usize = 120;

/// What has the focus, and by what of the page's own it is covered at one of five points; an empty text when it is not.
const COVERED: &str = "
    const it = document.activeElement;
    const name = it.id || it.dataset.testid || it.textContent.trim().slice(0, 40) || it.tagName;
    const box = it.getBoundingClientRect();
    if (it === document.body || it.closest('.skip, .top')) return [name, ''];
    // A hidden input has its label in its place.
    const points = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]];
    for (const [x, y] of points) {
        const [left, top] = [box.left + x * box.width, box.top + y * box.height];
        // A control that is higher than the window may reach out of it; its upper edge does not.
        if (top > innerHeight && y > 0.5) continue;
        if (top < 0 || top > innerHeight) return [name, 'it is out of sight: ' + top];
        const over = document.elementFromPoint(left, top);
        if (over && over.closest('.top, .toast')) return [name, over.closest('.top, .toast').className];
    }
    return [name, ''];";

/// Presses Tab until the focus is back at the beginning, and looks at each stop. Gives their number.
async fn walk(page: &Page<'_>, what: &str) -> usize {
    // The first stop of the page: from where it was clicked last, Tab would go on.
    page.script("document.querySelector('.skip').focus()").await;
    let mut seen = Vec::new();
    for _ in 0..MOST_STOPS {
        let focused = page.client.active_element().await.unwrap();
        focused.send_keys(&Key::Tab.to_string()).await.unwrap();
        let stop = page.script(COVERED).await;
        let (name, covered) = (stop[0].as_str().unwrap().to_owned(), stop[1].as_str().unwrap());
        assert_eq!(covered, "", "{what}: {name}");
        let over = page.script("return document.activeElement === document.body").await == Value::Bool(true);
        if over || seen.len() > 3 && seen.first() == Some(&name) {
            return seen.len();
        }
        seen.push(name);
    }
    panic!("{what}: the focus does not come back: {seen:?}");
}

/// Opens the longest form: everything that few connections need.
async fn open_long_form(page: &Page<'_>) {
    page.go("#/connection/new", "connection-form").await;
    // It stays as it was left.
    let open = "return document.querySelector(\"[data-testid='advanced']\").closest('details').open";
    if page.script(open).await == Value::Bool(false) {
        page.press("advanced").await;
    }
    for way in ["trust-file", "client-pkcs12", "proxy-manual"] {
        page.click(&format!("label[for='{way}']")).await;
    }
}

#[tokio::test]
async fn the_header_hides_no_control_that_has_the_focus() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    for (width, height) in [(1280, 800), (1000, 700), (700, 800), (390, 844)] {
        served.driven.narrow(width, height).await;
        open_long_form(&page).await;
        let stops = walk(&page, &format!("connection form, {width} x {height}")).await;
        assert!(stops > 20, "{stops} controls");
        page.go("#/sign", "screen-sign").await;
        walk(&page, &format!("signing form, {width} x {height}")).await;
        page.go("#/connection", "settings").await;
    }
}

#[tokio::test]
async fn a_narrow_header_is_one_row_and_its_menu_has_the_rest() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    served.driven.narrow(390, 844).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    let height = "return document.querySelector('.top').getBoundingClientRect().height";
    let slim = page.script(height).await.as_f64().unwrap();
    assert!(slim <= 60.0, "{slim}");
    let chip = page.text("connection-chip").await;
    assert!(chip.contains("127.0.0.1"), "{chip}");
    for part in ["nav", ".button--lock", ".segmented"] {
        let shown = format!("return document.querySelector('.top {part}').getClientRects().length");
        assert_eq!(page.script(&shown).await, 0, "{part}");
    }
    page.press("button-menu").await;
    page.part("button-lock").await;
    page.follow("Connection").await;
    page.part("screen-connection").await;
    wait::until("the menu closes", async || (page.script(height).await.as_f64()? <= 60.0).then_some(()))
        .await;
    // Escape closes it, too, and the focus is where it was opened.
    page.press("button-menu").await;
    page.part("button-lock").await.send_keys(&Key::Escape.to_string()).await.unwrap();
    page.has_focus("button-menu").await;
    assert_eq!(page.part("button-menu").await.attr("aria-expanded").await.unwrap().unwrap(), "false");
}

/// Whether the toast lies over what has the focus, or over a primary button that can be seen.
const TOAST_COVERS: &str = "
    const toast = document.querySelector('.toast').getBoundingClientRect();
    const all = [...document.querySelectorAll('#main .button--primary, #main [type=submit]')];
    const main = document.getElementById('main');
    if (main.contains(document.activeElement) && document.activeElement !== main) all.push(document.activeElement);
    return all.map(it => [it, it.getBoundingClientRect()])
        .filter(([, it]) => it.height > 0 && it.top < toast.bottom && toast.top < it.bottom
            && it.left < toast.right && toast.left < it.right)
        .map(([it]) => it.dataset.testid || it.id || it.textContent).join();";

#[tokio::test]
async fn a_toast_covers_neither_the_focus_nor_a_primary_button() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "One", "test", "").await;
    add(&page, &world, "Two", "test", "").await;
    fill_form(&page, &world, 301).await;
    // A toast goes after some time; here it stays.
    page.script(
        "const real = window.setTimeout;
         window.setTimeout = (action, ms, ...more) => ms === 12000 ? 0 : real(action, ms, ...more);",
    )
    .await;
    let (driven, uncovered) = (&served.driven, async |what: &str| {
        wait::until(what, async || (page.script(TOAST_COVERS).await == "").then_some(())).await;
    });
    for (width, height) in [(1280, 800), (700, 600), (390, 844)] {
        driven.narrow(width, height).await;
        page.go("#/connection", "settings").await;
        let other =
            format!("{} [data-testid='button-use'], {} [data-testid='button-use']", row("One"), row("Two"));
        page.click(&other).await;
        page.part("toast").await;
        page.go("#/sign", "screen-sign").await;
        // Wherever the form is scrolled, in steps smaller than a button is high.
        let high = page.script("return document.documentElement.scrollHeight").await.as_u64().unwrap();
        for y in (0..high).step_by(97) {
            page.script(&format!("scrollTo(0, {y})")).await;
            uncovered(&format!("{width} x {height} at {y}")).await;
        }
        for id in ["csr-id", "root-cn", "root-serial", "validity-days", "end-date"] {
            page.script(&format!("document.getElementById('{id}').focus()")).await;
            uncovered(&format!("{width} x {height}, {id}")).await;
        }
        page.part("toast").await;
    }
}

#[tokio::test]
async fn a_narrow_row_of_the_history_shows_what_tells_rows_apart() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(303, &["--intermediate"]).await;
    let served = Served::connected(&world, false).await;
    served.driven.narrow(390, 844).await;
    let page = served.page();
    page.go("#/history", "screen-history").await;
    let leaf = page.shown("[data-entry='1']").await;
    let words = leaf.text().await.unwrap();
    assert!(words.contains("Signed") && words.contains("301"), "{words}");
    assert!(!words.contains("End entity") && !words.contains("Asked end"), "{words}");
    let ca = page.shown("[data-entry='2']").await.text().await.unwrap();
    assert!(ca.split_whitespace().any(|it| it == "CA"), "{ca}");
    let high = leaf.rectangle().await.unwrap().3;
    assert!(high <= 76.0, "{high}");
}
