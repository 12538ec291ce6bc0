//! The stand-in from outside: real curl, real openssl, the real program. One binary, one module per subject.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod csrs;
mod faults;
mod lookups;
mod persistence;
mod program;
mod readme;
mod refusals;
mod signing;
mod styles;
mod tls;
mod tools;
