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

/// Several ways, one of them chosen: for each its id, its title and a line below it.
#[component]
pub(crate) fn Ways(
    group: &'static str,
    /// The id of the element that names the group.
    label_id: &'static str,
    ways: &'static [(&'static str, &'static str, &'static str)],
    #[prop(into)] chosen: Signal<usize>,
    on_choose: Callback<usize>,
) -> impl IntoView {
    let card = move |(index, (id, title, text)): (usize, &(&'static str, &'static str, &'static str))| {
        view! {
            <ChoiceCard
                group
                id=(*id).to_owned()
                title
                text
                chosen=Signal::derive(move || chosen.get() == index)
                on_choose=Callback::new(move |()| on_choose.run(index))
            />
        }
    };
    view! {
        <div class="choices choices--many" class:choices--four=ways.len() == 4 role="radiogroup" aria-labelledby=label_id>
            {ways.iter().enumerate().map(card).collect_view()}
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
