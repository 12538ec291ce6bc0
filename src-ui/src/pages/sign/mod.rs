//! The page Sign: fill in, review, sign, result. One step is shown at a time.

mod certificate;
mod form;
mod issuer;
mod preview;
mod progress;
mod result;
mod review;
mod stepper;

use leptos::prelude::*;

use crate::state::{DeskState, Step};

/// The step the signing stands at.
#[component]
pub(crate) fn SignPage() -> impl IntoView {
    let state = expect_context::<DeskState>();
    move || match state.step.get() {
        Step::Form => view! { <form::FormStep /> }.into_any(),
        Step::Review(reviewed) => view! { <review::ReviewStep reviewed /> }.into_any(),
        Step::Progress(reviewed) => view! { <progress::ProgressStep reviewed /> }.into_any(),
        Step::Result(finished) => view! { <result::ResultStep finished /> }.into_any(),
    }
}
