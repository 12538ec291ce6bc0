//! An outcome's mark: icon, colour and word, never colour alone.

use domain::{Outcome, State};
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

/// The icon of a state.
pub(crate) fn state_icon(state: State) -> Icon {
    state.outcome().map_or(Icon::Running, icon)
}

/// A badge for a row.
#[component]
pub(crate) fn StateBadge(#[prop(into)] state: State) -> impl IntoView {
    view! {
        <span class=["badge badge--", state.as_str()].concat()>
            <Glyph icon=state_icon(state) />
            {outcome::state(state)}
        </span>
    }
}
