//! The connection in use, in the header: what it is, and the way to another one.

use desk::commands::Shown;
use desk::commands::status::Response;
use domain::{ConnectionId, Environment, ServerTrust};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::parts::environment::EnvironmentBadge;
use crate::parts::time::Moment;
use crate::route::Page;
use crate::state::DeskState;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{session, shell};

/// What the header says of the connection; compared, so that it is drawn anew only when it says something else.
#[derive(Clone, PartialEq, Eq)]
struct Chip {
    environment: Environment,
    name: String,
    server: Option<String>,
    token: Option<(&'static str, &'static str)>,
}

impl Chip {
    fn plain(words: &str) -> Self {
        let name = words.to_owned();
        Self { environment: Environment::Unmarked, name, server: None, token: None }
    }

    fn of(status: &Response) -> Self {
        let Some(Shown { connection: it, .. }) = &status.connection else {
            return Self::plain(shell::CHIP_NONE);
        };
        let (name, server) = (domain::visible(&it.name), domain::visible(&it.server.authority()));
        let rejected = status.token_rejected().is_some();
        let removed = status.connection.as_ref().is_some_and(|it| it.removed);
        let token = match (status.locked, status.token_held()) {
            _ if removed => ("chip-token chip-token--rejected", shell::REMOVED),
            (true, _) => ("chip-token", session::LOCKED),
            (false, true) if rejected => ("chip-token chip-token--rejected", shell::TOKEN_REJECTED),
            (false, true) => ("chip-token chip-token--held", shell::TOKEN_HELD),
            (false, false) => ("chip-token", shell::NO_TOKEN),
        };
        Self {
            environment: it.environment,
            server: (name != server).then_some(server),
            name,
            token: Some(token),
        }
    }
}

/// The chip, which folds out into the list of connections.
#[component]
pub(crate) fn Switcher() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let open = RwSignal::new(false);
    let chip = Memo::new(move |_| {
        state.status.with(|status| match status {
            Some(it) => Chip::of(it),
            None if state.status_failure.with(Option::is_some) => Chip::plain(shell::CHIP_LOST),
            None => Chip::plain(shell::CHIP_WAITING),
        })
    });
    close_from_outside(open);
    view! {
        <details
            class="switcher"
            prop:open=move || open.get()
            on:toggle=move |event| {
                let is_open = event_target::<Element>(&event).has_attribute("open");
                if open.get_untracked() != is_open {
                    open.set(is_open);
                }
            }
            on:keydown=move |event| {
                if event.key() == "Escape" && open.get_untracked() {
                    open.set(false);
                    focus::soon(".switcher summary");
                }
            }
        >
            <summary class="chip" title=shell::CHIP_TITLE data-testid="connection-chip">
                {move || {
                    let Chip { environment, name, server, token } = chip.get();
                    view! {
                        {if environment == Environment::Unmarked {
                            view! { <Glyph icon=Icon::Server /> }.into_any()
                        } else {
                            view! { <EnvironmentBadge environment /> }.into_any()
                        }}
                        <bdi class="chip-name">{name}</bdi>
                        {server.map(|it| view! { <bdi class="chip-server">{it}</bdi> })}
                        {token.map(|(class, words)| view! { <span class=class>{words}</span> })}
                    }
                }}
            </summary>
            <div class="switcher-panel">
                <Others open />
                <a href=Page::Connection.href() data-testid="connection-manage" on:click=move |_| open.set(false)>
                    {session::MANAGE}
                </a>
            </div>
        </details>
    }
}

/// Every connection, the one in use marked.
#[component]
fn Others(open: RwSignal<bool>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let choose = move |id: ConnectionId| {
        open.set(false);
        focus::soon(".switcher summary");
        state.use_connection(id, || ());
    };
    let row = move |shown: Shown, in_use: bool| {
        let Shown { id, connection, token, .. } = shown;
        let trust = connection.trust();
        let exact = (trust == ServerTrust::ExactCertificate).then(|| trust.words());
        let rejected = token.and_then(|it| it.rejected);
        view! {
            <li>
                <button
                    type="button"
                    class="switcher-row"
                    aria-current=in_use.then_some("true")
                    data-testid="switch-to"
                    on:click=move |_| choose(id.clone())
                >
                    <EnvironmentBadge environment=connection.environment />
                    <span>
                        <bdi class="strong">{domain::visible(&connection.name)}</bdi>
                        <bdi class="muted">{domain::visible(&connection.server.authority())}</bdi>
                        {exact.map(|it| view! { <span data-testid="switch-to-trust">{it}</span> })}
                        {rejected
                            .map(|at| {
                                view! {
                                    <span class="due" data-testid="switch-to-rejected">
                                        {shell::TOKEN_REJECTED} " " <Moment at />
                                    </span>
                                }
                            })}
                    </span>
                </button>
            </li>
        }
    };
    move || {
        let answer = state.connections.get().filter(|it| !it.connections.is_empty())?;
        let rows = answer.connections.into_iter().map(|it| {
            let in_use = answer.in_use.as_ref() == Some(&it.id);
            row(it, in_use)
        });
        Some(view! {
            <p class="label">{session::SWITCH}</p>
            <ul>{rows.collect_view()}</ul>
        })
    }
}

/// A press or a move of the focus anywhere else folds it in again.
fn close_from_outside(open: RwSignal<bool>) {
    let close = move |event: &web_sys::Event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let inside = target.and_then(|it| it.closest(".switcher").ok().flatten()).is_some();
        if open.get_untracked() && !inside {
            open.set(false);
        }
    };
    let pressed = window_event_listener(ev::pointerdown, move |event| close(&event));
    let focused = window_event_listener(ev::focusin, move |event| close(&event));
    on_cleanup(move || {
        pressed.remove();
        focused.remove();
    });
}
