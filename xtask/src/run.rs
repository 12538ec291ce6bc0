//! Where the repository is, and running one program to its end with errors that name it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The repository's root. Cargo names this crate's folder at run time, so that no path is compiled in.
pub(crate) fn root() -> Result<PathBuf> {
    if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR") {
        let root = Path::new(&manifest).parent().context("the folder xtask has no parent")?;
        return Ok(root.to_owned());
    }
    let here = std::env::current_dir()?;
    here.ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").is_file())
        .map(Path::to_owned)
        .context("run this inside the repository")
}

/// Cargo's target folder.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |given| root.join(given))
}

/// A command for the Cargo that runs us, in the repository's root.
///
/// Cargo tells its children about the crate it runs; a nested Cargo must not see that, or build scripts that ask for
/// those variables would be built anew whenever the caller changes.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO" {
            command.env_remove(&name);
        }
    }
    command
}

/// Makes a release say nothing of the machine it was built on: panics name files, and files lie in somebody's home.
///
/// `table` is the part of Cargo's configuration that holds the compiler's flags.
pub(crate) fn without_machine_paths(command: &mut Command, root: &Path, table: &str) -> Result<()> {
    // The folders are there only once the sources are.
    run(cargo(root).args(["fetch", "--quiet", "--locked"]))?;
    let mut folders = vec![root.to_owned()];
    let sources = cargo_home()?.join("registry/src");
    for entry in std::fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))? {
        folders.push(entry?.path());
    }
    folders.sort();
    command.arg("--config").arg(format!("{table}.rustflags = [{}]", remap_flags(&folders)));
    Ok(())
}

/// Flags as the inside of a TOML list.
fn remap_flags(folders: &[PathBuf]) -> String {
    let flags = folders.iter().map(|folder| format!("'--remap-path-prefix={}/='", folder.display()));
    flags.collect::<Vec<_>>().join(", ")
}

fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(home.into());
    }
    let home = std::env::home_dir().context("there is no home folder")?;
    Ok(home.join(".cargo"))
}

/// Runs to the end, showing what it prints; anything but success is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}", words(command));
    }
    Ok(())
}

/// Runs to the end and returns its standard output; its errors are shown only when it fails.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", words(command), output.status, errors.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it starts and succeeds, silently.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The last `count` lines of a text.
pub(crate) fn last_lines(text: &str, count: usize) -> impl Iterator<Item = &str> {
    let skip = text.lines().count().saturating_sub(count);
    text.lines().skip(skip)
}

/// The first program of this name on the PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            if word.contains(char::is_whitespace) || word.is_empty() {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", words(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_the_program_without_its_folder_and_quote_spaces() {
        let mut command = Command::new("/usr/bin/xvfb-run");
        command.args(["-s", "-screen 0 1x1x24", ""]);
        assert_eq!(words(&command), "xvfb-run -s '-screen 0 1x1x24' ''");
    }

    #[test]
    fn remap_flags_leave_nothing_before_the_path_inside() {
        let folders = [PathBuf::from("/a b"), PathBuf::from("/c")];
        assert_eq!(remap_flags(&folders), "'--remap-path-prefix=/a b/=', '--remap-path-prefix=/c/='");
    }

    #[test]
    fn last_lines_are_the_last() {
        assert_eq!(last_lines("a\nb\nc\n", 2).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(last_lines("a", 2).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn which_finds_what_is_there_and_nothing_else() {
        assert!(which("sh").is_some());
        assert!(which("no-such-program-anywhere").is_none());
    }

    #[test]
    fn a_failing_command_is_named_with_its_errors() {
        let error = read(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c") && error.contains("why") && error.contains('3'), "{error}");
    }
}
