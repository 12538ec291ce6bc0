//! The test of the connection, step by step.

use desk::commands::test_connection::{Stage, State, Step};
use domain::visible;
use leptos::prelude::*;

use super::{Attempt, Phase};
use crate::route::Page;
use crate::ui::icon::{Glyph, Icon};
use crate::words::connection;

const STAGES: [Stage; 4] = [Stage::Trust, Stage::Connect, Stage::Answer, Stage::Token];

/// Whether nothing stands in the way of a signing.
pub(super) fn all_passed(steps: &[Step]) -> bool {
    steps.iter().all(|it| matches!(it.state, State::Passed { .. }))
}

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
pub(super) fn TestSteps(attempt: Attempt) -> impl IntoView {
    let running = Memo::new(move |_| attempt.phase.get() == Phase::Testing);
    let verdict = move || {
        attempt.steps.with(|steps| match steps {
            None if running.get() => view! { <p class="muted">{connection::TESTING}</p> }.into_any(),
            None => view! { <p class="muted">{connection::STEPS_NONE}</p> }.into_any(),
            Some(steps) if all_passed(steps) => view! {
                <p class="verdict verdict--good">
                    {connection::STEPS_GOOD}
                    " "
                    <a href=Page::Sign.href()>{connection::STEPS_GOOD_LINK}</a>
                </p>
            }
            .into_any(),
            Some(_) => view! { <p class="verdict verdict--bad">{connection::STEPS_BAD}</p> }.into_any(),
        })
    };
    view! {
        <section class="card" aria-labelledby="steps-title">
            <h2 id="steps-title">{connection::STEPS}</h2>
            <ol class="steps" data-testid="test-steps">
                {move || {
                    let steps = attempt.steps.get().unwrap_or_default();
                    STAGES
                        .map(|stage| {
                            let state = steps.iter().find(|it| it.stage == stage).map(|it| it.state.clone());
                            view! { <StepRow stage state running=running.get() /> }
                        })
                        .collect_view()
                }}
            </ol>
            {verdict}
        </section>
    }
}

#[component]
fn StepRow(stage: Stage, #[prop(optional_no_strip)] state: Option<State>, running: bool) -> impl IntoView {
    let (name, proves) = connection::stage(stage);
    let (key, icon, word) = look(state.as_ref(), running);
    let id = match stage {
        Stage::Trust => "trust",
        Stage::Connect => "connect",
        Stage::Answer => "answer",
        Stage::Token => "token",
    };
    view! {
        <li data-stage=id data-state=key>
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
                    _ => view! { <p class="step-detail">{proves}</p> }.into_any(),
                }}
            </div>
        </li>
    }
}
