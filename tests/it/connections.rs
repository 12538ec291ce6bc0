//! Saved connections from the terminal: made, used by name, trusted, handed on, and their secrets in a keychain.

use std::process::{Output, Stdio};

use e2e::program;
use e2e::world::World;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

/// A terminal on a data folder, with a folder that stands for the system's keychain.
struct Terminal<'a>(&'a World);

impl<'a> Terminal<'a> {
    fn of(world: &'a World) -> Self {
        std::fs::create_dir_all(world.path("keychain")).unwrap();
        Self(world)
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Output {
        let keychain = format!("folder:{}", self.0.path("keychain").display());
        self.with_keychain(&keychain, arguments, input).await
    }

    async fn with_keychain(&self, keychain: &str, arguments: &[&str], input: &str) -> Output {
        let mut command = program::terminal(None);
        command.args(arguments).env("CSRDESK_DATA_DIR", self.0.data_dir()).env(program::KEYCHAIN, keychain);
        program::fed(command, input.as_bytes()).await
    }

    async fn good(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input).await;
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "csrdesk {}: {told}", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn sign(&self, more: &[&str], csr_id: u64) -> (Option<i32>, Value) {
        let fields = self.0.fields(csr_id);
        let mut arguments = vec!["sign", "--json"];
        arguments.extend(more);
        arguments.extend(fields.iter().map(String::as_str));
        let output = self.run(&arguments, "").await;
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    }
}

#[tokio::test]
async fn a_server_is_kept_trusted_and_signed_with_by_its_name() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    let add = [
        "connections",
        "add",
        "--name",
        "Rehearsal",
        "--environment",
        "test",
        "--server",
        world.standin.url(),
    ];
    // The first one is in use, and marked as in the list.
    let added = terminal.good(&add, "").await;
    assert!(added.contains("* Rehearsal  [test]"), "{added}");
    assert_eq!(added, terminal.good(&["connections"], "").await);
    let copy = terminal.good(&["connections", "duplicate", "Rehearsal"], "").await;
    assert!(copy.starts_with("  Rehearsal (2)"), "{copy}");
    let used = terminal.good(&["connections", "use", "Rehearsal (2)"], "").await;
    assert!(used.starts_with("* Rehearsal (2)"), "{used}");
    let changed = terminal.good(&["connections", "change", "Rehearsal (2)", "--timeout", "30"], "").await;
    assert!(changed.starts_with("* Rehearsal (2)"), "{changed}");
    terminal.good(&["connections", "use", "Rehearsal"], "").await;
    terminal.good(&["connections", "remove", "Rehearsal (2)"], "").await;
    let restored = terminal.good(&["connections", "restore", "Rehearsal (2)"], "").await;
    assert!(restored.starts_with("  Rehearsal (2)"), "{restored}");
    terminal.good(&["connections", "remove", "Rehearsal (2)"], "").await;

    // Not trusted yet: the test shows what was presented, and nothing else leads to trust than its fingerprint.
    let tested = terminal.run(&["test-connection", "--connection", "rehearsal"], "").await;
    let told = String::from_utf8(tested.stdout).unwrap();
    assert_eq!(tested.status.code(), Some(5), "{told}");
    assert!(told.contains("tls-unknown-issuer") && told.contains("trust-ca"), "{told}");
    let openssl = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(world.standin.ca_file())
        .output()
        .unwrap();
    let fingerprint = String::from_utf8(openssl.stdout).unwrap();
    // The CA's fingerprint is for its owner to say, and so is the server's: the one is not to be copied for the other.
    assert!(!told.split_whitespace().any(|it| it.split(':').count() == 32), "{told}");
    assert_eq!(told.matches("SHA-256    not shown").count(), 2, "{told}");
    let json = terminal.run(&["test-connection", "--connection", "rehearsal", "--json"], "").await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let own = json["diagnosis"]["chain"][0]["sha256"].as_str().unwrap();
    let refused = terminal.run(&["trust-ca", "--ca-fingerprint", own], "").await;
    let said = program::unwrapped(&String::from_utf8_lossy(&refused.stderr));
    assert!(said.contains("server's own certificate, not of its CA") && !said.contains("between"), "{said}");
    let refused = terminal.run(&["trust-ca", "--ca-fingerprint", &"ab".repeat(32)], "").await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not that of the CA"), "{refused:?}");
    terminal.good(&["trust-ca", "--connection", "Rehearsal", "--ca-fingerprint", &fingerprint], "").await;

    let (code, answer) = terminal.sign(&["--connection", "Rehearsal"], 301).await;
    assert_eq!((code, &answer["problems"][0]["code"]), (Some(2), &Value::from("token-missing")));
    terminal.good(&["secret", "save", "token"], world.standin.token()).await;
    let (code, answer) = terminal.sign(&["--connection", "Rehearsal"], 301).await;
    assert_eq!((code, &answer["outcome"]), (Some(0), &Value::from("signed")), "{answer}");
    assert!(terminal.good(&["test-connection"], "").await.contains("ok      Token"));
    // What the server says about the token in the keychain, the next program knows.
    terminal.good(&["secret", "save", "token"], "NOT-THE-TOKEN").await;
    assert_eq!(terminal.run(&["test-connection"], "").await.status.code(), Some(5));
    let rejected =
        async || terminal.good(&["connections"], "").await.contains("rejected by the server on 20");
    assert!(rejected().await);
    terminal.good(&["secret", "save", "token"], world.standin.token()).await;
    assert!(!rejected().await);
    let (code, answer) = terminal.sign(&[], 302).await;
    let problem = &answer["problems"][0]["code"];
    assert_eq!(
        (code, problem),
        (Some(2), &Value::from("connection-not-named")),
        "what was used last signs nothing"
    );
    let (code, _) = terminal.sign(&["--connection", "REHEARSAL"], 302).await;
    assert_eq!(code, Some(0));

    let (code, answer) = terminal.sign(&["--connection", "Other"], 303).await;
    assert_eq!((code, &answer["problems"][0]["code"]), (Some(2), &Value::from("no-such-connection")));
    let both = terminal.run(&["sign", "--connection", "Rehearsal", "--server", "https://h:1"], "").await;
    assert_eq!(both.status.code(), Some(2), "a connection replaces the options");
    assert_eq!(world.standin.sign_posts(), 2);
}

#[tokio::test]
async fn each_state_of_the_keychain_has_its_words_and_none_hangs() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    let ca_file = world.standin.ca_file().display().to_string();
    let add = ["connections", "add", "--name", "One", "--server", world.standin.url(), "--ca-file", &ca_file];
    terminal.good(&add, "").await;
    let forget = ["secret", "forget", "token"];
    let forgot = async || {
        let output = terminal.run(&forget, "").await;
        assert!(output.status.success(), "{output:?}");
        program::unwrapped(&String::from_utf8_lossy(&output.stderr))
    };
    assert_eq!(forgot().await, "Nothing was deleted: the keychain has no AUTHTOKEN of One.");
    terminal.good(&["secret", "save", "token"], world.standin.token()).await;
    assert_eq!(forgot().await, "The AUTHTOKEN of One was deleted from the keychain.");
    terminal.good(&["secret", "save", "token"], world.standin.token()).await;
    let fields = world.fields(301);
    let mut sign = vec!["sign", "--json", "--connection", "One"];
    sign.extend(fields.iter().map(String::as_str));
    for state in ["absent", "locked", "denied"] {
        let saved = terminal.with_keychain(state, &["secret", "save", "token"], world.standin.token()).await;
        let told = String::from_utf8_lossy(&saved.stderr).into_owned();
        assert_eq!(saved.status.code(), Some(5), "{state}: {told}");
        assert!(told.contains("keychain"), "{state}: {told}");
        let signed = terminal.with_keychain(state, &sign, "").await;
        let answer: Value = serde_json::from_slice(&signed.stdout).unwrap();
        assert_eq!(signed.status.code(), Some(5));
        assert_eq!(answer["code"], format!("keychain-{state}"), "{answer}");
    }
    assert_eq!(world.standin.sign_posts(), 0);
    // Where the keychain gives none, as in a task without a session, one that is handed over counts, once the record's
    // key is where such a task finds it.
    terminal.good(&["record-key", "--to", "file"], "").await;
    let signed = terminal.with_keychain("absent", &sign, world.standin.token()).await;
    assert_eq!(signed.status.code(), Some(0), "{signed:?}");
    // With the environment's token nothing asks the keychain.
    let (code, _) = terminal.sign(&["--connection", "One"], 302).await;
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn connections_are_changed_removed_restored_and_handed_on() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    terminal.good(&["connections", "add", "--name", "One", "--server", "https://one.example"], "").await;
    terminal.good(&["connections", "duplicate", "One"], "").await;
    let changed =
        ["connections", "change", "One (2)", "--name", "Two", "--environment", "production", "--pin", "xyz"];
    let refused = terminal.run(&changed, "").await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--pin"), "{refused:?}");
    terminal.good(&changed[..7], "").await;
    let names = async || {
        let listed: Value =
            serde_json::from_str(&terminal.good(&["connections", "--json"], "").await).unwrap();
        let name = |it: &Value| it["connection"]["name"].as_str().unwrap().to_owned();
        listed["connections"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["One", "Two"]);
    let removed = terminal.run(&["connections", "remove", "two"], "").await;
    let told = program::unwrapped(&String::from_utf8_lossy(&removed.stderr));
    assert!(told.contains("To restore it within 15 minutes: csrdesk connections restore Two"), "{told}");
    assert_eq!(names().await, ["One"]);
    let listed = terminal.good(&["connections"], "").await;
    let (_, until) = listed.split_once("Two was removed and can be restored until 20").unwrap();
    assert!(until.contains(" UTC:\n  csrdesk connections restore Two\n"), "{listed}");
    // The day of a token that is not there is not shown.
    let expires = ["connections", "change", "One", "--token-expires", "2099-12-01"];
    assert!(!terminal.good(&expires, "").await.contains("2099"));
    terminal.good(&["secret", "save", "token", "--connection", "One"], "TOKEN").await;
    assert!(terminal.good(&["connections"], "").await.contains(", expires on 2099-12-01"));
    terminal.good(&["connections", "restore", "Two"], "").await;
    let file = world.path("connections.json").display().to_string();
    terminal.good(&["connections", "export", &file], "").await;
    terminal.good(&["connections", "remove", "One"], "").await;
    let imported = terminal.good(&["connections", "import", &file], "").await;
    assert!(imported.contains("added    One") && imported.contains("known    Two"), "{imported}");
    assert_eq!(names().await, ["Two", "One"]);
    let bad = terminal.run(&["connections", "import", "/no/such/file"], "").await;
    assert_eq!(bad.status.code(), Some(2));
}

#[tokio::test]
async fn a_self_signed_server_is_accepted_by_the_fingerprint_that_its_owner_said() {
    let world = World::with(|it| it.server_identity(standin::ServerIdentity::SelfSigned)).await;
    let terminal = Terminal::of(&world);
    let openssl = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(world.standin.ca_file())
        .output()
        .unwrap();
    let owner_says = String::from_utf8(openssl.stdout).unwrap().trim().to_owned();
    let digits = owner_says.split_once('=').unwrap().1;
    terminal.good(&["connections", "add", "--name", "Fresh", "--server", world.standin.url()], "").await;

    // The advice names the option, and the fingerprint to type is nowhere to copy.
    let tested = terminal.run(&["test-connection", "--connection", "Fresh"], "").await;
    let printed = String::from_utf8(tested.stdout).unwrap();
    assert!(printed.contains("tls-self-signed") && printed.contains("--exact-certificate"), "{printed}");
    assert!(
        !printed.contains(digits) && !printed.contains(&digits.replace(':', "").to_lowercase()),
        "{printed}"
    );
    let without = terminal.run(&["connections", "change", "Fresh", "--exact-certificate"], "").await;
    assert_eq!(without.status.code(), Some(2), "the fingerprint is the option's value");

    let wrong = "00:".repeat(31) + "00";
    terminal.good(&["connections", "change", "Fresh", "--exact-certificate", &wrong], "").await;
    terminal.good(&["secret", "save", "token", "--connection", "Fresh"], world.standin.token()).await;
    let (code, answer) = terminal.sign(&["--connection", "Fresh"], 301).await;
    assert_eq!((code, &answer["code"]), (Some(5), &Value::from("tls-other-certificate")), "{answer}");
    // After a wrong one, too, the right one comes from the server's owner alone.
    let tested = terminal.run(&["test-connection", "--connection", "Fresh"], "").await;
    let printed = [&tested.stdout[..], &tested.stderr].map(String::from_utf8_lossy).concat();
    assert!(printed.contains("ask the server's owner"), "{printed}");
    for text in [printed, answer.to_string()] {
        let text = text.to_lowercase();
        assert!(!text.contains(&digits.to_lowercase()), "{text}");
        assert!(!text.contains(&digits.replace(':', "").to_lowercase()), "{text}");
    }

    terminal.good(&["connections", "change", "Fresh", "--exact-certificate", &owner_says], "").await;
    assert!(terminal.good(&["connections"], "").await.contains("exact certificate"));
    let (code, answer) = terminal.sign(&["--connection", "Fresh"], 301).await;
    assert_eq!((code, &answer["outcome"]), (Some(0), &Value::from("signed")), "{answer}");
    let entry = terminal.good(&["entry", &answer["entry"].to_string()], "").await;
    let says = "exact certificate. The certificate's issuer and names are not checked.";
    assert!(program::unwrapped(&entry).contains(says), "{entry}");

    // Without a saved connection the options carry it, and exclude a CA file.
    let server = ["--server", world.standin.url(), "--exact-certificate", &owner_says];
    let tested = terminal.run(&[&["test-connection"], &server[..]].concat(), world.standin.token()).await;
    assert_eq!(tested.status.code(), Some(0), "{tested:?}");
    let both = [&["test-connection", "--ca-file", "ca.pem"], &server[..]].concat();
    assert_eq!(terminal.run(&both, "").await.status.code(), Some(2));
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_connection_that_signs_is_not_removed_in_the_terminal_either() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    let ca_file = world.standin.ca_file().display().to_string();
    for name in ["Live", "Other"] {
        let add =
            ["connections", "add", "--name", name, "--server", world.standin.url(), "--ca-file", &ca_file];
        terminal.good(&add, "").await;
    }
    // Another program signs, and stops for good just before its request leaves.
    let mut command = program::terminal(Some(world.standin.token()));
    command.args(["sign", "--connection", "Live"]).args(world.fields(301));
    command.env("CSRDESK_DATA_DIR", world.data_dir()).env("CSRDESK_HALT_AT", "BeforeSending");
    // The key of the journal is in there.
    command.env(program::KEYCHAIN, format!("folder:{}", world.path("keychain").display()));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut signing = command.spawn().unwrap();
    let mut lines = BufReader::new(signing.stderr.take().unwrap()).lines();
    // What else it says comes before.
    while !lines.next_line().await.unwrap().expect("it halts").contains("halted") {}

    let refused = terminal.run(&["connections", "--json", "remove", "Live"], "").await;
    let answer: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((refused.status.code(), &answer["code"]), (Some(2), &Value::from("connection-is-signing")));
    terminal.good(&["connections", "remove", "Other"], "").await;
    signing.kill().await.unwrap();
    terminal.good(&["connections", "remove", "Live"], "").await;
}

#[tokio::test]
async fn a_signing_that_was_rejected_stores_that_before_it_ends_and_does_not_wait_for_a_stopped_program() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    let ca_file = world.standin.ca_file().display().to_string();
    let add = ["connections", "add", "--name", "One", "--server", world.standin.url(), "--ca-file", &ca_file];
    terminal.good(&add, "").await;
    // A token of the environment ends with its program: nothing says later that it was rejected.
    let folder = world.data_dir().display().to_string();
    let test = ["test-connection", "--connection", "One", "--data-dir", &folder];
    let tested = program::csrdesk(Some("NOT-THE-TOKEN"), test).await;
    assert_eq!(tested.status.code(), Some(5), "{tested:?}");
    let listed = terminal.good(&["connections"], "").await;
    assert!(listed.contains("no token in the keychain") && !listed.contains("rejected"), "{listed}");

    terminal.good(&["secret", "save", "token"], "NOT-THE-TOKEN").await;
    let (_, answer) = terminal.sign(&["--connection", "One"], 301).await;
    assert_eq!(answer["code"], "not-authorized", "{answer}");
    let listed = terminal.good(&["connections"], "").await;
    assert!(listed.contains("rejected by the server on 20"), "{listed}");

    // A program that was stopped within a change of the file keeps its lock.
    let lock = std::fs::File::options().write(true).open(world.data_dir().join("connections.lock")).unwrap();
    lock.lock().unwrap();
    let (_, answer) = terminal.sign(&["--connection", "One"], 302).await;
    assert_eq!(answer["code"], "not-authorized", "{answer}");
    drop(lock);
}

#[tokio::test]
async fn the_fingerprint_of_another_ca_of_the_chain_is_called_a_mix_up() {
    let world = World::with(|it| it.server_identity(standin::ServerIdentity::UnderIntermediate)).await;
    let terminal = Terminal::of(&world);
    terminal.good(&["connections", "add", "--name", "Chain", "--server", world.standin.url()], "").await;
    let tested = terminal.run(&["test-connection", "--json"], "").await;
    let tested: Value = serde_json::from_slice(&tested.stdout).unwrap();
    assert_eq!(tested["diagnosis"]["candidate"], 2, "{tested}");
    let fingerprint =
        |place: usize| tested["diagnosis"]["chain"][place]["sha256"].as_str().unwrap().to_owned();

    let refused = terminal.run(&["trust-ca", "--ca-fingerprint", &fingerprint(1)], "").await;
    let words = program::unwrapped(&String::from_utf8_lossy(&refused.stderr));
    assert_eq!(refused.status.code(), Some(2), "{words}");
    assert!(words.contains("--ca-fingerprint: This is the fingerprint of another CA"), "{words}");
    assert!(!words.contains("between you and the server"), "a mix-up is no sign of an attack: {words}");
    let trusted = terminal.good(&["trust-ca", "--ca-fingerprint", &fingerprint(2)], "").await;
    assert!(trusted.contains("Stand-in TLS Root"), "{trusted}");
    let tested = terminal.run(&["test-connection", "--connection", "Chain"], world.standin.token()).await;
    assert_eq!(tested.status.code(), Some(0), "{tested:?}");
}

/// Nothing listens on port 443 of this address, which no other computer can have (RFC 1122, section 3.2.1.3).
const NO_PORT: &str = "https://127.83.12.7";

#[tokio::test]
async fn an_address_without_a_port_is_remarked_on_and_so_is_the_connection_that_fails_for_it() {
    let world = World::new().await;
    let terminal = Terminal::of(&world);
    let remark = "--server: The address names no port, so port 443 is used.";
    let advice = "Port 443 was used, the default of HTTPS.";
    let add = ["connections", "add", "--name", "One", "--server", NO_PORT];
    let added = terminal.run(&add, "").await;
    let words = program::unwrapped(&String::from_utf8_lossy(&added.stderr));
    assert!(added.status.success() && words.contains(remark), "{words}");
    // A port that was typed is meant.
    let url = world.standin.url();
    let added = terminal.run(&["connections", "add", "--name", "Two", "--server", url], "").await;
    assert!(!String::from_utf8_lossy(&added.stderr).contains("names no port"), "{added:?}");

    let tested = terminal.run(&["test-connection", "--connection", "One"], "").await;
    let words = program::unwrapped(&String::from_utf8_lossy(&tested.stdout));
    assert_eq!((tested.status.code(), words.matches(advice).count()), (Some(5), 1), "{words}");
    let fields = world.fields(301);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let sign = [&["sign", "--connection", "One"], &fields[..]].concat();
    let signed = terminal.run(&sign, "TOKEN").await;
    let words = program::unwrapped(&String::from_utf8_lossy(&signed.stdout));
    assert_eq!((signed.status.code(), words.matches(advice).count()), (Some(5), 1), "{words}");
    // Without a saved connection, and for a program. `:443` is the same address.
    for server in [NO_PORT, "https://127.83.12.7:443"] {
        let sign = [&["sign", "--json", "--server", server], &fields[..]].concat();
        let signed = terminal.run(&sign, "TOKEN").await;
        let words = program::unwrapped(&String::from_utf8_lossy(&signed.stderr));
        assert_eq!(words.contains(remark), server == NO_PORT, "{words}");
        let answer: Value = serde_json::from_slice(&signed.stdout).unwrap();
        assert!(answer["message"].as_str().unwrap().contains(advice), "{answer}");
    }

    // Another port gets no such advice.
    let tested = terminal.run(&["test-connection", "--server", "https://127.83.12.7:1"], "TOKEN").await;
    let words = program::unwrapped(&String::from_utf8_lossy(&tested.stdout));
    assert!(words.contains("connect-refused") && !words.contains(advice), "{words}");
}
