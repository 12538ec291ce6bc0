//! The review: what will happen, what to think about, the exact request, and the button that does it.

use std::sync::Arc;

use desk::commands::review::Caution;
use desk::commands::sign;
use domain::Environment;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::stepper::Stepper;
use crate::host;
use crate::parts::entry_links::EntryLinks;
use crate::parts::environment::ProductionBar;
use crate::parts::request_facts::RequestFacts;
use crate::state::{DeskState, Finished, Obstacle, Reviewed, Step};
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::heading::Heading;
use crate::ui::line::LineField;
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
            <ProductionBar place=Signal::stored(reviewed.place.clone()) />
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
        view! {
            <Notice tone=if grave { Tone::Warning } else { Tone::Info } title=review::caution(caution) test_id="caution">
                <p>{caution.words()}</p>
                {(!entries.is_empty())
                    .then(|| view! { <p>{review::EARLIER}</p> <EntryLinks entries /> })}
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
    let makes_ca = reviewed.answer.cautions.contains(&Caution::MakesACa);
    let again = !reviewed.answer.earlier.is_empty();
    let ca_confirmed = RwSignal::new(!makes_ca);
    let missing = Memo::new(move |_| {
        match state.obstacle() {
            Some(Obstacle::Locked) => return Some(review::LOCKED_FIRST),
            Some(Obstacle::NoToken) => return Some(review::NO_TOKEN_FIRST),
            _ => {}
        }
        let no_reason = again && state.again.with(|it| it.trim().is_empty());
        match (ca_confirmed.get(), no_reason) {
            (true, false) => None,
            (true, true) => Some(review::REASON_FIRST),
            (false, false) => Some(review::UNDERSTAND_FIRST),
            (false, true) => Some(review::BOTH_FIRST),
        }
    });
    let blocked = Signal::derive(move || missing.get().is_some());
    let production = reviewed.place.as_ref().is_some_and(|it| it.environment == Environment::Production);
    let label = review::sign(&reviewed.answer.request.csr_id.to_string(), production);
    let sign = Callback::new(move |()| {
        if !blocked.get_untracked() {
            sign(state, announcer, &reviewed);
        }
    });
    view! {
        <section class="card decision" aria-labelledby="decision-title">
            <h2 id="decision-title">{review::DECISION}</h2>
            {makes_ca
                .then(|| {
                    view! {
                        <CheckBox
                            id="confirm-ca"
                            label=review::UNDERSTAND_CA
                            checked=ca_confirmed
                            on_change=Callback::new(move |on| ca_confirmed.set(on))
                        />
                    }
                })}
            {again
                .then(|| {
                    view! {
                        <LineField
                            id="again-reason"
                            label=review::AGAIN
                            meaning=review::AGAIN_MEANING
                            value=state.again
                            on_input=Callback::new(move |text| state.again.set(text))
                            required=true
                        />
                    }
                })}
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
                {move || missing.get().unwrap_or(review::READY)}
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
    let reason = state.again.with_untracked(|it| it.trim().to_owned());
    let again = (!reviewed.answer.earlier.is_empty()).then_some(reason);
    state.step.set(Step::Progress(Arc::clone(&reviewed)));
    spawn_local(async move {
        let request = sign::Request {
            intent: reviewed.intent.clone(),
            form: reviewed.form.clone(),
            again,
            server: Some(reviewed.answer.server.clone()),
            connection: Some(reviewed.answer.connection.clone()),
        };
        let answer = host::call::<sign::Sign>(&request).await;
        let csr_id = reviewed.answer.request.csr_id.to_string();
        let finished = Finished::new(reviewed, answer);
        announcer.hear(&outcome::heading(finished.ending.outcome, &csr_id));
        state.step.set(Step::Result(Arc::new(finished)));
        state.refresh();
    });
}
