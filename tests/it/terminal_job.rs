//! The terminal as a person uses it: through a shell, each command as the README, the guide or the last command says it.

use std::process::Output;

use e2e::program;
use e2e::world::World;
use standin::Fault;

/// A shell that finds `csrdesk`, on a data folder of its own and with a folder in place of the system's keychain.
struct Shell<'a>(&'a World);

impl<'a> Shell<'a> {
    fn of(world: &'a World) -> Self {
        std::fs::create_dir_all(world.path("keychain")).unwrap();
        Self(world)
    }

    /// Runs a line to its end.
    async fn run(&self, line: &str, input: &str) -> Output {
        let mut shell = program::shell(line);
        shell.env("CSRDESK_DATA_DIR", self.0.data_dir());
        shell.env(program::KEYCHAIN, format!("folder:{}", self.0.path("keychain").display()));
        program::fed(shell, input.as_bytes()).await
    }

    /// The same for a line that has to succeed; gives what it printed, standard error last.
    async fn good(&self, line: &str, input: &str) -> String {
        let output = self.run(line, input).await;
        assert!(output.status.success(), "{line}: {}", both(&output));
        both(&output)
    }

    /// The options of a signing with the stand-in's first root.
    fn fields(&self, csr_id: u64) -> String {
        let fields: Vec<String> = self.0.fields(csr_id).iter().map(program::quoted).collect();
        fields.join(" ")
    }

    /// Makes a connection to the stand-in.
    async fn add(&self, more: &str) -> String {
        let (server, ca_file) = (self.0.standin.url(), program::quoted(self.0.standin.ca_file().display()));
        let line = format!("csrdesk connections add {more} --server {server} --ca-file {ca_file}");
        self.good(&line, "").await
    }
}

fn both(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// The command in a text that begins with some words: on a line of its own, or after a colon.
fn printed(text: &str, begin: &str) -> String {
    let line = text.lines().find_map(|it| it.find(begin).map(|at| &it[at..]));
    line.unwrap_or_else(|| panic!("{begin} is not printed: {text}")).trim().trim_end_matches('.').to_owned()
}

#[tokio::test]
async fn a_review_says_what_is_signed_and_names_the_earlier_entries() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name Prod --environment production").await;
    shell.good("csrdesk secret save token --connection Prod", world.standin.token()).await;
    let review = format!("csrdesk review --connection Prod {}", shell.fields(301));
    let before = shell.good(&review, "").await;
    let root = &world.standin.roots()[0];
    let summary = before.split("The exact request:").next().unwrap();
    for expected in [
        &format!("Server: {} (Prod, production)", world.standin.url()),
        "CSR id          301",
        &format!("issuer          {} (", root.common_name),
        "kind            not a CA",
        "validity        100 days, to about 20",
        "organization    the one of the token's user",
    ] {
        assert!(summary.contains(expected), "{expected}: {before}");
    }
    assert!(!before.contains("entry 1") && before.contains("POST /"), "{before}");
    let long = shell.good(&review.replace("--validity-days 100", "--validity-days 9999"), "").await;
    assert!(long.contains("validity        9,999 days, to about 20"), "{long}");
    let ca = shell.good(&format!("{review} --intermediate --org 'Blue & Co'"), "").await;
    assert!(ca.contains("organization    Blue & Co"), "{ca}");
    assert!(ca.contains("kind            intermediate CA") && ca.contains("--intermediate"), "{ca}");

    // The one that is used without a name is named in the command.
    let unnamed = shell.good(&format!("csrdesk review {}", shell.fields(301)), "").await;
    let sign = printed(&unnamed, "csrdesk sign --");
    assert_eq!(sign, printed(&before, "csrdesk sign --"));
    shell.good(&sign, "").await;
    let after = shell.good(&review, "").await;
    let serial = &world.standin.issued()[0].serial_hex;
    let earlier = program::unwrapped(&after);
    assert!(earlier.contains("entry 1: signed on 20") && earlier.contains(&root.common_name), "{after}");
    assert!(earlier.replace(':', "").to_lowercase().contains(&format!("serial number {serial}")), "{after}");
    shell.good(&printed(&after, "csrdesk sign --"), "").await;
    assert_eq!(world.standin.sign_posts(), 2);
}

#[tokio::test]
async fn a_decision_is_refused_for_another_server_and_the_connection_that_fits_is_named() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name Staging").await;
    shell.good("csrdesk connections add --name Prod --server https://prod.example:8282", "").await;
    shell.good("csrdesk secret save token --connection Staging", world.standin.token()).await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    let sign = format!("csrdesk sign --connection Staging {}", shell.fields(302));
    assert_eq!(shell.run(&sign, "").await.status.code(), Some(4));
    let decision = "--not-there --checked-in-console --reason 'looked there'";
    let elsewhere = ["--connection Prod", "--server https://prod.example:8282"];
    for named in elsewhere.map(|it| format!("{it} {decision}")).into_iter().chain([elsewhere[0].to_owned()]) {
        let refused = shell.run(&format!("csrdesk reconcile 1 {named}"), "TOKEN").await;
        let said = program::unwrapped(&both(&refused));
        assert_eq!(refused.status.code(), Some(5), "{said}");
        assert!(said.contains("belongs to a server that is not the connection's"), "{said}");
        assert!(
            said.ends_with("This entry is of Staging: csrdesk reconcile 1 --connection Staging"),
            "{said}"
        );
        assert_eq!(world.history().await[0]["outcome"], "unknown");
    }
    // A decision needs no server: what was used last is not asked.
    shell.good("csrdesk connections use Prod", "").await;
    let decided = shell.good(&format!("csrdesk reconcile 1 {decision}"), "").await;
    assert!(decided.contains(world.standin.url()), "{decided}");
    assert_eq!(world.history().await[0]["code"], "not-there");
}

#[tokio::test]
async fn a_test_says_first_what_it_comes_to_and_how_to_save_a_token() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name 'My own'").await;
    let test = "csrdesk test-connection --connection 'My own'";
    for (token, verdict) in
        [("", "Not ready to sign: no token is set"), ("WRONG", "Not ready to sign. PAM360 ")]
    {
        if !token.is_empty() {
            shell.good("csrdesk secret save token", token).await;
        }
        let tested = shell.run(test, "").await;
        assert_eq!(tested.status.code(), Some(5));
        let text = both(&tested);
        assert!(text.starts_with(verdict), "{text}");
        let save = printed(&text, "csrdesk secret save token");
        assert_eq!(save, "csrdesk secret save token --connection 'My own'");
        shell.good(&save, world.standin.token()).await;
        let tested = shell.good(test, "").await;
        assert!(tested.starts_with("Ready to sign.\n") && !tested.contains("secret save"), "{tested}");
        shell.good("csrdesk secret forget token", "").await;
    }
    // The next lines of a step begin under its text.
    let strange = shell.run("csrdesk test-connection --server https://no-such-host.invalid:8282", "").await;
    let text = both(&strange);
    let step = text.lines().skip_while(|it| !it.starts_with("FAILED")).skip(1);
    let continued: Vec<&str> = step.take_while(|it| !it.starts_with('-')).collect();
    assert!(!continued.is_empty() && continued.iter().all(|it| it.starts_with("        ")), "{text}");
    // The option in place of the page's field.
    let server = world.standin.url();
    let untrusted = shell.run(&format!("csrdesk test-connection --server {server}"), "").await;
    let said = program::unwrapped(&both(&untrusted));
    assert!(said.contains("name its file with --ca-file") && !said.contains("as the CA file"), "{said}");
}

#[tokio::test]
async fn advice_about_a_missing_token_names_the_connection_in_one_command() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name 'My own'").await;
    let fields = shell.fields(Fault::SignThen500.csr_id());
    let sign = format!("csrdesk sign --connection 'My own' {fields}");
    shell.run(&sign, world.standin.token()).await;
    for task in ["csrdesk reconcile 1", "csrdesk reconcile 1 --connection 'My own'"] {
        let said = both(&shell.run(task, "").await);
        let save = printed(&said, "csrdesk secret save token");
        assert_eq!(save, "csrdesk secret save token --connection 'My own'", "{said}");
        assert_eq!(said.matches("csrdesk secret save").count(), 1, "{said}");
        // Where nobody named the connection, a token that is set would be refused: that is said beforehand.
        let said = program::unwrapped(&said);
        assert_eq!(said.contains("Add --connection 'My own'."), !task.contains("--connection"), "{said}");
    }
    let token = world.standin.token();
    let named = format!("PAM360_AUTHTOKEN={token} csrdesk reconcile 1 --connection 'My own'");
    shell.good(&named, "").await;
    let tested = both(&shell.run("csrdesk test-connection", "").await);
    let save = printed(&tested, "csrdesk secret save token");
    assert_eq!(save, "csrdesk secret save token --connection 'My own'", "{tested}");
}

#[tokio::test]
async fn a_rejected_token_is_corrected_where_it_came_from() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name Prod").await;
    let sign = format!("csrdesk sign --connection Prod {}", shell.fields(301));
    for task in ["csrdesk test-connection --connection Prod", &sign] {
        for (line, input, advice) in [
            (
                format!("PAM360_AUTHTOKEN=WRONG {task}"),
                "",
                "environment variable PAM360_AUTHTOKEN: correct its value",
            ),
            (task.to_owned(), "WRONG", "came from standard input: write another one to it"),
        ] {
            let rejected = shell.run(&line, input).await;
            let said = program::unwrapped(&both(&rejected));
            assert!(!rejected.status.success() && said.contains(advice), "{line}: {said}");
            assert!(!said.contains("secret save"), "{line}: {said}");
        }
        shell.good("csrdesk secret save token --connection Prod", "WRONG").await;
        let rejected = shell.run(task, "").await;
        let said = both(&rejected);
        assert!(!rejected.status.success() && said.contains("came from the keychain"), "{said}");
        assert_eq!(printed(&said, "csrdesk secret save"), "csrdesk secret save token --connection Prod");
        shell.good("csrdesk secret forget token --connection Prod", "").await;
    }
    // Where a server is named in place of a connection, there is nothing to save a token for.
    let (server, ca_file) = (world.standin.url(), program::quoted(world.standin.ca_file().display()));
    let elsewhere = format!("csrdesk test-connection --server {server} --ca-file {ca_file}");
    let said = program::unwrapped(&both(&shell.run(&elsewhere, "").await));
    assert!(said.contains("Set PAM360_AUTHTOKEN, or write the token"), "{said}");
    assert!(!said.contains("secret save"), "{said}");
}

#[tokio::test]
async fn the_token_in_the_keychain_is_named_only_where_there_is_one() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name Prod").await;
    let test = "PAM360_AUTHTOKEN=WRONG csrdesk test-connection --connection Prod";
    let said = program::unwrapped(&both(&shell.run(test, "").await));
    assert!(said.contains("correct its value.") && !said.contains("Without the variable"), "{said}");
    shell.good("csrdesk secret save token --connection Prod", world.standin.token()).await;
    let said = program::unwrapped(&both(&shell.run(test, "").await));
    assert!(said.contains("Without the variable, the token in the keychain is used."), "{said}");
}

#[tokio::test]
async fn a_command_without_a_server_names_the_saved_connections() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    world.sign(Fault::SignThen500.csr_id(), &[]).await;
    let review = format!("csrdesk review {}", shell.fields(301));
    let tasks = [
        "csrdesk reconcile 1",
        "csrdesk test-connection",
        "csrdesk secret save token",
        "csrdesk secret forget token",
        "csrdesk trust-ca --ca-fingerprint AB",
        &review,
    ];
    for task in tasks {
        let none = program::unwrapped(&both(&shell.run(task, "").await));
        assert!(none.contains("No PAM360 server is set. Save a connection"), "{task}: {none}");
    }
    for name in ["'Staging 1'", "Prod", "Old"] {
        shell.add(&format!("--name {name}")).await;
    }
    shell.good("csrdesk connections use Old", "").await;
    shell.good("csrdesk connections remove Old", "").await;
    for task in tasks {
        let output = shell.run(task, "").await;
        let said = program::unwrapped(&both(&output));
        assert_eq!(output.status.code(), Some(5), "{task}: {said}");
        let named = "none of them is in use. Name one: --connection 'Staging 1' or --connection Prod.";
        assert!(said.contains(named), "{task}: {said}");
    }
    let json = both(&shell.run("csrdesk test-connection --json", "").await);
    assert!(json.contains("\"no-connection-in-use\"") && json.contains("--connection Prod"), "{json}");
}

#[tokio::test]
async fn a_token_from_outside_goes_only_to_a_server_that_is_named() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    // First, so that its key is a file: this signing has no keychain.
    assert_eq!(world.sign(Fault::SignThen500.csr_id(), &[]).await.status.code(), Some(4));
    shell.add("--name Prod").await;
    let token = world.standin.token();
    let requests = || world.standin.sign_posts();
    let before = requests();
    for task in ["csrdesk reconcile 1", "csrdesk test-connection"] {
        for (line, input) in [(format!("PAM360_AUTHTOKEN={token} {task}"), ""), (task.to_owned(), token)] {
            let refused = shell.run(&line, input).await;
            let said = both(&refused);
            assert_eq!(refused.status.code(), Some(2), "{line}: {said}");
            assert!(program::unwrapped(&said).contains("No server is named."), "{line}: {said}");
            let named = line.replace(task, &format!("{task} --connection Prod"));
            shell.good(&named, input).await;
        }
        let help = program::unwrapped(
            &shell.good(&task.replace(" 1", "").replace("csrdesk ", "csrdesk help "), "").await,
        );
        assert!(help.contains("standard input goes only to a server that is named"), "{help}");
    }
    let file = program::quoted(world.path("evidence.zip").display());
    let said = shell.good(&format!("PAM360_AUTHTOKEN={token} csrdesk evidence 1 {file}"), "").await;
    assert!(program::unwrapped(&said).contains("The token in PAM360_AUTHTOKEN was not used"), "{said}");
    let named = format!("csrdesk evidence 1 {file} --connection Prod");
    let said = program::unwrapped(&shell.good(&named, "").await);
    assert!(said.contains("No AUTHTOKEN is held") && said.contains("Write it again with a token"), "{said}");
    // PAM360 was asked, and has no such CSR.
    let said = program::unwrapped(&shell.good(&named, token).await);
    assert!(said.contains("PAM360 refused the request.") && !said.contains("with a token"), "{said}");
    // With the token that the keychain keeps for it, the connection used last is taken.
    shell.good("csrdesk secret save token", token).await;
    shell.good("csrdesk reconcile 1", "").await;
    shell.good("csrdesk test-connection", "").await;
    assert_eq!(requests(), before);
}

#[tokio::test]
async fn a_test_has_the_list_of_csrs_only_where_it_is_used() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    shell.add("--name Prod").await;
    let test = "csrdesk test-connection --connection Prod";
    let ready = shell.good(test, world.standin.token()).await;
    assert!(ready.starts_with("Ready to sign.\n") && ready.contains("ok      TLS handshake"), "{ready}");
    assert!(!ready.contains("not tested") && !ready.contains("List of CSRs"), "{ready}");
    shell.good("csrdesk connections change Prod --csr-list-operation getCSRs", "").await;
    let untested = both(&shell.run(test, "").await);
    assert!(untested.contains("-       List of CSRs    not tested"), "{untested}");
}

/// The command lines that the README tells for the terminal, on this stand-in.
fn of_readme(world: &World) -> Vec<String> {
    let readme = include_str!("../../README.md").replace("\\\n", " ");
    let lines = readme.lines().skip_while(|it| !it.starts_with("csrdesk connections add"));
    let lines = lines.take_while(|it| !it.starts_with("```"));
    let root = &world.standin.roots()[0];
    let here = |line: &str| {
        let line =
            line.split(" #").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        line.replace("https://pam360.example.com:8282", world.standin.url())
            .replace("ca.pem", &program::quoted(world.standin.ca_file().display()))
            .replace("evidence.zip", &program::quoted(world.path("evidence.zip").display()))
            .replace("testroot", &program::quoted(&root.common_name))
            .replace("1879376424c", &root.serial_number)
    };
    lines.map(here).collect()
}

#[tokio::test]
async fn the_main_job_goes_as_the_readme_and_the_printed_commands_say() {
    let world = World::new().await;
    let shell = Shell::of(&world);
    let readme = of_readme(&world);
    let [add, save, test, review, sign, rest @ ..] = &readme[..] else { panic!("{readme:?}") };
    shell.good(add, "").await;
    let not_ready = both(&shell.run(test, "").await);
    assert_eq!(&printed(&not_ready, "csrdesk secret save"), save);
    shell.good(save, world.standin.token()).await;
    assert!(shell.good(test, "").await.starts_with("Ready to sign."));
    let reviewed = shell.good(review, "").await;
    assert_eq!(&printed(&reviewed, "csrdesk sign --"), sign);
    assert_eq!(world.standin.sign_posts(), 0);
    assert!(shell.good(sign, "").await.starts_with("SIGNED"));
    let mut said = Vec::new();
    for line in rest.iter().take_while(|it| !it.starts_with("csrdesk history")) {
        said.push((line.split_whitespace().nth(1).unwrap(), shell.good(line, "").await));
    }
    assert_eq!(
        said.iter().map(|it| it.0).collect::<Vec<_>>(),
        ["entry", "evidence", "verify-evidence", "verify-journal"]
    );
    assert!(
        said[0].1.contains("SIGNED") && said[0].1.contains(&world.standin.issued()[0].serial_hex),
        "{said:?}"
    );
    assert!(said[2].1.contains("The evidence was not altered."), "{said:?}");

    // What was not answered: the printed search, then a printed decision.
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    let lost = shell.run(&sign.replace("303", "302"), "").await;
    assert_eq!(lost.status.code(), Some(4));
    let open = shell.good("csrdesk history --unsettled", "").await;
    let search = printed(&open, "csrdesk reconcile 2");
    assert_eq!(search, "csrdesk reconcile 2 --connection Rehearsal");
    assert_eq!(printed(&both(&lost), "csrdesk reconcile 2"), search);
    let found = shell.good(&search, "").await;
    let decision = printed(&found, "csrdesk reconcile 2 --not-there");
    shell.good(&decision.replace('…', "not in the list"), "").await;
    assert!(!shell.good("csrdesk history --unsettled", "").await.contains("reconcile"));
    let removed = shell.good("csrdesk connections remove Rehearsal", "").await;
    assert_eq!(printed(&removed, "csrdesk connections restore"), "csrdesk connections restore Rehearsal");
    let listed = shell.good("csrdesk connections", "").await;
    shell.good(&printed(&listed, "csrdesk connections restore"), "").await;
    assert!(shell.good(test, "").await.starts_with("Ready to sign."));
}
