//! The record as a table.

use domain::{Entry, clipped, visible};
use leptos::prelude::*;

use super::Record;
use crate::parts::failure::FailureNotice;
use crate::parts::outcome::OutcomeBadge;
use crate::route::{Page, entry_href};
use crate::ui::button::{Button, Weight};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{history, sign, without_scheme};

/// A message is cut here in the table; the entry itself shows more.
const WORDS_SHOWN: usize = 140;

/// The screen.
#[component]
pub(super) fn RecordTable(record: Record) -> impl IntoView {
    let empty = move || record.entries.with(|it| it.as_ref().is_some_and(Vec::is_empty));
    let waiting = move || record.entries.with(Option::is_none) && record.failure.with(Option::is_none);
    // A memo: an older page adds rows to the table that is there.
    let some = Memo::new(move |_| record.entries.with(|it| it.as_ref().is_some_and(|it| !it.is_empty())));
    view! {
        <div class="screen" data-testid="screen-history">
            <Heading text=history::TITLE lead=history::LEAD />
            {move || record.failure.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || waiting().then(|| view! { <p class="muted">{history::LOADING}</p> })}
            {move || empty().then(|| view! { <Empty /> })}
            {move || some.get().then(|| view! { <Rows record /> })}
            <Paging record />
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <section class="card empty">
            <Glyph icon=Icon::Book />
            <h2>{history::EMPTY}</h2>
            <p>{history::EMPTY_TEXT}</p>
            <p>
                <a href=Page::Sign.href()>{history::EMPTY_LINK}</a>
            </p>
        </section>
    }
}

#[component]
fn Rows(record: Record) -> impl IntoView {
    let head = [
        history::ENTRY,
        history::WHEN,
        history::OUTCOME,
        history::CSR,
        history::ISSUER,
        history::SERVER,
        history::WORDS,
    ];
    view! {
        <div class="card card--table">
            // Below a certain width the cells stack; the roles keep it a table for those who listen to it.
            <table class="record" role="table" aria-label=history::TITLE>
                <thead role="rowgroup">
                    <tr role="row">
                        {head.map(|it| view! { <th role="columnheader" scope="col">{it}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {move || record.entries.get().unwrap_or_default().into_iter().map(row).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn row(entry: Entry) -> impl IntoView {
    let Entry { entry, at, server, request, ending, .. } = entry;
    let issuer =
        request.issuer.map_or_else(|| sign::NO_ISSUER.to_owned(), |it| visible(it.common_name.as_str()));
    let words = ending.server_message.filter(|it| !it.is_empty());
    let words = words.unwrap_or_else(|| ending.code.what().to_owned());
    let words = clipped(&visible(&words), WORDS_SHOWN);
    view! {
        <tr role="row" data-testid="history-row" data-entry=entry.to_string()>
            <td role="cell" class="cell-entry">
                <a href=entry_href(entry)>
                    <span class="visually-hidden">{history::ENTRY} " "</span>
                    {entry.to_string()}
                </a>
            </td>
            <td role="cell" class="cell-when" data-label=history::WHEN>
                {at.date_time().replace(" UTC", "")}
            </td>
            <td role="cell" class="cell-outcome">
                <OutcomeBadge outcome=ending.outcome />
            </td>
            <td role="cell" class="cell-number" data-label=history::CSR>
                {request.csr_id.to_string()}
            </td>
            <td role="cell" data-label=history::ISSUER>
                <bdi>{issuer}</bdi>
            </td>
            <td role="cell" data-label=history::SERVER>
                <bdi>{visible(&without_scheme(&server))}</bdi>
            </td>
            <td role="cell" class="cell-words">
                <bdi>{words}</bdi>
                <code>{ending.code.as_str()}</code>
            </td>
        </tr>
    }
}

#[component]
fn Older(record: Record) -> impl IntoView {
    view! {
        <Button disabled=record.busy on_click=Callback::new(move |()| record.read(true)) test_id="button-older">
            {move || if record.busy.get() { history::LOADING_OLDER } else { history::OLDER }}
        </Button>
    }
}

#[component]
fn Paging(record: Record) -> impl IntoView {
    let count = move || record.entries.with(|it| it.as_ref().map(Vec::len).unwrap_or_default());
    view! {
        <div class="row">
            {move || record.more.get().then(|| view! { <Older record /> })}
            <Button weight=Weight::Quiet disabled=record.busy on_click=Callback::new(move |()| record.read(false))>
                {history::REFRESH}
            </Button>
            <span class="muted" role="status">
                {move || (count() > 0).then(|| history::loaded(count()))}
            </span>
        </div>
    }
}
