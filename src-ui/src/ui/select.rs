//! One of several short words, from a list that folds out.

use leptos::prelude::*;

use crate::ui::line::LineFrame;

/// A labelled list: for each option its value and its words.
#[component]
pub(crate) fn Select(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] meaning: &'static str,
    options: Vec<(String, String)>,
    #[prop(into)] chosen: Signal<String>,
    on_choose: Callback<String>,
) -> impl IntoView {
    let meaning_id = (!meaning.is_empty()).then(|| [id, "-meaning"].concat());
    let option = move |(value, words): (String, String)| {
        let same = value.clone();
        view! {
            <option value=value prop:selected=move || chosen.with(|it| *it == same)>
                {words}
            </option>
        }
    };
    view! {
        <LineFrame id label>
            <select
                id=id
                data-testid=id
                aria-describedby=meaning_id.clone()
                on:change:target=move |event| on_choose.run(event.target().value())
            >
                {options.into_iter().map(option).collect_view()}
            </select>
            {meaning_id.map(|id| view! { <p class="field-meaning" id=id>{meaning}</p> })}
        </LineFrame>
    }
}
