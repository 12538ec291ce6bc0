//! The client against the stand-in: real TLS, real signing, every failure that a server can cause.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure here is the failed test")]

mod client;
mod exact;
mod faults;
mod handed_over;
mod http_versions;
mod inventory;
mod listener;
mod matrix;
mod once;
mod pki;
mod proxy;
mod support;
mod tls;
mod trace;
