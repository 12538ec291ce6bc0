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

use record::Record;

use crate::state::DeskState;

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
