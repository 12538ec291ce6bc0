//! Reading: pages of the history, single entries, and what speaks against another signing.
//!
//! Owns that each entry that is shown is read from its events, never from the list. How a filter becomes a question to the list
//! is in [`question`].

mod question;

use domain::{CsrId, Entry, Event, HistoryFilter, SignRequest, Timestamp};
use rusqlite::params_from_iter;

pub(crate) use self::question::set_up_reader;
use self::question::{asked, found_by_replaced, found_by_replaced_word};
use crate::canonical::hex;
use crate::chain::Raw;
use crate::signing::shown;
use crate::{Journal, JournalError, fold, gates, listing};

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
