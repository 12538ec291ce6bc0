//! Settling a signing whose outcome is unknown: looking on the server, and recording what was found out.

use desk::Failure;
use desk::commands::look_for::{self, LookFor};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::decide::DecideForm;
use super::entry::Opened;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
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

/// The card.
#[component]
pub(super) fn SettleCard(opened: Opened) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let obstacle = Memo::new(move |_| obstacle(state, opened));
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
                None => view! { <Look opened /> }.into_any(),
            }}
        </section>
    }
}

/// The look, and then the decision.
#[component]
fn Look(opened: Opened) -> impl IntoView {
    let announcer = Announcer::here();
    let busy = RwSignal::new(false);
    // Kept when the person looks again.
    let reason = RwSignal::new(String::new());
    let found = RwSignal::new(None::<Result<look_for::Response, Failure>>);
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
                Ok(it) => announcer.hear(&settle::found(it.candidates.len())),
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
            let found = found.get();
            let candidates = found.as_ref().and_then(|it| it.as_ref().ok()).map(|it| it.candidates.clone());
            view! {
                {found
                    .map(|it| match it {
                        Ok(response) => view! { <Found response /> }.into_any(),
                        Err(failure) => view! { <FailureNotice failure /> }.into_any(),
                    })}
                <DecideForm opened candidates=candidates.unwrap_or_default() reason />
            }
        }}
    }
}

/// How much was looked at.
#[component]
fn Found(response: look_for::Response) -> impl IntoView {
    view! {
        <div class="stack" data-testid="look-result">
            <p>
                <strong>{settle::found(response.candidates.len())}</strong>
                " "
                {settle::looked_at(response.listed, response.ruled_out, response.not_examined)}
            </p>
            {response
                .key_unknown
                .map(|code| view! { <p data-testid="key-unknown">{settle::KEY_UNKNOWN} " " {code.what()}</p> })}
        </div>
    }
}
