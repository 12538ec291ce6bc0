//! The launch link's own page, and who hears of a new link.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::{Method, StatusCode};

use crate::session::Trade;
use crate::{Shared, page};

/// Below which the launch link lies.
pub(crate) const PATH: &str = "/launch/";

/// Opens a session and moves on to the page. It moves on by its own hand instead of redirecting: a strict cookie is
/// not sent on a redirect that began on another site, such as a chat in which the link was clicked.
///
/// The page's key travels behind a `#`, which browsers send to nobody: it is in no log of a proxy and no Referer.
pub(crate) async fn launch(
    State(shared): State<Arc<Shared>>,
    method: Method,
    Path(secret): Path<String>,
) -> Response {
    // HEAD is what looks at links before people do; it must not use one up.
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match shared.sessions.trade(&secret) {
        Trade::Opened { cookie, key } => ([(SET_COOKIE, cookie)], page::moving_on(&key)).into_response(),
        Trade::Wrong => {
            shared.knocked();
            (StatusCode::FORBIDDEN, page::link_used()).into_response()
        }
        Trade::TooMany(wait) => {
            let seconds = wait.as_secs().saturating_add(1).to_string();
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds)], page::too_many_links()).into_response()
        }
    }
}

impl Shared {
    /// Somebody without a session wants in: a new link is told where `csrdesk serve` runs, and never over HTTP, unless
    /// one was told already that nobody has opened.
    pub(crate) fn knocked(&self) {
        if let Some(link) = self.new_link() {
            (self.tell)(&link);
        }
    }

    pub(crate) fn new_link(&self) -> Option<String> {
        self.sessions.offer().map(|secret| self.names.address(&format!("{PATH}{secret}")))
    }
}
