//! Files and standard input as people's tools write them, at the terminal: what is read, and in which words it is refused.

use std::path::Path;
use std::process::Output;

use e2e::program;
use e2e::world::World;
use serde_json::Value;

fn arguments(world: &World, ca_file: Option<&Path>) -> Vec<String> {
    let mut arguments = vec!["sign".to_owned(), "--json".to_owned()];
    let mut target = world.target().into_iter();
    while let Some(argument) = target.next() {
        if argument == "--ca-file" {
            let own = target.next().unwrap();
            arguments.extend([argument, ca_file.map_or(own, |it| it.display().to_string())]);
        } else {
            arguments.push(argument);
        }
    }
    arguments
}

/// Both streams, without the line breaks of prose.
fn words(output: &Output) -> String {
    program::unwrapped(&[&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat())
}

fn utf_16(text: &str) -> Vec<u8> {
    "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn a_ca_file_in_any_form_leads_to_a_signing() {
    let world = World::new().await;
    let pem = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let openssl = |arguments: &[&str]| {
        let mut command = std::process::Command::new("openssl");
        command.args(arguments).arg("-out").arg(world.path("made")).current_dir(world.path("."));
        assert!(command.status().unwrap().success(), "{arguments:?}");
        std::fs::read(world.path("made")).unwrap()
    };
    std::fs::write(world.path("ca.pem"), &pem).unwrap();
    let forms = [
        ("mark", ["\u{FEFF}", &pem].concat().into_bytes()),
        ("utf-16", utf_16(&pem.replace('\n', "\r\n"))),
        ("der", openssl(&["x509", "-in", "ca.pem", "-outform", "der"])),
        ("trusted", openssl(&["x509", "-in", "ca.pem", "-trustout", "-addtrust", "serverAuth"])),
        ("pkcs7", openssl(&["crl2pkcs7", "-nocrl", "-certfile", "ca.pem", "-outform", "der"])),
    ];
    for (name, content) in forms {
        let file = world.path(name);
        std::fs::write(&file, content).unwrap();
        let mut arguments = arguments(&world, Some(&file));
        arguments.extend(world.fields(301));
        arguments.extend(["--again".to_owned(), "another form".to_owned()]);
        let output = program::csrdesk(Some(world.standin.token()), arguments).await;
        assert_eq!(output.status.code(), Some(0), "{name}: {}", words(&output));
    }
    assert_eq!(world.standin.sign_posts(), 5);
}

#[tokio::test]
async fn the_member_of_a_ca_file_that_cannot_be_used_is_named_wherever_the_file_is_read() {
    let world = World::new().await;
    let ca = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    world.sign(301, &[]).await;
    let leaf = world.standin.issued()[0].pem.clone();
    let file = world.path("ca.pem");
    let said = |output: &Output| {
        let words = words(output);
        assert!(
            words.contains("Certificate 2 of 2 in the file (") && words.contains("CN=shop.example.test"),
            "{words}"
        );
        assert!(words.contains("is not a CA"), "{words}");
    };
    std::fs::write(&file, ca.clone() + &leaf).unwrap();
    let mut sign = arguments(&world, Some(&file));
    sign.extend(world.fields(302));
    let output = program::csrdesk(Some(world.standin.token()), &sign).await;
    said(&output);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["message"].as_str().unwrap().contains("Certificate 2 of 2"), "{answer}");
    "review".clone_into(&mut sign[0]);
    said(&program::csrdesk(None, &sign).await);

    let data_dir = world.data_dir().display().to_string();
    let ca_file = file.display().to_string();
    let add =
        ["connections", "add", "--name", "Test", "--server", world.standin.url(), "--ca-file", &ca_file];
    let add = add.into_iter().chain(["--data-dir", &data_dir]);
    said(&program::csrdesk(None, add.clone()).await);
    // Sound when it was chosen, and replaced since.
    std::fs::write(&file, &ca).unwrap();
    assert_eq!(program::csrdesk(None, add).await.status.code(), Some(0));
    std::fs::write(&file, ca + &leaf).unwrap();
    let of = ["--connection", "Test", "--data-dir", &data_dir];
    said(&program::csrdesk(None, ["test-connection"].into_iter().chain(of)).await);
    let mut sign: Vec<String> = ["sign"].into_iter().chain(of).map(ToOwned::to_owned).collect();
    sign.extend(world.fields(302));
    let output = program::csrdesk_with_input(world.standin.token().as_bytes(), sign).await;
    said(&output);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_computer_without_a_list_of_cas_is_told_as_that() {
    let world = World::new().await;
    std::fs::write(world.path("empty"), "").unwrap();
    let data_dir = world.data_dir().display().to_string();
    let run = async |variables: [(&str, String); 2], arguments: &[&str], token: Option<&str>| {
        let mut command = program::terminal(token);
        command.args(arguments).args(["--data-dir", &data_dir]).envs(variables);
        program::fed(command, b"").await
    };
    let at = |name: &str| world.path(name).display().to_string();
    let nowhere = || ("SSL_CERT_DIR", at("no-folder"));
    for (variable, says) in [
        (at("empty"), "which holds no CA certificate"),
        (at("missing"), "which does not exist"),
        (at("."), "which cannot be read"),
    ] {
        let variables = [("SSL_CERT_FILE", variable), nowhere()];
        let test = ["test-connection", "--server", world.standin.url()];
        let output = run(variables.clone(), &test, None).await;
        let said = words(&output);
        assert_eq!(output.status.code(), Some(5), "{said}");
        assert!(said.contains("This computer has no list of trusted CAs.") && said.contains(says), "{said}");
        assert!(said.contains("ca-certificates") && said.contains("system-cas-missing"), "{said}");
        assert!(!said.contains("The CA file"), "{said}");

        let mut sign = vec!["sign", "--json", "--server", world.standin.url()];
        let fields = world.fields(301);
        sign.extend(fields.iter().map(String::as_str));
        let output = run(variables, &sign, Some(world.standin.token())).await;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&answer["outcome"], &answer["code"]), (&"not_sent".into(), &"system-cas-missing".into()));
        assert_eq!(output.status.code(), Some(5), "{answer}");
    }
    // Beside a CA file the list is not needed; that it is empty is said.
    let variables = || [("SSL_CERT_FILE", at("empty")), nowhere()];
    let ca_file = world.standin.ca_file().display().to_string();
    let server = world.standin.url();
    let add = [
        "connections",
        "add",
        "--name",
        "T",
        "--server",
        server,
        "--ca-file",
        &ca_file,
        "--system-too",
        "yes",
    ];
    assert_eq!(run(variables(), &add, None).await.status.code(), Some(0));
    let token = Some(world.standin.token());
    let output = run(variables(), &["test-connection", "--connection", "T"], token).await;
    let said = words(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("This computer has no list of trusted CAs."), "{said}");
    // The file that the variable names may be in any form, too.
    let pem = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    std::fs::write(world.path("list"), utf_16(&pem)).unwrap();
    let variables = [("SSL_CERT_FILE", at("list")), nowhere()];
    let output = run(variables, &["test-connection", "--server", server], token).await;
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn a_token_is_read_as_powershell_writes_it_and_an_odd_character_is_shown_with_its_place() {
    let world = World::new().await;
    let token = world.standin.token().to_owned();
    let inputs = [
        ["\u{FEFF}", &token, "\r\n"].concat().into_bytes(),
        utf_16(&[&token, "\r\n"].concat()),
        [utf_16(&token), vec![b'\n']].concat(),
        [&token, "\r"].concat().into_bytes(),
    ];
    for input in inputs {
        let mut arguments = arguments(&world, None);
        arguments.extend(world.fields(301));
        arguments.extend(["--again".to_owned(), "another input".to_owned()]);
        let output = program::csrdesk_with_input(&input, arguments).await;
        assert_eq!(output.status.code(), Some(0), "{input:?}: {}", words(&output));
    }
    let mut arguments = arguments(&world, None);
    arguments.extend(world.fields(301));
    arguments.extend(["--again".to_owned(), "from the environment".to_owned()]);
    let marked = ["\u{FEFF}", &token].concat();
    let output = program::csrdesk(Some(&marked), &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    // What is around it is removed and said, wherever the token comes from, and no part of it is shown.
    for (typed, remark) in [
        ([&token, "\u{200B}"].concat(), "U+200B"),
        ([&token, "\u{A0}"].concat(), "U+00A0"),
        (["AUTHTOKEN: ", &token].concat(), "The label in front of it"),
        (["\"", &token, "\""].concat(), "quotation marks"),
        ([&token, "\n\n"].concat(), ""),
    ] {
        for from_environment in [true, false] {
            let output = match from_environment {
                true => program::csrdesk(Some(&typed), &arguments).await,
                false => program::csrdesk_with_input(typed.as_bytes(), &arguments).await,
            };
            let said = words(&output);
            assert_eq!(output.status.code(), Some(0), "{typed:?}: {said}");
            assert!(said.contains(remark) && !said.contains(&token[..8]), "{said}");
        }
    }
    let connections = world.standin.connections();
    for odd in [token.replacen('-', "\n", 1), [&token, "\u{7}"].concat(), token.replacen('-', " ", 1)] {
        for from_environment in [true, false] {
            let output = match from_environment {
                true => program::csrdesk(Some(&odd), &arguments).await,
                false => program::csrdesk_with_input(odd.as_bytes(), &arguments).await,
            };
            let said = words(&output);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("token-malformed") && said.contains("Character "), "{said}");
            assert!(!said.contains(&token) && !said.contains(&token[..8]), "{said}");
        }
    }
    assert_eq!(world.standin.connections(), connections);
}

#[tokio::test]
async fn a_file_of_connections_is_read_in_any_encoding_and_its_cas_are_looked_at() {
    let world = World::new().await;
    let data_dir = world.data_dir().display().to_string();
    let file = world.path("connections.json");
    let import = || {
        ["connections", "import", &*file.to_string_lossy(), "--data-dir", &data_dir].map(ToOwned::to_owned)
    };
    let connection = |name: &str, ca: &str| {
        let ca = serde_json::json!({ "pem": { "name": "ca.pem", "text": ca } });
        serde_json::json!({ "name": name, "server": "https://pam.example.test", "ca": ca })
    };
    let pem = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let connections = [connection("Grüne Wolke", &pem), connection("Bad", &pem.replacen("MI", "M*", 1))];
    let text =
        serde_json::json!({ "format": "csr-desk-connections", "version": 1, "connections": connections });
    std::fs::write(&file, utf_16(&text.to_string())).unwrap();
    let output = program::csrdesk(None, import()).await;
    let said = words(&output);
    assert!(said.contains("added Grüne Wolke"), "{said}");
    assert!(said.contains("refused Bad: CA file: A certificate in the CA file cannot be read."), "{said}");
    assert!(said.contains("line 2 has the character “*”"), "{said}");
}
