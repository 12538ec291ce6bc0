//! The record from the terminal: signing again, settling what is unknown, checking, handing out.

use std::process::Stdio;

use e2e::program;
use e2e::world::World;
use serde_json::Value;
use standin::Fault;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Runs `csrdesk` on this world's data folder.
async fn on_record(world: &World, token: Option<&str>, arguments: &[&str]) -> std::process::Output {
    let data_dir = world.data_dir().display().to_string();
    let arguments = arguments.iter().copied().chain(["--data-dir", &data_dir]);
    program::csrdesk(token, arguments).await
}

/// Runs `csrdesk` with server and data folder of this world.
async fn at_server(world: &World, arguments: &[&str]) -> std::process::Output {
    let target = world.target();
    let arguments = arguments.iter().copied().chain(target.iter().map(String::as_str));
    program::csrdesk(Some(world.standin.token()), arguments).await
}

fn text(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn signing_again_takes_a_reason() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let refused = world.sign(301, &["--json"]).await;
    assert_eq!(refused.status.code(), Some(5));
    assert!(text(&refused).contains("already-on-record"), "{}", text(&refused));
    let again = world.sign(301, &["--json", "--again", "the first one was lost"]).await;
    assert_eq!((again.status.code(), world.standin.sign_posts()), (Some(0), 2));
    assert_eq!(world.history().await[0]["again_reason"], "the first one was lost");
}

#[tokio::test]
async fn an_unknown_signing_is_settled_after_a_restart() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThenReset, 1);
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(4));
    let serial = world.standin.issued()[0].serial_hex.clone();

    let found = at_server(&world, &["reconcile", "1", "--json"]).await;
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["candidates"][0]["certificate"]["serial_number"], serial.as_str());
    assert_eq!(found["candidates"][0]["evidence"][0], "same_key");
    assert_eq!(found["candidates"][0]["standing"], "proof");
    // The entry says briefly what that search found.
    let entry = program::unwrapped(&text(&on_record(&world, None, &["entry", "1"]).await));
    assert!(
        entry.contains("Last search ") && entry.contains(" UTC: The certificate was found. PAM360 listed "),
        "{entry}"
    );
    assert!(
        entry.contains(&format!("serial number {serial}")) && entry.contains("SAME KEY: PROOF"),
        "{entry}"
    );
    assert!(entry.contains("Server verified by CA file "), "{entry}");

    let silent = on_record(&world, None, &["reconcile", "1", "--it-is", &serial]).await;
    assert_eq!(silent.status.code(), Some(2), "a reason is needed");
    let decided =
        on_record(&world, None, &["reconcile", "1", "--it-is", &serial, "--reason", "same key"]).await;
    assert_eq!(decided.status.code(), Some(0), "{}", text(&decided));
    let history = world.history().await;
    assert_eq!(
        (&history[0]["outcome"], &history[0]["code"]),
        (&Value::from("signed"), &Value::from("found-by-person"))
    );
    // Only a serial number was typed. The search knows the rest, without which evidence could not fetch the certificate.
    let certificate = &history[0]["certificates"][0];
    assert_eq!(certificate["common_name"], "till-17.branch.example.test", "{certificate}");
    let file = world.path("evidence.zip").display().to_string();
    at_server(&world, &["evidence", "1", &file]).await;
    let check = program::csrdesk(None, ["verify-evidence", &file]).await;
    assert!(text(&check).contains("The certificate is what was asked for."), "{}", text(&check));
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_running_signing_is_in_progress_until_its_program_is_gone() {
    for (moment, gone) in [("AfterIntent", "not_sent"), ("BeforeSending", "unknown")] {
        let world = World::new().await;
        let mut command = program::terminal(Some(world.standin.token()));
        command.arg("sign").args(world.target()).args(world.fields(302)).env("CSRDESK_HALT_AT", moment);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.next_line().await.unwrap().is_some_and(|it| it.contains("halted")));

        let row = &world.history().await[0];
        assert_eq!((&row["outcome"], &row["code"]), (&"in_progress".into(), &"in-progress".into()));
        let listed = on_record(&world, None, &["history", "--outcome", "in_progress"]).await;
        assert!(text(&listed).contains("RUNNING"), "{}", text(&listed));
        let unsettled = on_record(&world, None, &["history", "--unsettled", "--json"]).await;
        assert_eq!(text(&unsettled).trim(), "[]");
        let early = at_server(&world, &["reconcile", "1"]).await;
        assert!(text(&early).contains("still be waiting"), "{}", text(&early));
        let decide = ["reconcile", "1", "--not-there", "--checked-in-console", "--reason", "looked"];
        assert_eq!(on_record(&world, None, &decide).await.status.code(), Some(2));

        child.kill().await.unwrap();
        assert_eq!(world.history().await[0]["outcome"], gone, "{moment}");
    }
}

#[tokio::test]
async fn no_verdict_is_recorded_before_a_search_or_the_word_of_a_person() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    assert_eq!(world.sign(302, &[]).await.status.code(), Some(4));
    let not_there = ["reconcile", "1", "--not-there", "--reason", "not in the list"];
    let guessed = on_record(&world, None, &not_there).await;
    assert_eq!(guessed.status.code(), Some(2), "{}", text(&guessed));
    assert!(text(&guessed).contains("PAM360's console"), "{}", text(&guessed));
    let word: Vec<_> = not_there.into_iter().chain(["--checked-in-console"]).collect();
    assert_eq!(on_record(&world, None, &word).await.status.code(), Some(0));
    assert_eq!(world.history().await[0]["code"], "not-there");
    let listed = text(&on_record(&world, None, &["history"]).await);
    assert!(listed.contains("RESOLVED") && !listed.contains("UNKNOWN"), "{listed}");
}

#[tokio::test]
async fn the_certificate_of_another_request_with_the_same_key_is_no_match() {
    let world = World::new().await;
    let csr = |name: &str| {
        let folder =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/pam360/tests/cases/27-reconcile-same-key/");
        world.standin.import_csr(&std::fs::read(folder.to_owned() + name).unwrap()).unwrap()
    };
    let (first, second) = (csr("first.csr"), csr("second-same-key.csr"));
    let elsewhere = world.path("elsewhere").display().to_string();
    let mut colleague = vec!["sign".to_owned()];
    colleague.extend(world.target().into_iter().take(4).chain(["--data-dir".into(), elsewhere]));
    colleague.extend(world.fields(first));
    let signed = program::csrdesk(Some(world.standin.token()), colleague).await;
    assert!(signed.status.success(), "{}", text(&signed));

    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    assert_eq!(world.sign(second, &[]).await.status.code(), Some(4));
    let found = text(&at_server(&world, &["reconcile", "1"]).await);
    assert!(found.contains("The CSR asks for second.example.test."), "{found}");
    assert!(found.contains("NOT A MATCH  first.example.test"), "{found}");
    assert!(found.contains("- Its names differ from the CSR's: first.example.test."), "{found}");
}

#[tokio::test]
async fn a_search_says_that_the_certificate_is_a_ca() {
    let world = World::new().await;
    world.standin.fault_next(Fault::SignThenReset, 1);
    assert_eq!(world.sign(302, &["--intermediate"]).await.status.code(), Some(4));
    let found = text(&at_server(&world, &["reconcile", "1"]).await);
    assert!(found.contains("SAME KEY: PROOF"), "{found}");
    assert!(found.contains("! It is a CA certificate: it can issue certificates."), "{found}");
    let json = at_server(&world, &["reconcile", "1", "--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["candidates"][0]["is_ca"], true);
}

/// The lines of a search that tell of certificates: numbers, marks, reasons.
fn candidate_lines(found: &str) -> Vec<&str> {
    let lines = found.lines().skip_while(|it| !it.trim_start().starts_with("1. "));
    let lines = lines.take_while(|it| !it.starts_with("Record what you found out"));
    lines.map(str::trim).filter(|it| !it.is_empty()).collect()
}

#[tokio::test]
async fn an_entry_shows_the_marks_and_reasons_of_the_last_search() {
    let world = World::new().await;
    // Its CSR cannot be fetched: one certificate may match, and the roots are contradicted.
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    let found = text(&at_server(&world, &["reconcile", "1"]).await);
    let entry = text(&on_record(&world, None, &["entry", "1"]).await);
    let lines = candidate_lines(&found);
    assert!(lines.iter().any(|it| it.starts_with("- It is a CA certificate")), "{found}");
    // The two are indented differently, so a long line may break at another word.
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = joined(&entry);
    for line in lines {
        assert!(shown.contains(&joined(line)), "{line}\n{entry}");
    }
}

/// The commands that a task printed, without their indentation.
fn printed_commands(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|it| it.starts_with("csrdesk ")).map(str::to_owned).collect()
}

/// Runs a printed command as a person does: through a shell, with the words in capitals and the reason replaced.
async fn run_as_printed(world: &World, command: &str, serial: &str) -> std::process::Output {
    let ca_file = program::quoted(world.standin.ca_file().display());
    let command = command.replace("…", "seen there");
    let command = command.replace(" SERIAL", &format!(" {serial}")).replace(" NUMBER", " 1");
    let command = command.replace(" FILE", &format!(" {ca_file}"));
    let mut shell = program::shell(&command);
    shell.env("PAM360_AUTHTOKEN", world.standin.token());
    shell.stdin(Stdio::null()).output().await.expect("a shell")
}

#[tokio::test]
async fn every_command_that_is_printed_about_an_entry_is_accepted() {
    for fault in [Fault::SignThen500, Fault::CloseBeforeHeaders] {
        for proven in [true, false] {
            let world = World::new().await;
            let csr_id = if proven { 302 } else { fault.csr_id() };
            if proven {
                world.standin.fault_next(fault, 1);
            }
            assert_eq!(world.sign(csr_id, &[]).await.status.code(), Some(4));
            let mut texts = vec![text(&on_record(&world, None, &["history"]).await)];
            texts.push(text(&on_record(&world, None, &["entry", "1"]).await));
            texts.push(text(&on_record(&world, None, &["note", "1", "--note", "seen"]).await));
            assert!(texts.iter().all(|it| it.contains("csrdesk reconcile 1 --server https://")), "{texts:?}");
            // The search is last: its commands record a decision.
            let found = text(&at_server(&world, &["reconcile", "1"]).await);
            let serial = found.split("serial number ").nth(1).and_then(|it| it.lines().next());
            let serial = serial.unwrap_or("0a0b").to_owned();
            texts.push(found);
            let commands: Vec<String> = texts.iter().flat_map(|it| printed_commands(it)).collect();
            assert!(commands.iter().any(|it| it.contains(" --it-is ")), "{commands:?}");
            for command in commands {
                let done = run_as_printed(&world, &command, &serial).await;
                assert_eq!(done.status.code(), Some(0), "{fault:?}: {command}: {}", text(&done));
            }
        }
    }
}

#[tokio::test]
async fn a_printed_search_names_the_saved_connection_of_its_entry() {
    let world = World::new().await;
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    let ca_file = world.standin.ca_file().display().to_string();
    let (own, other) = (world.standin.url(), "https://other.example.test:8282");
    // The first one is the one in use.
    for (name, server) in [("Other", other), ("The one", own)] {
        let add = ["connections", "add", "--name", name, "--server", server, "--ca-file", &ca_file];
        assert!(on_record(&world, None, &add).await.status.success());
    }
    let named = text(&on_record(&world, None, &["history"]).await);
    assert!(named.contains("csrdesk reconcile 1 --connection 'The one' --data-dir "), "{named}");
    assert!(on_record(&world, None, &["connections", "use", "The one"]).await.status.success());
    let in_use = text(&on_record(&world, None, &["history"]).await);
    assert!(in_use.contains("csrdesk reconcile 1 --connection 'The one' --data-dir "), "{in_use}");
}

#[tokio::test]
async fn the_history_counts_every_unresolved_entry() {
    let world = World::new().await;
    for csr_id in [301, 302, 304, 305] {
        world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
        assert_eq!(world.sign(csr_id, &[]).await.status.code(), Some(4), "{csr_id}");
    }
    for arguments in [&["history"][..], &["history", "--limit", "3"], &["history", "--limit", "1"]] {
        let listed = text(&on_record(&world, None, arguments).await);
        assert!(listed.contains("4 entries are unresolved."), "{arguments:?}: {listed}");
        let commands = printed_commands(&listed);
        let next: Vec<_> = commands.iter().filter(|it| it.starts_with("csrdesk reconcile ")).collect();
        assert!(next.len() == 3 && next[0].starts_with("csrdesk reconcile 4 "), "{listed}");
        assert!(listed.contains("csrdesk history --unsettled --all"), "{listed}");
    }
}

#[tokio::test]
async fn an_entry_keeps_earlier_decisions_with_their_reasons() {
    let world = World::new().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.sign(302, &[]).await;
    let decide = async |decision: &[&str], reason: &str| {
        let arguments =
            [&["reconcile", "1", "--checked-in-console", "--reason", reason][..], decision].concat();
        let done = on_record(&world, None, &arguments).await;
        assert!(done.status.success(), "{}", text(&done));
    };
    decide(&["--it-is", "0a0b"], "first look").await;
    let listed = text(&on_record(&world, None, &["history"]).await);
    assert!(listed.contains("SIGNED") && listed.contains("Signed (by a person): entry 1."), "{listed}");
    decide(&["--not-there"], "second look").await;
    let listed = text(&on_record(&world, None, &["history"]).await);
    assert!(listed.contains("RESOLVED") && listed.contains("Not issued (by a person): entry 1."), "{listed}");

    // The serial number of the first decision still finds the entry, and the second one is told.
    let found = text(&on_record(&world, None, &["history", "--serial", "0a0b"]).await);
    let found = program::unwrapped(&found);
    assert!(found.contains("RESOLVED") && found.contains("type at least 4 digits"), "{found}");
    let replaced = "Entry 1: a decision named this serial number, and a later decision replaced it.";
    assert!(found.contains(replaced), "{found}");

    let entry = text(&on_record(&world, None, &["entry", "1"]).await);
    let order = ["Decided ", "second look", "Earlier decision ", "first look"];
    let places: Vec<_> = order.iter().map(|it| entry.find(it)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{entry}");
    let earlier = program::unwrapped(&entry[places[2].unwrap_or_default()..]);
    assert!(
        earlier.contains(" UTC: Signed (by a person), serial number a0b Reason: first look After a look in"),
        "{entry}"
    );
    assert!(entry.contains(" UTC: Not issued (by a person)"), "{entry}");
}

#[tokio::test]
async fn two_certificates_for_one_csr_are_a_caution() {
    let world = World::new().await;
    let signed = world.sign(Fault::DetailsTwoRows.csr_id(), &[]).await;
    assert_eq!(signed.status.code(), Some(0));
    let caution = "! PAM360 named 2 certificates for one CSR. Check which one belongs to it.";
    let words = text(&signed);
    assert!(program::unwrapped(&words).contains(caution), "{words}");
    let (_, second) = words.split_once("Certificate 2 of 2:").expect("a block of its own");
    assert!(words.contains("Certificate 1 of 2:") && second.contains("stranger.example.test"), "{words}");
    let entry = text(&on_record(&world, None, &["entry", "1"]).await);
    assert!(
        program::unwrapped(&entry).contains(caution) && entry.contains("Certificate 2 of 2: stranger"),
        "{entry}"
    );
    let listed = text(&on_record(&world, None, &["history"]).await);
    assert!(listed.contains(" +1 "), "{listed}");
    assert_eq!(world.history().await[0]["certificates"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_record_that_holds_says_so_and_one_that_was_changed_names_the_place() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(302, &[]).await;
    assert_eq!(on_record(&world, None, &["verify-journal"]).await.status.code(), Some(0));

    let file = world.data_dir().join("journal.sqlite3");
    let mut content = std::fs::read(&file).unwrap();
    let word = b"successfully signed";
    let places: Vec<usize> =
        (0..content.len() - word.len()).filter(|at| content[*at..].starts_with(word)).collect();
    assert!(!places.is_empty(), "the record holds the server's words");
    for place in places {
        content[place] = b'S';
    }
    std::fs::write(&file, content).unwrap();
    let broken = on_record(&world, None, &["verify-journal"]).await;
    assert_eq!(broken.status.code(), Some(1), "{}", text(&broken));
    let broken = on_record(&world, None, &["verify-journal", "--json"]).await;
    let found: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!(found["verification"]["first_bad"]["entry"], 1, "{found}");
    assert_eq!(world.history().await.len(), 2, "it stays readable");
}

#[tokio::test]
async fn history_is_filtered_and_handed_out() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    world.sign(302, &[]).await;
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    on_record(&world, None, &["note", "2", "--ticket", "OPS-12"]).await;
    let issued = world.standin.issued()[0].serial_hex.clone();
    let decimal = u64::from_str_radix(&issued, 16).unwrap().to_string();
    let upper = issued.to_uppercase();
    let numbers = async |filter: &[&str]| -> Vec<u64> {
        let arguments: Vec<_> = ["history", "--json"].into_iter().chain(filter.iter().copied()).collect();
        let output = on_record(&world, None, &arguments).await;
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        rows.iter().map(|it| it["entry"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&["--unsettled"]).await, [3]);
    assert_eq!(numbers(&["--outcome", "signed"]).await, [2, 1]);
    assert_eq!(numbers(&["--serial", &upper]).await, [1]);
    assert_eq!(numbers(&["--serial", &decimal]).await, [1]);
    assert_eq!(numbers(&["--text", "ops-12"]).await, [2]);
    for (option, value, expected) in [
        ("--serial", "zz", "type hexadecimal or decimal digits"),
        ("--outcome", "lost", "type signed, refused, unknown, not_sent or in_progress"),
        ("--from", "2026-13-01", "type a day such as 2026-11-24"),
        ("--to", "yesterday", "type a day such as 2026-11-24"),
    ] {
        let wrong = on_record(&world, None, &["history", "--json", option, value]).await;
        assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong));
        let words = program::unwrapped(&String::from_utf8_lossy(&wrong.stderr));
        assert!(words.contains(&format!("invalid value '{value}' for '{option} <")), "{words}");
        assert!(words.contains(expected), "{words}");
        let answer: Value = serde_json::from_slice(&wrong.stdout).unwrap();
        assert_eq!(answer["code"], "usage", "{answer}");
    }
    for (serial, expected, code) in [
        ("zz", "type hexadecimal digits", "serial-not-hex"),
        (&"ab".repeat(21), "more than 20 bytes", "serial-too-long"),
    ] {
        let decide = ["reconcile", "3", "--json", "--it-is", serial, "--reason", "r"];
        let answer: Value = serde_json::from_slice(&on_record(&world, None, &decide).await.stdout).unwrap();
        assert_eq!(answer["code"], code, "{answer}");
        let wrong = on_record(&world, None, &["reconcile", "3", "--it-is", serial, "--reason", "r"]).await;
        let words = program::unwrapped(&text(&wrong));
        assert_eq!(wrong.status.code(), Some(2), "{words}");
        assert!(words.contains("for '--it-is <SERIAL>'") && words.contains(expected), "{words}");
        assert!(!words.contains("issuer"), "{words}");
    }
    assert_eq!(numbers(&["--from", "2999-01-01"]).await, [0; 0]);

    let csv = world.path("history.csv");
    let written = on_record(&world, None, &["history", "--csv", &csv.display().to_string()]).await;
    assert!(written.status.success(), "{}", text(&written));
    assert_eq!(std::fs::read_to_string(&csv).unwrap().lines().count(), 4);
    let newest = ["history", "--limit", "2", "--csv", &csv.display().to_string()];
    let written = on_record(&world, None, &newest).await;
    assert!(text(&written).contains("2 entries written to"), "{}", text(&written));
    let rows = std::fs::read_to_string(csv).unwrap();
    let numbers_of_csv: Vec<_> = rows.lines().skip(1).filter_map(|it| it.split(',').next()).collect();
    assert_eq!(numbers_of_csv.iter().map(|it| it.trim_matches('"')).collect::<Vec<_>>(), ["3", "2"]);
    // A list is no export; evidence and a copy of the journal are, and a copy shows what was exported before.
    let evidence = world.path("evidence.zip").display().to_string();
    let exports = async |name: &str| {
        let copy = world.path(name).display().to_string();
        assert!(on_record(&world, None, &["export-journal", &copy]).await.status.success());
        std::fs::read_to_string(copy).unwrap().matches("\"kind\":\"export\"").count()
    };
    assert_eq!(exports("first.jsonl").await, 0);
    assert!(on_record(&world, None, &["evidence", "1", &evidence]).await.status.success());
    assert_eq!(exports("second.jsonl").await, 2);
}

#[tokio::test]
async fn evidence_is_checked_with_nothing_else_at_hand() {
    let world = World::new().await;
    world.sign(302, &[]).await;
    let file = world.path("evidence.zip").display().to_string();
    let written = at_server(&world, &["evidence", "1", &file]).await;
    assert!(written.status.success(), "{}", text(&written));
    let checked = program::csrdesk(None, ["verify-evidence", &file]).await;
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked));
    assert!(text(&checked).contains("certifies the key of the enclosed CSR"), "{}", text(&checked));
    // Evidence without certificate and CSR is no full success: it says what is missing, and how to get it.
    world.sign(302, &["--again", "a test"]).await;
    let lacking = world.path("lacking.zip").display().to_string();
    let written = text(&on_record(&world, None, &["evidence", "1", &lacking]).await);
    let written = program::unwrapped(&written);
    assert!(
        written.contains(
            "The certificate and the CSR could not be fetched from PAM360 and are not in the evidence."
        ),
        "{written}"
    );
    assert!(written.contains("csrdesk evidence 1 FILE --server "), "{written}");
    // Anybody can make up evidence with a key of their own.
    assert!(text(&checked).contains("No key was given"), "{}", text(&checked));
    let json = program::csrdesk(None, ["verify-evidence", &file, "--json"]).await;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let key = json["public_key"].as_str().unwrap().to_owned();
    for (given, code, words, name) in [
        (key.to_uppercase(), 0, "It is the key that you gave.", "as-given"),
        ("ab".repeat(32), 1, "ANOTHER KEY SIGNED THIS EVIDENCE.", "another"),
    ] {
        let checked = program::csrdesk(None, ["verify-evidence", &file, "--key", &given]).await;
        assert_eq!(checked.status.code(), Some(code), "{}", text(&checked));
        assert!(program::unwrapped(&text(&checked)).contains(words), "{}", text(&checked));
        let json = program::csrdesk(None, ["verify-evidence", &file, "--json", "--key", &given]).await;
        let json: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!((json["key"].as_str(), json["altered"].as_bool()), (Some(name), Some(false)));
    }
    std::fs::remove_dir_all(world.data_dir()).unwrap();
    assert_eq!(
        program::csrdesk(None, ["verify-evidence", &file, "--key", &key]).await.status.code(),
        Some(0)
    );
    let no_key = program::csrdesk(None, ["verify-evidence", &file, "--key", "ab"]).await;
    assert!(text(&no_key).contains("64 hexadecimal digits"), "{}", text(&no_key));
    std::fs::write(&file, "junk").unwrap();
    assert_eq!(program::csrdesk(None, ["verify-evidence", &file]).await.status.code(), Some(1));
}
