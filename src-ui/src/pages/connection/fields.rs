//! The form's fields of one line, each bound to its place in the form.

use domain::{ConnectionForm, Field};
use leptos::prelude::*;

use super::attempt::Attempt;
use crate::ui::date::DateField;
use crate::ui::field::{Kind, TextField};

/// Where a field's text stands; none while another choice of its group is taken.
pub(super) type Slot = fn(&mut ConnectionForm) -> Option<&mut String>;

/// The text of a field, and the way to change it.
fn bound(attempt: Attempt, field: Field, text: Slot) -> (Signal<String>, Callback<String>) {
    let form = attempt.state.connection_form;
    let value =
        Signal::derive(move || form.with(|form| text(&mut form.clone()).cloned().unwrap_or_default()));
    let write = Callback::new(move |typed| {
        attempt.problems.touched(field);
        form.update(|form| {
            if let Some(place) = text(form) {
                *place = typed;
            }
        });
    });
    (value, write)
}

/// A date of the form, which may stay empty.
#[component]
pub(super) fn FormDate(attempt: Attempt, field: Field, text: Slot) -> impl IntoView {
    let (value, on_input) = bound(attempt, field, text);
    view! { <DateField field value on_input on_leave=attempt.problems.left() problem=attempt.problems.of(field) /> }
}

/// A field of the form.
#[component]
pub(super) fn FormField(
    attempt: Attempt,
    field: Field,
    text: Slot,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] optional: bool,
    #[prop(optional)] wide: bool,
    #[prop(optional)] placeholder: Option<&'static str>,
    /// A line below it.
    #[prop(optional)]
    note: Option<Signal<String>>,
) -> impl IntoView {
    let (value, write) = bound(attempt, field, text);
    view! {
        <TextField
            field
            value
            on_input=write
            on_blur=attempt.problems.left()
            problem=attempt.problems.of(field)
            optional
            kind
            wide
            placeholder
            note
        />
    }
}
