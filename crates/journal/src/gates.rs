//! What "at most once" asks before a request may leave: whether an intent is recorded, and which signings of a CSR speak
//! against another one.
//!
//! Owns these questions, and asks the events alone: the lists of [`crate::listing`] are made for searching, and whoever can
//! write the file can change them without a trace in the chain. SQLite's own indexes over the events answer them.

use std::cell::OnceCell;

use domain::{BaseUrl, Entry, ErrorCode, IntentId, SignRequest};
use rusqlite::{Connection, params};

use crate::listing::{csr_number, issuer_key};
use crate::signing::shown;
use crate::{JournalError, doubt, fold};

/// The intent's id in an event of kind `intent`; nothing in a body that is damaged.
pub(crate) const INTENT_ID: &str = "CASE WHEN json_valid(body) THEN json_extract(body, '$.intent') END";
/// The CSR's id in an event of kind `intent`; nothing in a body that is damaged.
pub(crate) const CSR_ID: &str = "CASE WHEN json_valid(body) THEN json_extract(body, '$.request.csr_id') END";

/// The number of the signing with an intent's id; the first one, should a UUID stand there in several spellings.
pub(crate) fn by_intent(connection: &Connection, id: &str) -> Result<Option<i64>, JournalError> {
    let wanted = IntentId::parse(id).ok().filter(IntentId::is_uuid);
    // A version before UUIDs had one spelling recorded them as they were typed. Each way to write the first digits is one
    // step through the index; what it finds is compared as a UUID.
    let (starts, end) = match &wanted {
        Some(uuid) => (beginnings(uuid.as_str()), "z"),
        None => (vec![id.to_owned()], ""),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT entry, {INTENT_ID} FROM event WHERE kind = 'intent'
         AND {INTENT_ID} >= ?1 AND {INTENT_ID} <= ?1 || ?2"
    ))?;
    let mut first: Option<i64> = None;
    for start in starts {
        let mut rows = statement.query([start.as_str(), end])?;
        while let Some(row) = rows.next()? {
            let entry: i64 = row.get(0)?;
            let recorded = row.get_ref(1)?.as_str().unwrap_or_default();
            let same = match &wanted {
                Some(uuid) => IntentId::parse(recorded).is_ok_and(|it| it == *uuid),
                None => recorded == id,
            };
            if same && first.is_none_or(|it| entry < it) {
                first = Some(entry);
            }
        }
    }
    Ok(first)
}

/// The first four digits of a UUID with each letter small and capital: 16 texts at most, and of a million random UUIDs
/// some 15 begin with each.
fn beginnings(uuid: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for digit in uuid.chars().take(4) {
        let mut spelled = vec![digit.to_ascii_lowercase()];
        if digit.is_ascii_alphabetic() {
            spelled.push(digit.to_ascii_uppercase());
        }
        all = all.iter().flat_map(|it| spelled.iter().map(move |c| format!("{it}{c}"))).collect();
    }
    all
}

/// The signings of the same CSR and issuer on a server after which a certificate exists or may exist, oldest first. One whose
/// events cannot be read may have issued one; so may one about which a person's word that none was issued is in doubt
/// ([`doubt::casts`]). Those that are `known` already are not looked at, and not among them.
///
/// A server may have several names: an entry of another address counts too when the certificate that answered there is
/// `certificate`, or one that answered at this address before.
pub(crate) fn against(
    connection: &Connection,
    server: &str,
    request: &SignRequest,
    known: &[u64],
    certificate: Option<&str>,
) -> Result<Vec<u64>, JournalError> {
    let (issuer, canonical) = (issuer_key(request.issuer.as_ref()), BaseUrl::canonical(server));
    // In whatever spelling the server was recorded.
    let is_of = |it: &Entry| it.server == server || BaseUrl::canonical(&it.server) == canonical;
    let certificates = OnceCell::new();
    let answers_here = |it: &Entry| -> Result<bool, JournalError> {
        let Some(seen) = it.ending.seen.server_certificate_sha256.as_deref() else { return Ok(false) };
        if certificate == Some(seen) {
            return Ok(true);
        }
        if certificates.get().is_none() {
            let _ = certificates.set(certificates_of(connection, &canonical)?);
        }
        Ok(certificates.get().is_some_and(|it: &Vec<String>| it.iter().any(|it| it == seen)))
    };
    let may_be_of = |it: &Entry| -> Result<bool, JournalError> {
        Ok(issuer_key(it.request.issuer.as_ref()) == issuer && (is_of(it) || answers_here(it)?))
    };
    let mut found = Vec::new();
    for number in of_csr(connection, request)? {
        if known.contains(&shown(number)) {
            continue;
        }
        let speaks = match fold::entry(connection, number) {
            Ok(None) => false,
            Ok(Some(entry)) if !may_be_of(&entry)? => false,
            Ok(Some(entry)) if entry.code() == ErrorCode::NotThere => {
                doubt::casts(connection, shown(number))?
            }
            Ok(Some(entry)) => entry.speaks_against_another(),
            // An intent of which little more than the CSR can be read may be of this server and issuer.
            Err(JournalError::Damaged(_)) => match fold::intent(connection, number)? {
                Some(intent) => may_be_of(&intent)?,
                None => true,
            },
            Err(error) => return Err(error),
        };
        if speaks {
            found.push(shown(number));
        }
    }
    Ok(found)
}

/// How many of the latest signings of an address tell its certificates.
const LATEST: u32 = 16;

/// The certificates that answered at an address, as its latest signings say. They only add to what is asked about, so that the
/// list of signings is good enough to find them.
fn certificates_of(connection: &Connection, server: &str) -> Result<Vec<String>, JournalError> {
    let mut statement = connection
        .prepare_cached("SELECT entry FROM signing WHERE server = ?1 ORDER BY entry DESC LIMIT ?2")?;
    let numbers = statement.query_map(params![server, LATEST], |row| row.get(0))?;
    let mut found = Vec::new();
    for number in numbers {
        match fold::entry(connection, number?) {
            Ok(entry) => found.extend(entry.and_then(|it| it.ending.seen.server_certificate_sha256)),
            Err(JournalError::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn of_csr(connection: &Connection, request: &SignRequest) -> Result<Vec<i64>, JournalError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT entry FROM event WHERE kind = 'intent' AND {CSR_ID} = ?1 ORDER BY entry"
    ))?;
    let rows = statement.query_map(params![csr_number(request.csr_id)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FILE_NAME, Journal, schema};

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    #[test]
    fn no_question_goes_through_all_events_and_an_older_journal_gets_its_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let at = domain::Timestamp::from_millis(1);
        drop(Journal::open(folder.path(), at).unwrap());
        let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
        connection
            .execute_batch("DROP INDEX event_of_intent; DROP INDEX event_of_csr; DROP INDEX event_of_finding; DROP INDEX event_of_decision")
            .unwrap();
        drop(Journal::open(folder.path(), at).unwrap());
        assert!(schema::present(&connection).unwrap().event_indexes);
        for (question, index) in [
            (format!("kind = 'intent' AND {INTENT_ID} >= 'a' AND {INTENT_ID} <= 'az'"), "event_of_intent"),
            (format!("kind = 'intent' AND {CSR_ID} = 7"), "event_of_csr"),
            ("kind IN ('gap', 'acknowledged')".to_owned(), "event_of_finding"),
            ("kind IN ('opened', 'key_changed')".to_owned(), "event_of_key"),
            ("kind = 'decision'".to_owned(), "event_of_decision"),
        ] {
            let plan = plan(&connection, &format!("SELECT entry FROM event WHERE {question}"));
            assert!(plan.contains(index), "{question}: {plan}");
        }
    }
}
