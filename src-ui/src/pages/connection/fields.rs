//! The form's fields of one line, each bound to its place in the form.

use domain::{ConnectionForm, Field};
use leptos::prelude::*;

use super::attempt::Attempt;
use crate::ui::field::{Kind, TextField};

/// Where a field's text stands; none while another choice of its group is taken.
pub(super) type Slot = fn(&mut ConnectionForm) -> Option<&mut String>;

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
