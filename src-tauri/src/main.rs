//! The desktop host: one window around [`desk`]. Holds no logic: options in, a window out, each command handed on.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod first_answer;
mod options;
mod single;
mod window;
mod zoom;

use std::process::ExitCode;

use desk::Desk;
use tauri_plugin_window_state::StateFlags;

#[global_allocator]
static MEMORY: secrets::WipedMemory = secrets::WIPED_MEMORY;

fn main() -> ExitCode {
    if let Err(error) = secrets::keep_out_of_dumps() {
        options::say(&format!("A crash of this program can write its memory to the disk: {error}."));
    }
    let options = options::from_command_line();
    let desk = match tauri::async_runtime::block_on(Desk::start(options)) {
        Ok(desk) => desk,
        Err(failure) => return options::explain(&failure),
    };
    desk.open_folders_with(|folder| opener::open(folder).map_err(|error| error.to_string()));
    let claim = match single::claim(desk.data_dir()) {
        Ok(Some(claim)) => claim,
        Ok(None) => {
            options::say(
                "A window of CSR Desk is open on this data folder already. Nothing of this start was taken over.",
            );
            return ExitCode::SUCCESS;
        }
        Err(error) => return options::say(&format!("The data folder cannot be used: {error}")),
    };
    let window_state = tauri_plugin_window_state::Builder::default()
        // Everything that is stored lies in the data folder, the window's place included.
        .with_filename(desk.data_dir().join("window-state.json").display().to_string())
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build();
    let running = tauri::Builder::default()
        .plugin(window_state)
        .invoke_handler(commands::handler())
        .setup(|app| window::open(app, desk, claim))
        .run(tauri::generate_context!());
    match running {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => options::say(&format!("The window could not be opened: {error}")),
    }
}
