//! What the terminal does when its output goes elsewhere: a full disk, a pipe that is closed, a narrow screen, a data folder
//! that cannot be written.

use std::fs::OpenOptions;
use std::process::{Output, Stdio};

use e2e::program;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs `csrdesk` with its standard output on a disk without room.
async fn onto_a_full_disk(token: Option<&str>, arguments: &[String]) -> Output {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
    let mut command = program::terminal(token);
    command.args(arguments).stdin(Stdio::null()).stdout(full).stderr(Stdio::piped());
    // Not `output()`, which would read standard output itself.
    command.spawn().expect("csrdesk starts").wait_with_output().await.expect("csrdesk ends")
}

/// Runs `csrdesk` with a pipe that nobody reads.
async fn into_a_closed_pipe(token: Option<&str>, arguments: &[String]) -> Output {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = program::terminal(token);
    command.args(arguments).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
    command.spawn().expect("csrdesk starts").wait_with_output().await.expect("csrdesk ends")
}

fn sign_arguments(world: &World, csr_id: u64, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["sign".to_owned()];
    arguments.extend(world.target());
    arguments.extend(world.fields(csr_id));
    arguments.extend(more.iter().map(|it| (*it).to_owned()));
    arguments
}

fn in_folder(world: &World, arguments: &[&str]) -> Vec<String> {
    let data_dir = world.data_dir().display().to_string();
    arguments.iter().copied().chain(["--data-dir", &data_dir]).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_outcome_that_cannot_be_printed_is_on_standard_error() {
    let world = World::new().await;
    let token = Some(world.standin.token());
    let full = onto_a_full_disk(token, &sign_arguments(&world, 301, &["--json"])).await;
    assert_eq!(full.status.code(), Some(1), "{}", said(&full));
    for words in ["standard output", "SIGNED", "entry 1"] {
        assert!(said(&full).contains(words), "{}", said(&full));
    }
    // For a signing a reader that went away is no reason to be quiet.
    let closed = into_a_closed_pipe(token, &sign_arguments(&world, 302, &[])).await;
    assert_eq!(closed.status.code(), Some(1), "{}", said(&closed));
    assert!(said(&closed).contains("SIGNED") && said(&closed).contains("entry 2"), "{}", said(&closed));
    // An exit code that says more than "not written" stays.
    let unknown = Fault::SignThen500.csr_id();
    let full = onto_a_full_disk(token, &sign_arguments(&world, unknown, &["--json"])).await;
    assert_eq!(full.status.code(), Some(4), "{}", said(&full));
    assert!(said(&full).contains("UNKNOWN") && said(&full).contains("entry 3"), "{}", said(&full));
    assert_eq!(world.history().await.len(), 3);
}

#[tokio::test]
async fn no_command_succeeds_in_silence_on_a_full_disk() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let file = world.path("evidence.zip").display().to_string();
    let mut evidence = vec!["evidence".to_owned(), "1".to_owned(), file.clone()];
    evidence.extend(world.target());
    assert!(program::csrdesk(None, &evidence).await.status.success());
    let mut commands: Vec<Vec<String>> = [
        &["history"][..],
        &["history", "--json"],
        &["history", "--json-lines"],
        &["entry", "1"],
        &["entry", "1", "--json"],
        &["note", "1", "--note", "seen"],
        &["verify-journal"],
        &["verify-journal", "--json"],
        &["verify-journal", "--rebuild"],
        &["record-key"],
        &["connections"],
        &["connections", "add", "--server", "https://h:1"],
    ]
    .iter()
    .map(|it| in_folder(&world, it))
    .collect();
    commands.push(vec!["verify-evidence".to_owned(), file]);
    commands.push(vec!["--help".to_owned()]);
    commands.push(vec!["--version".to_owned()]);
    for command in &commands {
        let output = onto_a_full_disk(None, command).await;
        assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
        assert!(said(&output).contains("standard output"), "{command:?}: {}", said(&output));
    }
    // A reader that has seen enough is no error of a command that shows something.
    for command in
        commands.iter().filter(|it| ["history", "entry", "verify-evidence"].contains(&it[0].as_str()))
    {
        let output = into_a_closed_pipe(None, command).await;
        assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""), "{command:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let csv = in_folder(&world, &["history", "--csv", "/dev/full"]);
    let output = program::csrdesk(None, &csv).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(!std::path::Path::new("/dev/full.new").exists());
    let folder = world.path("kept");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display().to_string();
    for arguments in [
        &["history", "--csv", &folder][..],
        &["export-journal", &folder],
        &["connections", "export", &folder],
    ] {
        let output = program::csrdesk(None, in_folder(&world, arguments)).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
    }
    // Straight to standard output, as scripts name it.
    let output = program::csrdesk(None, in_folder(&world, &["history", "--csv", "/dev/stdout"])).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("entry,outcome"), "{}", said(&output));
}

/// Whether this user may mount, which takes root on Linux.
fn may_mount() -> bool {
    let tried = std::process::Command::new("unshare").args(["-m", "true"]).status();
    tried.is_ok_and(|it| it.success())
}

#[tokio::test]
async fn a_data_folder_on_a_read_only_medium_is_read() {
    if !may_mount() {
        println!("skipped: a file system cannot be mounted here");
        return;
    }
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    let folder = world.data_dir().display().to_string();
    let file = |name: &str| world.path(name).display().to_string();
    let (csv, evidence, copy) = (file("h.csv"), file("e.zip"), file("j.jsonl"));
    let read_only = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new("unshare");
        let script = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
        program::isolate(&mut command).args(["-m", "sh", "-c", script, &folder]);
        command.arg(program::built("csrdesk")).args(arguments).args(["--data-dir", &folder]);
        command.stdin(Stdio::null()).output().await.unwrap()
    };
    for (arguments, words) in [
        (&["history"][..], "SIGNED"),
        (&["history", "--text", "shop"], "SIGNED"),
        (&["entry", "1"], "SIGNED"),
        (&["verify-journal"], "The record holds"),
    ] {
        let output = read_only(arguments).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {text} {}", said(&output));
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
    let json = read_only(&["history", "--json"]).await;
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&json.stdout).unwrap().len(), 2);
    for arguments in
        [&["history", "--csv", &csv][..], &["evidence", "1", &evidence], &["export-journal", &copy]]
    {
        let output = read_only(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
    }
    assert_eq!(std::fs::read_to_string(&csv).unwrap().lines().count(), 3);
    // Only writing is refused.
    for arguments in [
        &["note", "1", "--note", "x"][..],
        &["verify-journal", "--rebuild"],
        &["record-key"],
        &["record-key", "--to", "file"],
    ] {
        let output = read_only(arguments).await;
        assert_eq!(output.status.code(), Some(5), "{arguments:?}: {}", said(&output));
        // Neither the keychain nor the key is to blame.
        let words = said(&output);
        assert!(words.contains("cannot be written") && !words.contains("keychain"), "{words}");
    }
    let refused = read_only(&["record-key", "--json"]).await;
    assert_eq!(serde_json::from_slice::<Value>(&refused.stdout).unwrap()["code"], "record-read-only");
    // Everything works again where it can be written.
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(0));
    assert_eq!(world.history().await.len(), 3);
}

#[tokio::test]
async fn the_list_is_rebuilt_when_a_person_says_so() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let output = program::csrdesk(None, in_folder(&world, &["verify-journal", "--rebuild"])).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("made from the events again: 1 entry"), "{text}");
    let output = program::csrdesk(None, in_folder(&world, &["verify-journal", "--rebuild", "--json"])).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["rebuilt"], &answer["holds"]), (&Value::from(1), &Value::from(true)));
}

#[tokio::test]
async fn the_next_command_is_printed_with_what_it_needs() {
    let world = World::new().await;
    let folder = world.data_dir().display().to_string();
    let ca_file = world.standin.ca_file().display().to_string();
    let add = [
        "connections",
        "add",
        "--name",
        "Example Prod",
        "--server",
        world.standin.url(),
        "--ca-file",
        &ca_file,
    ];
    assert!(program::csrdesk(None, in_folder(&world, &add)).await.status.success());
    let token = Some(world.standin.token());
    let mut arguments = in_folder(&world, &["sign", "--connection", "Example Prod", "--timeout", "30"]);
    arguments.extend(world.fields(Fault::SignThen500.csr_id()));
    let unknown = program::csrdesk(token, &arguments).await;
    let text = String::from_utf8_lossy(&unknown.stdout).into_owned();
    assert_eq!(unknown.status.code(), Some(4), "{text}");
    let command = text.lines().find(|it| it.contains("csrdesk reconcile")).unwrap().trim();
    let next = ["csrdesk", "reconcile", "1", "--connection", "Example Prod", "--timeout", "30", "--data-dir"];
    assert_eq!(shlex::split(command).unwrap(), [&next[..], &[folder.as_str()]].concat(), "{text}");
    let mut shell = program::shell(command);
    shell.env("PAM360_AUTHTOKEN", world.standin.token());
    let found = shell.stdin(Stdio::null()).output().await.unwrap();
    assert!(found.status.success(), "{}", said(&found));
    assert!(String::from_utf8_lossy(&found.stdout).contains("1. "), "{found:?}");

    let mut arguments = in_folder(&world, &["sign", "--connection", "Example Prod", "--intermediate"]);
    arguments.extend(world.fields(303));
    let ca = program::csrdesk(token, &arguments).await;
    let text = String::from_utf8_lossy(&ca.stdout).into_owned();
    for words in ["SIGNED: ", "It is an intermediate CA", "asked issuer    ", "100 days, to about "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let again = program::csrdesk(token, &arguments).await;
    let text = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(text.contains("entry 2, ") && text.contains(", SIGNED, serial number "), "{text}");
}

#[tokio::test]
async fn a_test_of_a_connection_recommends_a_command_for_that_connection() {
    let world = World::new().await;
    for name in ["In use", "Other"] {
        let add = ["connections", "add", "--name", name, "--server", world.standin.url()];
        assert!(program::csrdesk(None, in_folder(&world, &add)).await.status.success());
    }
    let arguments = in_folder(&world, &["test-connection", "--connection", "Other"]);
    let tested = program::csrdesk(Some(world.standin.token()), &arguments).await;
    let text = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert!(text.contains("csrdesk trust-ca --connection Other --data-dir "), "{text}");
}

/// Runs a command in a terminal of 80 columns.
async fn in_a_terminal(arguments: &[String], colour: bool) -> String {
    let words: Vec<String> = arguments.iter().map(program::quoted).collect();
    let program = program::quoted(program::built("csrdesk").display());
    let line = format!("stty cols 80 rows 24; {program} {}", words.join(" "));
    let mut command = tokio::process::Command::new("script");
    program::isolate(&mut command).args(["-qec", &line, "/dev/null"]).env("TERM", "xterm");
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    if !colour {
        command.env("NO_COLOR", "1");
    }
    let output = command.output().await.expect("script is part of util-linux");
    String::from_utf8_lossy(&output.stdout).replace('\r', "")
}

#[tokio::test]
async fn lines_fit_a_terminal_and_colour_can_be_turned_off() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    for arguments in
        [&["history"][..], &["entry", "1"], &["entry", "2"], &["verify-journal"], &["connections"]]
    {
        let text = in_a_terminal(&in_folder(&world, arguments), false).await;
        assert!(!text.contains('\u{1b}'), "{text:?}");
        for line in text.lines() {
            // A command to copy, a fingerprint and an address stay whole.
            let whole = line.contains("csrdesk ") || !line.trim().contains(' ');
            assert!(whole || line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
    let text = in_a_terminal(&in_folder(&world, &["history"]), true).await;
    assert!(text.contains("\u{1b}[32mSIGNED"), "{text:?}");
    let help = in_a_terminal(&["--help".to_owned()], false).await;
    assert!(help.lines().all(|it| it.chars().count() <= 80), "{help}");
    let help = in_a_terminal(&["sign".to_owned(), "--help".to_owned()], false).await;
    assert!(help.contains("--root-serial 1879376424c \\\n"), "commands can be copied: {help}");
}

#[tokio::test]
async fn a_long_history_shows_its_newest_entries() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    for _ in 0..2 {
        world.sign(301, &["--again", "a test of the list"]).await;
    }
    let output = program::csrdesk(None, in_folder(&world, &["history", "--limit", "2"])).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("2 of 3 entries.") && text.contains("--all"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|it| it.contains("SIGNED")).collect();
    assert!(rows.len() == 2 && rows[0].trim_start().starts_with('3'), "{text}");
    let output = program::csrdesk(None, in_folder(&world, &["history", "--limit", "1", "--json"])).await;
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap().len(), 1);
}
