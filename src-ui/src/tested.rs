//! Test results, each bound to the connection that was tested and to how that connection was set then.
//!
//! A result is read with the id of the connection it is shown for: beside another one it cannot appear. It stays for the
//! life of the page, as long as what it depends on is what it was; a lock deletes all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use desk::Failure;
use desk::commands::test_connection::Response;
use desk::commands::{SecretKind, Shown, TokenState};
use domain::{Connection, ConnectionId, Environment, Fingerprint, Timestamp};
use leptos::prelude::*;

use crate::clock;

/// What a result depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    connection: Connection,
    token: Option<TokenState>,
    secrets: Vec<SecretKind>,
    secrets_since: BTreeMap<SecretKind, Timestamp>,
    removed: bool,
}

impl From<&Shown> for Standing {
    fn from(it: &Shown) -> Self {
        let mut connection = it.connection.clone();
        // Its name, its mark and a reminder lead no request elsewhere.
        connection.name.clear();
        connection.environment = Environment::Unmarked;
        connection.token_expires = None;
        let (secrets, secrets_since) = (it.secrets.clone(), it.secrets_since.clone());
        // Whether the server rejects the token counts, and not when it did so last.
        let rejected = it.token.and_then(|it| it.rejected).map(|_| Timestamp::from_millis(0));
        let token = it.token.map(|it| TokenState { rejected, ..it });
        Self { connection, token, secrets, secrets_since, removed: it.removed }
    }
}

/// The test of one connection.
#[derive(Debug)]
pub(crate) struct TestOf {
    /// The desk's answer, which names the connection.
    pub(crate) answer: Response,
    /// When the test ended, by this page's clock.
    pub(crate) at: Timestamp,
    /// Tells one test from the next.
    pub(crate) turn: u32,
    /// The comparison that did not match, if there was one: each test allows one. It stays with the test when the page is
    /// left.
    pub(crate) differed: ArcRwSignal<Option<Differed>>,
    /// The fingerprint as typed so far, to be compared. It stays with the test as well.
    pub(crate) typed: ArcRwSignal<String>,
    standing: Standing,
}

/// A typed fingerprint that is not that of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differed {
    /// What a person typed.
    pub(crate) typed: Fingerprint,
    /// What the desk says about it.
    pub(crate) failure: Failure,
}

/// How the last test of a connection stands now.
#[derive(Clone, Debug)]
pub(crate) enum Last {
    /// It was not tested since the page came up, or since the last lock.
    None,
    /// The connection or its secrets changed since.
    Outdated,
    /// It counts.
    Counts(Arc<TestOf>),
}

/// The last test of each connection, and the one that runs.
#[derive(Clone, Copy)]
pub(crate) struct Tests {
    last: RwSignal<Vec<Arc<TestOf>>>,
    /// The connection that is being tested.
    running: RwSignal<Option<ConnectionId>>,
    turn: StoredValue<u32>,
    /// Grows with each replaced token and each lock: a test that began before does not count.
    generation: StoredValue<u32>,
}

/// A test that has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun(u32);

impl Tests {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            last: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            turn: StoredValue::new(0),
            generation: StoredValue::new(0),
        }
    }

    /// A test of a connection begins: its last result no longer counts.
    pub(crate) fn begin(self, id: &ConnectionId) -> Begun {
        self.running.set(Some(id.clone()));
        self.forget(id);
        Begun(self.generation.get_value())
    }

    /// The test that ran is over, whatever came of it.
    pub(crate) fn end(self) {
        self.running.set(None);
    }

    /// Whether a connection is being tested.
    pub(crate) fn is_running(self, id: &ConnectionId) -> bool {
        self.running.with(|it| it.as_ref() == Some(id))
    }

    /// Whether any connection is being tested.
    pub(crate) fn any_running(self) -> bool {
        self.running.with(Option::is_some)
    }

    /// Keeps a result. `now` is the connection after the test, because a test can learn of its secrets. Returns whether the
    /// result counts: none does of a test during which something that it depends on was replaced or locked away.
    #[must_use]
    pub(crate) fn keep(self, begun: Begun, answer: Response, now: &Shown) -> bool {
        self.keep_at(begun, answer, now, clock::now)
    }

    fn keep_at(self, begun: Begun, answer: Response, now: &Shown, at: fn() -> Timestamp) -> bool {
        if answer.connection != now.id || begun.0 != self.generation.get_value() {
            return false;
        }
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        let (differed, typed) = (ArcRwSignal::new(None), ArcRwSignal::new(String::new()));
        let test = Arc::new(TestOf { answer, at: at(), turn, differed, typed, standing: now.into() });
        self.last.update(|it| {
            it.retain(|known| known.answer.connection != now.id);
            it.push(test);
        });
        true
    }

    /// Deletes the result of a connection: its token was replaced, or it is tested again.
    pub(crate) fn forget(self, id: &ConnectionId) {
        self.generation.update_value(|it| *it = it.wrapping_add(1));
        if self.last.with_untracked(|it| it.iter().any(|it| it.answer.connection == *id)) {
            self.last.update(|it| it.retain(|known| known.answer.connection != *id));
        }
    }

    /// Deletes all results: a lock took the secrets that they depend on.
    pub(crate) fn forget_all(self) {
        self.generation.update_value(|it| *it = it.wrapping_add(1));
        self.last.set(Vec::new());
    }

    /// The last test of a connection, as it stands now.
    pub(crate) fn of(self, now: &Shown) -> Last {
        let found = self.last.with(|it| it.iter().find(|it| it.answer.connection == now.id).cloned());
        match found {
            None => Last::None,
            Some(it) if it.standing == Standing::from(now) => Last::Counts(it),
            Some(_) => Last::Outdated,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ConnectionForm;

    use super::*;

    fn shown(change: impl FnOnce(&mut ConnectionForm)) -> Shown {
        let mut form = ConnectionForm {
            name: "Live".to_owned(),
            server: "https://h:1".to_owned(),
            ..ConnectionForm::default()
        };
        change(&mut form);
        let token = Some(TokenState {
            in_keychain: true,
            since: Some(Timestamp::from_millis(1)),
            problem: None,
            rejected: None,
        });
        Shown { token, ..crate::fixtures::shown(ConnectionId::from_number(1), &form) }
    }

    #[test]
    fn a_result_counts_until_something_changes_that_a_test_depends_on() {
        let tested = Standing::from(&shown(|_| ()));
        let counts = |now: &Shown| Standing::from(now) == tested;
        assert!(counts(&shown(|it| it.name = "Production".to_owned())));
        assert!(counts(&shown(|it| it.environment = Environment::Production)));
        assert!(counts(&shown(|it| it.token_expires = "2027-03-04".to_owned())));

        assert!(!counts(&shown(|it| it.server = "https://h:2".to_owned())));
        assert!(!counts(&shown(|it| it.organization = "Org".to_owned())));
        assert!(!counts(&shown(|it| it.pin = "0a".repeat(32))));
        assert!(!counts(&shown(|it| it.timeout_seconds = "5".to_owned())));
        let rejected = |at| {
            let mut it = shown(|_| ());
            it.token.as_mut().unwrap().rejected = Some(Timestamp::from_millis(at));
            it
        };
        assert!(!counts(&rejected(1)), "the server rejected the token since");
        assert_eq!(Standing::from(&rejected(1)), Standing::from(&rejected(2)), "and again");
        let mut replaced = shown(|_| ());
        replaced.token.as_mut().unwrap().since = Some(Timestamp::from_millis(2));
        assert!(!counts(&replaced), "another token");
        replaced.token = None;
        assert!(!counts(&replaced));
        let removed = Shown { removed: true, ..shown(|_| ()) };
        assert!(!counts(&removed), "another program removed it");

        let with_secret = |since| Shown {
            secrets: vec![SecretKind::ProxyPassword],
            secrets_since: BTreeMap::from([(SecretKind::ProxyPassword, Timestamp::from_millis(since))]),
            ..shown(|_| ())
        };
        let tested = Standing::from(&with_secret(1));
        assert_eq!(Standing::from(&with_secret(1)), tested);
        assert_ne!(Standing::from(&with_secret(2)), tested, "another proxy password");
    }

    fn test(tests: Tests, of: &Shown, meanwhile: impl FnOnce()) -> bool {
        let answer = Response { connection: of.id.clone(), steps: Vec::new(), diagnosis: None };
        let begun = tests.begin(&of.id);
        meanwhile();
        tests.end();
        tests.keep_at(begun, answer, of, || Timestamp::from_millis(1))
    }

    #[test]
    fn a_result_is_not_kept_when_a_secret_was_replaced_during_the_test() {
        let owner = Owner::new();
        let (tests, of) = (owner.with(Tests::new), shown(|_| ()));
        assert!(test(tests, &of, || ()));
        assert!(matches!(tests.of(&of), Last::Counts(_)));
        assert!(!test(tests, &of, || tests.forget(&of.id)));
        assert!(!test(tests, &of, || tests.forget_all()));
        assert!(matches!(tests.of(&of), Last::None));
    }

    #[test]
    fn a_comparison_that_did_not_match_stays_with_its_test() {
        let owner = Owner::new();
        let (tests, of) = (owner.with(Tests::new), shown(|_| ()));
        let differed = || match tests.of(&of) {
            Last::Counts(it) => it.differed.get_untracked(),
            other => panic!("{other:?}"),
        };
        assert!(test(tests, &of, || ()));
        let it = Differed {
            typed: Fingerprint::parse(&"ab".repeat(32)).unwrap(),
            failure: Failure::new(domain::ErrorCode::FingerprintDiffers),
        };
        // From a page of its own, which is left before the next one asks.
        let page = owner.child();
        page.with(|| match tests.of(&of) {
            Last::Counts(test) => RwSignal::from(test.differed.clone()).set(Some(it.clone())),
            other => panic!("{other:?}"),
        });
        drop(page);
        assert_eq!(differed(), Some(it));
        assert!(test(tests, &of, || ()));
        assert_eq!(differed(), None, "another test allows another comparison");
    }
}
