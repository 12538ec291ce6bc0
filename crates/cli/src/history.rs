//! `csrdesk history`: the entries as a table, as JSON, or in a CSV file. Page by page: a million entries take the memory of
//! one page.

mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use desk::commands::history;
use desk::{Desk, Failure, row};
use domain::{Entry, Finding, HistoryFilter, WhyOpen};

use crate::layout::{self, counted};
use crate::{args, next, out, record};

use table::Table;

/// Entries read at a time.
const PAGE: u32 = 200;
/// Entries in a table when no number is asked for: about two screens.
const TABLE_LIMIT: u64 = 50;
/// Unresolved entries whose next command is printed.
const SHOWN_UNRESOLVED: u32 = 3;

pub(crate) async fn run(task: args::History) -> ExitCode {
    record::told(list(task).await, false)
}

async fn list(task: args::History) -> Result<ExitCode, Failure> {
    let folder = args::in_folder(task.data_dir.as_deref());
    let filter = task.filter.filter();
    if let Some(words) = filter.serial_note() {
        out::note(format_args!("--serial: {words}"));
    }
    let desk = record::desk_on(task.data_dir).await?;
    record::note_acknowledged(&desk).await;
    if let Some(path) = task.csv {
        let (to, name) = out::destination(path);
        let written = desk.list_as_csv(filter, task.limit, to).await;
        // Whoever closes the pipe of a list has seen enough.
        if written.is_err() && out::has_failed() {
            return Ok(ExitCode::SUCCESS);
        }
        out::note(format_args!("{} written to {name}", counted(written?, "entry", "entries")));
        return Ok(ExitCode::SUCCESS);
    }
    let mut printer = match (task.json, task.json_lines) {
        (true, _) => Printer::Json { first: true },
        (_, true) => Printer::JsonLines,
        _ => Printer::Table(Table::new()),
    };
    let limit = match (&printer, task.limit) {
        (_, Some(limit)) => limit,
        (Printer::Table(_), None) if !task.all => TABLE_LIMIT,
        _ => u64::MAX,
    };
    let (mut printed, mut after, mut more) = (0, None, true);
    while more && printed < limit && !out::has_failed() {
        let wanted = u32::try_from(limit - printed).unwrap_or(PAGE).min(PAGE);
        let request = history::Request { filter: filter.clone(), after, limit: Some(wanted) };
        let page = desk.history_page(request).await?;
        out::in_bulk(|out| printer.entries(out, &page.entries));
        for damaged in &page.damaged {
            out::note(format_args!(
                "Entry {damaged} cannot be read; csrdesk verify-journal{folder} says more."
            ));
        }
        for entry in &page.replaced {
            out::note(format_args!(
                "Entry {entry}: a decision named this serial number, and a later decision replaced it. csrdesk entry {entry}{folder} shows both."
            ));
        }
        printed += page.entries.len() as u64 + page.damaged.len() as u64;
        (after, more) = (page.last, page.more);
    }
    let total = match &printer {
        Printer::Table(_) if more => {
            let request = history::Request { filter: filter.clone(), after: None, limit: Some(1) };
            desk.history(request).await?.total
        }
        _ => printed,
    };
    let unresolved = match &printer {
        Printer::Table(_) if printed > 0 => Unresolved::ask(&desk, &folder).await?,
        _ => Unresolved::default(),
    };
    let nothing = match &printer {
        Printer::Table(_) if printed == 0 => nothing(&desk, filter == HistoryFilter::default()).await?,
        _ => String::new(),
    };
    printer.end(printed, total, &nothing, &folder, &unresolved);
    Ok(ExitCode::SUCCESS)
}

/// What is said in place of a table without an entry. A history that began again after a damaged or deleted one never says
/// that nothing was signed.
async fn nothing(desk: &Desk, unfiltered: bool) -> Result<String, Failure> {
    if !unfiltered {
        return Ok("No entry matches.".to_owned());
    }
    let found = desk.all_findings().await?;
    // A file that is named says more than that something is missing.
    let named = |it: &&Finding| matches!(it.finding.why, WhyOpen::SetAside { .. });
    let says = found.iter().find(named).into_iter().chain(&found).find_map(Finding::instead_of_nothing);
    Ok(says.unwrap_or_else(|| {
        // With a slip in its name, another folder would be meant.
        format!("Nothing was signed yet. The data folder is {}.", layout::whole(desk.data_dir()))
    }))
}

/// The unresolved entries of the whole history, whichever part of it is listed.
#[derive(Default)]
struct Unresolved {
    total: u64,
    /// What searches for the certificates of the newest ones.
    commands: Vec<String>,
}

impl Unresolved {
    async fn ask(desk: &Desk, folder: &str) -> Result<Self, Failure> {
        let filter = HistoryFilter { unsettled: true, ..HistoryFilter::default() };
        let request = history::Request { filter, after: None, limit: Some(SHOWN_UNRESOLVED) };
        let found = desk.history(request).await?;
        let mut commands = Vec::new();
        for entry in &found.entries {
            let target = next::server_of(desk, entry, folder).await;
            commands.push(format!("csrdesk reconcile {}{target}", entry.entry));
        }
        Ok(Self { total: found.total, commands })
    }
}

/// How entries are printed.
enum Printer {
    Json { first: bool },
    JsonLines,
    Table(Table),
}

impl Printer {
    fn entries(&mut self, out: &mut dyn Write, entries: &[Entry]) -> io::Result<()> {
        if let Self::Table(table) = self {
            table.begin(out, entries)?;
        }
        entries.iter().try_for_each(|it| self.entry(out, it))
    }

    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
        match self {
            Self::Json { first } => {
                out.write_all(if *first { b"[" } else { b"," })?;
                *first = false;
                Ok(serde_json::to_writer(out, &row(entry))?)
            }
            Self::JsonLines => {
                serde_json::to_writer(&mut *out, &row(entry))?;
                out.write_all(b"\n")
            }
            Self::Table(table) => table.entry(out, entry),
        }
    }

    fn end(&self, printed: u64, total: u64, nothing: &str, folder: &str, unresolved: &Unresolved) {
        match self {
            Self::Json { first } => out::exact(if *first { "[]" } else { "]" }),
            Self::JsonLines => {}
            Self::Table(_) if printed == 0 => {
                out::line(nothing);
            }
            Self::Table(table) => table.end(printed, total, folder, unresolved),
        }
    }
}
