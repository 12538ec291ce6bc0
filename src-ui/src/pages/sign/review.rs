//! The review: what will happen, what to think about, the exact request, and the button that does it.

use std::sync::Arc;

use desk::commands::review::Caution;
use desk::commands::sign;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::stepper::Stepper;
use crate::host;
use crate::parts::request_facts::RequestFacts;
use crate::route::entry_href;
use crate::state::{DeskState, Finished, Reviewed, Step};
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::heading::Heading;
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::review::Piece;
use crate::words::{outcome, review, visible_lines};

/// The step.
#[component]
pub(super) fn ReviewStep(reviewed: Arc<Reviewed>) -> impl IntoView {
    let answer = reviewed.answer.clone();
    view! {
        <div class="screen screen--review" data-testid="screen-review">
            <Heading text=review::TITLE lead=review::LEAD>
                <Stepper current=1 />
            </Heading>
            <div class="with-aside"><div class="stack">
            <p class="sentence" data-testid="sentence">
                {review::sentence(&answer).into_iter().map(piece).collect_view()}
            </p>
            <Cautions cautions=answer.cautions.clone() earlier=answer.earlier.clone() />
            <section class="card" aria-labelledby="facts-title">
                <h2 id="facts-title">{review::FACTS}</h2>
                <RequestFacts request=answer.request server=answer.server ends=answer.ends />
            </section>
            <Disclosure summary=review::HTTP_REQUEST open=true>
                <p class="muted">{review::HTTP_NOTE}</p>
                <Verbatim
                    text=visible_lines(&answer.http_request)
                    label=review::HTTP_REQUEST
                    test_id="http-request"
                />
                <h3>{review::INPUT_DATA}</h3>
                <Verbatim text=visible_lines(&answer.input_data) label=review::INPUT_DATA />
            </Disclosure>
            </div>
            <aside class="aside"><Decision reviewed /></aside>
            </div>
        </div>
    }
}

pub(super) fn piece(piece: Piece) -> impl IntoView {
    match piece {
        Piece::Words(words) => words.into_any(),
        Piece::Value(value) => view! { <strong><bdi>{value}</bdi></strong> }.into_any(),
    }
}

/// What to think about first; the desk puts the gravest on top.
#[component]
fn Cautions(cautions: Vec<Caution>, earlier: Vec<u64>) -> impl IntoView {
    let notice = move |caution: Caution| {
        let grave = matches!(caution, Caution::SentBefore | Caution::MakesACa);
        let entries = if caution == Caution::SentBefore { earlier.clone() } else { Vec::new() };
        let link =
            |entry: u64| view! { " " <a href=entry_href(entry)>{review::ENTRY} {entry.to_string()}</a> };
        view! {
            <Notice tone=if grave { Tone::Warning } else { Tone::Info } title=review::caution(caution) test_id="caution">
                <p>{caution.words()}</p>
                {(!entries.is_empty())
                    .then(|| view! { <p>{review::EARLIER} {entries.into_iter().map(link).collect_view()}</p> })}
            </Notice>
        }
    };
    (!cautions.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="cautions-title">
                <h2 id="cautions-title" class="visually-hidden">
                    {review::CAUTIONS}
                </h2>
                {cautions.into_iter().map(notice).collect_view()}
            </section>
        }
    })
}

/// The confirmations that are needed, and the two ways on.
#[component]
fn Decision(reviewed: Arc<Reviewed>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let announcer = Announcer::here();
    let cautions = &reviewed.answer.cautions;
    let (makes_ca, again) = (cautions.contains(&Caution::MakesACa), cautions.contains(&Caution::SentBefore));
    let (ca_confirmed, again_confirmed) = (RwSignal::new(!makes_ca), RwSignal::new(!again));
    let blocked = Signal::derive(move || !(ca_confirmed.get() && again_confirmed.get()));
    let label = review::sign(&reviewed.answer.request.csr_id.to_string());
    let sign = Callback::new(move |()| {
        if !blocked.get_untracked() {
            sign(state, announcer, &reviewed);
        }
    });
    let confirm = |needed: bool, id: &'static str, label: &'static str, signal: RwSignal<bool>| {
        needed.then(|| {
            view! { <CheckBox id label checked=signal on_change=Callback::new(move |on| signal.set(on)) /> }
        })
    };
    view! {
        <section class="card decision" aria-labelledby="decision-title">
            <h2 id="decision-title">{review::DECISION}</h2>
            {confirm(makes_ca, "confirm-ca", review::UNDERSTAND_CA, ca_confirmed)}
            {confirm(again, "confirm-again", review::UNDERSTAND_AGAIN, again_confirmed)}
            <Button
                weight=Weight::Primary
                test_id="button-sign"
                disabled=blocked
                reason_id="sign-reason"
                on_click=sign
            >
                {label}
            </Button>
            <p class="actions-reason" id="sign-reason">
                {move || if blocked.get() { review::UNDERSTAND_FIRST } else { review::READY }}
            </p>
            <Button on_click=Callback::new(move |()| state.back_to_form()) test_id="button-back">
                {review::BACK}
            </Button>
        </section>
    }
}

/// One decision, one call. The step changes before the call leaves, so a second click finds no button.
fn sign(state: DeskState, announcer: Announcer, reviewed: &Arc<Reviewed>) {
    if !state.step.with_untracked(|step| matches!(step, Step::Review(_))) {
        return;
    }
    let reviewed = Arc::clone(reviewed);
    state.step.set(Step::Progress(Arc::clone(&reviewed)));
    spawn_local(async move {
        let request = sign::Request { intent: reviewed.intent.clone(), form: reviewed.form.clone() };
        let answer = host::call::<sign::Sign>(&request).await;
        let csr_id = reviewed.answer.request.csr_id.to_string();
        let finished = Finished::new(reviewed, answer);
        announcer.say(&outcome::heading(finished.ending.outcome, &csr_id));
        state.step.set(Step::Result(Arc::new(finished)));
    });
}
