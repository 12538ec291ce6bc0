//! Reading: pages of the history, single entries, and what speaks against another signing.
//!
//! Owns how a filter becomes a question to the list. Refuses to take an entry's content from the list: each entry that
//! is shown is read from its events.

use domain::{BaseUrl, CsrId, Entry, Event, HistoryFilter, SerialNumber, SignRequest, SortBy, Timestamp};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::bodies::DecisionBody;
use crate::canonical::hex;
use crate::chain::Raw;
use crate::signing::shown;
use crate::{Journal, JournalError, fold, gates, listing, words};

/// A page of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The entries, in the order asked for.
    pub entries: Vec<Entry>,
    /// Entries that belong on this page and cannot be read.
    pub damaged: Vec<u64>,
    /// Those of the entries that a serial number, in the filter or among its words, found by a decision that a later one
    /// replaced.
    pub replaced: Vec<u64>,
    /// The last entry looked at: what to ask for the next page with.
    pub last: Option<u64>,
    /// Whether there are more after it.
    pub more: bool,
}

/// The most words of a search that are looked at: each one costs time.
pub(crate) const MAX_WORDS: usize = 8;

impl Journal {
    /// A page of the history: the entries that pass the filter and come after the entry `after`, at most `limit`.
    ///
    /// # Errors
    /// The record cannot be read. A damaged entry is named in the page and is no error.
    pub fn page(&self, filter: &HistoryFilter, after: Option<u64>, limit: u32) -> Result<Page, JournalError> {
        self.read(|connection| {
            // One more than asked for tells whether there are more.
            let mut numbers = asked(connection, filter, |question| {
                let question = question.page(filter, after, limit.saturating_add(1));
                let mut statement = connection.prepare_cached(&question.sql)?;
                let rows =
                    statement.query_map(params_from_iter(question.values), |row| row.get::<_, i64>(0))?;
                rows.collect::<Result<Vec<_>, _>>()
            })?;
            let more = numbers.len() > limit as usize;
            numbers.truncate(limit as usize);
            let mut page = Page {
                entries: Vec::new(),
                damaged: Vec::new(),
                replaced: Vec::new(),
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
            page.replaced = found_by_replaced(connection, filter, &page.entries)?;
            let by_words = found_by_replaced_word(connection, filter, &page.entries)?;
            page.replaced.extend(by_words);
            page.replaced.sort_unstable();
            page.replaced.dedup();
            Ok(page)
        })
    }

    /// How many entries pass the filter.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn count(&self, filter: &HistoryFilter) -> Result<u64, JournalError> {
        self.count_to(filter, u64::MAX)
    }

    /// How many entries pass the filter, counted up to a limit: counting all that have a common word takes a pass over
    /// the whole list.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn count_to(&self, filter: &HistoryFilter, limit: u64) -> Result<u64, JournalError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            let count = asked(connection, filter, |question| {
                let question = question.count(limit);
                let mut statement = connection.prepare_cached(&question.sql)?;
                statement.query_row(params_from_iter(question.values), |row| row.get::<_, i64>(0))
            })?;
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
            let sql = Raw::select(connection, "WHERE entry = ?1 AND entry > 0 ORDER BY seq")?;
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([number], Raw::of)?;
            rows.map(|raw| Ok(for_showing(&raw?))).collect()
        })
    }

    /// The entries that the list has without the serial numbers of their certificates, because their events could not be read
    /// when it was made. A page for a serial number does not name them, and each may be the one that is looked for.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn listed_as_damaged(&self) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| Ok(listing::damaged(connection)?.into_iter().map(shown).collect()))
    }

    /// The entry that was begun with an intent's id, if there is one.
    ///
    /// # Errors
    /// The record cannot be read, or the entry is damaged.
    pub fn by_intent(&self, id: &str) -> Result<Option<Entry>, JournalError> {
        self.read(|connection| match gates::by_intent(connection, id)? {
            Some(number) => fold::entry(connection, number),
            None => Ok(None),
        })
    }

    /// The entries without an answer that were begun from one moment to another, both included; with the moments far
    /// enough apart, all of them.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn unanswered(&self, from: Timestamp, to: Timestamp) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entry FROM signing WHERE at BETWEEN ?1 AND ?2
                 AND code IN ('interrupted', 'interrupted-before-sending') ORDER BY entry",
            )?;
            let rows = statement.query_map([from.millis(), to.millis()], |row| row.get::<_, i64>(0))?;
            rows.map(|number| Ok(shown(number?))).collect()
        })
    }

    /// The entries of the same CSR and issuer on a server after which a certificate exists or may exist, oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn earlier(&self, server: &str, request: &SignRequest) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| gates::against(connection, server, request, &[], None))
    }

    /// The entries of the same CSR on a server after which a certificate exists or may exist, whatever their issuer;
    /// oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn of_csr(&self, server: &str, csr_id: CsrId) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| listing::of_csr(connection, server, csr_id))
    }

    /// The entries of the same CSR on a server about which a person decided that no certificate was issued, whatever their
    /// issuer; oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn not_issued_of_csr(&self, server: &str, csr_id: CsrId) -> Result<Vec<u64>, JournalError> {
        self.read(|connection| listing::not_issued_of_csr(connection, server, csr_id))
    }

    /// Whether the journal casts doubt on a person's word that a signing issued no certificate: an earlier decision named
    /// one, or the last search found one that nothing contradicts. Another signing of the same CSR and issuer then takes a
    /// reason, and [`Self::earlier`] names the entry.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn is_doubted(&self, entry: u64) -> Result<bool, JournalError> {
        self.read(|connection| crate::doubt::casts(connection, entry))
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
        origin: fold::origin(&raw.origin),
    }
}

/// Entry numbers as one value, whose count does not change the question's text.
fn numbers(entries: &[u64]) -> Value {
    Value::from(serde_json::Value::from(entries).to_string())
}

/// Asks the list, through the index of words where that helps. The index is no part of the record: where it is damaged,
/// the list is asked without it.
fn asked<T>(
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
struct Question {
    sql: String,
    values: Vec<Value>,
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
            _ if filter.text.trim().is_empty() => format!("{column} {direction}, entry {direction}"),
            // Looked for row by row, and the few that are shown sorted then.
            _ => format!("+{column} {direction}, entry {direction}"),
        };
        self.sql = format!("SELECT entry {} ORDER BY {order} LIMIT ?", self.sql);
        self.values.push(Value::from(limit));
        self
    }

    fn count(mut self, limit: i64) -> Self {
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
fn found_by_replaced(
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
fn found_by_replaced_word(
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
    serial_of(body).is_some_and(|it| it.hex().contains(digits) || it.decimal().contains(digits))
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
