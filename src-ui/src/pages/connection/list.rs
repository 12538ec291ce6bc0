//! The saved connections: which there are, which one is in use, and what can be done with each.

use desk::commands::Shown;
use desk::commands::duplicate_connection::{self, DuplicateConnection};
use desk::commands::remove_connection::{self, RemoveConnection};
use desk::commands::restore_connection::{self, RestoreConnection};
use domain::{ConnectionId, visible};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::tools::Tools;
use crate::host;
use crate::parts::environment::EnvironmentBadge;
use crate::parts::expiry::{days_left, expiry_of};
use crate::route::form_href;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::words::{connection, join, long_date, session};

/// The id of a connection's heading in the list.
fn heading_id(id: &ConnectionId) -> String {
    ["connection-", id.as_str()].concat()
}

/// The list, and what can be done with all of it.
#[component]
pub(super) fn ConnectionList(attempt: Attempt) -> impl IntoView {
    let state = attempt.state;
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
                        view! { <Row attempt shown is_in_use /> }
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
fn Row(attempt: Attempt, shown: Shown, is_in_use: bool) -> impl IntoView {
    let expires = expiry_of(&shown);
    let Shown { id, connection: it, saved, token, .. } = shown;
    let name = visible(&it.name);
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
    let (use_id, copy_id, edit_id) = (id.clone(), id.clone(), id.clone());
    let use_it = Callback::new(move |()| {
        let heading = heading_id(&use_id);
        state.use_connection(use_id.clone(), move || focus::on_arrival(&heading));
    });
    let copy = Callback::new(move |()| duplicate(attempt, copy_id.clone()));
    let gone = name.clone();
    let remove = Callback::new(move |()| remove(attempt, id.clone(), gone.clone()));
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
                {(!saved).then(|| view! { <span class="tag">{connection::NOT_SAVED}</span> })}
            </div>
            <p class="connection-where">
                <code><bdi>{visible(&it.server.to_string())}</bdi></code>
                {it.organization.map(|it| view! { <bdi class="muted">{visible(it.as_str())}</bdi> })}
            </p>
            <p class="connection-token muted">
                <span>{token_words}</span>
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
                    // Asked for anew: what was typed before and left is not what is saved.
                    on:click=move |_| state.form_of.set(None)
                >
                    {connection::EDIT}
                </a>
                <Button test_id="button-duplicate" label=label(connection::DUPLICATE) busy=state.acting on_click=copy>
                    {connection::DUPLICATE}
                </Button>
                <span class="push"></span>
                <Button weight=Weight::Danger test_id="button-remove" label=label(connection::REMOVE) busy=state.acting on_click=remove>
                    {connection::REMOVE}
                </Button>
            </div>
        </li>
    }
}

fn duplicate(attempt: Attempt, id: ConnectionId) {
    let body = host::write(&duplicate_connection::Request { id });
    attempt.state.act::<DuplicateConnection>(body, move |done| show(attempt, connection::DUPLICATED, done));
}

fn remove(attempt: Attempt, id: ConnectionId, name: String) {
    let body = host::write(&remove_connection::Request { id });
    attempt.state.act::<RemoveConnection>(body, move |_| {
        attempt.announcer.say(&connection::removed(&name));
        focus::soon("[data-testid='removed'] li:last-child button");
    });
}

fn restore(attempt: Attempt, id: ConnectionId) {
    let body = host::write(&restore_connection::Request { id });
    attempt.state.act::<RestoreConnection>(body, move |done| show(attempt, connection::RESTORED, done));
}

/// Says what happened to a connection, and goes to it.
fn show(attempt: Attempt, words: &str, done: host::Done) {
    if let Some(it) = done.shown {
        attempt.announcer.say(&join(&[words, &visible(&it.connection.name), "."]));
        focus::on_arrival(&heading_id(&it.id));
    }
}

/// What was removed not long ago, and the way back.
#[component]
fn Removed(attempt: Attempt) -> impl IntoView {
    let state = attempt.state;
    let removed = Memo::new(move |_| {
        state.connections.with(|it| it.as_ref().map(|it| it.removed.clone()).unwrap_or_default())
    });
    let row = move |(id, name): (ConnectionId, String)| {
        let name = visible(&name);
        let label = join(&[connection::UNDO, ": ", &name]);
        view! {
            <li class="row">
                <span>{connection::REMOVED} <bdi class="strong">{name}</bdi></span>
                <Button test_id="button-undo" label busy=state.acting on_click=Callback::new(move |()| restore(attempt, id.clone()))>
                    {connection::UNDO}
                </Button>
            </li>
        }
    };
    move || {
        let removed = removed.get();
        (!removed.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Info title=connection::REMOVED_TITLE test_id="removed">
                    <ul class="plain">{removed.into_iter().map(row).collect_view()}</ul>
                    <p>{connection::REMOVED_TEXT}</p>
                </Notice>
            }
        })
    }
}
