//! What the record costs: the journal's own benchmark, its rows beside their aims.

use anyhow::{Context as _, Result, ensure};

use crate::run;

/// The round trip that a durable entry is compared with, in milliseconds.
const ROUND_TRIP: f64 = 50.0;

/// The aims, by how a row begins, in milliseconds.
const AIMS: &[(&str, f64, &str)] = &[
    ("before the request leaves", ROUND_TRIP / 10.0, "at most 10 % of a round trip of 50 ms"),
    ("one signing: begin", ROUND_TRIP / 10.0, "at most 10 % of a round trip of 50 ms"),
    ("page of 100", 50.0, "at most 50 ms"),
    ("count", 50.0, "at most 50 ms"),
    ("verify", 2_000.0, "at most 2 s"),
];

/// One row of the benchmark.
struct Row {
    name: String,
    median: f64,
    worst: f64,
}

/// Runs it and makes a table.
///
/// # Errors
/// It does not run, or prints no rows.
pub(super) fn table(root: &std::path::Path) -> Result<String> {
    let printed = run::read(run::cargo(root).args(["bench", "-p", "journal", "--bench", "record"]))?;
    let rows: Vec<Row> = printed.lines().filter_map(row).collect();
    ensure!(!rows.is_empty(), "the journal's benchmark printed no rows");
    let mut table = String::from("| The record | median | worst | aim |\n| --- | ---: | ---: | --- |\n");
    for row in &rows {
        let aim = AIMS.iter().find(|(start, ..)| row.name.starts_with(start));
        let aim = aim.map_or_else(String::new, |(_, limit, words)| {
            format!("{words}: {}", if row.median <= *limit { "met" } else { "missed" })
        });
        table.push_str(&format!("| {} | {:.3} ms | {:.3} ms | {aim} |\n", row.name, row.median, row.worst));
    }
    Ok(table)
}

/// `| what | 1.234 ms | 5.678 ms |`; none for the heading and for anything else.
fn row(line: &str) -> Option<Row> {
    let mut cells = line.trim().trim_matches('|').split('|').map(str::trim);
    let name = cells.next()?.to_owned();
    let mut number = || cells.next()?.strip_suffix(" ms")?.parse().context("a number").ok();
    Some(Row { name, median: number()?, worst: number()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_headings_are_not() {
        assert!(row("| what | median | worst |").is_none() && row("| --- | ---: | ---: |").is_none());
        let row = row("| begin | 0.640 ms | 12.000 ms |").unwrap();
        assert_eq!((row.name.as_str(), row.median, row.worst), ("begin", 0.64, 12.0));
    }
}
