//! What comes out: how long it lives, and whether it is a CA.

use domain::{Field, Timestamp, ValidityDays};
use leptos::prelude::*;

use super::form::bind;
use crate::clock;
use crate::parts::expiry::days_left;
use crate::parts::problems::Problems;
use crate::state::DeskState;
use crate::ui::date::DateLine;
use crate::ui::field::{FieldMeaning, Kind, TextField, part_id};
use crate::ui::notice::{Notice, Tone};
use crate::words::{about, long_date, sign};

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

/// Whole days from today to a day after it, both in UTC.
fn days_until(text: &str, now: Timestamp) -> Option<u32> {
    let left = days_left(now, Timestamp::parse_date(text.trim())?);
    u32::try_from(left).ok().filter(|it| *it > 0)
}

/// The same as a date: typing one sets the days.
#[component]
fn EndDate(days: Signal<String>, set_days: Callback<String>) -> impl IntoView {
    let date = Memo::new(move |_| {
        let end = ValidityDays::parse(&days.get()).and_then(|it| it.end(clock::now()));
        end.map(|it| it.date()).unwrap_or_default()
    });
    // What is typed and is no day after today: half a date, for the most part.
    let draft = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        date.track();
        draft.set(None);
    });
    let value = Signal::derive(move || draft.get().unwrap_or_else(|| date.get()));
    let typed = Callback::new(move |text: String| match days_until(&text, clock::now()) {
        Some(days) => {
            draft.set(None);
            set_days.run(days.to_string());
        }
        None => draft.set(Some(text)),
    });
    // A date that is over, or none at all, shows the truth again; what is no date stays and says so.
    let left = Callback::new(move |()| {
        let _ = draft.try_update(|it| {
            if it.as_ref().is_some_and(|it| it.trim().is_empty() || Timestamp::parse_date(it).is_some()) {
                *it = None;
            }
        });
    });
    view! {
        <DateLine
            id="end-date"
            label=sign::END_DATE
            meaning=sign::END_DATE_MEANING.to_owned()
            value
            on_input=typed
            on_leave=left
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_stands_for_days_only_when_it_is_a_day_after_today() {
        let now = Timestamp::from_millis(1_795_507_200_000);
        assert_eq!(now.date(), "2026-11-24");
        assert_eq!(days_until("2026-11-25", now), Some(1));
        assert_eq!(days_until(" 2027-11-24 ", now), Some(365));
        for text in ["2026-11-24", "2025-01-01", "11/25/2026", "25.11.2026", "2026-11-31", "2027-1-4", ""] {
            assert_eq!(days_until(text, now), None, "{text}");
        }
    }
}
