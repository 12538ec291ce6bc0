//! The width of what the terminal says: no line of prose is longer than 80 columns, and what is copied is in one piece.

use std::process::{Output, Stdio};

use e2e::program;
use e2e::world::World;
use standin::{Fault, ServerIdentity};

/// Both streams.
fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// Whether a line may be longer: one word that cannot be broken, or a command to copy.
fn stays_whole(line: &str) -> bool {
    let line = line.trim();
    let commands = ["csrdesk ", "openssl ", "keytool "];
    !line.contains(' ') || commands.iter().any(|it| line.starts_with(it))
}

fn check(width: usize, what: &str, text: &str) {
    for line in text.lines() {
        assert!(stays_whole(line) || line.chars().count() <= width, "{what}: {line}\n{text}");
    }
}

async fn run(world: &World, arguments: &[&str]) -> String {
    let data_dir = world.data_dir().display().to_string();
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--data-dir", &data_dir]).collect();
    let text = text(&program::csrdesk(Some(world.standin.token()), &arguments).await);
    check(80, &arguments.join(" "), &text);
    assert!(!text.trim().is_empty(), "{arguments:?} says nothing");
    text
}

/// The commands that a help names.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|it| *it != "Commands:").skip(1).take_while(|it| !it.is_empty());
    let names = list.filter(|it| it.starts_with("  ") && !it.starts_with("   "));
    let names = names.filter_map(|it| it.split_whitespace().next().map(str::to_owned));
    names.filter(|it| it != "help").collect()
}

#[tokio::test]
async fn the_help_of_every_command_fits_80_columns_and_its_examples_can_be_copied() {
    let mut waiting = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let arguments = path.iter().map(String::as_str).chain(["--help"]);
        let help = text(&program::csrdesk(None, arguments).await);
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{path:?}: {line}");
        }
        // An example that is continued says so at each line's end, and none stands for something left out.
        let mut continued = false;
        for line in
            help.lines().skip_while(|it| !it.starts_with("Example")).take_while(|it| !it.starts_with("If "))
        {
            assert!(!line.contains('…'), "{line}");
            assert_eq!(
                line.starts_with("      ") || (continued && line.starts_with("    --")),
                continued,
                "{line}"
            );
            continued = line.ends_with(" \\");
        }
        seen += 1;
        waiting.extend(commands(&help).into_iter().map(|it| [path.clone(), vec![it]].concat()));
    }
    assert!(seen > 25, "{seen} helps");
}

#[tokio::test]
async fn the_result_of_each_test_of_a_connection_fits_80_columns() {
    for identity in [
        ServerIdentity::Trusted,
        ServerIdentity::Expired,
        ServerIdentity::WrongName,
        ServerIdentity::SelfSigned,
        ServerIdentity::CaAsServer,
        ServerIdentity::UnknownAuthority,
        ServerIdentity::UnderIntermediate,
    ] {
        let world = World::with(|it| it.server_identity(identity)).await;
        let (url, ca_file) = (world.standin.url().to_owned(), world.standin.ca_file().display().to_string());
        run(&world, &["test-connection", "--server", &url]).await;
        run(&world, &["test-connection", "--server", &url, "--ca-file", &ca_file]).await;
        run(&world, &["test-connection", "--server", &url, "--exact-certificate", &"00".repeat(32)]).await;
        run(&world, &["connections", "add", "--name", "Saved one", "--server", &url]).await;
        run(&world, &["test-connection", "--connection", "Saved one"]).await;
    }
    let world = World::new().await;
    let url = world.standin.url().to_owned();
    let plain = format!("http://{}", world.standin.address());
    for server in ["https://127.0.0.1:1", "https://no-such-host.invalid", &plain, "not an address"] {
        run(&world, &["test-connection", "--server", server]).await;
    }
    let add =
        ["connections", "add", "--name", "Behind a proxy", "--server", &url, "--proxy", "http://127.0.0.1:1"];
    run(&world, &add).await;
    run(&world, &["test-connection", "--connection", "Behind a proxy"]).await;
    run(&world, &["trust-ca", "--connection", "Behind a proxy", "--ca-fingerprint", &"00".repeat(32)]).await;
    let p12 = ["connections", "add", "--name", "P12", "--server", &url, "--client-p12", "/no/such/file.p12"];
    run(&world, &p12).await;
}

#[tokio::test]
async fn the_outcomes_and_the_history_fit_80_columns() {
    let world = World::new().await;
    for fault in [
        Fault::Failed200,
        Fault::NotFound404,
        Fault::SignThen500,
        Fault::Forbidden403Page,
        Fault::FailedWithDetails,
        Fault::NotAllowed405,
        Fault::TooMany429,
    ] {
        let text = text(&world.sign(fault.csr_id(), &[]).await);
        check(80, fault.name(), &text);
        // Not every no is PAM360's.
        let words = program::unwrapped(&text);
        let expected: &[&str] = match fault {
            Fault::NotFound404 => {
                &["REFUSED: The server found nothing at this address (HTTP 404).", "path prefix"]
            }
            Fault::NotAllowed405 => &["REFUSED: This address does not accept the request (HTTP 405)."],
            Fault::Forbidden403Page => &["Access denied", "gateway"],
            Fault::Failed200 => &["REFUSED: PAM360 refused the request."],
            _ => &[],
        };
        assert!(expected.iter().all(|it| words.contains(it)), "{text}");
    }
    for more in [
        &[][..],
        &[],
        &["--again", "a reason of some length, so that it does not fit on one line with its label"],
    ] {
        check(80, "sign", &text(&world.sign(301, more).await));
    }
    check(80, "a CA", &text(&world.sign(303, &["--intermediate"]).await));
    check(80, "not sent", &text(&world.sign(302, &["--timeout", "0", "--org", "a\u{7}b"]).await));
    let (url, ca_file) = (world.standin.url().to_owned(), world.standin.ca_file().display().to_string());
    for entry in ["1", "3", "5", "8", "9", "999"] {
        run(&world, &["entry", entry]).await;
    }
    let note =
        "A note that a person wrote down after a call with the server's owner, who knew nothing of it.";
    run(&world, &["note", "1", "--note", note, "--ticket", "OPS-12"]).await;
    run(&world, &["reconcile", "3", "--server", &url, "--ca-file", &ca_file]).await;
    run(&world, &["reconcile", "3", "--server", "https://other.example.test:8282"]).await;
    run(&world, &["reconcile", "3", "--not-there", "--reason", note]).await;
    run(&world, &["connections"]).await;
    run(&world, &["connections", "add", "--name", "One", "--server", &url]).await;
    run(&world, &["connections", "add", "--name", "One", "--server", "https://other.example.test"]).await;
    run(&world, &["connections", "use", "Two"]).await;
    run(&world, &["connections"]).await;
    run(&world, &["record-key"]).await;
    run(&world, &["verify-journal"]).await;
    run(&world, &["verify-journal", "--rebuild"]).await;
    world.standin.fault_next(Fault::SignThenReset, 1);
    check(80, "sign", &text(&world.sign(302, &[]).await));
    let lost = world.history().await[0]["entry"].to_string();
    let found = run(&world, &["reconcile", &lost, "--server", &url, "--ca-file", &ca_file]).await;
    assert!(found.contains("SAME KEY: PROOF"), "{found}");
    let evidence = world.path("evidence.zip").display().to_string();
    run(&world, &["evidence", "8", &evidence, "--server", &url, "--ca-file", &ca_file]).await;
    check(80, "verify-evidence", &text(&program::csrdesk(None, ["verify-evidence", &evidence]).await));
    check(80, "verify-evidence", &text(&program::csrdesk(None, ["verify-evidence", "/no/such/file"]).await));
    for wrong in [
        &["sign", "--no-such-option"][..],
        &["sign", "--connection", "a", "--server", "b"],
        &["history", "--outcome", "x"],
        &["reconcile", "3", "--connection", "Production", "--not-there", "--checked-in-console"],
    ] {
        check(80, "a command line that is wrong", &text(&program::csrdesk(None, wrong).await));
    }
}

#[tokio::test]
async fn a_wide_terminal_does_not_make_long_lines() {
    let program = program::quoted(program::built("csrdesk").display());
    let line = format!("stty cols 200 rows 24; {program} reconcile --help; {program} sign --server x");
    let mut command = tokio::process::Command::new("script");
    program::isolate(&mut command).args(["-qec", &line, "/dev/null"]).env("NO_COLOR", "1");
    command.stdin(Stdio::null());
    let output = command.output().await.expect("script is part of util-linux");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    check(100, "200 columns", &text);
    assert!(text.lines().any(|it| it.chars().count() > 80), "{text}");
}
