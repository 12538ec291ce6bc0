//! How a filter becomes a question to the list, through the index of words where that helps.
//!
//! Refuses to take anything that is shown from the list: an answer is the numbers of entries.

use domain::{BaseUrl, Entry, HistoryFilter, SerialNumber, SortBy};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::bodies::DecisionBody;
use crate::{JournalError, words};

/// Entry numbers as one value, whose count does not change the question's text.
fn numbers(entries: &[u64]) -> Value {
    Value::from(serde_json::Value::from(entries).to_string())
}

/// Asks the list, through the index of words where that helps. The index is no part of the record: where it is damaged,
/// the list is asked without it.
pub(super) fn asked<T>(
    connection: &Connection,
    filter: &HistoryFilter,
    ask: impl Fn(Question) -> rusqlite::Result<T>,
) -> Result<T, JournalError> {
    let words = Words::of(&filter.text);
    if let Ok(Some(candidates)) = words.candidates(connection) {
        match ask(Question::of(filter, &words, Some(candidates))).map_err(JournalError::from) {
            Err(JournalError::Corrupted(_) | JournalError::Database(_)) => {}
            answered => return answered,
        }
    }
    Ok(ask(Question::of(filter, &words, None))?)
}

/// The words of a filter.
struct Words {
    /// Those that are looked for as they are.
    plain: Vec<String>,
    /// Those that can be a serial number, with its digits as the texts have it: such a number is shown with colons, and a decision
    /// that a later one replaced named it in no text of the list.
    serials: Vec<(String, String)>,
}

/// The entries that the index of words names.
struct Candidates {
    question: String,
    /// The digits of a serial number that a replaced decision may have named; then its entry is looked at as well.
    digits: Option<String>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut it = Self { plain: Vec::new(), serials: Vec::new() };
        for word in words::of(text) {
            match words::digits(&word) {
                Some(digits) => it.serials.push((word, digits)),
                None => it.plain.push(word),
            }
        }
        it
    }

    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.serials.is_empty()
    }

    /// What narrows a search down: the plain words together, else one serial number. None when going through all texts is as
    /// good.
    fn candidates(&self, connection: &Connection) -> Result<Option<Candidates>, JournalError> {
        if let Some(question) = words::question(connection, &self.plain)? {
            return Ok(Some(Candidates { question, digits: None }));
        }
        for (word, digits) in &self.serials {
            if let Some(question) = words::either(connection, word, digits)? {
                return Ok(Some(Candidates { question, digits: Some(digits.clone()) }));
            }
        }
        Ok(None)
    }
}

/// The entries with a serial number that begins with some digits, hexadecimal or decimal: the texts have hexadecimal ones
/// alone. And those with a decision that names a certificate whose serial number has these digits.
const NUMBERED: &str = "SELECT entry FROM signing_serial WHERE number BETWEEN ? AND ?
    UNION ALL SELECT entry FROM event WHERE kind = 'decision' AND names_digits(body, ?)";

/// The values of [`NUMBERED`].
fn numbered(digits: &str) -> [Value; 3] {
    [digits.to_owned(), last_beginning(digits), digits.to_owned()].map(Value::from)
}

/// A question to the list, with its values apart from its text.
pub(super) struct Question {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Question {
    fn of(filter: &HistoryFilter, words: &Words, candidates: Option<Candidates>) -> Self {
        let mut it = Self { sql: String::from("FROM signing WHERE 1"), values: Vec::new() };
        if let Some(candidates) = candidates {
            let named = "SELECT rowid FROM signing_words WHERE signing_words MATCH ?
                 UNION ALL SELECT entry FROM signing_waiting";
            let question = Value::from(candidates.question);
            match candidates.digits {
                None => it.and(&format!("entry IN ({named})"), [question]),
                Some(digits) => {
                    let [from, to, within] = numbered(&digits);
                    it.and(&format!("entry IN ({named} UNION ALL {NUMBERED})"), [question, from, to, within]);
                }
            }
        }
        // A unary plus keeps SQLite from an index: words have to be looked for row by row anyway, and an index that
        // most rows are in only makes it jump between them.
        let by = if words.is_empty() { "" } else { "+" };
        // The list calls what is in progress unknown or not sent, as the journal alone must.
        if filter.in_progress {
            it.and("entry IN (SELECT value FROM json_each(?))", [numbers(&filter.running)]);
        } else if let Some(outcome) = filter.outcome {
            it.and(&format!("{by}outcome = ?"), [Value::from(outcome.as_str().to_owned())]);
        }
        if !filter.in_progress && (filter.outcome.is_some() || filter.unsettled) && !filter.running.is_empty()
        {
            it.and("entry NOT IN (SELECT value FROM json_each(?))", [numbers(&filter.running)]);
        }
        if filter.unsettled {
            it.and(&format!("{by}outcome = 'unknown' AND code <> 'not-there'"), []);
        }
        if let Some(server) = &filter.server {
            // Each server that is recorded, by steps through its index: few, and an earlier version spelled one in several ways.
            let recorded = "WITH RECURSIVE recorded (server) AS (SELECT min(server) FROM signing UNION ALL
                 SELECT (SELECT min(server) FROM signing WHERE server > recorded.server) FROM recorded
                 WHERE recorded.server IS NOT NULL)
                 SELECT server FROM recorded WHERE server IS NOT NULL AND is_server(server, ?)";
            it.and(&format!("{by}server IN ({recorded})"), [Value::from(BaseUrl::canonical(server))]);
        }
        if let Some(from) = filter.from {
            it.and(&format!("{by}at >= ?"), [Value::from(from.millis())]);
        }
        if let Some(to) = filter.to {
            it.and(&format!("{by}at < ?"), [Value::from(to.millis())]);
        }
        if !domain::typed::code(&filter.serial).is_empty() {
            // Ranges of the primary key.
            let [first, second] = filter.serial_spellings().map(|it| (last_beginning(&it), it));
            let bounds = [first.1, first.0, second.1, second.0];
            // The list has what an entry shows now. A decision that a later one replaced is in the events alone: one for
            // each signing that a person resolved, and read through an index of their own.
            let [a, b, c, d] = bounds.clone();
            let [e, f, g, h] = bounds;
            it.and(
                &format!(
                    "entry IN ({IN_LIST} UNION ALL
                     SELECT entry FROM event WHERE kind = 'decision' AND names_serial(body, ?, ?, ?, ?))"
                ),
                [a, b, c, d, e, f, g, h].map(Value::from),
            );
        }
        if !words.plain.is_empty() {
            it.and("has_words(search, ?)", [Value::from(words.plain.join(" "))]);
        }
        for (word, digits) in &words.serials {
            let [from, to, within] = numbered(digits);
            let word_is = Value::from(word.clone());
            if word == digits {
                let condition = format!("(has_words(search, ?) OR entry IN ({NUMBERED}))");
                it.and(&condition, [word_is, from, to, within]);
            } else {
                let condition =
                    format!("(has_words(search, ?) OR has_words(search, ?) OR entry IN ({NUMBERED}))");
                it.and(&condition, [word_is, Value::from(digits.clone()), from, to, within]);
            }
        }
        it
    }

    fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    pub(super) fn page(mut self, filter: &HistoryFilter, after: Option<u64>, limit: u32) -> Self {
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
            _ if filter.text.trim().is_empty() => format!("{column} {direction}, entry {direction}"),
            // Looked for row by row, and the few that are shown sorted then.
            _ => format!("+{column} {direction}, entry {direction}"),
        };
        self.sql = format!("SELECT entry {} ORDER BY {order} LIMIT ?", self.sql);
        self.values.push(Value::from(limit));
        self
    }

    pub(super) fn count(mut self, limit: i64) -> Self {
        if limit == i64::MAX {
            self.sql = format!("SELECT count(*) {}", self.sql);
        } else {
            self.sql = format!("SELECT count(*) FROM (SELECT 1 {} LIMIT ?)", self.sql);
            self.values.push(Value::from(limit));
        }
        self
    }
}

/// The end of the range of numbers that begin with these digits; with few digits, of the number itself.
fn last_beginning(number: &str) -> String {
    // No digit, hexadecimal or decimal, comes after a `g`.
    if number.len() < HistoryFilter::SERIAL_BEGINNING { number.to_owned() } else { [number, "g"].concat() }
}

/// The entries of the list with a serial number in one of two ranges of the primary key.
const IN_LIST: &str = "SELECT entry FROM signing_serial WHERE number BETWEEN ? AND ?
    UNION ALL SELECT entry FROM signing_serial WHERE number BETWEEN ? AND ?";

/// Those of some entries that do not show a serial number of the filter: they were found by a decision that a later one
/// replaced.
pub(super) fn found_by_replaced(
    connection: &Connection,
    filter: &HistoryFilter,
    entries: &[Entry],
) -> Result<Vec<u64>, JournalError> {
    if domain::typed::code(&filter.serial).is_empty() {
        return Ok(Vec::new());
    }
    let [first, second] = filter.serial_spellings().map(|it| (last_beginning(&it), it));
    let mut statement =
        connection.prepare_cached(&format!("SELECT EXISTS (SELECT 1 FROM ({IN_LIST}) WHERE entry = ?)"))?;
    let mut replaced = Vec::new();
    for it in entries {
        let number = i64::try_from(it.entry).unwrap_or(i64::MAX);
        let shows: bool =
            statement.query_row(params![first.1, first.0, second.1, second.0, number], |row| row.get(0))?;
        if !shows {
            replaced.push(it.entry);
        }
    }
    Ok(replaced)
}

/// The same for the words of the filter: those of some entries whose searched text lacks a serial number among them.
pub(super) fn found_by_replaced_word(
    connection: &Connection,
    filter: &HistoryFilter,
    entries: &[Entry],
) -> Result<Vec<u64>, JournalError> {
    let words = Words::of(&filter.text);
    let mut statement = connection.prepare_cached(
        "SELECT NOT (has_words(search, ?1) OR has_words(search, ?2)
             OR EXISTS (SELECT 1 FROM signing_serial WHERE entry = ?3 AND number BETWEEN ?2 AND ?4))
         FROM signing WHERE entry = ?3",
    )?;
    let mut replaced = Vec::new();
    for it in entries {
        let number = i64::try_from(it.entry).unwrap_or(i64::MAX);
        for (word, digits) in &words.serials {
            let shows = |serial: &str| SerialNumber::parse(serial).is_ok_and(|it| has_digits(&it, digits));
            if it.certificates().iter().filter_map(|it| it.serial_number.as_deref()).any(shows) {
                continue;
            }
            let to = last_beginning(digits);
            if statement.query_row(params![word, digits, number, to], |row| row.get(0))? {
                replaced.push(it.entry);
            }
        }
    }
    Ok(replaced)
}

/// Whether the body of a decision names a certificate whose serial number has these digits in it, hexadecimal or decimal.
fn names_digits(body: &str, digits: &str) -> bool {
    serial_of(body).is_some_and(|it| has_digits(&it, digits))
}

fn has_digits(serial: &SerialNumber, digits: &str) -> bool {
    serial.hex().contains(digits) || serial.decimal().starts_with(digits)
}

/// The serial number of the certificate that the body of a decision names.
fn serial_of(body: &str) -> Option<SerialNumber> {
    let decision = serde_json::from_str::<DecisionBody>(body).ok()?;
    let serial = decision.verdict.certificate()?.serial_number.as_deref();
    SerialNumber::parse(serial?).ok()
}

/// Whether the body of a decision names a certificate whose serial number, in hexadecimal or decimal, is in a range.
fn names_serial(body: &str, ranges: [[&str; 2]; 2]) -> bool {
    let Some(serial) = serial_of(body) else { return false };
    let decimal = serial.decimal();
    let within = |number: &str| ranges.iter().any(|[from, to]| (*from..=*to).contains(&number));
    within(serial.hex()) || within(&decimal)
}

/// The memory that a reader may keep the list in, so that a second search needs no file: KiB, negative as SQLite
/// wants it.
const CACHE: i64 = -16 * 1024;

/// Makes a connection one that only reads, and that can look for words.
pub(crate) fn set_up_reader(connection: &Connection) -> rusqlite::Result<()> {
    words::list_threes(connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    // In place of SQLite's own `instr`, which takes three times as long, and of LIKE, to which a typed % means more.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("is_server", 2, flags, |arguments| {
        let recorded = arguments.get_raw(0).as_str().unwrap_or_default();
        let wanted = arguments.get_raw(1).as_str().unwrap_or_default();
        Ok(recorded == wanted || BaseUrl::canonical(recorded) == wanted)
    })?;
    connection.create_scalar_function("names_serial", 5, flags, |arguments| {
        let text = |place: usize| arguments.get_raw(place).as_str().unwrap_or_default();
        Ok(names_serial(text(0), [[text(1), text(2)], [text(3), text(4)]]))
    })?;
    connection.create_scalar_function("names_digits", 2, flags, |arguments| {
        let text = |place: usize| arguments.get_raw(place).as_str().unwrap_or_default();
        Ok(names_digits(text(0), text(1)))
    })?;
    connection.create_scalar_function("has_words", 2, flags, |arguments| {
        let text = arguments.get_raw(0).as_str().unwrap_or_default();
        let words = arguments.get_raw(1).as_str().unwrap_or_default();
        Ok(words.split(' ').all(|word| text.contains(word)))
    })
}
