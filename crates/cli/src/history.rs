//! `csrdesk history`: the entries as a table, as JSON, or in a CSV file. Page by page: a million entries take the memory of
//! one page.

use std::io::{self, Write};
use std::process::ExitCode;

use desk::commands::history;
use desk::{Failure, row};
use domain::{Entry, HistoryFilter, visible};

use crate::layout::{self, column, counted, thousands};
use crate::{args, out, record, sign};

/// Entries read at a time.
const PAGE: u32 = 200;
/// Entries in a table when no number is asked for: about two screens.
const TABLE_LIMIT: u64 = 50;
/// Unresolved entries whose next command is printed.
const SHOWN_UNRESOLVED: usize = 3;
/// The columns of a table where no terminal sets them.
const WIDTH: usize = 100;

pub(crate) async fn run(task: args::History) -> ExitCode {
    record::told(list(task).await, false)
}

async fn list(task: args::History) -> Result<ExitCode, Failure> {
    let folder = args::in_folder(task.data_dir.as_deref());
    let filter = task.filter.filter()?;
    let desk = record::desk_on(task.data_dir).await?;
    if let Some(path) = task.csv {
        let count = desk.list_as_csv(filter, path.clone()).await?;
        out::note(format_args!("{} written to {}", counted(count, "entry", "entries"), layout::whole(&path)));
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
        out::in_bulk(|out| page.entries.iter().try_for_each(|it| printer.entry(out, it)));
        for damaged in &page.damaged {
            out::note(format_args!("Entry {damaged} cannot be read; csrdesk verify-journal says more."));
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
    printer.end(printed, total, filter == HistoryFilter::default(), &folder);
    Ok(ExitCode::SUCCESS)
}

/// How entries are printed.
enum Printer {
    Json { first: bool },
    JsonLines,
    Table(Table),
}

impl Printer {
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

    fn end(&self, printed: u64, total: u64, unfiltered: bool, folder: &str) {
        match self {
            Self::Json { first } => out::exact(if *first { "[]" } else { "]" }),
            Self::JsonLines => {}
            Self::Table(_) if printed == 0 => {
                out::line(if unfiltered { "Nothing was signed yet." } else { "No entry matches." });
            }
            Self::Table(table) => table.end(printed, total, folder),
        }
    }
}

/// One line for each entry.
struct Table {
    /// The columns of the terminal; none when it is not one, and nothing is cut.
    terminal: Option<usize>,
    colour: bool,
    begun: bool,
    unresolved: Vec<u64>,
}

impl Table {
    fn new() -> Self {
        Self {
            terminal: layout::terminal_width(),
            colour: layout::has_colour(),
            begun: false,
            unresolved: Vec::new(),
        }
    }

    /// The widths of the last two columns: what the others leave. A narrow terminal has no room for the issuer.
    fn rest(&self) -> (usize, usize) {
        // Entry, time, outcome and CSR with two spaces after each.
        let left = self.terminal.unwrap_or(WIDTH).saturating_sub(8 + 18 + 10 + 10);
        if left < 24 {
            return (left.max(8), 0);
        }
        let name = left * 3 / 5;
        (name, left - name - 2)
    }

    fn cell(&self, text: &str, width: usize) -> String {
        match self.terminal {
            Some(_) => column(text, width),
            None => format!("{text:<width$}"),
        }
    }

    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
        let (name_width, issuer_width) = self.rest();
        if !self.begun {
            self.begun = true;
            let (name, issuer) =
                (self.cell("NAME", name_width), if issuer_width > 0 { "ISSUER" } else { "" });
            let heading = format!(
                "{:>6}  {:<16}  {:<8}  {:<8}  {name}  {issuer}",
                "ENTRY", "TIME (UTC)", "OUTCOME", "CSR"
            );
            writeln!(out, "{}", heading.trim_end())?;
        }
        if entry.is_unsettled() && !entry.is_in_progress() {
            self.unresolved.push(entry.entry);
        }
        let certificates = entry.certificates();
        let name = certificates.first().and_then(|it| it.common_name.as_deref()).map(visible);
        let mut name = name.unwrap_or_else(|| "-".to_owned());
        if entry.request.intermediate {
            name = format!("CA: {name}");
        }
        if certificates.len() > 1 {
            name = format!("{name} and {} more", certificates.len() - 1);
        }
        let issuer = match &entry.request.issuer {
            Some(issuer) => visible(issuer.common_name.as_str()),
            None => entry.request.sign_type.to_string(),
        };
        let outcome = format!("{:<8}", sign::entry_headline(entry));
        // What a person resolved waits for nobody, so it has no colour that says so.
        let colour = self.colour && entry.code() != domain::ErrorCode::NotThere;
        let line = format!(
            "{:>6}  {:<16}  {}  {:<8}  {}  {}",
            entry.entry,
            minutes(entry),
            layout::coloured(&outcome, entry.outcome(), colour),
            entry.request.csr_id.to_string(),
            self.cell(&name, name_width),
            if issuer_width > 0 { self.cell(&issuer, issuer_width) } else { String::new() },
        );
        writeln!(out, "{}", line.trim_end())
    }

    fn end(&self, printed: u64, total: u64, folder: &str) {
        out::line("");
        if printed < total {
            let (printed, number) = (thousands(printed), counted(total, "entry", "entries"));
            let more = if total == history::MOST_COUNTED { "at least " } else { "" };
            out::line(format_args!(
                "{printed} of {more}{number}. Another number: --limit N. Every entry: --all."
            ));
        }
        out::line("Details of one entry:");
        out::exact(format_args!("  csrdesk entry NUMBER{folder}"));
        if self.unresolved.is_empty() {
            return;
        }
        let number = counted(self.unresolved.len() as u64, "entry is", "entries are");
        out::line(format_args!("{number} unresolved. Find the certificate on the server:"));
        for entry in self.unresolved.iter().take(SHOWN_UNRESOLVED) {
            out::exact(format_args!("  csrdesk reconcile {entry}{folder}"));
        }
        if self.unresolved.len() > SHOWN_UNRESOLVED {
            out::line("All of them:");
            out::exact(format_args!("  csrdesk history --unsettled --all{folder}"));
        }
    }
}

/// `2026-11-27 08:36`.
fn minutes(entry: &Entry) -> String {
    entry.at.rfc3339().chars().take(16).map(|it| if it == 'T' { ' ' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Ending, ErrorCode, SignForm, Timestamp};

    use super::*;

    fn entry(name: &str, code: ErrorCode) -> Entry {
        let form = SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: "Example Root R1".into(),
            root_serial_number: "12e5".into(),
            validity_days: "9".into(),
            csr_id: "301".into(),
            ..SignForm::default()
        };
        let at = Timestamp::from_millis(1_795_507_200_000);
        let mut ending = Ending::new(code);
        ending
            .certificates
            .push(domain::Certificate { common_name: Some(name.into()), ..Default::default() });
        let request = form.check(at).unwrap();
        let begun = Entry::begun(7, "intent".into(), at, "https://h".into(), request);
        Entry { sent_at: Some(at), answered_at: Some(at), ending, ..begun }
    }

    fn printed(table: &mut Table, name: &str) -> Vec<String> {
        let mut out = Vec::new();
        table.entry(&mut out, &entry(name, ErrorCode::Signed)).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_fits_the_terminal_and_is_whole_elsewhere() {
        let long = "a-very-long-name.of-a-host.example.test".repeat(3);
        for width in [60, 80, 120] {
            let mut table = Table { terminal: Some(width), ..Table::new() };
            for line in printed(&mut table, &long) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
        let mut file = Table { terminal: None, ..Table::new() };
        let lines = printed(&mut file, &long);
        assert!(lines[1].contains(&long), "{lines:?}");
        assert!(lines[1].starts_with("     7  2026-11-24 08:00  SIGNED    301"), "{lines:?}");
        assert_eq!(printed(&mut file, "b").len(), 1, "the heading stands once");
    }

    #[test]
    fn colour_is_added_around_the_word_alone() {
        let mut table = Table { terminal: Some(80), colour: true, ..Table::new() };
        let line = printed(&mut table, "a").pop().unwrap();
        assert!(line.contains("\u{1b}[32mSIGNED  \u{1b}[0m"), "{line:?}");
        let mut plain = Table { terminal: Some(80), colour: false, ..Table::new() };
        assert!(!printed(&mut plain, "a").pop().unwrap().contains('\u{1b}'));
    }
}
