//! The programs: which packages make them, building them, and where they then are.

use std::path::{Path, PathBuf};

use anyhow::Result;

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
    /// What a signing is measured against.
    BareClient,
}

impl Program {
    /// Those that people use.
    pub(crate) const ALL: [Self; 3] = [Self::Standin, Self::Terminal, Self::Window];

    /// The program's file name, without a system's ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Standin => "pam360-standin",
            Self::Terminal => "csrdesk",
            Self::Window => "csr-desk",
            Self::BareClient => "bare-client",
        }
    }

    const fn package(self) -> &'static str {
        match self {
            Self::Standin => "standin",
            Self::Terminal => "cli",
            Self::Window => "csr-desk",
            Self::BareClient => "bare-client",
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
