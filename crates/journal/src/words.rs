//! Finding entries by words: an index of every three characters that follow one another in the searched texts.
//!
//! Owns which entries a search has to look at. Refuses to decide what is found: each candidate's text is compared with the
//! words themselves, so the index may name too many entries, never too few. Entries that are not in the index yet, or not
//! as they are now, stand in a list of their own and are always looked at. That keeps a signing quick, and a record of an
//! older version usable while its index is made. The reasons are in docs/decisions/0012-history-at-a-million-entries.md.

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

/// The words that a filter asks for, in the form in which texts are searched.
pub(crate) fn of(filter: &str) -> Vec<String> {
    filter.to_lowercase().split_whitespace().take(crate::history::MAX_WORDS).map(str::to_owned).collect()
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
    let sql = "SELECT entry FROM signing WHERE entry NOT IN (SELECT id FROM signing_words_docsize)
               AND entry NOT IN (SELECT entry FROM signing_waiting) ORDER BY entry LIMIT 1";
    if let Some(missing) = connection.query_row(sql, [], |row| row.get(0)).optional()? {
        return Ok(Some(missing));
    }
    let mut waits = connection.prepare("SELECT 1 FROM signing_waiting WHERE entry = ?1")?;
    let mut has =
        connection.prepare("SELECT 1 FROM signing_words WHERE signing_words MATCH ?1 AND rowid = ?2")?;
    let mut different: Option<i64> = None;
    for_sample(connection, &mut |entry, text| {
        let all = threes(text);
        let some: Vec<String> = all.iter().step_by((all.len() / ASKED).max(1)).map(|it| asked(it)).collect();
        // A damaged index answers with an error, which is a difference too.
        let found = some.is_empty() || has.exists(params![some.join(" AND "), entry]).unwrap_or(false);
        if !found && !waits.exists([entry]).unwrap_or(false) {
            different = Some(different.map_or(entry, |it| it.min(entry)));
        }
    })?;
    Ok(different)
}

/// Three characters as the index is asked for them.
fn asked(three: &str) -> String {
    format!("\"{}\"", three.replace('"', "\"\""))
}

/// The question to the index that names every entry in which the words can be; none when going through all texts is as
/// good: the words are short or common, or there is no index.
pub(crate) fn question(connection: &Connection, words: &[String]) -> Result<Option<String>, JournalError> {
    let mut threes: Vec<String> = words.iter().flat_map(|word| threes(word)).collect();
    threes.sort_unstable();
    threes.dedup();
    if threes.is_empty()
        || !schema::present(connection)?.words
        || waiting(connection, SCAN_FROM)? >= SCAN_FROM
    {
        return Ok(None);
    }
    let mut counted: Vec<(u32, String)> = threes.into_iter().map(|it| (0, it)).collect();
    let mut sampled = 0;
    for_sample(connection, &mut |_, text| {
        sampled += 1;
        for (count, three) in &mut counted {
            *count += u32::from(text.contains(three.as_str()));
        }
    })?;
    counted.retain(|(count, _)| count * COMMON <= sampled);
    counted.sort();
    let rarest: Vec<String> = counted.iter().take(ASKED).map(|(_, it)| asked(it)).collect();
    Ok((!rarest.is_empty()).then(|| rarest.join(" AND ")))
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
