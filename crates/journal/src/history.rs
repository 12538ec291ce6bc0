//! Reading: pages of the history, single entries, and what speaks against another signing.
//!
//! Owns how a filter becomes a question to the list. Refuses to take an entry's content from the list: each entry that
//! is shown is read from its events.

use domain::{Entry, Event, HistoryFilter, SerialNumber, SignRequest, SortBy, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::canonical::hex;
use crate::chain::Raw;
use crate::signing::shown;
use crate::{Journal, JournalError, fold, listing};

/// A page of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The entries, in the order asked for.
    pub entries: Vec<Entry>,
    /// Entries that belong on this page and cannot be read.
    pub damaged: Vec<u64>,
    /// The last entry looked at: what to ask for the next page with.
    pub last: Option<u64>,
    /// Whether there are more after it.
    pub more: bool,
}

/// The most words of a search that are looked at: each one costs a pass over the list.
const MAX_WORDS: usize = 8;

impl Journal {
    /// A page of the history: the entries that pass the filter and come after the entry `after`, at most `limit`.
    ///
    /// # Errors
    /// The record cannot be read. A damaged entry is named in the page and is no error.
    pub fn page(&self, filter: &HistoryFilter, after: Option<u64>, limit: u32) -> Result<Page, JournalError> {
        self.read(|connection| {
            // One more than asked for tells whether there are more.
            let question = Question::of(filter).page(filter, after, limit.saturating_add(1));
            let mut statement = connection.prepare_cached(&question.sql)?;
            let rows = statement.query_map(params_from_iter(question.values), |row| row.get::<_, i64>(0))?;
            let mut numbers = rows.collect::<Result<Vec<_>, _>>()?;
            let more = numbers.len() > limit as usize;
            numbers.truncate(limit as usize);
            let mut page = Page {
                entries: Vec::new(),
                damaged: Vec::new(),
                last: numbers.last().copied().map(shown),
                more,
            };
            for number in numbers {
                match fold::entry(connection, number) {
                    Ok(Some(entry)) => page.entries.push(entry),
                    Ok(None) | Err(JournalError::Damaged(_)) => page.damaged.push(shown(number)),
                    Err(error) => return Err(error),
                }
            }
            Ok(page)
        })
    }

    /// How many entries pass the filter.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn count(&self, filter: &HistoryFilter) -> Result<u64, JournalError> {
        self.read(|connection| {
            let question = Question::of(filter).count();
            let mut statement = connection.prepare_cached(&question.sql)?;
            let count: i64 = statement.query_row(params_from_iter(question.values), |row| row.get(0))?;
            Ok(shown(count))
        })
    }

    /// One entry; none when there is no such number.
    ///
    /// # Errors
    /// The record cannot be read, or the entry is damaged; [`Journal::events`] shows what is there of it.
    pub fn entry(&self, entry: u64) -> Result<Option<Entry>, JournalError> {
        let Ok(number) = i64::try_from(entry) else { return Ok(None) };
        self.read(|connection| fold::entry(connection, number))
    }

    /// The events of an entry in their order, as they stand in the record even when they are damaged.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn events(&self, entry: u64) -> Result<Vec<Event>, JournalError> {
        let Ok(number) = i64::try_from(entry) else { return Ok(Vec::new()) };
        self.read(|connection| {
            let sql =
                format!("SELECT {} FROM event WHERE entry = ?1 AND entry > 0 ORDER BY seq", Raw::COLUMNS);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([number], Raw::of)?;
            rows.map(|raw| Ok(for_showing(&raw?))).collect()
        })
    }

    /// The entry that was begun with an intent's id, if there is one.
    ///
    /// # Errors
    /// The record cannot be read, or the entry is damaged.
    pub fn by_intent(&self, id: &str) -> Result<Option<Entry>, JournalError> {
        self.read(|connection| match listing::by_intent(connection, id)? {
            Some(number) => fold::entry(connection, number),
            None => Ok(None),
        })
    }

    /// The entries of the same CSR and issuer on a server after which a certificate exists or may exist, oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn earlier(&self, server: &str, request: &SignRequest) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| listing::against(connection, server, request))
    }
}

fn for_showing(raw: &Raw) -> Event {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Event {
        seq: shown(raw.seq),
        kind: text(&raw.kind),
        at: Timestamp::from_millis(raw.at),
        body: text(&raw.body),
        hash: hex(&raw.hash),
    }
}

/// A question to the list, with its values apart from its text.
struct Question {
    sql: String,
    values: Vec<Value>,
}

impl Question {
    fn of(filter: &HistoryFilter) -> Self {
        let mut it = Self { sql: String::from("FROM signing WHERE 1"), values: Vec::new() };
        if let Some(outcome) = filter.outcome {
            it.and("outcome = ?", [Value::from(outcome.as_str().to_owned())]);
        }
        if filter.unsettled {
            it.and("outcome = 'unknown' AND code <> 'not-there'", []);
        }
        if let Some(server) = &filter.server {
            it.and("server = ?", [Value::from(server.clone())]);
        }
        if let Some(from) = filter.from {
            it.and("at >= ?", [Value::from(from.millis())]);
        }
        if let Some(to) = filter.to {
            it.and("at < ?", [Value::from(to.millis())]);
        }
        if !filter.serial.trim().is_empty() {
            let [first, second] = spellings(&filter.serial).map(Value::from);
            it.and("entry IN (SELECT entry FROM signing_serial WHERE number IN (?, ?))", [first, second]);
        }
        for word in filter.text.to_lowercase().split_whitespace().take(MAX_WORDS) {
            // Not LIKE: a typed % or _ means itself, and the text is in lower case already.
            it.and("instr(search, ?) > 0", [Value::from(word.to_owned())]);
        }
        it
    }

    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    fn page(mut self, filter: &HistoryFilter, after: Option<u64>, limit: u32) -> Self {
        let column = match filter.sort {
            SortBy::Entry => "entry",
            SortBy::CsrId => "csr_id",
            SortBy::Outcome => "outcome",
            SortBy::Server => "server",
        };
        let (beyond, direction) = if filter.ascending { (">", "ASC") } else { ("<", "DESC") };
        if let Some(after) = after {
            let after = Value::from(i64::try_from(after).unwrap_or(i64::MAX));
            if filter.sort == SortBy::Entry {
                self.and(&format!("entry {beyond} ?"), [after]);
            } else {
                // The last entry's own place in the order: pages stay right while entries are added.
                let place = format!(
                    "({column}, entry) {beyond} (SELECT {column}, entry FROM signing WHERE entry = ?)"
                );
                self.and(&place, [after]);
            }
        }
        let order = match filter.sort {
            SortBy::Entry => format!("entry {direction}"),
            _ => format!("{column} {direction}, entry {direction}"),
        };
        self.sql = format!("SELECT entry {} ORDER BY {order} LIMIT ?", self.sql);
        self.values.push(Value::from(limit));
        self
    }

    fn count(mut self) -> Self {
        self.sql = format!("SELECT count(*) {}", self.sql);
        self
    }
}

/// The numbers that a typed serial number can mean: read as hexadecimal, and read as decimal. Digits alone may be
/// either, so both are looked for. What is no number is looked for as it is, and not found.
fn spellings(typed: &str) -> [String; 2] {
    let hexadecimal = SerialNumber::parse(typed).map_or_else(|_| typed.to_owned(), |it| it.hex().to_owned());
    let digits: String = typed.chars().filter(|it| !it.is_whitespace()).collect();
    let decimal = match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        text => text.to_owned(),
    };
    [hexadecimal, decimal]
}

/// Gives up what a busy connection holds when it only reads.
pub(crate) fn only_read(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "query_only", true)
}
