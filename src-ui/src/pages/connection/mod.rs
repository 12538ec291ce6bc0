//! The page Connection: the server, whom to trust, the token, and the test of all three.

mod form;
mod steps;
mod token;
mod trust;

use desk::Failure;
use desk::commands::forget_token::{self, ForgetToken};
use desk::commands::set_connection::{self, SetConnection};
use desk::commands::test_connection::{self, Step, TestConnection};
use domain::{ErrorCode, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use crate::host;
use crate::parts::failure::FailureNotice;
use crate::parts::problems::{Problems, field_of};
use crate::state::DeskState;
use crate::ui::heading::Heading;
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::connection;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing.
    Idle,
    /// The connection is being set.
    Saving,
    /// The connection is being tested.
    Testing,
}

/// The page's own state: what came of the last attempt.
#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    state: DeskState,
    announcer: Announcer,
    problems: Problems,
    handed_in: RwSignal<bool>,
    phase: RwSignal<Phase>,
    steps: RwSignal<Option<Vec<Step>>>,
    failure: RwSignal<Option<Failure>>,
    token_forgotten: RwSignal<bool>,
    not_saved: RwSignal<Option<ErrorCode>>,
}

impl Attempt {
    fn new() -> Self {
        let state = expect_context::<DeskState>();
        let handed_in = RwSignal::new(false);
        let own = Memo::new(move |_| state.connection_form.with(|it| it.check().err().unwrap_or_default()));
        Self {
            state,
            announcer: Announcer::here(),
            problems: Problems::new(own.into(), handed_in),
            handed_in,
            phase: RwSignal::new(Phase::Idle),
            steps: RwSignal::new(None),
            failure: RwSignal::new(None),
            token_forgotten: RwSignal::new(false),
            not_saved: RwSignal::new(None),
        }
    }

    fn busy(self) -> bool {
        self.phase.get() != Phase::Idle
    }

    fn forget_last(self) {
        self.steps.set(None);
        self.failure.set(None);
        self.token_forgotten.set(false);
        self.not_saved.set(None);
    }

    /// Sets the connection, hands over the token if one was typed, and tests both.
    fn save_and_test(self, token: Option<HtmlInputElement>) {
        if self.phase.get_untracked() != Phase::Idle {
            return;
        }
        self.forget_last();
        if !self.problems.hand_in() {
            return;
        }
        self.phase.set(Phase::Saving);
        let form = self.state.connection_form.get_untracked();
        spawn_local(async move {
            if let Err(failure) = self.run(form, token).await {
                self.show(failure);
            }
            // The page may be gone by now.
            let _ = self.phase.try_set(Phase::Idle);
            self.state.refresh();
        });
    }

    async fn run(self, form: domain::ConnectionForm, token: Option<HtmlInputElement>) -> Result<(), Failure> {
        let set = host::call::<SetConnection>(&set_connection::Request { form }).await?;
        self.state.fill_from(set.connection);
        let _ = self.not_saved.try_set(set.not_saved);
        self.announcer.say(connection::SAVED);
        // After the server is set: a change of server forgets the token that was held.
        let handed = match token {
            Some(token) if !token.value().is_empty() => hand_over(&token).await?,
            _ => false,
        };
        let _ = self.token_forgotten.try_set(set.token_forgotten && !handed);
        self.state.refresh();
        let _ = self.phase.try_set(Phase::Testing);
        let tested = host::call::<TestConnection>(&test_connection::Request {}).await?;
        let good = steps::all_passed(&tested.steps);
        self.announcer.say(if good { connection::STEPS_GOOD } else { connection::STEPS_BAD });
        let _ = self.steps.try_set(Some(tested.steps));
        Ok(())
    }

    /// At its field where it has one, above the form otherwise.
    fn show(self, failure: Failure) {
        if !failure.problems.is_empty() {
            self.problems.tell(failure.problems);
        } else if let Some(field) = field_of(failure.code) {
            self.problems.tell(vec![Problem::new(field, failure.code)]);
        } else {
            let _ = self.failure.try_set(Some(failure));
        }
    }

    fn forget_token(self) {
        self.forget_last();
        spawn_local(async move {
            match host::call::<ForgetToken>(&forget_token::Request {}).await {
                Ok(_) => self.announcer.say(connection::TOKEN_FORGOTTEN_NOW),
                Err(failure) => self.show(failure),
            }
            self.state.refresh();
        });
    }
}

/// Reads the token from its input and empties that at once: the page keeps no copy, whatever comes back.
async fn hand_over(input: &HtmlInputElement) -> Result<bool, Failure> {
    let token = input.value();
    input.set_value("");
    host::provide_token(&token).await.map(|()| true)
}

/// The screen.
#[component]
pub(crate) fn ConnectionPage() -> impl IntoView {
    let attempt = Attempt::new();
    view! {
        <div class="screen" data-testid="screen-connection">
            <Heading text=connection::TITLE lead=connection::LEAD />
            <Notices attempt />
            <div class="with-aside">
                <form::ConnectionFields attempt />
                <aside class="aside">
                    <steps::TestSteps attempt />
                </aside>
            </div>
        </div>
    }
}

#[component]
fn Notices(attempt: Attempt) -> impl IntoView {
    view! {
        {move || attempt.failure.get().map(|failure| view! { <FailureNotice failure /> })}
        {move || {
            attempt
                .token_forgotten
                .get()
                .then(|| {
                    view! {
                        <Notice
                            tone=Tone::Warning
                            title=connection::TOKEN_FORGOTTEN
                            alert=true
                            test_id="token-forgotten"
                        >
                            <p>{connection::TOKEN_FORGOTTEN_TEXT}</p>
                        </Notice>
                    }
                })
        }}
        {move || {
            attempt
                .not_saved
                .get()
                .map(|code| {
                    view! {
                        <Notice tone=Tone::Warning title=code.what() alert=true>
                            <p>{code.next()}</p>
                        </Notice>
                    }
                })
        }}
    }
}
