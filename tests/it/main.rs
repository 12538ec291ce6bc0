//! End-to-end tests: the wiring of browser, window and terminal. What can fail lower is tested lower.

mod browser;
mod screens;
mod terminal;
mod terminal_input;
mod window;
