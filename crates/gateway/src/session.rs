//! Who may call: a launch link trades its secret for a session, once; a session ends by itself.
//!
//! A session has two secrets. Its cookie lets a browser load the page. Cookies go to every port of a host, so a program
//! that listens on another port can come by it; a call needs the **key** as well, which only the page's own script holds.
//! See docs/decisions/0006-two-secrets-for-the-page.md.

use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use desk::OnBothClocks;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::Clock;
use crate::limits::Limits;

/// Carries the key; no other site can add it without asking first, which is never granted.
const KEY: HeaderName = HeaderName::from_static("x-csrdesk");

/// How many downloads wait at most; each holds a file open.
const MAX_DOWNLOADS: usize = 4;

/// The one session of a gateway, and the link that opens the next one.
pub(crate) struct Sessions {
    cookie_name: String,
    /// Whether the cookie may only travel over TLS.
    secure: bool,
    limits: Limits,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    open: Option<Session>,
    wrong: Option<WrongLinks>,
}

/// Taken by the first who comes with it.
struct Link {
    secret: String,
    made: OnBothClocks,
}

struct Session {
    cookie: String,
    key: String,
    opened: OnBothClocks,
    used: OnBothClocks,
    downloads: Vec<Download>,
}

/// An export that waits to be fetched; it ends with its session.
struct Download {
    /// Takes the place of the key, which a browser cannot send when it follows a link. Works once.
    secret: String,
    name: String,
    file: File,
    made: OnBothClocks,
}

/// Wrong links since a moment.
struct WrongLinks {
    since: OnBothClocks,
    count: u32,
}

/// What came of a launch link.
pub(crate) enum Trade {
    /// A session, with its Set-Cookie header and its key. The one before it has ended.
    Opened { cookie: String, key: String },
    /// No link that opens anything, or one that did already.
    Wrong,
    /// Too many of those; ask again after this time.
    TooMany(Duration),
}

impl Sessions {
    /// No session and no link.
    pub(crate) fn new(cookie_name: String, secure: bool, limits: Limits, clock: Clock) -> Self {
        Self { cookie_name, secure, limits, clock, state: Mutex::default() }
    }

    /// The secret of a new link, unless one is waiting to be opened already: whoever knocks, and however often, there
    /// is never more than one.
    pub(crate) fn offer(&self) -> Option<String> {
        let now = OnBothClocks::at((self.clock)());
        let mut state = self.state();
        if state.link.as_ref().is_some_and(|it| now.since(it.made) < self.limits.link) {
            return None;
        }
        let secret = random();
        state.link = Some(Link { secret: secret.clone(), made: now });
        Some(secret)
    }

    /// Opens a session with the secret of a link.
    ///
    /// The right link is let in even while wrong ones are refused: otherwise whoever sends wrong ones could keep the
    /// owner out. What makes guessing hopeless is the secret's length; the limit keeps the noise down.
    pub(crate) fn trade(&self, secret: &str) -> Trade {
        let now = OnBothClocks::at((self.clock)());
        let mut state = self.state();
        let right = state
            .link
            .as_ref()
            .is_some_and(|it| same(&it.secret, secret) & (now.since(it.made) < self.limits.link));
        if !right {
            return self.wrong(&mut state, now);
        }
        let (cookie, key) = (random(), random());
        let secure = if self.secure { "; Secure" } else { "" };
        let set = format!("{}={cookie}; HttpOnly; SameSite=Strict; Path=/{secure}", self.cookie_name);
        *state = State {
            open: Some(Session { cookie, key: key.clone(), opened: now, used: now, downloads: Vec::new() }),
            ..State::default()
        };
        Trade::Opened { cookie: set, key }
    }

    fn wrong(&self, state: &mut State, now: OnBothClocks) -> Trade {
        let wrong = match &mut state.wrong {
            Some(it) if now.since(it.since) < self.limits.pause => it,
            // What comes while links are refused does not make the pause longer.
            other => other.insert(WrongLinks { since: now, count: 0 }),
        };
        wrong.count = wrong.count.saturating_add(1);
        if wrong.count > self.limits.wrong_links {
            Trade::TooMany(self.limits.pause.saturating_sub(now.since(wrong.since)))
        } else {
            Trade::Wrong
        }
    }

    /// Whether a request may load the page: it carries the session's cookie.
    pub(crate) fn admits_page(&self, headers: &HeaderMap) -> bool {
        let now = OnBothClocks::at((self.clock)());
        self.open(&mut self.state(), now).is_some_and(|it| self.has_cookie(headers, it))
    }

    /// Whether a request may carry out a command: it carries both secrets. That is use of the session, if a person asks.
    pub(crate) fn admits_call(&self, headers: &HeaderMap, by_a_person: bool) -> bool {
        let now = OnBothClocks::at((self.clock)());
        let mut state = self.state();
        let Some(session) = self.caller(&mut state, headers, now) else { return false };
        if by_a_person {
            session.used = now;
        }
        true
    }

    /// Keeps a file for the page whose call this is, and returns the secret of its address; none when its session is over.
    pub(crate) fn keep_download(&self, headers: &HeaderMap, name: String, file: File) -> Option<String> {
        let now = OnBothClocks::at((self.clock)());
        let mut state = self.state();
        let downloads = &mut self.caller(&mut state, headers, now)?.downloads;
        if downloads.len() >= MAX_DOWNLOADS {
            downloads.remove(0);
        }
        let secret = random();
        downloads.push(Download { secret: secret.clone(), name, file, made: now });
        Some(secret)
    }

    /// The file of a secret, once, for a browser with the cookie of the session that it is for.
    pub(crate) fn take_download(&self, headers: &HeaderMap, secret: &str) -> Option<(String, File)> {
        let now = OnBothClocks::at((self.clock)());
        let mut state = self.state();
        let session = self.open(&mut state, now).filter(|it| self.has_cookie(headers, it))?;
        session.downloads.retain(|it| now.since(it.made) < self.limits.download);
        let place = session.downloads.iter().position(|it| same(&it.secret, secret))?;
        let Download { name, file, .. } = session.downloads.remove(place);
        Some((name, file))
    }

    /// The session whose two secrets these headers carry.
    fn caller<'a>(
        &self,
        state: &'a mut State,
        headers: &HeaderMap,
        now: OnBothClocks,
    ) -> Option<&'a mut Session> {
        let session = self.open(state, now)?;
        let mut keys = headers.get_all(KEY).iter();
        let key = keys.next().and_then(|it| it.to_str().ok()).filter(|_| keys.next().is_none());
        let admitted = self.has_cookie(headers, session) & key.is_some_and(|it| same(it, &session.key));
        admitted.then_some(session)
    }

    /// The session, unless its time is over.
    fn open<'a>(&self, state: &'a mut State, now: OnBothClocks) -> Option<&'a mut Session> {
        let over = |it: &Session| {
            now.since(it.used) >= self.limits.idle || now.since(it.opened) >= self.limits.session
        };
        if state.open.as_ref().is_some_and(over) {
            state.open = None;
        }
        state.open.as_mut()
    }

    fn has_cookie(&self, headers: &HeaderMap, session: &Session) -> bool {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            // A neighbour on another port can add a cookie of this name; it does not hide the right one.
            .any(|(name, value)| name == self.cookie_name && same(value, &session.cookie))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 244 random bits from the operating system.
fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Compares every byte, so that the time tells nothing about where two texts differ.
fn same(one: &str, two: &str) -> bool {
    one.as_bytes().ct_eq(two.as_bytes()).into()
}
