//! What people said about a signing: why it was made again, and how it was settled.

use domain::{Again, Basis, Entry, Verdict, visible};
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
        let verdict = match &decision.verdict {
            Verdict::ItIsThisOne { .. } => history::FOUND,
            Verdict::NotThere => history::NOT_THERE,
        };
        let basis = match decision.basis {
            None => String::new(),
            Some(Basis::Search) => history::BASIS_SEARCH.to_owned(),
            Some(Basis::Console) => history::BASIS_CONSOLE.to_owned(),
        };
        let note = if counts { String::new() } else { history::OUTWEIGHED.to_owned() };
        view! {
            <section class="card" aria-labelledby="decision-title" data-testid="decision">
                <h2 id="decision-title">{history::DECISION}</h2>
                <Facts>
                    <Fact name=history::VERDICT value=verdict note />
                    <Fact name=history::REASON value=visible_lines(&decision.reason) note=basis />
                    <TimeFact name=history::DECIDED_AT at=Some(decision.at) />
                </Facts>
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
