//! The day on which the token stops being accepted: said in time, and never in the way. Only the server knows.

use desk::commands::Shown;
use domain::{Timestamp, visible};
use leptos::prelude::*;

use crate::route::form_href;
use crate::state::DeskState;
use crate::ui::notice::{Notice, Tone};
use crate::words::{join, long_date, session};

/// So many days before, it is said.
pub(crate) const EARLY: i64 = 14;
const DAY: i64 = 86_400_000;

/// Whole days from today to the day of a moment, both in UTC; negative when it is over.
pub(crate) fn days_left(now: Timestamp, day: Timestamp) -> i64 {
    day.millis().div_euclid(DAY) - now.millis().div_euclid(DAY)
}

/// The day on which the token of a connection expires, if it has a token: without one there is nothing to expire.
pub(crate) fn expiry_of(it: &Shown) -> Option<Timestamp> {
    it.token.and(it.connection.token_expires)
}

/// A warning before, an alert after, about the token of one connection; nothing while there is time. `here` is on the form
/// where the token is entered.
#[component]
pub(crate) fn ExpiryNotice(of: Signal<Option<Shown>>, #[prop(optional)] here: bool) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let due = Memo::new(move |_| {
        let shown = of.get()?;
        let day = expiry_of(&shown)?;
        let left = days_left(state.now.get()?, day);
        (left <= EARLY).then_some((left, day, shown.id, shown.connection.name))
    });
    move || {
        due.get().map(|(left, day, id, name)| {
            let tone = if left < 0 { Tone::Bad } else { Tone::Warning };
            let title = join(&[&visible(&name), ": ", &session::expiry(left), " (", &long_date(day), ")"]);
            let href = form_href(id.as_str());
            view! {
                <Notice tone title alert=left < 0 test_id="token-expiry">
                    <p>
                        {session::EXPIRY_NEXT}
                        {(!here).then(|| view! { " " <a href=href>{session::EXPIRY_LINK}</a> })}
                    </p>
                </Notice>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_midnight_to_midnight() {
        let at = |text, hours: i64| {
            let day = Timestamp::parse_date(text).unwrap();
            Timestamp::from_millis(day.millis() + hours * 3_600_000)
        };
        let day = at("2027-03-04", 0);
        assert_eq!(days_left(at("2027-03-04", 23), day), 0);
        assert_eq!(days_left(at("2027-03-03", 23), day), 1);
        assert_eq!(days_left(at("2027-03-05", 1), day), -1);
        assert_eq!(days_left(at("2027-02-18", 0), day), EARLY);
    }
}
