//! Which environment something is signed in: word, shape and colour together, never colour alone.

use domain::Environment;
use leptos::prelude::*;

use crate::state::Place;
use crate::ui::icon::{Glyph, Icon};
use crate::words::session;

fn icon(environment: Environment) -> Icon {
    match environment {
        Environment::Production => Icon::Shield,
        Environment::Staging => Icon::Layers,
        Environment::Test => Icon::Flask,
        Environment::Unmarked => Icon::Dash,
    }
}

/// A mark beside a connection's name.
#[component]
pub(crate) fn EnvironmentBadge(environment: Environment) -> impl IntoView {
    view! {
        <span class=["badge environment environment--", environment.as_str()].concat()>
            <Glyph icon=icon(environment) />
            {session::environment(environment)}
        </span>
    }
}

/// Across the page when what is signed is relied upon; nothing anywhere else.
#[component]
pub(crate) fn ProductionBar(#[prop(into)] place: Signal<Option<Place>>) -> impl IntoView {
    move || {
        let place = place.get().filter(|it| it.environment == Environment::Production)?;
        Some(view! {
            <p class="production" data-testid="production-bar">
                <Glyph icon=Icon::Shield />
                <strong>{session::PRODUCTION}</strong>
                <bdi class="production-name">{domain::visible(&place.name)}</bdi>
            </p>
        })
    }
}
