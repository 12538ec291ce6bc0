//! What the page holds while it lives: the desk's status, both forms as typed, and where a signing stands.
//!
//! How the desk is asked and what follows from its answers is in `session`.
//!
//! Held at the root so that going to another page and back loses nothing, least of all the result of a signing.
//! Never holds a token: that goes from its field straight to the host.

use std::sync::Arc;

use desk::Failure;
use desk::commands::{Shown, connections, review, sign, status};
use domain::{
    Class, ConnectionForm, ConnectionId, Ending, Environment, ErrorCode, Outcome, Problem, SignForm,
    SignType, Timestamp,
};
use leptos::prelude::*;

use crate::parts::note::Note;
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

/// A signing that ended, as far as this page can tell.
#[derive(Debug)]
pub(crate) struct Finished {
    /// What was reviewed and sent.
    pub(crate) reviewed: Arc<Reviewed>,
    /// The record's entry, when the desk named one.
    pub(crate) entry: Option<u64>,
    /// Whether this is the answer to an earlier call with the same decision.
    pub(crate) repeated: bool,
    /// Whether the desk could write the ending to the record, if it said how it ended.
    pub(crate) recorded: bool,
    /// The entries that spoke against it, when nothing was sent because of them.
    pub(crate) earlier: Vec<u64>,
    /// How it ended.
    pub(crate) ending: Ending,
    /// Fields the desk did not accept after all.
    pub(crate) problems: Vec<Problem>,
    /// Whether the desk itself said how it ended; otherwise the page lost touch with it.
    pub(crate) told: bool,
    /// When the page learned of it.
    pub(crate) at: Timestamp,
}

/// Where a signing stands.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Being filled in.
    Form,
    /// Shown as it would be sent.
    Review(Arc<Reviewed>),
    /// On its way.
    Progress(Arc<Reviewed>),
    /// Over.
    Result(Arc<Finished>),
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
    /// The connection that was changed over to while a review was open.
    pub(crate) changed_over: RwSignal<Option<String>>,
    /// The connection as typed.
    pub(crate) connection_form: RwSignal<ConnectionForm>,
    /// Which connection that is: none, a new one, or one with an id.
    pub(crate) form_of: RwSignal<Option<Option<ConnectionId>>>,
    /// The signing as typed.
    pub(crate) sign_form: RwSignal<SignForm>,
    /// Whether the form was handed in, so that everything missing is named.
    pub(crate) handed_in: RwSignal<bool>,
    /// Why the reviewed request is signed again, as typed.
    pub(crate) again: RwSignal<String>,
    /// Where the signing stands.
    pub(crate) step: RwSignal<Step>,
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
            form_of: RwSignal::new(None),
            sign_form: RwSignal::new(empty_sign_form()),
            handed_in: RwSignal::new(false),
            again: RwSignal::new(String::new()),
            step: RwSignal::new(Step::Form),
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

    /// Where a signing would happen now.
    pub(crate) fn place_now(self) -> Option<Place> {
        self.in_use_now().as_ref().map(Place::from)
    }

    /// Whether a review can be asked for, and if not, why.
    pub(crate) fn obstacle(self) -> Option<Obstacle> {
        self.status.with(obstacle)
    }

    /// The same at this moment.
    pub(crate) fn obstacle_now(self) -> Option<Obstacle> {
        self.status.with_untracked(obstacle)
    }

    /// Empties the form, but for the connection's organization.
    pub(crate) fn clear_sign_form(self) {
        let organization = self.in_use_now().as_ref().map(organization).unwrap_or_default();
        self.handed_in.set(false);
        self.sign_form.set(SignForm { organization, ..empty_sign_form() });
    }

    /// Starts the next signing: the same server and issuer, another request.
    pub(crate) fn sign_another(self) {
        self.sign_form.update(|it| it.csr_id.clear());
        self.back_to_form();
    }

    /// Shows what a signing would send, as a decision that has not been made yet.
    pub(crate) fn show_review(self, reviewed: Reviewed) {
        self.again.set(String::new());
        self.changed_over.set(None);
        self.step.set(Step::Review(Arc::new(reviewed)));
    }

    /// Back to the form, which is as it was.
    pub(crate) fn back_to_form(self) {
        self.handed_in.set(false);
        self.step.set(Step::Form);
        self.refresh();
    }
}

fn obstacle(status: &Option<status::Response>) -> Option<Obstacle> {
    match status {
        None => Some(Obstacle::Waiting),
        Some(it) if it.journal_problem.is_some() => Some(Obstacle::NoRecord),
        Some(it) if it.connection.is_none() => Some(Obstacle::NoConnection),
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
    /// No server is set.
    NoConnection,
    /// The secrets have left the memory.
    Locked,
    /// No token is held.
    NoToken,
}

/// The organization that a signing form starts with.
pub(crate) fn organization(shown: &Shown) -> String {
    shown.connection.organization.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn empty_sign_form() -> SignForm {
    SignForm { sign_type: SignType::default().as_str().to_owned(), ..SignForm::default() }
}

impl Finished {
    /// Reads the desk's answer to a signing, or the lack of one.
    pub(crate) fn new(reviewed: Arc<Reviewed>, answer: Result<sign::Response, Failure>) -> Self {
        let at = clock::now();
        match answer {
            Ok(sign::Response { entry, repeated, recorded, earlier, ending }) => {
                let problems = Vec::new();
                Self { reviewed, entry, repeated, recorded, earlier, ending, problems, told: true, at }
            }
            Err(failure) => {
                let outcome = outcome_without_answer(failure.code);
                let ending = Ending { outcome, detail: failure.detail, ..Ending::new(failure.code) };
                let told = outcome != Outcome::Unknown;
                Self {
                    reviewed,
                    entry: None,
                    repeated: false,
                    recorded: true,
                    earlier: Vec::new(),
                    ending,
                    problems: failure.problems,
                    told,
                    at,
                }
            }
        }
    }
}

/// A call that failed before the desk began to sign sent nothing; any other may have.
fn outcome_without_answer(code: ErrorCode) -> Outcome {
    let refused_at_the_door =
        matches!(code, ErrorCode::SessionEnded | ErrorCode::UnknownCommand | ErrorCode::MalformedCall);
    match code.class() {
        Class::Invalid | Class::NotSent => Outcome::NotSent,
        Class::Internal if refused_at_the_door => Outcome::NotSent,
        _ => Outcome::Unknown,
    }
}
