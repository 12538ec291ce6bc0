//! Signings in progress that this page did not begin: before a reload, in another tab or window, by another program.
//!
//! Owns following each until it ends, so that the page Sign says how it ended and none vanishes in silence. Refuses to own
//! the one that this page follows at its own address; that is `signing`'s.

use std::time::Duration;

use desk::commands::{RunningSigning, Shown, signing, status};
use domain::{ConnectionId, Outcome};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host;
use crate::route::{Page, Route};
use crate::signing::Signing;
use crate::state::DeskState;
use crate::ui::focus;
use crate::words::outcome;

/// So often the desk is asked while a signing is in progress.
const WHILE_RUNNING: Duration = Duration::from_secs(1);
/// The focus on one of the notices of pages/sign/elsewhere.rs, and where it goes from there.
const NOTICES_FOCUSED: &str = "[data-testid='signings-elsewhere'] :focus";
const LINK_OF_THE_LAST: &str = "[data-testid='signing-over'] a";
const HEADING: &str = "#main h1";
/// So many that ended are shown; the history has all of them.
const MOST_ENDED: usize = 20;

/// A signing that was begun elsewhere. Its intent tells it apart: the numbers of entries begin again with another journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// What it is.
    pub(crate) signing: RunningSigning,
    /// How it stands.
    pub(crate) stage: Stage,
}

/// How a signing that was begun elsewhere stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It runs.
    Running,
    /// It no longer runs, and the desk is asked how it ended.
    Asking,
    /// It ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// The same in words.
        words: String,
    },
}

impl DeskState {
    /// The signings of the connection in use that were begun elsewhere.
    pub(crate) fn elsewhere_here(self) -> Vec<Elsewhere> {
        let Some(in_use) = self.in_use() else { return Vec::new() };
        let server = in_use.connection.server.to_string();
        let mut all = self.elsewhere.get();
        all.retain(|it| it.signing.is_with(&in_use.id, &server) && !self.follows(&it.signing.intent));
        all
    }

    /// Whether a signing with a connection is in progress, as far as the page can tell.
    pub(crate) fn is_signing_with(self, of: &Shown) -> bool {
        let server = of.connection.server.to_string();
        let elsewhere = self
            .status
            .with(|it| it.as_ref().is_some_and(|it| it.running.iter().any(|it| it.is_with(&of.id, &server))));
        elsewhere
            || self.signing.with(|it| match it {
                Some(Signing::Running(subject)) => {
                    let with = |it: &ConnectionId| *it == of.id;
                    subject.connection.as_ref().map_or(subject.server == server, with)
                }
                _ => false,
            })
    }

    /// Whether this page follows a signing at its own address.
    fn follows(self, intent: &str) -> bool {
        self.signing.with(|it| it.as_ref().is_some_and(|it| it.subject().intent == intent))
    }

    /// Asks often for as long as there is a reason to, and the page is in sight.
    pub(crate) fn ask_often_in_sight_while(self, reason: Memo<bool>) {
        self.ask_often(reason, || !document().hidden());
    }

    /// Asks often for as long as there is a reason to.
    pub(crate) fn ask_often_while(self, reason: Memo<bool>) {
        self.ask_often(reason, || true);
    }

    fn ask_often(self, reason: Memo<bool>, now: fn() -> bool) {
        let ticking = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(handle) = ticking.try_update_value(Option::take).flatten() {
                handle.clear();
            }
        };
        Effect::new(move |_| {
            stop();
            if reason.get() {
                let ask = move || {
                    if now() {
                        self.refresh();
                    }
                };
                let handle = set_interval_with_handle(ask, WHILE_RUNNING).ok();
                ticking.set_value(handle);
            }
        });
        on_cleanup(stop);
    }

    /// Whether the desk answers and is not locked: else an open review learns nothing by asking often.
    pub(crate) fn is_answered_and_unlocked(self) -> bool {
        let unlocked = self.status.with(|it| it.as_ref().is_some_and(|it| !it.locked));
        unlocked && self.status_failure.with(Option::is_none)
    }

    /// Asks often while a signing is in progress, here or elsewhere: also whether the program is to end after it.
    pub(crate) fn watch_running(self) {
        let elsewhere = move || self.status.with(|it| it.as_ref().is_some_and(|it| !it.running.is_empty()));
        self.ask_often_while(Memo::new(move |_| self.running().is_some() || elsewhere()));
    }

    /// Takes up what the desk says is in progress, and asks how those ended that no longer are.
    pub(crate) fn follow_running(self, answer: &status::Response) {
        // Without a journal the desk does not know.
        if answer.journal_problem.is_some() {
            return;
        }
        let known = self.elsewhere.get_untracked();
        let is_known = |it: &RunningSigning| known.iter().any(|known| known.signing.intent == it.intent);
        let new: Vec<_> = answer
            .running
            .iter()
            .filter(|it| !is_known(it) && !untrack(|| self.follows(&it.intent)))
            .map(|it| Elsewhere { signing: it.clone(), stage: Stage::Running })
            .collect();
        if !new.is_empty() {
            self.elsewhere.update(|it| it.extend(new));
        }
        for gone in known.into_iter().filter(|it| it.stage == Stage::Running) {
            if !answer.running.iter().any(|it| it.intent == gone.signing.intent) {
                self.ask_how_it_ended(gone.signing);
            }
        }
    }

    fn ask_how_it_ended(self, of: RunningSigning) {
        self.stage(&of.intent, Stage::Asking);
        spawn_local(self.learn(of));
    }

    /// Asks once more about each that ended unknown: a person may have resolved it since.
    pub(crate) fn check_elsewhere(self) {
        let unknown = |it: &Elsewhere| matches!(it.stage, Stage::Ended { outcome: Outcome::Unknown, .. });
        let all = self.elsewhere.get_untracked().into_iter().filter(unknown);
        all.for_each(|it| spawn_local(self.learn(it.signing)));
    }

    async fn learn(self, of: RunningSigning) {
        let request = signing::Request { intent: of.intent.clone(), wait: false };
        match host::call::<signing::Signing>(&request).await {
            Ok(signing::Response { found }) => self.take_up(&of, stage_of(found, &of.csr_id)),
            // The next status is the reason to ask once more.
            Err(_) if self.stage_now(&of.intent) == Some(Stage::Asking) => {
                self.stage(&of.intent, Stage::Running);
            }
            Err(_) => {}
        }
    }

    /// Shows how a signing stands; none when nothing is left to show.
    fn take_up(self, of: &RunningSigning, stage: Option<Stage>) {
        let before = self.stage_now(&of.intent);
        // It was dismissed while the desk was asked, or there is no news.
        if before.is_none() || before == stage {
            return;
        }
        // What has the focus gives way to something else.
        let focused = || document().query_selector(NOTICES_FOCUSED).ok().flatten().is_some();
        match stage {
            None => {
                let focused = focused();
                self.dismiss_elsewhere(&of.intent);
                if focused {
                    focus::soon(HEADING);
                }
            }
            Some(Stage::Ended { outcome, words }) => {
                let here = Route::current().page == Page::Sign
                    && untrack(|| self.elsewhere_here()).iter().any(|it| it.signing.intent == of.intent);
                // Elsewhere the notice waits for the person to come back.
                if here {
                    self.announcer.hear(&words);
                }
                let focused = focused();
                self.stage(&of.intent, Stage::Ended { outcome, words });
                if focused {
                    focus::soon(LINK_OF_THE_LAST);
                }
                self.forget_the_oldest();
            }
            Some(stage) => self.stage(&of.intent, stage),
        }
    }

    fn stage_now(self, intent: &str) -> Option<Stage> {
        self.elsewhere
            .with_untracked(|it| it.iter().find(|it| it.signing.intent == intent).map(|it| it.stage.clone()))
    }

    fn stage(self, intent: &str, stage: Stage) {
        self.elsewhere.update(|it| {
            if let Some(it) = it.iter_mut().find(|it| it.signing.intent == intent) {
                it.stage = stage;
            }
        });
    }

    fn forget_the_oldest(self) {
        let is_over = |it: &Elsewhere| matches!(it.stage, Stage::Ended { .. });
        let over = self.elsewhere.with_untracked(|it| it.iter().filter(|it| is_over(it)).count());
        if let Some(more) = over.checked_sub(MOST_ENDED).filter(|it| *it > 0) {
            self.elsewhere.update(|all| {
                let mut left = more;
                all.retain(|it| {
                    let goes = left > 0 && is_over(it);
                    left -= usize::from(goes);
                    !goes
                });
            });
        }
    }

    /// A person has read how a signing ended.
    pub(crate) fn dismiss_elsewhere(self, intent: &str) {
        self.elsewhere.update(|it| it.retain(|it| it.signing.intent != intent));
    }

    /// This page follows a signing itself from now on.
    pub(crate) fn take_from_elsewhere(self, intent: &str) {
        if self.elsewhere.with_untracked(|it| it.iter().any(|it| it.signing.intent == intent)) {
            self.elsewhere.update(|it| it.retain(|it| it.signing.intent != intent));
        }
    }
}

/// How a signing stands by the desk's answer. None when its notice would say nothing more: a person has resolved it, or the
/// desk does not know it.
fn stage_of(found: Option<signing::Found>, csr_id: &str) -> Option<Stage> {
    let found = found?;
    match found.answer {
        _ if found.in_progress => Some(Stage::Running),
        None => Some(Stage::Running),
        Some(_) if found.see_entry => None,
        Some(answer) => {
            let (outcome, code) = (answer.ending.outcome, answer.ending.code);
            let words = outcome::title(outcome.into(), code, csr_id, found.request.intermediate);
            Some(Stage::Ended { outcome, words })
        }
    }
}

#[cfg(test)]
mod tests {
    use desk::commands::{KeychainState, Preferences};
    use domain::{Ending, ErrorCode, SignForm, Timestamp};

    use super::*;
    use crate::ui::live::Announcer;

    fn signing(entry: u64) -> RunningSigning {
        RunningSigning {
            entry,
            intent: ["intent-", &entry.to_string()].concat(),
            at: Timestamp::from_millis(0),
            server: "https://h:1".to_owned(),
            connection: None,
            csr_id: "301".to_owned(),
            issuer: None,
        }
    }

    #[test]
    fn of_those_that_ended_the_oldest_go_and_none_that_runs() {
        let owner = Owner::new();
        let state = owner.with(|| DeskState::new(Announcer::here()));
        let stage = |entry: u64| match entry {
            1 => Stage::Running,
            _ => Stage::Ended { outcome: Outcome::Signed, words: String::new() },
        };
        let all = (1..=MOST_ENDED as u64 + 4).map(|it| Elsewhere { signing: signing(it), stage: stage(it) });
        state.elsewhere.set(all.collect());
        state.forget_the_oldest();
        let left: Vec<u64> = state.elsewhere.get_untracked().iter().map(|it| it.signing.entry).collect();
        assert_eq!((left.len(), &left[..2]), (MOST_ENDED + 1, &[1, 5][..]));

        // One that the page follows at its own address is not shown twice.
        state.take_from_elsewhere("intent-5");
        state.dismiss_elsewhere("intent-6");
        let left: Vec<u64> = state.elsewhere.get_untracked().iter().map(|it| it.signing.entry).collect();
        assert_eq!((left.len(), &left[..2]), (MOST_ENDED - 1, &[1, 7][..]));
    }

    fn found(code: ErrorCode) -> signing::Found {
        let at = Timestamp::from_millis(0);
        let form = SignForm {
            sign_type: "MSCA".to_owned(),
            validity_days: "1".to_owned(),
            csr_id: "301".to_owned(),
            ..SignForm::default()
        };
        let ending = Ending::new(code);
        let answer = serde_json::json!({ "entry": 1, "repeated": true, "recorded": true, "ending": ending });
        signing::Found {
            request: form.check(at).unwrap(),
            server: "https://h:1".to_owned(),
            connection: None,
            at,
            elapsed_ms: 0,
            answer: serde_json::from_value(answer).unwrap(),
            see_entry: false,
            in_progress: false,
        }
    }

    #[test]
    fn a_notice_says_what_the_history_says() {
        let ended = |found| match stage_of(Some(found), "301") {
            Some(Stage::Ended { outcome, words }) => (outcome, words),
            other => panic!("{other:?}"),
        };
        assert_eq!(ended(found(ErrorCode::Signed)), (Outcome::Signed, "CSR 301 is signed".to_owned()));
        assert_eq!(ended(found(ErrorCode::InterruptedBeforeSending)).0, Outcome::NotSent);
        let unknown = found(ErrorCode::Interrupted);
        assert_eq!(ended(unknown.clone()).0, Outcome::Unknown);
        // Another program is waiting for the answer, although a status did not say so.
        let running = signing::Found { see_entry: true, in_progress: true, ..unknown.clone() };
        assert_eq!(stage_of(Some(running), "301"), Some(Stage::Running));
        let under_way = signing::Found { answer: None, ..unknown.clone() };
        assert_eq!(stage_of(Some(under_way), "301"), Some(Stage::Running));
        // A person has resolved it.
        assert_eq!(stage_of(Some(signing::Found { see_entry: true, ..unknown }), "301"), None);
        assert_eq!(stage_of(None, "301"), None);
    }

    fn status(running: Vec<RunningSigning>) -> status::Response {
        status::Response {
            connection: None,
            locked: false,
            keychain: KeychainState::NotAsked,
            preferences: Preferences::default(),
            data_dir: String::new(),
            journal_problem: None,
            journal_notes: Vec::new(),
            journal_remark: None,
            running,
            unsettled: 0,
            findings: Vec::new(),
            acknowledged: Vec::new(),
            stopping: false,
            version: String::new(),
            now: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn an_open_review_asks_often_only_while_the_desk_answers_and_is_not_locked() {
        let owner = Owner::new();
        let state = owner.with(|| DeskState::new(Announcer::here()));
        assert!(!state.is_answered_and_unlocked());
        state.status.set(Some(status(Vec::new())));
        assert!(state.is_answered_and_unlocked());
        state.status_failure.set(Some(desk::Failure::new(ErrorCode::SessionEnded)));
        assert!(!state.is_answered_and_unlocked());
        state.status_failure.set(None);
        state.status.set(Some(status::Response { locked: true, ..status(Vec::new()) }));
        assert!(!state.is_answered_and_unlocked());
    }

    #[test]
    fn an_entry_of_another_journal_is_another_signing() {
        let owner = Owner::new();
        let state = owner.with(|| DeskState::new(Announcer::here()));
        let stage = Stage::Ended { outcome: Outcome::Signed, words: String::new() };
        state.elsewhere.set(vec![Elsewhere { signing: signing(1), stage }]);
        // The journal was set aside, and its first entry is in progress.
        let next = RunningSigning { intent: "another".to_owned(), ..signing(1) };
        state.follow_running(&status(vec![next.clone()]));
        let intents = || state.elsewhere.get_untracked().into_iter().map(|it| it.signing.intent);
        assert_eq!(intents().collect::<Vec<_>>(), ["intent-1", "another"]);
        state.follow_running(&status(vec![next]));
        state.dismiss_elsewhere("intent-1");
        assert_eq!(intents().collect::<Vec<_>>(), ["another"]);
    }
}
