//! The checks in front of everything: name, origin, session. Each answers in words and does nothing else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use desk::Failure;
use domain::ErrorCode;
use http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::{HeaderMap, StatusCode};

use crate::{Shared, page};

/// A header that no other site can add without asking first, which is never granted.
const OURS: HeaderName = HeaderName::from_static("x-csrdesk");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Only requests to a loopback name: a page of another site whose name was pointed at this computer (DNS rebinding)
/// comes with that site's name.
pub(crate) async fn known_name_only(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let named = single(request.headers(), &HOST).or_else(|| request.uri().authority().map(|it| it.as_str()));
    if named.is_some_and(|name| shared.names.iter().any(|it| it == name)) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, page::wrong_name()).into_response()
    }
}

/// Only calls that our own page makes: other sites cannot forge these headers (CSRF).
pub(crate) async fn same_page_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = single(headers, &HOST).unwrap_or_default();
    let same_origin = single(headers, &ORIGIN).is_some_and(|it| it == format!("http://{host}"));
    let same_site = single(headers, &SEC_FETCH_SITE).is_none_or(|it| it == "same-origin");
    let json = single(headers, &CONTENT_TYPE).is_some_and(|it| it.starts_with("application/json"));
    if same_origin && same_site && json && headers.contains_key(&OURS) {
        next.run(request).await
    } else {
        let failure = Failure::because(ErrorCode::MalformedCall, "the call did not come from this page");
        (StatusCode::FORBIDDEN, Json(failure)).into_response()
    }
}

/// Only with the session's cookie; a call is answered as calls are.
pub(crate) async fn session_for_calls(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if shared.sessions.admits(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, Json(Failure::new(ErrorCode::SessionEnded))).into_response()
    }
}

/// Only with the session's cookie; a page is answered by a page.
pub(crate) async fn session_for_pages(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if shared.sessions.admits(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, page::no_session()).into_response()
    }
}

/// A header's text, if it stands exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
