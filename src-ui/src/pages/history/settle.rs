//! Resolving a signing whose outcome is unknown: first a look, on the server from here or in PAM360's console, then the
//! decision.

use desk::Failure;
use desk::commands::look_for::{self, LookFor};
use domain::{Basis, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::decide::DecideForm;
use super::entry::Opened;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::live::Announcer;
use crate::words::settle;

/// Why it cannot be looked for now, if it cannot.
fn obstacle(state: DeskState, opened: Opened) -> Option<&'static str> {
    let server = opened.entry.with(|it| it.as_ref().map(|it| it.server.clone()));
    state.status.with(|status| {
        let Some(status) = status else { return Some(settle::WAITING) };
        match &status.connection {
            None => Some(settle::NO_CONNECTION),
            Some(it) if server != Some(String::from(it.connection.server.clone())) => {
                Some(settle::OTHER_SERVER)
            }
            Some(_) if !status.token_held() => Some(settle::NO_TOKEN),
            Some(_) => None,
        }
    })
}

/// What came of the look on the server; none before it.
type Found = RwSignal<Option<Result<look_for::Response, Failure>>>;

/// The card.
#[component]
pub(super) fn SettleCard(opened: Opened) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let obstacle = Memo::new(move |_| obstacle(state, opened));
    let found: Found = RwSignal::new(None);
    let console = RwSignal::new(false);
    // Without a look there is nothing to decide: no verdict is offered.
    let basis = Memo::new(move |_| {
        let searched = found.with(|it| matches!(it, Some(Ok(_))));
        if console.get() { Some(Basis::Console) } else { searched.then_some(Basis::Search) }
    });
    let can_decide = Memo::new(move |_| basis.get().is_some());
    // Kept when the person looks again.
    let reason = RwSignal::new(String::new());
    let form = move || {
        // Built anew with other results, and not when the basis changes: a choice stays.
        let response = found.with(|it| it.as_ref().and_then(|it| it.as_ref().ok()).cloned());
        can_decide.get().then(|| {
            let proven = response.as_ref().and_then(look_for::Response::proven);
            let candidates = response.map(|it| it.candidates).unwrap_or_default();
            view! { <DecideForm opened candidates proven basis reason /> }
        })
    };
    view! {
        <section class="card settle" aria-labelledby="settle-title" data-testid="settle">
            <h2 id="settle-title">{settle::TITLE}</h2>
            <p>{settle::LEAD}</p>
            {move || match obstacle.get() {
                Some(words) => {
                    view! {
                        <p data-testid="settle-obstacle">
                            <strong>{words}</strong>
                            " "
                            <a href=Page::Connection.href()>{settle::TO_CONNECTION}</a>
                        </p>
                    }
                        .into_any()
                }
                None => view! { <Look opened found /> }.into_any(),
            }}
            <CheckBox
                id="looked-in-console"
                label=settle::CONSOLE
                checked=console
                on_change=Callback::new(move |on| console.set(on))
            />
            {form}
        </section>
    }
}

/// The look on the server, and what came of it.
#[component]
fn Look(opened: Opened, found: Found) -> impl IntoView {
    let announcer = Announcer::here();
    let busy = RwSignal::new(false);
    let look = Callback::new(move |()| {
        busy.set(true);
        found.set(None);
        announcer.hear(settle::LOOKING);
        spawn_local(async move {
            let answer = host::call::<LookFor>(&look_for::Request { entry: opened.number }).await;
            // The page may be gone by now.
            if busy.try_set(false).is_some() {
                return;
            }
            match &answer {
                Ok(it) => announcer.hear(&settle::found(it)),
                Err(failure) => announcer.hear(failure.code.what()),
            }
            found.set(Some(answer));
            opened.read();
        });
    });
    view! {
        <div class="row">
            <Button weight=Weight::Primary test_id="button-look" busy on_click=look>
                {move || if busy.get() { settle::LOOKING } else { settle::LOOK }}
            </Button>
            <p class="actions-reason">{settle::CHANGES_NOTHING}</p>
        </div>
        {move || {
            found
                .get()
                .map(|it| match it {
                    Ok(response) => view! { <Result response /> }.into_any(),
                    Err(failure) => view! { <FailureNotice failure /> }.into_any(),
                })
        }}
    }
}

/// How much was looked at, and with what it was compared.
#[component]
fn Result(response: look_for::Response) -> impl IntoView {
    let asked = visible(&response.asked_names.join(", "));
    view! {
        <div class="stack" data-testid="look-result">
            <p>
                <strong>{settle::found(&response)}</strong>
                " "
                {settle::looked_at(response.listed, response.ruled_out, response.not_examined)}
            </p>
            {match response.key_unknown {
                Some(code) => {
                    view! { <p data-testid="key-unknown">{settle::CSR_UNKNOWN} " " {code.what()}</p> }.into_any()
                }
                None if asked.is_empty() => ().into_any(),
                None => view! { <p>{settle::CSR_NAMES} <bdi>{asked}</bdi></p> }.into_any(),
            }}
        </div>
    }
}
