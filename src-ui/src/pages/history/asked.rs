//! What was asked, and when.

use domain::{Entry, Timestamp};
use leptos::prelude::*;

use crate::clock;
use crate::parts::request_facts::RequestFacts;
use crate::ui::facts::{Fact, Facts};
use crate::words::{history, join, outcome};

/// The request and the times of an entry.
#[component]
pub(super) fn AskedFacts(entry: Entry) -> impl IntoView {
    let Entry { at, sent_at, answered_at, server, request, ending, look_ups, .. } = entry;
    let time = |name: &'static str, moment: Option<Timestamp>| {
        let value = moment.map_or_else(|| history::NEVER.to_owned(), Timestamp::date_time);
        let note = moment.map(|it| join(&[&clock::local(it), history::ON_THIS_COMPUTER]));
        view! { <Fact name value note=note.unwrap_or_default() /> }
    };
    view! {
        <section class="card" aria-labelledby="asked-title">
            <h2 id="asked-title">{outcome::WHAT_WAS_ASKED}</h2>
            <RequestFacts request server />
        </section>
        <section class="card" aria-labelledby="times-title">
            <h2 id="times-title">{history::TIMES}</h2>
            <Facts>
                {time(history::DECIDED, Some(at))} {time(history::SENT, sent_at)}
                {time(history::ANSWERED, answered_at)}
                <Fact name=outcome::TOOK value=outcome::milliseconds(ending.seen.elapsed_ms) />
                {(look_ups > 0)
                    .then(|| view! { <Fact name=history::LOOK_UPS value=history::times(look_ups) /> })}
            </Facts>
        </section>
    }
}
