//! The wait. It counts, and offers nothing that it could not keep: a request that has left cannot be taken back.

use std::sync::Arc;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::stepper::Stepper;
use crate::clock;
use crate::parts::environment::ProductionBar;
use crate::route::Page;
use crate::signing::Subject;
use crate::state::{DeskState, Place};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::words::{review, sign};

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
    let (of_timeout, of_place, of_foreign) =
        (Arc::clone(&subject), Arc::clone(&subject), Arc::clone(&subject));
    let timeout = Memo::new(move |_| {
        of_timeout.timeout.or_else(|| Some(state.connection_of(&of_timeout)?.connection.timeout_seconds))
    });
    let place = Memo::new(move |_| state.place_of(&of_place));
    let foreign = Memo::new(move |_| state.is_foreign(&of_foreign));
    view! {
        <div class="screen" data-testid="screen-progress">
            <Heading text=review::PROGRESS_TITLE lead=review::PROGRESS_LEAD>
                <Stepper current=2 signing=true />
            </Heading>
            <ProductionBar place=place />
            {move || foreign.get().then(|| view! { <ForeignNotice place /> })}
            <section class="card progress">
                <p class="progress-clock">
                    <Glyph icon=Icon::Running />
                    <span data-testid="elapsed">{move || review::elapsed(seconds.get())}</span>
                    {move || {
                        timeout
                            .get()
                            .map(|it| view! { <span class="muted progress-limit">{review::of_timeout(it)}</span> })
                    }}
                </p>
                {move || {
                    place
                        .get()
                        .map(|it| {
                            view! {
                                <p class="strong" data-testid="signing-with">
                                    <bdi>{sign::with_place(&it, false)}</bdi>
                                </p>
                            }
                        })
                }}
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

/// The header shows another connection than the one that signs here: which one does, and the way to the form.
#[component]
fn ForeignNotice(place: Memo<Option<Place>>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let in_use = Memo::new(move |_| state.in_use().map(|it| it.connection.name));
    view! {
        <Notice tone=Tone::Warning title=sign::FOREIGN test_id="signing-foreign">
            {move || place.get().map(|it| view! { <p><bdi>{sign::with_place(&it, true)}</bdi>"."</p> })}
            {move || {
                in_use
                    .get()
                    .map(|name| {
                        view! {
                            <p>
                                <a href=Page::Sign.href() data-testid="sign-with-in-use">
                                    {sign::another_with(&name)}
                                </a>
                            </p>
                        }
                    })
            }}
        </Notice>
    }
}
