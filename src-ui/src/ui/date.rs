//! Dates as text: `YYYY-MM-DD`, a day in UTC.
//!
//! No native date control: WebKitGTK shows today in an empty one, and a browser shows the month and the day in an order of
//! its own, so that one date is read as another.

use domain::{Change, ErrorCode, Field, Problem, Timestamp, typed};
use leptos::prelude::*;

use crate::ui::field::{FieldFrame, Remarks, described_by, part_id};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::line::{LineFrame, Typing};
use crate::words::{long_date, shell};

/// A date has 10 characters; what is pasted around it is cut off by the reader, not by the field.
const MOST: u32 = 40;

/// What is wrong with a date as typed; an empty field is a date that is not set.
fn problem(text: &str) -> Option<ErrorCode> {
    let text = typed::code(text);
    (!text.is_empty() && Timestamp::parse_date(&text).is_none()).then_some(ErrorCode::DateMalformed)
}

/// The date in words, so that the day is not taken for the month.
fn in_words(text: &str) -> String {
    Timestamp::parse_date(&typed::code(text))
        .map_or_else(|| shell::UTC.to_owned(), |it| shell::utc_day(&long_date(it)))
}

/// The remarks about a date that can be read; what is wrong with another one is said in its place.
fn changes(text: &str) -> Vec<Change> {
    if problem(text).is_some() { Vec::new() } else { typed::code_changes(text) }
}

/// The input of a date, and the remarks about it.
#[component]
fn DateInput(
    id: &'static str,
    value: Signal<String>,
    on_input: Callback<String>,
    on_leave: Callback<()>,
    invalid: Signal<bool>,
    described_by: Signal<String>,
) -> impl IntoView {
    let typing = Typing::new(on_input);
    let remarks_id = [id, "-remarks"].concat();
    let describes = remarks_id.clone();
    view! {
        <input
            type="text"
            id=id
            name=id
            data-testid=id
            class="input--code input--date"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            maxlength=MOST.to_string()
            placeholder=shell::DATE_FORMAT
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=move || [&described_by.get(), " ", &describes].concat()
            prop:value=move || value.get()
            on:input:target=move |event| typing.typed(event.target().value())
            on:blur=move |_| typing.leave()
            on:change=move |_| {
                // A field that is removed while it has the focus is left after its page is gone.
                on_leave.try_run(());
            }
        />
        <Remarks
            id=remarks_id
            changes=Signal::derive(move || value.with(|it| changes(it)))
            left=typing.is_left()
        />
    }
}

/// A date of a form.
#[component]
pub(crate) fn DateField(
    field: Field,
    value: Signal<String>,
    on_input: Callback<String>,
    on_leave: Callback<Field>,
    problem: Signal<Option<Problem>>,
    /// Whether it may stay empty.
    #[prop(default = true)]
    optional: bool,
) -> impl IntoView {
    view! {
        <FieldFrame field problem optional>
            <DateInput
                id=field.id()
                value
                on_input
                on_leave=Callback::new(move |()| {
                    on_leave.try_run(field);
                })
                invalid=Signal::derive(move || problem.with(Option::is_some))
                described_by=Signal::derive(move || described_by(field, problem.with(Option::is_some), true))
            />
            <p class="field-note" id=part_id(field, "note")>
                {move || value.with(|it| in_words(it))}
            </p>
        </FieldFrame>
    }
}

/// A date with a label of the page's own. Says itself what is wrong with it, once it was left.
#[component]
pub(crate) fn DateLine(
    id: &'static str,
    label: &'static str,
    /// What it means, and what may be typed.
    #[prop(optional)]
    meaning: String,
    value: Signal<String>,
    on_input: Callback<String>,
    #[prop(optional)] on_leave: Option<Callback<()>>,
) -> impl IntoView {
    // What came with the address was typed before.
    let left = RwSignal::new(value.with_untracked(|it| problem(it).is_some()));
    let wrong = Memo::new(move |_| value.with(|it| problem(it)).filter(|_| left.get()));
    let note_id = [id, "-note"].concat();
    let describes = note_id.clone();
    view! {
        <LineFrame id label invalid=Signal::derive(move || wrong.get().is_some())>
            <DateInput
                id
                value
                on_input
                on_leave=Callback::new(move |()| {
                    let _ = left.try_set(true);
                    if let Some(action) = on_leave {
                        action.try_run(());
                    }
                })
                invalid=Signal::derive(move || wrong.get().is_some())
                described_by=Signal::stored(describes)
            />
            <div id=note_id>
                {move || match wrong.get() {
                    Some(code) => {
                        view! {
                            <p class="field-problem">
                                <Glyph icon=Icon::Warning />
                                <span>{code.what()} " " {code.next()}</span>
                            </p>
                        }
                            .into_any()
                    }
                    None => view! { <p class="field-meaning">{value.with(|it| in_words(it))}</p> }.into_any(),
                }}
                {(!meaning.is_empty()).then(|| view! { <p class="field-meaning">{meaning}</p> })}
            </div>
        </LineFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_in_utc_and_nothing_else() {
        assert_eq!(problem(""), None);
        assert_eq!(problem(" 2027-03-04 "), None);
        for text in ["03/04/2027", "4.3.2027", "2027-3-4", "2027-02-30", "tomorrow", "2027-03-04T10:00"] {
            assert_eq!(problem(text), Some(ErrorCode::DateMalformed), "{text}");
        }
        assert_eq!(in_words("2027-03-04"), "4 March 2027 (UTC)");
        assert_eq!(in_words("03/04"), "UTC");
    }

    #[test]
    fn what_was_removed_from_a_date_is_said_and_its_look_alikes() {
        assert_eq!(changes("\u{200e}2027-03-04"), [Change::InvisibleRemoved(vec!['\u{200e}'])]);
        assert_eq!(problem("\u{200e}"), None, "nothing that can be seen is a date that is not set");
        let dashes = "2027\u{2011}03\u{2011}04";
        assert_eq!((problem(dashes), changes(dashes)), (None, vec![Change::LookAlike(vec!['\u{2011}'])]));
        assert_eq!(changes("2027-03-04"), []);
        assert_eq!(changes("\u{200e}tomorrow"), [], "its problem is said");
    }
}
