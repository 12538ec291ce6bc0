//! The options of the tasks about the record.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::{
    BaseUrl, Change, ErrorCode, Field, HistoryFilter, SerialNumber, SortBy, State, Timestamp, typed,
};

use super::Target;

use crate::out;

#[derive(Args)]
pub(crate) struct History {
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Print a JSON array instead of text
    #[arg(long, conflicts_with_all = ["json_lines", "csv"])]
    pub(crate) json: bool,
    /// Print one JSON object a line instead of text
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json_lines: bool,
    /// Write a CSV file that a spreadsheet shows unchanged; - is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// List at most so many entries
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// List every entry that matches
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

/// Which entries; every option that is given must hold.
#[derive(Args)]
pub(crate) struct Filter {
    /// Words that occur in names, ids, serial numbers, users, computers, notes, tickets, reasons or the server's words
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    text: String,
    /// A serial number in any spelling, or its first digits (4 or more), of the issuer or of what was issued
    #[arg(long, value_name = "SERIAL", default_value = "", hide_default_value = true, value_parser = serial)]
    serial: String,
    /// signed, refused, unknown, not_sent or in_progress
    #[arg(long, value_name = "OUTCOME", value_parser = state)]
    outcome: Option<State>,
    /// Only those that wait for somebody to look
    #[arg(long)]
    unsettled: bool,
    /// Only this server's, by its address
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Only from this day on (UTC, 2026-11-24)
    #[arg(long, value_name = "DAY", value_parser = Day::parse)]
    from: Option<Day>,
    /// Only to this day (UTC, included)
    #[arg(long, value_name = "DAY", value_parser = Day::parse)]
    to: Option<Day>,
}

impl Filter {
    pub(crate) fn filter(self) -> HistoryFilter {
        let mut given = vec![("--serial", typed::code_changes(&self.serial))];
        given.extend(self.from.iter().map(|it| ("--from", it.changes.clone())));
        given.extend(self.to.iter().map(|it| ("--to", it.changes.clone())));
        given.extend(self.server.iter().map(|it| ("--server", domain::remarks(Field::Server, it))));
        for (option, changes) in given {
            changes.iter().for_each(|it| out::note(format_args!("{option}: {}", it.words())));
        }
        HistoryFilter {
            text: self.text,
            serial: typed::code(&self.serial).into_owned(),
            outcome: self.outcome.and_then(State::outcome),
            in_progress: self.outcome == Some(State::InProgress),
            running: Vec::new(),
            unsettled: self.unsettled,
            server: self.server.map(|it| BaseUrl::canonical(&it)),
            from: self.from.map(|it| it.at),
            to: self.to.map(|it| it.at.plus_days(1)),
            sort: SortBy::Entry,
            ascending: false,
        }
    }
}

/// A day that was typed, and what was changed in it to read it.
#[derive(Clone)]
struct Day {
    at: Timestamp,
    changes: Vec<Change>,
}

impl Day {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let at = Timestamp::parse_date(text).ok_or("type a day such as 2026-11-24")?;
        Ok(Self { at, changes: typed::code_changes(text) })
    }
}

fn state(text: &str) -> Result<State, &'static str> {
    State::parse(text).ok_or("type signed, refused, unknown, not_sent or in_progress")
}

/// A serial number to search for, as it was typed.
fn serial(text: &str) -> Result<String, &'static str> {
    let filter = HistoryFilter { serial: text.to_owned(), ..HistoryFilter::default() };
    filter.serial_is_readable().then_some(filter.serial).ok_or("type hexadecimal or decimal digits")
}

/// The serial number of one certificate.
fn exact_serial(text: &str) -> Result<SerialNumber, WrongValue> {
    SerialNumber::parse(text).map_err(|code| WrongValue {
        code,
        words: match code {
            ErrorCode::SerialTooLong => "it has more than 20 bytes, which X.509 does not allow",
            _ => "type hexadecimal digits; colons, spaces, a leading 0x and capital letters are fine",
        },
    })
}

/// Why the value of an option cannot be used: words for people, and the code for programs.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub(crate) struct WrongValue {
    pub(crate) code: ErrorCode,
    words: &'static str,
}

#[derive(Args)]
pub(crate) struct OneEntry {
    /// Number of the entry
    pub(crate) entry: u64,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Note {
    /// Number of the entry
    pub(crate) entry: u64,
    /// The note; replaces the earlier one, which stays in the journal. Left out: the note stays. Empty: it is removed
    #[arg(long, value_name = "TEXT", required_unless_present = "ticket")]
    pub(crate) note: Option<String>,
    /// The ticket; replaces the earlier one, which stays in the journal. Left out: the ticket stays. Empty: it is removed
    #[arg(long, value_name = "TEXT")]
    pub(crate) ticket: Option<String>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Reconcile {
    /// Number of the entry whose outcome is unknown
    pub(crate) entry: u64,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Record that this certificate is the one, by its serial number in any spelling
    #[arg(long, value_name = "SERIAL", conflicts_with = "not_there", requires = "reason", value_parser = exact_serial)]
    pub(crate) it_is: Option<SerialNumber>,
    /// Record that there is no certificate
    #[arg(long, requires = "reason")]
    pub(crate) not_there: bool,
    /// Say that you looked in PAM360's console; without it, run this command without a decision first
    #[arg(long, requires = "reason")]
    pub(crate) checked_in_console: bool,
    /// How it was found out; goes on record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct VerifyJournal {
    /// Check this file from export-journal instead of the record itself
    #[arg(long, value_name = "FILE", conflicts_with = "data_dir")]
    pub(crate) file: Option<PathBuf>,
    /// Make the list that is searched from the events again, then verify; the events stay as they are
    #[arg(long, conflicts_with = "file")]
    pub(crate) rebuild: bool,
    /// The public key that must have signed it, 64 hexadecimal digits; default: this computer's own key
    #[arg(long, value_name = "HEX")]
    pub(crate) key: Option<String>,
    /// Accept this public key, which took over without the former key's confirmation, then verify; record the reason
    #[arg(long, value_name = "HEX", conflicts_with = "file", requires = "reason")]
    pub(crate) accept_key: Option<String>,
    /// Acknowledge the findings that block signing, then verify; record the reason
    #[arg(long, conflicts_with_all = ["file", "accept_key"], requires = "reason")]
    pub(crate) acknowledge: bool,
    /// The reason to record, with --acknowledge or --accept-key
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ExportJournal {
    /// File to write; - is standard output
    pub(crate) file: PathBuf,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RecordKey {
    /// Move it there; the system may ask you to unlock the keychain
    #[arg(long, value_name = "PLACE", value_enum)]
    pub(crate) to: Option<Place>,
    /// Go on with a new key, in a file, because the record's own is lost for good; the record tells it
    #[arg(long, conflicts_with = "to")]
    pub(crate) new_key: bool,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the key of the record can be.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Place {
    /// This computer's keychain
    Keychain,
    /// The file journal.key beside the record
    File,
}

#[derive(Args)]
pub(crate) struct Evidence {
    /// Number of the entry
    pub(crate) entry: u64,
    /// ZIP file to write; - is standard output
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Args)]
pub(crate) struct VerifyEvidence {
    /// ZIP file to check, or the folder it was unpacked to
    pub(crate) file: PathBuf,
    /// The public key of the history that it must come from, 64 hexadecimal digits; csrdesk record-key prints it
    #[arg(long, value_name = "HEX")]
    pub(crate) key: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}
