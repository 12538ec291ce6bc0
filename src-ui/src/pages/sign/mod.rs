//! The page Sign: fill in, review, sign, result. One step is shown at a time, and each has its address.

mod certificate;
mod elsewhere;
mod form;
mod issuer;
mod opening;
mod preview;
mod progress;
mod result;
mod review;
mod stepper;

use leptos::prelude::*;

use crate::signing::{Signing, Step};
use crate::state::DeskState;

/// The step that the address names.
#[component]
pub(crate) fn SignPage(step: Memo<Step>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    move || match step.get() {
        Step::Form => view! { <form::FormStep /> }.into_any(),
        Step::Opening(intent) => view! { <opening::OpeningStep intent /> }.into_any(),
        // What the step names is there when it is drawn, and stays there for as long as it is shown.
        Step::Review(_) => {
            state.review.get_untracked().map(|reviewed| view! { <review::ReviewStep reviewed /> }).into_any()
        }
        Step::Progress(_) | Step::Result(_) => match state.signing.get_untracked() {
            Some(Signing::Running(subject)) => view! { <progress::ProgressStep subject /> }.into_any(),
            Some(Signing::Ended(finished)) => view! { <result::ResultStep finished /> }.into_any(),
            None => ().into_any(),
        },
    }
}
