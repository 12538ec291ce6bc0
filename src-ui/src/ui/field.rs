//! A labelled field: label, name on the wire, meaning, limits, the input, and what is wrong with it.
//!
//! The words come from `domain::Field`, so that the page, the terminal and the errors speak alike.

use domain::{Field, Problem};
use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};
use crate::words::shell;

/// The ids of a field's parts: `csr-id`, `csr-id-meaning`, `csr-id-problem`, `csr-id-note`.
pub(crate) fn part_id(field: Field, part: &str) -> String {
    [field.id(), "-", part].concat()
}

/// What kind of text goes into a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words.
    #[default]
    Words,
    /// Digits.
    Digits,
    /// Something a machine reads.
    Code,
}

/// Label, meaning and problem around any input.
#[component]
pub(crate) fn FieldFrame(
    field: Field,
    #[prop(into)] problem: Signal<Option<Problem>>,
    #[prop(optional, into)] optional: Signal<bool>,
    #[prop(optional)] wide: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:field--wide=wide class:field--problem=move || problem.with(Option::is_some)>
            <div class="field-head">
                <label for=field.id()>{field.label()}</label>
                {field
                    .wire_name()
                    .filter(|wire| *wire != field.label())
                    .map(|wire| view! { <code class="wire">{wire}</code> })}
                {move || optional.get().then(|| view! { <span class="tag">{shell::OPTIONAL}</span> })}
            </div>
            <div class="field-body">
                {children()}
                <FieldProblem field problem />
                <FieldMeaning field />
            </div>
        </div>
    }
}

/// What a field means and what may be typed.
#[component]
pub(crate) fn FieldMeaning(field: Field) -> impl IntoView {
    view! {
        <p class="field-meaning" id=part_id(field, "meaning")>
            {field.meaning()}
            " "
            <span class="field-limits">{field.limits()}"."</span>
        </p>
    }
}

/// What is wrong with a field, if anything.
#[component]
pub(crate) fn FieldProblem(field: Field, #[prop(into)] problem: Signal<Option<Problem>>) -> impl IntoView {
    move || {
        problem.get().map(|problem| {
            view! {
                <p class="field-problem" id=part_id(field, "problem")>
                    <Glyph icon=Icon::Warning />
                    <span>{problem.words()}</span>
                </p>
            }
        })
    }
}

/// The ids that describe an input now.
pub(crate) fn described_by(field: Field, problem: bool, note: bool) -> String {
    let mut ids = part_id(field, "meaning");
    if note {
        ids.push(' ');
        ids.push_str(&part_id(field, "note"));
    }
    if problem {
        ids.push(' ');
        ids.push_str(&part_id(field, "problem"));
    }
    ids
}

/// A field of one line. The children are a live note below it.
#[component]
pub(crate) fn TextField(
    field: Field,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    #[prop(optional)] on_blur: Option<Callback<Field>>,
    #[prop(into)] problem: Signal<Option<Problem>>,
    #[prop(optional, into)] optional: Signal<bool>,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] wide: bool,
    #[prop(optional_no_strip)] placeholder: Option<&'static str>,
    /// The note as a text alone.
    #[prop(optional_no_strip)]
    note: Option<Signal<String>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let has_note = children.is_some() || note.is_some();
    view! {
        <FieldFrame field problem optional wide>
            <input
                type="text"
                id=field.id()
                name=field.id()
                class:input--code=kind == Kind::Code
                inputmode=(kind == Kind::Digits).then_some("numeric")
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                aria-required=move || (!optional.get()).then_some("true")
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=move || described_by(field, problem.with(Option::is_some), has_note)
                prop:value=move || value.get()
                on:input:target=move |event| on_input.run(event.target().value())
                on:blur=move |_| {
                    // A field that is removed while it has the focus is left after its page is gone.
                    if let Some(action) = on_blur {
                        action.try_run(field);
                    }
                }
            />
            {has_note
                .then(|| {
                    view! {
                        <div class="field-note" id=part_id(field, "note")>
                            {note} {children.map(|it| it())}
                        </div>
                    }
                })}
        </FieldFrame>
    }
}
