//! The test of the connection in use, step by step.

use desk::commands::test_connection::{Stage, State};
use domain::visible;
use leptos::prelude::*;

use super::attempt::{Attempt, Phase};
use crate::route::Page;
use crate::ui::button::Button;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::connection;

/// How a step is shown: a state for tests and styles, an icon, a word.
fn look(state: Option<&State>, running: bool) -> (&'static str, Icon, &'static str) {
    match state {
        None if running => ("running", Icon::Running, connection::STATE_RUNNING),
        None => ("waiting", Icon::Dash, connection::STATE_WAITING),
        Some(State::Passed { .. }) => ("passed", Icon::Check, connection::STATE_PASSED),
        Some(State::Failed { .. }) => ("failed", Icon::Cross, connection::STATE_FAILED),
        Some(State::Skipped) => ("skipped", Icon::Dash, connection::STATE_SKIPPED),
    }
}

/// The card.
#[component]
pub(super) fn TestSteps(attempt: Attempt, is_form: Memo<bool>) -> impl IntoView {
    // Beside the form of another connection than the one in use, the test of that one would be taken for its own.
    let foreign = Memo::new(move |_| {
        let in_use = attempt.state.in_use().map(|it| it.id);
        is_form.get() && in_use != attempt.state.form_of.get().flatten()
    });
    let running = Memo::new(move |_| attempt.phase.get() == Phase::Testing);
    let turn = Memo::new(move |_| attempt.turn().filter(|_| !foreign.get()));
    let tested = move || turn.get().and_then(|_| untrack(|| attempt.tested()));
    let name = Memo::new(move |_| {
        attempt.state.in_use().filter(|_| !foreign.get()).map(|it| visible(&it.connection.name))
    });
    let verdict = move || match tested() {
        None if running.get() => view! { <p class="muted">{connection::TESTING}</p> }.into_any(),
        None if foreign.get() => view! { <p class="muted">{connection::STEPS_ON_SAVE}</p> }.into_any(),
        None => view! { <p class="muted">{connection::STEPS_NONE}</p> }.into_any(),
        Some(it) if it.good() => view! {
            <p class="verdict verdict--good">
                {connection::STEPS_GOOD}
                " "
                <a href=Page::Sign.href()>{connection::STEPS_GOOD_LINK}</a>
            </p>
        }
        .into_any(),
        Some(_) => view! { <p class="verdict verdict--bad">{connection::STEPS_BAD}</p> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby="steps-title">
            <h2 id="steps-title">
                {connection::STEPS} {move || name.get().map(|it| view! { ": " <bdi>{it}</bdi> })}
            </h2>
            <ol class="steps" data-testid="test-steps">
                {move || {
                    let answer = tested();
                    let running = running.get();
                    let doctor = answer.as_ref().is_some_and(|it| it.diagnosis.is_some());
                    let steps = answer.map(|it| it.steps.clone()).unwrap_or_default();
                    // Only those have it who set an operation.
                    let shown = |stage: &Stage| *stage != Stage::CsrList || attempt.lists_csrs();
                    Stage::ALL
                        .into_iter()
                        .filter(shown)
                        .map(|stage| {
                            let state = steps.iter().find(|it| it.stage == stage).map(|it| it.state.clone());
                            view! { <StepRow stage state running doctor=doctor && stage == Stage::Tls /> }
                        })
                        .collect_view()
                }}
            </ol>
            {verdict}
            {move || {
                name.get()
                    .map(|_| {
                        view! {
                            <Button
                                test_id="button-test"
                                disabled=Signal::derive(move || attempt.busy())
                                on_click=Callback::new(move |()| attempt.test())
                            >
                                {move || if turn.with(Option::is_some) { connection::TEST_AGAIN } else { connection::TEST }}
                            </Button>
                        }
                    })
            }}
        </section>
    }
}

#[component]
fn StepRow(
    stage: Stage,
    #[prop(optional_no_strip)] state: Option<State>,
    running: bool,
    /// Whether there is more to read about it.
    doctor: bool,
) -> impl IntoView {
    let (name, proves) = connection::stage(stage);
    let (key, icon, word) = look(state.as_ref(), running);
    view! {
        <li data-stage=stage.as_str() data-state=key>
            <Glyph icon />
            <div class="step-body">
                <p class="step-head">
                    <span class="step-name">{name}</span>
                    <span class="step-state">{word}</span>
                </p>
                {match state {
                    Some(State::Passed { detail }) => {
                        view! { <p class="step-detail">{visible(&detail)}</p> }.into_any()
                    }
                    // The panel beside it says all the rest.
                    Some(State::Failed { code, .. }) if doctor => {
                        view! {
                            <p class="step-problem">{code.what()}</p>
                            <p>
                                <a
                                    href="#doctor"
                                    on:click=move |event| {
                                        event.prevent_default();
                                        focus::id("doctor");
                                    }
                                >
                                    {connection::DOCTOR_LINK}
                                </a>
                            </p>
                        }
                            .into_any()
                    }
                    Some(State::Failed { code, detail }) => {
                        view! {
                            <p class="step-problem">{code.what()} " " {code.next()}</p>
                            <p class="step-detail">
                                <code>{code.as_str()}</code>
                                " "
                                {visible(&detail)}
                            </p>
                        }
                            .into_any()
                    }
                    // The list has room for one line of each that was not reached.
                    Some(State::Skipped) => ().into_any(),
                    None => view! { <p class="step-detail">{proves}</p> }.into_any(),
                }}
            </div>
        </li>
    }
}
