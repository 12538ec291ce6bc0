//! The frame around every page: name, navigation, the connection in use, colours.

use leptos::prelude::*;

use crate::parts::failure::FailureNotice;
use crate::route::Page;
use crate::state::{DeskState, Step};
use crate::theme::Theme;
use crate::ui::button::Button;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{review, shell};

/// The header.
#[component]
pub(crate) fn Header(page: Memo<Page>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let signing = move || state.step.with(|step| matches!(step, Step::Progress(_)));
    let unsettled = move || state.status.with(|it| it.as_ref().map_or(0, |it| it.unsettled));
    let link = move |it: Page| {
        let number = 1 + Page::ALL.iter().position(|page| *page == it).unwrap_or_default();
        view! {
            <a
                href=it.href()
                aria-current=move || (page.get() == it).then_some("page")
                aria-keyshortcuts=["Alt+", &number.to_string()].concat()
            >
                {shell::page(it)}
                {move || {
                    (it == Page::Sign && signing())
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
    view! {
        <header class="top">
            <div class="top-inner">
                <p class="brand">
                    <Glyph icon=Icon::Seal />
                    {shell::PRODUCT}
                </p>
                <nav aria-label=shell::NAVIGATION>{Page::ALL.map(link).collect_view()}</nav>
                <div class="top-side">
                    <ConnectionChip />
                    <ThemeSwitch />
                </div>
            </div>
        </header>
    }
}

/// The server, the organization, and whether a token is held.
#[component]
fn ConnectionChip() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let words = move || {
        state.status.with(|status| {
            let Some(status) = status else {
                let lost = state.status_failure.with(Option::is_some);
                let words = if lost { shell::CHIP_LOST } else { shell::CHIP_WAITING };
                return (words.to_owned(), None, None);
            };
            match &status.connection {
                None => (shell::CHIP_NONE.to_owned(), None, None),
                Some(it) => (
                    domain::visible(&it.server.authority()),
                    it.organization.as_ref().map(|it| domain::visible(it.as_str())),
                    Some(status.token_held),
                ),
            }
        })
    };
    view! {
        <a class="chip" href=Page::Connection.href() title=shell::CHIP_TITLE data-testid="connection-chip">
            <Glyph icon=Icon::Server />
            {move || {
                let (server, organization, token) = words();
                view! {
                    <span class="chip-server">{server}</span>
                    {organization.map(|it| view! { <span class="chip-organization">{it}</span> })}
                    {token
                        .map(|held| {
                            let class = if held { "chip-token chip-token--held" } else { "chip-token" };
                            let words = if held { shell::TOKEN_HELD } else { shell::NO_TOKEN };
                            view! { <span class=class>{words}</span> }
                        })}
                }
            }}
        </a>
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

/// Says when the program behind the page does not answer.
#[component]
pub(crate) fn StatusBanner() -> impl IntoView {
    let state = expect_context::<DeskState>();
    move || {
        state.status_failure.get().map(|failure| {
            view! {
                <FailureNotice failure>
                    <p>
                        <Button on_click=Callback::new(move |()| state.refresh())>{shell::TRY_AGAIN}</Button>
                    </p>
                </FailureNotice>
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
