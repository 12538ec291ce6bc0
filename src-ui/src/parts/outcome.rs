//! An outcome's mark: icon, colour and word, never colour alone.

use domain::Outcome;
use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};
use crate::words::outcome;

/// The icon of an outcome.
pub(crate) fn icon(outcome: Outcome) -> Icon {
    match outcome {
        Outcome::Signed => Icon::Check,
        Outcome::Refused => Icon::Cross,
        Outcome::Unknown => Icon::Question,
        Outcome::NotSent => Icon::Stop,
    }
}

/// A badge for a row.
#[component]
pub(crate) fn OutcomeBadge(outcome: Outcome) -> impl IntoView {
    view! {
        <span class=["badge badge--", outcome.as_str()].concat()>
            <Glyph icon=icon(outcome) />
            {outcome::badge(outcome)}
        </span>
    }
}
