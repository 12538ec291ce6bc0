//! The program: ready file, help, refusal, and a clean end.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tools::{openssl, run};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pam360-standin"))
}

#[test]
fn it_says_when_it_is_ready_and_stops_on_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("ready.json");
    std::fs::write(&ready, "stale").unwrap();
    let mut child = program().arg("--data-dir").arg(dir.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let value: Value = serde_json::from_str(&std::fs::read_to_string(&ready).unwrap()).unwrap();
    assert!(line.contains(value["url"].as_str().unwrap()) && line.contains("ready.json"), "{line}");
    assert!(!line.contains(value["token"].as_str().unwrap()));
    assert_eq!(value["csrs"][0]["id"], "301");
    assert_eq!(value["roots"].as_array().unwrap().len(), 2);
    assert!(
        std::fs::read_to_string(value["ca_file"].as_str().unwrap()).unwrap().contains("BEGIN CERTIFICATE")
    );
    assert_eq!(value.as_object().unwrap().len(), 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&ready).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let pid = child.id().to_string();
    assert!(run(Command::new("kill").args(["-TERM", &pid])).status.success());
    assert!(child.wait().unwrap().success());
    assert!(!ready.exists());
}

#[test]
fn its_clock_can_be_made_to_stand_still() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--clock", "2049-12-31T23:59:59Z", "--data-dir"]).arg(dir.path()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let dates = openssl(&["x509", "-noout", "-dates"], &dir.path().join("certificates/302.pem"));
    assert_eq!(dates, "notBefore=Dec 31 23:59:59 2049 GMT\nnotAfter=Dec 31 23:59:58 2051 GMT\n");
    child.kill().unwrap();
    child.wait().unwrap();
    let output = run(program().args(["--clock", "soon", "--data-dir"]).arg(dir.path()));
    assert_eq!(output.status.code(), Some(2));
    let help = run(program().arg("--help"));
    assert!(!String::from_utf8_lossy(&help.stdout).contains("--clock"), "it is for tests");
}

#[test]
fn it_refuses_other_addresses_than_loopback() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(program().args(["--listen", "192.0.2.1:0", "--data-dir"]).arg(dir.path()));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("loopback"));
}

#[test]
fn help_has_examples() {
    let output = run(program().arg("--help"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("Examples:") && text.contains("--data-dir") && text.contains("/standin/faults"),
        "{text}"
    );
}
