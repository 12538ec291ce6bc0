//! The list that is searched: one row for each signing, made from its events.
//!
//! Owns what a row holds, how it is kept in step, made anew and compared. Refuses to be a source of truth: it decides
//! which entries are found and in which order, never what they say.

use domain::{BaseUrl, Entry, SerialNumber};
use rusqlite::{Connection, params};

use crate::fold::{self, Fold, Told};
use crate::{JournalError, schema, words};

/// The server's words are searched by their beginning: the list must stay narrow to stay quick.
const SEARCHED_WORDS: usize = 120;
/// What stands before the number in place of the intent's id, where that could not be read. An intent's id has no space.
const DAMAGED: &str = "damaged ";
/// What the searched text of an entry begins with whose events could not be read. That of every other one begins with a digit.
const DAMAGED_TEXT: &str = "damaged\n";

/// A row of the list.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    entry: i64,
    intent_id: String,
    at: i64,
    csr_id: i64,
    server: String,
    issuer: String,
    outcome: String,
    code: String,
    search: String,
    numbers: Vec<String>,
}

/// The issuer as far as it decides whether two signings are the same.
pub(crate) fn issuer_key(issuer: Option<&domain::Issuer>) -> String {
    issuer
        .map(|it| format!("{} {}", it.serial_number, it.common_name.as_str().to_lowercase()))
        .unwrap_or_default()
}

/// The number of a CSR id, which is a positive signed 64-bit integer.
pub(crate) fn csr_number(id: domain::CsrId) -> i64 {
    id.to_string().parse().unwrap_or(0)
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let request = &entry.request;
        // What an answer only claims can be searched too: that is how it is found again.
        let mut certificates = entry.certificates();
        certificates.extend(entry.reported());
        let serials = || certificates.iter().filter_map(|it| it.serial_number.as_deref());
        let mut numbers: Vec<String> = serials()
            .filter_map(|it| SerialNumber::parse(it).ok())
            .chain(request.issuer.iter().map(|it| it.serial_number.clone()))
            .flat_map(|serial| [serial.hex().to_owned(), serial.decimal()])
            .collect();
        numbers.sort_unstable();
        numbers.dedup();

        let mut search = String::new();
        let mut add = |text: &str| {
            if !text.is_empty() {
                search.push_str(&text.to_lowercase());
                search.push('\n');
            }
        };
        add(&request.csr_id.to_string());
        add(&entry.server);
        if let Some(issuer) = &request.issuer {
            add(issuer.common_name.as_str());
            add(issuer.serial_number.hex());
        }
        add(request.sign_type.as_str());
        add(request.organization.as_ref().map_or("", |it| it.as_str()));
        for certificate in &certificates {
            for text in [&certificate.common_name, &certificate.certificate_id, &certificate.serial_number] {
                add(text.as_deref().unwrap_or(""));
            }
        }
        add(entry.code().as_str());
        add(&domain::clipped(entry.ending.server_message.as_deref().unwrap_or(""), SEARCHED_WORDS));
        add(&entry.note);
        add(&entry.ticket);
        add(entry.again.as_ref().map_or("", |it| &it.reason));
        add(entry.decision.as_ref().map_or("", |it| &it.reason));
        let mut known: Vec<&str> = Vec::new();
        for origin in std::iter::once(&entry.origin).chain(&entry.other_origins) {
            let token = origin.token.as_deref().unwrap_or_default();
            for text in
                [&origin.user, &origin.computer, &origin.host].map(String::as_str).into_iter().chain([token])
            {
                // A person's own name is in most events of an entry.
                if !known.contains(&text) {
                    known.push(text);
                    add(text);
                }
            }
        }
        Self {
            entry: i64::try_from(entry.entry).unwrap_or(i64::MAX),
            intent_id: entry.intent.clone(),
            at: entry.at.millis(),
            csr_id: csr_number(request.csr_id),
            server: entry.server.clone(),
            issuer: issuer_key(request.issuer.as_ref()),
            outcome: entry.outcome().as_str().to_owned(),
            code: entry.code().as_str().to_owned(),
            search,
            numbers,
        }
    }

    /// What stands for a signing whose events cannot be read: it is listed, and says so when it is opened. With its intent,
    /// where that can be read: a second call with it must find it, and so must another signing of the same CSR.
    fn damaged(connection: &Connection, entry: i64) -> Result<Self, JournalError> {
        if let Some(begun) = fold::intent(connection, entry)? {
            let line = Self::of(&begun);
            return Ok(Self { search: format!("{DAMAGED_TEXT}{}", line.search), ..line });
        }
        Ok(Self {
            entry,
            intent_id: format!("{DAMAGED}{entry}"),
            at: 0,
            csr_id: 0,
            server: String::new(),
            issuer: String::new(),
            outcome: domain::Outcome::Unknown.as_str().to_owned(),
            code: domain::ErrorCode::Interrupted.as_str().to_owned(),
            search: DAMAGED_TEXT.to_owned(),
            numbers: Vec::new(),
        })
    }

    fn of_fold(
        connection: &Connection,
        entry: i64,
        folded: Result<Option<Entry>, JournalError>,
    ) -> Result<Self, JournalError> {
        match folded {
            Ok(Some(told)) => Ok(Self::of(&told)),
            Ok(None) | Err(JournalError::Damaged(_)) => Self::damaged(connection, entry),
            Err(other) => Err(other),
        }
    }

    fn put(&self, connection: &Connection) -> Result<(), JournalError> {
        connection
            .prepare_cached(
                "INSERT INTO signing (entry, intent_id, at, csr_id, server, issuer, outcome, code, search)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (entry) DO UPDATE SET intent_id = ?2, at = ?3, csr_id = ?4, server = ?5, issuer = ?6,
                 outcome = ?7, code = ?8, search = ?9",
            )?
            .execute(params![
                self.entry,
                self.intent_id,
                self.at,
                self.csr_id,
                self.server,
                self.issuer,
                self.outcome,
                self.code,
                self.search
            ])?;
        connection.prepare_cached("DELETE FROM signing_serial WHERE entry = ?1")?.execute([self.entry])?;
        let mut insert =
            connection.prepare_cached("INSERT INTO signing_serial (number, entry) VALUES (?1, ?2)")?;
        for number in &self.numbers {
            insert.execute(params![number, self.entry])?;
        }
        words::note(connection, self.entry)
    }
}

/// Brings the row of one signing in step with its events.
pub(crate) fn update(connection: &Connection, entry: i64) -> Result<(), JournalError> {
    Line::of_fold(connection, entry, fold::entry(connection, entry))?.put(connection)
}

/// Makes the whole list anew, and the indexes of the events through which it is made. Within a transaction of the
/// caller's. Gives the number of signings.
pub(crate) fn rebuild(connection: &Connection) -> Result<u64, JournalError> {
    connection.execute_batch("REINDEX event")?;
    schema::make_listing(connection)?;
    let mut signings = 0;
    each(connection, &mut |line| {
        signings += 1;
        line.put(connection).map(|()| true)
    })?;
    Ok(signings)
}

/// Whether the list is there and goes as far as the events do: the cheap question, asked at every start.
pub(crate) fn reaches_the_end(connection: &Connection) -> Result<bool, JournalError> {
    let last = |table: &str, which: &str| {
        connection.query_row(&format!("SELECT max(entry) FROM {table} {which}"), [], |row| {
            row.get::<_, Option<i64>>(0)
        })
    };
    Ok(schema::present(connection)?.listing && last("signing", "")? == last("event", "WHERE entry > 0")?)
}

/// The first signing whose row is not what its events say, if any: the thorough question, asked by a check.
pub(crate) fn first_difference(connection: &Connection) -> Result<Option<i64>, JournalError> {
    if !schema::present(connection)?.listing {
        return Ok(Some(1));
    }
    let mut rows = connection.prepare(
        "SELECT entry, intent_id, at, csr_id, server, issuer, outcome, code, search FROM signing ORDER BY entry",
    )?;
    let mut rows = rows.query([])?;
    let mut numbers = connection.prepare(
        "SELECT entry, number FROM signing_serial INDEXED BY signing_serial_of ORDER BY entry, number",
    )?;
    let mut numbers = numbers.query([])?;
    let mut next_number = || -> Result<Option<(i64, String)>, rusqlite::Error> {
        numbers.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    };
    let mut number = next_number()?;
    let mut difference = None;
    each(connection, &mut |expected| {
        let Some(row) = rows.next()? else {
            difference = Some(expected.entry);
            return Ok(false);
        };
        let entry: i64 = row.get(0)?;
        let mut of_entry: Vec<String> = Vec::new();
        while let Some((owner, text)) = number.take() {
            if owner > entry {
                number = Some((owner, text));
                break;
            }
            if owner == entry {
                of_entry.push(text);
            }
            number = next_number()?;
        }
        let text = |index: usize| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
        let same = entry == expected.entry
            && text(1).ok() == Some(&expected.intent_id)
            && row.get::<_, i64>(2)? == expected.at
            && row.get::<_, i64>(3)? == expected.csr_id
            && text(4).ok() == Some(&expected.server)
            && text(5).ok() == Some(&expected.issuer)
            && text(6).ok() == Some(&expected.outcome)
            && text(7).ok() == Some(&expected.code)
            && text(8).ok() == Some(&expected.search)
            && of_entry == expected.numbers;
        if !same {
            difference = Some(entry.min(expected.entry));
        }
        Ok(same)
    })?;
    if difference.is_none()
        && let Some(row) = rows.next()?
    {
        difference = Some(row.get(0)?);
    }
    if difference.is_none() {
        difference = words::first_difference(connection)?;
    }
    Ok(difference)
}

/// Makes the row of each signing, in the order of their numbers, until told to stop.
fn each(
    connection: &Connection,
    to: &mut dyn FnMut(&Line) -> Result<bool, JournalError>,
) -> Result<(), JournalError> {
    let later = schema::origin_column(connection)?;
    let mut statement = connection.prepare(&format!(
        "SELECT entry, kind, at, body, {later} FROM event WHERE entry > 0 ORDER BY entry, seq"
    ))?;
    let mut rows = statement.query([])?;
    let mut current: Option<(i64, Result<Fold, JournalError>)> = None;
    let mut close = |current: Option<(i64, Result<Fold, JournalError>)>| match current {
        None => Ok(true),
        Some((entry, fold)) => to(&Line::of_fold(connection, entry, fold.map(Fold::done))?),
    };
    while let Some(row) = rows.next()? {
        let entry: i64 = row.get(0)?;
        if current.as_ref().is_none_or(|(it, _)| *it != entry) {
            if !close(current.take())? {
                return Ok(());
            }
            current = Some((entry, Ok(Fold::new(entry))));
        }
        let bytes = |index: usize| row.get_ref(index).ok().and_then(|it| it.as_bytes().ok());
        if let Some((_, fold)) = &mut current
            && let Ok(folding) = fold
        {
            let taken = match (bytes(1), row.get(2), bytes(3)) {
                (Some(kind), Ok(at), Some(body)) => {
                    folding.take(Told { kind, at, body, origin: bytes(4).unwrap_or_default() })
                }
                _ => Err(JournalError::Damaged(0)),
            };
            if let Err(error) = taken {
                *fold = Err(error);
            }
        }
    }
    close(current).map(|_| ())
}

/// The entries whose events could not be read when their row was made. Such a row lacks the serial numbers of certificates,
/// so a question about those does not find it.
pub(crate) fn damaged(connection: &Connection) -> Result<Vec<i64>, JournalError> {
    // Through the index of outcomes: few signings are unknown.
    let mut statement = connection.prepare_cached(
        "SELECT entry FROM signing WHERE outcome = 'unknown' AND substr(search, 1, length(?1)) = ?1 ORDER BY entry",
    )?;
    let rows = statement.query_map([DAMAGED_TEXT], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The signings of a CSR with any issuer on a server after which a certificate exists or may exist, oldest first. For showing;
/// what decides whether a request leaves is asked of the events, see [`crate::gates`].
pub(crate) fn of_csr(
    connection: &Connection,
    server: &str,
    csr_id: domain::CsrId,
) -> Result<Vec<u64>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT entry, server FROM signing WHERE csr_id = ?1
         AND (outcome = 'signed' OR (outcome = 'unknown' AND code <> 'not-there')) ORDER BY entry",
    )?;
    let rows = statement.query(params![csr_number(csr_id)])?;
    on_server(rows, server)
}

/// The entries of a CSR with any issuer about which a person decided that no certificate was issued.
pub(crate) fn not_issued_of_csr(
    connection: &Connection,
    server: &str,
    csr_id: domain::CsrId,
) -> Result<Vec<u64>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT entry, server FROM signing WHERE csr_id = ?1
         AND outcome = 'unknown' AND code = 'not-there' ORDER BY entry",
    )?;
    let rows = statement.query(params![csr_number(csr_id)])?;
    on_server(rows, server)
}

/// The entries among rows of entry and server that are of one server, in whatever spelling it was recorded.
fn on_server(rows: rusqlite::Rows<'_>, server: &str) -> Result<Vec<u64>, JournalError> {
    on_server_noting(rows, server, &mut |_| {})
}

/// The same; `noted` takes each of them whose third column is true, where there is a third column.
fn on_server_noting(
    mut rows: rusqlite::Rows<'_>,
    server: &str,
    noted: &mut dyn FnMut(u64),
) -> Result<Vec<u64>, JournalError> {
    let server = BaseUrl::canonical(server);
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // A version before servers had one spelling recorded them as they were typed.
        let recorded = row.get_ref(1)?.as_str().unwrap_or_default();
        if recorded == server || BaseUrl::canonical(recorded) == server {
            let entry = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            if row.as_ref().column_count() > 2 && row.get(2)? {
                noted(entry);
            }
            found.push(entry);
        }
    }
    Ok(found)
}
