//! `csrdesk history`: the entries as a table, as JSON, or in a CSV file. Page by page: a million entries take the memory of
//! one page.

use std::io::{self, Write};
use std::process::ExitCode;

use desk::commands::history;
use desk::{Failure, row};
use domain::{Entry, HistoryFilter, SerialNumber, visible};

use crate::layout::{self, column, counted, thousands};
use crate::{args, out, record, sign};

/// Entries read at a time.
const PAGE: u32 = 200;
/// Entries in a table when no number is asked for: about two screens.
const TABLE_LIMIT: u64 = 50;
/// Unresolved entries whose next command is printed.
const SHOWN_UNRESOLVED: usize = 3;
/// The columns of a table where no terminal sets them.
const WIDTH: usize = 132;
/// The columns of entry, time, outcome and CSR with two spaces after each.
const FIXED: usize = 8 + 18 + 10 + 10;
/// The columns that a name and an issuer need at least, where a serial number is not cut for them.
const NAME_AND_ISSUER: usize = 40;
/// The columns of a serial number that is cut: 12 digits and a mark. `--text` finds an entry by the 12 digits.
const CUT_SERIAL: usize = 13;

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
        out::in_bulk(|out| printer.entries(out, &page.entries));
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
    /// The widths of the last three columns; none before the first entry.
    widths: Option<Widths>,
    unresolved: Vec<u64>,
}

impl Table {
    fn new() -> Self {
        Self {
            terminal: layout::terminal_width(),
            colour: layout::has_colour(),
            widths: None,
            unresolved: Vec::new(),
        }
    }

    /// A cell in its width. Where no terminal is, nothing is cut.
    fn cell(&self, text: &str, width: usize) -> String {
        match self.terminal {
            Some(_) => column(text, width),
            None => format!("{text:<width$}"),
        }
    }

    /// Prints the heading above the first entries, whose serial numbers say how wide their column is.
    fn begin(&mut self, out: &mut dyn Write, first: &[Entry]) -> io::Result<()> {
        if self.widths.is_some() || first.is_empty() {
            return Ok(());
        }
        let longest = first.iter().map(|it| serial(it).chars().count()).max().unwrap_or_default();
        self.widths = Some(Widths::of(self.terminal, longest));
        let rest = self.rest("NAME", "SERIAL", "ISSUER");
        let heading = format!("{:>6}  {:<16}  {:<8}  {:<8}  {rest}", "ENTRY", "TIME (UTC)", "OUTCOME", "CSR");
        writeln!(out, "{}", heading.trim_end())
    }

    /// The last three columns, those that have no room left out.
    fn rest(&self, name: &str, serial: &str, issuer: &str) -> String {
        let widths = self.widths.unwrap_or_default();
        let cells = [(name, widths.name), (serial, widths.serial), (issuer, widths.issuer)];
        let cells = cells.into_iter().filter(|(_, width)| *width > 0);
        cells.map(|(text, width)| self.cell(text, width)).collect::<Vec<_>>().join("  ")
    }

    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
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
            "{:>6}  {:<16}  {}  {:<8}  {}",
            entry.entry,
            minutes(entry),
            layout::coloured(&outcome, entry.outcome(), colour),
            entry.request.csr_id.to_string(),
            self.rest(&name, &serial(entry), &issuer),
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

/// The widths of the last three columns: what the others leave. The serial number comes before the issuer, because it names
/// one certificate; a terminal of less than 100 columns has no room for both, and one of less than 70 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Widths {
    name: usize,
    serial: usize,
    issuer: usize,
}

impl Widths {
    /// With serial numbers of so many digits; with none, there is no column for them.
    fn of(terminal: Option<usize>, digits: usize) -> Self {
        let columns = terminal.unwrap_or(WIDTH);
        let left = columns.saturating_sub(FIXED);
        if columns < 70 {
            return Self { name: left.max(8), serial: 0, issuer: 0 };
        }
        let beside = |serial: usize| left.saturating_sub(if serial > 0 { serial + 2 } else { 0 });
        let whole = if digits > 0 { digits.max("SERIAL".len()) } else { 0 };
        let fits = terminal.is_none() || columns >= 100 && beside(whole) >= NAME_AND_ISSUER;
        let serial = if fits { whole } else { whole.min(CUT_SERIAL) };
        let left = beside(serial);
        if columns < 100 {
            return Self { name: left, serial, issuer: 0 };
        }
        let name = left * 3 / 5;
        Self { name, serial, issuer: left.saturating_sub(name + 2) }
    }
}

/// The serial number of an entry's first certificate in hexadecimal digits; what PAM360 sent, where that is not one; empty
/// when there is none.
fn serial(entry: &Entry) -> String {
    let certificates = entry.certificates();
    let serial = certificates.first().and_then(|it| it.serial_number.as_deref()).unwrap_or_default();
    SerialNumber::parse(serial).map_or_else(|_| visible(serial), |it| it.hex().to_owned())
}

/// `2026-11-27 08:36`.
fn minutes(entry: &Entry) -> String {
    entry.at.rfc3339().chars().take(16).map(|it| if it == 'T' { ' ' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Ending, ErrorCode, SignForm, Timestamp};

    use super::*;

    /// As long as one can be.
    const SERIAL: &str = "B7D5FCB71A2B3C4D5E6F708192A3B4C5D6E7F801";

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
        ending.certificates.push(domain::Certificate {
            common_name: Some(name.into()),
            serial_number: Some(SERIAL.to_owned()),
            ..Default::default()
        });
        let request = form.check(at).unwrap();
        let begun = Entry::begun(7, "intent".into(), at, "https://h".into(), request);
        Entry { sent_at: Some(at), answered_at: Some(at), ending, ..begun }
    }

    fn printed(table: &mut Table, name: &str) -> Vec<String> {
        rows(table, &[entry(name, ErrorCode::Signed)])
    }

    fn rows(table: &mut Table, entries: &[Entry]) -> Vec<String> {
        let mut out = Vec::new();
        table.begin(&mut out, entries).unwrap();
        entries.iter().for_each(|it| table.entry(&mut out, it).unwrap());
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
        assert!(lines[1].contains(&long) && lines[1].contains(&SERIAL.to_lowercase()), "{lines:?}");
        assert!(lines[1].starts_with("     7  2026-11-24 08:00  SIGNED    301"), "{lines:?}");
        assert_eq!(printed(&mut file, "b").len(), 1, "the heading stands once");
    }

    #[test]
    fn a_row_names_the_serial_number_where_it_fits() {
        let name = "a-very-long-name-of-a-host.department.example.test";
        let shown = |terminal| printed(&mut Table { terminal, ..Table::new() }, name).join("\n");
        let expected = [
            (
                Some(60),
                "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME
     7  2026-11-24 08:00  SIGNED    301       a-very-long-n…",
            ),
            (
                Some(80),
                "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME                 SERIAL
     7  2026-11-24 08:00  SIGNED    301       a-very-long-name-o…  b7d5fcb71a2b…",
            ),
            (
                Some(120),
                "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME                                 SERIAL         ISSUER
     7  2026-11-24 08:00  SIGNED    301       a-very-long-name-of-a-host.departm…  b7d5fcb71a2b…  Example Root R1",
            ),
            (
                Some(130),
                "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME                       SERIAL                                    ISSUER
     7  2026-11-24 08:00  SIGNED    301       a-very-long-name-of-a-ho…  b7d5fcb71a2b3c4d5e6f708192a3b4c5d6e7f801  Example Root R1",
            ),
        ];
        for (terminal, expected) in expected {
            assert_eq!(shown(terminal), expected.trim_start_matches('\n'), "{terminal:?}");
        }
    }

    #[test]
    fn short_serial_numbers_take_no_more_room_than_they_need() {
        let of_serial = |serial: Option<&str>| {
            let mut entry = entry("payments-gateway-16.emea.production.example.test", ErrorCode::Signed);
            entry.ending.certificates[0].serial_number = serial.map(str::to_owned);
            entry
        };
        let shown =
            |entries: &[Entry]| rows(&mut Table { terminal: Some(80), ..Table::new() }, entries).join("\n");
        assert_eq!(
            shown(&[of_serial(Some("0B:4F:5C")), of_serial(None), of_serial(Some("not a number\u{200b}"))]),
            "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME                 SERIAL
     7  2026-11-24 08:00  SIGNED    301       payments-gateway-1…  b4f5c
     7  2026-11-24 08:00  SIGNED    301       payments-gateway-1…
     7  2026-11-24 08:00  SIGNED    301       payments-gateway-1…  not a number…"
                .trim_start_matches('\n')
        );
        assert_eq!(
            shown(&[of_serial(Some("0b4f5c"))]),
            "
 ENTRY  TIME (UTC)        OUTCOME   CSR       NAME                        SERIAL
     7  2026-11-24 08:00  SIGNED    301       payments-gateway-16.emea.…  b4f5c"
                .trim_start_matches('\n')
        );
        let none = shown(&[of_serial(None)]);
        assert!(!none.contains("SERIAL") && none.contains("payments-gateway-16.emea.producti…"), "{none}");
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
