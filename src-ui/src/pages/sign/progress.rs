//! The wait. It counts, and offers nothing that it could not keep: a request that has left cannot be taken back.

use std::sync::Arc;

use desk::commands::Shown;
use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::stepper::Stepper;
use crate::clock;
use crate::parts::environment::ProductionBar;
use crate::signing::Subject;
use crate::state::DeskState;
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::words::review;

/// The step.
#[component]
pub(super) fn ProgressStep(subject: Arc<Subject>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let started = subject.began;
    let (seconds, set_seconds) = signal(0_u32);
    let interval = Interval::new(500, move || {
        let passed = clock::now().millis().saturating_sub(started.millis()) / 1_000;
        let _ = set_seconds.try_set(u32::try_from(passed).unwrap_or_default());
    });
    // Dropped, and so stopped, together with this step.
    StoredValue::new_local(interval);
    let its_own = |it: &Shown| it.connection.server.to_string() == subject.server;
    let timeout = state.in_use_now().filter(its_own).map(|it| it.connection.timeout_seconds);
    let of = Arc::clone(&subject);
    let place = Signal::derive(move || state.place_of(&of));
    view! {
        <div class="screen" data-testid="screen-progress">
            <Heading text=review::PROGRESS_TITLE lead=review::PROGRESS_LEAD>
                <Stepper current=1 />
            </Heading>
            <ProductionBar place />
            <section class="card progress">
                <p class="progress-clock">
                    <Glyph icon=Icon::Running />
                    <span data-testid="elapsed">{move || review::elapsed(seconds.get())}</span>
                    {timeout
                        .map(|it| view! { <span class="muted progress-limit">{review::of_timeout(it)}</span> })}
                </p>
                <p class="sentence sentence--small">
                    {review::sentence(&subject.request, &subject.server, subject.ends).into_iter().map(super::review::piece).collect_view()}
                </p>
                <p>{review::PROGRESS_KEEP}</p>
                <p class="muted">{review::PROGRESS_LIMIT}</p>
                <p class="muted">{review::INTENT} " " <code>{subject.intent.clone()}</code></p>
            </section>
        </div>
    }
}
