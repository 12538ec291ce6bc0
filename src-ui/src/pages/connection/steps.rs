//! The test of one connection: what it comes to, then step by step.

use std::sync::Arc;

use desk::commands::test_connection::{Response, Stage, State, Verdict};
use domain::{BaseUrl, ConnectionId, Timestamp, visible};
use leptos::prelude::*;

use super::attempt::Attempt;
use crate::parts::time::Moment;
use crate::parts::unsaved::NotSaved;
use crate::route::Page;
use crate::tested::{Last, TestOf};
use crate::ui::button::Button;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{connection, join};

/// What the card shows of a connection.
#[derive(Clone)]
enum Now {
    /// The form of a connection that is not saved.
    New,
    Running,
    Locked,
    NotTested,
    Outdated,
    Tested(Arc<TestOf>),
    /// Another program removed it: nothing is signed with it, whatever a test says.
    Removed,
}

impl Now {
    fn of(attempt: Attempt, of: Option<&ConnectionId>) -> Self {
        let Some(id) = of else { return Self::New };
        if attempt.is_testing(id) {
            return Self::Running;
        }
        if attempt.saved(id).is_some_and(|it| it.removed) {
            return Self::Removed;
        }
        match attempt.last_test(id) {
            // A lock takes the token: what was ready is not.
            _ if attempt.state.locked() => Self::Locked,
            Last::None => Self::NotTested,
            Last::Outdated => Self::Outdated,
            Last::Counts(it) => Self::Tested(it),
        }
    }

    fn answer(&self) -> Option<&Response> {
        match self {
            Self::Tested(it) => Some(&it.answer),
            _ => None,
        }
    }

    /// Tells what is drawn from what is drawn next.
    fn key(&self) -> (u8, u32) {
        match self {
            Self::New => (0, 0),
            Self::Running => (1, 0),
            Self::Locked => (2, 0),
            Self::NotTested => (3, 0),
            Self::Outdated => (4, 0),
            Self::Tested(it) => (5, it.turn),
            Self::Removed => (6, 0),
        }
    }
}

/// How a step is shown: a state for tests and styles, an icon, a word.
fn look(state: Option<&State>, running: bool) -> (&'static str, Icon, &'static str) {
    match state {
        None if running => ("running", Icon::Running, connection::STATE_RUNNING),
        None => ("waiting", Icon::Dash, connection::STATE_WAITING),
        Some(State::Passed { .. }) => ("passed", Icon::Check, connection::STATE_PASSED),
        Some(State::Failed { .. }) => ("failed", Icon::Cross, connection::STATE_FAILED),
        Some(State::Answered { .. }) => ("answered", Icon::Warning, connection::STATE_ANSWERED),
        Some(State::Skipped) => ("skipped", Icon::Dash, connection::STATE_SKIPPED),
    }
}

/// The card, for the connection that it is given and no other.
#[component]
pub(super) fn TestSteps(attempt: Attempt, of: Memo<Option<ConnectionId>>) -> impl IntoView {
    let now = Memo::new_with_compare(
        move |_| of.with(|it| Now::of(attempt, it.as_ref())),
        |before, now| before.map(Now::key) != now.map(Now::key),
    );
    let name =
        Memo::new(move |_| of.get().and_then(|id| attempt.saved(&id)).map(|it| visible(&it.connection.name)));
    let lists_csrs = Memo::new(move |_| {
        of.get().and_then(|id| attempt.saved(&id)).is_some_and(|it| it.connection.csr_list.is_some())
    });
    // A test is of what is stored: beside changes of the form of this connection, they are saved first.
    let unsaved = Memo::new(move |_| {
        attempt.is_unsaved() && attempt.state.form_of.with(|it| it.as_ref() == Some(&of.get()))
    });
    let test = Callback::new(move |()| {
        if unsaved.get_untracked() {
            attempt.save_and_test();
        } else if let Some(id) = of.get_untracked() {
            attempt.test(id);
        }
    });
    view! {
        <section class="card" aria-labelledby="steps-title" data-testid="test-card">
            <h2 id="steps-title">
                {connection::STEPS} {move || name.get().map(|it| view! { ": " <bdi>{it}</bdi> })}
            </h2>
            {move || {
                let now = now.get();
                view! { <VerdictLine attempt of=of now /> }
            }}
            <ol class="steps" data-testid="test-steps">
                {move || {
                    let now = now.get();
                    let answer = now.answer();
                    let running = matches!(now, Now::Running);
                    let doctor = answer.is_some_and(|it| it.diagnosis.is_some());
                    let saved = untrack(|| of.get().and_then(|id| attempt.saved(&id)));
                    let server = saved.map(|it| it.connection.server.to_string()).unwrap_or_default();
                    // Only those have it who set an operation.
                    let shown = |stage: &Stage| *stage != Stage::CsrList || lists_csrs.get();
                    Stage::ALL
                        .into_iter()
                        .filter(shown)
                        .map(|stage| {
                            let step = answer.and_then(|it| it.steps.iter().find(|it| it.stage == stage));
                            let state = step.map(|it| it.state.clone());
                            let doctor = doctor && stage == Stage::Tls;
                            view! { <StepRow stage state running doctor server=server.clone() /> }
                        })
                        .collect_view()
                }}
            </ol>
            {move || {
                (of.with(Option::is_some) && !matches!(now.get(), Now::Removed))
                    .then(|| {
                        view! {
                            <Button test_id="button-test" busy=Signal::derive(move || attempt.busy()) on_click=test>
                                {move || match now.get() {
                                    _ if unsaved.get() => connection::SAVE,
                                    Now::Tested(_) | Now::Outdated => connection::TEST_AGAIN,
                                    _ => connection::TEST,
                                }}
                            </Button>
                            {move || {
                                unsaved.get().then(|| view! { <NotSaved test_id="test-unsaved" /> })
                            }}
                        }
                    })
            }}
        </section>
    }
}

/// What the test comes to, above its steps. Takes the focus when a test ends.
#[component]
fn VerdictLine(attempt: Attempt, of: Memo<Option<ConnectionId>>, now: Now) -> impl IntoView {
    let plain = |words: &'static str| view! { <p class="muted" data-testid="verdict">{words}</p> }.into_any();
    let test = match &now {
        Now::New => return plain(connection::STEPS_ON_SAVE),
        Now::Running => return plain(connection::TESTING),
        Now::Locked => return plain(connection::STEPS_LOCKED),
        Now::NotTested => return plain(connection::STEPS_NONE),
        Now::Outdated => return plain(connection::STEPS_OUTDATED),
        Now::Removed => return plain(connection::STEPS_REMOVED),
        Now::Tested(it) => it,
    };
    let (answer, at) = (&test.answer, test.at);
    let in_use = Memo::new(move |_| attempt.state.in_use().map(|it| it.id) == of.get());
    match answer.verdict() {
        Verdict::Ready => view! {
            <div id="verdict" class="verdict verdict--good" tabindex="-1" data-testid="verdict" data-ready="true">
                <p>
                    <Glyph icon=Icon::Check />
                    {connection::STEPS_GOOD}
                </p>
                <TestedAt at />
                {move || if in_use.get() {
                    view! { <p><a href=Page::Sign.href()>{connection::STEPS_GOOD_LINK}</a></p> }.into_any()
                } else {
                    view! { <UseIt attempt of /> }.into_any()
                }}
            </div>
        }
        .into_any(),
        Verdict::Failed(_, code) => bad(join(&[code.what(), &not_tested(answer, connection::NOT_TESTED)]), at),
        Verdict::NoToken => bad(not_tested(answer, connection::STEPS_NO_TOKEN), at),
    }
}

/// The steps that were not tested, after words that say why; nothing when there are none.
fn not_tested(answer: &Response, why: &str) -> String {
    let names: Vec<&str> = answer.not_tried().map(Stage::name).collect();
    if names.is_empty() { String::new() } else { join(&[why, &names.join(", "), "."]) }
}

/// When the test ended: its result stays while another page is open.
#[component]
fn TestedAt(at: Timestamp) -> impl IntoView {
    view! {
        <p class="actions-reason" data-testid="tested-at">
            {connection::TESTED_AT} <Moment at />
        </p>
    }
}

fn bad(words: String, at: Timestamp) -> AnyView {
    view! {
        <div id="verdict" class="verdict verdict--bad" tabindex="-1" data-testid="verdict" data-ready="false">
            <p>
                <Glyph icon=Icon::Cross />
                {connection::STEPS_BAD}
            </p>
            <p>{words}</p>
            <TestedAt at />
        </div>
    }
    .into_any()
}

/// The connection is ready, and another one is in use.
#[component]
fn UseIt(attempt: Attempt, of: Memo<Option<ConnectionId>>) -> impl IntoView {
    let use_it = Callback::new(move |()| {
        if let Some(id) = of.get_untracked() {
            attempt.state.use_connection(id, || focus::soon("#verdict"));
        }
    });
    view! {
        <p>{connection::STEPS_NOT_IN_USE}</p>
        <Button test_id="button-use-tested" busy=attempt.state.acting on_click=use_it>
            {connection::USE_THIS}
        </Button>
    }
}

/// A step: one line that folds out, and stands open where it failed.
#[component]
fn StepRow(
    stage: Stage,
    #[prop(optional_no_strip)] state: Option<State>,
    running: bool,
    /// Whether there is more to read about it.
    doctor: bool,
    /// The address of the server.
    server: String,
) -> impl IntoView {
    let (name, proves) = (stage.name(), connection::proves(stage));
    let (key, icon, word) = look(state.as_ref(), running);
    let open = matches!(state, Some(State::Failed { .. } | State::Answered { .. }));
    let body = match state {
        Some(State::Passed { detail } | State::Answered { detail }) => {
            view! { <p class="step-detail">{visible(&detail)}</p> }.into_any()
        }
        // The panel beside it says all the rest.
        Some(State::Failed { code, .. }) if doctor => view! {
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
        .into_any(),
        Some(State::Failed { code, detail }) => view! {
            <p class="step-problem">{code.what()} " " {code.next()} {BaseUrl::port_advice(&server, code)}</p>
            <p class="step-detail">
                <code>{code.as_str()}</code>
                " "
                {visible(&detail)}
            </p>
        }
        .into_any(),
        Some(State::Skipped) | None => view! { <p class="step-detail">{proves}</p> }.into_any(),
    };
    view! {
        <li data-stage=stage.as_str() data-state=key>
            <details open=open>
                <summary>
                    <Glyph icon />
                    <span class="step-name">{name}</span>
                    <span class="step-state">{word}</span>
                </summary>
                <div class="step-body">{body}</div>
            </details>
        </li>
    }
}
