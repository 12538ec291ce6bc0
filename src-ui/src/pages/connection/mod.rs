//! The page Connection: the saved connections, the form of one of them, the test, and what is preferred.

mod advanced;
mod attempt;
mod ca_facts;
mod compare;
mod doctor;
mod fields;
mod form;
mod list;
mod remove;
mod save;
mod secrets;
mod settings;
mod steps;
mod tools;
mod trust;

use desk::commands::connections::Response;
use leptos::prelude::*;

use attempt::Attempt;

use crate::parts::expiry::ExpiryNotice;
use crate::route::{self, NEW, Page};
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::words::connection;

/// The list, or the form that the address names.
#[component]
pub(crate) fn ConnectionPage(form: Memo<Option<String>>) -> impl IntoView {
    let is_form = Memo::new(move |_| form.get().is_some());
    let attempt = Attempt::new(is_form);
    let state = attempt.state;
    // With nothing saved there is one thing to do.
    Effect::new(move |_| {
        let nothing = |it: &Response| it.connections.is_empty() && it.removed.is_empty();
        let none = state.connections.with(|it| it.as_ref().is_some_and(nothing));
        // On the way to another page there is no form either, for as long as this page is still there.
        let here = route::Route::current().page == Page::Connection;
        if none && form.get().is_none() && here {
            route::go_to(&route::form_href(NEW), true);
        }
    });
    Effect::new(move |_| {
        if let Some(it) = form.get() {
            attempt.open(&it);
        }
    });
    // Beside the list the test is of the connection in use; there may be none.
    let has_subject = Memo::new(move |_| is_form.get() || attempt.subject.with(Option::is_some));
    let opened = Memo::new(move |_| state.form_of.with(Option::is_some));
    view! {
        <div class="screen" data-testid="screen-connection">
            {move || if is_form.get() {
                view! {
                    <Heading text=Signal::derive(move || attempt.title()) lead=connection::FORM_LEAD>
                        {move || state.connections.with(|it| it.as_ref().is_some_and(|it| !it.connections.is_empty()))
                            .then(|| view! { <Back /> })}
                    </Heading>
                }
                    .into_any()
            } else {
                view! { <Heading text=connection::TITLE.to_owned() lead=connection::LEAD /> }.into_any()
            }}
            <ExpiryNotice of=Signal::derive(move || attempt.about()) here=true />
            {move || attempt.failure.get().map(|failure| view! { <crate::parts::failure::FailureNotice failure /> })}
            <div class="with-aside with-aside--wide">
                <div class="stack">
                    <doctor::Doctor attempt of=attempt.subject />
                    {move || match (is_form.get(), opened.get()) {
                        (true, true) => view! { <form::ConnectionFields attempt /> }.into_any(),
                        (true, false) => view! { <p class="muted">{connection::LOADING}</p> }.into_any(),
                        (false, _) => view! { <list::ConnectionList attempt /> <settings::Settings /> }.into_any(),
                    }}
                </div>
                <aside class="aside">
                    {move || (is_form.get() && opened.get()).then(|| view! { <form::SaveAction attempt /> })}
                    {move || has_subject.get().then(|| view! { <steps::TestSteps attempt of=attempt.subject /> })}
                </aside>
            </div>
        </div>
    }
}

#[component]
fn Back() -> impl IntoView {
    view! {
        <a class="back" href=Page::Connection.href() data-testid="connection-back">
            <Glyph icon=Icon::Back />
            {connection::BACK}
        </a>
    }
}
