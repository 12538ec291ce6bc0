//! Whatever moment a process is killed at, what the record shows afterwards is true.

use std::process::Stdio;
use std::time::Instant;

use e2e::program;
use e2e::wait;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

/// Kills `csrdesk sign` with SIGKILL at a moment that it was told to stop at.
async fn killed_at(world: &World, csr_id: u64, moment: &str) {
    let mut command = program::terminal(Some(world.standin.token()));
    command.arg("sign").args(world.target()).args(world.fields(csr_id)).args(["--again", "a test"]);
    command.env("CSRDESK_HALT_AT", moment).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some(format!("halted at {moment}").as_str()));
    child.kill().await.unwrap();
}

#[tokio::test]
async fn a_kill_at_each_moment_leaves_the_truth() {
    let cases = [
        ("BeforeIntent", None, 0),
        ("AfterIntent", Some(("not_sent", "interrupted-before-sending")), 0),
        ("BeforeSending", Some(("unknown", "interrupted")), 0),
        ("AfterAnswer", Some(("unknown", "interrupted")), 1),
        ("AfterOutcome", Some(("signed", "signed")), 1),
    ];
    for (moment, expected, signed) in cases {
        let world = World::new().await;
        killed_at(&world, 302, moment).await;
        let history = world.history().await;
        let shown = history.first().map(|it| (it["outcome"].as_str().unwrap(), it["code"].as_str().unwrap()));
        assert_eq!((shown, world.standin.signed()), (expected, signed), "{moment}");
        if expected.is_none() {
            assert!(
                !world.data_dir().join("journal.sqlite3").exists(),
                "{moment}: there is nothing to verify"
            );
            continue;
        }
        let data_dir = world.data_dir().display().to_string();
        let verified = program::csrdesk(None, ["verify-journal", "--data-dir", &data_dir]).await;
        assert_eq!(verified.status.code(), Some(0), "{moment}: {verified:?}");
    }
}

/// An answer whose history was deleted meanwhile is told with all that its entry would have said.
#[cfg(unix)]
#[tokio::test]
async fn what_the_history_does_not_have_is_told_in_full() {
    for json in [true, false] {
        let world = World::new().await;
        world.sign(301, &[]).await;
        let mut command = world.terminal(Some(world.standin.token()));
        command.arg("sign").args(world.target()).args(world.fields(302)).args(["--intent", INTENT]);
        command.args(json.then_some("--json")).env("CSRDESK_HALT_AT", "AfterAnswer");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("halted at AfterAnswer"));
        for ending in ["", "-wal", "-shm"] {
            std::fs::remove_file(world.data_dir().join(format!("journal.sqlite3{ending}"))).unwrap();
        }
        child.stdin.take().unwrap().write_all(b"go on\n").await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let root = &world.standin.roots()[0];
        let said = String::from_utf8(output.stdout).unwrap();
        if json {
            let answer: Value = serde_json::from_str(&said).unwrap();
            assert_eq!((&answer["entry"], &answer["recorded"]), (&Value::Null, &false.into()));
            let signing = &answer["signing"];
            for (name, value) in [
                ("server", world.standin.url()),
                ("csr_id", "302"),
                ("sign_type", "signWithRoot"),
                ("root_common_name", &root.common_name),
                ("intent", INTENT),
            ] {
                assert_eq!(signing[name], value, "{name}: {said}");
            }
            assert!(signing["answered_at"].as_str().unwrap().ends_with('Z'), "{said}");
        } else {
            let said = program::unwrapped(&said);
            for words in [
                "What to keep beside the answer:".to_owned(),
                format!("server {}", world.standin.url()),
                "CSR id 302".to_owned(),
                format!("issuer {} (", root.common_name),
                format!("intent {INTENT}"),
            ] {
                assert!(said.contains(&words), "{words}: {said}");
            }
        }
        // Another signing tells nothing of the kind.
        let other = String::from_utf8(world.sign(303, &["--json"]).await.stdout).unwrap();
        assert!(!other.contains("\"signing\""), "{other}");
    }
}

/// An intent of a test.
const INTENT: &str = "0c7f1f3e-54f4-4bb1-9d0e-0f2d3d1f7a11";

#[tokio::test]
async fn a_kill_after_the_bytes_left_is_unknown() {
    let world = World::new().await;
    let mut command = program::terminal(Some(world.standin.token()));
    command.arg("sign").args(world.target()).args(world.fields(Fault::SignThenHang.csr_id()));
    let mut child = command.spawn().unwrap();
    wait::until("the POST", async || (world.standin.sign_posts() == 1).then_some(())).await;
    child.kill().await.unwrap();
    assert_eq!(world.history().await[0]["outcome"], "unknown");
}

/// The runs of the seeded test.
const RUNS: u64 = 200;

#[tokio::test]
async fn two_hundred_kills_at_seeded_times_falsify_nothing() {
    let world = World::new().await;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut seen = std::collections::BTreeMap::new();
    // One whole signing tells how long this machine takes for it today; the kills are spread over half as much again.
    let begun = Instant::now();
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(0));
    let span = begun.elapsed() * 3 / 2;
    let mut known = 1;
    for run in 0..RUNS {
        // xorshift64*: the same places in the signing in every run of this test.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let place = u32::try_from((state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % 1_000).unwrap();
        let delay = span * place / 1_000;
        let posts = world.standin.sign_posts();
        let signed = world.standin.signed();
        let mut command = program::terminal(Some(world.standin.token()));
        command.arg("sign").args(world.target()).args(world.fields(302)).args(["--again", "a test"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        // The time is the test's input here, not something that is waited for.
        let ended = tokio::time::timeout(delay, child.wait()).await;
        if ended.is_err() {
            child.kill().await.unwrap();
        }
        // A request that had left may still be under way at the server: until it is settled there, nothing is compared.
        let (new_posts, new_signed) = settled(&world, posts, signed).await;
        let history = world.history().await;
        assert!(history.len() as u64 <= known + 1, "run {run}: at most one entry for each start");
        let new = (history.len() as u64 > known).then(|| history[0].clone());
        known = history.len() as u64;
        let shown = new.as_ref().map_or("nothing", |it| it["outcome"].as_str().unwrap());
        *seen.entry(shown.to_owned()).or_insert(0_u32) += 1;
        match shown {
            "nothing" | "not_sent" => assert_eq!(new_posts, 0, "run {run}: {new:?}"),
            "signed" => assert_eq!((new_posts, new_signed), (1, 1), "run {run}: {new:?}"),
            "unknown" => assert!(new_posts <= 1, "run {run}: {new:?}"),
            other => panic!("run {run}: {other}"),
        }
    }
    assert_eq!(seen.values().map(|it| u64::from(*it)).sum::<u64>(), RUNS);
    assert!(seen.len() >= 3, "the times reach before, into and beyond a signing: {seen:?}");
    let data_dir = world.data_dir().display().to_string();
    let verified = program::csrdesk(None, ["verify-journal", "--json", "--data-dir", &data_dir]).await;
    let found: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(
        (verified.status.code(), &found["verification"]["first_bad"]),
        (Some(0), &Value::Null),
        "{found}"
    );
}

/// How many POSTs arrived and how many certificates were signed since, once every connection's work is done: the
/// stand-in signs in the same breath as it counts, so a later request of ours sees both.
async fn settled(world: &World, posts: u64, signed: u64) -> (u64, u64) {
    let mut arguments = vec!["test-connection".to_owned()];
    arguments.extend(world.target());
    program::csrdesk(Some(world.standin.token()), arguments).await;
    (world.standin.sign_posts() - posts, world.standin.signed() - signed)
}
