//! The window: where it keeps its data, and that it never shows anything but our own page.

use std::error::Error;

use desk::Desk;
use tauri::{App, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// Opens the one window, and hands the desk to the commands.
pub(crate) fn open(app: &App, desk: Desk) -> Result<(), Box<dyn Error>> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
        .title("CSR Desk")
        .inner_size(1180.0, 820.0)
        .min_inner_size(360.0, 400.0)
        .data_directory(desk.data_dir().join("webview"))
        // `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows: the embedded page.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    app.manage(desk.clone());
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
