//! What has been read of the record, and the question it answers.

use std::time::Duration;

use desk::Failure;
use desk::commands::{history, status};
use domain::Entry;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::query::Query;
use crate::host::{self, Asked};
use crate::route::{self, Page, Route};
use crate::state::DeskState;

/// So many entries come at once.
const PAGE: u32 = 50;
/// A pause in typing after which the question is asked.
const PAUSE: Duration = Duration::from_millis(200);

/// The part of the record that is shown.
#[derive(Clone, Copy)]
pub(super) struct Record {
    /// The entries, newest first; none before the first answer.
    pub(super) entries: RwSignal<Option<Vec<Entry>>>,
    /// Entries that belong here and cannot be read.
    pub(super) damaged: RwSignal<Vec<u64>>,
    /// Entries that the serial number found by a decision that a later one replaced.
    pub(super) replaced: RwSignal<Vec<u64>>,
    /// How many there are in all.
    pub(super) total: RwSignal<u64>,
    /// Whether an answer is awaited.
    pub(super) busy: RwSignal<bool>,
    /// Why the last question failed, if it did.
    pub(super) failure: RwSignal<Option<Failure>>,
    /// The question as typed.
    pub(super) draft: RwSignal<Query>,
    /// The question that was asked, as the address says it; none before the first.
    asked: RwSignal<Option<String>>,
    /// What to ask for the next page with.
    last: RwSignal<Option<u64>>,
    /// Counts the questions, so that a late answer to an earlier one is not taken for this one's.
    turn: StoredValue<u32>,
    timer: StoredValue<Option<TimeoutHandle>>,
    state: DeskState,
}

impl Record {
    pub(super) fn new() -> Self {
        Self {
            entries: RwSignal::new(None),
            damaged: RwSignal::new(Vec::new()),
            replaced: RwSignal::new(Vec::new()),
            total: RwSignal::new(0),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            draft: RwSignal::new(Query::default()),
            asked: RwSignal::new(None),
            last: RwSignal::new(None),
            turn: StoredValue::new(0),
            timer: StoredValue::new(None),
            state: expect_context::<DeskState>(),
        }
    }

    /// Shows what the address asks for, unless it is shown already.
    pub(super) fn show(self, query: &str) {
        if self.draft.with_untracked(|it| it.encode() != query) {
            self.draft.set(Query::parse(query));
        }
        if self.asked.with_untracked(|it| it.as_deref() != Some(query)) {
            self.asked.set(Some(query.to_owned()));
            self.read(false);
        }
    }

    /// The address of the list as it is shown.
    pub(super) fn href(self) -> String {
        self.asked.with(|it| route::history_href(it.as_deref().unwrap_or_default()))
    }

    /// Whether only a part of the record was asked for.
    pub(super) fn is_part(self) -> bool {
        self.asked.with(|it| it.as_ref().is_some_and(|it| Query::parse(it).is_part()))
    }

    /// Whether what is typed as a serial number cannot be one.
    pub(super) fn serial_is_wrong(self) -> bool {
        self.draft.with(|it| !it.filter().serial_is_readable())
    }

    /// What to know of a serial number that is too short to find others by their beginning.
    pub(super) fn serial_note(self) -> Option<&'static str> {
        self.draft.with(|it| it.filter().serial_note())
    }

    /// Whether there are more entries than are shown.
    pub(super) fn has_more(self) -> bool {
        self.last.with(Option::is_some)
    }

    /// Asks what is typed once there is a pause.
    pub(super) fn ask_soon(self) {
        self.hold();
        let handle = set_timeout_with_handle(move || self.ask(true), PAUSE).ok();
        self.timer.set_value(handle);
    }

    /// Asks what is typed. The address says it, so that reloading and going back show it again; while a person types
    /// (`typing`), one place in the browser's history is enough.
    pub(super) fn ask(self, typing: bool) {
        // The page may be gone by now.
        let Some(query) = self.draft.try_with_untracked(Query::encode) else { return };
        self.hold();
        let now = Route::current();
        if now.page == Page::History && now.entry.is_none() && now.query != query {
            route::go_to(&route::history_href(&query), typing && !now.query.is_empty());
        }
    }

    /// Reads again when a signing starts or ends, here or in another program; and asks often while one runs. `shown` are
    /// the entries that are shown as in progress; with `only`, no other entry matters.
    pub(super) fn watch(self, shown: Memo<Vec<u64>>, only: Option<u64>, read: impl Fn() + 'static) {
        let state = expect_context::<DeskState>();
        let entries = |it: &status::Response| it.running.iter().map(|it| it.entry).collect::<Vec<_>>();
        let running = Memo::new(move |_| state.status.with(|it| it.as_ref().map(entries)));
        Effect::new(move |before: Option<Option<Vec<u64>>>| {
            // With each status, also one that says the same: an entry may have been read just before its signing ended.
            state.now.track();
            let (now, shown) = (running.get(), shown.get());
            let Some(running) = &now else { return now };
            let ended = shown.iter().any(|it| !running.contains(it));
            let news = match only {
                Some(number) => running.contains(&number) && !shown.contains(&number),
                None => before.flatten().is_some_and(|it| it != *running),
            };
            if ended || news {
                read();
            }
            now
        });
        // While the desk says that one runs, it is asked often already.
        let unsaid = move || running.with(|it| it.as_ref().is_none_or(Vec::is_empty));
        state.ask_often_while(Memo::new(move |_| shown.with(|it| !it.is_empty()) && unsaid()));
    }

    fn hold(self) {
        if let Some(handle) = self.timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }

    /// An entry has changed.
    pub(super) fn replace(self, entry: &Entry) {
        let _ = self.entries.try_update(|it| {
            let listed = it.iter_mut().flatten().find(|it| it.entry == entry.entry);
            if let Some(listed) = listed {
                *listed = entry.clone();
            }
        });
    }

    /// Reads what is shown again, as far as it goes, because a signing started or ended: the page asks by itself.
    pub(super) fn read_again(self) {
        let shown = self.entries.with_untracked(|it| it.as_ref().map_or(0, Vec::len));
        self.read_so_many(false, u32::try_from(shown).unwrap_or(PAGE).max(PAGE), Asked::ByThePage);
    }

    /// Reads the first entries, or with `more` those after the last one that is shown.
    pub(super) fn read(self, more: bool) {
        // What is found out about the history belongs to what is read of it.
        self.state.refresh();
        // A signing that the page calls unknown may be resolved in what is read.
        self.state.check_unknown();
        self.read_so_many(more, PAGE, Asked::ByAPerson);
    }

    fn read_so_many(self, more: bool, most: u32, asked: Asked) {
        let filter = self.asked.with_untracked(|it| Query::parse(it.as_deref().unwrap_or_default()).filter());
        let after = self.last.get_untracked().filter(|_| more);
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.busy.set(true);
        spawn_local(async move {
            let request = history::Request { filter, after, limit: Some(most) };
            let answer = host::call_for::<history::History>(&request, asked).await;
            // The page may be gone by now, or ask something else.
            if self.turn.try_get_value() == Some(turn) {
                self.busy.set(false);
                match answer {
                    Ok(answer) => self.took(answer, more),
                    Err(failure) => self.failure.set(Some(failure)),
                }
            }
        });
    }

    fn took(self, answer: history::Response, more: bool) {
        self.failure.set(None);
        self.last.set(answer.last.filter(|_| answer.more));
        self.total.set(answer.total);
        for (shown, read) in [(self.damaged, answer.damaged), (self.replaced, answer.replaced)] {
            shown.update(|shown| {
                if !more {
                    shown.clear();
                }
                shown.extend(read);
            });
        }
        self.entries.update(|entries| match entries {
            Some(entries) if more => entries.extend(answer.entries),
            _ => *entries = Some(answer.entries),
        });
    }
}
