//! The real window under Xvfb: the wiring of Tauri, once through. What the page does is tested in the browser.

use std::path::Path;

use e2e::driver;
use e2e::page::Page;
use e2e::program::Group;
use e2e::steps::begin_hanging;
use e2e::wait;
use e2e::world::World;

use crate::browser::fill_form;

/// Where the window leaves what the page would ask first.
const KNOWN: &str = "csrdeskKnownAtStart";

#[tokio::test]
async fn a_signing_in_the_real_window() {
    let world = World::new().await;
    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    page.record_traffic().await;
    // The first answer came along with the page, and the page took it instead of asking.
    let given = format!("return sessionStorage.getItem('{KNOWN}') + typeof window.{KNOWN}");
    assert_eq!(page.script(&given).await, "1undefined");
    was_asked(&world, "status").await;
    assert!(!is_asked(&world, "quick_status"), "the page asked for what it had");
    let chip = words_of_chip(&page).await;
    assert!(chip.contains("127.0.0.1") && chip.contains("token held"), "{chip}");

    fill_form(&page, &world, 301).await;
    page.press("button-review").await;
    page.part("screen-review").await;
    for theme in ["light", "dark", "system"] {
        page.script(&format!("document.querySelector(\"input[name='theme'][value='{theme}']\").click()"))
            .await;
        // Two frames later the new colours are on the screen.
        let drawn = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        driven.client.execute_async(drawn, Vec::new()).await.unwrap();
        picture(&format!("window-{theme}"));
    }
    page.press("button-sign").await;
    assert_eq!(page.outcome().await, "signed");
    let issued = world.standin.issued();
    assert_eq!(page.text("certificate-serial-hex").await, issued[0].serial_hex);
    assert_eq!((issued.len(), world.standin.sign_posts()), (1, 1));
    assert!(world.openssl_verifies_the_last_one());
    let row = world.history().await.remove(0);
    assert_eq!((&row["outcome"], &row["host"]), (&"signed".into(), &"window".into()));
    assert!(row["program"].as_str().unwrap().starts_with("csr-desk "), "{row}");
    picture("window-signed");

    let everything = page.everything().await;
    assert!(everything.contains(&issued[0].serial_hex), "the search sees what the page was sent");
    assert!(!everything.contains(world.standin.token()), "the token never came near the page");

    // Only our own commands may be called, and the page cannot be led away.
    let foreign = "const done = arguments[arguments.length - 1];
        window.__TAURI_INTERNALS__.invoke('plugin:path|resolve_directory', { directory: 1 })
            .then(() => done('allowed'), () => done('denied'));";
    assert_eq!(driven.client.execute_async(foreign, Vec::new()).await.unwrap(), "denied");
    page.script("window.location.href = 'https://127.0.0.1:1/'").await;
    page.part("screen-result").await;
    // A person's own click, which engines refuse less than a script.
    page.script(
        "const link = document.createElement('a');
         Object.assign(link, { id: 'elsewhere', href: 'index.html', target: '_blank', textContent: 'elsewhere' });
         document.querySelector('h1').append(link);",
    )
    .await;
    page.click("#elsewhere").await;
    page.script("window.open('https://127.0.0.1:1/'); window.open('index.html')").await;
    assert_eq!(driven.client.windows().await.unwrap().len(), 1, "the page opens no other window");
    assert_eq!(page.script("return Object.isFrozen(Object.prototype)").await, true);
    assert_eq!(page.script("return typeof window.__TAURI__").await, "undefined");

    // Its memory goes into no core dump.
    assert_eq!(e2e::program::core_limit(window_on(&world.data_dir())), "0 0");

    // A second start on the folder ends, whatever it was told; this window goes on with its own.
    let mut second = tokio::process::Command::new(e2e::program::built("csr-desk"));
    e2e::program::isolate(&mut second).args(["--server", "https://attacker.example", "--data-dir"]);
    second.arg(world.data_dir()).env("PAM360_AUTHTOKEN", "of-another");
    let ended = tokio::time::timeout(wait::PATIENCE, second.output()).await.unwrap().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("open on this data folder already"), "{ended:?}");
    let chip = words_of_chip(&page).await;
    assert!(chip.contains("127.0.0.1") && chip.contains("token held"), "{chip}");
    assert_eq!(world.standin.sign_posts(), 1);
    // A page that is loaded again repeats nothing, and asks for its first answer.
    driven.client.refresh().await.unwrap();
    page.is_ready().await;
    was_asked(&world, "quick_status").await;
    page.go("#/history", "screen-history").await;
    page.part("history-row").await;
    assert_eq!((world.standin.sign_posts(), world.history().await.len()), (1, 1));
    driven.client.clone().close().await.unwrap();
    no_token_below(&world.path("home"), world.standin.token());
    no_token_below(&world.data_dir(), world.standin.token());
}

/// Whether the window's log says that the page has called a command by itself.
fn is_asked(world: &World, command: &str) -> bool {
    let log = std::fs::read_to_string(world.data_dir().join("logs/csrdesk.log")).unwrap_or_default();
    let words = format!("command=\"{command}\"");
    log.lines().any(|it| it.contains("asked by the page itself") && it.contains(&words))
}

/// Waits until it does.
async fn was_asked(world: &World, command: &str) {
    wait::until(command, async || is_asked(world, command).then_some(())).await;
}

/// What the header says of the connection. By script: WebKit's own call leaves out what may be cut off with an ellipsis.
async fn words_of_chip(page: &Page<'_>) -> String {
    page.part("connection-chip").await;
    let text =
        page.script("return document.querySelector(\"[data-testid='connection-chip']\").textContent").await;
    text.as_str().unwrap().to_owned()
}

/// Keeps a picture of the whole display below `target/screens`. WebDriver's own call hangs under Xvfb.
fn picture(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{name}.png"));
    let taken = std::process::Command::new("import").args(["-window", "root"]).arg(&file).status();
    assert!(taken.is_ok_and(|it| it.success()), "ImageMagick's import takes the picture");
}

fn no_token_below(folder: &Path, token: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            no_token_below(&entry.path(), token);
        } else if entry.file_type().unwrap().is_file() {
            let content = std::fs::read(entry.path()).unwrap();
            let holds = content.windows(token.len()).any(|it| it == token.as_bytes());
            assert!(!holds, "{}", entry.path().display());
        }
    }
}

/// A window manager for as long as it is kept: without one no window gets the keys that xdotool sends.
fn window_manager() -> Group {
    Group::start_quiet(tokio::process::Command::new("openbox"))
}

fn xdotool(arguments: &[&str]) -> Option<String> {
    let output =
        std::process::Command::new("xdotool").args(arguments).output().expect("xdotool is installed");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits until the window has the keyboard.
async fn activate() {
    wait::until("the window has the keyboard", async || {
        let found = xdotool(&["search", "--onlyvisible", "--name", "^CSR Desk$"])?;
        let window = found.lines().next()?.to_owned();
        xdotool(&["windowactivate", &window])?;
        (xdotool(&["getactivewindow"])? == window).then_some(())
    })
    .await;
}

/// How wide the page is, in its own pixels: half as many when it is twice as large.
async fn width(page: &Page<'_>) -> f64 {
    page.script("return window.innerWidth").await.as_f64().unwrap()
}

/// Waits until the page is shown in a size, in percent of the normal one.
async fn is_zoomed(page: &Page<'_>, normal: f64, percent: f64) {
    wait::until(&format!("{percent} %"), async || {
        let ratio = normal / width(page).await * 100.0;
        ((ratio - percent).abs() < 2.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_window_zooms_with_keys_and_wheel_and_keeps_the_size() {
    let world = World::new().await;
    let _manager = window_manager();
    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    activate().await;
    let normal = width(&page).await;
    for (keys, percent) in [
        ("ctrl+plus", 110.0),
        ("ctrl+equal", 125.0),
        ("ctrl+KP_Add", 150.0),
        ("ctrl+minus", 125.0),
        ("ctrl+KP_Subtract", 110.0),
        ("ctrl+0", 100.0),
        ("ctrl+minus", 90.0),
        ("ctrl+KP_0", 100.0),
    ] {
        xdotool(&["key", keys]).unwrap();
        is_zoomed(&page, normal, percent).await;
    }
    for _ in 0..20 {
        xdotool(&["key", "ctrl+minus"]).unwrap();
    }
    is_zoomed(&page, normal, 50.0).await;
    for _ in 0..20 {
        xdotool(&["key", "ctrl+plus"]).unwrap();
    }
    is_zoomed(&page, normal, 300.0).await;
    picture("window-zoomed");
    xdotool(&["mousemove", "400", "400", "keydown", "ctrl", "click", "5", "keyup", "ctrl"]).unwrap();
    is_zoomed(&page, normal, 250.0).await;
    // The sign alone is text.
    page.script("document.activeElement.blur()").await;
    xdotool(&["key", "plus"]).unwrap();
    xdotool(&["key", "ctrl+minus"]).unwrap();
    is_zoomed(&page, normal, 200.0).await;
    assert_eq!(std::fs::read_to_string(world.data_dir().join("window-zoom")).unwrap().trim(), "200");
    driven.client.clone().close().await.unwrap();
    drop(driven);

    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    is_zoomed(&page, normal, 200.0).await;
    driven.client.clone().close().await.unwrap();
}

#[tokio::test]
async fn the_window_opens_the_folder_of_an_export_and_nothing_before_it() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    // Stands in for the file manager, and notes what it is asked to open.
    let (programs, opened) = (world.path("home/bin"), world.path("opened"));
    std::fs::create_dir_all(&programs).unwrap();
    let script =
        format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}.new'\nmv '{0}.new' '{0}'\n", opened.display());
    let file_manager = programs.join("xdg-open");
    std::fs::write(&file_manager, script).unwrap();
    std::fs::set_permissions(&file_manager, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();

    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    let ask = "const done = arguments[arguments.length - 1];
        window.__TAURI_INTERNALS__.invoke('open_export_folder', { request: arguments[0] })
            .then(() => done('opened'), error => done(error.code ?? String(error)));";
    let asked = driven.client.execute_async(ask, vec![serde_json::json!({})]).await.unwrap();
    assert_eq!(asked, "folder-not-opened", "nothing was exported");
    page.go("#/history", "screen-history").await;
    page.part("history-row").await;
    page.press("button-export-csv").await;
    page.press_button("Open folder").await;
    let folder = wait::until("the file manager", async || std::fs::read_to_string(&opened).ok()).await;
    assert_eq!(Path::new(folder.trim()), world.data_dir().join("exports"));
    // A caller cannot name another folder.
    let asked =
        driven.client.execute_async(ask, vec![serde_json::json!({ "folder": "/etc" })]).await.unwrap();
    assert_ne!(asked, "opened");
    driven.client.clone().close().await.unwrap();
}

#[tokio::test]
async fn a_window_that_is_closed_during_a_signing_says_that_it_waits_for_the_answer() {
    let world = World::new().await;
    let _manager = window_manager();
    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    begin_hanging(&page, &world).await;
    activate().await;
    let title = "^CSR Desk closes when the answer is recorded$";
    wait::until("the title", async || {
        let closing = xdotool(&["search", "--name", title]);
        if closing.is_none() {
            // Again, as a person does: a busy window manager loses a key, and a window that waits already goes on waiting.
            xdotool(&["key", "alt+F4"]);
        }
        closing
    })
    .await;
    let notice = page.text("closing").await;
    assert!(notice.contains("CSR Desk closes when the answer is recorded"), "{notice}");
    picture("window-closing");
    let folder = world.data_dir().display().to_string();
    world.standin.stop().await;
    wait::until("the window is gone", async || xdotool(&["search", "--name", title]).is_none().then_some(()))
        .await;
    let history = e2e::program::csrdesk(None, ["history", "--json", "--data-dir", &folder]).await;
    let history = String::from_utf8(history.stdout).unwrap();
    assert!(history.contains(r#""outcome":"unknown""#), "{history}");
}

/// The process of the window on a data folder.
fn window_on(data_dir: &Path) -> u32 {
    let (program, folder) = (e2e::program::built("csr-desk"), data_dir.display().to_string());
    let processes = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|it| {
        let number = it.file_name().to_str()?.parse().ok()?;
        Some((number, std::fs::read(it.path().join("cmdline")).ok()?))
    });
    let is_it = |line: &[u8]| {
        let words: Vec<_> = line.split(|it| *it == 0).map(String::from_utf8_lossy).collect();
        words.first().is_some_and(|it| **it == *program.display().to_string())
            && words.iter().any(|it| **it == *folder)
    };
    processes.into_iter().find(|(_, line)| is_it(line)).expect("the window").0
}
