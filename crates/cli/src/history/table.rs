//! The entries as a table for people: a line each, and below it what comes next.
//!
//! Owns the columns and what is cut. Refuses to ask for entries: the rows come from the task.

use std::collections::BTreeMap;
use std::io::{self, Write};

use desk::commands::history;
use domain::{Entry, SerialNumber, thousands, visible};

use super::Unresolved;
use crate::layout::{self, column, counted};
use crate::{out, sign};

/// Entries that a person resolved which are named below the table, of each kind.
const SHOWN_RESOLVED: usize = 10;
/// The columns of a table where no terminal sets them.
const WIDTH: usize = 132;
/// The columns of entry, time, outcome and CSR with two spaces after each.
const FIXED: usize = 8 + 18 + 10 + 10;
/// The columns that a name and an issuer need at least, where a serial number is not cut for them.
const NAME_AND_ISSUER: usize = 40;
/// The columns of a serial number that is cut: 12 digits and a mark. `--text` finds an entry by the 12 digits.
const CUT_SERIAL: usize = 13;

/// One line for each entry.
pub(super) struct Table {
    /// The columns of the terminal; none when it is not one, and nothing is cut.
    terminal: Option<usize>,
    colour: bool,
    /// The widths of the last three columns; none before the first entry.
    widths: Option<Widths>,
    /// The entries that a person resolved, by the words for it.
    resolved: BTreeMap<&'static str, Numbers>,
}

/// The numbers of some entries: the first ones, and how many there are.
#[derive(Default)]
struct Numbers {
    first: Vec<u64>,
    count: u64,
}

impl Numbers {
    fn add(&mut self, entry: u64) {
        self.count += 1;
        if self.first.len() < SHOWN_RESOLVED {
            self.first.push(entry);
        }
    }

    /// `entry 7`, `entries 7, 5`, `entries 9, 8 and 12 more`.
    fn words(&self) -> String {
        let noun = if self.count == 1 { "entry" } else { "entries" };
        let numbers: Vec<String> = self.first.iter().map(ToString::to_string).collect();
        let rest = self.count - self.first.len() as u64;
        let rest = if rest == 0 { String::new() } else { format!(" and {} more", thousands(rest)) };
        format!("{noun} {}{rest}", numbers.join(", "))
    }
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            terminal: layout::terminal_width(),
            colour: layout::has_colour(),
            widths: None,
            resolved: BTreeMap::new(),
        }
    }

    /// A cell in its width. Where no terminal is, nothing is cut.
    fn cell(&self, text: &str, width: usize) -> String {
        match self.terminal {
            Some(_) => column(text, width),
            None => format!("{text:<width$}"),
        }
    }

    /// A name with the number of the certificates beside it, which is in sight also where the name is cut.
    fn with_number(&self, name: &str, number: &str) -> String {
        let room = self.widths.unwrap_or_default().name.saturating_sub(number.len());
        match self.terminal {
            Some(_) => column(name, room).trim_end().to_owned() + number,
            None => format!("{name}{number}"),
        }
    }

    /// Prints the heading above the first entries, whose serial numbers say how wide their column is.
    pub(super) fn begin(&mut self, out: &mut dyn Write, first: &[Entry]) -> io::Result<()> {
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

    pub(super) fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
        if let Some(verdict) = entry.resolution() {
            self.resolved.entry(verdict.words()).or_default().add(entry.entry);
        }
        let certificates = entry.certificates();
        let name = certificates.first().and_then(|it| it.common_name.as_deref()).map(visible);
        let mut name = name.unwrap_or_else(|| "-".to_owned());
        if entry.request.intermediate {
            name = format!("CA: {name}");
        }
        if certificates.len() > 1 {
            name = self.with_number(&name, &format!(" +{}", certificates.len() - 1));
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

    pub(super) fn end(&self, printed: u64, total: u64, folder: &str, unresolved: &Unresolved) {
        out::line("");
        if printed < total {
            let (printed, number) = (thousands(printed), counted(total, "entry", "entries"));
            let more = if total == history::MOST_COUNTED { "at least " } else { "" };
            out::line(format_args!(
                "{printed} of {more}{number}. Another number: --limit N. Every entry: --all."
            ));
        }
        for (words, numbers) in &self.resolved {
            out::line(format_args!("{words}: {}.", numbers.words()));
        }
        out::line("Details of one entry:");
        out::exact(format_args!("  csrdesk entry NUMBER{folder}"));
        if unresolved.total == 0 {
            return;
        }
        let number = counted(unresolved.total, "entry is", "entries are");
        out::line(format_args!("{number} unresolved. Find the certificate on the server:"));
        for command in &unresolved.commands {
            out::exact(format_args!("  {command}"));
        }
        if unresolved.total > unresolved.commands.len() as u64 {
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
    fn a_second_certificate_is_in_sight_also_where_the_name_is_cut() {
        let mut two = entry("a-very-long-name-of-a-host.department.example.test", ErrorCode::Signed);
        two.ending.certificates.push(domain::Certificate::default());
        for terminal in [Some(60), Some(80), Some(120), None] {
            let lines = rows(&mut Table { terminal, ..Table::new() }, std::slice::from_ref(&two));
            assert!(lines[1].contains(" +1"), "{lines:?}");
            assert!(terminal.is_none_or(|it| lines[1].chars().count() <= it), "{lines:?}");
        }
    }

    #[test]
    fn entries_that_a_person_resolved_are_named_by_their_number() {
        let mut numbers = Numbers::default();
        numbers.add(20);
        assert_eq!(numbers.words(), "entry 20");
        numbers.add(19);
        assert_eq!(numbers.words(), "entries 20, 19");
        (1..=10).for_each(|it| numbers.add(it));
        assert_eq!(numbers.words(), "entries 20, 19, 1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
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
