//! The record as a table: one flat row for each signing, for scripts (JSON) and for spreadsheets (CSV).

use domain::{Entry, SerialNumber, Verdict};
use serde_json::{Map, Value, json};

/// The columns, in order; the contract of `csrdesk history --json` and of the exports.
pub const COLUMNS: [&str; 28] = [
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
        "elapsed_ms": ending.seen.elapsed_ms,
        "note": entry.note,
        "ticket": entry.ticket,
        "again_reason": entry.again.as_ref().map(|it| &it.reason),
        "decision": verdict,
        "decision_reason": entry.decision.as_ref().map(|it| &it.reason),
        "look_ups": entry.look_ups,
        "intent": entry.intent,
    });
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

/// The words that hold now: the person's decision where there is one, else the server's or ours.
fn message(entry: &Entry) -> String {
    let code = entry.code();
    if code == entry.ending.code {
        entry.ending.message()
    } else {
        format!("{} {}", code.what(), code.next())
    }
}

/// The entries as CSV (RFC 4180) with a heading line.
///
/// Cells that a spreadsheet would run as a formula get an apostrophe in front (OWASP, CSV injection): names and
/// messages in them come from servers and from whoever asked for a certificate.
#[must_use]
pub(super) fn csv(entries: &[Entry]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail, and every row has as many cells as the heading.
    let _ = writer.write_record(COLUMNS);
    for entry in entries {
        let row = row(entry);
        let cells = COLUMNS.map(|column| cell(column, row.get(column).unwrap_or(&Value::Null)));
        let _ = writer.write_record(cells);
    }
    writer.into_inner().unwrap_or_default()
}

fn cell(column: &str, value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(certificates) if matches!(column, "certificates" | "reported") => {
            certificates.iter().map(certificate).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    };
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}

/// `name (serial B7:D5:FC:B7, id 309)`: with colons no spreadsheet takes a serial for a number.
fn certificate(value: &Value) -> String {
    let text = |name: &str| value[name].as_str().unwrap_or("not stated").to_owned();
    let serial = text("serial_number");
    let serial = SerialNumber::parse(&serial).map_or(serial, |it| it.colons());
    format!("{} (serial {serial}, id {})", text("common_name"), text("certificate_id"))
}
