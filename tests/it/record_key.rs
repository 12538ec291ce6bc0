//! `csrdesk record-key`: the record's key in a keychain that several processes share, and the real one.

use std::path::Path;

use e2e::program::{self, KEYCHAIN};
use e2e::world::World;
use serde_json::Value;

/// Runs `csrdesk` on the world's data folder with a keychain.
async fn run(
    world: &World,
    keychain: &str,
    token: Option<&str>,
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let mut command = program::terminal(token);
    command.env(KEYCHAIN, keychain).args(arguments).stdin(std::process::Stdio::null());
    let output = command.arg("--data-dir").arg(world.data_dir()).output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// `record-key --json` with more options.
async fn key(world: &World, keychain: &str, more: &[&str]) -> Value {
    let arguments: Vec<&str> = ["record-key", "--json"].iter().chain(more).copied().collect();
    let (code, said, errors) = run(world, keychain, None, &arguments).await;
    assert_eq!(code, Some(0), "{said} {errors}");
    serde_json::from_str(&said).unwrap()
}

async fn sign(world: &World, keychain: &str, csr_id: u64) -> (Option<i32>, Value) {
    let ca_file = world.standin.ca_file().display().to_string();
    let fields = world.fields(csr_id);
    let mut arguments = vec!["sign", "--json", "--server", world.standin.url(), "--ca-file", &ca_file];
    arguments.extend(fields.iter().map(String::as_str));
    let (code, said, errors) = run(world, keychain, Some(world.standin.token()), &arguments).await;
    (code, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said} {errors}")))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|it| it.starts_with("journal.key"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_key_is_in_the_keychain_and_moves_out_and_back() {
    let world = World::new().await;
    let folder = world.path("keychain");
    std::fs::create_dir(&folder).unwrap();
    let keychain = format!("folder:{}", folder.display());

    assert_eq!(sign(&world, &keychain, 301).await.0, Some(0));
    assert_eq!(names(&world.data_dir()), ["journal.key-id"]);
    let first = key(&world, &keychain, &[]).await;
    assert_eq!((&first["place"], &first["moved"]), (&Value::from("keychain"), &Value::from(false)));

    // Locked or away: not sent, readable, and no other key made.
    for other in ["locked", "denied", "absent", "hang"] {
        let (code, answer) = sign(&world, other, 302).await;
        assert_eq!(
            (code, &answer["code"]),
            (Some(5), &Value::from("journal-unavailable")),
            "{other}: {answer}"
        );
        let (code, said, errors) = run(&world, other, None, &["history"]).await;
        assert!(code == Some(0) && said.contains("  301  "), "{other}: {said} {errors}");
        assert_eq!(errors, "", "{other}: reading needs no key");
        let (code, _, errors) = run(&world, other, None, &["note", "1", "--note", "n"]).await;
        assert!(code == Some(1) && errors.contains("Nothing can be recorded"), "{other}: {errors}");
        // Nothing contradicts the history, and whose key signed it was not checked.
        let (code, said, _) = run(&world, other, None, &["verify-journal"]).await;
        assert!(code == Some(1) && said.starts_with("The record is not proven"), "{other}: {said}");
        let (code, _, errors) = run(&world, other, None, &["record-key"]).await;
        assert_eq!(code, Some(5), "{other}: {errors}");
    }
    assert_eq!(world.standin.sign_posts(), 1);
    assert_eq!(names(&world.data_dir()), ["journal.key-id"]);

    let moved = key(&world, &keychain, &["--to", "file"]).await;
    assert_eq!((&moved["place"], &moved["moved"]), (&Value::from("file"), &Value::from(true)));
    assert_eq!(moved["public_key"], first["public_key"]);
    assert_eq!(names(&world.data_dir()), ["journal.key"]);
    assert_eq!(sign(&world, "absent", 302).await.0, Some(0));

    let (code, _, errors) = run(&world, "locked", None, &["record-key", "--to", "keychain"]).await;
    assert!(code == Some(5) && errors.contains("locked"), "{errors}");
    assert_eq!(names(&world.data_dir()), ["journal.key"]);
    assert_eq!(key(&world, &keychain, &["--to", "keychain"]).await["moved"], true);
    assert_eq!(names(&world.data_dir()), ["journal.key-id"]);
    let (code, said, _) = run(&world, &keychain, None, &["verify-journal", "--json"]).await;
    let found: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (code, &found["verification"]["notes"]),
        (Some(0), &Value::from(Vec::<Value>::new())),
        "{said}"
    );
}

#[tokio::test]
async fn what_only_reads_the_history_asks_no_keychain() {
    let world = World::new().await;
    let folder = world.path("keychain");
    std::fs::create_dir(&folder).unwrap();
    let keychain = format!("folder:{}", folder.display());
    assert_eq!(sign(&world, &keychain, 301).await.0, Some(0));
    let csv = world.path("history.csv").display().to_string();
    let reads: [&[&str]; 7] = [
        &["history"],
        &["history", "--text", "301"],
        &["history", "--json"],
        &["history", "--csv", &csv],
        &["entry", "1"],
        &["entry", "1", "--json"],
        &["connections"],
    ];
    // It never answers, and leaves this file when it is asked.
    let asked = world.path("asked");
    let witness = format!("witness:{}", asked.display());
    for arguments in reads {
        let (code, said, errors) = run(&world, &witness, None, arguments).await;
        assert!(code == Some(0) && !errors.contains("keychain"), "{arguments:?}: {said} {errors}");
        assert!(!asked.exists(), "{arguments:?} asks");
    }
    assert_eq!(std::fs::read_to_string(csv).unwrap().lines().count(), 2);
    let evidence = world.path("evidence.zip");
    let file = evidence.display().to_string();
    for (arguments, exit) in [
        (&["note", "1", "--note", "n"][..], 1),
        (&["evidence", "1", &file], 1),
        (&["record-key"], 5),
        (&["verify-journal"], 1),
    ] {
        let (code, _, errors) = run(&world, &witness, None, arguments).await;
        assert_eq!(code, Some(exit), "{arguments:?}: {errors}");
        std::fs::remove_file(&asked).unwrap_or_else(|error| panic!("{arguments:?} did not ask: {error}"));
    }
    assert!(!evidence.exists(), "what cannot be recorded is not handed out");
    // What is there is read, and what is not there is not made.
    let elsewhere = world.path("elsewhere").display().to_string();
    let mut command = program::terminal(None);
    command.env(KEYCHAIN, &witness).args(["history", "--data-dir", &elsewhere]);
    let output = command.output().await.unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"Nothing was signed yet."), "{output:?}");
    assert!(!asked.exists() && !Path::new(&elsewhere).join("journal.sqlite3").exists());
}

#[tokio::test]
async fn without_a_keychain_the_key_is_a_file_and_that_is_said() {
    let world = World::new().await;
    let (code, said, errors) = run(&world, "absent", None, &["record-key"]).await;
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.contains("journal.key"), "{said}");
    assert!(errors.contains("no keychain"), "{errors}");
    assert_eq!(names(&world.data_dir()), ["journal.key"]);
    assert_eq!(key(&world, "memory", &[]).await["place"], "file");
}

#[tokio::test]
async fn a_lost_key_is_replaced_when_a_person_says_so() {
    let world = World::new().await;
    let lost = world.path("keychain");
    std::fs::create_dir(&lost).unwrap();
    key(&world, &format!("folder:{}", lost.display()), &[]).await;
    let (code, _, errors) = run(&world, "memory", None, &["record-key"]).await;
    assert!(code == Some(1) && errors.contains("--new-key"), "{errors}");
    let replaced = key(&world, "memory", &["--new-key"]).await;
    assert_eq!((&replaced["place"], &replaced["moved"]), (&Value::from("file"), &Value::from(true)));
    let (code, _, errors) = run(&world, "memory", None, &["record-key", "--new-key"]).await;
    assert!(code == Some(1) && errors.contains("can be used"), "{errors}");
    assert_eq!(sign(&world, "absent", 301).await.0, Some(0));
}
