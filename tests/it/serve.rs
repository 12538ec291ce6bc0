//! `csrdesk serve`: what it refuses, and what it warns of.

use std::process::Stdio;

use e2e::program::{self, Group};
use e2e::world::World;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test]
async fn nothing_beyond_loopback_is_served_without_a_proxy() {
    let world = World::new().await;
    let data_dir = world.data_dir().display().to_string();
    for address in ["0.0.0.0", "::", "192.0.2.1"] {
        let output = program::csrdesk(None, ["serve", "--listen", address, "--data-dir", &data_dir]).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains(address) && words.contains("--behind-proxy"), "{words}");
    }
    for origin in ["http://desk.example", "desk.example", "https://desk.example/path"] {
        let output =
            program::csrdesk(None, ["serve", "--behind-proxy", origin, "--data-dir", &data_dir]).await;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    assert!(!world.data_dir().exists(), "nothing was begun");
}

#[tokio::test]
async fn the_risk_of_a_proxy_is_written_at_the_start() {
    let world = World::new().await;
    let data_dir = world.data_dir().display().to_string();
    let mut command = program::terminal(None);
    command.args([
        "serve",
        "--listen",
        "0.0.0.0",
        "--behind-proxy",
        "https://desk.example",
        "--data-dir",
        &data_dir,
    ]);
    let (mut gateway, _) = Group::start(command, "RISK").await;
    gateway.says("one session and one user").await;
    gateway.says("plain HTTP").await;
    gateway.says("https://desk.example/launch/").await;
}

#[tokio::test]
async fn a_token_that_is_left_aside_is_told_at_the_start() {
    let world = World::new().await;
    let mut command = program::terminal(Some(world.standin.token()));
    command.args(["serve", "--data-dir"]).arg(world.data_dir()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut serving = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(serving.stderr.take().unwrap()).lines();
    let said = lines.next_line().await.unwrap().unwrap();
    assert!(said.starts_with("The token in PAM360_AUTHTOKEN was not used"), "{said}");
}
