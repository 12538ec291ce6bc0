//! The saved connections: which there are, which one is in use, and what can be done with each.

use desk::commands::Shown;
use desk::commands::duplicate_connection::{self, DuplicateConnection};
use domain::{ConnectionId, ServerTrust, visible};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::remove::{RemoveAction, RemoveQuestion, Removed};
use super::tools::Tools;
use crate::host;
use crate::parts::environment::EnvironmentBadge;
use crate::parts::expiry::{days_left, expiry_of};
use crate::parts::time::Moment;
use crate::route::form_href;
use crate::ui::button::Button;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{connection, join, long_date, session};

/// The id of a connection's heading in the list.
pub(super) fn heading_id(id: &ConnectionId) -> String {
    ["connection-", id.as_str()].concat()
}

/// The list, and what can be done with all of it.
#[component]
pub(super) fn ConnectionList(attempt: Attempt) -> impl IntoView {
    let state = attempt.state;
    // The rows are drawn again with each answer; an open question stays.
    let asked = RwSignal::new(None::<ConnectionId>);
    view! {
        <Removed attempt />
        <section class="stack" aria-labelledby="saved-title">
            <h2 id="saved-title" class="visually-hidden">{connection::SAVED_TITLE}</h2>
            {move || match state.connections.get() {
                None => view! { <p class="muted">{connection::LOADING}</p> }.into_any(),
                Some(answer) => {
                    let in_use = answer.in_use;
                    let row = |shown: Shown| {
                        let is_in_use = in_use.as_ref() == Some(&shown.id);
                        view! { <Row attempt shown is_in_use asked /> }
                    };
                    view! { <ul class="connections">{answer.connections.into_iter().map(row).collect_view()}</ul> }
                        .into_any()
                }
            }}
        </section>
        <Tools attempt />
    }
}

#[component]
fn Row(
    attempt: Attempt,
    shown: Shown,
    is_in_use: bool,
    asked: RwSignal<Option<ConnectionId>>,
) -> impl IntoView {
    let expires = expiry_of(&shown);
    let (to_remove, to_ask) = (shown.clone(), shown.clone());
    let Shown { id, connection: it, saved, removed, token, .. } = shown;
    let (name, trust) = (visible(&it.name), it.trust());
    let heading = heading_id(&id);
    let state = attempt.state;
    let token_words = match token {
        Some(it) => connection::token_short(it.in_keychain),
        None => connection::TOKEN_NONE,
    };
    let expiry = expires.map(|day| {
        move || {
            let left = state.now.get().map(|now| days_left(now, day));
            let words = left.map(session::expiry).unwrap_or_default();
            let soon = left.is_some_and(|it| it <= crate::parts::expiry::EARLY);
            view! { <span class:due=soon>{join(&[&words, " (", &long_date(day), ")"])}</span> }
        }
    });
    let label = |verb: &str| join(&[verb, " ", &name]);
    let (use_id, copy_id, edit_id) = (id.clone(), id.clone(), id);
    let use_it = Callback::new(move |()| {
        let heading = heading_id(&use_id);
        state.use_connection(use_id.clone(), move || focus::on_arrival(&heading));
    });
    let copy = Callback::new(move |()| duplicate(attempt, copy_id.clone()));
    view! {
        <li
            class="card connection"
            class:connection--in-use=is_in_use
            data-testid="connection"
            data-name=it.name
            data-in-use=is_in_use.to_string()
        >
            <div class="connection-head">
                <h3 id=heading tabindex="-1">
                    <bdi>{name.clone()}</bdi>
                </h3>
                <EnvironmentBadge environment=it.environment />
                {is_in_use
                    .then(|| view! { <span class="badge badge--in-use"><Glyph icon=Icon::Check /> {connection::IN_USE}</span> })}
                {(trust == ServerTrust::ExactCertificate)
                    .then(|| view! { <span class="tag" data-testid="exact-certificate">{trust.words()}</span> })}
                {removed.then(|| view! { <span class="tag due" data-testid="removed-elsewhere">{connection::REMOVED_ELSEWHERE}</span> })}
                {(!saved && !removed).then(|| view! { <span class="tag">{connection::NOT_SAVED}</span> })}
            </div>
            <p class="connection-where">
                <code><bdi>{visible(&it.server.to_string())}</bdi></code>
                {it.organization.map(|it| view! { <bdi class="muted">{visible(it.as_str())}</bdi> })}
            </p>
            <p class="connection-token muted">
                <span>{token_words}</span>
                {token
                    .and_then(|it| it.rejected)
                    .map(|at| view! { <span class="due" data-testid="token-rejected">{connection::TOKEN_REJECTED_SHORT} <Moment at /></span> })}
                {expiry}
            </p>
            <div class="row">
                {(!is_in_use)
                    .then(|| {
                        view! {
                            <Button test_id="button-use" label=label(connection::USE) busy=state.acting on_click=use_it>
                                {connection::USE}
                            </Button>
                        }
                    })}
                <a
                    class="button"
                    href=form_href(edit_id.as_str())
                    aria-label=label(connection::EDIT)
                    data-testid="button-edit"
                    // Asked for again, it holds what is saved by then, or what was typed.
                    on:click=move |_| state.close_form()
                >
                    {connection::EDIT}
                </a>
                <Button test_id="button-duplicate" label=label(connection::DUPLICATE) busy=state.acting on_click=copy>
                    {connection::DUPLICATE}
                </Button>
                <span class="push"></span>
                <RemoveAction attempt shown=to_remove is_in_use asked />
            </div>
            <RemoveQuestion attempt shown=to_ask is_in_use asked />
        </li>
    }
}

fn duplicate(attempt: Attempt, id: ConnectionId) {
    let body = host::write(&duplicate_connection::Request { id });
    attempt.state.act::<DuplicateConnection>(body, move |done| show(attempt, connection::DUPLICATED, done));
}

/// Says what happened to a connection, and goes to it.
fn show(attempt: Attempt, words: &str, done: host::Done) {
    if let Some(it) = done.shown {
        attempt.announcer.say(&join(&[words, &visible(&it.connection.name), "."]));
        focus::on_arrival(&heading_id(&it.id));
    }
}
