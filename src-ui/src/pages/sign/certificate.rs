//! What comes out: how long it lives, and whether it is a CA.

use domain::{Field, ValidityDays};
use leptos::prelude::*;

use super::form::bind;
use crate::clock;
use crate::parts::problems::Problems;
use crate::state::DeskState;
use crate::ui::date::DateField;
use crate::ui::field::{FieldMeaning, Kind, TextField, part_id};
use crate::ui::notice::{Notice, Tone};
use crate::words::{about, long_date, sign};

/// The group.
#[component]
pub(super) fn CertificateGroup(problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let (days, set_days) = bind(state, problems, Field::ValidityDays, |form| &mut form.validity_days);
    // Days that are typed are newer than a typed date.
    let type_days = Callback::new(move |text| {
        state.forget_end_date();
        set_days.run(text);
    });
    view! {
        <section class="card" aria-labelledby="group-certificate">
            <h2 id="group-certificate">{sign::GROUP_CERTIFICATE}</h2>
            <div class="fields">
                <TextField
                    field=Field::ValidityDays
                    value=days
                    on_input=type_days
                    on_blur=problems.left()
                    problem=problems.of(Field::ValidityDays)
                    kind=Kind::Digits
                >
                    <Ends days />
                </TextField>
                <EndDate problems />
                <IntermediateSwitch />
            </div>
        </section>
    }
}

/// The end that the days give, in words.
#[component]
fn Ends(days: Signal<String>) -> impl IntoView {
    move || {
        let validity = ValidityDays::parse(&days.get()).ok()?;
        let end = validity.end(clock::now()).ok()?;
        Some(view! {
            {sign::ENDS}
            <strong>{long_date(end)}</strong>
            {sign::ENDS_IF}
            {about(validity.days()).map(|it| view! { <span class="dot" aria-hidden="true">" · "</span> {it} })}
        })
    }
}

/// The same as a date: typing one sets the days.
#[component]
fn EndDate(problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let value = Memo::new(move |_| state.end_date_text());
    let typed = Callback::new(move |text| {
        problems.touched(Field::ValidityDays);
        state.type_end_date(text);
    });
    view! {
        <DateField
            field=Field::EndDate
            value=value.into()
            on_input=typed
            on_leave=problems.left()
            problem=problems.of(Field::EndDate)
            optional=false
        />
    }
}

#[component]
fn IntermediateSwitch() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let field = Field::Intermediate;
    let on = Memo::new(move |_| state.sign_form.with(|form| form.intermediate));
    view! {
        <div class="field--wide stack">
            <div class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    id=field.id()
                    aria-describedby=part_id(field, "meaning")
                    prop:checked=move || on.get()
                    on:change:target=move |event| {
                        let checked = event.target().checked();
                        state.switch_ca(checked);
                    }
                />
                <div>
                    <div class="field-head">
                        <label for=field.id()>{field.label()}</label>
                        {field.wire_name().map(|wire| view! { <code class="wire">{wire}</code> })}
                    </div>
                    <FieldMeaning field />
                </div>
            </div>
            {move || {
                on.get()
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Warning title=sign::INTERMEDIATE_WARNING test_id="intermediate-warning">
                                <p>{sign::INTERMEDIATE_WARNING_TEXT}</p>
                            </Notice>
                        }
                    })
            }}
        </div>
    }
}
