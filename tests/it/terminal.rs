//! `csrdesk sign` by its contract: one object, the exit codes, one POST, and a record that a crash cannot falsify.

use e2e::world::World;
use e2e::{program, wait};
use serde_json::Value;
use standin::Fault;

fn object(output: &std::process::Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim_end().lines().count(), 1, "exactly one object: {text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_signing_is_told_recorded_and_real() {
    let world = World::new().await;
    let output = world.sign(301, &["--json"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let issued = &world.standin.issued()[0];
    let answer = object(&output);
    assert_eq!(answer["outcome"], "signed");
    assert_eq!(answer["entry"], 1);
    assert_eq!(answer["recorded"], true);
    assert_eq!(answer["certificates"][0]["serial_number"], issued.serial_hex.as_str());
    let keys: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), 6, "{keys:?}");
    assert!(world.openssl_verifies_the_last_one());
    let history = world.history().await;
    assert_eq!(
        (&history[0]["entry"], &history[0]["outcome"], &history[0]["csr_id"]),
        (&Value::from(1), &Value::from("signed"), &Value::from("301"))
    );
}

#[tokio::test]
async fn two_programs_on_one_clock_agree_at_the_turn_of_a_year() {
    // The last second that UTCTime can write (RFC 5280, section 4.1.2.5): the certificate ends in GeneralizedTime.
    let world = World::at("2049-12-31T23:59:59Z").await;
    let output = world.sign(302, &["--json"]).await;
    assert_eq!(object(&output)["outcome"], "signed", "{output:?}");
    assert!(world.openssl_verifies_the_last_one());
    let history = world.history().await;
    assert_eq!(history[0]["at"], "2049-12-31T23:59:59.000Z", "{history:?}");
}

#[tokio::test]
async fn each_outcome_has_its_exit_code_and_at_most_one_post() {
    let cases = [
        (Fault::SuccessTrue20000, "signed", 0),
        (Fault::Failed200, "refused", 3),
        (Fault::Unauthorized401, "refused", 3),
        (Fault::SignThen500, "unknown", 4),
        (Fault::CloseBeforeHeaders, "unknown", 4),
        (Fault::Html200, "unknown", 4),
    ];
    let world = World::new().await;
    for (posts, (fault, outcome, code)) in (1..).zip(cases) {
        let output = world.sign(fault.csr_id(), &["--json"]).await;
        assert_eq!((output.status.code(), &object(&output)["outcome"]), (Some(code), &Value::from(outcome)));
        assert_eq!(world.standin.sign_posts(), posts, "{}", fault.name());
    }
    let mut arguments = vec!["sign", "--json", "--server", "https://127.0.0.1:1", "--data-dir"];
    let data_dir = world.data_dir().display().to_string();
    arguments.push(&data_dir);
    let fields = world.fields(301);
    arguments.extend(fields.iter().map(String::as_str));
    let output = program::csrdesk(Some("T"), arguments).await;
    assert_eq!((output.status.code(), &object(&output)["outcome"]), (Some(5), &Value::from("not_sent")));
    assert_eq!(world.history().await.len(), 7);
}

#[tokio::test]
async fn a_time_out_is_unknown() {
    let world = World::new().await;
    let output = world.sign(Fault::SignThenHang.csr_id(), &["--json", "--timeout", "1"]).await;
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(object(&output)["code"], "timed-out");
}

#[tokio::test]
async fn a_killed_process_leaves_unknown() {
    let world = World::new().await;
    let mut command = program::terminal(Some(world.standin.token()));
    command.arg("sign").args(world.target()).args(world.fields(Fault::SignThenHang.csr_id()));
    let mut child = command.spawn().unwrap();
    wait::until("the POST", async || (world.standin.sign_posts() == 1).then_some(())).await;
    child.kill().await.unwrap();
    let history = world.history().await;
    assert_eq!(
        (&history[0]["outcome"], &history[0]["code"]),
        (&Value::from("unknown"), &Value::from("interrupted"))
    );
}

#[tokio::test]
async fn an_interrupted_process_says_that_it_does_not_know() {
    let world = World::new().await;
    let mut command = program::terminal(Some(world.standin.token()));
    command.args(["sign", "--json"]).args(world.target()).args(world.fields(Fault::SignThenHang.csr_id()));
    let child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    wait::until("the POST", async || (world.standin.sign_posts() == 1).then_some(())).await;
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), &object(&output)["outcome"]), (Some(4), &Value::from("unknown")));
}

#[tokio::test]
async fn the_same_intent_is_sent_once() {
    let world = World::new().await;
    let intent = ["--json", "--intent", "8c9b0f64-96f7-4ad5-a0e4-6b3ad0f5f3a1"];
    let first = object(&world.sign(301, &intent).await);
    let second = object(&world.sign(301, &intent).await);
    assert_eq!(first, second);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn an_intermediate_is_made_only_when_asked_for() {
    let world = World::new().await;
    for (more, is_ca) in [(&[][..], false), (&["--intermediate", "--again", "now as a CA"][..], true)] {
        assert_eq!(world.sign(303, more).await.status.code(), Some(0));
        let pem = world.standin.issued().pop().unwrap().pem;
        let file = world.path("issued.pem");
        std::fs::write(&file, pem).unwrap();
        let shown = std::process::Command::new("openssl")
            .args(["x509", "-noout", "-text", "-in"])
            .arg(&file)
            .output();
        let text = String::from_utf8(shown.unwrap().stdout).unwrap();
        assert_eq!(text.contains("CA:TRUE"), is_ca, "{text}");
    }
}

#[tokio::test]
async fn a_review_and_a_test_send_no_signing() {
    let world = World::new().await;
    let mut arguments = vec!["review".to_owned()];
    arguments.extend(world.target());
    arguments.extend(world.fields(301));
    let output = program::csrdesk(None, &arguments).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("POST /api/pki/restapi/signCSR"), "{text}");
    let mut arguments = vec!["test-connection".to_owned()];
    arguments.extend(world.target());
    let output = program::csrdesk(Some(world.standin.token()), &arguments).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_microsoft_ca_is_a_real_choice() {
    let world = World::with(|it| it.msca(true)).await;
    let mut arguments: Vec<String> =
        ["sign", "--json", "--sign-type", "MSCA", "--validity-days", "30", "--csr-id", "302"]
            .map(str::to_owned)
            .into();
    arguments.extend(world.target());
    let output = program::csrdesk(Some(world.standin.token()), &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let without = World::new().await;
    let mut arguments = arguments[..8].to_vec();
    arguments.extend(without.target());
    let output = program::csrdesk(Some(without.standin.token()), &arguments).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}
