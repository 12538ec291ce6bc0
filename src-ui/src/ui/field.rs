//! A labelled field: label, name on the wire, meaning, limits, the input, and what is wrong with it.
//!
//! The words come from `domain::Field`, so that the page, the terminal and the errors speak alike.

use domain::{BaseUrl, Change, Field, Problem, remarks};
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

/// What was changed in a value that is accepted, and what nobody can see in it: the rest is said once the field was
/// left, so that it does not flicker while somebody types.
#[component]
pub(crate) fn Remarks(
    /// The id of the element.
    id: String,
    changes: Signal<Vec<Change>>,
    left: Signal<bool>,
) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let mut changes = changes.get();
        changes.retain(|it| left.get() || matches!(it, Change::InvisibleKept(_)));
        changes.iter().map(Change::words).collect::<Vec<_>>()
    });
    view! {
        <div class="field-remarks" id=id role="status">
            {move || lines.get().into_iter().map(|it| view! { <p>{it}</p> }).collect_view()}
        </div>
    }
}

/// The remarks about a value, and that a token was dropped from it before.
pub(crate) fn remarks_about(
    field: Field,
    value: Signal<String>,
    token_dropped: Signal<bool>,
) -> Signal<Vec<Change>> {
    Signal::derive(move || {
        let mut changes = value.with(|text| remarks(field, text));
        if token_dropped.get() && !changes.contains(&Change::TokenDropped) {
            changes.push(Change::TokenDropped);
        }
        changes
    })
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
    let (left, token_dropped) = (RwSignal::new(false), RwSignal::new(false));
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
                aria-describedby=move || {
                    [&described_by(field, problem.with(Option::is_some), has_note), " ", &part_id(field, "remarks")].concat()
                }
                prop:value=move || value.get()
                on:input:target=move |event| {
                    token_dropped.set(false);
                    on_input.run(event.target().value());
                }
                on:blur=move |_| {
                    let _ = left.try_set(true);
                    // A pasted URL with a token in it does not stay on the screen.
                    if field == Field::Server
                        && let Some(address) = value.try_with_untracked(|text| without_token(text)).flatten()
                    {
                        let _ = token_dropped.try_set(true);
                        on_input.try_run(address);
                    }
                    // A field that is removed while it has the focus is left after its page is gone.
                    if let Some(action) = on_blur {
                        action.try_run(field);
                    }
                }
            />
            <Remarks
                id=part_id(field, "remarks")
                changes=remarks_about(field, value, token_dropped.into())
                left=left.into()
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

/// The address alone, when a URL was pasted that holds a token.
pub(crate) fn without_token(text: &str) -> Option<String> {
    let (url, changes) = BaseUrl::read(text).ok()?;
    changes.contains(&Change::TokenDropped).then(|| url.to_string())
}
