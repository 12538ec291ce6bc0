//! What comes out: how long it lives, and whether it is a CA.

use domain::{Field, ValidityDays};
use leptos::prelude::*;

use super::form::bind;
use crate::clock;
use crate::parts::problems::Problems;
use crate::state::DeskState;
use crate::ui::field::{FieldMeaning, Kind, TextField, part_id};
use crate::ui::notice::{Notice, Tone};
use crate::words::{about, long_date, sign};

const END_DATE_ID: &str = "end-date";
const END_DATE_MEANING_ID: &str = "end-date-meaning";
/// The last date that X.509 can write.
const LAST_DATE: &str = "9999-12-31";

/// The group.
#[component]
pub(super) fn CertificateGroup(problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let (days, set_days) = bind(state, problems, Field::ValidityDays, |form| &mut form.validity_days);
    view! {
        <section class="card" aria-labelledby="group-certificate">
            <h2 id="group-certificate">{sign::GROUP_CERTIFICATE}</h2>
            <div class="fields">
                <TextField
                    field=Field::ValidityDays
                    value=days
                    on_input=set_days
                    on_blur=problems.left()
                    problem=problems.of(Field::ValidityDays)
                    kind=Kind::Digits
                >
                    <Ends days />
                </TextField>
                <EndDate days set_days />
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

/// The same as a date: choosing one sets the days.
#[component]
fn EndDate(days: Signal<String>, set_days: Callback<String>) -> impl IntoView {
    let date = Memo::new(move |_| {
        let end = ValidityDays::parse(&days.get()).and_then(|it| it.end(clock::now()));
        end.map(|it| it.date()).unwrap_or_default()
    });
    view! {
        <div class="field">
            <div class="field-head">
                <label for=END_DATE_ID>{sign::END_DATE}</label>
            </div>
            <div class="field-body"><input
                type="date"
                id=END_DATE_ID
                max=LAST_DATE
                aria-describedby=END_DATE_MEANING_ID
                prop:value=move || date.get()
                // While a year is being typed, a date is in the past until its last digit: that is no wish yet.
                on:input:target=move |event| {
                    if let Some(days) = clock::days_until(&event.target().value()) {
                        set_days.run(days.to_string());
                    }
                }
                // Whatever was left half typed shows the truth again.
                on:blur:target=move |event| {
                    if let Some(date) = date.try_get_untracked() {
                        event.target().set_value(&date);
                    }
                }
            />
            <p class="field-meaning" id=END_DATE_MEANING_ID>
                {sign::END_DATE_MEANING}
                " "
                <span class="field-limits">{sign::END_DATE_LIMITS}"."</span>
            </p></div>
        </div>
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
