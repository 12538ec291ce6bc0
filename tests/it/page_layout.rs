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

/// Which way a person goes through the controls.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// With Tab, from the first control of the page.
    Forward,
    /// With Shift and Tab, from the last one: what comes next is above, where the header is.
    Back,
}

/// Goes from control to control and looks at each. Gives their number, or the first one that is covered.
async fn walk(page: &Page<'_>, way: Way) -> Result<usize, String> {
    // From where it was clicked last, Tab would go on.
    let (start, keys) = match way {
        Way::Forward => ("document.querySelector('.skip').focus()", Key::Tab.to_string()),
        Way::Back => (
            "const all = [...document.querySelectorAll('#main :is(a[href], button, input, select, summary)')];
             all.filter(it => it.getClientRects().length > 0 && !it.disabled).at(-1).focus()",
            format!("{}{}{}", Key::Shift, Key::Tab, Key::Null),
        ),
    };
    page.script(start).await;
    let mut stops = Vec::new();
    for _ in 0..MOST_STOPS {
        page.client.active_element().await.unwrap().send_keys(&keys).await.unwrap();
        let stop = page.script(COVERED).await;
        let (name, covered) = (stop[0].as_str().unwrap().to_owned(), stop[1].as_str().unwrap());
        if !covered.is_empty() {
            return Err(format!("{name}: {covered}"));
        }
        let ended = match way {
            Way::Forward => "return document.activeElement === document.body",
            Way::Back => "return !document.activeElement.closest('#main')",
        };
        if page.script(ended).await == Value::Bool(true) || stops.len() > 3 && stops.first() == Some(&name) {
            return Ok(stops.len());
        }
        stops.push(name);
    }
    panic!("the focus does not come to an end: {stops:?}");
}

/// Opens the longest form: everything that few connections need.
async fn open_long_form(page: &Page<'_>) {
    page.go("#/connection/new", "connection-form").await;
    // It opens as it was left, which may be a moment after the form is there: a click could close it.
    page.script("document.querySelector(\"[data-testid='advanced']\").closest('details').open = true").await;
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
        for way in [Way::Forward, Way::Back] {
            open_long_form(&page).await;
            let stops = walk(&page, way).await;
            assert!(
                stops.as_ref().is_ok_and(|it| *it > 20),
                "connection, {width} x {height}, {way:?}: {stops:?}"
            );
            page.go("#/sign", "screen-sign").await;
            let stops = walk(&page, way).await;
            assert!(stops.as_ref().is_ok_and(|it| *it > 5), "sign, {width} x {height}, {way:?}: {stops:?}");
            page.go("#/connection", "settings").await;
        }
    }
    // With a header that sticks, and nothing that keeps room for it, the same walk finds what it covers.
    open_long_form(&page).await;
    page.script(
        "document.querySelector('.top').style.position = 'sticky';
         document.documentElement.style.scrollPadding = '0';",
    )
    .await;
    let covered = walk(&page, Way::Back).await;
    assert!(covered.as_ref().is_err_and(|it| it.ends_with(": top")), "{covered:?}");
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

/// Whether the toast lies over what has the focus or the help of its field, or over a primary button that can be seen.
const TOAST_COVERS: &str = "
    const toast = document.querySelector('.toast').getBoundingClientRect();
    const all = [...document.querySelectorAll('#main .button--primary, #main [type=submit], #main .field:focus-within')];
    const main = document.getElementById('main');
    if (main.contains(document.activeElement) && document.activeElement !== main) all.push(document.activeElement);
    return all.map(it => [it, it.getBoundingClientRect()])
        .filter(([, it]) => it.height > 0 && it.top < toast.bottom && toast.top < it.bottom
            && it.left < toast.right && toast.left < it.right)
        .map(([it]) => it.dataset.testid || it.id || it.textContent).join();";

/// In CSS pixels: so far the page is scrolled from one look to the next.
const STEP: usize = 31;
/// The height of what must not be covered.
const BUTTON_HEIGHT: &str = "
    return document.querySelector(\"[data-testid='button-review']\").getBoundingClientRect().height;";

#[tokio::test]
async fn a_toast_covers_neither_the_focus_nor_a_primary_button() {
    let world = World::new().await;
    let served = Served::bare(&world, false).await;
    let page = served.page();
    add(&page, &world, "One", "test", "").await;
    add(&page, &world, "Two", "test", "").await;
    fill_form(&page, &world, 301).await;
    // A toast goes after some seconds; here it stays. What waits for less goes on.
    page.script(
        "const real = window.setTimeout;
         window.setTimeout = (action, ms, ...more) => ms > 5000 ? 0 : real(action, ms, ...more);",
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
        let button = page.script(BUTTON_HEIGHT).await.as_f64().unwrap();
        assert!(button > STEP as f64, "{button}");
        for y in (0..high).step_by(STEP) {
            page.script(&format!("scrollTo(0, {y})")).await;
            uncovered(&format!("{width} x {height} at {y}")).await;
        }
        for id in ["csr-id", "root-cn", "root-serial", "validity-days", "end-date"] {
            page.script(&format!("document.getElementById('{id}').focus()")).await;
            uncovered(&format!("{width} x {height}, {id}")).await;
        }
        page.part("toast").await;
    }
    // At the lower edge, where it would be without its placement, the same walk finds what it covers.
    page.script(
        "const real = CSSStyleDeclaration.prototype.setProperty;
         CSSStyleDeclaration.prototype.setProperty = function (name, ...more) {
             if (name !== 'inset-block-end') real.call(this, name, ...more);
         };
         document.querySelector('.toast').style.removeProperty('inset-block-end');
         document.activeElement.blur();",
    )
    .await;
    let high = page.script("return document.documentElement.scrollHeight").await.as_u64().unwrap();
    let mut covered = Vec::new();
    for y in (0..high).step_by(STEP) {
        page.script(&format!("scrollTo(0, {y})")).await;
        covered.push(page.script(TOAST_COVERS).await);
    }
    assert!(covered.iter().any(|it| it == "button-review"), "{covered:?}");
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
    assert!(!words.contains("End entity"), "{words}");
    // With the names of their columns, which are not in the text of the cells.
    let labels = "return [...document.querySelectorAll('[data-entry=\"1\"] td[data-label]')]
        .filter(it => it.offsetParent && it.dataset.label).map(it => it.dataset.label)";
    let shown = page.script(labels).await;
    assert_eq!(shown, serde_json::json!(["CSR", "Issuer", "Serial", "Asked end"]));
    let ca = page.shown("[data-entry='2']").await.text().await.unwrap();
    assert!(ca.split_whitespace().any(|it| it == "CA"), "{ca}");
    let high = leaf.rectangle().await.unwrap().3;
    // Three lines.
    assert!(high <= 84.0, "{high}");
}

/// The height of what is in front of the page, of its button, and the gap to the heading below, in CSS pixels; and whether it
/// scrolls away with the page.
const BANNER: &str = "
    const banner = document.querySelector(arguments[0]);
    const box = it => it.getBoundingClientRect();
    const button = banner.querySelector('button');
    const gap = box(document.querySelector('#main h1')).top - box(banner).bottom;
    return [box(banner).height, box(button).height, gap, getComputedStyle(banner).position === 'static'];";

/// A banner has room of its own: it neither lies over the page nor stays in sight while the page is scrolled.
async fn has_room(page: &Page<'_>, banner: &str, width: u32) {
    page.shown(banner).await;
    let found = page.client.execute(BANNER, vec![banner.into()]).await.unwrap();
    let pixels = |index: usize| found[index].as_f64().unwrap();
    assert!(pixels(0) > pixels(1) && pixels(1) > 20.0, "{banner} at {width}: {found}");
    assert!(pixels(2) >= 8.0, "{banner} at {width}: {found}");
    assert_eq!(found[3], true, "{banner} at {width}: {found}");
}

#[tokio::test]
async fn a_banner_above_the_page_has_room_of_its_own() {
    let world = World::new().await;
    // Its token is in memory only, so the lock takes it.
    let served = Served::connected(&world, false).await;
    let page = served.page();
    for (width, height) in [(1280, 800), (390, 844)] {
        served.driven.narrow(width, height).await;
        page.go("#/connection", "settings").await;
        page.go("#/sign", "screen-sign").await;
        page.call("lock", "{}").await;
        page.look_again().await;
        has_room(&page, "#locked", width).await;
        page.press("button-unlock").await;
        has_room(&page, "[data-testid='token-again-form']", width).await;
    }
}

#[tokio::test]
async fn a_short_serial_number_moves_no_other_part_of_the_filter_and_says_why_it_finds_nothing() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/history?serial=0a", "screen-history").await;
    page.shown("#filter-serial-note").await;
    // In the middle of the same line.
    let middles =
        "return ['#filter-serial', '#filter-unsettled', '[data-testid=\"filter-clear\"]'].map(it => {
        const box = document.querySelector(it).getBoundingClientRect();
        return Math.round((box.top + box.bottom) / 2);
    })";
    let middles = page.script(middles).await;
    let middles: Vec<i64> = middles.as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).collect();
    assert!(middles.iter().all(|it| (it - middles[0]).abs() <= 2), "{middles:?}");
    // To ask for less would be the wrong way.
    let empty = page.shown(".empty").await.text().await.unwrap();
    assert!(empty.contains("type at least 4 digits") && !empty.contains("Ask for less"), "{empty}");
}
