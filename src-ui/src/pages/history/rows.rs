//! The entries as rows of a table: one line each, and the whole row opens its entry.

use domain::{BaseUrl, Entry, SerialNumber, SortBy, Verdict, clipped, visible};
use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::query::Part;
use super::record::Record;
use crate::parts::outcome::StateBadge;
use crate::parts::time::Moment;
use crate::route::{entry_href, go_to};
use crate::state::DeskState;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{history, without_scheme};

/// A name is cut here; the entry itself shows more.
const NAME_SHOWN: usize = 120;

/// The columns: their class, their words, and what they sort by.
const COLUMNS: [(&str, &str, Option<SortBy>); 11] = [
    ("cell-entry", history::ENTRY, None),
    ("cell-when", history::WHEN, Some(SortBy::Entry)),
    ("cell-outcome", history::OUTCOME, Some(SortBy::Outcome)),
    ("cell-csr", history::CSR, Some(SortBy::CsrId)),
    ("cell-name", history::SUBJECT, None),
    ("cell-issuer", history::ISSUER, None),
    ("cell-serial", history::SERIAL, None),
    ("cell-expires", history::EXPIRES, None),
    ("cell-kind", history::KIND, None),
    ("cell-ticket", history::TICKET, None),
    ("cell-server", history::SERVER, Some(SortBy::Server)),
];

/// The table.
#[component]
pub(super) fn Rows(record: Record) -> impl IntoView {
    let production = expect_context::<DeskState>().production_servers();
    let head = COLUMNS.map(|(class, words, sort)| view! { <Head record class words sort /> });
    view! {
        <div class="card card--table">
            // Below a certain width the cells stack; the roles keep it a table for those who listen to it.
            <table class="record" role="table" aria-label=history::TITLE>
                <thead role="rowgroup">
                    <tr role="row">{head.collect_view()}</tr>
                </thead>
                <tbody role="rowgroup">
                    {move || record.entries.get().unwrap_or_default().into_iter().map(|it| row(it, production)).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// The head of a column, with the button that sorts by it where that can be.
#[component]
fn Head(
    record: Record,
    class: &'static str,
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
        <th role="columnheader" scope="col" class=class aria-sort=aria>
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

/// A click anywhere on a row opens its entry, but not one that ends the selection of a text.
fn open(event: &leptos::ev::MouseEvent, href: &str) {
    let on_link = event
        .target()
        .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|it| it.closest("a, button").ok().flatten().is_some());
    if !on_link && !selects_text() {
        go_to(href, false);
    }
}

/// Whether a text is selected. By name: its types would be one more feature of web-sys for this question alone.
fn selects_text() -> bool {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let window = JsValue::from(window());
    let selection = get(&window, "getSelection")
        .and_then(|it| it.dyn_into::<Function>().ok())
        .and_then(|it| it.call0(&window).ok());
    selection.and_then(|it| get(&it, "isCollapsed")).is_some_and(|it| it == false)
}

/// A text that may be cut by its column: whole as a tooltip. `more` is the number of certificates beside the one it names.
#[component]
fn Cell(
    class: &'static str,
    label: &'static str,
    text: String,
    #[prop(optional)] more: usize,
) -> impl IntoView {
    // An empty cell is left out where the cells stack.
    let whole = text.clone();
    let is_empty = text.is_empty() && more == 0;
    let class = if is_empty { [class, " cell--empty"].concat() } else { class.to_owned() };
    view! {
        <td role="cell" class=class data-label=label title=whole>
            // First, so that it is in sight where the text is cut.
            {(more > 0).then(|| view! { <span class="tag tag--due">{history::more(more)}</span> " " })}
            <bdi>{text}</bdi>
        </td>
    }
}

fn row(entry: Entry, production: Memo<Vec<String>>) -> impl IntoView {
    let (state, unsettled) = (entry.state(), entry.is_unsettled());
    let resolution = entry.resolution().map(Verdict::words);
    let certificates = entry.certificates();
    let more = certificates.len().saturating_sub(1);
    let certificate = certificates.into_iter().next().unwrap_or_default();
    let Entry { entry, at, server, request, ticket, .. } = entry;
    let name = |text: &str| clipped(&visible(text), NAME_SHOWN);
    let serial = certificate.serial_number.unwrap_or_default();
    let serial = SerialNumber::parse(&serial).map_or_else(|_| name(&serial), |it| it.colons());
    // What was asked for, whatever came of it: the answer names no date.
    let expires = at.plus_days(request.validity.days()).date();
    let issuer = request.issuer.as_ref().map(|it| name(it.common_name.as_str())).unwrap_or_default();
    let of = BaseUrl::canonical(&server);
    let production = Memo::new(move |_| production.with(|it| it.contains(&of)));
    let whole_server = visible(&without_scheme(&server));
    let shown_server = whole_server.clone();
    let href = entry_href(entry);
    let link = href.clone();
    view! {
        <tr
            role="row"
            data-testid="history-row"
            data-entry=entry.to_string()
            on:click=move |event| open(&event, &href)
        >
            <td role="cell" class="cell-entry">
                <a href=link>
                    <span class="visually-hidden">{history::ENTRY} " "</span>
                    {entry.to_string()}
                </a>
            </td>
            <td role="cell" class="cell-when">
                <Moment at short=true />
            </td>
            <td role="cell" class="cell-outcome">
                <StateBadge state resolution />
                {unsettled.then(|| view! { " " <span class="tag tag--due">{history::TO_SETTLE}</span> })}
            </td>
            <Cell class="cell-csr" label=history::CSR text=request.csr_id.to_string() />
            <Cell class="cell-name" label="" text=name(&certificate.common_name.unwrap_or_default()) more />
            <Cell class="cell-issuer" label=history::ISSUER text=issuer />
            <Cell class="cell-serial" label=history::SERIAL text=serial />
            <Cell class="cell-expires" label=history::EXPIRES text=expires />
            <Cell
                class=if request.intermediate { "cell-kind cell-kind--ca" } else { "cell-kind" }
                label=""
                text=history::kind(request.intermediate).to_owned()
            />
            <Cell class="cell-ticket" label=history::TICKET text=name(&ticket) />
            <td role="cell" class="cell-server" data-label=history::SERVER title=whole_server>
                {move || {
                    production
                        .get()
                        .then(|| {
                            view! {
                                <span
                                    class="production-mark"
                                    title=history::PRODUCTION
                                    data-testid="production-mark"
                                >
                                    <Glyph icon=Icon::Shield />
                                    <span class="visually-hidden">{history::PRODUCTION} " "</span>
                                </span>
                            }
                        })
                }}
                <bdi>{shown_server}</bdi>
            </td>
        </tr>
    }
}
