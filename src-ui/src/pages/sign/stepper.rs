//! Which of the steps of a signing is shown.

use leptos::prelude::*;

use crate::words::sign;

/// The steps, the current one marked.
#[component]
pub(crate) fn Stepper(
    current: usize,
    /// Whether the last step is still on its way to the result.
    #[prop(optional)]
    signing: bool,
) -> impl IntoView {
    let step = move |(index, name): (usize, &'static str)| {
        let name = if signing && index == current { sign::STEP_SIGNING } else { name };
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
