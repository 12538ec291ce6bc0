//! Awkward surroundings for the tests that drive no browser and no window: a user who is not root, proxies that nobody
//! answers at, no list of CAs, and a folder for temporary files whose name has a space, a quote and a letter beyond ASCII.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::run;

/// What a run is called.
pub(super) const NAME: &str = "another user, proxies, no CAs, an awkward folder";
/// Nobody listens there: a port below 1024, and no test is root.
const CLOSED: &str = "http://127.0.0.1:1";
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
/// `nobody` and its group, by number, which is the same on every Linux system.
const NOBODY: u32 = 65_534;

/// The surroundings; their folder goes when this is dropped.
pub(super) struct Odd {
    folder: TempDir,
    runner: String,
    /// Whose files are made ready, where that is another user than the one who runs us.
    user: Option<u32>,
}

impl Odd {
    /// # Errors
    /// The folder cannot be made, or root cannot give up its rights here.
    pub(super) fn new(program: &Path) -> Result<Self> {
        // Short: the path of a socket has 108 bytes at most.
        let folder = tempfile::Builder::new().prefix("desk's \u{e9} ").rand_bytes(4).tempdir()?;
        fs::create_dir(folder.path().join("none"))?;
        fs::create_dir(folder.path().join("tmp"))?;
        fs::write(folder.path().join("none.pem"), "")?;
        let (runner, user) = runner(program)?;
        let odd = Self { folder, runner, user };
        odd.hand_over(odd.folder.path())?;
        Ok(odd)
    }

    /// The program, with arguments, through which test programs start.
    pub(super) fn runner(&self) -> &str {
        &self.runner
    }

    /// For the test runner, which hands them on.
    pub(super) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let path = |name| self.folder.path().join(name);
        let mut variables: Vec<_> = PROXIES.iter().map(|it| (*it, CLOSED.into())).collect();
        variables.extend([
            ("SSL_CERT_FILE", path("none.pem")),
            ("SSL_CERT_DIR", path("none")),
            ("TMPDIR", path("tmp")),
            // No session's bus, whose keychain would be a person's own.
            ("DBUS_SESSION_BUS_ADDRESS", "disabled:".into()),
        ]);
        variables
    }

    /// Gives a folder, with what is in it, to the user as whom the tests run.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn hand_over(&self, folder: &Path) -> Result<()> {
        let Some(user) = self.user else { return Ok(()) };
        let owner = format!("{user}:{user}");
        run::run(Command::new("chown").args(["--recursive", "--no-dereference", &owner]).arg(folder))
    }
}

/// Who runs us, where that is not root. For root it is nobody; where nobody may not even read the programs under test, as
/// below a home folder, root without its capabilities, whom permissions bind as they bind everybody.
fn runner(program: &Path) -> Result<(String, Option<u32>)> {
    // Nobody has a home.
    let as_it_is = "env HOME=/nonexistent".to_owned();
    if user_of(&as_it_is)? != 0 {
        return Ok((as_it_is, None));
    }
    let as_nobody = format!("{as_it_is} setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups");
    // From a program that runs as nobody already: setpriv itself still has the rights to start anything.
    if run::succeeds(through(&as_nobody).arg("env").arg(program).arg("--version")) {
        ensure!(user_of(&as_nobody)? == NOBODY, "setpriv did not change the user");
        return Ok((as_nobody, Some(NOBODY)));
    }
    println!("nobody may not run {}: the tests run as root without capabilities", program.display());
    let powerless = format!("{as_it_is} setpriv --bounding-set=-all --inh-caps=-all");
    let status = run::read(through(&powerless).args(["cat", "/proc/self/status"]))?;
    let capabilities = status.lines().find_map(|it| it.strip_prefix("CapEff:")).context("no capabilities")?;
    ensure!(capabilities.trim().bytes().all(|it| it == b'0'), "root kept capabilities: {capabilities}");
    Ok((powerless, None))
}

/// A command that starts through a runner, split at spaces as Cargo and nextest split it.
fn through(runner: &str) -> Command {
    let mut words = runner.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// The number of the user as whom a program runs that starts through a runner.
fn user_of(runner: &str) -> Result<u32> {
    run::read(through(runner).args(["id", "-u"]))?.trim().parse().context("id printed no number")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn whoever_runs_the_tests_there_has_no_rights_beyond_permissions() {
        let odd = Odd::new(Path::new("/bin/true")).unwrap();
        let locked = tempfile::tempdir().unwrap();
        fs::set_permissions(locked.path(), std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
        let succeeds = |program: &[&str]| {
            run::succeeds(through(odd.runner()).args(program).envs(odd.variables()).arg(locked.path()))
        };
        assert!(!succeeds(&["ls"]), "a closed folder is open");
        let script = r#"touch "$TMPDIR/x" && test -z "$(cat "$SSL_CERT_FILE")" && case $TMPDIR in *\'*\ *) ;; *) exit 1; esac"#;
        assert!(succeeds(&["sh", "-c", script, "sh"]));
    }

    #[test]
    fn where_nobody_may_not_run_the_programs_root_gives_up_its_capabilities() {
        let closed = tempfile::tempdir().unwrap();
        let program = closed.path().join("program");
        fs::copy("/bin/true", &program).unwrap();
        fs::set_permissions(closed.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let (runner, user) = runner(&program).unwrap();
        assert_eq!(user, None);
        let is_root = user_of("env").unwrap() == 0;
        assert_eq!(runner.contains("setpriv --bounding-set=-all"), is_root, "{runner}");
    }
}
