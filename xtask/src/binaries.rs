//! The three programs: which packages make them, building them, and where they then are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run;

/// One of the programs of this repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// The PAM360 look-alike.
    Standin,
    /// The terminal and browser host.
    Terminal,
    /// The window.
    Window,
}

impl Program {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Standin, Self::Terminal, Self::Window];

    /// The program's file name, without a system's ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Standin => "pam360-standin",
            Self::Terminal => "csrdesk",
            Self::Window => "csr-desk",
        }
    }

    const fn package(self) -> &'static str {
        match self {
            Self::Standin => "standin",
            Self::Terminal => "cli",
            Self::Window => "csr-desk",
        }
    }

    /// Where Cargo puts it.
    pub(crate) fn path(self, root: &Path, release: bool) -> PathBuf {
        let folder = run::target(root).join(if release { "release" } else { "debug" });
        folder.join(self.name()).with_extension(std::env::consts::EXE_EXTENSION)
    }
}

/// Builds programs. The page must be in dist/ before: two of them embed it.
pub(crate) fn build(root: &Path, programs: &[Program], release: bool) -> Result<()> {
    let mut cargo = run::cargo(root);
    cargo.args(["build", "--locked"]);
    for program in programs {
        cargo.args(["--package", program.package()]);
    }
    if release {
        cargo.arg("--release");
        run::without_machine_paths(&mut cargo, root, "build")?;
    }
    run::run(&mut cargo)
}

/// Builds a release of a program among a package's benchmarks, and says where Cargo put it: its name there ends with a
/// hash.
pub(crate) fn build_bench(root: &Path, package: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = run::cargo(root);
    cargo.args(["build", "--locked", "--release", "--package", package, "--bench", name]);
    let messages = run::read(cargo.arg("--message-format=json-render-diagnostics"))?;
    executable(&messages, name).with_context(|| format!("Cargo does not say where {name} is"))
}

/// The program of a target in Cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter(|it| it["target"]["name"] == name)
        .find_map(|it| it["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_in_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"pam360"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"bare_client"},"executable":"/target/release/deps/bare_client-1f"}
{"reason":"build-finished","success":true}"#;
        let found = executable(messages, "bare_client");
        assert_eq!(found, Some(PathBuf::from("/target/release/deps/bare_client-1f")));
        assert_eq!(executable(messages, "pam360"), None);
    }
}
