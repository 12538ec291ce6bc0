//! What the page goes on to say of a signing whose outcome was unknown, once a person resolved it: in this page, in another
//! window or in a terminal.
//!
//! Owns that the result, its notice and an open review follow the entry as it stands now. Sends no signing.

use std::sync::Arc;

use desk::commands::entry::{self, OneEntry};
use desk::commands::review::Before;
use desk::commands::signing;
use domain::{Entry, Outcome, State};
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
    /// desk's own answer gives way to what the desk knows by now.
    pub(crate) fn check_result(self, finished: Arc<Finished>) {
        let lost = !finished.told;
        if finished.ending.outcome != Outcome::Unknown || (finished.entry.is_none() && !lost) {
            return;
        }
        spawn_local(async move {
            let intent = &finished.subject.intent;
            match stands(intent).await {
                Some(Now::Over(entry, true)) => {
                    self.forget(intent);
                    self.leave(intent, entry.or(finished.entry));
                }
                // The address of the signing finds it once more.
                Some(_) if lost => self.forget(intent),
                Some(_) | None => {}
            }
        });
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
            let (number, intent) = (before.entry, reviewed.intent.clone());
            spawn_local(async move {
                if read(number).await.is_some_and(|it| !it.is_unsettled()) {
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

/// How a signing stands by the desk's answer; none when the desk does not answer or does not know it.
async fn stands(intent: &str) -> Option<Now> {
    let request = signing::Request { intent: intent.to_owned(), wait: false };
    now(host::call::<signing::Signing>(&request).await.ok()?.found?)
}

fn now(found: signing::Found) -> Option<Now> {
    match found.answer {
        _ if found.in_progress => Some(Now::UnderWay),
        None => Some(Now::UnderWay),
        Some(answer) => Some(Now::Over(answer.entry, found.see_entry)),
    }
}

/// An entry as it stands. The page asks by itself.
async fn read(number: u64) -> Option<Entry> {
    let request = entry::Request { entry: number };
    host::call_for::<OneEntry>(&request, Asked::ByThePage).await.ok().map(|it| it.entry)
}
