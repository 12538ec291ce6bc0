//! The gateway under attack: what a hostile page, program or network could send, as bytes on a socket.
//!
//! Whatever is turned away must have run no command: each attack tries to hand the desk a token of its own, and the desk
//! is asked afterwards whether it holds one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure here is the failed test")]

mod bodies;
mod caching;
mod cookies;
mod csrf;
mod downloads;
mod expiry;
mod headers;
mod links;
mod paths;
mod proxy;
mod rebinding;
mod shutdown;
mod slow;
mod smuggling;
mod target;
