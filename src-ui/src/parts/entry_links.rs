//! Entries of the record, each as a link.

use leptos::prelude::*;

use crate::route::entry_href;
use crate::words::history;

/// A list of links.
#[component]
pub(crate) fn EntryLinks(entries: Vec<u64>) -> impl IntoView {
    let link = |entry: u64| {
        view! {
            <li>
                <a href=entry_href(entry)>{history::entry_title(entry)}</a>
            </li>
        }
    };
    view! { <ul class="entry-links" data-testid="earlier">{entries.into_iter().map(link).collect_view()}</ul> }
}
