//! The window: where it keeps its data, and that it never shows anything but our own page.

use std::error::Error;

use desk::Desk;
use tauri::{App, Manager, WebviewUrl, WebviewWindowBuilder};

/// Opens the one window, and hands the desk to the commands.
pub(crate) fn open(app: &App, desk: Desk) -> Result<(), Box<dyn Error>> {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
        .title("CSR Desk")
        .inner_size(1180.0, 820.0)
        .min_inner_size(360.0, 400.0)
        .data_directory(desk.data_dir().join("webview"))
        // `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows: the embedded page.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    app.manage(desk);
    Ok(())
}
