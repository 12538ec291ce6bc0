//! The page History: the record, newest first, and one entry with all its facts.

mod entry;
mod table;

use desk::Failure;
use desk::commands::history;
use domain::Entry;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host;

/// So many entries come at once.
const PAGE: u32 = 50;

/// What has been read of the record.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// The entries, newest first; none before the first answer.
    entries: RwSignal<Option<Vec<Entry>>>,
    /// Whether there are older ones.
    more: RwSignal<bool>,
    /// Whether an answer is awaited.
    busy: RwSignal<bool>,
    /// Why the last question failed, if it did.
    failure: RwSignal<Option<Failure>>,
}

impl Record {
    fn new() -> Self {
        Self {
            entries: RwSignal::new(None),
            more: RwSignal::new(false),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Reads the newest entries, or with `older` those before the last one that is shown.
    fn read(self, older: bool) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let last = self.entries.with_untracked(|it| Some(it.as_ref()?.last()?.entry));
        let request = history::Request {
            after: last.filter(|_| older),
            limit: Some(PAGE),
            ..history::Request::default()
        };
        spawn_local(async move {
            let answer = host::call::<history::History>(&request).await;
            // The page may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(answer) => {
                    self.failure.set(None);
                    self.more.set(answer.more);
                    self.entries.update(|entries| match entries {
                        Some(entries) if older => entries.extend(answer.entries),
                        _ => *entries = Some(answer.entries),
                    });
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// The list, or the entry that the address names.
#[component]
pub(crate) fn HistoryPage(entry: Memo<Option<u64>>) -> impl IntoView {
    let record = Record::new();
    record.read(false);
    move || match entry.get() {
        None => view! { <table::RecordTable record /> }.into_any(),
        Some(number) => view! { <entry::EntryDetail number record /> }.into_any(),
    }
}
