//! Bad input at the terminal: one clear message each naming the field, exit 2, nothing sent, nothing lost.

use e2e::program;
use e2e::world::World;
use serde_json::Value;

/// A signing that passes, with one option replaced or added.
fn with(world: &World, option: &str, value: &str) -> Vec<String> {
    let mut arguments = vec!["sign".to_owned(), "--json".to_owned()];
    arguments.extend(world.target());
    arguments.extend(world.fields(301));
    match arguments.iter().position(|it| it == option) {
        Some(place) => arguments[place + 1] = value.to_owned(),
        None => arguments.extend([option.to_owned(), value.to_owned()]),
    }
    arguments
}

fn problems(output: &std::process::Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["outcome"], &answer["entry"]), (&Value::from("invalid"), &Value::Null));
    answer["problems"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_bad_value_is_named_and_nothing_is_sent() {
    let world = World::new().await;
    let long = "x".repeat(300);
    let long_serial = "f".repeat(41);
    let long_url = format!("https://{}", "a".repeat(2_001));
    let files = [("empty.pem", ""), ("text.pem", "hello"), ("cut.pem", "-----BEGIN CERTIFICATE-----\nAA")];
    for (name, content) in files {
        std::fs::write(world.path(name), content).unwrap();
    }
    world.sign(301, &[]).await;
    std::fs::write(world.path("leaf.pem"), &world.standin.issued()[0].pem).unwrap();
    let file = |name: &str| world.path(name).display().to_string();

    let cases = [
        ("--server", "", "url-missing"),
        ("--server", "https://pam360:0", "url-malformed"),
        ("--server", "https://127.1", "url-ip-spelling"),
        ("--server", "https://a b", "url-malformed"),
        ("--server", "http://127.0.0.1:1", "url-not-https"),
        ("--server", "https://u:p@h", "url-has-credentials"),
        ("--server", "https://h/?q", "url-has-query"),
        ("--server", "https://h/p\u{430}m", "url-path-not-ascii"),
        ("--server", &long_url, "url-too-long"),
        ("--org", "a\nb", "organization-malformed"),
        ("--org", &long, "organization-too-long"),
        ("--timeout", "0", "timeout-out-of-range"),
        ("--timeout", "1.5", "timeout-out-of-range"),
        ("--ca-file", "", "ca-file-missing"),
        ("--ca-file", &file("none.pem"), "ca-file-missing"),
        ("--ca-file", &file("empty.pem"), "ca-file-empty"),
        ("--ca-file", &file("text.pem"), "ca-file-not-pem"),
        ("--ca-file", &file("cut.pem"), "ca-file-damaged"),
        ("--ca-file", &file("leaf.pem"), "ca-file-not-a-ca"),
        ("--ca-file", &file(""), "ca-file-unreadable"),
        ("--sign-type", "", "sign-type-missing"),
        ("--sign-type", "root", "sign-type-unknown"),
        ("--root-cn", " ", "root-cn-missing"),
        ("--root-cn", &long, "root-cn-too-long"),
        ("--root-cn", "a\u{1b}b", "root-cn-malformed"),
        ("--root-serial", "", "serial-missing"),
        ("--root-serial", "0x", "serial-not-hex"),
        ("--root-serial", "12g4", "serial-not-hex"),
        ("--root-serial", &long_serial, "serial-too-long"),
        ("--validity-days", "", "validity-missing"),
        ("--validity-days", "0", "validity-below-one"),
        ("--validity-days", "-1", "validity-below-one"),
        ("--validity-days", "1.5", "validity-not-whole"),
        ("--validity-days", "2147483648", "validity-too-large"),
        ("--validity-days", "2147483647", "validity-past-9999"),
        ("--csr-id", "", "csr-id-missing"),
        ("--csr-id", "abc", "csr-id-not-a-number"),
        ("--csr-id", "-5", "csr-id-not-a-number"),
        ("--csr-id", "99999999999999999999", "csr-id-too-large"),
    ];
    let (posts, connections) = (world.standin.sign_posts(), world.standin.connections());
    for (option, value, code) in cases {
        let output = program::csrdesk(Some(world.standin.token()), with(&world, option, value)).await;
        assert_eq!(problems(&output), [code], "{option} {value:?}");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains(option), "{option} {value:?} is named: {words}");
    }
    assert_eq!(
        (world.standin.sign_posts(), world.standin.connections()),
        (posts, connections),
        "nothing left"
    );
    assert_eq!(world.history().await.len(), 1, "nothing but the first signing is on record");
}

#[tokio::test]
async fn every_spelling_of_a_serial_number_is_taken() {
    let world = World::new().await;
    let hex = world.standin.roots()[0].serial_number.clone();
    assert_eq!(hex.len() % 2, 1, "odd length is normal: {hex}");
    let spelled: Vec<_> =
        format!("0{hex}").as_bytes().chunks(2).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    for spelling in
        [format!("0x{}", hex.to_uppercase()), spelled.join(":"), spelled.join(" "), format!("000{hex}")]
    {
        let mut arguments = with(&world, "--root-serial", &spelling);
        arguments.extend(["--again".to_owned(), "another spelling".to_owned()]);
        let output = program::csrdesk(Some(world.standin.token()), arguments).await;
        assert_eq!(output.status.code(), Some(0), "{spelling}: {output:?}");
    }
}

#[tokio::test]
async fn a_bad_token_is_named_and_a_good_one_is_read_from_standard_input() {
    let world = World::new().await;
    let mut arguments = vec!["sign".to_owned(), "--json".to_owned()];
    arguments.extend(world.target());
    arguments.extend(world.fields(301));
    for (token, code) in [("", "token-missing"), ("a\nb", "token-malformed"), ("a\u{7}", "token-malformed")] {
        let output = program::csrdesk(Some(token), &arguments).await;
        assert_eq!(problems(&output), [code], "{token:?}");
    }
    let long = "x".repeat(600);
    assert_eq!(problems(&program::csrdesk(Some(&long), &arguments).await), ["token-too-long"]);
    assert_eq!(problems(&program::csrdesk(None, &arguments).await), ["token-missing"]);
    assert_eq!(world.standin.connections(), 0);
    let input = format!("{}\n", world.standin.token());
    let output = program::csrdesk_with_input(input.as_bytes(), &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test]
async fn all_problems_are_named_at_once() {
    let output = program::csrdesk(None, ["sign", "--json", "--server", "http://x"]).await;
    let codes = problems(&output);
    let expected = [
        "url-not-https",
        "token-missing",
        "sign-type-missing",
        "root-cn-missing",
        "serial-missing",
        "validity-missing",
        "csr-id-missing",
    ];
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn help_has_examples_and_exit_codes() {
    let output = program::csrdesk(None, ["sign", "--help"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["Example", "PAM360_AUTHTOKEN", "Exit codes", "--validity-days"] {
        assert!(text.contains(part), "{part}");
    }
}

/// The value behind an option.
fn change(arguments: &mut [String], option: &str, change: impl FnOnce(&str) -> String) {
    let place = arguments.iter().position(|it| it == option).unwrap() + 1;
    arguments[place] = change(&arguments[place]);
}

#[tokio::test]
async fn pasted_values_are_read_as_they_are_meant_and_standard_error_says_so() {
    let world = World::new().await;
    let mut arguments = with(&world, "--again", "renewal");
    change(&mut arguments, "--root-serial", |it| format!("\u{200E}{it}"));
    change(&mut arguments, "--csr-id", |it| format!("{it}\u{FEFF}"));
    change(&mut arguments, "--server", |it| {
        format!("{}/api/pki/restapi/signCSR?AUTHTOKEN=PASTED", it.trim_start_matches("https://"))
    });
    change(&mut arguments, "--ca-file", |it| format!("\"{it}\""));
    let spellings = include_str!("../../crates/domain/tests/cases/16-intent-spellings.txt");
    let mut answers = Vec::new();
    for spelling in spellings.lines().chain(["{0BAF707D-FB13-49EB-95F9-4875F222E753}"]) {
        let mut arguments = arguments.clone();
        arguments.extend(["--intent".to_owned(), spelling.to_owned()]);
        let output = program::csrdesk(Some(world.standin.token()), arguments).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        for line in [
            "--root-serial: An invisible character (U+200E) was removed.",
            "--csr-id: An invisible character (U+FEFF) was removed.",
            "--server: https:// was added.",
            "--server: This URL contained an AUTHTOKEN.",
            "--ca-file: The quotation marks around it were removed.",
        ] {
            assert!(told.contains(line), "{told}");
        }
        assert!(!told.contains("PASTED"), "{told}");
        answers.push(serde_json::from_slice::<Value>(&output.stdout).unwrap());
    }
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn an_address_without_a_port_says_which_one_is_used() {
    let world = World::new().await;
    for (server, said) in [("https://pam.example.test", true), ("https://pam.example.test:8282", false)] {
        let mut arguments = with(&world, "--server", server);
        arguments[0] = "review".to_owned();
        let output = program::csrdesk(None, arguments).await;
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let remark = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            program::unwrapped(&remark).contains("--server: The address names no port, so port 443 is used."),
            said,
            "{remark}"
        );
    }
}

#[tokio::test]
async fn a_refused_value_shows_the_character_and_its_place() {
    let world = World::new().await;
    let output = program::csrdesk(Some("T"), with(&world, "--root-serial", "18o9")).await;
    assert_eq!(problems(&output), ["serial-not-hex"]);
    let told = program::unwrapped(&String::from_utf8(output.stderr).unwrap());
    assert!(told.contains("Character 3 is \"o\"."), "{told}");
}

#[tokio::test]
async fn a_note_leaves_the_ticket_as_it_is_and_a_ticket_the_note() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let data_dir = world.data_dir().display().to_string();
    let note = async |more: &[&str]| {
        let arguments = ["note", "1", "--data-dir", &data_dir].into_iter().chain(more.iter().copied());
        let output = program::csrdesk(None, arguments).await;
        let entry = world.history().await.remove(0);
        let text = |key: &str| entry[key].as_str().unwrap().to_owned();
        (output.status.code(), text("note"), text("ticket"))
    };
    let is = |code, note: &str, ticket: &str| (Some(code), note.to_owned(), ticket.to_owned());
    assert_eq!(note(&["--ticket", "OPS-12"]).await, is(0, "", "OPS-12"));
    assert_eq!(note(&["--note", "seen"]).await, is(0, "seen", "OPS-12"));
    assert_eq!(note(&["--ticket", "OPS-13"]).await, is(0, "seen", "OPS-13"));
    assert_eq!(note(&[]).await, is(2, "seen", "OPS-13"), "nothing to record");
    assert_eq!(note(&["--ticket", ""]).await, is(0, "seen", ""));
    assert_eq!(note(&["--note", "", "--ticket", "x"]).await, is(0, "", "x"));
}

#[tokio::test]
async fn every_problem_of_a_connection_is_named_and_no_option_that_the_command_does_not_have() {
    let world = World::new().await;
    let data_dir = world.data_dir().display().to_string();
    let run = async |arguments: &[&str]| {
        let arguments = arguments.iter().copied().chain(["--data-dir", &data_dir]);
        let output = program::csrdesk(None, arguments).await;
        (output.status.code(), program::unwrapped(&String::from_utf8_lossy(&output.stderr)))
    };
    let wrong = ["--environment", "x", "--http-version", "3", "--server", "http://x", "--timeout", "0"];
    let add = [&["connections", "add", "--proxy-user", "me"], &wrong[..]].concat();
    let (code, words) = run(&add).await;
    assert_eq!(code, Some(2), "{words}");
    for option in ["environment", "http-version", "server", "timeout", "proxy"] {
        assert_eq!(words.matches(&format!("--{option}: ")).count(), 1, "{option}: {words}");
    }
    for task in ["use", "remove", "duplicate", "change", "restore"] {
        let (code, words) = run(&["connections", task, "Nobody"]).await;
        assert_eq!(code, Some(2), "{words}");
        let expected = "There is no saved connection of this name.";
        assert!(words.starts_with(expected) && !words.contains("--connection"), "{task}: {words}");
    }
}

#[tokio::test]
async fn a_ca_that_cannot_be_compared_is_refused_for_the_reason() {
    let world = World::new().await;
    let data_dir = world.data_dir().display().to_string();
    let run = async |arguments: &[&str]| {
        let arguments = arguments.iter().copied().chain(["--data-dir", &data_dir]);
        let output = program::csrdesk(None, arguments).await;
        (output.status.code(), program::unwrapped(&String::from_utf8_lossy(&output.stderr)))
    };
    let ca_file = world.standin.ca_file().display().to_string();
    let fingerprint = "ab".repeat(32);
    for (name, server, code, words) in [
        ("Trusted", world.standin.url(), 2, "the server's certificate is trusted already"),
        ("Gone", "https://127.0.0.1:1", 5, "refused"),
    ] {
        let add = ["connections", "add", "--name", name, "--server", server, "--ca-file", &ca_file];
        assert_eq!(run(&add).await.0, Some(0));
        let trusted = run(&["trust-ca", "--connection", name, "--ca-fingerprint", &fingerprint]).await;
        assert!(trusted.0 == Some(code) && trusted.1.contains(words), "{name}: {trusted:?}");
    }
}

#[tokio::test]
async fn the_shown_request_has_no_hidden_character() {
    let world = World::new().await;
    let mut arguments = vec!["review".to_owned(), "--org".to_owned(), "Bank\u{202e}moc".to_owned()];
    arguments.extend(world.target());
    arguments.extend(world.fields(301));
    let issuer = arguments.iter().position(|it| it == "--root-cn").unwrap() + 1;
    arguments[issuer] = "Root\u{200b}\u{e000}".to_owned();
    let output = program::csrdesk(None, &arguments).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    // The command behind it is for copying: there the characters are what they are.
    let (shown, _) = text.split_once("To sign it:").unwrap();
    let (_, request) = shown.split_once("The exact request:").unwrap();
    assert!(request.contains("\norgname: Bank⟨U+202E⟩moc\n"), "{request}");
    assert!(request.contains("\"rootCertificateCommonName\": \"Root⟨U+200B⟩⟨U+E000⟩\""), "{request}");
    for hidden in ['\u{202e}', '\u{200b}', '\u{e000}', '\r'] {
        assert!(!shown.contains(hidden), "{hidden:?}: {shown:?}");
    }
}
