//! The programs under test as processes: where they are, and that they end with their test.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::wait::PATIENCE;

/// A program that was built before the tests: `csrdesk`, `csr-desk`.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let variable = format!("{}_BIN", name.to_uppercase().replace('-', "_"));
    let path = std::env::var_os(&variable).map_or_else(
        || {
            // target/debug/deps/it-… lies beside target/debug/csrdesk.
            let test = std::env::current_exe().expect("the test knows where it is");
            test.ancestors().nth(2).expect("a target folder").join(name)
        },
        PathBuf::from,
    );
    assert!(path.is_file(), "{} is not built: run cargo xtask test", path.display());
    path
}

/// Runs `csrdesk` to its end, with a token in its environment or none.
///
/// # Panics
/// When it cannot be started.
pub async fn csrdesk<A: AsRef<OsStr>>(token: Option<&str>, arguments: impl IntoIterator<Item = A>) -> Output {
    let mut command = terminal(token);
    command.args(arguments).stdin(Stdio::null());
    command.output().await.expect("csrdesk starts")
}

/// Runs `csrdesk` with a text on its standard input and no token in its environment.
///
/// # Panics
/// When it cannot be started.
pub async fn csrdesk_with_input<A: AsRef<OsStr>>(
    input: &[u8],
    arguments: impl IntoIterator<Item = A>,
) -> Output {
    let mut command = terminal(None);
    command.args(arguments);
    fed(command, input).await
}

/// Runs a command to its end, with a text on its standard input.
///
/// # Panics
/// When it cannot be started.
pub async fn fed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("csrdesk starts");
    let mut stdin = child.stdin.take().expect("piped");
    // A program that ends without reading closes the pipe; that is its right.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    child.wait_with_output().await.expect("csrdesk ends")
}

/// Prose without the line breaks that fit it to a terminal.
#[must_use]
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names the keychain of a debug build; a test may set it to a store of its own.
pub const KEYCHAIN: &str = "CSRDESK_TEST_KEYCHAIN";

/// Names the moment at which the clock of a debug build stands still.
pub const CLOCK: &str = "CSRDESK_TEST_CLOCK";

/// A CA that no stand-in has: what a program under test finds in place of the CAs of this computer.
const SYSTEM_CAS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/standin/fixtures/unrelated-root.pem");

/// What leads to the network, to certificates and to the things of the person who runs the tests.
const OF_SOMEBODY: &[&str] = &[
    "PAM360_AUTHTOKEN",
    "CSRDESK_DATA_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_DIR",
];

/// Takes away what a command would have of the person and computer that run the tests: token, data folder, keychain,
/// proxy and CAs. Every program under test, and every program that starts one, begins with this.
pub fn isolate(command: &mut Command) -> &mut Command {
    for name in OF_SOMEBODY {
        command.env_remove(name);
    }
    command.env("SSL_CERT_FILE", SYSTEM_CAS).env(KEYCHAIN, "absent").kill_on_drop(true)
}

/// A command line that a shell runs, `csrdesk` being the program under test.
#[must_use]
pub fn shell(line: &str) -> Command {
    let program = built("csrdesk");
    let found_in = std::env::var_os("PATH").unwrap_or_default();
    let own = program.parent().expect("a target folder").to_owned();
    let folders = std::iter::once(own).chain(std::env::split_paths(&found_in));
    let mut command = Command::new("sh");
    isolate(&mut command).args(["-c", line]);
    command.env("PATH", std::env::join_paths(folders).expect("no separator in a folder's name"));
    command
}

/// A word as a shell reads it back: folders of tests may have spaces and quotes in their names.
///
/// # Panics
/// When the word has a byte 0.
#[must_use]
pub fn quoted(word: impl std::fmt::Display) -> String {
    shlex::try_quote(&word.to_string()).expect("no byte 0").into_owned()
}

/// A `csrdesk` command with a clean environment, see [`isolate`].
#[must_use]
pub fn terminal(token: Option<&str>) -> Command {
    let mut command = Command::new(built("csrdesk"));
    isolate(&mut command);
    if let Some(token) = token {
        command.env("PAM360_AUTHTOKEN", token);
    }
    command
}

/// The soft and the hard limit of a process's core dumps, as the kernel prints them.
///
/// # Panics
/// When there is no such process.
#[must_use]
pub fn core_limit(process: u32) -> String {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).expect("a process");
    let line = limits.lines().find(|it| it.starts_with("Max core file size")).expect("its limits");
    line.split_whitespace().skip(4).take(2).collect::<Vec<_>>().join(" ")
}

/// A process that ends, with all that it started, when this is dropped.
pub struct Group {
    child: Child,
    /// What it said since it was ready.
    lines: mpsc::UnboundedReceiver<String>,
}

impl Group {
    /// Starts it as a group of its own, and waits for the line of its output that holds `ready`.
    ///
    /// # Panics
    /// When it cannot be started or ends before it is ready.
    pub async fn start(command: Command, ready: &str) -> (Self, String) {
        Self::start_with_input(command, Stdio::null(), ready).await
    }

    /// The same, with something on its standard input.
    ///
    /// # Panics
    /// As [`Group::start`].
    pub async fn start_with_input(
        mut command: Command,
        input: impl Into<Stdio>,
        ready: &str,
    ) -> (Self, String) {
        let started = Self::start_if_it_can(command.stdin(input), ready).await;
        started.unwrap_or_else(|| panic!("{command:?} ended without saying {ready:?}"))
    }

    /// The same; none when it ends before it is ready.
    pub(crate) async fn start_if_it_can(command: &mut Command, ready: &str) -> Option<(Self, String)> {
        command.process_group(0).kill_on_drop(true).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let found = loop {
            let line = lines.next_line().await.expect("text")?;
            if line.contains(ready) {
                break line;
            }
        };
        // Keep reading, so that it never blocks on a full pipe.
        let (saying, said) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // Nobody has to listen.
                let _ = saying.send(line);
            }
        });
        Some((Self { child, lines: said }, found))
    }

    /// The number of its first process.
    ///
    /// # Panics
    /// When it has ended and was waited for, which nothing here does.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("nothing waits for it")
    }

    /// Waits for the next line of its output that holds a text.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn says(&mut self, text: &str) -> String {
        let listening = async {
            while let Some(line) = self.lines.recv().await {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("the program ended without saying {text:?}");
        };
        timeout(PATIENCE, listening).await.unwrap_or_else(|_| panic!("waited in vain for {text:?}"))
    }

    /// Starts it without waiting; its output is not read.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start_quiet(command: Command) -> Self {
        Self::start_reading(command, Stdio::null())
    }

    /// Starts it with something on its standard input; its output is not read.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start_reading(mut command: Command, input: impl Into<Stdio>) -> Self {
        command.process_group(0).kill_on_drop(true).stdin(input).stdout(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, lines: mpsc::unbounded_channel().1 }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.child.id() {
            // The group that this process leads, and no other.
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{id}")]).status();
        }
    }
}
