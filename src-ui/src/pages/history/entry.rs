//! One entry of the record with all its facts.

use desk::Failure;
use desk::commands::entry::{OneEntry, Request};
use domain::{Entry, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Record;
use crate::parts::certificates::Certificates;
use crate::parts::failure::FailureNotice;
use crate::parts::outcome as mark;
use crate::parts::request_facts::RequestFacts;
use crate::parts::seen::SeenDetails;
use crate::route::Page;
use crate::ui::facts::{Fact, Facts};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{history, join, outcome, visible_lines};
use crate::{clock, host};

/// The screen. An entry that the list has not read is asked for by itself.
#[component]
pub(super) fn EntryDetail(number: u64, record: Record) -> impl IntoView {
    let listed = record
        .entries
        .with_untracked(|it| it.as_ref().and_then(|it| it.iter().find(|it| it.entry == number)).cloned());
    let found: RwSignal<Option<Result<Option<Entry>, Failure>>> =
        RwSignal::new(listed.map(|it| Ok(Some(it))));
    if found.with_untracked(Option::is_none) {
        spawn_local(async move {
            let answer = host::call::<OneEntry>(&Request { entry: number }).await;
            let answer = answer.map(|it| Some(it.entry));
            // The page may be gone by now.
            let _ = found.try_set(Some(answer));
        });
    }
    view! {
        <div class="screen" data-testid="screen-entry">
            <Heading text=history::entry_title(number)>
                <a class="back" href=Page::History.href()>
                    <Glyph icon=Icon::Back />
                    {history::BACK}
                </a>
            </Heading>
            {move || match found.get() {
                None => view! { <p class="muted">{history::LOADING}</p> }.into_any(),
                Some(Ok(Some(entry))) => view! { <EntryFacts entry /> }.into_any(),
                Some(Ok(None)) => view! { <p>{history::NOT_FOUND}"."</p> }.into_any(),
                Some(Err(failure)) => view! { <FailureNotice failure /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn EntryFacts(entry: Entry) -> impl IntoView {
    let Entry { intent, at, answered_at, server, request, ending, .. } = entry;
    let kind = ending.outcome;
    let local = |it: Timestamp| join(&[&clock::local(it), history::ON_THIS_COMPUTER]);
    view! {
        <div class=["outcome outcome--", kind.as_str()].concat() data-testid="outcome" data-outcome=kind.as_str()>
            <Glyph icon=mark::icon(kind) />
            <div class="outcome-body">
                <h2>{outcome::heading(kind, &request.csr_id.to_string())}</h2>
                <p class="outcome-what">{ending.code.what()} " " {ending.code.next()}</p>
                {ending
                    .server_message
                    .clone()
                    .filter(|it| !it.is_empty())
                    .map(|it| {
                        view! {
                            <figure class="quote">
                                <figcaption>{outcome::SERVER_WORDS}</figcaption>
                                <blockquote>{visible_lines(&it)}</blockquote>
                            </figure>
                        }
                    })}
            </div>
        </div>
        <Certificates certificates=ending.certificates.clone() />
        <section class="card" aria-labelledby="asked-title">
            <h2 id="asked-title">{outcome::WHAT_WAS_ASKED}</h2>
            <RequestFacts request server />
        </section>
        <section class="card" aria-labelledby="times-title">
            <h2 id="times-title">{history::TIMES}</h2>
            <Facts>
                <Fact name=history::DECIDED value=at.date_time() note=local(at) />
                {match answered_at {
                    Some(it) => view! { <Fact name=history::ANSWERED value=it.date_time() note=local(it) /> },
                    None => view! { <Fact name=history::ANSWERED value=history::NEVER /> },
                }}
            </Facts>
        </section>
        <SeenDetails ending intent open=true />
    }
}
