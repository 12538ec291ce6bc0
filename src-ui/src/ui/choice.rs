//! Choices: one of a few, or yes and no.

use leptos::prelude::*;

/// One of a few, as a card with a title and a line below it.
#[component]
pub(crate) fn ChoiceCard(
    group: &'static str,
    id: String,
    title: &'static str,
    #[prop(optional_no_strip)] wire: Option<&'static str>,
    #[prop(optional)] text: &'static str,
    #[prop(into)] chosen: Signal<bool>,
    on_choose: Callback<()>,
) -> impl IntoView {
    let text_id = [&id, "-text"].concat();
    view! {
        <div class="choice" class:choice--chosen=move || chosen.get()>
            <input
                type="radio"
                id=id.clone()
                name=group
                aria-describedby=(!text.is_empty()).then(|| text_id.clone())
                prop:checked=move || chosen.get()
                on:change=move |_| on_choose.run(())
            />
            <div class="choice-words">
                <label for=id>{title} {wire.map(|wire| view! { " " <code class="wire">{wire}</code> })}</label>
                {(!text.is_empty()).then(|| view! { <p id=text_id>{text}</p> })}
            </div>
        </div>
    }
}

/// Yes or no, with the words beside the box.
#[component]
pub(crate) fn CheckBox(
    id: &'static str,
    label: &'static str,
    #[prop(into)] checked: Signal<bool>,
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <div class="check">
            <input
                type="checkbox"
                id=id
                prop:checked=move || checked.get()
                on:change:target=move |event| on_change.run(event.target().checked())
            />
            <label for=id>{label}</label>
        </div>
    }
}
