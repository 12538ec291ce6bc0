//! What the end-to-end tests stand on: a stand-in of each test's own, the programs under test, and WebDriver.
//!
//! Owns starting and stopping of processes and the waiting for conditions. Refuses to own any expectation: those are
//! in the tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test support: a failure here is a failed test")]

pub mod axe;
pub mod canary;
pub mod driver;
pub mod memory;
pub mod page;
pub mod program;
pub mod steps;
pub mod wait;
pub mod world;
