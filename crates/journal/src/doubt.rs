//! Whether the journal casts doubt on a person's word that a signing issued no certificate.
//!
//! Owns what of an entry's events casts doubt. Refuses to own what a search weighs: the caller records how many
//! certificates nothing contradicts.

use rusqlite::Connection;
use serde::Deserialize;

use crate::JournalError;
use crate::bodies::DecisionBody;

/// What is read of the body of a look-up to know whether it found a certificate that may be the one.
#[derive(Deserialize)]
struct Found {
    /// How many certificates nothing contradicts; absent in events from before it was recorded.
    possible: Option<u64>,
    #[serde(default)]
    candidates: Vec<serde::de::IgnoredAny>,
}

/// Whether the journal itself casts doubt on a person's word that a signing issued no certificate: an earlier decision named
/// one, or the last search found one that nothing contradicts. An event that cannot be read casts doubt too, and so does
/// a search of an earlier version that found anything: a reason costs a sentence, a second certificate cannot be undone.
pub(crate) fn casts(connection: &Connection, entry: u64) -> Result<bool, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, body FROM event WHERE entry = ?1 AND kind IN ('decision', 'look_up') ORDER BY seq",
    )?;
    let mut rows = statement.query([i64::try_from(entry).unwrap_or(i64::MAX)])?;
    let (mut named, mut found) = (false, false);
    while let Some(row) = rows.next()? {
        let bytes =
            |index: usize| row.get_ref(index).ok().and_then(|it| it.as_bytes().ok()).unwrap_or_default();
        if bytes(0) == domain::EventKind::Decision.as_str().as_bytes() {
            let body = serde_json::from_slice::<DecisionBody>(bytes(1));
            named |= body.map_or(true, |it| it.verdict.certificate().is_some());
        } else {
            let body = serde_json::from_slice::<Found>(bytes(1));
            found = body.map_or(true, |it| it.possible.unwrap_or(it.candidates.len() as u64) > 0);
        }
    }
    Ok(named || found)
}
