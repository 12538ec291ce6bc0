//! The end date of the signing form: its days, written as a date.
//!
//! Owns that a typed date is never dropped or replaced while it can't be used: it stays, it is a problem of the form, and no
//! review opens beside it. A date that can be used sets the days, and days that are typed set the date.

use domain::{ErrorCode, Field, Problem, Timestamp, ValidityDays, typed};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::parts::expiry::days_left;
use crate::state::DeskState;

/// A date as typed, and the days that the form held after that: with other days it is out of date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TypedDate {
    text: String,
    days: String,
}

impl TypedDate {
    /// The date as typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Whole days from today to a day after it, both in UTC.
fn days_until(text: &str, now: Timestamp) -> Result<u32, ErrorCode> {
    let day = Timestamp::parse_date(&typed::code(text)).ok_or(ErrorCode::DateMalformed)?;
    let left = u32::try_from(days_left(now, day)).ok().filter(|it| *it > 0);
    left.ok_or(ErrorCode::EndDateNotAfterToday)
}

/// What the field shows for the days of the form.
fn shown(typed: Option<&TypedDate>, days: &str, now: Timestamp) -> String {
    let typed = typed.filter(|it| it.days == days);
    // A date that was read stands for other days after midnight.
    let holds = |it: &&TypedDate| days_until(&it.text, now).map_or(true, |read| read.to_string() == days);
    if let Some(it) = typed.filter(holds) {
        return it.text.clone();
    }
    let end = ValidityDays::parse(days).and_then(|it| it.end(now));
    end.map(|it| it.date()).unwrap_or_default()
}

/// What is wrong with the date that stands beside the days of the form. Without a date only the days count.
fn problem(typed: Option<&TypedDate>, days: &str, now: Timestamp) -> Option<Problem> {
    let text = &typed.filter(|it| it.days == days)?.text;
    if typed::code(text).is_empty() {
        return None;
    }
    days_until(text, now).err().map(|code| Problem::typed(Field::EndDate, code, text))
}

impl DeskState {
    /// What the field shows.
    pub(crate) fn end_date_text(self) -> String {
        self.end_date.with(|typed| {
            self.sign_form.with(|form| shown(typed.as_ref(), &form.validity_days, clock::now()))
        })
    }

    /// What is wrong with the date, if anything.
    pub(crate) fn end_date_problem(self) -> Option<Problem> {
        self.end_date.with(|typed| {
            self.sign_form.with(|form| problem(typed.as_ref(), &form.validity_days, clock::now()))
        })
    }

    /// Notes what is typed. A day after today sets the days, an emptied field empties them.
    pub(crate) fn type_end_date(self, text: String) {
        let days = match days_until(&text, clock::now()) {
            Ok(days) => days.to_string(),
            Err(_) if typed::code(&text).is_empty() => String::new(),
            Err(_) => self.sign_form.with_untracked(|it| it.validity_days.clone()),
        };
        self.end_date.set(Some(TypedDate { text, days: days.clone() }));
        if self.sign_form.with_untracked(|it| it.validity_days != days) {
            self.sign_form.update(|it| it.validity_days = days);
        }
    }

    /// Forgets what is typed: the form holds something else.
    pub(crate) fn forget_end_date(self) {
        if self.end_date.with_untracked(Option::is_some) {
            self.end_date.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        let now = Timestamp::from_millis(1_795_507_200_000);
        assert_eq!(now.date(), "2026-11-24");
        now
    }

    #[test]
    fn a_date_stands_for_days_only_when_it_is_a_day_after_today() {
        assert_eq!(days_until("2026-11-25", now()), Ok(1));
        assert_eq!(days_until(" \u{200e}2027-11-24 ", now()), Ok(365));
        for text in ["2026-11-24", "2025-01-01"] {
            assert_eq!(days_until(text, now()), Err(ErrorCode::EndDateNotAfterToday), "{text}");
        }
        for text in ["11/25/2026", "25.11.2026", "2026-11-31", "2027-1-4", "tomorrow", ""] {
            assert_eq!(days_until(text, now()), Err(ErrorCode::DateMalformed), "{text}");
        }
    }

    #[test]
    fn a_date_that_cannot_be_used_stays_and_is_a_problem_until_it_or_the_days_change() {
        let typed = |text: &str, days: &str| Some(TypedDate { text: text.to_owned(), days: days.to_owned() });
        let code = |typed: &Option<TypedDate>, days: &str| {
            problem(typed.as_ref(), days, now()).map(|it| (it.field, it.code))
        };
        for text in ["tomorrow", "2027-02-30", "2026-11-24"] {
            let it = typed(text, "44");
            assert_eq!(shown(it.as_ref(), "44", now()), text);
            assert!(code(&it, "44").is_some_and(|(field, _)| field == Field::EndDate), "{text}");
            // The days are the newer word.
            assert_eq!((shown(it.as_ref(), "45", now()), code(&it, "45")), ("2027-01-08".to_owned(), None));
        }
        assert_eq!((shown(None, "44", now()), code(&None, "44")), ("2027-01-07".to_owned(), None));
        let emptied = typed("", "");
        assert_eq!((shown(emptied.as_ref(), "", now()), code(&emptied, "")), (String::new(), None));
        // Half a date in the emptied field.
        assert!(code(&typed("2027-0", ""), "").is_some());
        // What was read stays as it is typed, and follows the days when the day is another one.
        let marked = typed("\u{200e}2026-11-25", "1");
        assert_eq!(shown(marked.as_ref(), "1", now()), "\u{200e}2026-11-25");
        assert_eq!(shown(typed("2026-11-26", "1").as_ref(), "1", now()), "2026-11-25");
    }
}
