//! The frame around every page: name, navigation, the lock, colours. Where it is narrow, one row, and the rest in a menu.

use leptos::prelude::*;

use crate::parts::failure::FailureNotice;
use crate::route::{Page, signing_href};
use crate::state::DeskState;
use crate::switcher::Switcher;
use crate::theme::Theme;
use crate::ui::button::Button;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{review, session, shell};

/// The ids of the navigation, and of the button that opens it where the header is narrow.
const MENU: &str = "pages";
const MENU_BUTTON: &str = "button-menu";

/// The header.
#[component]
pub(crate) fn Header(page: Memo<Page>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let running = Memo::new(move |_| state.running());
    let open = RwSignal::new(false);
    // The menu has done its work when another page is shown.
    Effect::new(move |_| {
        page.track();
        open.set(false);
    });
    let escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
            focus::id(MENU_BUTTON);
        }
    };
    let unsettled = move || state.status.with(|it| it.as_ref().map_or(0, |it| it.unsettled));
    let link = move |it: Page| {
        let number = 1 + Page::ALL.iter().position(|page| *page == it).unwrap_or_default();
        view! {
            <a
                // A signing that is on its way is what Sign shows; otherwise Sign starts a new one.
                href=move || match running.get() {
                    Some(intent) if it == Page::Sign => signing_href(&intent),
                    _ => state.page_href(it, page.get()),
                }
                aria-current=move || (page.get() == it).then_some("page")
                aria-keyshortcuts=["Alt+", &number.to_string()].concat()
            >
                {shell::page(it)}
                {move || {
                    (it == Page::Sign && running.with(Option::is_some))
                        .then(|| view! { " " <span class="tag tag--busy">{review::PROGRESS_TITLE}</span> })
                }}
                {move || (it == Page::History && unsettled() > 0)
                    .then(|| {
                        view! {
                            " "
                            <span class="tag tag--due" data-testid="unsettled-badge">
                                {unsettled().to_string()}
                                {shell::TO_SETTLE}
                            </span>
                        }
                    })}
            </a>
        }
    };
    let production = move || {
        state.status.with(|it| {
            let shown = it.as_ref().and_then(|it| it.connection.as_ref());
            shown.is_some_and(|it| it.connection.environment == domain::Environment::Production)
        })
    };
    view! {
        <header class="top" class:top--production=production class:top--open=open on:keydown=escape>
            <div class="top-inner">
                <MenuButton open running unsettled=Signal::derive(unsettled) />
                <p class="brand">
                    <Glyph icon=Icon::Seal />
                    {shell::PRODUCT}
                </p>
                <nav id=MENU aria-label=shell::NAVIGATION>{Page::ALL.map(link).collect_view()}</nav>
                <div class="top-side">
                    <Switcher />
                    <LockButton />
                    <ThemeSwitch />
                </div>
            </div>
        </header>
    }
}

/// Opens what a narrow header has no room for. Not there where it is wide.
#[component]
fn MenuButton(open: RwSignal<bool>, running: Memo<Option<String>>, unsettled: Signal<u64>) -> impl IntoView {
    let due = move || {
        let count = unsettled.get();
        (count > 0).then(|| {
            view! {
                <span class="tag tag--due">
                    {count.to_string()} <span class="visually-hidden">{shell::TO_SETTLE}</span>
                </span>
            }
        })
    };
    view! {
        <button
            type="button"
            class="button menu-button"
            id=MENU_BUTTON
            data-testid=MENU_BUTTON
            aria-expanded=move || open.get().to_string()
            aria-controls=MENU
            on:click=move |_| open.update(|it| *it = !*it)
        >
            <Glyph icon=Icon::Menu />
            <span class="visually-hidden">{shell::MENU}</span>
            {move || {
                running
                    .with(Option::is_some)
                    .then(|| {
                        view! {
                            <Glyph icon=Icon::Running />
                            <span class="visually-hidden">{review::PROGRESS_TITLE}</span>
                        }
                    })
            }}
            {due}
        </button>
    }
}

/// System, light or dark.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let (chosen, choose) = signal(Theme::remembered());
    let option = move |it: Theme| {
        let icon = match it {
            Theme::System => Icon::Screen,
            Theme::Light => Icon::Sun,
            Theme::Dark => Icon::Moon,
        };
        view! {
            <label title=shell::theme(it)>
                <input
                    type="radio"
                    name="theme"
                    class="visually-hidden"
                    value=it.as_str()
                    prop:checked=move || chosen.get() == it
                    on:change=move |_| {
                        choose.set(it);
                        it.apply();
                    }
                />
                <Glyph icon />
                <span class="visually-hidden">{shell::theme(it)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class="visually-hidden">{shell::THEME}</legend>
            {Theme::ALL.map(option).collect_view()}
        </fieldset>
    }
}

/// Takes the secrets out of the memory.
#[component]
fn LockButton() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let lockable = Memo::new(move |_| state.lockable());
    move || {
        lockable.get().then(|| {
            view! {
                <button
                    type="button"
                    class="button button--lock"
                    title=session::LOCK_TITLE
                    aria-keyshortcuts="Alt+L"
                    data-testid="button-lock"
                    on:click=move |_| state.lock()
                >
                    <Glyph icon=Icon::Lock />
                    {session::LOCK}
                </button>
            }
        })
    }
}

/// Says when the program behind the page does not answer, or did not do what it was asked.
#[component]
pub(crate) fn StatusBanner() -> impl IntoView {
    let state = expect_context::<DeskState>();
    move || {
        let lost = state.status_failure.get();
        let retry = lost.is_some();
        lost.or_else(|| state.failure.get()).map(|failure| {
            view! {
                <div class="banner">
                    <FailureNotice failure>
                        {retry
                            .then(|| {
                                let again = Callback::new(move |()| state.refresh());
                                view! { <p><Button on_click=again>{shell::TRY_AGAIN}</Button></p> }
                            })}
                    </FailureNotice>
                </div>
            }
        })
    }
}

/// The version, and where the record is.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    let state = expect_context::<DeskState>();
    view! {
        <footer class="bottom">
            {move || {
                state
                    .status
                    .with(|status| {
                        status
                            .as_ref()
                            .map(|it| {
                                view! {
                                    <span>{shell::VERSION} {it.version.clone()}</span>
                                    <span>{shell::RECORD_IN} <code>{domain::visible(&it.data_dir)}</code></span>
                                }
                            })
                    })
            }}
        </footer>
    }
}
