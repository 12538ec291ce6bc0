//! The application: what the desk can do, for any host.
//!
//! [`commands`] is the one list: each command's name, kind, request and response. The page and the build scripts
//! use that list alone (without the feature `handlers`); the hosts use [`Desk`], which carries the commands out over a small
//! [`Host`] trait. Nothing here knows a window, a page, a socket that listens, or a terminal.

mod command_list;
pub mod commands;
mod failure;
#[cfg(feature = "handlers")]
mod secret_requests;

pub use command_list::{COMMANDS, Command, CommandInfo, KNOWN_AT_START, Kind, is_automatic};
pub use failure::Failure;

#[cfg(feature = "handlers")]
mod handlers;
#[cfg(feature = "handlers")]
pub use handlers::*;
