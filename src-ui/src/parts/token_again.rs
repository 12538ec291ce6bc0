//! After an unlock without a stored token: the token is entered in place, so that what is half filled in stays on screen.

use desk::Failure;
use domain::visible;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use zeroize::Zeroizing;

use crate::host;
use crate::parts::failure::FailureNotice;
use crate::route::Route;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::session;

/// The id of the field.
pub(crate) const FIELD: &str = "token-again";

/// Puts the focus in the field, if it is on the page.
pub(crate) fn focus_field() -> bool {
    let there = document().get_element_by_id(FIELD).is_some();
    if there {
        focus::id(FIELD);
    }
    there
}

/// The form, while the connection in use has no token because a lock took it. Not beside the form of that connection, which
/// has the field already.
#[component]
pub(crate) fn TokenAgain(route: ReadSignal<Route>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let wanted = Memo::new(move |_| {
        let shown = state.in_use().filter(|_| state.token_wanted.get() && !state.locked())?;
        let is_open = route.with(|it| it.form.as_deref() == Some(shown.id.as_str()));
        (shown.token.is_none() && !is_open).then_some((shown.id, shown.connection))
    });
    move || {
        wanted.get().map(|(id, connection)| {
            let input = NodeRef::<Input>::new();
            let busy = RwSignal::new(false);
            let failure = RwSignal::new(None::<Failure>);
            let (name, server) = (connection.name.clone(), connection.server.to_string());
            let hand_over = move || {
                let Some(field) = input.get_untracked() else { return };
                let text = Zeroizing::new(field.value());
                if text.is_empty() {
                    return focus::id(FIELD);
                }
                if busy.get_untracked() {
                    return;
                }
                // Emptied immediately: the page keeps no copy, whatever comes back.
                field.set_value("");
                busy.set(true);
                failure.set(None);
                let (id, server, name) = (id.clone(), server.clone(), name.clone());
                spawn_local(async move {
                    let answer = host::provide_secret(&id, &server, None, &text, false).await;
                    // Another page may be shown by now.
                    let _ = busy.try_set(false);
                    match answer {
                        Ok(_) => {
                            state.tests.forget(&id);
                            state.ask().await;
                            state.announcer.say(&session::token_set(&name));
                            focus::soon("#main h1");
                        }
                        Err(it) => {
                            let _ = failure.try_set(Some(it));
                        }
                    }
                });
            };
            view! {
                <form
                    class="notice notice--info banner"
                    data-testid="token-again-form"
                    novalidate
                    autocomplete="off"
                    on:submit=move |event| {
                        event.prevent_default();
                        hand_over();
                    }
                >
                    <Glyph icon=Icon::Lock />
                    <div class="notice-body">
                        <label class="notice-title" for=FIELD>
                            {session::token_for(&visible(&connection.name))}
                        </label>
                        <p id="token-again-meaning">{session::TOKEN_AGAIN_TEXT}</p>
                        <div class="row">
                            <input
                                type="password"
                                id=FIELD
                                node_ref=input
                                class="input--code input--secret"
                                autocomplete="off"
                                autocapitalize="off"
                                spellcheck="false"
                                aria-describedby="token-again-meaning"
                            />
                            <Button weight=Weight::Primary submit=true busy test_id="button-token-again">
                                {session::TOKEN_AGAIN}
                            </Button>
                        </div>
                        {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
                    </div>
                </form>
            }
        })
    }
}
