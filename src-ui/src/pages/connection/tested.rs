//! Test results, each bound to the connection that was tested and to how that connection stood.
//!
//! A result is read with the id of the connection it is shown for: beside another one it cannot appear. It counts for as
//! long as the connection and its secrets are what they were.

use std::sync::Arc;

use desk::commands::test_connection::Response;
use desk::commands::{SecretKind, Shown, TokenState};
use domain::{Connection, ConnectionId};
use leptos::prelude::*;

/// What a result depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    connection: Connection,
    token: Option<TokenState>,
    secrets: Vec<SecretKind>,
}

impl From<&Shown> for Standing {
    fn from(it: &Shown) -> Self {
        Self { connection: it.connection.clone(), token: it.token, secrets: it.secrets.clone() }
    }
}

/// The test of one connection.
#[derive(Debug)]
pub(super) struct TestOf {
    /// The desk's answer, which names the connection.
    pub(super) answer: Response,
    /// Tells one test from the next.
    pub(super) turn: u32,
    standing: Standing,
}

/// How the last test of a connection stands now.
#[derive(Clone, Debug)]
pub(super) enum Last {
    /// It was not tested since the page was opened.
    None,
    /// The connection or its secrets changed since.
    Outdated,
    /// It counts.
    Counts(Arc<TestOf>),
}

/// The last test of each connection.
#[derive(Clone, Copy)]
pub(super) struct Tests {
    last: RwSignal<Vec<Arc<TestOf>>>,
    turn: StoredValue<u32>,
}

impl Tests {
    pub(super) fn new() -> Self {
        Self { last: RwSignal::new(Vec::new()), turn: StoredValue::new(0) }
    }

    /// Keeps a result. `now` is the connection after the test, because a test can learn of its secrets.
    pub(super) fn keep(self, answer: Response, now: &Shown) {
        if answer.connection != now.id {
            return;
        }
        // The page may be gone by now.
        let Some(turn) = self.turn.try_update_value(|it| {
            *it = it.wrapping_add(1);
            *it
        }) else {
            return;
        };
        let test = Arc::new(TestOf { answer, turn, standing: now.into() });
        let _ = self.last.try_update(|it| {
            it.retain(|known| known.answer.connection != now.id);
            it.push(test);
        });
    }

    /// Forgets the result of a connection.
    pub(super) fn forget(self, id: &ConnectionId) {
        let _ = self.last.try_update(|it| it.retain(|known| known.answer.connection != *id));
    }

    /// The last test of a connection, as it stands now.
    pub(super) fn of(self, now: &Shown) -> Last {
        let found = self.last.with(|it| it.iter().find(|it| it.answer.connection == now.id).cloned());
        match found {
            None => Last::None,
            Some(it) if it.standing == Standing::from(now) => Last::Counts(it),
            Some(_) => Last::Outdated,
        }
    }
}
