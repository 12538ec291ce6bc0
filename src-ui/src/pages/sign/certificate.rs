//! What comes out: how long it lives, and whether it is a CA.

use domain::{Field, Timestamp, ValidityDays};
use leptos::prelude::*;

use super::form::bind;
use crate::clock;
use crate::parts::expiry::days_left;
use crate::parts::problems::Problems;
use crate::state::DeskState;
use crate::ui::field::{FieldMeaning, Kind, TextField, part_id};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::words::{about, long_date, shell, sign};

const END_DATE_ID: &str = "end-date";
const END_DATE_MEANING_ID: &str = "end-date-meaning";
const END_DATE_PROBLEM_ID: &str = "end-date-problem";

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

/// The days that a typed date stands for, counted from today in UTC; none for a text that is not a day after today.
fn days_to(text: &str, now: Timestamp) -> Option<u32> {
    let left = days_left(now, Timestamp::parse_date(text.trim())?);
    u32::try_from(left).ok().filter(|it| *it >= 1)
}

/// The same as a date: typing one sets the days. As text, because a native control shows the month and the day in an order
/// of its own.
#[component]
fn EndDate(days: Signal<String>, set_days: Callback<String>) -> impl IntoView {
    let date = Memo::new(move |_| {
        let end = ValidityDays::parse(&days.get()).and_then(|it| it.end(clock::now()));
        end.map(|it| it.date()).unwrap_or_default()
    });
    // What is being typed, as long as it is not a date that the days follow.
    let typed = RwSignal::new(None::<String>);
    let left = RwSignal::new(false);
    Effect::new(move |_| {
        date.track();
        typed.set(None);
        left.set(false);
    });
    let wrong = Memo::new(move |_| left.get() && typed.with(Option::is_some));
    let described = move || {
        if wrong.get() {
            [END_DATE_PROBLEM_ID, " ", END_DATE_MEANING_ID].concat()
        } else {
            END_DATE_MEANING_ID.to_owned()
        }
    };
    view! {
        <div class="field" class:field--problem=move || wrong.get()>
            <div class="field-head">
                <label for=END_DATE_ID>{sign::END_DATE}</label>
            </div>
            <div class="field-body"><input
                type="text"
                id=END_DATE_ID
                class="input--code input--date"
                autocomplete="off"
                spellcheck="false"
                maxlength="40"
                placeholder=shell::DATE_FORMAT
                aria-invalid=move || wrong.get().then_some("true")
                aria-describedby=described
                prop:value=move || typed.get().unwrap_or_else(|| date.get())
                on:input:target=move |event| {
                    let text = event.target().value();
                    match days_to(&text, clock::now()) {
                        Some(days) => {
                            typed.set(None);
                            set_days.run(days.to_string());
                        }
                        None => typed.set(Some(text)),
                    }
                }
                on:change=move |_| {
                    // An emptied field shows the truth again; anything else stays to be corrected.
                    if typed.try_with_untracked(|it| it.as_ref().is_some_and(|it| it.trim().is_empty())) == Some(true) {
                        typed.set(None);
                    }
                    let _ = left.try_set(true);
                }
            />
            {move || {
                wrong
                    .get()
                    .then(|| {
                        view! {
                            <p class="field-problem" id=END_DATE_PROBLEM_ID>
                                <Glyph icon=Icon::Warning />
                                <span>{sign::END_DATE_PROBLEM}</span>
                            </p>
                        }
                    })
            }}
            <p class="field-meaning" id=END_DATE_MEANING_ID>
                {sign::END_DATE_MEANING}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_stands_for_days_only_when_it_is_a_day_after_today() {
        let now = Timestamp::from_millis(1_795_507_200_000);
        assert_eq!(now.date(), "2026-11-24");
        assert_eq!(days_to("2026-11-25", now), Some(1));
        assert_eq!(days_to(" 2027-11-24 ", now), Some(365));
        for text in ["2026-11-24", "2025-01-01", "11/25/2026", "25.11.2026", "2026-11-31", "2027-1-4", ""] {
            assert_eq!(days_to(text, now), None, "{text}");
        }
    }
}
