//! The record as a list: the question, the table, and what can be done with it.

use leptos::prelude::*;

use super::filter::{ClearButton, FilterBar};
use super::query::Query;
use super::record::Record;
use super::rows::Rows;
use super::tools::Tools;
use crate::parts::failure::FailureNotice;
use crate::parts::findings::MayBeMissing;
use crate::route::{Page, entry_href};
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// The screen.
#[component]
pub(super) fn RecordTable(record: Record) -> impl IntoView {
    let empty = move || record.entries.with(|it| it.as_ref().is_some_and(Vec::is_empty));
    // An empty history has nothing to filter, to export or to verify.
    let tools = Memo::new(move |_| !empty() || record.is_part() || record.damaged.with(|it| !it.is_empty()));
    let waiting = move || record.entries.with(Option::is_none) && record.failure.with(Option::is_none);
    // A memo: another page adds rows to the table that is there.
    let some = Memo::new(move |_| record.entries.with(|it| it.as_ref().is_some_and(|it| !it.is_empty())));
    let in_progress = Memo::new(move |_| {
        let shown = record.entries.get().unwrap_or_default();
        shown.iter().filter(|it| it.is_in_progress()).map(|it| it.entry).collect()
    });
    record.watch(in_progress, None, move || record.read_again());
    let damaged = move || record.damaged.with(|it| (!it.is_empty()).then(|| history::damaged(it)));
    view! {
        <div class="screen" data-testid="screen-history">
            <Heading text=history::TITLE lead=history::LEAD />
            {move || tools.get().then(|| view! { <FilterBar record /> <Tools record><Count record /></Tools> })}
            <MayBeMissing />
            {move || record.failure.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || {
                damaged()
                    .map(|title| {
                        view! {
                            <Notice tone=Tone::Warning title test_id="damaged">
                                <p>{history::DAMAGED_TEXT}</p>
                            </Notice>
                        }
                    })
            }}
            <Replaced record />
            {move || waiting().then(|| view! { <p class="muted">{history::LOADING}</p> })}
            {move || empty().then(|| view! { <Empty record /> })}
            {move || some.get().then(|| view! { <Rows record /> })}
            <Paging record />
        </div>
    }
}

/// How many entries there are, and how many of them are shown.
#[component]
fn Count(record: Record) -> impl IntoView {
    let words = move || {
        record.entries.with(|it| {
            it.as_ref().map(|it| history::count(it.len() as u64, record.total.get(), record.is_part()))
        })
    };
    view! {
        <p class="muted" role="status" data-testid="history-total">
            {words}
        </p>
    }
}

/// Why no entry is shown.
fn no_match_text(record: Record) -> &'static str {
    if record.serial_is_wrong() {
        history::SERIAL_WRONG
    } else if record.draft.with(Query::date_is_wrong) {
        history::DATE_WRONG
    } else {
        record.serial_note().unwrap_or(history::NO_MATCH_TEXT)
    }
}

#[component]
fn Empty(record: Record) -> impl IntoView {
    let state = expect_context::<DeskState>();
    // A history that was begun anew does not know what was signed before.
    let is_whole = Memo::new(move |_| {
        state
            .status
            .with(|it| it.as_ref().is_none_or(|it| it.findings.is_empty() && it.acknowledged.is_empty()))
    });
    view! {
        <section class="card empty">
            <Glyph icon=Icon::Book />
            {if untrack(|| record.is_part()) {
                view! {
                    <h2>{history::NO_MATCH}</h2>
                    <p>{untrack(|| no_match_text(record))}</p>
                    <ClearButton record />
                }
                    .into_any()
            } else {
                view! {
                    <h2>{move || if is_whole.get() { history::EMPTY } else { history::EMPTY_PART }}</h2>
                    <p>
                        {move || if is_whole.get() { history::EMPTY_TEXT } else { history::EMPTY_PART_TEXT }}
                    </p>
                    <p>
                        <a href=Page::Sign.href()>{history::EMPTY_LINK}</a>
                    </p>
                }
                    .into_any()
            }}
        </section>
    }
}

/// Which entries a decision that was replaced led to: what the rows show is the later one.
#[component]
fn Replaced(record: Record) -> impl IntoView {
    move || {
        let found = record.replaced.get();
        (!found.is_empty()).then(|| {
            let links = found.into_iter().map(|it| {
                view! {
                    <li>
                        <a href=entry_href(it)>{history::entry_title(it)}</a>
                    </li>
                }
            });
            view! {
                <Notice tone=Tone::Info title=history::REPLACED test_id="replaced">
                    <p>{history::REPLACED_TEXT}</p>
                    <ul class="entry-links">{links.collect_view()}</ul>
                </Notice>
            }
        })
    }
}

#[component]
fn More(record: Record) -> impl IntoView {
    view! {
        <Button busy=record.busy on_click=Callback::new(move |()| record.read(true)) test_id="button-more">
            {move || if record.busy.get() { history::LOADING_MORE } else { history::MORE }}
        </Button>
    }
}

#[component]
fn Paging(record: Record) -> impl IntoView {
    let refresh = Callback::new(move |()| record.read(false));
    view! {
        <div class="row">
            {move || record.has_more().then(|| view! { <More record /> })}
            <Button weight=Weight::Quiet busy=record.busy on_click=refresh>
                {history::REFRESH}
            </Button>
        </div>
    }
}
