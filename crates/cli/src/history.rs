//! `csrdesk history`: the record, newest first, as text or as a JSON array.

use std::process::ExitCode;

use desk::{Desk, Failure, StartOptions, commands};
use domain::{Entry, visible};
use serde_json::{Value, json};

use crate::{args, out, sign};

/// Entries read at a time.
const PAGE: u32 = 1_000;

pub(crate) async fn run(task: args::History) -> ExitCode {
    let options = StartOptions { data_dir: task.data_dir, ..StartOptions::default() };
    let entries = match read(options).await {
        Ok(entries) => entries,
        Err(failure) => {
            out::failure(&failure, false);
            return ExitCode::from(1);
        }
    };
    if task.json {
        out::json(&entries.iter().map(row).collect::<Vec<_>>());
    } else if entries.is_empty() {
        out::line("Nothing was signed yet.");
    } else {
        for entry in &entries {
            print_text(entry);
        }
    }
    ExitCode::SUCCESS
}

async fn read(options: StartOptions) -> Result<Vec<Entry>, Failure> {
    let desk = Desk::start(options).await?;
    let mut entries = Vec::new();
    loop {
        let before = entries.last().map(|it: &Entry| it.entry);
        let page = desk.history(commands::history::Request { before, limit: Some(PAGE) }).await?;
        entries.extend(page.entries);
        if !page.more {
            return Ok(entries);
        }
    }
}

/// The contract's row: flat, so that scripts need no knowledge of our types.
fn row(entry: &Entry) -> Value {
    let request = &entry.request;
    json!({
        "entry": entry.entry,
        "outcome": entry.ending.outcome,
        "code": entry.ending.code,
        "message": entry.ending.message(),
        "at": entry.at.rfc3339(),
        "answered_at": entry.answered_at.map(|it| it.rfc3339()),
        "server": entry.server,
        "organization": request.organization,
        "csr_id": request.csr_id.to_string(),
        "sign_type": request.sign_type,
        "root_common_name": request.issuer.as_ref().map(|it| &it.common_name),
        "root_serial_number": request.issuer.as_ref().map(|it| &it.serial_number),
        "validity_days": request.validity.days(),
        "intermediate": request.intermediate,
        "certificates": entry.ending.certificates,
        "http_status": entry.ending.seen.http_status,
        "elapsed_ms": entry.ending.seen.elapsed_ms,
        "intent": entry.intent,
    })
}

fn print_text(entry: &Entry) {
    let request = &entry.request;
    let issuer = match &request.issuer {
        Some(issuer) => {
            format!("{} ({})", visible(issuer.common_name.as_str()), issuer.serial_number.colons())
        }
        None => request.sign_type.to_string(),
    };
    let ca = if request.intermediate { ", intermediate CA" } else { "" };
    out::line(format_args!(
        "{:>5}  {}  {:<8}  CSR {} with {issuer} for {} days{ca}, {}",
        entry.entry,
        entry.at.date_time(),
        sign::headline(entry.ending.outcome),
        request.csr_id,
        request.validity,
        entry.server,
    ));
    for certificate in &entry.ending.certificates {
        let name = certificate.common_name.as_deref().map(visible).unwrap_or_default();
        let serial = certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        out::line(format_args!("       {name}, serial number {serial}"));
    }
    out::line(format_args!("       {}", entry.ending.message()));
}
