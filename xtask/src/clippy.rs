//! Lints in the build itself: crates of this workspace are compiled by clippy's driver in place of rustc.
//!
//! `cargo clippy` only checks, and Cargo shares nothing between a check and a build: every dependency would be compiled
//! twice, which was half of a first `cargo xtask test`. The driver is rustc with more lints, and turns off a few of rustc's
//! optimisations so that it reads the code as it is written. So this is for tests; a release is rustc's alone.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::run;

/// What becomes of a lint's complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lints {
    /// The build fails.
    Denied,
    /// It is at most shown.
    Quiet,
}

/// Variables that make Cargo compile the workspace's crates through clippy: those that `cargo clippy` itself sets.
///
/// # Errors
/// Clippy is not installed.
pub(crate) fn variables(root: &Path, lints: Lints) -> Result<Vec<(&'static str, String)>> {
    let sysroot = run::read(Command::new("rustc").current_dir(root).args(["--print", "sysroot"]))?;
    let driver =
        Path::new(sysroot.trim()).join("bin/clippy-driver").with_extension(std::env::consts::EXE_EXTENSION);
    ensure!(driver.is_file(), "clippy is missing: run `rustup component add clippy`");
    let arguments = match lints {
        // Between arguments, and after the last, stands this word.
        Lints::Denied => ["-D", "warnings"].map(|it| format!("{it}__CLIPPY_HACKERY__")).concat(),
        Lints::Quiet => String::new(),
    };
    Ok(vec![("RUSTC_WORKSPACE_WRAPPER", driver.display().to_string()), ("CLIPPY_ARGS", arguments)])
}
