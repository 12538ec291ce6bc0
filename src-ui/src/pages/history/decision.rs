//! What people said about a signing: why it was made again, and how it was settled.

use desk::commands::entry::earlier_decisions;
use domain::{Again, Decision, Entry, Event, SerialNumber, visible};
use leptos::prelude::*;

use super::asked::TimeFact;
use crate::parts::entry_links::EntryLinks;
use crate::parts::outcome::StateBadge;
use crate::ui::facts::{Fact, Facts};
use crate::words::{history, visible_lines};

/// Why it was signed although the record spoke against it.
#[component]
pub(super) fn AgainCard(again: Option<Again>) -> impl IntoView {
    again.map(|Again { reason, earlier }| {
        view! {
            <section class="card" aria-labelledby="again-title">
                <h2 id="again-title">{history::AGAIN}</h2>
                <p data-testid="again"><bdi>{visible(&reason)}</bdi></p>
                <EntryLinks entries=earlier />
            </section>
        }
    })
}

/// The latest decision, and what the program itself saw.
#[component]
pub(super) fn DecisionCard(entry: Entry) -> impl IntoView {
    let code = entry.code();
    let ending = entry.ending;
    let counts = code != ending.code;
    entry.decision.map(|decision| {
        let note = if counts { String::new() } else { history::OUTWEIGHED.to_owned() };
        view! {
            <section class="card" aria-labelledby="decision-title" data-testid="decision">
                <h2 id="decision-title">{history::DECISION}</h2>
                <DecisionFacts decision note />
                {counts
                    .then(|| {
                        view! {
                            <h3>{history::PROGRAM_SAW}</h3>
                            <p>
                                <StateBadge state=ending.outcome />
                                " "
                                {ending.code.what()}
                                " "
                                <code>{ending.code.as_str()}</code>
                            </p>
                            {ending
                                .server_message
                                .filter(|it| !it.is_empty())
                                .map(|it| view! { <p class="muted"><bdi>{visible_lines(&it)}</bdi></p> })}
                        }
                    })}
            </section>
        }
    })
}

/// A decision: what it was, how the person knew, and when it was recorded.
#[component]
fn DecisionFacts(
    decision: Decision,
    #[prop(optional)] note: String,
    /// Whether the certificate that it names is not shown elsewhere on the page.
    #[prop(optional)]
    with_certificate: bool,
) -> impl IntoView {
    let Decision { at, verdict, reason, basis } = decision;
    let words = verdict.words();
    let certificate = verdict.certificate().filter(|_| with_certificate);
    let serial = certificate
        .and_then(|it| it.serial_number.clone())
        .map(|it| SerialNumber::parse(&it).map_or_else(|_| visible(&it), |it| it.hex().to_owned()));
    let basis = basis.map(|it| it.words().to_owned()).unwrap_or_default();
    view! {
        <Facts>
            <Fact name=history::VERDICT value=words note />
            {serial.map(|it| view! { <Fact name=history::CERTIFICATE_SERIAL value=it code=true copy=true /> })}
            <Fact name=history::REASON value=visible_lines(&reason) note=basis />
            <TimeFact name=history::DECIDED_AT at=Some(at) />
        </Facts>
    }
}

/// The decisions that a later one replaced, newest first.
#[component]
pub(super) fn EarlierDecisions(events: RwSignal<Vec<Event>>) -> impl IntoView {
    let earlier = Memo::new(move |_| events.with(|it| earlier_decisions(it)));
    let facts = |decision| view! { <DecisionFacts decision with_certificate=true /> };
    move || {
        let decisions = earlier.get();
        (!decisions.is_empty()).then(|| {
            view! {
                <section class="card" aria-labelledby="earlier-decisions-title" data-testid="earlier-decisions">
                    <h2 id="earlier-decisions-title">{history::EARLIER_DECISIONS}</h2>
                    <p class="muted">{history::EARLIER_DECISIONS_TEXT}</p>
                    {decisions.into_iter().map(facts).collect_view()}
                </section>
            }
        })
    }
}
