//! What the page does: opens a form, hands it in, and tests. How it is saved is in `save`.

use desk::Failure;
use desk::commands::forget_secret::{self, ForgetSecret};
use desk::commands::forget_token::{self, ForgetToken};
use desk::commands::test_connection::{self, TestConnection};
use desk::commands::{KeychainState, SecretKind, Shown};
use domain::{Change, ConnectionForm, ConnectionId, ErrorCode, Field, Problem};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Element;

use super::save::{Sent, value};
use crate::form_draft::FormDraft;
use crate::host;
use crate::parts::problems::{Problems, field_of};
use crate::route::{self, NEW};
use crate::state::DeskState;
use crate::tested::Last;
use crate::ui::focus;
use crate::ui::live::Announcer;
use crate::words::connection;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing.
    Idle,
    /// The connection is being saved.
    Saving,
    /// The connection is being tested.
    Testing,
}

/// Where the verdict of a test stands, and the step that it names.
const VERDICT: &str = "#verdict";
const FAILED_STEP: &str = "[data-testid='test-steps'] [data-state='failed']";

/// The secrets of a connection: the token, and two others.
pub(super) const SECRETS: [(Option<SecretKind>, Field); 3] = [
    (None, Field::Token),
    (Some(SecretKind::ClientPassphrase), Field::ClientPassphrase),
    (Some(SecretKind::ProxyPassword), Field::ProxyPassword),
];

/// The page's own state: what came of the last attempt.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub(super) state: DeskState,
    pub(super) announcer: Announcer,
    pub(super) problems: Problems,
    pub(super) handed_in: RwSignal<bool>,
    pub(super) phase: RwSignal<Phase>,
    /// The connection that the page is about: the one whose form is open, beside the list the one in use.
    pub(super) subject: Memo<Option<ConnectionId>>,
    pub(super) failure: RwSignal<Option<Failure>>,
    /// Whether secrets that are typed are to be kept in the keychain, if it can be used.
    pub(super) keep: RwSignal<bool>,
    /// Whether the parts that few need are unfolded.
    pub(super) advanced: RwSignal<bool>,
    /// The inputs of [`SECRETS`]: their texts live there and nowhere else.
    pub(super) inputs: [NodeRef<Input>; 3],
    /// Whether a secret is typed that was not handed over yet; never its text.
    pub(super) secret_typed: RwSignal<bool>,
    /// What was done to the token that is typed; empty when its input is.
    pub(super) token_remarks: RwSignal<Vec<Change>>,
}

impl Attempt {
    pub(super) fn new(is_form: Memo<bool>) -> Self {
        let state = expect_context::<DeskState>();
        let subject = Memo::new(move |_| match is_form.get() {
            true => state.form_of.get().flatten(),
            false => state.in_use().map(|it| it.id),
        });
        let handed_in = RwSignal::new(false);
        let own = Memo::new(move |_| state.connection_form.with(|it| it.check().err().unwrap_or_default()));
        let inputs = [NodeRef::new(), NodeRef::new(), NodeRef::new()];
        let (secret_typed, token_remarks) = (RwSignal::new(false), RwSignal::new(Vec::new()));
        let attempt = Self {
            state,
            announcer: state.announcer,
            problems: Problems::new(own.into(), handed_in),
            handed_in,
            phase: RwSignal::new(Phase::Idle),
            subject,
            failure: RwSignal::new(None),
            keep: RwSignal::new(true),
            advanced: RwSignal::new(state.connection_form.with_untracked(super::advanced::is_used)),
            inputs,
            secret_typed,
            token_remarks,
        };
        attempt.empty_when_locked();
        attempt.follow_stored();
        attempt
    }

    /// Another window or a terminal can store the connection whose form is open. While it is saved here, its own answer
    /// says how it is stored.
    fn follow_stored(self) {
        let stored = Memo::new(move |_| {
            (self.phase.get() != Phase::Saving).then(|| self.shown()).flatten().map(|it| it.connection)
        });
        Effect::new(move || {
            if let Some(it) = stored.get() {
                self.state.form_is_stored_as(it.into());
            }
        });
    }

    /// What was typed and not handed over yet is a secret too.
    fn empty_when_locked(self) {
        let locked = Memo::new(move |_| self.state.locked());
        Effect::new(move || {
            if locked.get() {
                self.empty_secrets();
            }
        });
    }

    fn empty_secrets(self) {
        self.inputs.iter().filter_map(|it| it.get_untracked()).for_each(|it| it.set_value(""));
        self.token_remarks.set(Vec::new());
        self.secret_typed.set(false);
    }

    /// A secret is being typed, or its field emptied.
    pub(super) fn secret_changed(self) {
        // The page may be gone by now.
        let typed = |it: &NodeRef<Input>| value(*it).is_some_and(|it| !it.is_empty());
        let _ = self.secret_typed.try_set(self.inputs.iter().any(typed));
    }

    /// Whether the form that is open holds something that is not saved.
    pub(super) fn is_unsaved(self) -> bool {
        self.secret_typed.get() || self.state.form_unsaved()
    }

    pub(super) fn busy(self) -> bool {
        self.phase.get() != Phase::Idle || self.state.tests.any_running()
    }

    /// The connection with an id, as the desk last said.
    pub(super) fn saved(self, id: &ConnectionId) -> Option<Shown> {
        self.state.connections.with(|it| it.as_ref()?.connections.iter().find(|it| it.id == *id).cloned())
    }

    /// The connection that the page is about, as the desk last said.
    pub(super) fn about(self) -> Option<Shown> {
        self.subject.get().and_then(|id| self.saved(&id))
    }

    /// The connection whose form is open; none for a new one.
    pub(super) fn shown(self) -> Option<Shown> {
        self.state.form_of.get().flatten().and_then(|id| self.saved(&id))
    }

    /// What the form is called.
    pub(super) fn title(self) -> String {
        match self.shown() {
            Some(it) => connection::edit_title(&it.connection.name),
            None => connection::ADD_TITLE.to_owned(),
        }
    }

    /// Opens the form of a connection as it is saved, or as it was left with something typed into it; the one that is open
    /// already stays as typed.
    pub(super) fn open(self, name: &str) {
        let wanted = ConnectionId::parse(name).ok().filter(|_| name != NEW);
        if self.state.form_of.with(|it| it.as_ref() == Some(&wanted)) {
            return;
        }
        let form = match &wanted {
            None => ConnectionForm::default(),
            Some(id) => match self.saved(id) {
                Some(it) => it.connection.into(),
                // Not answered yet, or gone since.
                None if self.state.connections.with(Option::is_none) => return,
                None => return route::go(route::Page::Connection),
            },
        };
        self.handed_in.set(false);
        // The inputs of another form went with their texts.
        self.secret_typed.set(false);
        self.state.open_form(wanted, form);
        self.advanced.set(self.state.connection_form.with_untracked(super::advanced::is_used));
    }

    /// Puts back what is saved of the connection whose form is open.
    pub(super) fn discard(self) {
        self.handed_in.set(false);
        self.failure.set(None);
        self.problems.forget_told();
        self.empty_secrets();
        let saved =
            untrack(|| self.shown()).map(|it| ConnectionForm::from(it.connection)).unwrap_or_default();
        self.state.show_draft(FormDraft::untouched(saved));
        self.announcer.say(connection::DISCARDED);
        focus::soon("#main h1");
    }

    /// How the last test of a connection stands.
    pub(super) fn last_test(self, id: &ConnectionId) -> Last {
        self.saved(id).map_or(Last::None, |it| self.state.tests.of(&it))
    }

    /// Whether a connection is being tested.
    pub(super) fn is_testing(self, id: &ConnectionId) -> bool {
        self.state.tests.is_running(id)
    }

    fn begin(self, phase: Phase) -> bool {
        // A test goes on while another page is open.
        if untrack(|| self.busy()) {
            return false;
        }
        self.failure.set(None);
        self.state.begin();
        self.phase.set(phase);
        true
    }

    fn end(self, result: Result<(), Failure>, started_at: Option<Element>) {
        let failed = result.is_err();
        if let Err(failure) = result {
            self.show(failure);
        }
        // The page may be gone by now.
        if self.phase.try_set(Phase::Idle).is_none() && !failed && focus::is_still(started_at.as_ref()) {
            focus::show(VERDICT, FAILED_STEP);
        }
        self.state.refresh();
    }

    /// Tests a connection. Which one is in use does not change.
    pub(super) fn test(self, id: ConnectionId) {
        if self.begin(Phase::Testing) {
            let started_at = document().active_element();
            spawn_local(async move { self.end(self.run_test(id).await, started_at) });
        }
    }

    /// Saves the connection, hands over the secrets that were typed, and tests all of it.
    pub(super) fn save_and_test(self) {
        if !self.problems.hand_in() {
            self.reveal(&untrack(|| self.problems.all()));
            return;
        }
        if self.begin(Phase::Saving) {
            let started_at = document().active_element();
            let sent = Sent::new(self);
            spawn_local(async move { self.end(self.save(sent).await, started_at) });
        }
    }

    pub(super) async fn run_test(self, id: ConnectionId) -> Result<(), Failure> {
        let tests = self.state.tests;
        let begun = tests.begin(&id);
        let request = test_connection::Request { connection: Some(id.clone()) };
        let answer = host::call::<TestConnection>(&request).await;
        // A test can learn that the keychain does not give a secret.
        self.state.ask().await;
        tests.end();
        let answer = answer?;
        if let Some(shown) = untrack(|| self.saved(&id)) {
            let name = &shown.connection.name;
            // Nothing is signed with a connection that another program removed during the test.
            let good = answer.good() && !shown.removed;
            if !tests.keep(begun, answer, &shown) {
                // The page shows no result either.
            } else {
                self.announcer.say_or_warn(good, &connection::tested(name, good));
            }
        }
        Ok(())
    }

    /// Unfolds what hides one of the problems.
    fn reveal(self, problems: &[Problem]) {
        if problems.iter().any(|it| super::advanced::FIELDS.contains(&it.field)) {
            // The page may be gone by now.
            let _ = self.advanced.try_set(true);
        }
    }

    /// At its field where it has one, above the form otherwise.
    pub(super) fn show(self, failure: Failure) {
        if !failure.problems.is_empty() {
            self.reveal(&failure.problems);
            self.problems.tell(failure.problems);
        } else if let Some(field) = field_of(failure.code) {
            self.problems.tell(vec![Problem::new(field, failure.code)]);
        } else {
            self.announcer.show_warning(failure.code.what());
            let _ = self.failure.try_set(Some(failure));
        }
    }

    /// Why the keychain cannot be used, if so.
    pub(super) fn unusable(self) -> Option<ErrorCode> {
        self.state.status.with(|it| match it.as_ref()?.keychain {
            KeychainState::Unusable(code) => Some(code),
            KeychainState::Usable | KeychainState::NotAsked => None,
        })
    }

    /// Forgets a secret of the connection whose form is open.
    pub(super) fn forget(self, kind: Option<SecretKind>) {
        let connection = self.state.form_of.get_untracked().flatten();
        let announcer = self.announcer;
        match kind {
            None => {
                let body = host::write(&forget_token::Request { connection });
                self.state.act::<ForgetToken>(body, move |_| {
                    announcer.say(connection::TOKEN_FORGOTTEN_NOW);
                    // The button is gone with the token.
                    focus::soon(["#", Field::Token.id()].concat());
                });
            }
            Some(kind) => {
                let body = host::write(&forget_secret::Request { connection, kind });
                let field = SECRETS.iter().find(|(it, _)| *it == Some(kind)).map(|(_, field)| field.id());
                self.state.act::<ForgetSecret>(body, move |_| {
                    announcer.say(connection::SECRET_FORGOTTEN_NOW);
                    focus::soon(["#", field.unwrap_or_default()].concat());
                });
            }
        }
    }
}
