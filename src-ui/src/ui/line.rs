//! A field of one line with words of the page's own: it is no field of a request, so it has no name on the wire.

use domain::{Change, typed};
use leptos::prelude::*;

use crate::ui::field::Remarks;

/// The most characters of a line.
const MOST: u32 = 500;

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
            </div>
        </div>
    }
}
