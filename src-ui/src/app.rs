//! The root: state, route, and the page that the route names.

use leptos::ev::keydown;
use leptos::prelude::*;

use crate::pages::connection::ConnectionPage;
use crate::pages::history::HistoryPage;
use crate::pages::sign::SignPage;
use crate::parts::banner_call::BannerCall;
use crate::parts::closing::ClosingNotice;
use crate::parts::findings::FindingsNotice;
use crate::parts::lock::LockNotice;
use crate::parts::note::Notes;
use crate::parts::record_notes::RecordNotes;
use crate::parts::token_again::TokenAgain;
use crate::route::{self, Page, Route};
use crate::shell::{Footer, Header, StatusBanner};
use crate::signing::{Signing, Step};
use crate::state::DeskState;
use crate::ui::heading;
use crate::ui::live::{Announcer, LiveRegion};
use crate::words::{connection, history, review, shell, sign};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let announcer = Announcer::provide();
    let state = DeskState::new(announcer);
    provide_context(state);
    let route = route::watch();
    let page = Memo::new(move |_| route.get().page);
    let step = Memo::new(move |_| state.step(&route.get().sign));
    let entry = Memo::new(move |_| route.get().entry);
    let query = Memo::new(move |_| route.get().query);
    let form = Memo::new(move |_| route.get().form);
    state.store_form();
    state.first_ask();
    state.keep_asking();
    state.watch_running();
    listen_for_shortcuts(state);
    // An address that names something that is not here gives way to that of what is shown.
    Effect::new(move |_| {
        let at = route.get();
        if let Some(href) = state.right_address(&at.sign).filter(|_| at.page == Page::Sign) {
            route::go_to(&href, true);
        }
    });
    // What the page is called follows what it shows, and so does the focus, except when the page has just come up.
    Effect::new(move |before: Option<String>| {
        let (route, step) = (route.get(), step.get());
        document().set_title(&shell::title(&title(state, &route, &step)));
        let screen = screen_key(&route, &step);
        if before.is_some_and(|it| it != screen) {
            heading::take_focus();
        }
        screen
    });
    view! {
        <a
            class="skip"
            href="#main"
            on:click=move |event| {
                event.prevent_default();
                crate::ui::focus::id("main");
            }
        >
            {shell::SKIP}
        </a>
        <Header page />
        <BannerCall />
        <main id="main" tabindex="-1">
            <StatusBanner />
            <ClosingNotice />
            <LockNotice />
            <TokenAgain route />
            <FindingsNotice page />
            <RecordNotes page />
            <Notes open=entry />
            {move || match page.get() {
                Page::Sign => view! { <SignPage step /> }.into_any(),
                Page::History => view! { <HistoryPage entry query /> }.into_any(),
                Page::Connection => view! { <ConnectionPage form /> }.into_any(),
            }}
        </main>
        <Footer />
        <LiveRegion announcer />
    }
}

fn title(state: DeskState, route: &Route, step: &Step) -> String {
    match (route.page, route.entry, step) {
        (Page::History, Some(entry), _) => history::entry_title(entry),
        (Page::Connection, ..) if route.form.is_some() => connection::FORM_TITLE.to_owned(),
        (Page::Sign, _, Step::Review(_)) => review::TITLE.to_owned(),
        (Page::Sign, _, Step::Progress(_)) => review::PROGRESS_TITLE.to_owned(),
        (Page::Sign, _, Step::Result(_)) => state.signing.with_untracked(|it| match it {
            Some(Signing::Ended(finished)) => finished.heading(),
            _ => sign::TITLE.to_owned(),
        }),
        (Page::Sign, _, Step::Form) => sign::TITLE.to_owned(),
        (page, ..) => shell::page(page).to_owned(),
    }
}

/// Tells screens apart, for the focus.
fn screen_key(route: &Route, step: &Step) -> String {
    let step = match step {
        _ if route.page != Page::Sign => "",
        Step::Form => "form",
        Step::Review(_) => "review",
        Step::Progress(_) => "progress",
        Step::Result(_) => "result",
        Step::Opening(_) => "opening",
    };
    let form = if route.form.is_some() { "/form" } else { "" };
    [route.page.href(), &route.entry.unwrap_or_default().to_string(), step, form].concat()
}

/// Alt+1, Alt+2 and Alt+3 go to the pages, Alt+L locks.
fn listen_for_shortcuts(state: DeskState) {
    let handle = window_event_listener(keydown, move |event| {
        let plain_alt = event.alt_key() && !event.ctrl_key() && !event.meta_key() && !event.shift_key();
        if plain_alt && event.key().eq_ignore_ascii_case("l") && untrack(|| state.lockable()) {
            event.prevent_default();
            state.lock();
        }
        // The key, not its place: where Alt and a digit write another character, that is what a person wants.
        let digit = event.key().parse::<usize>().ok();
        let page = digit.and_then(|digit| Page::ALL.get(digit.wrapping_sub(1)).copied());
        if let Some(page) = page.filter(|_| plain_alt) {
            event.prevent_default();
            route::go_to(&untrack(|| state.page_href(page, Route::current().page)), false);
        }
    });
    on_cleanup(move || handle.remove());
}
