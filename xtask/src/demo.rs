//! `cargo xtask demo`: a stand-in with CSRs that wait, and the window (or the page) connected to it.
//!
//! From a clean clone with nothing but rustup's Cargo. Ctrl-C, SIGTERM or closing the window stops all of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::binaries::{self, Program};
use crate::clippy::Lints;
use crate::services::{Ended, Output, Services};
use crate::standin::{self, Ready};
use crate::system::{self, Purpose};
use crate::{run, ui};

/// How the desk is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Window,
    Browser,
    /// Only the stand-in: the terminal is the desk.
    Terminal,
}

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    face: Option<Face>,
    release: bool,
    keep: bool,
}

/// Runs the demo until something ends it.
pub(crate) fn demo(arguments: &[&str]) -> Result<()> {
    let options = options(arguments)?;
    let face = options.face.unwrap_or_else(|| default_face(|name| std::env::var_os(name).is_some()));
    let root = run::root()?;

    let mut purposes = vec![Purpose::Build];
    let mut programs = vec![Program::Standin, Program::Terminal];
    if face == Face::Window {
        purposes.push(Purpose::Window);
        programs.push(Program::Window);
    }
    system::ensure(&purposes)?;
    ui::build(if options.release { ui::Profile::Release } else { ui::Profile::Dev(Lints::Quiet) })?;
    binaries::build(&root, &programs, options.release)?;

    let home = run::target(&root).join("demo");
    if !options.keep && home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut services = Services::new()?;
    let path = |program: Program| program.path(&root, options.release);
    let ready = standin::start(&mut services, &path(Program::Standin), &home.join("standin"))?;
    println!("\nA PAM360 stand-in serves at {}\n\n{}", ready.url, standin::table(&ready));

    let desk = home.join("desk");
    fs::create_dir_all(&desk)?;
    rehearse(&path(Program::Terminal), &ready, &desk)?;
    match face {
        Face::Window => {
            println!("The window is connected to it. Close it, or press Ctrl-C here, to stop everything.");
            let mut window = rehearsing(&path(Program::Window), &[], &ready, &desk);
            services.start("the window", &mut window, &Output::Log(&home.join("window.log")))?;
        }
        Face::Browser => {
            println!("Open the link below in a browser. Ctrl-C stops everything.");
            let mut serve = rehearsing(&path(Program::Terminal), &["serve"], &ready, &desk);
            services.start("csrdesk serve", &mut serve, &Output::Shown)?;
        }
        Face::Terminal => {
            println!("{}\nCtrl-C stops it.", terminal_words(&path(Program::Terminal), &ready, &home));
        }
    }
    end(services.wait()?)
}

/// What the stand-in's connection is called.
const NAME: &str = "Rehearsal";

/// Saves the stand-in as a connection for tests, so that nobody takes it for anything else. One that was kept from an
/// earlier run has another port.
fn rehearse(terminal: &Path, ready: &Ready, data: &Path) -> Result<()> {
    let save = |task: &[&str]| {
        let mut command = Command::new(terminal);
        command.arg("connections").args(task).args([
            "--environment",
            "test",
            "--server",
            &ready.url,
            "--ca-file",
        ]);
        command.arg(&ready.ca_file).arg("--data-dir").arg(data);
        command
    };
    if run::succeeds(&mut save(&["change", NAME])) {
        return Ok(());
    }
    run::read(&mut save(&["add", "--name", NAME])).map(|_| ())
}

/// A program of ours that uses the saved connection; the token goes by the environment, never by an argument.
fn rehearsing(program: &Path, first: &[&str], ready: &Ready, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(first).args(["--connection", NAME, "--data-dir"]).arg(data);
    command.env("PAM360_AUTHTOKEN", &ready.token);
    command
}

/// A program of ours that is told where the stand-in is; the token goes by the environment, never by an argument.
pub(crate) fn connected(program: &Path, first: &[&str], ready: &Ready, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(first).args(["--server", &ready.url, "--ca-file"]).arg(&ready.ca_file);
    command.arg("--data-dir").arg(data).env("PAM360_AUTHTOKEN", &ready.token);
    command
}

/// Whether this end was wanted.
pub(crate) fn end(ended: Ended) -> Result<()> {
    match ended {
        Ended::Interrupted => println!("\nStopped."),
        Ended::Child { name, status } if status.success() => println!("{name} was closed; all is stopped."),
        Ended::Child { name, status } => bail!("{name} ended ({status}); all else is stopped"),
    }
    Ok(())
}

fn default_face(is_set: impl Fn(&str) -> bool) -> Face {
    // Only on Linux does a missing variable mean that no window can be shown.
    let screen = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    if screen { Face::Window } else { Face::Browser }
}

fn options(arguments: &[&str]) -> Result<Options> {
    let mut options = Options { face: None, release: false, keep: false };
    for argument in arguments {
        match *argument {
            "--window" => options.face = Some(Face::Window),
            "--browser" => options.face = Some(Face::Browser),
            "--no-window" => options.face = Some(Face::Terminal),
            "--release" => options.release = true,
            "--keep" => options.keep = true,
            other => bail!("demo knows --window, --browser, --no-window, --release, --keep; not `{other}`"),
        }
    }
    Ok(options)
}

/// Lines to paste into another terminal.
fn terminal_words(program: &Path, ready: &Ready, home: &Path) -> String {
    let missing = (String::new(), String::new());
    let ((id, _), (name, serial)) =
        (ready.csrs.first().unwrap_or(&missing), ready.roots.first().unwrap_or(&missing));
    let file: PathBuf = home.join("standin/ready.json");
    format!(
        "In another terminal:\n\n  export PAM360_AUTHTOKEN=$(sed -n 's/.*\"token\" *: *\"\\([^\"]*\\)\".*/\\1/p' {})\n  \
         {} sign --server {} --ca-file {} \\\n    --data-dir {} --sign-type signWithRoot \\\n    \
         --root-cn '{name}' --root-serial {serial} --validity-days 100 --csr-id {id}\n",
        file.display(),
        program.display(),
        ready.url,
        ready.ca_file.display(),
        home.join("desk").display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_screen_the_page_is_shown() {
        assert_eq!(default_face(|name| name == "WAYLAND_DISPLAY"), Face::Window);
        assert_eq!(default_face(|name| name == "DISPLAY"), Face::Window);
        if cfg!(target_os = "linux") {
            assert_eq!(default_face(|_| false), Face::Browser);
        }
    }

    #[test]
    fn options_are_read_and_unknown_ones_refused() {
        let browser = Options { face: Some(Face::Browser), release: true, keep: false };
        assert_eq!(options(&["--browser", "--release"]).unwrap(), browser);
        assert!(options(&["--verbose"]).unwrap_err().to_string().contains("--verbose"));
    }

    #[test]
    fn the_token_is_no_argument() {
        let ready = Ready {
            url: "https://127.0.0.1:1".into(),
            ca_file: "/ca.pem".into(),
            token: "s3cret".into(),
            roots: vec![],
            csrs: vec![],
        };
        let command = connected(Path::new("csrdesk"), &["serve"], &ready, Path::new("/data"));
        assert_eq!(
            run::words(&command),
            "csrdesk serve --server https://127.0.0.1:1 --ca-file /ca.pem --data-dir /data"
        );
    }
}
