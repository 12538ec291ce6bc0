//! What the page holds while it lives: the desk's status, both forms as typed, the review, and the last signing.
//!
//! How the desk is asked and what follows from its answers is in `session`; how a signing goes, in `signing`.
//!
//! Held at the root so that going to another page and back loses nothing, least of all the result of a signing.
//! Never holds a token: that goes from its field straight to the host.

use std::sync::Arc;

use desk::Failure;
use desk::commands::{Shown, connections, review, status};
use domain::{ConnectionForm, ConnectionId, Environment, SignForm, SignType, Timestamp};
use leptos::prelude::*;

use crate::drafts::Drafts;
use crate::end_date::TypedDate;
use crate::form_draft::FormDraft;
use crate::parts::note::Note;
use crate::route::{self, Page};
use crate::running::Elsewhere;
use crate::signing::Signing;
use crate::stored_form::TypedFor;
use crate::tested::Tests;
use crate::turns::Turns;
use crate::ui::live::Announcer;
use crate::{clock, host};

/// Where something is signed, so that nobody takes one place for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The connection's name.
    pub(crate) name: String,
    /// What is signed there.
    pub(crate) environment: Environment,
}

impl From<&Shown> for Place {
    fn from(it: &Shown) -> Self {
        Self { name: it.connection.name.clone(), environment: it.connection.environment }
    }
}

/// A signing that was reviewed, and the one decision it stands for.
#[derive(Debug)]
pub(crate) struct Reviewed {
    /// The id of the decision, made when the review was shown: sent twice, it is one POST.
    pub(crate) intent: String,
    /// The form as it was reviewed.
    pub(crate) form: SignForm,
    /// What the desk says would happen.
    pub(crate) answer: review::Response,
    /// Where it would happen.
    pub(crate) place: Option<Place>,
}

impl Reviewed {
    /// Asks the desk for the review of a form, and makes the id of the decision it leads to.
    pub(crate) async fn ask(state: DeskState, form: SignForm) -> Result<Self, Failure> {
        let place = state.place_now();
        let request = review::Request { form };
        let answer = host::call::<review::Review>(&request).await?;
        let intent = clock::uuid().map_err(Failure::new)?;
        Ok(Self { intent, form: request.form, answer, place })
    }
}

/// The page's state; a handful of signals that live as long as the page.
#[derive(Clone, Copy)]
pub(crate) struct DeskState {
    /// The status line.
    pub(crate) announcer: Announcer,
    /// What the desk last said of itself; none before its first answer.
    pub(crate) status: RwSignal<Option<status::Response>>,
    /// Why the last question for it failed, if it did.
    pub(crate) status_failure: RwSignal<Option<Failure>>,
    /// The clock of the computer on which the program runs, when it last answered.
    pub(crate) now: RwSignal<Option<Timestamp>>,
    /// The saved connections; none before the first answer.
    pub(crate) connections: RwSignal<Option<connections::Response>>,
    /// Whether a small action is under way.
    pub(crate) acting: RwSignal<bool>,
    /// Why the last small action failed, if it did.
    pub(crate) failure: RwSignal<Option<Failure>>,
    /// What came of the last small action, beyond what can be seen.
    pub(crate) notes: RwSignal<Vec<Note>>,
    /// Whether an unlock brought no token back, so that it has to be entered again.
    pub(crate) token_wanted: RwSignal<bool>,
    /// The connection in use since a review was closed because of it, and whether that is another one than was reviewed.
    pub(crate) changed_over: RwSignal<Option<(String, bool)>>,
    /// The connection as typed.
    pub(crate) connection_form: RwSignal<ConnectionForm>,
    /// The same before anything was typed: as it was opened or saved last.
    pub(crate) form_before: RwSignal<ConnectionForm>,
    /// Whether the stored connection changed while something was typed into its form.
    pub(crate) form_changed: RwSignal<bool>,
    /// Which connection that is: none, a new one, or one with an id.
    pub(crate) form_of: RwSignal<Option<Option<ConnectionId>>>,
    /// What was typed elsewhere and is not stored yet.
    pub(crate) drafts: Drafts,
    /// The filter of the history, as the address of its list says it.
    pub(crate) history_query: RwSignal<String>,
    /// The signing as typed.
    pub(crate) sign_form: RwSignal<SignForm>,
    /// Its end date as typed; none when only the days were typed.
    pub(crate) end_date: RwSignal<Option<TypedDate>>,
    /// Whether the form was handed in, so that everything missing is named.
    pub(crate) handed_in: RwSignal<bool>,
    /// The days of the last leaf certificate that was handed in for signing; empty before the first one. They replace the
    /// days of a CA.
    pub(crate) leaf_days: RwSignal<String>,
    /// The days at the moment when a person turned the CA switch on. They come back only when the person turns it off.
    pub(crate) days_before_ca: RwSignal<Option<String>>,
    /// The connection that the form is filled in for: the last one that was in use.
    pub(crate) form_for: RwSignal<Option<Shown>>,
    /// What was typed for connections that are not in use.
    pub(crate) forms: StoredValue<Vec<TypedFor>>,
    /// Why the form is not as it was left, if so.
    pub(crate) form_note: RwSignal<Option<FormNote>>,
    /// Why the reviewed request is signed again, as typed.
    pub(crate) again: RwSignal<String>,
    /// The form that this reason was typed for.
    pub(crate) again_for: StoredValue<Option<SignForm>>,
    /// The review that is open.
    pub(crate) review: RwSignal<Option<Arc<Reviewed>>>,
    /// The intent of the review that calls an earlier signing unknown, though a person resolved it since.
    pub(crate) review_resolved: RwSignal<Option<String>>,
    /// The signing that this page saw last.
    pub(crate) signing: RwSignal<Option<Signing>>,
    /// The signings that were begun elsewhere, running or ended since.
    pub(crate) elsewhere: RwSignal<Vec<Elsewhere>>,
    /// The last test of each connection.
    pub(crate) tests: Tests,
    /// The questions how the desk stands, and which connections it has.
    pub(crate) status_turns: Turns,
    pub(crate) connections_turns: Turns,
}

impl DeskState {
    /// An empty desk.
    pub(crate) fn new(announcer: Announcer) -> Self {
        Self {
            announcer,
            status: RwSignal::new(None),
            status_failure: RwSignal::new(None),
            now: RwSignal::new(None),
            connections: RwSignal::new(None),
            acting: RwSignal::new(false),
            failure: RwSignal::new(None),
            notes: RwSignal::new(Vec::new()),
            token_wanted: RwSignal::new(false),
            changed_over: RwSignal::new(None),
            connection_form: RwSignal::new(ConnectionForm::default()),
            form_before: RwSignal::new(ConnectionForm::default()),
            form_changed: RwSignal::new(false),
            form_of: RwSignal::new(None),
            drafts: Drafts::new(),
            history_query: RwSignal::new(String::new()),
            sign_form: RwSignal::new(empty_sign_form()),
            end_date: RwSignal::new(None),
            handed_in: RwSignal::new(false),
            leaf_days: RwSignal::new(String::new()),
            days_before_ca: RwSignal::new(None),
            form_for: RwSignal::new(None),
            forms: StoredValue::new(Vec::new()),
            form_note: RwSignal::new(None),
            again: RwSignal::new(String::new()),
            again_for: StoredValue::new(None),
            review: RwSignal::new(None),
            review_resolved: RwSignal::new(None),
            signing: RwSignal::new(None),
            elsewhere: RwSignal::new(Vec::new()),
            tests: Tests::new(),
            status_turns: Turns::new(),
            connections_turns: Turns::new(),
        }
    }

    /// The connection in use, as the desk last said.
    pub(crate) fn in_use(self) -> Option<Shown> {
        self.status.with(|it| it.as_ref()?.connection.clone())
    }

    /// The same at this moment.
    pub(crate) fn in_use_now(self) -> Option<Shown> {
        untrack(|| self.in_use())
    }

    /// The servers of the saved connections that are marked as production. A history names servers only.
    pub(crate) fn production_servers(self) -> Memo<Vec<String>> {
        let server = |it: &Shown| it.connection.server.to_string();
        let is_production = |it: &&Shown| it.connection.environment == Environment::Production;
        Memo::new(move |_| {
            self.connections.with(|all| {
                let all = all.iter().flat_map(|it| &it.connections);
                all.filter(is_production).map(server).collect()
            })
        })
    }

    /// The saved production connection of a server, if there is one.
    pub(crate) fn production_at(self, server: &str) -> Option<Place> {
        let server = domain::BaseUrl::canonical(server);
        self.connections.with(|all| {
            let mut all = all.iter().flat_map(|it| &it.connections).map(Shown::clone);
            let it = all.find(|it| {
                it.connection.environment == Environment::Production
                    && it.connection.server.to_string() == server
            })?;
            Some(Place::from(&it))
        })
    }

    /// Where a signing would happen now.
    pub(crate) fn place_now(self) -> Option<Place> {
        self.in_use_now().as_ref().map(Place::from)
    }

    /// Whether the connection form that is open holds something that is not saved.
    pub(crate) fn form_unsaved(self) -> bool {
        self.form_of.with(Option::is_some)
            && self.connection_form.with(|form| self.form_before.with(|before| form != before))
    }

    /// The connection form that is open, as it is typed now.
    fn draft_now(self) -> FormDraft {
        FormDraft {
            before: self.form_before.get_untracked(),
            form: self.connection_form.get_untracked(),
            changed: self.form_changed.get_untracked(),
        }
    }

    /// Shows a draft in the form that is open. What stays as it is is not drawn again.
    pub(crate) fn show_draft(self, FormDraft { before, form, changed }: FormDraft) {
        if self.form_before.with_untracked(|it| *it != before) {
            self.form_before.set(before);
        }
        if self.connection_form.with_untracked(|it| *it != form) {
            self.connection_form.set(form);
        }
        if self.form_changed.get_untracked() != changed {
            self.form_changed.set(changed);
        }
    }

    /// Opens the form of a connection as it is stored, with what was typed there before and not saved; none for a new one.
    pub(crate) fn open_form(self, of: Option<ConnectionId>, stored: ConnectionForm) {
        self.close_form();
        let draft = match self.drafts.take_form(of.as_ref()) {
            Some(it) => it.over(stored),
            None => FormDraft::untouched(stored),
        };
        self.show_draft(draft);
        self.form_of.set(Some(of));
    }

    /// Closes the connection form. What is typed there and not saved comes back when the form of that connection is opened
    /// again.
    pub(crate) fn close_form(self) {
        if let Some(of) = self.form_of.get_untracked() {
            self.drafts.keep_form(of, self.draft_now());
            self.form_of.set(None);
        }
    }

    /// The connection whose form is open is stored like this now, by this page or another program.
    pub(crate) fn form_is_stored_as(self, stored: ConnectionForm) {
        self.show_draft(self.draft_now().over(stored));
    }

    /// The form of `opened` was saved as `of`: `sent` is what was handed in, `stored` what the desk made of it. What was typed
    /// since stays, also when another form is open by now.
    pub(crate) fn form_is_saved(
        self,
        opened: Option<ConnectionId>,
        sent: &ConnectionForm,
        of: ConnectionId,
        stored: ConnectionForm,
    ) {
        if self.form_of.with_untracked(|it| it.as_ref() == Some(&opened)) {
            self.show_draft(self.draft_now().after_saving(sent, stored));
            self.form_of.set(Some(Some(of)));
        } else if let Some(it) = self.drafts.take_form(opened.as_ref()) {
            let rest = it.after_saving(sent, stored);
            if rest.is_unsaved() {
                self.drafts.keep_form(Some(of), rest);
            }
        }
    }

    /// A connection was stored by this page: it counts from now on, and answers to earlier questions do not.
    pub(crate) fn was_stored(self, shown: &Shown) {
        self.connections_turns.drop_asked();
        if self.connections.with_untracked(Option::is_none) {
            return;
        }
        self.connections.update(|all| {
            let Some(all) = all else { return };
            match all.connections.iter_mut().find(|it| it.id == shown.id) {
                Some(it) => *it = shown.clone(),
                None => all.connections.push(shown.clone()),
            }
        });
    }

    /// The address to which the navigation leads. The list of the history comes with the filter that it was left with.
    pub(crate) fn page_href(self, page: Page, from: Page) -> String {
        match page {
            Page::History if from != Page::History => self.history_query.with(|it| route::history_href(it)),
            _ => page.href().to_owned(),
        }
    }

    /// Whether a review can be asked for, and if not, why.
    pub(crate) fn obstacle(self) -> Option<Obstacle> {
        self.status.with(obstacle)
    }

    /// The same at this moment.
    pub(crate) fn obstacle_now(self) -> Option<Obstacle> {
        self.status.with_untracked(obstacle)
    }
}

fn obstacle(status: &Option<status::Response>) -> Option<Obstacle> {
    match status {
        None => Some(Obstacle::Waiting),
        Some(it) if it.journal_problem.is_some() => Some(Obstacle::NoRecord),
        Some(it) if !it.findings.is_empty() => Some(Obstacle::Findings),
        Some(it) if it.connection.is_none() => Some(Obstacle::NoConnection),
        Some(it) if it.connection.as_ref().is_some_and(|it| it.removed) => Some(Obstacle::Removed),
        Some(it) if it.locked => Some(Obstacle::Locked),
        Some(it) if !it.token_held() => Some(Obstacle::NoToken),
        Some(_) => None,
    }
}

/// Why nothing can be reviewed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The desk has not answered yet.
    Waiting,
    /// The record cannot be written.
    NoRecord,
    /// A person has to acknowledge what was found out about the history.
    Findings,
    /// No server is set.
    NoConnection,
    /// Another program removed the connection in use.
    Removed,
    /// The secrets have left the memory.
    Locked,
    /// No token is held.
    NoToken,
}

/// The organization that a signing form starts with.
pub(crate) fn organization(shown: &Shown) -> String {
    shown.connection.organization.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// A form with nothing but the sign type.
pub(crate) fn empty_sign_form() -> SignForm {
    SignForm { sign_type: SignType::default().as_str().to_owned(), ..SignForm::default() }
}

/// Why the signing form is not as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FormNote {
    /// The CA switch went off, and its days with it.
    CaOff,
    /// A person emptied it.
    Cleared,
    /// It was emptied, because it was filled in for the connection of this name.
    TypedForAnother(String),
    /// It holds what was typed before for the connection of this name, which is in use again.
    TypedBefore(String),
    /// The page was loaded again, and whether that turned the CA switch off.
    Reloaded {
        /// Whether it was on.
        ca_off: bool,
    },
    /// The connection of this name was changed meanwhile.
    ConnectionEdited(String),
    /// The address named a signing that the desk does not know.
    NoSuchSigning {
        /// Whether the history may lack it, so that it may have been sent.
        may_be_missing: bool,
    },
}
