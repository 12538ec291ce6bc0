//! Asking the desk how it stands, and doing the small things: what they have in common, once.

use std::time::Duration;

use desk::commands::connections::Connections;
use desk::commands::lock::Lock;
use desk::commands::quick_status::{self, QuickStatus};
use desk::commands::unlock::Unlock;
use desk::commands::use_connection::{self, UseConnection};
use desk::commands::{Shown, connections, status};
use desk::{Command, Failure};
use domain::{ConnectionForm, ConnectionId, ErrorCode, Field};
use futures_util::future::join;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::clock;
use crate::host::{self, Done};
use crate::parts::note::Note;
use crate::parts::token_again;
use crate::route::{self, Route, SignStep};
use crate::state::{DeskState, organization};
use crate::tab_storage;
use crate::ui::focus;
use crate::words::session as words;

/// So often the desk is asked while nothing is done: it may have locked itself, or another window changed something.
const INTERVAL: Duration = Duration::from_secs(20);

/// A request that says nothing.
pub(crate) const NOTHING: &str = "{}";

impl DeskState {
    /// Asks the desk how it stands. The first answer fills the form.
    pub(crate) fn refresh(self) {
        spawn_local(self.ask());
    }

    /// Asks for the first time. What is known without waiting comes first, so that the page can be used before the disk
    /// and the keychain have answered; in the window, even before the page is drawn.
    pub(crate) fn first_ask(self) {
        match host::known_at_start() {
            Some(answer) => untrack(|| self.took(answer)),
            None => self.ask_quickly(),
        }
        self.refresh();
    }

    fn ask_quickly(self) {
        spawn_local(async move {
            // A failure is the whole answer's to tell. If that one is here first, this one knows less.
            if let Ok(answer) = host::call::<QuickStatus>(&quick_status::Request {}).await
                && self.status.with_untracked(Option::is_none)
            {
                self.took(answer);
            }
        });
    }

    /// The same as [`Self::refresh`], to its end.
    pub(crate) async fn ask(self) {
        join(self.ask_status(), self.ask_connections()).await;
    }

    async fn ask_status(self) {
        let turn = self.status_turns.ask();
        let answer = host::call::<status::Status>(&status::Request {}).await;
        if !self.status_turns.take(turn) {
            return;
        }
        match answer {
            Ok(answer) => {
                tab_storage::open();
                self.took(answer);
            }
            // Said once: a notice that is drawn anew is read out anew.
            Err(failure) if self.status_failure.with_untracked(|it| it.as_ref() == Some(&failure)) => {}
            Err(failure) => {
                if failure.code == ErrorCode::SessionEnded {
                    self.drop_ca();
                    // Who opens this tab next may be somebody else.
                    tab_storage::close();
                }
                self.status_failure.set(Some(failure));
            }
        }
    }

    async fn ask_connections(self) {
        let turn = self.connections_turns.ask();
        // Without an answer there is a notice already.
        if let Ok(answer) = host::call::<Connections>(&connections::Request {}).await
            && self.connections_turns.take(turn)
            && self.connections.with_untracked(|it| it.as_ref() != Some(&answer))
        {
            self.connections.set(Some(answer));
        }
    }

    /// Asks whenever the window is looked at again, and now and then.
    pub(crate) fn keep_asking(self) {
        let ask = move || {
            self.refresh();
            // The count of unresolved entries alone does not tell: another one may have been added.
            self.check_unknown();
        };
        let focused = window_event_listener(leptos::ev::focus, move |_| ask());
        let interval = set_interval_with_handle(ask, INTERVAL).ok();
        on_cleanup(move || {
            focused.remove();
            if let Some(it) = interval {
                it.clear();
            }
        });
    }

    fn took(self, mut answer: status::Response) {
        let before = self.in_use_now();
        clock::set(answer.now);
        self.follow_running(&answer);
        self.now.set(Some(answer.now));
        if self.status_failure.with_untracked(Option::is_some) {
            self.status_failure.set(None);
        }
        // The clock alone is no news: drawing everything again would take away focus and selection.
        if let Some(now) = self.status.with_untracked(|it| it.as_ref().map(|it| it.now)) {
            answer.now = now;
        }
        if self.status.with_untracked(|it| it.as_ref() == Some(&answer)) {
            return;
        }
        let locked =
            answer.locked && !self.status.with_untracked(|it| it.as_ref().is_some_and(|it| it.locked));
        let unsettled = self.status.with_untracked(|it| it.as_ref().map(|it| it.unsettled));
        let resolved = unsettled.is_some_and(|it| it != answer.unsettled);
        // Before the status: what draws itself because of it finds the form as it is to be.
        if locked {
            self.tests.forget_all();
            if before.is_some() {
                self.drop_ca();
            }
        }
        let after = answer.connection.clone();
        self.status.set(Some(answer));
        if let Some(after) = after {
            // A token that is forgotten later is not one that a lock took.
            if after.token.is_some() {
                self.token_wanted.set(false);
            }
            self.works_with(&after);
        }
        if resolved {
            self.check_unknown();
        }
    }

    /// The connection in use, as the desk says now.
    fn works_with(self, after: &Shown) {
        // The last one counts even when none was in use meanwhile, as after a removal.
        let before = self.form_for.get_untracked();
        self.form_for.set(Some(after.clone()));
        let first = before.is_none();
        let organization_before = before.as_ref().map(organization).unwrap_or_default();
        if let Some(before) = before {
            let another = before.id != after.id;
            if another || leads_elsewhere(&before, after) {
                let reviewing =
                    Route::current().sign == SignStep::Review && self.review.with_untracked(Option::is_some);
                self.changed_over.set(reviewing.then(|| (after.connection.name.clone(), another)));
                self.review.set(None);
                if another {
                    self.empty_for_another(&before, after);
                } else {
                    self.keep_for_edited(&before, after);
                }
            }
        }
        if self.sign_form.with_untracked(|it| it.organization == organization_before) {
            let organization = organization(after);
            if self.sign_form.with_untracked(|it| it.organization != organization) {
                self.sign_form.update(|it| it.organization = organization);
            }
        }
        if first {
            self.take_stored_form(after);
        }
        self.drop_foreign_result();
    }

    /// Does a small thing, asks how the desk stands then, and goes on with what came of it.
    pub(crate) fn act<C: Command>(self, body: Result<String, Failure>, then: impl FnOnce(Done) + 'static) {
        self.act_named(C::INFO.name, body, Box::new(then));
    }

    fn act_named(self, name: &'static str, body: Result<String, Failure>, then: Box<dyn FnOnce(Done)>) {
        if self.acting.get_untracked() {
            return;
        }
        self.begin();
        self.acting.set(true);
        spawn_local(async move {
            let done = match body {
                Ok(body) => host::act(name, &body).await,
                Err(failure) => Err(failure),
            };
            self.ask().await;
            self.acting.set(false);
            match done {
                Ok(done) => {
                    let notes = Note::all(&done);
                    let warning = notes.iter().find_map(Note::warning_title).map(str::to_owned);
                    // Beside what was said since it began, such as that a result gave way.
                    self.notes.update(|it| it.extend(notes));
                    then(done);
                    if let Some(title) = warning {
                        self.announcer.show_warning(&title);
                    }
                }
                Err(failure) => {
                    self.announcer.show_warning(failure.code.what());
                    self.failure.set(Some(failure));
                }
            }
        });
    }

    /// What the last action left to say is said.
    pub(crate) fn begin(self) {
        self.failure.set(None);
        self.notes.set(Vec::new());
    }

    /// Works with another connection from now on; `then` moves the focus on.
    pub(crate) fn use_connection(self, id: ConnectionId, then: impl FnOnce() + 'static) {
        let body = host::write(&use_connection::Request { id });
        self.act::<UseConnection>(body, move |done| {
            if let Some(it) = done.shown {
                self.announcer.say(&words::in_use(&it.connection.name));
            }
            then();
        });
    }

    /// Takes the secrets out of the memory. The notice says so, and takes the focus from a form that goes on as it is.
    pub(crate) fn lock(self) {
        self.act::<Lock>(Ok(NOTHING.to_owned()), |_| focus::soon("#locked button"));
    }

    /// Reads the secrets back. Where there is no token to read, it is entered on the page that is open: what is half filled
    /// in stays in sight.
    pub(crate) fn unlock(self) {
        self.act::<Unlock>(Ok(NOTHING.to_owned()), move |done| {
            if done.token_held == Some(true) {
                self.announcer.say(words::UNLOCKED);
                focus::soon("#main h1");
            } else {
                self.announcer.warn(words::UNLOCKED_NO_TOKEN);
                self.token_wanted.set(true);
                let own = self.in_use_now().map(|it| it.id.as_str().to_owned());
                let form_is_open = own.is_some() && Route::current().form == own;
                focus::on_arrival(if form_is_open { Field::Token.id() } else { token_again::FIELD });
            }
        });
    }

    /// Opens the form of the connection in use, with the focus in a field.
    pub(crate) fn go_to_connection(self, field: Field) {
        if field == Field::Token && token_again::focus_field() {
            return;
        }
        route::go_to(&self.token_href(), false);
        focus::on_arrival(field.id());
    }

    /// Where the token of the connection in use is typed; with none in use, where one is chosen, or the first one made.
    pub(crate) fn token_href(self) -> String {
        let any = self.connections.with(|it| it.as_ref().is_some_and(|it| !it.connections.is_empty()));
        match self.in_use() {
            Some(it) => route::form_href(it.id.as_str()),
            None if any => route::Page::Connection.href().to_owned(),
            None => route::form_href(route::NEW),
        }
    }

    /// Whether there are secrets in the memory that could be locked away, as far as the page can tell.
    pub(crate) fn lockable(self) -> bool {
        self.status.with(|it| it.as_ref().is_some_and(|it| !it.locked && it.connection.is_some()))
    }

    /// Whether it is locked.
    pub(crate) fn locked(self) -> bool {
        self.status.with(|it| it.as_ref().is_some_and(|it| it.locked))
    }
}

/// Whether a review of one is out of date for the other: another server, another way there, or something else that verifies it.
fn leads_elsewhere(before: &Shown, after: &Shown) -> bool {
    let relied_on = |it: &Shown| {
        let form = ConnectionForm::from(it.connection.clone());
        (form.server, form.ca, form.pin, form.proxy, form.environment)
    };
    relied_on(before) != relied_on(after)
}
