//! One signing as this page follows it: begun, found again after a reload, and over.
//!
//! Owns which signing the page Sign shows and for how long: none of another connection, none that a person has resolved
//! since (`resolved`). Never sends anything by itself: [`DeskState::sign`] is called by
//! one button, and a reload asks only how far the signing is.

use std::sync::Arc;

use desk::Failure;
use desk::commands::review::Before;
use desk::commands::{sign, signing};
use domain::{Class, ConnectionId, Ending, ErrorCode, Outcome, Problem, SignForm, SignRequest, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::cure::Cure;
use crate::route::{self, Page, Route, SignStep, entry_href, signing_href};
use crate::state::{DeskState, FormNote, Place, Reviewed};
use crate::ui::live::Announcer;
use crate::words::outcome;
use crate::{clock, host};

/// What a signing is about, whether it was reviewed here or found again.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The id of the decision.
    pub(crate) intent: String,
    /// The form, to edit it once more.
    pub(crate) form: SignForm,
    /// The signing after its checks.
    pub(crate) request: SignRequest,
    /// The server's address.
    pub(crate) server: String,
    /// The connection; none when the desk no longer knows it.
    pub(crate) connection: Option<ConnectionId>,
    /// The connection's name and environment; none when the signing was found again.
    pub(crate) place: Option<Place>,
    /// How long the program waits for the answer, in seconds; none when the signing was found again.
    pub(crate) timeout: Option<u32>,
    /// When the certificate expires, if the server counts from now.
    pub(crate) ends: Option<Timestamp>,
    /// When the signing began, by this page's clock.
    pub(crate) began: Timestamp,
}

impl Subject {
    fn of(reviewed: &Reviewed, timeout: Option<u32>) -> Self {
        let answer = &reviewed.answer;
        Self {
            intent: reviewed.intent.clone(),
            form: reviewed.form.clone(),
            request: answer.request.clone(),
            server: answer.server.clone(),
            connection: Some(answer.connection.clone()),
            place: reviewed.place.clone(),
            timeout,
            ends: Some(answer.ends),
            began: clock::now(),
        }
    }

    fn found(intent: &str, found: &signing::Found) -> Self {
        let elapsed = i64::try_from(found.elapsed_ms).unwrap_or_default();
        Self {
            intent: intent.to_owned(),
            form: SignForm::from(&found.request),
            request: found.request.clone(),
            server: found.server.clone(),
            connection: found.connection.clone(),
            place: None,
            timeout: None,
            ends: found.request.validity.end(found.at).ok(),
            began: Timestamp::from_millis(clock::now().millis().saturating_sub(elapsed)),
        }
    }
}

/// The signing that this page saw last.
#[derive(Clone, Debug)]
pub(crate) enum Signing {
    /// On its way.
    Running(Arc<Subject>),
    /// Over.
    Ended(Arc<Finished>),
}

impl Signing {
    /// What it is about.
    pub(crate) fn subject(&self) -> &Subject {
        match self {
            Self::Running(subject) => subject,
            Self::Ended(finished) => &finished.subject,
        }
    }
}

/// A signing that ended, as far as this page can tell.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// What was sent.
    pub(crate) subject: Arc<Subject>,
    /// The record's entry, when the desk named one.
    pub(crate) entry: Option<u64>,
    /// Whether this is the answer to an earlier call with the same decision.
    pub(crate) repeated: bool,
    /// What is wrong with its record, if anything: that the history has it not, or not its ending.
    pub(crate) warning: Option<ErrorCode>,
    /// The entries that spoke against it, when nothing was sent because of them.
    pub(crate) earlier: Vec<u64>,
    /// What those of them led to that can be read.
    pub(crate) before: Vec<Before>,
    /// How it ended.
    pub(crate) ending: Ending,
    /// Fields the desk did not accept after all.
    pub(crate) problems: Vec<Problem>,
    /// Whether the desk itself said how it ended; otherwise the page lost touch with it.
    pub(crate) told: bool,
}

impl Finished {
    /// Reads the desk's answer to a signing, or the lack of one.
    fn new(subject: Arc<Subject>, answer: Result<sign::Response, Failure>) -> Self {
        let failure = match answer {
            Ok(answer) => return Self::answered(subject, answer),
            Err(failure) => failure,
        };
        let outcome = outcome_without_answer(failure.code);
        Self {
            subject,
            entry: None,
            repeated: false,
            warning: None,
            earlier: Vec::new(),
            before: Vec::new(),
            ending: Ending { outcome, detail: failure.detail, ..Ending::new(failure.code) },
            problems: failure.problems,
            told: outcome != Outcome::Unknown,
        }
    }

    fn answered(subject: Arc<Subject>, answer: sign::Response) -> Self {
        let warning = answer.history_warning();
        let sign::Response { entry, repeated, earlier, before, ending, .. } = answer;
        Self { subject, entry, repeated, warning, earlier, before, ending, problems: Vec::new(), told: true }
    }

    /// Why it names no entry, where it names none.
    pub(crate) fn no_entry(&self) -> &'static str {
        let none = self.told || self.ending.outcome == Outcome::NotSent;
        if none { outcome::NO_ENTRY } else { outcome::NO_ENTRY_LOST }
    }

    /// The heading of its result.
    pub(crate) fn heading(&self) -> String {
        let request = &self.subject.request;
        let Ending { outcome, code, .. } = self.ending;
        outcome::title(outcome.into(), code, &request.csr_id.to_string(), request.intermediate)
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

/// What the page Sign shows. Says which by its intent, so that it is drawn again only when it is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The form.
    Form,
    /// The open review.
    Review(String),
    /// A signing that is on its way.
    Progress(String),
    /// How a signing ended.
    Result(String),
    /// A signing that the desk is asked about first.
    Opening(String),
}

impl DeskState {
    /// What the page Sign shows at an address.
    pub(crate) fn step(self, at: &SignStep) -> Step {
        match at {
            SignStep::Form => self.running().map_or(Step::Form, Step::Progress),
            SignStep::Review => self.open_review().map_or(Step::Form, |it| Step::Review(it.intent.clone())),
            SignStep::Signing(intent) => self.signing.with(|it| match it {
                Some(it) if it.subject().intent != *intent => Step::Opening(intent.clone()),
                Some(Signing::Running(_)) => Step::Progress(intent.clone()),
                Some(Signing::Ended(_)) => Step::Result(intent.clone()),
                None => Step::Opening(intent.clone()),
            }),
        }
    }

    /// The address that belongs to what is shown, when the one in the browser names something that is not here.
    pub(crate) fn right_address(self, at: &SignStep) -> Option<String> {
        match (at, self.step(at)) {
            (SignStep::Form, Step::Progress(intent)) => Some(signing_href(&intent)),
            (SignStep::Review, Step::Form) => Some(Page::Sign.href().to_owned()),
            _ => None,
        }
    }

    /// The intent of the signing that is on its way with the connection in use.
    pub(crate) fn running(self) -> Option<String> {
        self.signing.with(|it| match it {
            Some(Signing::Running(subject)) if !self.is_foreign(subject) => Some(subject.intent.clone()),
            _ => None,
        })
    }

    /// The review, as long as it is of what the form holds and of the connection in use.
    pub(crate) fn open_review(self) -> Option<Arc<Reviewed>> {
        let reviewed = self.review.get()?;
        let same_form = self.sign_form.with(|it| *it == reviewed.form) && self.end_date_problem().is_none();
        let connection = self.status.with(|it| it.as_ref()?.connection.as_ref().map(|it| it.id.clone()));
        (same_form && connection.as_ref() == Some(&reviewed.answer.connection)).then_some(reviewed)
    }

    /// Shows what a signing would send, as a decision that has not been made yet.
    pub(crate) fn show_review(self, reviewed: Reviewed, replace: bool) {
        // The reason belongs to what it was typed for: another review of the same keeps it, also after a signing
        // that was refused or not sent.
        if self.again_for.with_value(|it| it.as_ref() != Some(&reviewed.form)) {
            self.again.set(String::new());
            self.again_for.set_value(Some(reviewed.form.clone()));
        }
        self.changed_over.set(None);
        self.form_note.set(None);
        self.review.set(Some(Arc::new(reviewed)));
        route::go_to(route::REVIEW_HREF, replace);
    }

    /// Sends what was reviewed: one decision, one call. The address changes before the call leaves, so that a second
    /// click finds no button and a reload finds this signing.
    pub(crate) fn sign(self, announcer: Announcer, reviewed: &Arc<Reviewed>, again: Option<String>) {
        let open = self.review.with_untracked(|it| it.as_ref().is_some_and(|it| Arc::ptr_eq(it, reviewed)));
        if !open {
            return;
        }
        let reviewed = Arc::clone(reviewed);
        let timeout = self.in_use_now().map(|it| it.connection.timeout_seconds);
        let subject = Arc::new(Subject::of(&reviewed, timeout));
        self.signing.set(Some(Signing::Running(Arc::clone(&subject))));
        route::go_to(&signing_href(&subject.intent), true);
        self.review.set(None);
        self.after_signing(&reviewed.form);
        spawn_local(async move {
            let request = sign::Request {
                intent: reviewed.intent.clone(),
                form: reviewed.form.clone(),
                again,
                server: Some(reviewed.answer.server.clone()),
                connection: Some(reviewed.answer.connection.clone()),
                as_reviewed: Some(reviewed.answer.as_reviewed.clone()),
            };
            let answer = host::call::<sign::Sign>(&request).await;
            self.finish(announcer, Finished::new(subject, answer));
        });
    }

    /// Finds the signing of an address again. Sends nothing: the desk says how far it is.
    ///
    /// # Errors
    /// The desk did not say; it can be asked again.
    pub(crate) async fn find_signing(self, announcer: Announcer, intent: String) -> Result<(), Failure> {
        let request = signing::Request { intent: intent.clone(), wait: false };
        let Some(found) = host::call::<signing::Signing>(&request).await?.found else {
            // Nothing is sent before it is recorded; but what was recorded may be missing.
            self.ask().await;
            let may_be_missing = self.status.with_untracked(|it| {
                it.as_ref().is_none_or(|it| !it.findings.is_empty() || !it.acknowledged.is_empty())
            });
            self.form_note.set(Some(FormNote::NoSuchSigning { may_be_missing }));
            self.leave(&intent, None);
            return Ok(());
        };
        let subject = Arc::new(Subject::found(&intent, &found));
        match found.answer {
            Some(answer) if found.see_entry => self.leave(&intent, answer.entry),
            Some(answer) => {
                let finished = Finished { repeated: false, ..Finished::answered(subject, answer) };
                self.signing.set(Some(Signing::Ended(Arc::new(finished))));
                self.drop_foreign_result();
            }
            None => {
                self.take_from_elsewhere(&intent);
                self.signing.set(Some(Signing::Running(Arc::clone(&subject))));
                let request = signing::Request { intent, wait: true };
                let answer = host::call::<signing::Signing>(&request).await;
                match answer.map(|it| it.found.and_then(|it| it.answer)) {
                    Ok(Some(answer)) => self.finish(announcer, Finished::answered(subject, answer)),
                    // What became of it is asked once more, where the failure is shown.
                    Ok(None) | Err(_) => self.forget(&subject.intent),
                }
            }
        }
        Ok(())
    }

    /// A signing has ended. Whoever looks elsewhere is told where to find it.
    fn finish(self, announcer: Announcer, finished: Finished) {
        let (heading, outcome) = (finished.heading(), finished.ending.outcome);
        let intent = finished.subject.intent.clone();
        self.take_from_elsewhere(&intent);
        let exchanged =
            [ErrorCode::ServerChanged, ErrorCode::ConnectionChanged, ErrorCode::ConnectionRemoved];
        if exchanged.contains(&finished.ending.code) {
            self.give_back(&finished.subject);
        }
        if Cure::of(finished.ending.code) != Cure::Form {
            self.take_back(&finished.subject);
        }
        // A reason counts for one request that made a certificate or may have made one.
        if matches!(outcome, Outcome::Signed | Outcome::Unknown) {
            self.again_for.update_value(|it| *it = it.take().filter(|it| *it != finished.subject.form));
        }
        let here = Route::current().sign == SignStep::Signing(intent.clone());
        // Where its result comes up, the heading is the words.
        if here && untrack(|| !self.is_foreign(&finished.subject)) {
            announcer.hear(&heading);
        } else {
            announcer.say_or_warn(outcome == Outcome::Signed, &heading);
        }
        if !here {
            self.note_ended(&finished);
        }
        // Another signing may have been opened meanwhile; it keeps its place.
        let last =
            self.signing.with_untracked(|it| it.as_ref().is_none_or(|it| it.subject().intent == intent));
        if last {
            self.signing.set(Some(Signing::Ended(Arc::new(finished))));
            self.drop_foreign_result();
        }
        self.refresh();
    }

    pub(crate) fn forget(self, intent: &str) {
        if self.signing.with_untracked(|it| it.as_ref().is_some_and(|it| it.subject().intent == intent)) {
            self.signing.set(None);
        }
    }

    /// Leaves the address of a signing, if it is the present one: to its entry, or to the form.
    pub(crate) fn leave(self, intent: &str, entry: Option<u64>) {
        if Route::current().sign == SignStep::Signing(intent.to_owned()) {
            let href = entry.map_or_else(|| Page::Sign.href().to_owned(), entry_href);
            route::go_to(&href, true);
        }
    }
}
