//! Finding entries by words: an index of every three characters that follow one another in the searched texts.
//!
//! Owns which entries a search has to look at. Refuses to decide what is found: each candidate's text is compared with the
//! words themselves, so the index may name too many entries, never too few. Entries that are not in the index yet, or not
//! as they are now, stand in a list of their own and are always looked at. That keeps a signing quick, and a record of an
//! older version usable while its index is made. The reasons are in docs/decisions/0012-history-at-a-million-entries.md.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{JournalError, schema};

/// How many entries a signing leaves to the index at most before one brings them in.
const WAITING_LIMIT: i64 = 200;
/// How many entries come into the index in one transaction: others that write wait as long as that takes.
pub(crate) const BATCH: u32 = 200;
/// With more entries than these outside the index, going through all texts costs no more.
const SCAN_FROM: i64 = 5_000;
/// How many entries tell how common three characters are.
const SAMPLE: i64 = 512;
/// Characters that are in more of the sample than one in so many narrow nothing down.
const COMMON: u32 = 10;
/// How many of the rarest are asked for: more would only take time.
const ASKED: usize = 6;
/// How many different three characters a word of two may be the beginning of: the index is asked for each.
const BEGINNINGS: usize = 200;

/// The words that a filter asks for, in the form in which texts are searched.
pub(crate) fn of(filter: &str) -> Vec<String> {
    filter.to_lowercase().split_whitespace().take(crate::history::MAX_WORDS).map(str::to_owned).collect()
}

/// The least hexadecimal digits with which a word can be a serial number, or a part of one.
const LEAST_DIGITS: usize = 4;

/// The digits of a word that can be a serial number or a part of one, as the searched texts have it: without the colons
/// between its bytes, without `0x` in front and without leading zeros. None for any other word.
pub(crate) fn digits(word: &str) -> Option<String> {
    let word = word.strip_prefix("0x").unwrap_or(word);
    let mut groups = word.split(':');
    let first = groups.next()?;
    // "b6:2f", and "0:b6" as some tools show it; a port or a time in another text is not changed by this.
    let bytes = !word.contains(':') || (first.len() <= 2 && groups.all(|it| it.len() == 2));
    let digits = word.replace(':', "");
    let digits = digits.trim_start_matches('0');
    let is_hex = digits.bytes().all(|it| it.is_ascii_hexdigit());
    (bytes && is_hex && digits.len() >= LEAST_DIGITS).then(|| digits.to_owned())
}

/// The question to the index that names every entry with one of two words; none when going through all texts is as good.
pub(crate) fn either(
    connection: &Connection,
    one: &str,
    other: &str,
) -> Result<Option<String>, JournalError> {
    let first = question(connection, &[one.to_owned()])?;
    if one == other {
        return Ok(first);
    }
    let second = question(connection, &[other.to_owned()])?;
    Ok(first.zip(second).map(|(first, second)| format!("({first}) OR ({second})")))
}

/// Notes that an entry's text is new or changed.
pub(crate) fn note(connection: &Connection, entry: i64) -> Result<(), JournalError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO signing_waiting (entry) VALUES (?1)")?
        .execute([entry])?;
    Ok(())
}

/// Makes the index in a record that has a list and no index yet: every entry waits for it.
pub(crate) fn begin(connection: &Connection) -> Result<(), JournalError> {
    schema::make_words(connection)?;
    connection.execute("INSERT INTO signing_waiting (entry) SELECT entry FROM signing", [])?;
    Ok(())
}

/// Brings waiting entries into the index when there are many.
pub(crate) fn bring_in_many(connection: &Connection) -> Result<(), JournalError> {
    if waiting(connection, WAITING_LIMIT)? >= WAITING_LIMIT {
        bring_in(connection, BATCH)?;
    }
    Ok(())
}

/// Brings entries into the index, the newest first, at most so many. Gives whether any is left.
pub(crate) fn bring_in(connection: &Connection, at_most: u32) -> Result<bool, JournalError> {
    let mut next = connection.prepare_cached(
        "SELECT entry, search FROM signing_waiting LEFT JOIN signing USING (entry) ORDER BY entry DESC LIMIT ?1",
    )?;
    let texts = next
        .query_map([at_most], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut insert =
        connection.prepare_cached("INSERT OR REPLACE INTO signing_words (rowid, search) VALUES (?1, ?2)")?;
    let mut done = connection.prepare_cached("DELETE FROM signing_waiting WHERE entry = ?1")?;
    for (entry, text) in &texts {
        if let Some(text) = text {
            // The tokenizer would end at a zero.
            insert.execute(params![entry, text.replace('\0', " ")])?;
        }
        done.execute([entry])?;
    }
    Ok(waiting(connection, 1)? > 0)
}

/// How many entries wait for the index, counted up to a limit.
pub(crate) fn waiting(connection: &Connection, limit: i64) -> Result<i64, JournalError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM signing_waiting LIMIT ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([limit], |row| row.get(0))?)
}

/// The first entry that the index does not have as it should, if any: a search could miss it. Whether each entry is in
/// it is looked at for all, whether it is found by its text for a sample.
pub(crate) fn first_difference(connection: &Connection) -> Result<Option<i64>, JournalError> {
    if !schema::present(connection)?.words {
        return Ok(None);
    }
    if let Some(missing) = first_missing(connection)? {
        return Ok(Some(missing));
    }
    let mut waits = connection.prepare("SELECT 1 FROM signing_waiting WHERE entry = ?1")?;
    let mut has =
        connection.prepare("SELECT 1 FROM signing_words WHERE signing_words MATCH ?1 AND rowid = ?2")?;
    let mut sample = Vec::new();
    for_sample(connection, &mut |entry, text| sample.push((entry, distinct(threes(text)))))?;
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for three in sample.iter().flat_map(|(_, all)| all) {
        *counts.entry(three).or_default() += 1;
    }
    let sampled = u32::try_from(sample.len()).unwrap_or(u32::MAX);
    let mut different: Option<i64> = None;
    for (entry, threes) in &sample {
        // As a search asks. To find one entry in the list of three common characters takes longer the more entries there are.
        let counted = threes.iter().map(|it| (counts.get(it.as_str()).copied().unwrap_or(0), it.as_str()));
        let asked = rarest(counted.collect(), sampled);
        // A damaged index answers with an error, which is a difference too.
        let found = asked.is_empty() || has.exists(params![asked.join(" AND "), entry]).unwrap_or(false);
        if !found && !waits.exists([entry]).unwrap_or(false) {
            different = Some(different.map_or(*entry, |it| it.min(*entry)));
        }
    }
    Ok(different)
}

/// The first entry that is neither in the index nor waits for it, if any.
fn first_missing(connection: &Connection) -> Result<Option<i64>, JournalError> {
    let sql = "SELECT entry FROM signing WHERE entry NOT IN (SELECT id FROM signing_words_docsize)
               AND entry NOT IN (SELECT entry FROM signing_waiting) ORDER BY entry LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// Three characters as the index is asked for them.
fn asked(three: &str) -> String {
    format!("\"{}\"", three.replace('"', "\"\""))
}

/// The question to the index that names every entry in which the words can be; none when going through all texts is as
/// good: the words are common, or there is no index.
pub(crate) fn question(connection: &Connection, words: &[String]) -> Result<Option<String>, JournalError> {
    let threes = distinct(words.iter().flat_map(|word| threes(word)).collect());
    let short: Vec<&str> = words.iter().map(String::as_str).filter(|it| is_short(it)).collect();
    if (threes.is_empty() && short.is_empty())
        || !schema::present(connection)?.words
        || waiting(connection, SCAN_FROM)? >= SCAN_FROM
    {
        return Ok(None);
    }
    let mut counted: Vec<(u32, &str)> =
        threes.iter().map(String::as_str).chain(short).map(|it| (0, it)).collect();
    let mut sampled = 0;
    for_sample(connection, &mut |_, text| {
        sampled += 1;
        for (count, part) in &mut counted {
            *count += u32::from(text.contains(*part));
        }
    })?;
    let short = counted.split_off(threes.len());
    let rarest = rarest(counted, sampled);
    if !rarest.is_empty() {
        return Ok(Some(rarest.join(" AND ")));
    }
    match rare(short, sampled).first() {
        Some((_, word)) => beginning_with(connection, word),
        None => Ok(None),
    }
}

/// Whether a word is too short for the index, and always the beginning of three characters there: each searched text
/// ends with a line end, so a third character follows any two of a word.
fn is_short(word: &str) -> bool {
    !word.contains('\0') && word.chars().count() == 2
}

/// The question that names every entry with a word of two characters; none when too much begins with it.
fn beginning_with(connection: &Connection, word: &str) -> Result<Option<String>, JournalError> {
    // No character is beyond the last one of Unicode.
    let last = format!("{word}{}", char::MAX);
    let mut all = connection
        .prepare_cached("SELECT term FROM temp.signing_threes WHERE term >= ?1 AND term <= ?2 LIMIT ?3")?;
    let limit = u32::try_from(BEGINNINGS + 1).unwrap_or(u32::MAX);
    let mut found = all
        .query_map(params![word, last, limit], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    if found.len() > BEGINNINGS {
        return Ok(None);
    }
    if found.is_empty() {
        // Nothing in the index begins with the word, so this is in no entry either.
        found.push(last);
    }
    let found: Vec<String> = found.iter().map(|it| asked(it)).collect();
    Ok(Some(found.join(" OR ")))
}

/// Makes the list of everything that the index has, for a connection that reads. It is no copy: SQLite reads the index
/// itself, and asks for it only when it is used.
pub(crate) fn list_threes(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute_batch("CREATE VIRTUAL TABLE temp.signing_threes USING fts5vocab(main, signing_words, row)")
}

/// What the index is asked for, of every three characters with the number of entries in a sample that have them.
fn rarest(counted: Vec<(u32, &str)>, sampled: u32) -> Vec<String> {
    rare(counted, sampled).iter().take(ASKED).map(|(_, it)| asked(it)).collect()
}

/// Those that narrow something down, the rarest first.
fn rare(mut counted: Vec<(u32, &str)>, sampled: u32) -> Vec<(u32, &str)> {
    counted.retain(|(count, _)| count.saturating_mul(COMMON) <= sampled);
    counted.sort_unstable();
    counted
}

fn distinct(mut threes: Vec<String>) -> Vec<String> {
    threes.sort_unstable();
    threes.dedup();
    threes
}

/// Every three characters that follow one another; none in a word that the index cannot have as it is.
fn threes(word: &str) -> Vec<String> {
    if word.contains('\0') {
        return Vec::new();
    }
    let characters: Vec<char> = word.chars().collect();
    characters.windows(3).map(|it| it.iter().collect()).collect()
}

/// Hands over the texts of some entries, evenly spread.
fn for_sample(connection: &Connection, take: &mut dyn FnMut(i64, &str)) -> Result<(), JournalError> {
    let last: Option<i64> = connection.query_row("SELECT max(entry) FROM signing", [], |row| row.get(0))?;
    let last = last.unwrap_or(0);
    let step = (last / SAMPLE).max(1);
    let mut text = connection.prepare_cached("SELECT search FROM signing WHERE entry = ?1")?;
    for place in 0..SAMPLE.min(last) {
        let entry = last - place * step;
        let read = text.query_row([entry], |row| {
            take(entry, row.get_ref(0)?.as_str().unwrap_or_default());
            Ok(())
        });
        read.optional()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_not_asked_for_what_many_entries_have() {
        let counted = vec![(512, "htt"), (52, "sta"), (51, "k-7"), (3, "zq\""), (1, "xyz")];
        assert_eq!(rarest(counted, 512), ["\"xyz\"", "\"zq\"\"\"", "\"k-7\""]);
        assert!(rarest(vec![(1, "abc")], 9).is_empty(), "few entries are read faster than asked for");
        let many = (0..20).map(|_| (1, "abc")).collect();
        assert_eq!(rarest(many, 512).len(), ASKED);
    }
}
