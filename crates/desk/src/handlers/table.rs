//! The record as a table: one flat row for each signing, for scripts (JSON) and for spreadsheets (CSV).

use std::io::{self, Write};

use domain::{Entry, SerialNumber, Verdict};
use serde_json::{Map, Value, json};

use super::cells;

/// The columns, in order; the contract of `csrdesk history --json` and of the exports.
pub const COLUMNS: [&str; 33] = [
    "entry",
    "outcome",
    "code",
    "message",
    "at",
    "sent_at",
    "answered_at",
    "server",
    "organization",
    "csr_id",
    "sign_type",
    "root_common_name",
    "root_serial_number",
    "validity_days",
    "intermediate",
    "certificates",
    "http_status",
    "tls_version",
    "server_certificate_sha256",
    "elapsed_ms",
    "note",
    "ticket",
    "again_reason",
    "decision",
    "decision_reason",
    "look_ups",
    "intent",
    "reported",
    "user",
    "computer",
    "host",
    "program",
    "token_fingerprint",
];

/// One signing as a flat row; the names are [`COLUMNS`].
#[must_use]
pub fn row(entry: &Entry) -> Map<String, Value> {
    let (request, ending) = (&entry.request, &entry.ending);
    let verdict = entry.decision.as_ref().map(|it| match it.verdict {
        Verdict::ItIsThisOne { .. } => "it_is_this_one",
        Verdict::NotThere => "not_there",
    });
    let row = json!({
        "entry": entry.entry,
        "outcome": entry.state(),
        "code": entry.code(),
        "message": message(entry),
        "at": entry.at.rfc3339(),
        "sent_at": entry.sent_at.map(|it| it.rfc3339()),
        "answered_at": entry.answered_at.map(|it| it.rfc3339()),
        "server": entry.server,
        "organization": request.organization,
        "csr_id": request.csr_id.to_string(),
        "sign_type": request.sign_type,
        "root_common_name": request.issuer.as_ref().map(|it| &it.common_name),
        "root_serial_number": request.issuer.as_ref().map(|it| &it.serial_number),
        "validity_days": request.validity.days(),
        "intermediate": request.intermediate,
        "certificates": entry.certificates(),
        "reported": entry.reported(),
        "http_status": ending.seen.http_status,
        "tls_version": ending.seen.tls_version,
        "server_certificate_sha256": ending.seen.server_certificate_sha256,
        "elapsed_ms": ending.seen.took_ms(),
        "note": entry.note,
        "ticket": entry.ticket,
        "again_reason": entry.again.as_ref().map(|it| &it.reason),
        "decision": verdict,
        "decision_reason": entry.decision.as_ref().map(|it| &it.reason),
        "look_ups": entry.look_ups,
        "intent": entry.intent,
        "user": known(&entry.origin.user),
        "computer": known(&entry.origin.computer),
        "host": known(&entry.origin.host),
        "program": known(&entry.origin.program),
        "token_fingerprint": entry.origin.token,
    });
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

/// A part of an origin; nothing where it is not known.
fn known(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}

/// The words that hold now: the person's decision where there is one, else the server's or ours.
fn message(entry: &Entry) -> String {
    let code = entry.code();
    if code == entry.ending.code {
        entry.ending.message()
    } else {
        format!("{} {}", code.what(), code.next_of_signing())
    }
}

/// Writes entries as CSV, one row at a time, so that no number of entries needs memory.
///
/// RFC 4180 with a byte order mark: without it spreadsheets read UTF-8 as the computer's old code page. Every cell
/// has a spelling that a spreadsheet shows unchanged, see [`super::cells`].
pub(super) struct CsvTable<'a> {
    rows: csv::Writer<&'a mut dyn Write>,
}

impl<'a> CsvTable<'a> {
    /// Writes the heading.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(super) fn begin(out: &'a mut dyn Write) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        rows.write_record(COLUMNS)?;
        Ok(Self { rows })
    }

    /// Writes the row of one signing.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub(super) fn add(&mut self, entry: &Entry) -> io::Result<()> {
        let row = row(entry);
        let cells = COLUMNS.map(|column| cell(column, row.get(column).unwrap_or(&Value::Null)));
        Ok(self.rows.write_record(cells)?)
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub(super) fn end(mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

fn cell(column: &str, value: &Value) -> String {
    match (column, value) {
        (_, Value::Null) => String::new(),
        ("certificates" | "reported", Value::Array(certificates)) => {
            cells::text(&certificates.iter().map(certificate).collect::<Vec<_>>().join("; "))
        }
        ("root_serial_number", Value::String(serial)) => cells::serial(serial),
        // Made here, in a form that no spreadsheet takes for anything else.
        ("at" | "sent_at" | "answered_at", Value::String(time)) => time.clone(),
        // CSR ids are whole numbers; a spreadsheet keeps 15 digits of them.
        ("csr_id", Value::String(number)) if number.len() <= 15 && !number.starts_with('0') => number.clone(),
        (_, Value::String(text)) => cells::text(text),
        (_, other) => other.to_string(),
    }
}

/// `name (serial B7:D5:FC:B7, id 309)`.
fn certificate(value: &Value) -> String {
    let text = |name: &str| value[name].as_str().unwrap_or("not stated").to_owned();
    let serial = text("serial_number");
    let serial = SerialNumber::parse(&serial).map_or(serial, |it| it.colons());
    format!("{} (serial {serial}, id {})", text("common_name"), text("certificate_id"))
}
