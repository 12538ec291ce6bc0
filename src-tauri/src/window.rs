//! The window: where it keeps its data, and that it never shows anything but our own page.

use std::error::Error;

use desk::Desk;
use desk::commands::{quick_status, status};
use tauri::webview::NewWindowResponse;
use tauri::{App, Manager, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};

use crate::single::Claim;
use crate::zoom;

/// Opens the one window, and hands the desk to the commands.
///
/// A file that is dropped on it goes to Tauri's own handler, which is on unless turned off: the page sees no drop, and
/// the window does not turn to the file. `cargo xtask check` keeps it on.
pub(crate) fn open(app: &App, desk: Desk, mut claim: Claim) -> Result<(), Box<dyn Error>> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
        .title("CSR Desk")
        .inner_size(1180.0, 820.0)
        .min_inner_size(360.0, 400.0)
        .data_directory(desk.data_dir().join("webview"))
        .initialization_script(known_at_start(&desk)?)
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // On Windows the web view zooms by itself. Elsewhere this would need a permission for the page: see `zoom`.
        .zoom_hotkeys_enabled(cfg!(windows))
        .build()?;
    zoom::attach(&window, desk.data_dir())?;
    desk.watch_screen();
    // The record is opened and the keychain asked while the page comes up, so that its own question finds both done. What
    // this answer says, the page learns by its own.
    let early = desk.clone();
    tauri::async_runtime::spawn(async move { early.status(status::Request {}).await });
    app.manage(desk.clone());
    let known = window.clone();
    claim.answer(move || {
        // A desktop that lets nothing come to the front by itself marks it as wanting attention.
        let _ = known.unminimize();
        let _ = known.show();
        let _ = known.set_focus();
    });
    // For as long as the program runs.
    app.manage(claim);
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event
            && desk.is_busy()
        {
            // A signing that has left is waited for, so that its answer is recorded; then the window goes.
            api.prevent_close();
            desk.stop();
            let (desk, window) = (desk.clone(), closing.clone());
            tauri::async_runtime::spawn(async move {
                desk.idle().await;
                let _ = window.destroy();
            });
        }
    });
    Ok(())
}

/// A script that leaves the answer to [`quick_status`] where the page looks for it: the page is then drawn once, ready to be
/// used, instead of being drawn, asking, and being drawn again. It runs before every load of the page; what it says is true
/// when the window opens, so a page that is loaded again does not get it and asks.
fn known_at_start(desk: &Desk) -> Result<String, Box<dyn Error>> {
    let known = tauri::async_runtime::block_on(desk.quick_status(quick_status::Request {}));
    let known = known.map_err(|failure| failure.code.what())?;
    Ok(script(&serde_json::to_string(&known)?))
}

/// JSON is JavaScript (ECMA-262, 2019 and later).
fn script(known: &str) -> String {
    let name = desk::KNOWN_AT_START;
    format!(
        "try {{
            if (sessionStorage.getItem('{name}') === null) {{
                sessionStorage.setItem('{name}', '1');
                window.{name} = {known};
            }}
        }} catch {{ /* Without storage the page asks. */ }}"
    )
}

/// The embedded page: `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows.
fn is_our_page(url: &Url) -> bool {
    let host = match url.scheme() {
        "tauri" => "localhost",
        "http" | "https" if cfg!(windows) => "tauri.localhost",
        _ => return false,
    };
    url.host_str() == Some(host) && url.port().is_none() && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_at_start_is_a_value_whatever_a_connection_is_called() {
        let name = "'</script>`${x}\u{2028}\"\\";
        let known = serde_json::json!({ "name": name }).to_string();
        let script = script(&known);
        let (_, value) = script.split_once(&format!("window.{} = ", desk::KNOWN_AT_START)).unwrap();
        let (value, _) = value.split_once(";\n").unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(value).unwrap()["name"], name);
    }

    #[test]
    fn the_window_goes_to_the_embedded_page_and_nowhere_else() {
        let ours = |text: &str| is_our_page(&text.parse().unwrap());
        assert!(cfg!(windows) || ours("tauri://localhost/index.html#/sign"));
        for text in [
            "https://attacker.example/",
            "http://localhost/",
            "http://127.0.0.1:8080/",
            "http://tauri.localhost:8080/",
            "http://tauri.localhost.attacker.example/",
            "http://x@tauri.localhost/",
            "tauri://attacker.example/",
            "tauri://localhost:1/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "blob:tauri://localhost/x",
            "javascript:x()",
            "ipc://localhost/sign",
            "asset://localhost/etc/passwd",
        ] {
            assert!(!ours(text), "{text}");
        }
    }
}
