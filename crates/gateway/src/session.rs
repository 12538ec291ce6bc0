//! Who may call: the launch link trades its secret for a session cookie, once.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use uuid::Uuid;

use crate::{Shared, page};

/// Below which the launch link lies.
pub(crate) const LAUNCH_PATH: &str = "/launch/";

/// The one session of a gateway, and the secret that opens it.
pub(crate) struct Sessions {
    /// Named after the port: cookies of one host are shared between its ports.
    cookie_name: String,
    /// Taken by the first who comes with it.
    launch: Mutex<Option<String>>,
    session: String,
}

impl Sessions {
    /// A closed session, and the secret for the launch link.
    pub(crate) fn new(port: u16) -> (Self, String) {
        let secret = random();
        let cookie_name = format!("csrdesk_{port}");
        (Self { cookie_name, launch: Mutex::new(Some(secret.clone())), session: random() }, secret)
    }

    /// Whether a request carries the session's cookie.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, value)| name == self.cookie_name && same(value, &self.session))
    }

    /// The Set-Cookie header, when the secret is the right one and was not used before.
    fn trade(&self, secret: &str) -> Option<String> {
        let mut launch = self.launch.lock().unwrap_or_else(PoisonError::into_inner);
        let right = launch.as_ref().is_some_and(|it| same(it, secret));
        right.then(|| {
            *launch = None;
            format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name, self.session)
        })
    }
}

/// The launch link's page. It moves on to the page itself by its own hand instead of redirecting: a strict cookie is
/// not sent on a redirect that began on another site, such as a chat in which the link was clicked.
pub(crate) async fn launch(State(shared): State<Arc<Shared>>, Path(secret): Path<String>) -> Response {
    match shared.sessions.trade(&secret) {
        Some(cookie) => ([(SET_COOKIE, cookie)], page::moving_on()).into_response(),
        None => (StatusCode::FORBIDDEN, page::link_used()).into_response(),
    }
}

/// 244 random bits from the operating system.
fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Compares every byte, so that the time tells nothing about where two texts differ.
fn same(one: &str, two: &str) -> bool {
    one.len() == two.len() && one.bytes().zip(two.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
