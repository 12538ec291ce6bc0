//! The checks in front of everything: method, name, who embeds whom, origin, session. Each answers in words and does
//! nothing else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::Failure;
use domain::ErrorCode;
use http::header::{ALLOW, CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::{HeaderMap, Method, StatusCode};

use crate::seats::Visitor;
use crate::{Shared, page};

/// The page says with it that nobody asked for this call. A caller can only shorten its own session with it.
const AUTOMATIC: HeaderName = HeaderName::from_static("x-csrdesk-automatic");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Only the methods that something here has. OPTIONS is not among them: a question whether another site may call
/// (CORS preflight) is answered like any other stray method, without a word of permission.
pub(crate) async fn known_method_only(request: Request, next: Next) -> Response {
    if [Method::GET, Method::HEAD, Method::POST].contains(request.method()) {
        next.run(request).await
    } else {
        (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD, POST")]).into_response()
    }
}

/// Only requests to a name of ours: a page of another site whose name was pointed at this computer (DNS rebinding)
/// comes with that site's name. A target that names a host itself is for proxies, which this is not.
pub(crate) async fn known_name_only(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let known = single(request.headers(), &HOST).is_some_and(|name| shared.names.knows(name));
    if known && request.uri().authority().is_none() {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, page::wrong_name()).into_response()
    }
}

/// Nothing of ours becomes a part of another site's page: as a script, an image, a frame or the target of a form. A
/// browser says what it fetches for whom; what may come from elsewhere is a person who follows a link.
pub(crate) async fn no_part_of_other_pages(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let ours = fetched_for(headers, &["same-origin", "none"]);
    let a_link = request.method() == Method::GET
        && single(headers, &SEC_FETCH_MODE) == Some("navigate")
        && single(headers, &SEC_FETCH_DEST) == Some("document");
    if ours || a_link {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, page::other_site()).into_response()
    }
}

/// Only what our own page asks for: not another site's link, and no address that somebody typed.
pub(crate) async fn from_our_page_only(request: Request, next: Next) -> Response {
    if fetched_for(request.headers(), &["same-origin"]) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, page::other_site()).into_response()
    }
}

/// Only calls that our own page makes: other sites cannot forge these headers (CSRF).
pub(crate) async fn same_page_only(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let host = single(headers, &HOST).unwrap_or_default();
    let same_origin = single(headers, &ORIGIN).is_some_and(|it| shared.names.is_origin_of(host, it));
    let same_site = fetched_for(headers, &["same-origin"]);
    let json = single(headers, &CONTENT_TYPE)
        .and_then(|it| it.split(';').next())
        .is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"));
    if same_origin && same_site && json {
        next.run(request).await
    } else {
        let failure = Failure::because(ErrorCode::MalformedCall, "the call did not come from this page");
        (StatusCode::FORBIDDEN, Json(failure)).into_response()
    }
}

/// What lies behind a session.
#[derive(Clone, Copy)]
pub(crate) enum Behind {
    /// Commands: both secrets are needed, and the answer is what calls are answered with.
    Calls,
    /// The page's files: the cookie is enough, and the answer is a page.
    Pages,
}

/// Only with a session. Whoever knocks at the front without one has a new link told at the terminal.
pub(crate) async fn session_only(
    State((shared, behind)): State<(Arc<Shared>, Behind)>,
    request: Request,
    next: Next,
) -> Response {
    let admitted = match behind {
        Behind::Calls => {
            let command = request.uri().path().trim_start_matches("/api/");
            let by_itself = desk::is_automatic(command, is_automatic(request.headers()));
            shared.sessions.admits_call(request.headers(), !by_itself)
        }
        Behind::Pages => shared.sessions.admits_page(request.headers()),
    };
    if admitted {
        if let Some(visitor) = request.extensions().get::<Arc<Visitor>>() {
            visitor.is_admitted();
        }
        return next.run(request).await;
    }
    // Icons and other files that a browser asks for by itself are nobody at the door.
    if matches!(behind, Behind::Calls) || request.uri().path() == "/" {
        shared.knocked();
    }
    match behind {
        Behind::Calls => {
            (StatusCode::UNAUTHORIZED, Json(Failure::new(ErrorCode::SessionEnded))).into_response()
        }
        Behind::Pages => (StatusCode::UNAUTHORIZED, page::no_session()).into_response(),
    }
}

/// Whether the page says that nobody asked for this call.
pub(crate) fn is_automatic(headers: &HeaderMap) -> bool {
    headers.contains_key(&AUTOMATIC)
}

/// Whether a browser says that it fetches for one of `sites`, or is too old to say so. To say it twice is to say nothing.
fn fetched_for(headers: &HeaderMap, sites: &[&str]) -> bool {
    !headers.contains_key(&SEC_FETCH_SITE)
        || single(headers, &SEC_FETCH_SITE).is_some_and(|site| sites.contains(&site))
}

/// A header's text, if it stands exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
