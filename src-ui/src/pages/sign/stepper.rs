//! Which of the steps of a signing is shown.

use leptos::prelude::*;

use crate::words::sign;

/// The steps, the current one marked.
#[component]
pub(crate) fn Stepper(current: usize) -> impl IntoView {
    let step = move |(index, name): (usize, &'static str)| {
        view! {
            <li aria-current=(index == current).then_some("step") class:done=index < current>
                <span class="stepper-number">{(index + 1).to_string()}</span>
                {name}
            </li>
        }
    };
    view! {
        <ol class="stepper" aria-label=sign::STEPS>
            {sign::STEP_NAMES.into_iter().enumerate().map(step).collect_view()}
        </ol>
    }
}
