//! Resolving a signing whose outcome is unknown: first a search, on the server from here or in PAM360's console, then the
//! decision. What the last search found is in the journal, and is there again when the entry is opened again.

use desk::Failure;
use desk::commands::Shown;
use desk::commands::look_for::{self, LookFor, Recorded};
use domain::{BaseUrl, Basis, ConnectionId, Timestamp, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::decide::DecideForm;
use super::entry::Opened;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::parts::time::Moment;
use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::live::Announcer;
use crate::words::settle;

/// The id of the box that says that a person looked in PAM360's console.
pub(super) const CONSOLE_BOX: &str = "looked-in-console";

/// Why it cannot be looked for now.
#[derive(Clone, PartialEq, Eq)]
enum Obstacle {
    /// What the connection in use lacks.
    Words(&'static str),
    /// The entry belongs to this server, and the connection in use has another one.
    OtherServer(String),
}

/// Why it cannot be looked for now, if it cannot.
fn obstacle(state: DeskState, opened: Opened) -> Option<Obstacle> {
    let server = opened.entry.with(|it| it.as_ref().map(|it| BaseUrl::canonical(&it.server)));
    state.status.with(|status| {
        let Some(status) = status else { return Some(Obstacle::Words(settle::WAITING)) };
        match &status.connection {
            None => Some(Obstacle::Words(settle::NO_CONNECTION)),
            Some(it) if server != Some(String::from(it.connection.server.clone())) => {
                server.map(Obstacle::OtherServer)
            }
            Some(_) if !status.token_held() => Some(Obstacle::Words(settle::NO_TOKEN)),
            Some(_) => None,
        }
    })
}

/// The entry's server, and each saved connection with it to use.
#[component]
fn OtherServer(server: String) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let name = server.clone();
    let fitting = Memo::new(move |_| {
        let fits = |it: &Shown| !it.removed && it.connection.server.to_string() == server;
        state.connections.with(|it| {
            let all = it.iter().flat_map(|it| &it.connections);
            all.filter(|it| fits(it))
                .map(|it| (it.id.clone(), visible(&it.connection.name)))
                .collect::<Vec<_>>()
        })
    });
    let button = move |(id, name): (ConnectionId, String)| {
        let on_click =
            Callback::new(move |()| state.use_connection(id.clone(), || focus::soon("#settle-title")));
        view! { <Button test_id="button-use-fitting" on_click>{settle::use_connection(&name)}</Button> }
    };
    view! {
        <div class="stack" data-testid="settle-obstacle">
            <p>
                <strong>{settle::OTHER_SERVER} <bdi>{visible(&name)}</bdi> "."</strong>
            </p>
            {move || {
                let fitting = fitting.get();
                if fitting.is_empty() {
                    view! {
                        <p>
                            {settle::NO_CONNECTION_FITS} " "
                            <a href=Page::Connection.href()>{settle::TO_CONNECTION}</a>
                        </p>
                    }
                        .into_any()
                } else {
                    view! { <div class="row">{fitting.into_iter().map(button).collect_view()}</div> }.into_any()
                }
            }}
        </div>
    }
}

/// The last search on the server, by a person now or before; none when there was none.
#[derive(Clone, Copy)]
struct Search {
    found: RwSignal<Option<look_for::Response>>,
    /// When it was recorded; none while that is not read yet.
    at: RwSignal<Option<Timestamp>>,
    /// Why the last try failed, if it did. What an earlier one found still stands.
    failure: RwSignal<Option<Failure>>,
}

/// The card; also of a signing that a person resolved already, to correct that.
#[component]
pub(super) fn SettleCard(opened: Opened, #[prop(optional)] resolved: bool) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let obstacle = Memo::new(move |_| obstacle(state, opened));
    let search = Search { found: RwSignal::new(None), at: RwSignal::new(None), failure: RwSignal::new(None) };
    // Each reading of the entry brings the last search that is in the journal.
    Effect::new(move |_| {
        if let Some(Recorded { at, response }) = opened.events.with(|it| Recorded::last(it)) {
            search.at.set(Some(at));
            // Drawn again only when it says something else: what is chosen among the candidates stays.
            if search.found.with_untracked(|it| it.as_ref() != Some(&response)) {
                search.found.set(Some(response));
            }
        }
    });
    let console = opened.console;
    let drafts = state.drafts;
    // It was ticked on an earlier visit: what was so then may be otherwise now.
    let was_ticked =
        Memo::new(move |_| !console.get() && drafts.of(opened.number, |it| it.decision.looked_in_console));
    let answered = Memo::new(move |_| drafts.of(opened.number, |it| it.decision.is_answered()));
    // Without a look there is nothing to decide: no verdict is offered.
    let basis = Memo::new(move |_| {
        let searched = search.found.with(Option::is_some);
        if console.get() { Some(Basis::Console) } else { searched.then_some(Basis::Search) }
    });
    let can_decide = Memo::new(move |_| basis.get().is_some());
    let form = move || {
        // Built anew with other results, and not when the basis changes: a choice stays.
        let response = search.found.get();
        can_decide.get().then(|| {
            let proven = response.as_ref().and_then(look_for::Response::proven);
            let candidates = response.map(|it| it.candidates).unwrap_or_default();
            view! { <DecideForm opened candidates proven basis /> }
        })
    };
    let (title, lead) =
        if resolved { (settle::CORRECT, settle::CORRECT_LEAD) } else { (settle::TITLE, settle::LEAD) };
    view! {
        <section class="card settle" aria-labelledby="settle-title" data-testid="settle">
            <h2 id="settle-title" tabindex="-1">{title}</h2>
            <p>{lead}</p>
            {move || match obstacle.get() {
                Some(Obstacle::OtherServer(server)) => view! { <OtherServer server /> }.into_any(),
                Some(Obstacle::Words(words)) => {
                    view! {
                        <p data-testid="settle-obstacle">
                            <strong>{words}</strong>
                            " "
                            <a href=Page::Connection.href()>{settle::TO_CONNECTION}</a>
                        </p>
                    }
                        .into_any()
                }
                None => view! { <Look opened search /> }.into_any(),
            }}
            {move || search.found.get().map(|response| view! { <Result response at=search.at /> })}
            <CheckBox
                id=CONSOLE_BOX
                label=settle::CONSOLE
                checked=console
                on_change=Callback::new(move |on| {
                    console.set(on);
                    opened.change_decision(|it| it.looked_in_console = on);
                })
            />
            {move || {
                was_ticked
                    .get()
                    .then(|| {
                        view! {
                            <p class="mark--doubt" data-testid="console-reset">
                                <Glyph icon=Icon::Warning />
                                <span>
                                    {settle::CONSOLE_RESET} {move || answered.get().then_some(settle::ANSWER_KEPT)}
                                </span>
                            </p>
                        }
                    })
            }}
            {form}
        </section>
    }
}

/// The search on the server, and why it failed if it did.
#[component]
fn Look(opened: Opened, search: Search) -> impl IntoView {
    let announcer = Announcer::here();
    let busy = RwSignal::new(false);
    let look = Callback::new(move |()| {
        busy.set(true);
        search.failure.set(None);
        announcer.hear(settle::LOOKING);
        spawn_local(async move {
            let request = look_for::Request { entry: opened.number, intent: opened.intent() };
            let answer = host::call::<LookFor>(&request).await;
            // The page may be gone by now.
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(it) => {
                    announcer.hear(&it.words());
                    // It was recorded a moment ago; when, the entry's events say.
                    search.at.set(None);
                    search.found.set(Some(it));
                }
                Err(failure) => {
                    announcer.hear(failure.code.what());
                    search.failure.set(Some(failure));
                }
            }
            opened.read();
        });
    });
    view! {
        <div class="row">
            <Button weight=Weight::Primary test_id="button-look" busy on_click=look>
                {move || match (busy.get(), search.found.with(Option::is_some)) {
                    (true, _) => settle::LOOKING,
                    (false, true) => settle::LOOK_AGAIN,
                    (false, false) => settle::LOOK,
                }}
            </Button>
            <p class="actions-reason">{settle::CHANGES_NOTHING}</p>
        </div>
        {move || search.failure.get().map(|failure| view! { <FailureNotice failure /> })}
    }
}

/// How much was looked at, and with what it was compared.
#[component]
fn Result(response: look_for::Response, at: RwSignal<Option<Timestamp>>) -> impl IntoView {
    let asked = visible(&response.asked_names.join(", "));
    view! {
        <div class="stack" data-testid="look-result">
            <p>
                <strong>{response.words()}</strong>
                " "
                {move || at.get().map(|at| view! { {settle::SEARCHED_AT} <Moment at /> ". " })}
                {response.count_words()}
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
