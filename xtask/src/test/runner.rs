//! Runs of the test runner: on which screen and bus, with which tests, under which clock, and what came of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::odd::Odd;
use super::options::{Options, Setting};
use crate::binaries::Program;
use crate::run;

/// What the window needs on a screen without a graphics card, and for being driven. For tests only.
const SOFTWARE_SCREEN: [(&str, &str); 5] = [
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("NO_AT_BRIDGE", "1"),
    ("TAURI_WEBVIEW_AUTOMATION", "true"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
];

/// The end-to-end tests with a browser or a window. They run on the system's clock and as the user who runs us alone. `cargo xtask check` keeps such tests in these modules.
pub(crate) const DRIVEN: &[&str] = &["browser", "screens", "window"];
/// Modules of such tests begin with this, too.
pub(crate) const DRIVEN_PREFIX: &str = "page_";

/// Which tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Everything,
    EndToEnd,
}

/// What a run came to.
struct Outcome {
    setting: Setting,
    /// Passed and failed, where the runner writes them down.
    counts: Option<(u64, u64)>,
    failed: bool,
}

/// Every run that was asked for, whatever comes of those before it.
///
/// `variables` are those of the build: with others, Cargo would build everything again.
pub(super) fn run_all(
    root: &Path,
    nextest: bool,
    scope: Scope,
    options: &Options<'_>,
    variables: &[(&str, String)],
) -> Result<()> {
    let runs = options.runs();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (index, setting) in runs.iter().enumerate() {
        if runs.len() > 1 {
            println!("== run {} of {}: {setting}", index + 1, runs.len());
        }
        let outcome = run_tests(root, nextest, scope, options, *setting, variables)?;
        if options.times.is_some() {
            println!("== run {} of {}: {}", index + 1, runs.len(), words(&outcome));
        }
        outcomes.push(outcome);
    }
    let failed = outcomes.iter().filter(|it| it.failed).count();
    if failed > 0 {
        let lines: Vec<String> = outcomes.iter().map(words).collect();
        bail!("{failed} of {} runs failed:\n  {}", outcomes.len(), lines.join("\n  "));
    }
    if options.times.is_some() {
        println!("== all {} runs passed", outcomes.len());
    }
    Ok(())
}

fn words(outcome: &Outcome) -> String {
    let verdict = if outcome.failed { "FAILED" } else { "passed" };
    let counts = outcome.counts.map(|(passed, failed)| format!(": {passed} tests passed, {failed} failed"));
    format!("{}, {verdict}{}", outcome.setting, counts.unwrap_or_default())
}

/// One run of the runner, on a screen nobody sees and a session bus of its own where that is wanted.
fn run_tests(
    root: &Path,
    nextest: bool,
    scope: Scope,
    options: &Options<'_>,
    setting: Setting,
    variables: &[(&str, String)],
) -> Result<Outcome> {
    let (test_runner, odd) = match setting {
        Setting::At(clock) => (clock.runner()?, None),
        Setting::Odd => {
            let odd = Odd::new(&Program::Terminal.path(root, false))?;
            (Some(odd.runner().to_owned()), Some(odd))
        }
    };
    let cargo = run::cargo(root);
    let mut command = if odd.is_some() {
        // Another user has no part in a screen and a bus of ours.
        Command::new(cargo.get_program())
    } else {
        let mut session = Command::new("dbus-run-session");
        session.args(["--", "xvfb-run", "-a", "-s", "-screen 0 1440x900x24"]).arg(cargo.get_program());
        session
    };
    command.current_dir(root);
    for (name, _) in cargo.get_envs() {
        // Cargo's words about the crate that runs us are not for the Cargo that runs the tests.
        command.env_remove(name);
    }
    let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
    // A browser judges certificates and draws by the system's clock, and it and the window need their user's session.
    let undriven = test_runner.is_some();
    command
        .args(runner_arguments(nextest, profile, scope, undriven, &options.filters))
        .envs(environment(root)?);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    if let Some(odd) = &odd {
        odd.hand_over(&home(root))?;
        command.envs(odd.variables());
    }
    if let Some(runner) = test_runner {
        command.env(runner_variable(root)?, runner);
    }
    let written = run::target(root).join("nextest").join(profile).join("junit.xml");
    if written.exists() {
        fs::remove_file(&written)?;
    }
    let result = run::run(&mut command);
    let counts = fs::read_to_string(&written).ok().and_then(|text| counts(&text));
    match (result, counts) {
        (Ok(()), counts) => Ok(Outcome { setting, counts, failed: false }),
        (Err(_), Some(counts)) if counts.1 > 0 => Ok(Outcome { setting, counts: Some(counts), failed: true }),
        // The runner itself did not come to its end.
        (Err(error), _) => {
            eprintln!("xtask: {error:#}");
            Ok(Outcome { setting, counts: None, failed: true })
        }
    }
}

/// Where Cargo and nextest read what test programs start through: `CARGO_TARGET_<host>_RUNNER`.
fn runner_variable(root: &Path) -> Result<String> {
    let version = run::read(Command::new("rustc").current_dir(root).arg("-vV"))?;
    let host = version.lines().find_map(|it| it.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace(['-', '.'], "_")))
}

/// Passed and failed, from the first tag of a JUnit report: `<testsuites name="…" tests="3" … failures="1" errors="0">`.
fn counts(report: &str) -> Option<(u64, u64)> {
    let tag = report.split_once("<testsuites ")?.1.split_once('>')?.0;
    let number = |name: &str| -> Option<u64> {
        tag.split_once(&format!("{name}=\""))?.1.split_once('"')?.0.parse().ok()
    };
    let failed = number("failures")? + number("errors")?;
    Some((number("tests")?.checked_sub(failed)?, failed))
}

/// The driven tests as a filter of nextest.
fn driven() -> String {
    format!("(package(e2e) & test(/^({}|{DRIVEN_PREFIX}\\w+)::/))", DRIVEN.join("|"))
}

fn runner_arguments(
    nextest: bool,
    profile: &str,
    scope: Scope,
    undriven: bool,
    filters: &[&str],
) -> Vec<String> {
    let mut arguments: Vec<&str> = Vec::new();
    let driven = driven();
    let mut filterset = match scope {
        Scope::Everything => String::new(),
        // A filter, not a smaller selection: that would settle on other features and build everything again.
        Scope::EndToEnd => "package(e2e)".to_owned(),
    };
    if undriven {
        let and = if filterset.is_empty() { "" } else { " & " };
        filterset = format!("{filterset}{and}not {driven}");
    }
    let skipped: Vec<String> =
        DRIVEN.iter().map(|it| format!("{it}::")).chain([DRIVEN_PREFIX.to_owned()]).collect();
    if nextest {
        arguments.extend([
            "nextest",
            "run",
            "--locked",
            "--cargo-quiet",
            "--workspace",
            "--profile",
            profile,
        ]);
        if !filterset.is_empty() {
            arguments.extend(["--filterset", &filterset]);
        }
        arguments.extend(filters);
    } else {
        arguments.extend(["test", "--locked", "--lib", "--bins", "--tests", "--no-fail-fast"]);
        match scope {
            Scope::Everything => arguments.push("--workspace"),
            Scope::EndToEnd => arguments.extend(["--package", "e2e"]),
        }
        arguments.push("--");
        arguments.extend(filters);
        if undriven {
            arguments.extend(skipped.iter().flat_map(|it| ["--skip", it]));
        }
        // All tests of a package share one process there, and the window's share one screen.
        arguments.push("--test-threads=1");
    }
    arguments.into_iter().map(str::to_owned).collect()
}

/// Below it is what programs keep for their user.
fn home(root: &Path) -> PathBuf {
    run::target(root).join("test-home")
}

/// What end-to-end tests are told, and folders that are nobody's home.
fn environment(root: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let home = home(root);
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut variables = Vec::new();
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
        let folder = home.join(name.to_lowercase());
        fs::create_dir_all(&folder)?;
        private(&folder)?;
        variables.push((name, folder));
    }
    for (name, program) in [
        ("CSRDESK_BIN", Program::Terminal),
        ("CSR_DESK_BIN", Program::Window),
        ("STANDIN_BIN", Program::Standin),
    ] {
        let path = program.path(root, false);
        if !path.is_file() {
            bail!("{} was not built", path.display());
        }
        variables.push((name, path));
    }
    // Nobody's keychain either. The test of the real one starts its own, on a bus of its own.
    variables.push(("CSRDESK_TEST_KEYCHAIN", "absent".into()));
    variables.push(("AXE_JS", root.join("node_modules/axe-core/axe.min.js")));
    variables.push(("DIST_DIR", root.join("dist")));
    variables.extend(SOFTWARE_SCREEN.map(|(name, value)| (name, value.into())));
    Ok(variables)
}

/// Programs refuse a runtime folder that others can read.
#[cfg(unix)]
fn private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?)
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_has_its_profile_and_a_filter_comes_last() {
        let arguments = runner_arguments(true, "ci", Scope::Everything, false, &["desktop"]);
        assert_eq!(
            arguments.join(" "),
            "nextest run --locked --cargo-quiet --workspace --profile ci desktop"
        );
        let arguments = runner_arguments(true, "default", Scope::EndToEnd, false, &[]);
        assert_eq!(
            arguments.join(" "),
            "nextest run --locked --cargo-quiet --workspace --profile default --filterset package(e2e)"
        );
    }

    #[test]
    fn under_a_shifted_clock_no_browser_and_no_window_is_driven() {
        let arguments = runner_arguments(true, "default", Scope::EndToEnd, true, &["pin"]);
        let driven = r"(package(e2e) & test(/^(browser|screens|window|page_\w+)::/))";
        assert_eq!(arguments[7..], ["--filterset", &format!("package(e2e) & not {driven}"), "pin"]);
        let arguments = runner_arguments(true, "default", Scope::Everything, true, &[]);
        assert_eq!(arguments[7..], ["--filterset", &format!("not {driven}")]);
        let arguments = runner_arguments(false, "default", Scope::Everything, true, &[]).join(" ");
        assert!(
            arguments.contains("--skip browser:: --skip screens:: --skip window:: --skip page_ "),
            "{arguments}"
        );
    }

    #[test]
    fn without_nextest_cargo_runs_the_same_tests_one_by_one() {
        let arguments = runner_arguments(false, "ci", Scope::EndToEnd, false, &["desktop"]);
        assert_eq!(
            arguments.join(" "),
            "test --locked --lib --bins --tests --no-fail-fast --package e2e -- desktop --test-threads=1"
        );
    }

    #[test]
    fn passed_and_failed_are_read_from_the_report() {
        let report = r#"<?xml version="1.0"?><testsuites name="nextest-run" tests="612" failures="2" errors="1" uuid="x">
            <testsuite name="a" tests="3" failures="9"/></testsuites>"#;
        assert_eq!(counts(report), Some((609, 3)));
        assert_eq!(counts("<testsuites>"), None);
        assert_eq!(counts(""), None);
    }
}
