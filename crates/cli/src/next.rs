//! The commands that a task prints for its reader to run next.
//!
//! Owns that each is accepted as it is printed, once the words in capitals and the reason in `"…"` are replaced. Refuses to
//! own rules: which decision the history accepts is the desk's.

use desk::Desk;
use desk::commands::look_for::{Evidence, Response};
use desk::commands::{Shown, connections};
use domain::{BaseUrl, Entry, SerialNumber, ServerTrust, visible};

use crate::layout;

/// The options of `csrdesk reconcile` with which it searches on an entry's server, each with a space in front: a saved
/// connection of that server, else the server itself. Always one of them: a token from the environment goes only to a server
/// that is named.
pub(crate) async fn server_of(desk: &Desk, entry: &Entry, folder: &str) -> String {
    let server = BaseUrl::canonical(&entry.server);
    let target = match saved_for(desk, entry).await {
        Some(name) => format!("--connection {}", layout::quoted(&name)),
        None => format!("--server {}{}", layout::quoted(&server), trust(entry)),
    };
    format!(" {target}{folder}")
}

/// Which connection or server an entry belongs to, and the command that searches there.
pub(crate) async fn fitting(desk: &Desk, entry: &Entry, folder: &str) -> String {
    let of = match saved_for(desk, entry).await {
        Some(name) => visible(&name),
        None => visible(&entry.server),
    };
    let (number, target) = (entry.entry, server_of(desk, entry, folder).await);
    format!("This entry is of {of}: csrdesk reconcile {number}{target}")
}

fn is_to(shown: &Shown, entry: &Entry) -> bool {
    shown.connection.server.to_string() == BaseUrl::canonical(&entry.server)
}

/// The name of a saved connection to an entry's server.
async fn saved_for(desk: &Desk, entry: &Entry) -> Option<String> {
    // Two connections can lead to one server: the one in use is the likelier one.
    if let Some(used) = desk.in_use().filter(|it| it.saved && is_to(it, entry)) {
        return Some(used.connection.name);
    }
    let all = desk.connections(connections::Request {}).await.map(|it| it.connections).unwrap_or_default();
    all.into_iter().find(|it| it.saved && is_to(it, entry)).map(|it| it.connection.name)
}

/// What verified the server when it answered, as an option with a word to replace: the history has neither file nor
/// certificate.
fn trust(entry: &Entry) -> &'static str {
    match entry.ending.seen.verified_by {
        Some(ServerTrust::CaFile | ServerTrust::CaFileAndSystemCas) => " --ca-file FILE",
        Some(ServerTrust::ExactCertificate) => " --exact-certificate SHA256",
        Some(ServerTrust::SystemCas) | None => "",
    }
}

/// The commands that record a decision after a search, each with a sentence about when it is the right one. The desk refuses
/// the certificate of another entry, and "not there" beside a proven certificate; beside a possible one it wants a look in
/// PAM360's console.
pub(crate) fn decisions(entry: u64, folder: &str, found: &Response) -> Vec<(&'static str, String)> {
    let command = |decision: &str| format!("csrdesk reconcile {entry}{folder} {decision} --reason \"…\"");
    let of_another = |it: &Evidence| matches!(it, Evidence::OnRecord { .. });
    let proven = found.proven().and_then(|it| found.candidates.get(it));
    let proven = proven.and_then(|it| it.certificate.serial_number.as_deref());
    let proven = proven.and_then(|it| SerialNumber::parse(it).ok());
    let any_proven =
        found.candidates.iter().any(|it| it.standing == desk::commands::look_for::Standing::Proof);
    let mut commands = Vec::new();
    if found.candidates.iter().any(|it| !it.evidence.iter().any(of_another)) {
        let serial = proven.map_or_else(|| "SERIAL".to_owned(), |it| it.hex().to_owned());
        commands.push(("If one of these certificates is the one:", command(&format!("--it-is {serial}"))));
    } else {
        let decision = command("--it-is SERIAL --checked-in-console");
        commands.push(("If you saw the certificate in PAM360's console:", decision));
    }
    if any_proven {
        return commands;
    }
    if found.possible() > 0 {
        let decision = command("--not-there --checked-in-console");
        commands.push(("If you looked in PAM360's console and no certificate was issued:", decision));
    } else {
        commands.push(("If no certificate was issued:", command("--not-there")));
    }
    commands
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};
    use desk::commands::look_for::{Candidate, Standing};
    use domain::{Certificate, ErrorCode};

    use super::*;
    use crate::args::Arguments;

    fn candidate(standing: Standing, evidence: &[Evidence]) -> Candidate {
        Candidate {
            certificate: Certificate { serial_number: Some("0A:0B".to_owned()), ..Default::default() },
            names: Vec::new(),
            issuer: None,
            not_before: None,
            seconds_after_sending: None,
            not_after: None,
            evidence: evidence.to_vec(),
            standing,
            is_ca: None,
            may_belong_to: Vec::new(),
            not_compared_with: Vec::new(),
        }
    }

    fn offered(candidates: &[Candidate]) -> Vec<String> {
        let found = Response {
            candidates: candidates.to_vec(),
            listed: 9,
            ruled_out: 0,
            other_key: 0,
            self_signed: 0,
            not_examined: 0,
            key_unknown: None,
            asked_names: Vec::new(),
        };
        decisions(7, " --data-dir d", &found).into_iter().map(|(_, command)| command).collect()
    }

    #[test]
    fn only_decisions_that_the_history_accepts_are_offered() {
        let possible = candidate(Standing::Possible, &[Evidence::KeyNotCompared]);
        let proven = candidate(Standing::Proof, &[Evidence::SameKey]);
        let contradicted = candidate(Standing::Possible, &[Evidence::IssuerDiffers]);
        let of_another = candidate(Standing::Possible, &[Evidence::OnRecord { entry: 2 }]);
        let command = |it: &str| format!("csrdesk reconcile 7 --data-dir d {it} --reason \"…\"");
        let cases = [
            (vec![], vec!["--it-is SERIAL --checked-in-console", "--not-there"]),
            (vec![possible.clone()], vec!["--it-is SERIAL", "--not-there --checked-in-console"]),
            (vec![contradicted], vec!["--it-is SERIAL", "--not-there"]),
            (vec![of_another], vec!["--it-is SERIAL --checked-in-console", "--not-there"]),
            (vec![proven.clone(), possible], vec!["--it-is a0b"]),
            (vec![proven.clone(), proven], vec!["--it-is SERIAL"]),
        ];
        for (candidates, expected) in cases {
            let expected: Vec<String> = expected.into_iter().map(command).collect();
            assert_eq!(offered(&candidates), expected);
        }
    }

    /// The commands to copy in a text: a line that begins with one, or what a colon announces up to the end of its sentence.
    fn commands(text: &str) -> Vec<String> {
        let text = text.replace(" \\\n", " ").replace("Usage: ", "");
        let lines = text.lines().map(str::trim_start).filter(|it| it.starts_with("csrdesk "));
        let lines = lines.filter(|it| !it.contains(['[', '<']) || it.contains(" < "));
        let announced = text
            .split(": csrdesk ")
            .skip(1)
            .filter_map(|it| it.split(". ").next()?.split(", or ").next()?.lines().next());
        let announced = announced.map(|it| format!("csrdesk {}", it.trim_end_matches('.')));
        lines.map(str::to_owned).chain(announced).collect()
    }

    fn all_help(command: &mut clap::Command) -> String {
        let own = command.render_long_help().to_string();
        command.get_subcommands_mut().fold(own, |text, it| text + "\n" + &all_help(it))
    }

    #[test]
    fn every_command_that_a_message_or_a_help_names_is_accepted() {
        let mut texts = vec![all_help(&mut Arguments::command())];
        texts.extend(ErrorCode::ALL.iter().flat_map(|it| [it.what(), it.next()]).map(str::to_owned));
        let all: Vec<_> = texts.iter().flat_map(|it| commands(it)).collect();
        assert!(all.len() > 15, "{all:?}");
        for command in all {
            // A file where the shell takes one, and a number in the place of its word.
            let command = command.split(['<', '|']).next().unwrap_or_default().to_owned();
            let words = shlex::split(&command.replace(" ENTRY", " 7").replace(" NUMBER", " 7"))
                .expect("a shell reads it");
            let parsed = Arguments::try_parse_from(words);
            assert!(
                parsed.is_ok(),
                "{command}: {}",
                parsed.err().map(|it| it.to_string()).unwrap_or_default()
            );
        }
    }
}
