//! An outcome's mark: icon, colour and word, never colour alone.

use domain::{Outcome, State};
use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::Tone;
use crate::words::outcome;

/// The tone of a notice about a signing that ended.
pub(crate) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Signed => Tone::Good,
        Outcome::Refused => Tone::Bad,
        Outcome::Unknown => Tone::Warning,
        Outcome::NotSent => Tone::Info,
    }
}

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

/// How an entry looks: what it shows, or that a CA was made, which does not look like a leaf.
pub(crate) fn look(state: State, makes_ca: bool) -> (&'static str, Icon) {
    match state {
        State::Signed if makes_ca => ("outcome outcome--authority", Icon::Shield),
        State::Signed => ("outcome outcome--signed", Icon::Check),
        State::Refused => ("outcome outcome--refused", Icon::Cross),
        State::Unknown => ("outcome outcome--unknown", Icon::Question),
        State::NotSent => ("outcome outcome--not_sent", Icon::Stop),
        State::InProgress => ("outcome outcome--in_progress", Icon::Running),
    }
}

/// A badge for a row; where a person resolved the signing, with the words for that.
#[component]
pub(crate) fn StateBadge(
    #[prop(into)] state: State,
    #[prop(optional_no_strip)] resolution: Option<&'static str>,
) -> impl IntoView {
    view! {
        <span class=["badge badge--", state.as_str()].concat()>
            <Glyph icon=state_icon(state) />
            {resolution.unwrap_or_else(|| outcome::state(state))}
        </span>
    }
}
