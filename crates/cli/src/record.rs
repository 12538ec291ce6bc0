//! The tasks about the record: `history`, `entry`, `note`, `reconcile`, `verify-journal`, `export-journal`, `evidence`,
//! `verify-evidence`.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use desk::commands::look_for::Standing;
use desk::commands::{annotate, decide, entry, export, history, look_for, status, verify_journal};
use desk::{Desk, Failure, StartOptions, row};
use domain::{Basis, Certificate, Entry, HistoryFilter, Seen, SerialNumber, Verdict, visible};
use serde_json::json;

use crate::{args, out, sign, token};

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// A desk on a data folder alone: reading the record needs no server.
async fn desk_on(data_dir: Option<PathBuf>) -> Result<Desk, Failure> {
    let desk = Desk::start(StartOptions { data_dir, ..StartOptions::default() }).await?;
    // Opens the record: what that found is said whatever the task is about.
    desk.status(status::Request {}).await?;
    desk.journal_notes().iter().for_each(out::note);
    Ok(desk)
}

/// Prints what a task has to say, or why it has nothing.
pub(crate) fn told(result: Result<ExitCode, Failure>, json: bool) -> ExitCode {
    result.unwrap_or_else(|failure| {
        out::failure(&failure, json);
        // The record's own failures are no outcome of a signing.
        match failure.code.class() {
            domain::Class::Invalid => ExitCode::from(2),
            domain::Class::NotSent => ExitCode::from(5),
            _ => ExitCode::from(1),
        }
    })
}

pub(crate) async fn history(task: args::History) -> ExitCode {
    told(history_of(task).await, false)
}

async fn history_of(task: args::History) -> Result<ExitCode, Failure> {
    let desk = desk_on(task.data_dir).await?;
    let filter = task.filter.filter()?;
    if let Some(path) = task.csv {
        let count = desk.export_to(export::Request::Csv { filter }, path.clone()).await?;
        out::note(format_args!("{count} entries written to {}", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let request = history::Request { filter: filter.clone(), after, limit: Some(PAGE) };
        let page = desk.history(request).await?;
        entries.extend(page.entries);
        after = page.last;
        for damaged in page.damaged {
            out::note(format_args!("Entry {damaged} cannot be read; csrdesk verify-journal says more."));
        }
        if !page.more {
            break;
        }
    }
    if task.json {
        out::json(&entries.iter().map(row).collect::<Vec<_>>());
    } else if task.json_lines {
        entries.iter().for_each(|it| out::json(&row(it)));
    } else if entries.is_empty() {
        out::line(if filter == HistoryFilter::default() {
            "Nothing was signed yet."
        } else {
            "No entry matches."
        });
    } else {
        entries.iter().for_each(print_entry);
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn entry(task: args::OneEntry) -> ExitCode {
    let json = task.json;
    told(
        async {
            let desk = desk_on(task.data_dir).await?;
            let response = desk.entry(entry::Request { entry: task.entry }).await?;
            if json {
                out::json(&json!({ "entry": row(&response.entry), "events": response.events }));
            } else {
                print_entry(&response.entry);
                print_seen(&response.entry.ending.seen);
                for event in &response.events {
                    let (seq, at) = (event.seq, event.at.date_time());
                    out::line(format_args!("  #{seq:<6} {at}  {:<18} {}", visible(&event.kind), event.hash));
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
            let desk = desk_on(task.data_dir).await?;
            let args::Note { entry, note, ticket, .. } = task;
            let response = desk.annotate(annotate::Request { entry, note, ticket }).await?;
            print_entry(&response.entry);
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) async fn reconcile(task: args::Reconcile) -> ExitCode {
    let json = task.json;
    told(reconciled(task).await, json)
}

async fn reconciled(task: args::Reconcile) -> Result<ExitCode, Failure> {
    let args::Reconcile { target, entry, it_is, not_there, checked_in_console, reason, json } = task;
    let verdict = match (it_is, not_there) {
        (Some(serial), _) => Some(Verdict::ItIsThisOne { certificate: named(&serial)? }),
        (None, true) => Some(Verdict::NotThere),
        (None, false) => None,
    };
    out::remarks(&target.remarks());
    let Some(verdict) = verdict else { return look(target, entry, json).await };
    let desk = Desk::start(target.options(None)).await?;
    let reason = reason.unwrap_or_default();
    let basis = if checked_in_console { Basis::Console } else { Basis::Search };
    let decided = desk.decide(decide::Request { entry, verdict, reason, basis }).await?;
    if json {
        out::json(&row(&decided.entry));
    } else {
        print_entry(&decided.entry);
    }
    Ok(ExitCode::SUCCESS)
}

fn named(serial: &str) -> Result<Certificate, Failure> {
    let serial = SerialNumber::parse(serial).map_err(|code| Failure::because(code, "--it-is"))?;
    Ok(Certificate { serial_number: Some(serial.hex().to_owned()), ..Certificate::default() })
}

async fn look(target: args::Target, entry: u64, json: bool) -> Result<ExitCode, Failure> {
    let desk = token::desk_with_token(target).await.with_token_if_any()?;
    let found = desk.look_for(look_for::Request { entry }).await?;
    if json {
        out::json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let (listed, ruled_out, not_examined) = (found.listed, found.ruled_out, found.not_examined);
    out::line(format_args!(
        "The server lists {listed} certificates. {ruled_out} of them have another key or are self-signed."
    ));
    if not_examined > 0 {
        out::line(format_args!(
            "{not_examined} were NOT looked at: of so many, only the likeliest are fetched."
        ));
    }
    if let Some(code) = found.key_unknown {
        out::line(format_args!(
            "The CSR could not be fetched ({code}), so neither keys nor names were compared."
        ));
    } else if !found.asked_names.is_empty() {
        out::line(format_args!("The CSR asks for {}.", visible(&found.asked_names.join(", "))));
    }
    for candidate in &found.candidates {
        let name = candidate.certificate.common_name.as_deref().unwrap_or("no common name");
        let serial = candidate.certificate.serial_number.as_deref().unwrap_or_default();
        let standing = match candidate.standing {
            Standing::Proof => "SAME KEY: PROOF  ",
            Standing::Possible => "",
            Standing::NoMatch => "NOT A MATCH  ",
        };
        out::line(format_args!("\n  {standing}{}, serial number {}", visible(name), visible(serial)));
        for evidence in &candidate.evidence {
            let sign = match evidence.weight() {
                1.. => '+',
                0 => ' ',
                _ => '-',
            };
            out::line(format_args!("    {sign} {}", visible(&candidate.words(*evidence))));
        }
    }
    out::line("\nRecord what you found out, so that it counts:");
    if !found.candidates.is_empty() {
        out::line(format_args!("  csrdesk reconcile {entry} --it-is SERIAL --reason \"…\""));
    }
    out::line(format_args!("  csrdesk reconcile {entry} --not-there --reason \"…\""));
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn verify_journal(task: args::VerifyJournal) -> ExitCode {
    let json = task.json;
    told(
        async {
            let response = match task.file {
                Some(path) => desk::check_exported_journal(&path)?,
                // Not through an opened record: a check must change nothing.
                None => {
                    let options = StartOptions { data_dir: task.data_dir, ..StartOptions::default() };
                    Desk::start(options).await?.verify_journal(verify_journal::Request {}).await?
                }
            };
            let holds = response.holds;
            if json {
                out::json(&response);
            } else {
                response.says.iter().for_each(out::line);
            }
            Ok(ExitCode::from(u8::from(!holds)))
        }
        .await,
        json,
    )
}

pub(crate) async fn export_journal(task: args::ExportJournal) -> ExitCode {
    told(
        async {
            let desk = desk_on(task.data_dir).await?;
            let count = desk.export_to(export::Request::Journal, task.file.clone()).await?;
            out::note(format_args!("{count} events written to {}", task.file.display()));
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) async fn evidence(task: args::Evidence) -> ExitCode {
    told(
        async {
            // With a token the certificate and the CSR are fetched too; without one they are left out.
            let desk =
                Desk::start(task.target.options(token::from_environment().filter(|it| !it.is_empty())))
                    .await?;
            let request = export::Request::Evidence { entry: task.entry };
            desk.export_to(request, task.file.clone()).await?;
            out::note(format_args!("Evidence of entry {} written to {}", task.entry, task.file.display()));
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) fn verify_evidence(task: &args::VerifyEvidence) -> ExitCode {
    let checked = File::open(&task.file)
        .map_err(|error| Failure::because(domain::ErrorCode::EvidenceUnreadable, error))
        .and_then(desk::check_evidence);
    let check = match checked {
        Ok(check) => check,
        Err(failure) => return told(Err(failure), false),
    };
    print_entry(&check.entry);
    check.says.iter().for_each(|it| out::line(visible(it)));
    out::line(
        "Later events of this signing may have been left out: only the whole record shows that there are none.",
    );
    out::line(format_args!("Public key of the record: {}", visible(&check.public_key)));
    out::line(if check.holds { "The evidence holds." } else { "THE EVIDENCE DOES NOT HOLD." });
    ExitCode::from(u8::from(!check.holds))
}

/// The server as it was seen while it answered.
fn print_seen(seen: &Seen) {
    if let Some(version) = &seen.tls_version {
        out::line(format_args!("       {}", visible(version)));
    }
    if let Some(own) = &seen.server_certificate_sha256 {
        out::line(format_args!("       Server certificate, SHA-256  {}", visible(own)));
    }
    for above in seen.peer_chain_sha256.iter().skip(1) {
        out::line(format_args!("       presented with it, SHA-256   {}", visible(above)));
    }
}

pub(crate) fn print_entry(entry: &Entry) {
    let request = &entry.request;
    let issuer = match &request.issuer {
        Some(issuer) => {
            format!("{} ({})", visible(issuer.common_name.as_str()), issuer.serial_number.colons())
        }
        None => request.sign_type.to_string(),
    };
    let ca = if request.intermediate { ", intermediate CA" } else { "" };
    let at = entry.at.date_time();
    let headline = entry.state().outcome().map_or("IN PROGRESS", sign::headline);
    let (number, csr_id, validity, server) =
        (entry.entry, request.csr_id, request.validity, visible(&entry.server));
    out::line(format_args!(
        "{number:>5}  {at}  {headline:<11}  CSR {csr_id} with {issuer} for {validity} days{ca}, {server}"
    ));
    for certificate in entry.certificates() {
        let name = certificate.common_name.as_deref().map(visible).unwrap_or_default();
        let serial = certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        out::line(format_args!("       {name}, serial number {serial}"));
    }
    for certificate in entry.reported() {
        let name = certificate.common_name.as_deref().map(visible).unwrap_or_default();
        let serial = certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        out::line(format_args!("       reported by PAM360, not confirmed: {name}, serial number {serial}"));
    }
    if entry.code() == entry.ending.code {
        out::line(format_args!("       {}", visible(&entry.ending.message())));
    } else {
        out::line(format_args!("       {}", entry.code().what()));
    }
    if let Some(decision) = &entry.decision {
        out::line(format_args!("       Decided {}: {}", decision.at.date_time(), visible(&decision.reason)));
    }
    if let Some(again) = &entry.again {
        out::line(format_args!("       Signed again because: {}", visible(&again.reason)));
    }
    for (label, text) in [("Ticket", &entry.ticket), ("Note", &entry.note)] {
        if !text.is_empty() {
            out::line(format_args!("       {label}: {}", visible(text)));
        }
    }
    if entry.is_unsettled() {
        out::line(format_args!("       Look for it: csrdesk reconcile {number}"));
    }
}
