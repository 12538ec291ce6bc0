//! The tasks about the record beside `history`: `entry`, `note`, `reconcile`, `verify-journal`, `export-journal`, `evidence`,
//! `verify-evidence`.

use std::path::PathBuf;
use std::process::ExitCode;

use desk::commands::look_for::{Candidate, Recorded, Standing};
use desk::commands::{annotate, decide, entry, export, look_for, verify_journal};
use desk::{AsAsked, Desk, Failure, StartOptions, row};
use domain::{Basis, Certificate, Entry, ErrorCode, Seen, SerialNumber, Verdict, visible};
use serde_json::json;

use crate::layout::{self, counted, thousands};
use crate::{args, out, sign, token};

/// Candidates that are printed with all that supports and contradicts them.
const LIKELIEST: usize = 3;

/// A desk on a data folder alone: reading the record needs no server.
pub(crate) async fn desk_on(data_dir: Option<PathBuf>) -> Result<Desk, Failure> {
    let desk = Desk::start(StartOptions { data_dir, ..StartOptions::default() }).await?;
    // What opening the record finds is said whatever the task is about.
    desk.open_record().await?;
    desk.journal_notes().iter().for_each(out::note);
    Ok(desk)
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
            let response = desk.entry(entry::Request { entry: task.entry }).await?;
            if json {
                out::json(&json!({ "entry": row(&response.entry), "events": response.events }));
            } else {
                print_entry(&response.entry, &folder);
                print_seen(&response.entry.ending.seen);
                print_last_search(&response);
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
            let folder = args::in_folder(task.data_dir.as_deref());
            let desk = desk_on(task.data_dir).await?;
            let (entry, note, ticket) = (task.entry, task.note, task.ticket);
            let response = desk.annotate(annotate::Request { entry, note, ticket }).await?;
            out::result(format_args!("The note of entry {entry} was saved."));
            print_entry(&response.entry, &folder);
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
    let folder = target.repeated_folder();
    let desk = Desk::start(target.options(None)).await?;
    let reason = reason.unwrap_or_default();
    let basis = if checked_in_console { Basis::Console } else { Basis::Search };
    let decided = desk.decide(decide::Request { entry, verdict, reason, basis, seen: None }).await?;
    out::result(format_args!("The decision about entry {entry} was recorded."));
    if json {
        out::json(&row(&decided.entry));
    } else {
        print_entry(&decided.entry, &folder);
    }
    Ok(ExitCode::SUCCESS)
}

fn named(serial: &str) -> Result<Certificate, Failure> {
    let serial = SerialNumber::parse(serial).map_err(|code| Failure::because(code, "--it-is"))?;
    Ok(Certificate { serial_number: Some(serial.hex().to_owned()), ..Certificate::default() })
}

async fn look(target: args::Target, entry: u64, json: bool) -> Result<ExitCode, Failure> {
    let folder = target.repeated_folder();
    let desk = token::desk_with_token(target).await.with_token_if_any()?;
    let found = desk.look_for(look_for::Request { entry }).await?;
    if json {
        out::json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let (listed, ruled_out) =
        (counted(found.listed, "certificate", "certificates"), thousands(found.ruled_out));
    out::line(format_args!(
        "The server lists {listed}. {ruled_out} of them have another key or are self-signed."
    ));
    if found.not_examined > 0 {
        out::line(format_args!(
            "{} were NOT looked at: of so many, only the likeliest are fetched.",
            thousands(found.not_examined)
        ));
    }
    if let Some(code) = found.key_unknown {
        out::line(format_args!(
            "The CSR could not be fetched ({code}), so neither keys nor names were compared."
        ));
    } else if !found.asked_names.is_empty() {
        out::line(format_args!("The CSR asks for {}.", visible(&found.asked_names.join(", "))));
    }
    print_candidates(&found.candidates);
    out::line("\nRecord what you found out:");
    if !found.candidates.is_empty() {
        out::exact(format_args!("  csrdesk reconcile {entry}{folder} --it-is SERIAL --reason \"…\""));
    }
    out::exact(format_args!("  csrdesk reconcile {entry}{folder} --not-there --reason \"…\""));
    Ok(ExitCode::SUCCESS)
}

/// The likeliest with all that is known of them, the others as a list.
fn print_candidates(candidates: &[Candidate]) {
    for (place, candidate) in candidates.iter().enumerate() {
        let name = candidate.certificate.common_name.as_deref().map(visible);
        let name = name.unwrap_or_else(|| "no common name".to_owned());
        let serial = candidate.certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        let standing = match candidate.standing {
            Standing::Proof => "SAME KEY: PROOF  ",
            Standing::Possible => "",
            Standing::NoMatch => "NOT A MATCH  ",
        };
        if place == LIKELIEST {
            let rest = counted((candidates.len() - LIKELIEST) as u64, "certificate", "certificates");
            out::line(format_args!("\n{rest} less likely (--json has the reasons):"));
        }
        if place >= LIKELIEST {
            out::line(format_args!("  {}. {standing}{name}, serial number {serial}", place + 1));
            continue;
        }
        out::line(format_args!("\n  {}. {standing}{name}", place + 1));
        out::line(format_args!("    serial number {serial}"));
        for evidence in &candidate.evidence {
            let sign = match evidence.weight() {
                1.. => '+',
                0 => ' ',
                _ => '-',
            };
            out::line(format_args!("    {sign} {}", visible(&candidate.words(*evidence))));
        }
    }
}

pub(crate) async fn verify_journal(task: args::VerifyJournal) -> ExitCode {
    let json = task.json;
    told(
        async {
            let mut rebuilt = None;
            let response = match task.file {
                Some(path) => desk::check_exported_journal(&path)?,
                None => {
                    let options = StartOptions { data_dir: task.data_dir, ..StartOptions::default() };
                    let desk = Desk::start(options).await?;
                    if task.rebuild {
                        let entries = desk.rebuild_list().await?;
                        out::result(format_args!(
                            "The list of {entries} entries was made from the events again."
                        ));
                        rebuilt = Some(entries);
                    }
                    // Not through an opened record: a check must change nothing.
                    desk.verify_journal(verify_journal::Request {}).await?
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
            let events = counted(count, "event", "events");
            out::note(format_args!("{events} written to {}", layout::whole(&task.file)));
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
            let count = desk.export_to(request, task.file.clone()).await?;
            let events = counted(count, "event", "events");
            out::note(format_args!(
                "Evidence of entry {} written to {}: {events}",
                task.entry,
                layout::whole(&task.file)
            ));
            Ok(ExitCode::SUCCESS)
        }
        .await,
        false,
    )
}

pub(crate) fn verify_evidence(task: &args::VerifyEvidence) -> ExitCode {
    let check = match desk::check_evidence_at(&task.file) {
        Ok(check) => check,
        Err(failure) => return told(Err(failure), task.json),
    };
    let exit = match (check.holds, check.as_asked) {
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
            "public_key": check.public_key,
            "entry": row(&check.entry),
        }));
        return ExitCode::from(exit);
    }
    out::line(if check.holds { "The evidence was not altered." } else { "THE EVIDENCE WAS ALTERED." });
    out::line(match check.as_asked {
        AsAsked::Yes => "The certificate is what was asked for.",
        AsAsked::No => "THE CERTIFICATE IS NOT WHAT WAS ASKED FOR.",
        AsAsked::NotChecked => "It is not known whether the certificate is what was asked for.",
    });
    out::line("");
    check.says.iter().for_each(|it| out::line(format_args!("  {}", visible(it))));
    out::line("");
    print_entry(&check.entry, "");
    out::line("");
    out::line(
        "Later events of this signing may be missing here: only the whole history shows that there are none.",
    );
    out::line(format_args!("Public key of the history: {}", visible(&check.public_key)));
    ExitCode::from(exit)
}

/// The server as it was seen while it answered.
fn print_seen(seen: &Seen) {
    if let Some(version) = &seen.tls_version {
        out::line(format_args!("       {}", visible(version)));
    }
    if let Some(own) = &seen.server_certificate_sha256 {
        out::line(format_args!("       Server certificate, SHA-256  {}", visible(own)));
    }
    if let Some(trust) = seen.verified_by {
        let words = [trust.words(), trust.unchecked()].join(". ");
        out::line(format_args!("       Server verified by           {}", words.trim_end_matches(". ")));
    }
    for above in seen.peer_chain_sha256.iter().skip(1) {
        out::line(format_args!("       presented with it, SHA-256   {}", visible(above)));
    }
}

/// When the certificate was searched for last, and what was found.
fn print_last_search(response: &entry::Response) {
    let Some(Recorded { at, response: found }) = Recorded::last(&response.events) else { return };
    let listed = counted(found.listed, "certificate", "certificates");
    out::line(format_args!(
        "       Last search {}: {} PAM360 listed {listed}.",
        at.date_time(),
        found.words()
    ));
    let possible = found.candidates.iter().filter(|it| it.standing != Standing::NoMatch);
    for candidate in possible.take(LIKELIEST) {
        let name = candidate.certificate.common_name.as_deref().map(visible);
        let name = name.unwrap_or_else(|| "no common name".to_owned());
        let serial = candidate.certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        let proof = if candidate.standing == Standing::Proof { "same key: proof  " } else { "" };
        out::line(format_args!("         {proof}{name}, serial number {serial}"));
    }
}

/// An entry in a few lines; `folder` is the data folder as an option, for the command that comes next.
pub(crate) fn print_entry(entry: &Entry, folder: &str) {
    let request = &entry.request;
    let issuer = match &request.issuer {
        Some(issuer) => {
            format!("{} ({})", visible(issuer.common_name.as_str()), issuer.serial_number.colons())
        }
        None => request.sign_type.to_string(),
    };
    let ca = if request.intermediate { ", intermediate CA" } else { "" };
    let at = entry.at.date_time();
    let headline = sign::entry_headline(entry);
    let (number, csr_id, validity, server) =
        (entry.entry, request.csr_id, request.validity, visible(&entry.server));
    out::line(format_args!(
        "{number:>5}  {at}  {headline:<8}  CSR {csr_id} with {issuer} for {validity} days{ca}, {server}"
    ));
    for certificate in entry.certificates() {
        let name = certificate.common_name.as_deref().map(|it| visible(it) + ", ").unwrap_or_default();
        let serial = certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        out::line(format_args!("       {name}serial number {serial}"));
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
        out::line("       Find the certificate on the server:");
        out::exact(format_args!("         csrdesk reconcile {number}{folder}"));
    }
}
