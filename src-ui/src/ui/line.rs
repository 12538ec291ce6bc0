//! A field of one line with words of the page's own: it is no field of a request, so it has no name on the wire.

use leptos::prelude::*;

/// The most characters of a line.
const MOST: u32 = 500;

/// Label, input, and what it means.
#[component]
pub(crate) fn LineField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] meaning: &'static str,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] code: bool,
) -> impl IntoView {
    let meaning_id = (!meaning.is_empty()).then(|| [id, "-meaning"].concat());
    view! {
        <div class="field field--alone">
            <div class="field-head">
                <label for=id>{label}</label>
            </div>
            <div class="field-body">
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
                    aria-describedby=meaning_id.clone()
                    prop:value=move || value.get()
                    on:input:target=move |event| on_input.run(event.target().value())
                />
                {meaning_id.map(|id| view! { <p class="field-meaning" id=id>{meaning}</p> })}
            </div>
        </div>
    }
}
