//! The memory of a program with secrets: no core dump has it, and no other program of the same user reads it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use e2e::program::{self, Group};
use tokio::process::Command;

/// `nobody`, where root runs the tests: root reads everything.
const NOBODY: u32 = 65_534;

/// A folder in which the user of these programs may read and write.
fn place() -> tempfile::TempDir {
    tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o777)).tempdir().unwrap()
}

/// A program as the user whom permissions bind.
fn as_ordinary_user(place: &Path, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    program::isolate(&mut command);
    if std::fs::metadata(place).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// What another program of the same user can read of a process: its environment and its memory.
async fn readable_of(place: &Path, process: u32) -> Vec<&'static str> {
    let mut readable = Vec::new();
    for name in ["environ", "maps", "mem"] {
        let mut command = as_ordinary_user(place, "head");
        command.args(["-c", "0"]).arg(format!("/proc/{process}/{name}"));
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().await.unwrap();
        if status.success() {
            readable.push(name);
        }
    }
    readable
}

#[tokio::test]
async fn another_program_of_the_same_user_reads_neither_memory_nor_environment() {
    let place = place();
    // The programs under test may be where only root can go, and a program that its user may not read is protected anyway.
    let copy = place.path().join("csrdesk");
    std::fs::copy(program::built("csrdesk"), &copy).unwrap();
    let data_dir = place.path().join("desk");
    let mut command = as_ordinary_user(place.path(), &copy);
    command.args(["serve", "--server", "https://127.0.0.1:1", "--data-dir"]).arg(&data_dir);
    command.env("PAM360_AUTHTOKEN", "CANARY");
    let (serving, _) = Group::start(command, "/launch/").await;
    let process = serving.id();
    assert_eq!(readable_of(place.path(), process).await, [""; 0]);
    assert_eq!(program::core_limit(process), "0 0");

    // The same programs find all of it in a process without this protection.
    let mut command = as_ordinary_user(place.path(), "sh");
    command.args(["-c", "echo ready; read line"]);
    let (input, _kept_open) = std::io::pipe().unwrap();
    let (plain, _) = Group::start_with_input(command, input, "ready").await;
    assert_eq!(readable_of(place.path(), plain.id()).await, ["environ", "maps", "mem"]);
}
