//! A field of one line with words of the page's own: it is no field of a request, so it has no name on the wire.

use domain::{Change, typed};
use leptos::prelude::*;

use crate::ui::field::Remarks;

/// The most characters of a line.
const MOST: u32 = 500;

/// The frame of a field with words of the page's own: its label, and below it the rest.
#[component]
pub(super) fn LineFrame(
    id: &'static str,
    label: &'static str,
    /// Whether its value is a problem.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field field--alone" class:field--problem=move || invalid.get()>
            <div class="field-head">
                <label for=id>{label}</label>
            </div>
            <div class="field-body">{children()}</div>
        </div>
    }
}

/// Label, input, what it means, and the remarks about what was typed.
#[component]
pub(crate) fn LineField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] meaning: &'static str,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    #[prop(optional)] on_leave: Option<Callback<()>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] code: bool,
    /// The remarks about the value; without it those about free text.
    #[prop(optional)]
    changes: Option<Signal<Vec<Change>>>,
) -> impl IntoView {
    let meaning_id = (!meaning.is_empty()).then(|| [id, "-meaning"].concat());
    let remarks_id = [id, "-remarks"].concat();
    let described_by = [meaning_id.as_deref().unwrap_or_default(), " ", &remarks_id].concat();
    let changes =
        changes.unwrap_or_else(|| Signal::derive(move || value.with(|text| typed::name_changes(text))));
    // What came with the address of the page was not typed here: there is nothing to wait for.
    let left = RwSignal::new(true);
    view! {
        <LineFrame id label>
            <input
                type="text"
                id=id
                data-testid=id
                class:input--code=code
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                maxlength=MOST.to_string()
                aria-required=required.then_some("true")
                aria-describedby=described_by
                prop:value=move || value.get()
                on:input:target=move |event| {
                    left.set(false);
                    on_input.run(event.target().value());
                }
                on:blur=move |_| {
                    let _ = left.try_set(true);
                    // A field that is removed while it has the focus is left after its page is gone.
                    if let Some(action) = on_leave {
                        action.try_run(());
                    }
                }
            />
            <Remarks id=remarks_id changes left=left.into() />
            {meaning_id.map(|id| view! { <p class="field-meaning" id=id>{meaning}</p> })}
        </LineFrame>
    }
}
