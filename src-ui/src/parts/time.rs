//! A moment: one ISO time in UTC; the time on this computer's clock is its tooltip.

use domain::Timestamp;
use leptos::prelude::*;

use crate::clock;
use crate::words::shell;

/// `2026-11-24 08:00:01 UTC`, or without the `UTC` where a heading says it.
#[component]
pub(crate) fn Moment(at: Timestamp, #[prop(optional)] short: bool) -> impl IntoView {
    let text = at.date_time();
    let text = if short { text.trim_end_matches(" UTC").to_owned() } else { text };
    view! {
        <time datetime=at.rfc3339() title=shell::local_time(&clock::local(at))>
            {text}
        </time>
    }
}
