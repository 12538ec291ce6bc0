//! The window: where it keeps its data, and that it never shows anything but our own page.

use std::error::Error;

use desk::Desk;
use desk::commands::status;
use tauri::webview::NewWindowResponse;
use tauri::{App, Manager, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};

use crate::single::Claim;
use crate::{first_answer, zoom};

/// The title of a window that was closed during a signing.
const CLOSING_TITLE: &str = "CSR Desk closes when the answer is recorded";

/// Opens the one window, and hands the desk to the commands.
///
/// A file that is dropped on it goes to Tauri's own handler, which is on unless turned off: the page sees no drop, and
/// the window does not turn to the file. `cargo xtask check` keeps it on.
pub(crate) fn open(app: &App, desk: Desk, mut claim: Claim) -> Result<(), Box<dyn Error>> {
    let builder = WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
        .title("CSR Desk")
        .inner_size(1180.0, 820.0)
        .min_inner_size(360.0, 400.0)
        .data_directory(desk.data_dir().join("webview"))
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // On Windows the web view zooms by itself. Elsewhere this would need a permission for the page: see `zoom`.
        .zoom_hotkeys_enabled(cfg!(windows));
    let window = first_answer::leave(builder, &desk)?.build()?;
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
            // The page says it too, within a second: during a signing it asks how the desk stands so often.
            let _ = closing.set_title(CLOSING_TITLE);
            let (desk, window) = (desk.clone(), closing.clone());
            tauri::async_runtime::spawn(async move {
                desk.idle().await;
                let _ = window.destroy();
            });
        }
    });
    Ok(())
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
