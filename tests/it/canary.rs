//! The redaction proof: every task of the terminal and every failure of the server, with a token that is then looked
//! for in all that was printed, logged at the most talkative level, stored, exported, shown and sent to the page.

use std::path::PathBuf;
use std::process::Output;

use e2e::canary::{CANARY, absent_below, absent_from};
use e2e::program;
use e2e::world::World;
use standin::{Fault, ServerIdentity};

/// A program that logs everything, and keeps its secrets in a folder that stands for the system's keychain.
struct Desk<'a> {
    world: &'a World,
    data_dir: PathBuf,
    token: bool,
}

impl<'a> Desk<'a> {
    fn of(world: &'a World) -> Self {
        std::fs::create_dir_all(world.path("keychain")).unwrap();
        Self { world, data_dir: world.data_dir(), token: true }
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Output {
        let output = self.command(arguments, input, &[]).await;
        self.look_at(arguments, &output);
        output
    }

    async fn command(&self, arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Output {
        let mut command = program::terminal(self.token.then_some(CANARY));
        command
            .args(arguments)
            .env("CSRDESK_DATA_DIR", &self.data_dir)
            .env("CSRDESK_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env(program::KEYCHAIN, format!("folder:{}", self.world.path("keychain").display()))
            .envs(variables.iter().copied());
        program::fed(command, input.as_bytes()).await
    }

    fn look_at(&self, arguments: &[&str], output: &Output) {
        let what = format!("the output of csrdesk {}", arguments.join(" "));
        absent_from(&what, &output.stdout);
        absent_from(&what, &output.stderr);
    }
}

/// The tasks that the program's own help lists.
async fn tasks(desk: &Desk<'_>) -> Vec<String> {
    let help = desk.run(&["--help"], "").await;
    let help = String::from_utf8(help.stdout).unwrap();
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let is_task = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let name = |line: &str| line.trim().split(' ').next().unwrap().to_owned();
    list.lines().filter(is_task).map(name).filter(|it| it != "help").collect()
}

#[tokio::test]
async fn no_task_of_the_terminal_lets_the_token_out() {
    let world = World::with(|it| it.token(CANARY)).await;
    let desk = Desk::of(&world);
    let ca_file = world.standin.ca_file().display().to_string();
    let fields = world.fields(301);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let file = |name: &str| world.path(name).display().to_string();
    std::fs::create_dir_all(world.path("out")).unwrap();
    let (evidence, journal, csv) = (file("out/evidence.zip"), file("out/journal"), file("out/history.csv"));
    let connections = file("out/connections.json");
    let unknown = Fault::SignThen500.csr_id();
    let unknown_fields = world.fields(unknown);

    let mut driven = std::collections::BTreeSet::new();
    let mut run = async |arguments: &[&str], input: &str, code: i32| {
        driven.insert(arguments[0].to_owned());
        let output = desk.run(arguments, input).await;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "csrdesk {}: {told}", arguments.join(" "));
    };
    let add = ["connections", "add", "--name", "One", "--server", world.standin.url(), "--ca-file", &ca_file];
    run(&add, "", 0).await;
    run(&["secret", "save", "token", "--connection", "One"], CANARY, 0).await;
    run(&["secret", "save", "client-passphrase"], CANARY, 0).await;
    run(&["connections", "--json"], "", 0).await;
    run(&["connections", "export", &connections], "", 0).await;
    run(&["connections", "import", &connections], "", 0).await;
    run(&["test-connection"], "", 2).await;
    run(&["test-connection", "--connection", "One"], "", 0).await;
    run(&["trust-ca", "--ca-fingerprint", CANARY], "", 2).await;
    run(&[&["review"], &fields[..]].concat(), "", 0).await;
    run(&[&["sign", "--connection", "One"], &fields[..]].concat(), "", 0).await;
    let mut again: Vec<&str> = vec!["sign", "--json", "--connection", "One"];
    again.extend(unknown_fields.iter().map(String::as_str));
    run(&again, "", 4).await;
    // Typed where it does not belong: the words about it do not repeat it.
    run(&["sign", "--server", "https://127.0.0.1:1", "--csr-id", "x"], &format!("{CANARY}\n{CANARY}"), 2)
        .await;
    run(&["history", "--json"], "", 0).await;
    run(&["history", "--csv", &csv], "", 0).await;
    run(&["entry", "2"], "", 0).await;
    run(&["note", "1", "--note", "n"], "", 0).await;
    run(&["reconcile", "2"], "", 2).await;
    run(&["reconcile", "2", "--connection", "One"], "", 0).await;
    run(&["evidence", "1", &evidence, "--connection", "One"], "", 0).await;
    run(&["verify-evidence", &evidence], "", 0).await;
    run(&["export-journal", &journal], "", 0).await;
    run(&["verify-journal"], "", 0).await;
    run(&["record-key"], "", 0).await;
    run(&["diagnostics"], "", 0).await;
    run(&["secret", "forget", "token", "--connection", "One"], "", 0).await;
    run(&["connections", "remove", "One"], "", 0).await;
    // Its links and its life are the browser's test, below.
    driven.insert("serve".to_owned());
    let missing: Vec<_> = tasks(&desk).await.into_iter().filter(|it| !driven.contains(it)).collect();
    assert!(missing.is_empty(), "no canary was sent through: {missing:?}");

    let log = std::fs::read_to_string(desk.data_dir.join("logs/csrdesk.log")).unwrap();
    assert!(log.contains("TRACE"), "the log says all it can");
    assert!(absent_below(&desk.data_dir) > 4);
    assert!(absent_below(&world.path("out")) == 4);
}

#[tokio::test]
async fn no_failure_of_a_server_lets_the_token_out() {
    let world = World::with(|it| it.token(CANARY)).await;
    let desk = Desk::of(&world);
    let target = world.target();
    for fault in Fault::ALL.iter().copied() {
        let fields = world.fields(fault.csr_id());
        let mut arguments = vec!["sign", "--timeout", "1"];
        arguments.extend(target.iter().chain(&fields).map(String::as_str));
        desk.run(&arguments, "").await;
    }
    assert_eq!(world.history().await.len(), Fault::ALL.len());
    for entry in 1..=Fault::ALL.len() {
        desk.run(&["entry", "--json", &entry.to_string()], "").await;
    }
    assert!(absent_below(&desk.data_dir) > 4);
}

#[tokio::test]
async fn no_failed_handshake_lets_the_token_out() {
    for identity in [
        ServerIdentity::Expired,
        ServerIdentity::WrongName,
        ServerIdentity::UnknownAuthority,
        ServerIdentity::CaAsServer,
    ] {
        let world = World::with(|it| it.token(CANARY).server_identity(identity)).await;
        let desk = Desk::of(&world);
        let (target, fields) = (world.target(), world.fields(301));
        let arguments: Vec<&str> = target.iter().map(String::as_str).collect();
        desk.run(&[&["test-connection"], &arguments[..]].concat(), "").await;
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        desk.run(&[&["sign"], &arguments[..], &fields[..]].concat(), "").await;
        assert_eq!(world.standin.received().len(), 0);
        assert!(absent_below(&desk.data_dir) > 1);
    }
}

#[tokio::test]
async fn no_crash_lets_the_token_out() {
    let world = World::with(|it| it.token(CANARY)).await;
    let desk = Desk::of(&world);
    let target = world.target();
    for (csr_id, moment) in
        (301..).zip(["BeforeIntent", "AfterIntent", "BeforeSending", "AfterAnswer", "AfterOutcome"])
    {
        let fields = world.fields(csr_id);
        let mut arguments = vec!["sign"];
        arguments.extend(target.iter().chain(&fields).map(String::as_str));
        let output = desk.command(&arguments, "", &[("CSRDESK_PANIC_AT", moment)]).await;
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("asked to panic") && told.contains("stack backtrace"), "{told}");
        desk.look_at(&arguments, &output);
    }
    assert!(absent_below(&desk.data_dir) > 2);
}
