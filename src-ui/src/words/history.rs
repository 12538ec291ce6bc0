//! The record.

use desk::commands::history::MOST_COUNTED;

use super::join;

pub(crate) const TITLE: &str = "History";
pub(crate) const LEAD: &str = "All signing attempts, newest first. Each is recorded before it is sent.";
pub(crate) const LOADING: &str = "Reading the record…";
pub(crate) const EMPTY: &str = "Nothing has been signed yet";
pub(crate) const EMPTY_TEXT: &str = "The first signing will appear here before it is sent, and stay.";
pub(crate) const EMPTY_LINK: &str = "Sign a request";
pub(crate) const EMPTY_PART: &str = "No signing is in this history";
pub(crate) const EMPTY_PART_TEXT: &str = "What was signed before may be missing here: see above.";
pub(crate) const NO_MATCH: &str = "No entry matches";
pub(crate) const NO_MATCH_TEXT: &str = "Every part of the filter must hold. Ask for less.";
pub(crate) const MORE: &str = "Load more";
pub(crate) const LOADING_MORE: &str = "Loading…";
pub(crate) const REFRESH: &str = "Refresh";
pub(crate) const BACK: &str = "All entries";
pub(crate) const ENTRY: &str = "Entry";
pub(crate) const WHEN: &str = "Time (UTC)";
pub(crate) const OUTCOME: &str = "Outcome";
pub(crate) const CSR: &str = "CSR";
pub(crate) const SUBJECT: &str = "Subject";
pub(crate) const ISSUER: &str = "Issuer";
pub(crate) const PRODUCTION: &str = "Production";
pub(crate) const SERIAL: &str = "Serial";
pub(crate) const EXPIRES: &str = "Asked end";
pub(crate) const KIND: &str = "Asked kind";
pub(crate) const SERVER: &str = "Server";

pub(crate) const DECIDED: &str = "Recorded before sending";
pub(crate) const SENT: &str = "Left for the server";
pub(crate) const ANSWERED: &str = "Outcome recorded";
pub(crate) const NEVER: &str = "never";
pub(crate) const TIMES: &str = "Who and when";

pub(crate) const LOOK_UPS: &str = "Looked for on the server";

pub(crate) const FILTER: &str = "Filter the history";
pub(crate) const FILTER_TEXT: &str = "Search";
pub(crate) const FILTER_MORE: &str = "More filters";
pub(crate) const FILTER_SERIAL: &str = "Serial number";
pub(crate) const SERIAL_WRONG: &str = "This is not a serial number. Type hexadecimal or decimal digits.";
pub(crate) const DATE_WRONG: &str =
    "A date of the filter is not a date. Type it as year, month and day: 2027-03-04.";
pub(crate) const FILTER_ANY: &str = "Any";
pub(crate) const FILTER_FROM: &str = "From (UTC)";
pub(crate) const FILTER_TO: &str = "To (UTC)";
pub(crate) const FILTER_UNSETTLED: &str = "Unresolved only";
pub(crate) const FILTER_CLEAR: &str = "Clear the filter";
pub(crate) const TO_SETTLE: &str = "unresolved";

pub(crate) const EXPORT_CSV: &str = "Export CSV";
pub(crate) const EXPORT_JSON: &str = "Export JSON Lines";
pub(crate) const EXPORTED: &str = "Exported to a file";
pub(crate) const DOWNLOADED: &str = "Download started";
pub(crate) const EXPORT_PATH: &str = "path";
pub(crate) const OPEN_FOLDER: &str = "Open folder";
pub(crate) const FOLDER_OPENED: &str = "Folder opened in the file manager.";
pub(crate) const VERIFY: &str = "Verify the record";
pub(crate) const WORKING: &str = "Working…";
pub(crate) const FINDINGS_TITLE: &str = "Signing is blocked: the history may be incomplete";
pub(crate) const FINDINGS_NEXT: &str = "A certificate that was signed before may be missing in this history, so the check for an earlier signing may miss it. Find out what happened: was a backup restored, or a file deleted? Look in PAM360's console before you sign again.";
pub(crate) const FINDINGS_REASON: &str = "Reason";
pub(crate) const FINDINGS_REASON_MEANING: &str = "It is recorded in the history and cannot be changed.";
pub(crate) const FINDINGS_ACKNOWLEDGED: &str = "The findings are acknowledged. Signing can go on.";
pub(crate) const MAY_BE_MISSING: &str = "Earlier signings may be missing in this history";
pub(crate) const MAY_BE_MISSING_NEXT: &str =
    "The check for an earlier signing of a CSR may miss them. If in doubt, look in PAM360's console.";
pub(crate) const ACKNOWLEDGE: &str = "Acknowledge and allow signing";
pub(crate) const HOLDS: &str = "The record holds";
pub(crate) const DOES_NOT_HOLD: &str = "The record does not hold";
pub(crate) const INCOMPLETE: &str = "What is here holds; other signings may be missing";
pub(crate) const NOT_PROVEN: &str = "The record is not proven to be sound";
pub(crate) const DAMAGED_TEXT: &str = "They belong here. Verify the record to see why they cannot be read.";

pub(crate) const REPLACED: &str = "An earlier decision names this serial number";
pub(crate) const REPLACED_TEXT: &str = "A later decision replaced it. Open the entry to see both.";

pub(crate) const AGAIN: &str = "Why it was signed again";
pub(crate) const DECISION: &str = "Resolved by a person";
pub(crate) const EARLIER_DECISIONS: &str = "Earlier decisions";
pub(crate) const EARLIER_DECISIONS_TEXT: &str = "A later decision replaced each of these.";
pub(crate) const VERDICT: &str = "Decision";
pub(crate) const CERTIFICATE_SERIAL: &str = "Serial number";
pub(crate) const OUTWEIGHED: &str = "A clear answer that is on record outweighs this.";
pub(crate) const REASON: &str = "Reason";
pub(crate) const DECIDED_AT: &str = "Recorded";
pub(crate) const PROGRAM_SAW: &str = "What the program saw";

pub(crate) const NOTE_TITLE: &str = "Note and evidence";
pub(crate) const NOTE: &str = "Note";
pub(crate) const NOTE_MEANING: &str = "What was here before stays on record.";
pub(crate) const TICKET: &str = "Ticket";
pub(crate) const SAVE_NOTE: &str = "Save note and ticket";
pub(crate) const NOTE_SAVED: &str = "Note and ticket saved.";
pub(crate) const NOTE_CONFLICT: &str = "Somebody changed the note while you typed";
pub(crate) const TICKET_CONFLICT: &str = "Somebody changed the ticket while you typed";
pub(crate) const STORED_NOW: &str = "Stored now: ";
pub(crate) const TYPED_HERE: &str = "You typed: ";
pub(crate) const NO_TEXT: &str = "no text";
pub(crate) const USE_STORED: &str = "Use the stored text";
pub(crate) const KEEP_TYPED: &str = "Keep what I typed";
pub(crate) const EVIDENCE: &str = "Save evidence";
pub(crate) const EVIDENCE_AGAIN: &str =
    "Use a connection to the server of this entry, with a token, and save the evidence again.";
pub(crate) const EVIDENCE_MEANING: &str = "The evidence is one file about this signing, with the certificate and the CSR if PAM360 hands them out. It can be checked without PAM360 and without the record.";

/// Who decided to sign.
pub(crate) const STARTED_BY: &str = "Started by";
pub(crate) const EVENTS: &str = "Events in the record";
pub(crate) const EVENTS_TEXT: &str =
    "What this entry is made of. Each event carries the hash of the one before it in the record.";

/// What was asked for.
pub(crate) fn kind(intermediate: bool) -> &'static str {
    if intermediate { "CA" } else { "End entity" }
}

/// How many certificates an entry has beside the one that is named: `+1`.
pub(crate) fn more(certificates: usize) -> String {
    join(&["+", &certificates.to_string()])
}

/// When a finding was acknowledged, and why.
pub(crate) fn acknowledged(at: &str, reason: &str) -> String {
    join(&["Acknowledged ", at, ": ", reason])
}

/// The verdict of a check, and when the check ended.
pub(crate) fn checked(verdict: &str, at: &str) -> String {
    join(&[verdict, " (checked ", at, ")"])
}

/// An entry within a sentence.
pub(crate) fn entry_in_sentence(entry: u64) -> String {
    join(&["entry ", &entry.to_string()])
}

pub(crate) fn entry_title(entry: u64) -> String {
    join(&["Entry ", &entry.to_string()])
}

/// `12 entries`, `50 of 320 entries`, `3 entries match`, `50 of 10000 or more entries match`.
pub(crate) fn count(shown: u64, total: u64, part: bool) -> String {
    let of = if shown < total { join(&[&shown.to_string(), " of "]) } else { String::new() };
    let noun = if total == 1 { " entry" } else { " entries" };
    let matching = match (part, total) {
        (false, _) => "",
        (true, 1) => " matches",
        (true, _) => " match",
    };
    let more = if part && total >= MOST_COUNTED { " or more" } else { "" };
    join(&[&of, &total.to_string(), more, noun, matching])
}

pub(crate) fn exported(count: u64, evidence: bool) -> String {
    let what = match (evidence, count) {
        (false, 1) => " entry.",
        (false, _) => " entries.",
        (true, 1) => " event.",
        (true, _) => " events.",
    };
    join(&["It holds ", &count.to_string(), what])
}

pub(crate) fn damaged(entries: &[u64]) -> String {
    let numbers: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let noun = if entries.len() == 1 { "Entry " } else { "Entries " };
    join(&[noun, &numbers.join(", "), " cannot be read"])
}

pub(crate) fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        _ => join(&[&count.to_string(), " times"]),
    }
}

pub(crate) fn event_title(seq: u64, kind: &str) -> String {
    join(&["Event ", &seq.to_string(), ": ", kind])
}
