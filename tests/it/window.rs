//! The real window under Xvfb: the wiring of Tauri, once through. What the page does is tested in the browser.

use std::path::Path;

use e2e::driver;
use e2e::page::Page;
use e2e::world::World;

use crate::browser::fill_form;

#[tokio::test]
async fn a_signing_in_the_real_window() {
    let world = World::new().await;
    let driven = driver::window(&world.path("home"), world.standin.token(), &world.target()).await;
    let page = Page { client: &driven.client };
    page.is_ready().await;
    page.record_traffic().await;
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
    assert_eq!(world.history().await[0]["outcome"], "signed");
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

    // A second start on the folder ends, whatever it was told; this window goes on with its own.
    let mut second = tokio::process::Command::new(e2e::program::built("csr-desk"));
    second.args(["--server", "https://attacker.example", "--data-dir"]).arg(world.data_dir());
    second.env("PAM360_AUTHTOKEN", "of-another").kill_on_drop(true);
    let ended = tokio::time::timeout(e2e::wait::PATIENCE, second.output()).await.unwrap().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("open on this data folder already"), "{ended:?}");
    let chip = words_of_chip(&page).await;
    assert!(chip.contains("127.0.0.1") && chip.contains("token held"), "{chip}");
    assert_eq!(world.standin.sign_posts(), 1);
    // A page that is loaded again repeats nothing.
    driven.client.refresh().await.unwrap();
    page.is_ready().await;
    page.go("#/history", "screen-history").await;
    page.part("history-row").await;
    assert_eq!((world.standin.sign_posts(), world.history().await.len()), (1, 1));
    driven.client.clone().close().await.unwrap();
    no_token_below(&world.path("home"), world.standin.token());
    no_token_below(&world.data_dir(), world.standin.token());
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
