//! Details that can be folded away.

use leptos::prelude::*;

/// A summary and what is below it.
#[component]
pub(crate) fn Disclosure(
    #[prop(into)] summary: String,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary>{summary}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}

/// The same, opened and closed from outside too.
#[component]
pub(crate) fn Fold(
    #[prop(into)] summary: String,
    open: RwSignal<bool>,
    test_id: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <details
            class="disclosure"
            prop:open=move || open.get()
            on:toggle=move |event| {
                let is_open = event_target::<web_sys::Element>(&event).has_attribute("open");
                if open.get_untracked() != is_open {
                    open.set(is_open);
                }
            }
        >
            <summary data-testid=test_id>{summary}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}

/// Text of a machine, as it is: scrolls instead of breaking, and can be reached by keyboard.
#[component]
pub(crate) fn Verbatim(
    #[prop(into)] text: String,
    label: &'static str,
    #[prop(optional)] test_id: Option<&'static str>,
) -> impl IntoView {
    view! {
        <pre class="verbatim" tabindex="0" role="region" aria-label=label data-testid=test_id>
            {text}
        </pre>
    }
}
