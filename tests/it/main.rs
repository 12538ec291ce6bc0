//! End-to-end tests: the wiring of browser, window and terminal. What can fail lower is tested lower.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure here is the failed test")]

mod browser;
mod canary;
mod connections;
mod crash;
mod dumps;
mod exports;
mod incomplete;
mod keychain;
mod output;
mod page_canary;
mod page_cautions;
mod page_connections;
mod page_doubt;
mod page_drafts;
mod page_files;
mod page_foreign;
mod page_form;
mod page_history;
mod page_incomplete;
mod page_kept;
mod page_layout;
mod page_marks;
mod page_memory;
mod page_notices;
mod page_resolve;
mod page_resolved;
mod page_running;
mod page_session;
mod page_sign;
mod page_start;
mod page_token;
mod page_trust;
mod record;
mod record_key;
mod screens;
mod serve;
mod terminal;
mod terminal_files;
mod terminal_input;
mod terminal_job;
mod terminal_lines;
mod terminal_paths;
mod window;
