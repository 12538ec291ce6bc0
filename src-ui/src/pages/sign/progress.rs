//! The wait. It counts, and offers nothing that it could not keep: a request that has left cannot be taken back.

use std::sync::Arc;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::stepper::Stepper;
use crate::clock;
use crate::parts::environment::ProductionBar;
use crate::state::{DeskState, Reviewed};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::words::review;

/// The step.
#[component]
pub(super) fn ProgressStep(reviewed: Arc<Reviewed>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let started = clock::now();
    let (seconds, set_seconds) = signal(0_u32);
    let interval = Interval::new(500, move || {
        let passed = clock::now().millis().saturating_sub(started.millis()) / 1_000;
        let _ = set_seconds.try_set(u32::try_from(passed).unwrap_or_default());
    });
    // Dropped, and so stopped, together with this step.
    StoredValue::new_local(interval);
    let timeout = state.in_use_now().map(|it| it.connection.timeout_seconds);
    view! {
        <div class="screen" data-testid="screen-progress">
            <Heading text=review::PROGRESS_TITLE lead=review::PROGRESS_LEAD>
                <Stepper current=1 />
            </Heading>
            <ProductionBar place=Signal::stored(reviewed.place.clone()) />
            <section class="card progress">
                <p class="progress-clock">
                    <Glyph icon=Icon::Running />
                    <span data-testid="elapsed">{move || review::elapsed(seconds.get())}</span>
                    {timeout
                        .map(|it| view! { <span class="muted progress-limit">{review::of_timeout(it)}</span> })}
                </p>
                <p class="sentence sentence--small">
                    {review::sentence(&reviewed.answer).into_iter().map(super::review::piece).collect_view()}
                </p>
                <p>{review::PROGRESS_KEEP}</p>
                <p class="muted">{review::PROGRESS_LIMIT}</p>
                <p class="muted">{review::INTENT} " " <code>{reviewed.intent.clone()}</code></p>
            </section>
        </div>
    }
}
