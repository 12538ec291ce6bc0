//! Which connection a signing is with, and what follows when that is not the connection in use.
//!
//! Owns that nothing of one connection stands under the name of another without saying so: a signing in progress names its
//! own connection, and a result gives way to its entry, with words.

use std::sync::Arc;

use desk::commands::Shown;
use domain::ConnectionId;
use leptos::prelude::*;

use crate::parts::note::Note;
use crate::route::{Route, SignStep};
use crate::signing::{Finished, Signing, Subject};
use crate::state::{DeskState, Place};
use crate::words::sign as words;

/// The connection of a signing among those that are stored: by its id, and where that is not known, the only one with its
/// server.
fn found<'a>(all: &'a [Shown], id: Option<&ConnectionId>, server: &str) -> Option<&'a Shown> {
    if let Some(id) = id {
        return all.iter().find(|it| it.id == *id && it.connection.server.to_string() == server);
    }
    let mut of_server = all.iter().filter(|it| it.connection.server.to_string() == server);
    of_server.next().filter(|_| of_server.next().is_none())
}

impl DeskState {
    /// The connection of a signing as it is stored now, as far as it is known.
    pub(crate) fn connection_of(self, subject: &Subject) -> Option<Shown> {
        let mut all =
            self.connections.with(|it| it.as_ref().map(|it| it.connections.clone()).unwrap_or_default());
        if let Some(in_use) = self.in_use()
            && all.iter().all(|it| it.id != in_use.id)
        {
            all.push(in_use);
        }
        found(&all, subject.connection.as_ref(), &subject.server).cloned()
    }

    /// Its name and environment: as it was reviewed, else as it is stored now.
    pub(crate) fn place_of(self, subject: &Subject) -> Option<Place> {
        subject.place.clone().or_else(|| self.connection_of(subject).as_ref().map(Place::from))
    }

    /// Whether a signing is with another connection than the one in use.
    pub(crate) fn is_foreign(self, subject: &Subject) -> bool {
        // Before the desk has answered, nothing is known of a connection in use.
        self.status.with(Option::is_some)
            && self.in_use().is_none_or(|in_use| {
                let other = subject.connection.as_ref().is_some_and(|id| *id != in_use.id);
                other || subject.server != in_use.connection.server.to_string()
            })
    }

    /// The signing that this page follows, while it runs with another connection than the one in use.
    pub(crate) fn running_elsewhere(self) -> Option<Arc<Subject>> {
        self.signing.with(|it| match it {
            Some(Signing::Running(subject)) if self.is_foreign(subject) => Some(Arc::clone(subject)),
            _ => None,
        })
    }

    /// The note that a signing ended: with which connection, by which issuer, when it began.
    pub(crate) fn note_ended(self, finished: &Finished) {
        let subject = &finished.subject;
        let with =
            untrack(|| self.place_of(subject).map(|it| words::with_place(&it, self.is_foreign(subject))));
        let issuer = subject.request.issuer.as_ref().map(|it| domain::visible(it.common_name.as_str()));
        let issuer = issuer.map(|it| words::issuer(&it)).unwrap_or_default();
        let began = [&issuer, words::STARTED, &subject.began.date_time(), "."].concat();
        let mut note =
            Note::signing_ended(&subject.intent, finished.ending.outcome, finished.heading(), finished.entry);
        if let Some(with) = with {
            note = note.line([&with, "."].concat());
        }
        if finished.entry.is_none() {
            note = note.without_entry([finished.ending.code.what(), finished.no_entry()].join(" "));
        }
        self.notes.update(|it| it.push(note.line(began)));
    }

    /// A result of another connection is not shown on the page Sign: its entry is the place for it. Whoever is looking at it
    /// reads why it is gone.
    pub(crate) fn drop_foreign_result(self) {
        let ended = self.signing.with_untracked(|it| match it {
            Some(Signing::Ended(it)) => Some(Arc::clone(it)),
            _ => None,
        });
        let Some(finished) = ended.filter(|it| untrack(|| self.is_foreign(&it.subject))) else { return };
        let intent = &finished.subject.intent;
        if Route::current().sign == SignStep::Signing(intent.clone()) {
            self.note_ended(&finished);
        }
        self.forget(intent);
        self.leave(intent, finished.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::connection;

    #[test]
    fn of_two_connections_to_one_server_neither_is_taken_for_the_other() {
        let all = [connection(1, "https://a:1"), connection(2, "https://a:1"), connection(3, "https://b:1")];
        let id = |number| ConnectionId::from_number(number);
        let of =
            |known: Option<u128>, server| found(&all, known.map(id).as_ref(), server).map(|it| it.id.clone());
        assert_eq!(of(Some(2), "https://a:1"), Some(id(2)));
        assert_eq!(of(None, "https://a:1"), None);
        assert_eq!(of(None, "https://b:1"), Some(id(3)));
        assert_eq!(of(Some(3), "https://a:1"), None, "it has another address by now");
        assert_eq!(of(Some(9), "https://b:1"), None);
    }
}
