//! The day on which the token stops being accepted: said in time, and never in the way. Only the server knows.

use domain::Timestamp;
use leptos::prelude::*;

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

/// A warning before, an alert after; nothing while there is time.
#[component]
pub(crate) fn ExpiryNotice(#[prop(optional)] here: bool) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let told = Memo::new(move |_| {
        let day = state.status.with(|it| it.as_ref()?.connection.as_ref()?.connection.token_expires)?;
        Some((days_left(state.now.get()?, day), day)).filter(|(left, _)| *left <= EARLY)
    });
    move || {
        told.get().map(|(left, day)| {
            let tone = if left < 0 { Tone::Bad } else { Tone::Warning };
            let title = join(&[&session::expiry(left), " (", &long_date(day), ")"]);
            view! {
                <Notice tone title alert=left < 0 test_id="token-expiry">
                    <p>
                        {session::EXPIRY_NEXT}
                        {(!here)
                            .then(|| view! { " " <a href=move || state.token_href()>{session::EXPIRY_LINK}</a> })}
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
