//! The tasks about the record beside `history`: `entry`, `note`, `reconcile`, `verify-journal`, `export-journal`, `evidence`,
//! `verify-evidence`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use desk::commands::{acknowledge, annotate, decide, entry as one_entry, export, look_for};
use desk::{AsAsked, Desk, Exported, Failure, KeyKnown, StartOptions, row};
use domain::{
    BaseUrl, Basis, Certificate, ErrorCode, Finding, Fingerprint, OpenFinding, SerialNumber, Verdict,
    WhyOpen, visible,
};
use serde_json::json;

use crate::layout::counted;
use crate::{args, asked, entry, next, out, token};

/// A desk on a data folder alone: reading the record needs no server.
pub(crate) async fn desk_on(data_dir: Option<PathBuf>) -> Result<Desk, Failure> {
    let desk = Desk::start(StartOptions { data_dir, ..StartOptions::default() }).await?;
    // What opening the record finds is said whatever the task is about.
    desk.open_record().await?;
    desk.journal_notes().iter().for_each(|it| out::note(out::of_this_run(it)));
    note_findings(&desk).await;
    Ok(desk)
}

/// Says what blocks signing, on standard error, and how it is acknowledged. A history that cannot be read is for the task to
/// report.
pub(crate) async fn note_findings(desk: &Desk) {
    let findings = desk.findings().await.unwrap_or_default();
    for finding in &findings {
        out::note(format_args!("Signing is blocked. {}", finding.says()));
    }
    if !findings.is_empty() {
        out::note(out::next(ErrorCode::HistoryIncomplete));
    }
}

/// Says what a person acknowledged and what still holds: that earlier signings may be missing. For the tasks from which
/// somebody concludes that a CSR was not signed before.
pub(crate) async fn note_acknowledged(desk: &Desk) {
    let findings = desk.all_findings().await.unwrap_or_default();
    findings.iter().filter_map(Finding::reminder).for_each(out::note);
}

/// Prints what a task has to say, or why it has nothing.
pub(crate) fn told(result: Result<ExitCode, Failure>, json: bool) -> ExitCode {
    result.unwrap_or_else(|failure| {
        out::failure(&failure, json);
        // The record's own failures are no outcome of a signing.
        match failure.code.class() {
            _ if matches!(failure.code, ErrorCode::RecordLocked | ErrorCode::RecordReadOnly) => {
                ExitCode::from(5)
            }
            domain::Class::Invalid => ExitCode::from(2),
            domain::Class::NotSent => ExitCode::from(5),
            _ => ExitCode::from(1),
        }
    })
}

pub(crate) async fn entry(task: args::OneEntry) -> ExitCode {
    let json = task.json;
    told(
        async {
            let folder = args::in_folder(task.data_dir.as_deref());
            let desk = desk_on(task.data_dir).await?;
            let response = desk.entry(one_entry::Request { entry: task.entry }).await?;
            if json {
                out::json(&json!({ "entry": row(&response.entry), "events": response.events }));
            } else {
                entry::print(&response.entry, Some(&next::server_of(&desk, &response.entry, &folder).await));
                entry::print_history(&response);
                for event in &response.events {
                    let (seq, at) = (event.seq, event.at.date_time());
                    out::line(format_args!("  #{seq:<6} {at}  {:<18} {}", visible(&event.kind), event.hash));
                    if !event.origin.is_unknown() {
                        out::line(format_args!("          {}", event.origin.says()));
                    }
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        .await,
        json,
    )
}

pub(crate) async fn note(task: args::Note) -> ExitCode {
    told(
        async {
            let folder = args::in_folder(task.data_dir.as_deref());
            let desk = desk_on(task.data_dir).await?;
            let entry = task.entry;
            // Both are recorded together, so what is not given is recorded as it is.
            let (note, ticket, seen) = match (task.note, task.ticket) {
                (Some(note), Some(ticket)) => (note, ticket, None),
                (note, ticket) => {
                    let known = desk.entry(one_entry::Request { entry }).await?.entry;
                    // Should it change meanwhile, the other text is not replaced.
                    let seen = annotate::Seen { note: known.note.clone(), ticket: known.ticket.clone() };
                    (note.unwrap_or(known.note), ticket.unwrap_or(known.ticket), Some(seen))
                }
            };
            let response =
                desk.annotate(annotate::Request { entry, note, ticket, seen, intent: None }).await?;
            out::result(format_args!("The note of entry {entry} was saved."));
            entry::print(&response.entry, Some(&next::server_of(&desk, &response.entry, &folder).await));
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) async fn reconcile(task: args::Reconcile) -> ExitCode {
    let json = task.json;
    let mut fits = None;
    let exit = told(reconciled(task, &mut fits).await, json);
    fits.iter().for_each(out::note);
    exit
}

/// Searches, or records a decision. When another server was named than the entry's, `fits` gets the command that fits.
async fn reconciled(task: args::Reconcile, fits: &mut Option<String>) -> Result<ExitCode, Failure> {
    let args::Reconcile { target, entry, it_is, not_there, checked_in_console, reason, json } = task;
    let verdict = match (it_is, not_there) {
        (Some(serial), _) => Some(Verdict::ItIsThisOne { certificate: named(&serial) }),
        (None, true) => Some(Verdict::NotThere),
        (None, false) => None,
    };
    out::remarks(&target.remarks());
    let Some(verdict) = verdict else { return look(target, entry, json, fits).await };
    let (folder, named_a_server) = (target.repeated_folder(), target.names_a_server());
    let desk = Desk::start(target.options(None)).await?;
    let known = desk.entry(one_entry::Request { entry }).await?.entry;
    let used = desk.in_use().map(|it| it.connection.server.to_string());
    // A decision needs no server. One that is named says which entry is meant: another one is a slip in its number.
    if named_a_server && used.is_some_and(|it| it != BaseUrl::canonical(&known.server)) {
        *fits = Some(next::fitting(&desk, &known, &folder).await);
        return Err(Failure::because(ErrorCode::OtherServer, &known.server));
    }
    let reason = reason.unwrap_or_default();
    let basis = if checked_in_console { Basis::Console } else { Basis::Search };
    let decided =
        desk.decide(decide::Request { entry, verdict, reason, basis, seen: None, intent: None }).await?;
    out::result(format_args!("The decision about entry {entry} was recorded."));
    if json {
        out::json(&row(&decided.entry));
    } else {
        entry::print(&decided.entry, Some(&next::server_of(&desk, &decided.entry, &folder).await));
    }
    Ok(ExitCode::SUCCESS)
}

fn named(serial: &SerialNumber) -> Certificate {
    Certificate { serial_number: Some(serial.hex().to_owned()), ..Certificate::default() }
}

async fn look(
    target: args::Target,
    entry: u64,
    json: bool,
    fits: &mut Option<String>,
) -> Result<ExitCode, Failure> {
    let folder = target.repeated_folder();
    let (next, named) = (target.next(), target.names_a_server());
    let started = token::desk_with_token(target).await;
    let source = started.source;
    let desk = started.for_a_named_server(named)?;
    let options = next.of_used(&desk).options;
    asked::require_server(&desk).await?;
    let found = desk.look_for(look_for::Request { entry, intent: None }).await;
    if let Err(Failure { code: ErrorCode::OtherServer, .. }) = &found {
        let known = desk.entry(one_entry::Request { entry }).await?.entry;
        *fits = Some(next::fitting(&desk, &known, &folder).await);
    }
    if let Err(Failure { code, .. }) = &found
        && token::is_about_token(*code)
    {
        *fits = match source {
            // The code's own advice names every way to give one.
            token::Source::Nowhere if named => None,
            token::Source::Nowhere => Some(out::of_this_run(token::NAME_THE_SERVER)),
            _ => {
                let (words, command) = source.cure(options.as_deref());
                Some([words.as_str(), command.as_deref().unwrap_or_default()].join(" ").trim().to_owned())
            }
        };
    }
    let found = found?;
    if json {
        out::json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let known = desk.entry(one_entry::Request { entry }).await?.entry;
    if let Some(decision) = &known.decision {
        let (verdict, day) = (decision.verdict.words(), decision.at.date());
        out::line(format_args!(
            "Entry {entry} is resolved: {verdict}, on {day}. Another decision corrects it."
        ));
        if found.contradicts(&decision.verdict) {
            out::line("THIS SEARCH CONTRADICTS THAT DECISION.");
        }
    }
    out::line(found.count_words());
    if let Some(code) = found.key_unknown {
        out::line(format_args!(
            "The CSR could not be fetched ({code}), so neither keys nor names were compared."
        ));
    } else if !found.asked_names.is_empty() {
        out::line(format_args!("The CSR asks for {}.", visible(&found.asked_names.join(", "))));
    }
    entry::print_candidates(&found, "  ");
    out::line("\nRecord what you found out.");
    for (when, command) in next::decisions(entry, &folder, &found) {
        out::line(when);
        out::exact(format_args!("  {command}"));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn verify_journal(task: args::VerifyJournal) -> ExitCode {
    let json = task.json;
    told(
        async {
            let mut rebuilt = None;
            let key = task.key.as_deref().map(public_key).transpose()?;
            let accepted = task.accept_key.as_deref().map(public_key).transpose()?;
            let response = match task.file {
                Some(path) => desk::check_exported_journal(&path, key)?,
                None => {
                    let options = StartOptions { data_dir: task.data_dir, ..StartOptions::default() };
                    let desk = Desk::start(options).await?;
                    if task.acknowledge || accepted.is_some() {
                        acknowledge(&desk, accepted, task.reason.unwrap_or_default()).await?;
                    }
                    if task.rebuild {
                        let entries = desk.rebuild_list().await?;
                        out::result(format_args!(
                            "The list of {entries} entries was made from the events again."
                        ));
                        rebuilt = Some(entries);
                    }
                    // Not through an opened record: a check must change nothing.
                    desk.verify_journal_with(key).await?
                }
            };
            let holds = response.holds;
            if json {
                let mut answer = serde_json::to_value(&response).unwrap_or_default();
                if let (Some(entries), Some(answer)) = (rebuilt, answer.as_object_mut()) {
                    answer.insert("rebuilt".to_owned(), json!(entries));
                }
                out::json(&answer);
            } else {
                if let Some(entries) = rebuilt {
                    let entries = counted(entries, "entry", "entries");
                    out::line(format_args!("The list was made from the events again: {entries}."));
                }
                response.says.iter().for_each(|it| out::line(out::of_this_run(it)));
            }
            Ok(ExitCode::from(u8::from(!holds)))
        }
        .await,
        json,
    )
}

fn public_key(text: &str) -> Result<Fingerprint, Failure> {
    Fingerprint::parse(text).map_err(|_| Failure::because(ErrorCode::PublicKeyMalformed, visible(text)))
}

/// Acknowledges what blocks signing, and says what that was.
async fn acknowledge(desk: &Desk, accepted: Option<Fingerprint>, reason: String) -> Result<(), Failure> {
    let findings = desk.findings().await?;
    if findings.is_empty() {
        out::note("Nothing blocks signing: there is nothing to acknowledge.");
        return Ok(());
    }
    if let Some(key) = accepted {
        let is_it = |it: &OpenFinding| matches!(&it.why, WhyOpen::KeyReplaced { public_key } if *public_key == key.hex());
        if let Some(other) = findings.iter().find(|it| !is_it(it)) {
            return Err(Failure::because(ErrorCode::OtherFindings, other.says()));
        }
    }
    for finding in &findings {
        out::note(format_args!("Acknowledged. {}", finding.says()));
    }
    let seen = findings.iter().map(|it| it.seq).collect();
    desk.acknowledge(acknowledge::Request { seen, reason }).await?;
    let done = "The findings are acknowledged: signing can go on.";
    out::result(done);
    out::note(done);
    Ok(())
}

pub(crate) async fn export_journal(task: args::ExportJournal) -> ExitCode {
    told(
        async {
            let desk = desk_on(task.data_dir).await?;
            let (to, name) = out::destination(task.file);
            let written = desk.export_to(export::Request::Journal, to).await;
            if let Some(Exported { count, .. }) = out::exported(written)? {
                out::note(format_args!("{} written to {name}", counted(count, "event", "events")));
            }
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) async fn evidence(task: args::Evidence) -> ExitCode {
    told(
        async {
            let folder = task.target.repeated_folder();
            // With a token the certificate and the CSR are fetched too; without one they are left out.
            let desk = if task.target.names_a_server() {
                token::desk_with_token(task.target).await.with_token_if_any()?
            } else {
                // Standard input is left alone: what it has would go nowhere.
                let token = token::from_environment().filter(|it| !it.is_empty());
                Desk::start(task.target.options_where_named(token)).await?
            };
            if out::is_standard_output(&task.file) && std::io::stdout().is_terminal() {
                let why = "standard output is a terminal, and evidence is a ZIP file";
                return Err(Failure::because(ErrorCode::ExportFailed, why));
            }
            let (to, name) = out::destination(task.file);
            let written =
                desk.export_to(export::Request::Evidence { entry: task.entry, intent: None }, to).await;
            if let Some(Exported { count, lacks }) = out::exported(written)? {
                let events = counted(count, "event", "events");
                out::note(format_args!("Evidence of entry {} written to {name}: {events}", task.entry));
                if let Some(lacks) = &lacks {
                    out::note(lacks.says());
                }
                if lacks.is_some_and(|it| it.takes_a_token()) {
                    let known = desk.entry(one_entry::Request { entry: task.entry }).await?.entry;
                    let target = next::server_of(&desk, &known, &folder).await;
                    let again = "Write it again with a token for the server of this entry: csrdesk evidence";
                    out::note(format_args!("{again} {} FILE{target}", task.entry));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) fn verify_evidence(task: &args::VerifyEvidence) -> ExitCode {
    let key = task.key.as_deref().map(public_key).transpose();
    let checked = key.and_then(|key| Ok((desk::check_evidence_at(&task.file)?, key)));
    let (check, key) = match checked {
        Ok(checked) => checked,
        Err(failure) => return told(Err(failure), task.json),
    };
    let known = key.as_ref().map(|it| check.key_known(it));
    let fits = matches!(known, None | Some(KeyKnown::Signed));
    let exit = match (check.holds && fits, check.as_asked) {
        (false, _) => 1,
        (true, AsAsked::No) => 6,
        (true, AsAsked::Yes | AsAsked::NotChecked) => 0,
    };
    let as_asked = match check.as_asked {
        AsAsked::Yes => "yes",
        AsAsked::No => "no",
        AsAsked::NotChecked => "not-checked",
    };
    if task.json {
        out::json(&json!({
            "altered": !check.holds,
            "as_asked": as_asked,
            "says": check.says,
            "not_proven": check.not_proven,
            "public_key": check.public_key,
            "key": match known {
                Some(KeyKnown::Signed) => "as-given",
                Some(KeyKnown::SignedEarlier) => "earlier",
                Some(KeyKnown::Unrelated) => "another",
                Some(KeyKnown::NotProven) => "not-proven",
                None => "not-given",
            },
            "journal": check.journal,
            "entry": row(&check.entry),
        }));
        return ExitCode::from(exit);
    }
    match known {
        Some(KeyKnown::Unrelated) => {
            out::line("ANOTHER KEY SIGNED THIS EVIDENCE. It is not from the history whose key you gave.");
        }
        Some(KeyKnown::SignedEarlier) => out::line(
            "A LATER KEY SIGNED THIS EVIDENCE. The key that you gave signed earlier events of it. Whether that key confirmed \
             the later one, only the whole history shows: csrdesk verify-journal.",
        ),
        _ => {}
    }
    match (check.holds, check.not_proven.is_empty()) {
        (false, _) => out::line("THE EVIDENCE WAS ALTERED."),
        (true, true) => out::line("The evidence was not altered."),
        (true, false) => {
            out::line("NO ALTERATION WAS FOUND. THIS EVIDENCE DOES NOT PROVE EVERYTHING:");
            check.not_proven.iter().for_each(|it| out::line(format_args!("  {it}")));
        }
    }
    out::line(match check.as_asked {
        AsAsked::Yes => "The certificate is what was asked for.",
        AsAsked::No => "THE CERTIFICATE IS NOT WHAT WAS ASKED FOR.",
        AsAsked::NotChecked => "It is not known whether the certificate is what was asked for.",
    });
    out::line("");
    check.says.iter().for_each(|it| out::line(format_args!("  {}", visible(it))));
    out::line("");
    // The entry is in the history of the computer that signed, so no command of this one finds its certificate.
    entry::print(&check.entry, None);
    out::line("");
    out::line("What happened after this evidence was written is not in it: only the whole history shows it.");
    if let Some(journal) = &check.journal {
        out::line(format_args!("Journal id: {}", visible(journal)));
    }
    out::line(format_args!("Public key of the history: {}", visible(&check.public_key)));
    out::line(match known {
        Some(KeyKnown::Signed) => "It is the key that you gave.",
        Some(KeyKnown::SignedEarlier | KeyKnown::Unrelated) => "It is not the key that you gave.",
        Some(KeyKnown::NotProven) => "The evidence was altered, so this key proves nothing.",
        None => {
            "No key was given, so whose key signed the evidence was not checked: anybody can sign evidence with a key of \
             their own. Compare it with the key that you know, or give that one with --key."
        }
    });
    ExitCode::from(exit)
}
