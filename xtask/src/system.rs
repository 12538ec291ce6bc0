//! What the machine must have for each purpose, and getting it: Debian packages, npm tools, cargo-nextest.
//!
//! Presence is judged by what is used (a program, a pkg-config module), never by package names, so the checks hold on
//! any system. Only on Debian and its relatives is anything installed, and there only by root.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run;

/// What a machine is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Compiling the programs without a window: a C compiler, for the crypto library and SQLite.
    Build,
    /// Compiling the desktop window.
    Window,
    /// End-to-end tests: two WebDrivers, a screen nobody sees, a session bus, a keychain, screenshots.
    EndToEnd,
    /// Tests under a shifted clock.
    Clock,
    /// npm, for axe-core and wasm-opt.
    Npm,
    /// Measuring the window: a screen nobody sees, and another desktop program for certificates.
    WindowBench,
    /// Measuring: curl beside us, and peak memory.
    Bench,
}

/// One thing a purpose needs, and the Debian packages that bring it.
struct Need {
    purpose: Purpose,
    evidence: Evidence,
    packages: &'static [&'static str],
}

enum Evidence {
    Program(&'static str),
    Module(&'static str),
}
use Evidence::{Module, Program};

const fn need(purpose: Purpose, evidence: Evidence, packages: &'static [&'static str]) -> Need {
    Need { purpose, evidence, packages }
}

const NEEDS: &[Need] = &[
    need(Purpose::Build, Program("cc"), &["build-essential"]),
    need(Purpose::Window, Program("pkg-config"), &["pkg-config"]),
    need(Purpose::Window, Module("webkit2gtk-4.1"), &["libwebkit2gtk-4.1-dev"]),
    need(Purpose::EndToEnd, Program("WebKitWebDriver"), &["webkit2gtk-driver"]),
    need(Purpose::EndToEnd, Program("chromium-headless-shell"), &["chromium-headless-shell"]),
    need(Purpose::EndToEnd, Program("chromedriver"), &["chromium-driver"]),
    need(Purpose::EndToEnd, Program("xvfb-run"), &["xvfb"]),
    // xvfb only recommends it, and xvfb-run does not start without.
    need(Purpose::EndToEnd, Program("xauth"), &["xauth"]),
    need(Purpose::EndToEnd, Program("dbus-run-session"), &["dbus-daemon"]),
    need(Purpose::EndToEnd, Program("dbus-daemon"), &["dbus-daemon"]),
    need(Purpose::EndToEnd, Program("gnome-keyring-daemon"), &["gnome-keyring"]),
    need(Purpose::EndToEnd, Program("import"), &["imagemagick"]),
    // Without a window manager no window gets the keys that xdotool sends.
    need(Purpose::EndToEnd, Program("openbox"), &["openbox"]),
    need(Purpose::EndToEnd, Program("xdotool"), &["xdotool"]),
    need(Purpose::EndToEnd, Program("openssl"), &["openssl"]),
    need(Purpose::EndToEnd, Program("curl"), &["curl"]),
    need(Purpose::Clock, Program("faketime"), &["faketime"]),
    need(Purpose::Npm, Program("npm"), &["nodejs", "npm"]),
    need(Purpose::WindowBench, Program("xvfb-run"), &["xvfb"]),
    need(Purpose::WindowBench, Program("xauth"), &["xauth"]),
    need(Purpose::WindowBench, Program("xca"), &["xca"]),
    need(Purpose::Bench, Program("curl"), &["curl"]),
    need(Purpose::Bench, Program("time"), &["time"]),
];

/// The version that is tried; the newest is not in every registry mirror on its first days.
const NEXTEST: &str = "0.9.143";

/// Installs what `purposes` lack, or says in one line what to do.
pub(crate) fn ensure(purposes: &[Purpose]) -> Result<()> {
    let missing: Vec<&Need> =
        NEEDS.iter().filter(|need| purposes.contains(&need.purpose) && !present(&need.evidence)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(&missing);
    let names: Vec<&str> = missing.iter().map(|need| evidence_name(&need.evidence)).collect();
    if run::which("apt-get").is_none() {
        bail!("please install: {} (Debian's packages are called {})", names.join(", "), packages.join(" "));
    }
    if !is_root()? {
        bail!(
            "this machine lacks {}; run\n  sudo apt-get install --no-install-recommends {}",
            names.join(", "),
            packages.join(" ")
        );
    }
    println!("installing {}", packages.join(" "));
    apt(&["update", "--quiet"])?;
    let mut arguments = vec!["install", "--quiet", "--yes", "--no-install-recommends"];
    arguments.extend(&packages);
    apt(&arguments)?;
    let still: Vec<&str> = missing
        .iter()
        .filter(|need| !present(&need.evidence))
        .map(|need| evidence_name(&need.evidence))
        .collect();
    if !still.is_empty() {
        bail!("installed {}, and still there is no {}", packages.join(" "), still.join(", "));
    }
    Ok(())
}

/// axe-core and wasm-opt in node_modules/, at the versions package.json pins.
pub(crate) fn ensure_npm_tools(root: &Path) -> Result<()> {
    let manifest = std::fs::read_to_string(root.join("package.json")).context("cannot read package.json")?;
    let installed = |name: &str| {
        std::fs::read_to_string(root.join("node_modules").join(name).join("package.json")).unwrap_or_default()
    };
    if npm_tools_match(&manifest, installed)? {
        return Ok(());
    }
    ensure(&[Purpose::Npm])?;
    println!("installing the npm tools of package.json");
    run::run(Command::new("npm").current_dir(root).args([
        "ci",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
    ]))
}

/// Whether cargo-nextest is there, after an attempt to install it. Plain `cargo test` does the same work, slower.
pub(crate) fn ensure_nextest(root: &Path) -> bool {
    let there = || run::succeeds(run::cargo(root).args(["nextest", "--version"]));
    if there() {
        return true;
    }
    println!("installing cargo-nextest {NEXTEST} (some minutes, once)");
    let installed = run::run(run::cargo(root).args([
        "install",
        "cargo-nextest",
        "--locked",
        "--quiet",
        "--version",
        NEXTEST,
    ]));
    match installed {
        Ok(()) if there() => true,
        _ => {
            println!("cargo-nextest is not to be had here: using `cargo test`, which runs the same tests");
            false
        }
    }
}

/// Whether every pinned npm tool is installed at exactly its version.
fn npm_tools_match(manifest: &str, installed: impl Fn(&str) -> String) -> Result<bool> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).context("package.json is not JSON")?;
    let pinned = manifest["devDependencies"].as_object().context("package.json has no devDependencies")?;
    Ok(pinned.iter().all(|(name, version)| {
        serde_json::from_str::<serde_json::Value>(&installed(name))
            .is_ok_and(|package| package["version"] == *version)
    }))
}

fn apt(arguments: &[&str]) -> Result<()> {
    run::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
}

fn is_root() -> Result<bool> {
    Ok(run::read(Command::new("id").arg("-u"))?.trim() == "0")
}

fn present(evidence: &Evidence) -> bool {
    match evidence {
        Program(name) => run::which(name).is_some(),
        Module(name) => run::succeeds(Command::new("pkg-config").args(["--exists", name])),
    }
}

fn evidence_name(evidence: &Evidence) -> &'static str {
    match evidence {
        Program(name) | Module(name) => name,
    }
}

/// The packages that bring `needs`, each once.
fn packages(needs: &[&Need]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = needs.iter().flat_map(|need| need.packages).copied().collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_needs_of_one_package_name_it_once() {
        let curl: Vec<&Need> = NEEDS.iter().filter(|need| need.packages == ["curl"]).collect();
        assert_eq!(curl.len(), 2);
        assert_eq!(packages(&curl), ["curl"]);
    }

    #[test]
    fn npm_tools_must_be_there_at_the_pinned_version() {
        let manifest = r#"{"devDependencies":{"axe-core":"4.14.1"}}"#;
        let with = |version: &'static str| move |_: &str| format!(r#"{{"version":"{version}"}}"#);
        assert!(npm_tools_match(manifest, with("4.14.1")).unwrap());
        assert!(!npm_tools_match(manifest, with("4.14.0")).unwrap());
        assert!(!npm_tools_match(manifest, |_| String::new()).unwrap());
        assert!(npm_tools_match("{}", |_| String::new()).is_err());
    }
}
