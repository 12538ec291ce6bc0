//! The entries as rows of a table.

use domain::{Entry, SortBy, clipped, visible};
use leptos::prelude::*;

use super::query::Part;
use super::record::Record;
use crate::parts::outcome::StateBadge;
use crate::parts::time::Moment;
use crate::route::entry_href;
use crate::words::{history, sign, without_scheme};

/// A message is cut here in the table; the entry itself shows more.
const WORDS_SHOWN: usize = 140;

/// The table.
#[component]
pub(super) fn Rows(record: Record) -> impl IntoView {
    let head = [
        (history::ENTRY, Some(SortBy::Entry)),
        (history::WHEN, None),
        (history::OUTCOME, Some(SortBy::Outcome)),
        (history::CSR, Some(SortBy::CsrId)),
        (history::ISSUER, None),
        (history::SERVER, Some(SortBy::Server)),
        (history::WORDS, None),
    ];
    view! {
        <div class="card card--table">
            // Below a certain width the cells stack; the roles keep it a table for those who listen to it.
            <table class="record" role="table" aria-label=history::TITLE>
                <thead role="rowgroup">
                    <tr role="row">
                        {head.map(|(words, sort)| view! { <Head record words sort /> }).collect_view()}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {move || record.entries.get().unwrap_or_default().into_iter().map(row).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// The head of a column, with the button that sorts by it where that can be.
#[component]
fn Head(
    record: Record,
    words: &'static str,
    #[prop(optional_no_strip)] sort: Option<SortBy>,
) -> impl IntoView {
    let order = Memo::new(move |_| {
        record.draft.with(|it| (Some(it.sort()) == sort).then(|| it.is_on(Part::Ascending)))
    });
    let press = move |sort: SortBy| {
        record.draft.update(|it| it.sort_by(sort));
        record.ask(false);
    };
    let aria = move || order.get().map(|it| if it { "ascending" } else { "descending" });
    view! {
        <th role="columnheader" scope="col" aria-sort=aria>
            {match sort {
                None => words.into_any(),
                Some(sort) => {
                    view! {
                        <button type="button" class="sort" data-testid=sort_id(sort) on:click=move |_| press(sort)>
                            {words}
                            <span aria-hidden="true">
                                {move || match order.get() {
                                    None => "",
                                    Some(true) => " ▲",
                                    Some(false) => " ▼",
                                }}
                            </span>
                        </button>
                    }
                        .into_any()
                }
            }}
        </th>
    }
}

fn sort_id(sort: SortBy) -> &'static str {
    match sort {
        SortBy::Entry => "sort-entry",
        SortBy::CsrId => "sort-csr",
        SortBy::Outcome => "sort-outcome",
        SortBy::Server => "sort-server",
    }
}

fn row(entry: Entry) -> impl IntoView {
    let (code, state, unsettled) = (entry.code(), entry.state(), entry.is_unsettled());
    let decided = code != entry.ending.code;
    let Entry { entry, at, server, request, ending, .. } = entry;
    let issuer =
        request.issuer.map_or_else(|| sign::NO_ISSUER.to_owned(), |it| visible(it.common_name.as_str()));
    // A person's decision outweighs what the server said while it left it open.
    let words = ending.server_message.filter(|it| !it.is_empty() && !decided);
    let words = words.unwrap_or_else(|| code.what().to_owned());
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
                <Moment at short=true />
            </td>
            <td role="cell" class="cell-outcome">
                <StateBadge state />
                {unsettled.then(|| view! { " " <span class="tag tag--due">{history::TO_SETTLE}</span> })}
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
                <code>{code.as_str()}</code>
            </td>
        </tr>
    }
}
