//! The desktop host: one window around [`desk`]. Holds no logic: options in, a window out, each command handed on.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod options;
mod window;

use std::process::ExitCode;

use desk::Desk;
use tauri_plugin_window_state::StateFlags;

fn main() -> ExitCode {
    let options = options::from_command_line();
    let desk = match tauri::async_runtime::block_on(Desk::start(options)) {
        Ok(desk) => desk,
        Err(failure) => return options::explain(&failure),
    };
    let window_state = tauri_plugin_window_state::Builder::default()
        // Everything that is stored lies in the data folder, the window's place included.
        .with_filename(desk.data_dir().join("window-state.json").display().to_string())
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build();
    let running = tauri::Builder::default()
        .plugin(window_state)
        .invoke_handler(commands::handler())
        .setup(|app| window::open(app, desk))
        .run(tauri::generate_context!());
    match running {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => options::say(&format!("The window could not be opened: {error}")),
    }
}
