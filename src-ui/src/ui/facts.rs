//! Facts: a name and a value, row by row.

use leptos::prelude::*;

use crate::ui::copy::CopyButton;

/// A list of facts.
#[component]
pub(crate) fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One fact. `wire` is its name on the wire, `copy` names it on a button that copies it.
#[component]
pub(crate) fn Fact(
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(optional_no_strip)] wire: Option<&'static str>,
    #[prop(optional)] code: bool,
    #[prop(optional)] copy: bool,
    #[prop(optional)] note: String,
    #[prop(optional)] test_id: Option<&'static str>,
) -> impl IntoView {
    let copied = value.clone();
    view! {
        <div class="fact">
            <dt>{name} {wire.map(|wire| view! { " " <code class="wire">{wire}</code> })}</dt>
            <dd>
                <bdi class="value" class:value--code=code data-testid=test_id>
                    {value}
                </bdi>
                {copy.then(|| view! { <CopyButton text=copied what=name /> })}
                {(!note.is_empty()).then(|| view! { <span class="fact-note">{note}</span> })}
            </dd>
        </div>
    }
}
