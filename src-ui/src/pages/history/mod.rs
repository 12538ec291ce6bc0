//! The page History: the record, newest first, and one entry with all its facts.

mod asked;
mod candidate;
mod decide;
mod decision;
mod entry;
mod events;
mod filter;
mod note;
mod query;
mod record;
mod rows;
mod settle;
mod table;
mod tools;

use leptos::prelude::*;

use desk::commands::status;
use domain::{Finding, OpenFinding};
use record::Record;

use crate::state::DeskState;

/// What the desk says of the history's files.
#[derive(Clone, PartialEq)]
pub(super) struct FilesTold {
    problem: Option<String>,
    notes: Vec<String>,
    findings: Vec<OpenFinding>,
    acknowledged: Vec<Finding>,
}

impl From<&status::Response> for FilesTold {
    fn from(it: &status::Response) -> Self {
        Self {
            problem: it.journal_problem.clone(),
            notes: it.journal_notes.clone(),
            findings: it.findings.clone(),
            acknowledged: it.acknowledged.clone(),
        }
    }
}

/// The list, or the entry that the address names.
#[component]
pub(crate) fn HistoryPage(entry: Memo<Option<u64>>, query: Memo<String>) -> impl IntoView {
    let record = Record::new();
    let state = expect_context::<DeskState>();
    // Before the filters are made: those that came with the address are seen.
    if entry.with_untracked(Option::is_none) {
        record.show(&query.get_untracked());
    }
    // Kept for the way back from another page.
    Effect::new(move |_| state.history_query.set(record.draft.with(query::Query::encode)));
    // Other files, or the same ones again: what is shown was read from what was there before.
    let files = Memo::new(move |_| state.status.with(|it| it.as_ref().map(FilesTold::from)));
    Effect::new(move |before: Option<Option<FilesTold>>| {
        let now = files.get();
        if before.flatten().is_some_and(|it| now.as_ref().is_some_and(|now| *now != it)) {
            record.read_again();
        }
        now
    });
    // An entry leaves the list as it was.
    Effect::new(move |_| {
        if entry.get().is_none() {
            record.show(&query.get());
        }
    });
    move || match entry.get() {
        None => view! { <table::RecordTable record /> }.into_any(),
        Some(number) => view! { <entry::EntryDetail number record /> }.into_any(),
    }
}
