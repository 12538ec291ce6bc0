//! Files and folders that cannot be read or written, at the terminal: the sentence names the file and the reason, the exit
//! code is not 0, and standard output has no result.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use e2e::program;
use e2e::world::World;

/// Standard error without the line breaks of prose.
fn said(output: &Output) -> String {
    program::unwrapped(&String::from_utf8_lossy(&output.stderr))
}

/// A failure that names a file and a reason, and blames nothing else.
fn blames(output: &Output, path: &Path, reason: &str, what: &str) {
    let said = said(output);
    assert!(output.status.code().is_some_and(|it| it != 0), "{what}: {output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{what}");
    assert!(said.contains(&path.display().to_string()) && said.contains(reason), "{what}: {said}");
    for other in ["data folder", "journal.sqlite3", ".csrdesk-", "set aside"] {
        assert!(!said.contains(other), "{what}: {said}");
    }
}

/// The code of a failure that a program reads.
fn code(output: &Output) -> String {
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["code"].as_str().unwrap().to_owned()
}

async fn run(world: &World, arguments: &[&str]) -> Output {
    let data_dir = world.data_dir().display().to_string();
    program::csrdesk(None, arguments.iter().copied().chain(["--data-dir", &data_dir])).await
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let world = World::new().await;
    let (folder, text, missing) = (world.path("folder"), world.path("text"), world.path("a file.txt"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&text, "not one of ours\n").unwrap();
    let beyond = text.join("below");
    for (path, reasons) in [
        (&folder, ["Is a directory", "Is a directory", "there is no proof.json"]),
        (&missing, ["No such file"; 3]),
        (&beyond, ["Not a directory"; 3]),
        (&text, ["line 1", "its first line", "invalid Zip archive"]),
    ] {
        let name = path.display().to_string();
        let imported = run(&world, &["connections", "import", &name]).await;
        blames(&imported, path, reasons[0], "connections import");
        let verified = program::csrdesk(None, ["verify-journal", "--file", &name]).await;
        blames(&verified, path, reasons[1], "verify-journal");
        let verified = program::csrdesk(None, ["verify-evidence", &name]).await;
        blames(&verified, path, reasons[2], "verify-evidence");
        for (arguments, expected) in [
            (&["verify-journal", "--json", "--file", &name][..], "journal-file-unreadable"),
            (&["verify-evidence", "--json", &name], "evidence-unreadable"),
            (&["connections", "--json", "import", &name], "connections-unreadable"),
        ] {
            assert_eq!(code(&program::csrdesk(None, arguments).await), expected, "{arguments:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_with_the_reason() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let (folder, file) = (world.path("folder"), world.path("file"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&file, "").unwrap();
    let (beyond, full) = (file.join("below"), Path::new("/dev/full").to_owned());
    // Root writes to a folder of any mode, but to none of this one.
    let closed = Path::new("/proc/csrdesk-test").to_owned();
    for (path, reason) in [
        (&folder, "is a directory"),
        (&beyond, "File exists"),
        (&full, "No space left"),
        (&closed, "the folder /proc cannot be written"),
    ] {
        let name = path.display().to_string();
        for arguments in [
            &["connections", "export", &name][..],
            &["export-journal", &name],
            &["evidence", "1", &name],
            &["history", "--csv", &name],
        ] {
            blames(&run(&world, arguments).await, path, reason, &arguments.join(" "));
        }
        let failed = run(&world, &["connections", "--json", "export", &name]).await;
        assert_eq!(code(&failed), "export-failed");
    }
}

/// `csrdesk` on a data folder that its user may not read or write: whoever runs the test, or nobody where that is root, who
/// may do all.
async fn without_permission(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = program::terminal(None);
    let place = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o755)).tempdir().unwrap();
    if std::fs::metadata(place.path()).unwrap().uid() == 0 {
        // The programs under test may be where only root can go.
        let copy = place.path().join("csrdesk");
        std::fs::copy(program::built("csrdesk"), &copy).unwrap();
        command = tokio::process::Command::new(&copy);
        program::isolate(&mut command).uid(65534).gid(65534);
    }
    command.args(arguments).arg("--data-dir").arg(folder);
    command.env("HOME", place.path()).stdin(Stdio::null()).output().await.unwrap()
}

#[tokio::test]
async fn a_data_folder_that_may_not_be_read_is_not_an_empty_one() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let folder = world.data_dir();
    let add = ["connections", "add", "--name", "One", "--server", world.standin.url()];
    assert!(run(&world, &add).await.status.success());
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o000)).unwrap();
    let one = ["--connection", "One"];
    for (arguments, code) in [
        (&["connections"][..], 1),
        (&["connections", "use", "One"], 1),
        (&["connections", "add", "--name", "Two", "--server", "https://two.example:8282"], 1),
        (&["secret", "forget", "token"], 1),
        (&[&["test-connection"], &one[..]].concat(), 1),
        (&[&["review"], &one[..]].concat(), 1),
        (&["history"], 1),
        (&["entry", "1"], 1),
        (&["verify-journal"], 1),
        (&["export-journal", "/dev/null"], 1),
        (&["record-key"], 1),
    ] {
        let output = without_permission(&folder, arguments).await;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
        assert!(
            said.contains("cannot be read") && said.contains("Permission denied"),
            "{arguments:?}: {said}"
        );
        assert!(said.contains(&folder.display().to_string()), "{arguments:?}: {said}");
    }
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
    let listed = run(&world, &["connections"]).await;
    assert!(String::from_utf8_lossy(&listed.stdout).contains("One"), "{listed:?}");
}

/// A copy of a world's data folder that belongs to the user of [`without_permission`], and the folder that it is in.
fn handed_over(world: &World) -> (tempfile::TempDir, PathBuf) {
    // The user has to get there: a test's own folder is its owner's alone.
    let outside = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o755)).tempdir().unwrap();
    let copy = outside.path().join("desk");
    let run = |program: &str, arguments: &[&str]| {
        let status = std::process::Command::new(program).args(arguments).arg(&copy).status().unwrap();
        assert!(status.success(), "{program}");
    };
    run("cp", &["-R", &world.data_dir().display().to_string()]);
    if std::fs::metadata(outside.path()).unwrap().uid() == 0 {
        run("chown", &["-R", "65534:65534"]);
        run("chown", &["65534:65534", &outside.path().display().to_string()]);
    }
    (outside, copy)
}

#[tokio::test]
async fn a_file_of_the_history_that_may_not_be_read_is_named_and_is_no_finding() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let (outside, moved) = handed_over(&world);
    let copy = outside.path().join("copy.jsonl").display().to_string();
    for (name, arguments) in [
        ("journal.sqlite3", &["history"][..]),
        ("journal.sqlite3", &["verify-journal"]),
        ("journal.sqlite3-wal", &["history"]),
        ("journal.sqlite3-wal", &["verify-journal"]),
        ("journal.sqlite3-shm", &["history"]),
        ("journal.head", &["history"]),
        ("journal.head", &["export-journal", &copy]),
    ] {
        let file = moved.join(name);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).unwrap();
        let output = without_permission(&moved, arguments).await;
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}, {arguments:?}: {said}");
        let reason = format!("the file {} cannot be read: Permission denied", file.display());
        assert!(said.contains(&reason), "{name}, {arguments:?}: {said}");
    }
    let checked = without_permission(&moved, &["verify-journal"]).await;
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
}

#[tokio::test]
async fn a_history_that_may_not_be_written_is_read_checked_and_exported() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let (outside, folder) = handed_over(&world);
    let set = |writable: bool| {
        let mode = if writable { "u+w" } else { "u-w" };
        let done = std::process::Command::new("chmod").args(["-R", mode]).arg(&folder).status().unwrap();
        assert!(done.success());
    };
    set(false);
    let file = |name: &str| outside.path().join(name).display().to_string();
    let (csv, evidence, copy) = (file("h.csv"), file("e.zip"), file("j.jsonl"));
    for (arguments, words) in [
        (&["history"][..], "SIGNED"),
        (&["history", "--text", "shop"], "SIGNED"),
        (&["entry", "1"], "SIGNED"),
        (&["verify-journal"], "The record holds"),
        (&["history", "--csv", &csv], ""),
        (&["evidence", "1", &evidence], ""),
        (&["export-journal", &copy], ""),
        (&["verify-journal", "--file", &copy], "holds"),
    ] {
        let output = if arguments.contains(&"--file") {
            program::csrdesk(None, arguments).await
        } else {
            without_permission(&folder, arguments).await
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {text} {}", said(&output));
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
    assert!([&csv, &evidence, &copy].iter().all(|it| Path::new(it).metadata().unwrap().len() > 0));
    let noted = without_permission(&folder, &["note", "1", "--note", "x"]).await;
    assert_eq!(noted.status.code(), Some(5), "{noted:?}");
    assert!(said(&noted).contains("cannot be written"), "{noted:?}");
    // Nothing was changed there, and so everything goes on where it can be written.
    set(true);
    let noted = without_permission(&folder, &["note", "1", "--note", "x"]).await;
    assert_eq!(noted.status.code(), Some(0), "{noted:?}");
}

#[tokio::test]
async fn a_check_says_that_there_is_no_history() {
    let world = World::new().await;
    for _ in 0..2 {
        let checked = run(&world, &["verify-journal"]).await;
        assert_eq!(checked.status.code(), Some(1), "{checked:?}");
        let said = said(&checked);
        let reason = format!("there is no history in the data folder {}", world.data_dir().display());
        assert!(said.contains(&reason) && !said.contains("No such file"), "{said}");
        std::fs::create_dir_all(world.data_dir()).unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_saved_is_not_printed_and_the_reason_is() {
    let closed = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o555)).tempdir().unwrap();
    let folder = closed.path().display().to_string();
    let add = ["connections", "add", "--name", "One", "--server", "https://one.example:8282"];
    let output = without_permission(closed.path(), &add).await;
    let said = said(&output);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(1), &b""[..]), "{said}");
    assert!(said.contains(&format!("({folder}: Permission denied")), "{said}");
    let output = without_permission(closed.path(), &[&add[..], &["--json"]].concat()).await;
    assert_eq!((output.status.code(), code(&output).as_str()), (Some(1), "settings-unwritable"));
}

#[tokio::test]
async fn a_file_in_place_of_the_data_folder_is_named() {
    let world = World::new().await;
    std::fs::write(world.data_dir(), "").unwrap();
    for arguments in [
        &["connections"][..],
        &["connections", "add", "--name", "One", "--server", "https://one.example:8282"],
        &["history"],
        &["record-key"],
    ] {
        let output = run(&world, arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let said = said(&output);
        assert!(said.contains(&world.data_dir().display().to_string()), "{arguments:?}: {said}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    }
    assert_eq!(code(&run(&world, &["connections", "--json"]).await), "settings-unreadable");
}
