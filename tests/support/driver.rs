//! WebDriver: headless Chromium for the browser, WebKitWebDriver for the window.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::program::{Group, built, isolate};
use crate::wait;

/// A browser or window under control; both end when this is dropped.
pub struct Driven {
    /// The WebDriver session.
    pub client: Client,
    _driver: Group,
}

/// Chromium's engine without its window and its other parts: it starts in half the time.
const BROWSER: &str = "chromium-headless-shell";

/// Headless Chromium with a profile of its own.
///
/// # Panics
/// When chromedriver or Chromium is not installed.
pub async fn browser(profile: &Path, dark: bool) -> Driven {
    let mut command = Command::new("chromedriver");
    // Chromium takes its proxy from the environment.
    isolate(&mut command).stdin(std::process::Stdio::null()).arg("--port=0");
    // It lets the system choose a port of IPv6, takes the same one of IPv4, and ends when another program has that.
    let (driver, line) = wait::until("chromedriver on a free port", async || {
        Group::start_if_it_can(&mut command, "started successfully on port").await
    })
    .await;
    let port = line.rsplit(' ').next().unwrap_or_default().trim_end_matches('.');
    let mut arguments = vec![
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        // No connections of the browser's own: tests touch nothing beyond loopback.
        "--disable-quic".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--no-first-run".to_owned(),
        "--force-prefers-reduced-motion".to_owned(),
        "--window-size=1180,820".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    if dark {
        arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
    }
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": starter(profile),
            "args": arguments,
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let client = session(&format!("http://127.0.0.1:{port}"), capabilities).await;
    let driven = Driven { client, _driver: driver };
    // Without a window nothing is downloaded unless it is allowed.
    let downloads = json!({ "behavior": "allow", "downloadPath": profile.join("downloads") });
    driven.devtools("Browser.setDownloadBehavior", downloads).await;
    driven
}

/// The real window, driven by WebKitWebDriver directly. Needs a display and a session bus. Programs that a test has put
/// into `HOME/bin` stand before the system's.
///
/// # Panics
/// When WebKitWebDriver is not installed or the window does not open.
pub async fn window(home: &Path, token: &str, arguments: &[String]) -> Driven {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let mut command = Command::new("WebKitWebDriver");
    isolate(&mut command)
        .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
        // The window inherits all of this.
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("PAM360_AUTHTOKEN", token)
        // What the page asks is in the log.
        .env("CSRDESK_LOG", "trace")
        .env("HOME", home)
        .env("PATH", program_path(home));
    for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(variable, home.join(variable));
    }
    let driver = Group::start_quiet(command);
    let address = format!("127.0.0.1:{port}");
    wait::until("WebKitWebDriver", async || tokio::net::TcpStream::connect(&address).await.ok()).await;
    let options = json!({ "binary": built("csr-desk"), "args": arguments });
    let capabilities = json!({ "webkitgtk:browserOptions": options });
    Driven { client: session(&format!("http://{address}"), capabilities).await, _driver: driver }
}

/// A script that starts the browser with one page open: chromedriver waits for a page, and Debian's headless shell opens
/// none of its own.
fn starter(profile: &Path) -> PathBuf {
    std::fs::create_dir_all(profile).expect("a folder for the browser's profile");
    let script = profile.join("start");
    std::fs::write(&script, format!("#!/bin/sh\nexec {BROWSER} \"$@\" about:blank\n")).expect("a script");
    std::fs::set_permissions(&script, Permissions::from_mode(0o700)).expect("a script that runs");
    script
}

fn program_path(home: &Path) -> std::ffi::OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(home.join("bin")).chain(std::env::split_paths(&inherited));
    std::env::join_paths(folders).expect("folders without a colon")
}

async fn session(address: &str, capabilities: Value) -> Client {
    let capabilities = capabilities.as_object().cloned().expect("an object");
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(address)
        .await
        .unwrap_or_else(|error| panic!("no WebDriver session at {address}: {error}"))
}

impl Driven {
    /// Makes Chromium fail every request for addresses of a pattern.
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn block(&self, pattern: &str) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setBlockedURLs", json!({ "urls": [pattern] })).await;
    }

    /// Makes Chromium run a script before those of each page that is loaded from now on.
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn run_first(&self, script: &str) {
        self.devtools("Page.enable", json!({})).await;
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Makes Chromium lay the page out for a width that no window of its own can have.
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn narrow(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Gives the page the size of its window again, after [`Self::narrow`].
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn wide(&self) {
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    /// Makes Chromium say that its user prefers `light` or `dark`, and waits until the page has drawn itself so.
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        // With reduced motion nothing is in transition: the second frame has the new colours.
        let drawn = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        self.client.execute_async(drawn, Vec::new()).await.expect("two frames");
    }

    /// What the page and the browser wrote to the console as errors since the last call.
    ///
    /// # Panics
    /// When the browser is not Chromium.
    pub async fn console_errors(&self) -> Vec<String> {
        let rows = self.extension("se/log", json!({ "type": "browser" })).await;
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.iter().filter(|it| it["level"] == "SEVERE").map(|it| it["message"].to_string()).collect()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        self.extension("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    async fn extension(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Extension { path, body }).await.expect("Chromium takes its own commands")
    }
}

/// A command of Chromium's own beside WebDriver's.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
