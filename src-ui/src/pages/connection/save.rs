//! Saves a connection form and hands over the secrets that were typed. While the desk answers, a person may type on or open
//! another form: what is handed in is what the fields held when the button was pressed.

use desk::commands::save_connection::{self, SaveConnection};
use desk::{Command, Failure};
use domain::{ConnectionForm, ConnectionId, ErrorCode};
use leptos::html::Input;
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::attempt::{Attempt, Phase, SECRETS};
use crate::host;
use crate::parts::note::Note;
use crate::route::{self, NEW};
use crate::words::connection;

/// What is handed in, as it was when the button was pressed: the fields may hold something else when the desk answers.
pub(super) struct Sent {
    /// The connection whose form it is; none for a new one.
    of: Option<ConnectionId>,
    form: ConnectionForm,
    /// In the order of [`SECRETS`]; empty ones are not typed.
    secrets: [Zeroizing<String>; 3],
}

impl Sent {
    pub(super) fn new(attempt: Attempt) -> Self {
        Self {
            of: attempt.state.form_of.get_untracked().flatten(),
            form: attempt.state.connection_form.get_untracked(),
            secrets: attempt.inputs.map(|it| value(it).unwrap_or_default()),
        }
    }
}

/// What is typed into an input; none when the page does not have it.
pub(super) fn value(input: NodeRef<Input>) -> Option<Zeroizing<String>> {
    input.try_get_untracked().flatten().map(|it| Zeroizing::new(it.value()))
}

impl Attempt {
    pub(super) async fn save(self, sent: Sent) -> Result<(), Failure> {
        let Sent { of, form, secrets } = sent;
        let keep = self.keep.get_untracked() && untrack(|| self.unusable()).is_none();
        let body =
            host::write(&save_connection::Request { id: of.clone(), form: form.clone(), use_it: false })?;
        let mut done = match host::act(SaveConnection::INFO.name, &body).await {
            Ok(done) => done,
            Err(failure) => return self.unless_left(&of, &form.name, failure),
        };
        let shown = done.shown.take().ok_or_else(|| Failure::new(ErrorCode::Internal))?;
        let (id, name) = (shown.id.clone(), shown.connection.name.clone());
        match done.not_saved {
            None => self.announcer.say(&connection::saved(&name)),
            // Its note is an alert of its own.
            Some(code) => self.announcer.show_warning(code.what()),
        }
        let server = shown.connection.server.to_string();
        self.state.was_stored(&shown);
        self.state.form_is_saved(of.clone(), &form, id.clone(), shown.connection.into());
        let open = Some(Some(id.clone()));
        let is_open = || self.state.form_of.with_untracked(|it| *it == open);
        // Before anything else is waited for: the address of a new connection opens an empty form.
        if of.is_none() && is_open() && route::Route::current().form.is_some_and(|it| it == NEW) {
            route::go_to(&route::form_href(id.as_str()), true);
        }
        // After the server is saved: a change of server forgets the secrets that were there.
        let mut handed = Ok(());
        for (((kind, _), input), text) in SECRETS.into_iter().zip(self.inputs).zip(secrets) {
            // A lock empties the fields: what was typed before it does not come into the memory after it.
            if text.is_empty() || untrack(|| self.state.locked()) {
                continue;
            }
            // Emptied immediately, unless something else is typed by now, or the field is that of another connection.
            if is_open() && value(input).is_some_and(|it| *it == *text) {
                if let Some(it) = input.try_get_untracked().flatten() {
                    it.set_value("");
                }
                self.secret_changed();
                if kind.is_none() {
                    // The page may be gone by now.
                    let _ = self.token_remarks.try_set(Vec::new());
                }
            }
            match host::provide_secret(&id, &server, kind, &text, keep).await {
                Ok(not_kept) => {
                    self.state.tests.forget(&id);
                    done.not_kept = done.not_kept.or(not_kept);
                    done.token_forgotten &= kind.is_some();
                }
                Err(failure) => handed = Err(failure),
            }
        }
        self.state.notes.set(Note::all(&done));
        self.state.ask().await;
        if let Err(failure) = handed {
            return self.unless_left(&Some(id), &name, failure);
        }
        let _ = self.phase.try_set(Phase::Testing);
        self.run_test(id).await
    }

    /// The failure, for the form that it is about; where another form is open by now, it is only said.
    fn unless_left(self, of: &Option<ConnectionId>, name: &str, failure: Failure) -> Result<(), Failure> {
        if self.state.form_of.with_untracked(|it| it.as_ref().is_none_or(|it| it == of)) {
            return Err(failure);
        }
        self.announcer.show_warning(&connection::not_saved(name, failure.code));
        Ok(())
    }
}
