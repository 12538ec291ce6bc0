//! A possible answer to what became of a signing, as a card to choose.

use desk::commands::look_for::{Candidate, Evidence, Standing};
use domain::{SerialNumber, clipped, visible};
use leptos::prelude::*;

use crate::route::entry_href;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{history, settle};

/// More than any name; a longer one is cut visibly.
const SHOWN: usize = 200;

/// A card with a radio button, its title, and what belongs to it.
#[component]
pub(super) fn VerdictCard(
    id: String,
    title: String,
    #[prop(optional)] test_id: Option<&'static str>,
    #[prop(into)] chosen: Signal<bool>,
    /// Whether it can't be recorded; what it holds says why.
    #[prop(optional)]
    disabled: bool,
    on_choose: Callback<()>,
    children: Children,
) -> impl IntoView {
    let text_id = [&id, "-text"].concat();
    view! {
        <div class="choice" class:choice--chosen=move || chosen.get()>
            <input
                type="radio"
                id=id.clone()
                name="verdict"
                data-testid=test_id
                aria-describedby=text_id.clone()
                disabled=disabled
                prop:checked=move || chosen.get()
                on:change=move |_| on_choose.run(())
            />
            <div class="choice-words">
                <label for=id>
                    <bdi>{title}</bdi>
                </label>
                <div id=text_id>{children()}</div>
            </div>
        </div>
    }
}

/// A certificate that may be the one.
#[component]
pub(super) fn CandidateCard(
    index: usize,
    candidate: Candidate,
    #[prop(into)] chosen: Signal<bool>,
    on_choose: Callback<()>,
) -> impl IntoView {
    let contradictions = visible(&candidate.contradictions());
    let lines: Vec<_> =
        candidate.evidence.iter().map(|it| line(*it, visible(&candidate.words(*it)))).collect();
    let not_compared = candidate.not_compared_words();
    let ca = candidate.ca_words();
    let Candidate { certificate, issuer, not_before, not_after, standing, may_belong_to, .. } = candidate;
    let text = |it: Option<String>| it.map(|it| clipped(&visible(&it), SHOWN));
    let serial = certificate.serial_number.clone().unwrap_or_default();
    let spelled = SerialNumber::parse(&serial).map_or_else(|_| visible(&serial), |it| it.colons());
    let name = text(certificate.common_name).unwrap_or_else(|| settle::NO_NAME.to_owned());
    let dates = not_before.zip(not_after).map(|(from, to)| settle::valid(&from.date_time(), &to.date_time()));
    view! {
        <div data-testid="candidate" data-serial=serial data-standing=settle::standing(standing)>
            <VerdictCard
                id=["candidate-", &index.to_string()].concat()
                title=settle::candidate(standing, &name)
                chosen
                on_choose
            >
                {(standing == Standing::Proof)
                    .then(|| view! { <p><span class="tag tag--proof" data-testid="proof">{settle::PROOF}</span></p> })}
                {(!contradictions.is_empty())
                    .then(|| view! { <p class="mark--against" data-testid="contradictions">{settle::AGAINST} ": " {contradictions}</p> })}
                {(!may_belong_to.is_empty()).then(|| view! { <AlsoOf entries=may_belong_to /> })}
                {not_compared.map(|it| view! { <p class="mark" data-testid="not-compared">{it}</p> })}
                {ca.map(|it| view! { <p class="mark--doubt" data-testid="is-ca">{it}</p> })}
                <p>{settle::SERIAL} <code>{spelled}</code></p>
                {text(issuer).map(|it| view! { <p>{settle::ISSUER} <bdi>{it}</bdi></p> })}
                {dates.map(|it| view! { <p>{it}</p> })}
                <ul class="evidence">{lines}</ul>
            </VerdictCard>
        </div>
    }
}

/// Other unresolved entries that the certificate may belong to, each a link.
#[component]
fn AlsoOf(entries: Vec<u64>) -> impl IntoView {
    let link = |(place, entry): (usize, u64)| {
        view! {
            {(place > 0).then_some(", ")}
            <a class="choice-link" href=entry_href(entry)>
                {history::entry_in_sentence(entry)}
            </a>
        }
    };
    view! {
        <p class="mark--doubt" data-testid="may-belong-to">
            <Glyph icon=Icon::Warning />
            <span>{settle::MAY_BELONG_TO} {entries.into_iter().enumerate().map(link).collect_view()} "."</span>
        </p>
    }
}

fn line(evidence: Evidence, words: String) -> impl IntoView {
    let (class, mark) = match evidence.weight() {
        0 => ("mark", settle::NEITHER),
        1.. => ("mark mark--for", settle::FOR),
        _ => ("mark mark--against", settle::AGAINST),
    };
    let entry = match evidence {
        Evidence::OnRecord { entry } => Some(entry),
        _ => None,
    };
    view! {
        <li>
            <span class=class>{mark}</span>
            " "
            {words}
            {entry
                .map(|it| {
                    view! {
                        " "
                        <a class="choice-link" href=entry_href(it)>
                            {history::entry_title(it)}
                        </a>
                    }
                })}
        </li>
    }
}
