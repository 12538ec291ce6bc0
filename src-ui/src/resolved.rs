//! What the page goes on to say of a signing whose outcome was unknown, once a person resolved it: in this page, in another
//! window or in a terminal.
//!
//! Owns that the result, its notice and an open review follow the entry as it stands now, also where a history without that
//! entry was put in place. Sends no signing.

use std::sync::Arc;

use desk::commands::entry::{self, OneEntry};
use desk::commands::review::Before;
use desk::commands::signing;
use domain::{Entry, ErrorCode, Outcome, State};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host::{self, Asked};
use crate::parts::note;
use crate::signing::{Finished, Signing};
use crate::state::DeskState;

/// What the desk says of a signing that the page shows as unknown.
enum Now {
    /// The desk knows it, and it is under way: in this program, or in another one.
    UnderWay,
    /// It is over. The number of its entry, if it has one, and whether a person resolved it.
    Over(Option<u64>, bool),
    /// The history does not have it.
    NotThere,
}

impl DeskState {
    /// Asks again about each signing that this page shows as unknown: a person may have resolved it since.
    pub(crate) fn check_unknown(self) {
        let ended = self.signing.with_untracked(|it| match it {
            Some(Signing::Ended(it)) => Some(Arc::clone(it)),
            _ => None,
        });
        ended.into_iter().for_each(|it| self.check_result(it));
        self.check_elsewhere();
        self.check_notes();
        self.check_review();
    }

    /// Asks whether the shown result still holds. A result that a person resolved gives way to its entry. One without the
    /// desk's own answer gives way to what the desk knows by now. The number of an entry goes when the history does not have
    /// the signing any more, and comes when it has it again: another signing may have the number.
    pub(crate) fn check_result(self, finished: Arc<Finished>) {
        let lost = !finished.told;
        let unknown = finished.ending.outcome == Outcome::Unknown;
        // What was not sent may have no entry at all.
        let not_in_history = finished.warning == Some(ErrorCode::OutcomeNotInHistory);
        if finished.entry.is_none() && !lost && !not_in_history {
            return;
        }
        spawn_local(async move {
            let intent = &finished.subject.intent;
            match stands(intent).await {
                Some(Now::Over(entry, true)) if unknown => {
                    self.forget(intent);
                    self.leave(intent, entry.or(finished.entry));
                }
                Some(Now::NotThere) if finished.entry.is_some() => {
                    self.keep_result(&finished, None, Some(ErrorCode::OutcomeNotInHistory));
                }
                Some(Now::Over(Some(entry), _)) if not_in_history => {
                    // The entry says how much of it the history has.
                    self.keep_result(&finished, Some(entry), Some(ErrorCode::OutcomeNotRecorded));
                }
                // The address of the signing finds it once more.
                Some(Now::UnderWay | Now::Over(..)) if lost => self.forget(intent),
                Some(_) | None => {}
            }
        });
    }

    /// Shows the same result with another number, or none, unless the page shows another signing by now.
    fn keep_result(self, of: &Arc<Finished>, entry: Option<u64>, warning: Option<ErrorCode>) {
        let is_shown = |it: &Option<Signing>| matches!(it, Some(Signing::Ended(it)) if Arc::ptr_eq(it, of));
        if self.signing.with_untracked(is_shown) {
            let finished = Finished { entry, warning, ..Finished::clone(of) };
            self.signing.set(Some(Signing::Ended(Arc::new(finished))));
            self.announcer.hear(warning.map_or("", ErrorCode::what));
        }
    }

    fn check_notes(self) {
        let unknown = |all: &Vec<note::Note>| {
            let unknown = all.iter().filter_map(note::Note::unknown_signing);
            unknown.map(|(intent, entry)| (intent.to_owned(), entry)).collect::<Vec<_>>()
        };
        for (intent, named) in self.notes.with_untracked(unknown) {
            spawn_local(async move {
                let Some(Now::Over(Some(number), resolved)) = stands(&intent).await else { return };
                // The note says it already.
                if !resolved && named == Some(number) {
                    return;
                }
                // Another journal counts from 1 again.
                if let Some(entry) = read(number).await.filter(|it| it.intent == intent) {
                    self.follow_in_notes(&entry);
                }
            });
        }
    }

    fn follow_in_notes(self, entry: &Entry) {
        let mut notes = self.notes.get_untracked();
        let heard = notes.iter_mut().find_map(|it| it.follow(entry));
        if let Some(words) = heard {
            self.announcer.hear(&words);
            note::set(self, notes);
        }
    }

    fn check_review(self) {
        let Some(reviewed) = self.review.get_untracked() else { return };
        for before in reviewed.answer.before.iter().filter(|it| is_unknown(it)) {
            let (number, at, intent) = (before.entry, before.at, reviewed.intent.clone());
            spawn_local(async move {
                // Another journal counts from 1 again.
                if read(number).await.is_some_and(|it| it.at == at && !it.is_unsettled()) {
                    self.review_resolved.set(Some(intent));
                }
            });
        }
    }
}

/// Whether a review says that it is unknown what an earlier signing led to.
fn is_unknown(before: &Before) -> bool {
    before.state == State::Unknown && !before.not_issued
}

/// How a signing stands by the desk's answer; none when the desk does not answer.
async fn stands(intent: &str) -> Option<Now> {
    let request = signing::Request { intent: intent.to_owned(), wait: false };
    Some(host::call::<signing::Signing>(&request).await.ok()?.found.map_or(Now::NotThere, now))
}

fn now(found: signing::Found) -> Now {
    match found.answer {
        _ if found.in_progress => Now::UnderWay,
        None => Now::UnderWay,
        Some(answer) => Now::Over(answer.entry, found.see_entry),
    }
}

/// An entry as it stands. The page asks by itself.
async fn read(number: u64) -> Option<Entry> {
    let request = entry::Request { entry: number };
    host::call_for::<OneEntry>(&request, Asked::ByThePage).await.ok().map(|it| it.entry)
}
