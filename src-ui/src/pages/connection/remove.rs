//! Removing a connection, and the way back. What a person works with is asked about first, in its place; while a signing
//! with it is in progress it cannot be removed, here or by the desk.

use desk::commands::Shown;
use desk::commands::remove_connection::{self, RemoveConnection};
use desk::commands::restore_connection::{self, RestoreConnection};
use domain::{ConnectionId, Environment, visible};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::list::heading_id;
use crate::host;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::notice::{Notice, Tone};
use crate::words::{connection, join};

/// The ids of what belongs to a connection's question.
fn id_of(what: &str, id: &ConnectionId) -> String {
    [what, "-", id.as_str()].concat()
}

/// Whether a signing with a connection is in progress.
fn is_signing_with(attempt: Attempt, shown: &Shown) -> Memo<bool> {
    let shown = shown.clone();
    Memo::new(move |_| attempt.state.is_signing_with(&shown))
}

/// Whether its token is in memory alone: a removal deletes it (docs/decisions/0007).
fn token_in_memory(shown: &Shown) -> bool {
    shown.token.is_some_and(|it| !it.in_keychain)
}

/// The button, or the reason why it cannot be pressed. `asked` is the connection whose question is open.
#[component]
pub(super) fn RemoveAction(
    attempt: Attempt,
    shown: Shown,
    is_in_use: bool,
    asked: RwSignal<Option<ConnectionId>>,
) -> impl IntoView {
    let state = attempt.state;
    let name = visible(&shown.connection.name);
    let label = join(&[connection::REMOVE, " ", &name]);
    let asks = is_in_use || shown.connection.environment == Environment::Production;
    let id = shown.id.clone();
    let in_memory = token_in_memory(&shown);
    let signing = is_signing_with(attempt, &shown);
    let reason = id_of("remove-reason", &id);
    let reason_id = reason.clone();
    let press = Callback::new(move |()| {
        if asks {
            asked.set(Some(id.clone()));
            focus::soon("[data-testid='button-keep']");
        } else {
            remove(attempt, id.clone(), name.clone(), in_memory);
        }
    });
    view! {
        <div class="remove">
            <Button
                weight=Weight::Danger
                test_id="button-remove"
                label
                disabled=signing
                busy=state.acting
                reason_id=reason
                on_click=press
            >
                {connection::REMOVE}
            </Button>
            <p class="actions-reason" id=reason_id>
                {move || signing.get().then_some(connection::REMOVE_SIGNING)}
            </p>
        </div>
    }
}

/// The question about a connection: what goes, what stays, and the two answers.
#[component]
pub(super) fn RemoveQuestion(
    attempt: Attempt,
    shown: Shown,
    is_in_use: bool,
    asked: RwSignal<Option<ConnectionId>>,
) -> impl IntoView {
    let state = attempt.state;
    let signing = is_signing_with(attempt, &shown);
    let own = shown.id.clone();
    let open = Memo::new(move |_| asked.with(|it| it.as_ref() == Some(&own)) && !signing.get());
    move || {
        open.get().then(|| {
            let id = shown.id.clone();
            let in_memory = token_in_memory(&shown);
            let name = visible(&shown.connection.name);
            let title_id = id_of("remove-title", &id);
            let why = match (is_in_use, shown.connection.environment) {
                (true, Environment::Production) => connection::REMOVE_IN_USE_PRODUCTION,
                (true, _) => connection::REMOVE_IN_USE,
                (false, _) => connection::REMOVE_PRODUCTION,
            };
            let back_to = id_of("connection", &id);
            let keep = move || {
                asked.set(None);
                focus::soon(["#", &back_to].concat());
            };
            let on_key = keep.clone();
            let gone = name.clone();
            let go = Callback::new(move |()| {
                asked.set(None);
                remove(attempt, id.clone(), gone.clone(), in_memory);
            });
            let on_keep = Callback::new(move |()| keep());
            view! {
                <div
                    class="question"
                    role="group"
                    aria-labelledby=title_id
                    data-testid="remove-question"
                    on:keydown=move |event| {
                        if event.key() == "Escape" {
                            on_key();
                        }
                    }
                >
                    <p class="strong" id=title_id.clone()>
                        {connection::remove_title(&name)}
                    </p>
                    <p>{why}</p>
                    <ul>
                        <li>{connection::remove_goes(&shown)}</li>
                        <li>{connection::REMOVE_STAYS}</li>
                        <li>{connection::REMOVE_UNDO}</li>
                    </ul>
                    <div class="row">
                        <Button test_id="button-keep" on_click=on_keep>
                            {connection::KEEP_IT}
                        </Button>
                        <Button
                            weight=Weight::Destroy
                            test_id="button-remove-yes"
                            busy=state.acting
                            label=join(&[connection::REMOVE, " ", &name])
                            on_click=go
                        >
                            {connection::REMOVE}
                        </Button>
                    </div>
                </div>
            }
        })
    }
}

/// `in_memory`: its token was in memory alone, so that it is gone.
fn remove(attempt: Attempt, id: ConnectionId, name: String, in_memory: bool) {
    let body = host::write(&remove_connection::Request { id });
    attempt.state.act::<RemoveConnection>(body, move |_| {
        attempt.announcer.say_or_warn(!in_memory, &connection::removed(&name, in_memory));
        focus::soon("[data-testid='removed'] li:last-child button");
    });
}

fn restore(attempt: Attempt, id: ConnectionId) {
    let body = host::write(&restore_connection::Request { id });
    attempt.state.act::<RestoreConnection>(body, move |done| {
        if let Some(it) = done.shown {
            let in_use = attempt.state.in_use_now().is_some_and(|now| now.id == it.id);
            attempt.announcer.say_or_warn(it.token.is_some(), &connection::restored(&it, in_use));
            focus::on_arrival(&heading_id(&it.id));
        }
    });
}

/// What was removed not long ago, and the way back.
#[component]
pub(super) fn Removed(attempt: Attempt) -> impl IntoView {
    let state = attempt.state;
    let removed = Memo::new(move |_| {
        state.connections.with(|it| it.as_ref().map(|it| it.removed.clone()).unwrap_or_default())
    });
    // What another program removed stays in the list while it is in use here, with its secrets.
    let in_use = Memo::new(move |_| {
        let all = state.connections.get();
        let listed = |id: &ConnectionId| all.iter().flat_map(|it| &it.connections).any(|it| it.id == *id);
        removed.with(|it| it.iter().map(|(id, _)| listed(id)).collect::<Vec<_>>())
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
        let (removed, in_use) = (removed.get(), in_use.get());
        (!removed.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Info title=connection::REMOVED_TITLE test_id="removed">
                    <ul class="plain">{removed.into_iter().map(row).collect_view()}</ul>
                    <p>{connection::REMOVED_TEXT}</p>
                    {in_use.contains(&false).then(|| view! { <p>{connection::REMOVED_SECRETS}</p> })}
                    {in_use.contains(&true).then(|| view! { <p>{connection::REMOVED_IN_USE}</p> })}
                </Notice>
            }
        })
    }
}
