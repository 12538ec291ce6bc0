//! Asking the desk how it stands, and doing the small things: what they have in common, once.

use std::time::Duration;

use desk::commands::connections::Connections;
use desk::commands::lock::Lock;
use desk::commands::quick_status::{self, QuickStatus};
use desk::commands::unlock::Unlock;
use desk::commands::use_connection::{self, UseConnection};
use desk::commands::{connections, status};
use desk::{Command, Failure};
use domain::ConnectionId;
use futures_util::future::join;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host::{self, Done};
use crate::parts::note::Note;
use crate::route;
use crate::state::{DeskState, Step, organization};
use crate::ui::focus;
use crate::ui::live::Announcer;
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

    /// Asks for the first time. What is known without waiting comes at once, so that the page can be used before the disk
    /// and the keychain have answered.
    pub(crate) fn first_ask(self) {
        spawn_local(async move {
            // A failure is the whole answer's to tell. If that one is here first, this one knows less.
            if let Ok(answer) = host::call::<QuickStatus>(&quick_status::Request {}).await
                && self.status.with_untracked(Option::is_none)
            {
                self.took(answer);
            }
        });
        self.refresh();
    }

    /// The same as [`Self::refresh`], to its end.
    pub(crate) async fn ask(self) {
        join(self.ask_status(), self.ask_connections()).await;
    }

    async fn ask_status(self) {
        match host::call::<status::Status>(&status::Request {}).await {
            Ok(answer) => self.took(answer),
            // Said once: a notice that is drawn anew is read out anew.
            Err(failure) if self.status_failure.with_untracked(|it| it.as_ref() == Some(&failure)) => {}
            Err(failure) => self.status_failure.set(Some(failure)),
        }
    }

    async fn ask_connections(self) {
        // Without an answer there is a notice already.
        if let Ok(answer) = host::call::<Connections>(&connections::Request {}).await
            && self.connections.with_untracked(|it| it.as_ref() != Some(&answer))
        {
            self.connections.set(Some(answer));
        }
    }

    /// Asks whenever the window is looked at again, and now and then.
    pub(crate) fn keep_asking(self) {
        let focused = window_event_listener(leptos::ev::focus, move |_| self.refresh());
        let interval = set_interval_with_handle(move || self.refresh(), INTERVAL).ok();
        on_cleanup(move || {
            focused.remove();
            if let Some(it) = interval {
                it.clear();
            }
        });
    }

    fn took(self, mut answer: status::Response) {
        let before = self.in_use_now();
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
        self.status.set(Some(answer));
        let Some(after) = self.in_use_now() else { return };
        let same =
            |it: &desk::commands::Shown| it.id == after.id && it.connection.server == after.connection.server;
        let organization_before = before.as_ref().map(organization).unwrap_or_default();
        if self.sign_form.with_untracked(|it| it.organization == organization_before) {
            self.sign_form.update(|it| it.organization = organization(&after));
        }
        let reviewing = self.step.with_untracked(|it| matches!(it, Step::Review(_)));
        if reviewing && !before.as_ref().is_some_and(same) {
            self.changed_over.set(Some(after.connection.name));
            self.step.set(Step::Form);
        }
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
                    self.notes.set(Note::all(&done));
                    then(done);
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// What the last action left to say is said.
    pub(crate) fn begin(self) {
        self.failure.set(None);
        self.notes.set(Vec::new());
    }

    /// Works with another connection from now on.
    pub(crate) fn use_connection(self, announcer: Announcer, id: ConnectionId) {
        let body = host::write(&use_connection::Request { id });
        self.act::<UseConnection>(body, move |done| {
            if let Some(it) = done.shown {
                announcer.say(&words::in_use(&it.connection.name));
            }
        });
    }

    /// Takes the secrets out of the memory. The notice says so, and takes the focus from a form that goes on as it is.
    pub(crate) fn lock(self) {
        self.act::<Lock>(Ok(NOTHING.to_owned()), |_| focus::soon("#locked button"));
    }

    /// Reads the secrets back. Where there is no token to read, it has to be typed.
    pub(crate) fn unlock(self, announcer: Announcer) {
        self.act::<Unlock>(Ok(NOTHING.to_owned()), move |done| {
            if done.token_held == Some(true) {
                announcer.say(words::UNLOCKED);
                focus::soon("#main h1");
            } else {
                announcer.say(words::UNLOCKED_NO_TOKEN);
                self.go_to_token();
            }
        });
    }

    /// Goes to where the token of the connection in use is typed.
    pub(crate) fn go_to_token(self) {
        route::go_to(&self.token_href(), false);
        focus::on_arrival("token");
    }

    /// Where the token of the connection in use is typed, or the first connection made.
    pub(crate) fn token_href(self) -> String {
        route::form_href(self.in_use().as_ref().map_or(route::NEW, |it| it.id.as_str()))
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
