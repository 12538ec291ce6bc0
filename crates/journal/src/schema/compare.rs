//! Compares the tables, indexes and triggers of a file with the texts that this program makes them from.
//!
//! Owns what counts as altered. SQLite runs what a file's schema says: a trigger that somebody added acts on every event
//! that is recorded, and one that somebody removed no longer keeps events from being changed.

use std::sync::LazyLock;

use rusqlite::Connection;

use super::{EVENTS, LISTING, ONLY_VERSION_3, WORDS, event_indexes};
use crate::JournalError;

/// What version 3 adds to the text of the table of events.
const ADDED: &str = ",origin TEXT NOT NULL DEFAULT '',author TEXT NOT NULL DEFAULT ''";
/// What SQLite makes for the index of words, in a form of its own.
const OF_WORDS: &str = "signing_words_";

/// What differs, each the first object; none where all is as it should be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Altered {
    /// In the table of events, its triggers and indexes.
    pub(crate) events: Option<String>,
    /// In the lists, which can be made from the events again.
    pub(crate) lists: Option<String>,
}

/// One object of a schema.
struct Object {
    name: String,
    sql: String,
}

/// Compares a file of ours.
///
/// # Errors
/// Its schema cannot be read.
pub(crate) fn altered(connection: &Connection) -> Result<Altered, JournalError> {
    let mut found = Altered::default();
    let mut seen = Vec::new();
    // By its columns: the number in the file's header is not protected, and a program that records corrects it.
    let mut newest = false;
    let (events, lists) = (&*OF_EVENTS, &*OF_LISTS);
    let mut statement = connection
        .prepare_cached("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (class, name, table, sql): (String, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let table = table.to_ascii_lowercase();
        let is_event = table == "event";
        let is_list = table.starts_with("signing");
        // The tables behind the index of words are SQLite's; a trigger on one is nobody's.
        if !(is_event || is_list) || (class == "table" && table.starts_with(OF_WORDS)) {
            continue;
        }
        let expected = if is_event { events } else { lists };
        let sql = normal(&sql);
        let fits = expected.iter().any(|it| {
            it.name == name && (it.sql == sql || (name == "event" && it.sql.replacen(ADDED, "", 1) == sql))
        });
        if !fits {
            let place = if is_event { &mut found.events } else { &mut found.lists };
            place.get_or_insert_with(|| {
                format!("the {class} {} was changed or added", domain::visible(&name))
            });
        }
        newest |= name == "event" && sql.contains(ADDED);
        seen.push(name);
    }
    let missing = |of: &[Object], may_miss: &dyn Fn(&Object) -> bool| {
        let missing = of.iter().find(|it| !seen.contains(&it.name) && !may_miss(it));
        missing.map(|it| format!("{} is missing", it.name))
    };
    // Indexes of events are made where an older version made none; so is the trigger of version 3 when the file becomes one.
    let may_miss = |it: &Object| {
        it.sql.starts_with("CREATE INDEX") || (!newest && normal(ONLY_VERSION_3).contains(it.sql.as_str()))
    };
    found.events = found.events.or_else(|| missing(events, &may_miss));
    // Where there is no list, or no index of words, both are made anyway.
    let whole = |name: &str| seen.iter().any(|it| it == name);
    let may_miss = |it: &Object| {
        let words = it.name.starts_with("signing_words") || it.name == "signing_waiting";
        if words { !whole("signing_words") } else { !whole("signing") }
    };
    found.lists = found.lists.or_else(|| missing(lists, &may_miss));
    Ok(found)
}

static OF_EVENTS: LazyLock<Vec<Object>> = LazyLock::new(|| {
    [objects(EVENTS), objects(ONLY_VERSION_3), objects(&event_indexes())].into_iter().flatten().collect()
});

static OF_LISTS: LazyLock<Vec<Object>> =
    LazyLock::new(|| [objects(LISTING), objects(WORDS)].into_iter().flatten().collect());

/// The statements of a text that makes objects, each ended by a semicolon at the end of a line.
fn objects(text: &str) -> Vec<Object> {
    let statements = text.split(";\n").map(|it| normal(it.trim().trim_end_matches(';')));
    statements.filter_map(|sql| Some(Object { name: name(&sql)?, sql })).collect()
}

/// `CREATE TABLE name (`, `CREATE VIRTUAL TABLE name USING`, `CREATE INDEX name ON`, `CREATE TRIGGER name BEFORE`.
fn name(sql: &str) -> Option<String> {
    let kinds = ["CREATE TABLE ", "CREATE VIRTUAL TABLE ", "CREATE INDEX ", "CREATE TRIGGER "];
    let rest = kinds.iter().find_map(|it| sql.strip_prefix(it))?;
    Some(rest.split([' ', '(']).next()?.to_owned())
}

/// As SQLite keeps it, without comments, and with white space only where it separates words: a column that was added later
/// then reads like one that was there from the start.
fn normal(sql: &str) -> String {
    let bare: Vec<&str> = sql.lines().map(|it| it.split("--").next().unwrap_or_default()).collect();
    let words = bare.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut normal = words.replacen(" IF NOT EXISTS", "", 1);
    for mark in ["(", ")", ","] {
        normal = normal.replace(&format!(" {mark}"), mark).replace(&format!("{mark} "), mark);
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{make_events, make_listing};

    fn fresh() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        make_events(&connection).unwrap();
        make_listing(&connection).unwrap();
        connection
    }

    #[test]
    fn what_this_program_makes_is_not_altered() {
        let connection = fresh();
        assert_eq!(altered(&connection).unwrap(), Altered::default());
        assert_eq!((OF_EVENTS.len(), OF_LISTS.len()), (11, 9));
        // Older versions made no index of words, and fewer indexes of events.
        connection
            .execute_batch("DROP TABLE signing_words; DROP TABLE signing_waiting; DROP INDEX event_of_intent")
            .unwrap();
        assert_eq!(altered(&connection).unwrap(), Altered::default());
    }

    #[test]
    fn columns_that_were_added_later_are_not_altered() {
        let connection = Connection::open_in_memory().unwrap();
        let (before, added) = EVENTS.split_once(",\n        origin").unwrap();
        let (_, behind) = added.split_once("\n    ) STRICT").unwrap();
        connection.execute_batch(&format!("{before}\n    ) STRICT{behind}")).unwrap();
        connection.pragma_update(None, "application_id", super::super::APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        make_listing(&connection).unwrap();
        assert_eq!(altered(&connection).unwrap(), Altered::default());
        super::super::add_origin(&connection).unwrap();
        super::super::end_version_2(&connection).unwrap();
        assert_eq!(altered(&connection).unwrap(), Altered::default());
    }

    #[test]
    fn every_change_is_found_in_its_part() {
        for (change, events, lists) in [
            ("DROP TRIGGER event_kept", Some("event_kept is missing"), None),
            ("DROP TRIGGER event_of_version", Some("event_of_version is missing"), None),
            (
                "CREATE TRIGGER x AFTER INSERT ON event BEGIN DELETE FROM signing; END",
                Some("the trigger x was changed or added"),
                None,
            ),
            (
                "DROP TRIGGER event_stays; CREATE TRIGGER event_stays BEFORE UPDATE ON event WHEN 0 BEGIN SELECT 1; END",
                Some("the trigger event_stays was changed or added"),
                None,
            ),
            ("ALTER TABLE event ADD COLUMN more TEXT", Some("the table event was changed or added"), None),
            ("CREATE UNIQUE INDEX one ON Event (kind)", Some("the index one was changed or added"), None),
            (
                "CREATE TRIGGER y AFTER INSERT ON signing BEGIN DELETE FROM signing; END",
                None,
                Some("the trigger y was changed or added"),
            ),
            ("DROP INDEX signing_by_csr", None, Some("signing_by_csr is missing")),
            (
                "ALTER TABLE signing ADD COLUMN more TEXT",
                None,
                Some("the table signing was changed or added"),
            ),
            ("CREATE TABLE of_somebody (a)", None, None),
        ] {
            let connection = fresh();
            connection.execute_batch(change).unwrap();
            let expected = Altered { events: events.map(str::to_owned), lists: lists.map(str::to_owned) };
            assert_eq!(altered(&connection).unwrap(), expected, "{change}");
        }
    }
}
