//! What was asked, and when.

use domain::{Entry, Timestamp};
use leptos::prelude::*;

use crate::parts::request_facts::RequestFacts;
use crate::parts::time::Moment;
use crate::ui::facts::{Fact, Facts};
use crate::words::{history, outcome};

/// The request and the times of an entry.
#[component]
pub(super) fn AskedFacts(entry: Entry) -> impl IntoView {
    let Entry { at, sent_at, answered_at, server, request, ending, look_ups, origin, .. } = entry;
    let answered = answered_at.is_some();
    view! {
        <section class="card" aria-labelledby="asked-title">
            <h2 id="asked-title">{outcome::WHAT_WAS_ASKED}</h2>
            <RequestFacts request server verified_by=ending.seen.verified_by />
        </section>
        <section class="card" aria-labelledby="times-title">
            <h2 id="times-title">{history::TIMES}</h2>
            <Facts>
                {(!origin.is_unknown())
                    .then(|| view! { <Fact name=history::STARTED_BY value=origin.says() /> })}
                <TimeFact name=history::DECIDED at=Some(at) /> <TimeFact name=history::SENT at=sent_at />
                <TimeFact name=history::ANSWERED at=answered_at />
                {answered
                    .then(|| {
                        view! { <Fact name=outcome::TOOK value=outcome::milliseconds(ending.seen.elapsed_ms) /> }
                    })}
                {(look_ups > 0)
                    .then(|| view! { <Fact name=history::LOOK_UPS value=history::times(look_ups) /> })}
            </Facts>
        </section>
    }
}

/// A fact that is a moment.
#[component]
pub(super) fn TimeFact(
    name: &'static str,
    #[prop(optional_no_strip)] at: Option<Timestamp>,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd>
                {match at {
                    Some(at) => view! { <Moment at /> }.into_any(),
                    None => history::NEVER.into_any(),
                }}
            </dd>
        </div>
    }
}
