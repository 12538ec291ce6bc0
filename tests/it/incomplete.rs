//! A history that was put back blocks signing until a person acknowledges it, and what a check says of forged copies.

use std::process::Output;

use e2e::program;
use e2e::world::World;
use serde_json::Value;

async fn on_record(world: &World, arguments: &[&str]) -> Output {
    let data_dir = world.data_dir().display().to_string();
    program::csrdesk(None, arguments.iter().copied().chain(["--data-dir", &data_dir])).await
}

fn text(output: &Output) -> String {
    let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    program::unwrapped(&all)
}

#[tokio::test]
async fn the_terminal_signs_nothing_after_an_older_history_was_put_back() {
    let world = World::new().await;
    world.put_back_history().await;
    for _ in 0..2 {
        let refused = world.sign(302, &["--json"]).await;
        assert_eq!(refused.status.code(), Some(5), "{}", text(&refused));
        let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
        assert_eq!((&answer["outcome"], &answer["code"]), (&"not_sent".into(), &"history-incomplete".into()));
    }
    let fields = world.fields(302);
    let review = [&["review"], &fields.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
    let target = world.target();
    let reviewed =
        program::csrdesk(None, review.iter().copied().chain(target.iter().map(String::as_str))).await;
    for said in [reviewed, on_record(&world, &["history"]).await] {
        let words = program::unwrapped(&String::from_utf8_lossy(&said.stderr));
        assert!(words.contains("Signing is blocked. Events after event "), "{words}");
        // As every command that is printed, it is about the folder that was named.
        let data_dir = program::quoted(world.data_dir().display());
        let acknowledge = format!(
            "csrdesk verify-journal --acknowledge --reason TEXT --data-dir {data_dir}. Then sign again."
        );
        assert!(words.contains(&acknowledge), "{words}");
        assert_eq!(words.matches("are missing").count(), 1, "said once: {words}");
    }
    let found = on_record(&world, &["verify-journal"]).await;
    assert_eq!(found.status.code(), Some(1));
    assert!(text(&found).starts_with("The record does not hold."), "{}", text(&found));

    // A key that is none, a reason that is missing, a key that nobody replaced.
    let no_key = on_record(&world, &["verify-journal", "--key", "zz", "--json"]).await;
    assert!(text(&no_key).contains("public-key-malformed"), "{}", text(&no_key));
    assert_eq!(on_record(&world, &["verify-journal", "--acknowledge"]).await.status.code(), Some(2));
    let key = "0".repeat(64);
    let accept = ["verify-journal", "--accept-key", &key, "--reason", "x"];
    assert!(text(&on_record(&world, &accept).await).contains("findings"));
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(5));

    let acknowledge = ["verify-journal", "--acknowledge", "--reason", "restored from Monday, INC-7"];
    let done = on_record(&world, &acknowledge).await;
    assert!(text(&done).contains("signing can go on"), "{}", text(&done));
    // What is missing stays missing, and the check says that a person knows of it, when and why.
    assert!(text(&done).contains(": restored from Monday, INC-7"), "{}", text(&done));
    assert!(text(&done).contains("Acknowledged on "), "{}", text(&done));
    assert_eq!(done.status.code(), Some(1));
    // Nothing blocks any more, and whoever reviews or reads the history is still told that signings may be missing.
    let target = world.target();
    let reviewed = program::csrdesk(None, review.into_iter().chain(target.iter().map(String::as_str))).await;
    for said in
        [reviewed, on_record(&world, &["history"]).await, on_record(&world, &["history", "--json"]).await]
    {
        let words = program::unwrapped(&String::from_utf8_lossy(&said.stderr));
        assert!(!words.contains("Signing is blocked."), "{words}");
        let known = "Earlier signings may be missing in this history. Events after event ";
        assert!(words.contains(known) && words.contains(": restored from Monday, INC-7"), "{words}");
    }
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(0));
    assert_eq!(world.standin.sign_posts(), 3);
}

#[tokio::test]
async fn a_copy_is_checked_with_the_key_that_the_auditor_knows() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let copy = world.path("copy.jsonl").display().to_string();
    assert!(on_record(&world, &["export-journal", &copy]).await.status.success());
    let lines = std::fs::read_to_string(&copy).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let key = first["public_key"].as_str().unwrap();
    let check =
        async |key: &str| program::csrdesk(None, ["verify-journal", "--file", &copy, "--key", key]).await;
    assert_eq!(check(key).await.status.code(), Some(0));
    let other = check(&"0".repeat(64)).await;
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other).contains("another key"), "{}", text(&other));
    // A line that says more than an export writes.
    std::fs::write(&copy, lines + "{\"approved\":true}\n").unwrap();
    let forged = check(key).await;
    assert_eq!(forged.status.code(), Some(1));
    assert!(text(&forged).contains("goes on after its closing line"), "{}", text(&forged));
}

#[tokio::test]
async fn a_history_that_began_again_never_says_that_nothing_was_signed() {
    // Damaged, or deleted beside its head.
    for damaged in [true, false] {
        let world = World::new().await;
        let nothing = text(&on_record(&world, &["history"]).await);
        assert!(nothing.contains("Nothing was signed yet."), "{nothing}");
        world.sign(301, &[]).await;
        let file = world.data_dir().join("journal.sqlite3");
        match damaged {
            true => std::fs::write(&file, b"no database any more".repeat(200)).unwrap(),
            false => std::fs::remove_file(&file).unwrap(),
        }
        let expected = match damaged {
            true => "This history has no signing. What was signed before is in journal-corrupt-",
            false => "This history has no signing. Earlier signings may be missing in it.",
        };
        let acknowledge = ["verify-journal", "--acknowledge", "--reason", "known"];
        for _ in ["open", "acknowledged"] {
            let listed = text(&on_record(&world, &["history"]).await);
            assert!(listed.contains(expected) && !listed.contains("Nothing was signed"), "{listed}");
            on_record(&world, &acknowledge).await;
        }
        let log = text(&on_record(&world, &["diagnostics"]).await);
        let logged = if damaged { "the history was damaged" } else { "the history is not sound" };
        assert_eq!(log.matches(logged).count(), 1, "{log}");
        let filtered = text(&on_record(&world, &["history", "--unsettled"]).await);
        assert!(filtered.contains("No entry matches."), "{filtered}");
    }
}
