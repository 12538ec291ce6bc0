//! What every request passes before an operation sees it: it is counted, its body is read whole within a bound, its token
//! is checked, and its organization is found. Owns `Call`, what is left of a request after that.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};

use super::{BASE, envelope};
use crate::faults::delivery;
use crate::net::line::Line;
use crate::shared::Shared;
use crate::world::state::HOME_ORGANIZATION;

/// Prefix of the paths that steer the stand-in. No vendor server has them.
pub(crate) const CONTROL: &str = "/standin";
/// The largest body that is read, in bytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// A request that was let in.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) line: Arc<Line>,
    /// Whether its connection had carried a request before.
    pub(crate) reused: bool,
    pub(crate) http2: bool,
    /// As it was sent, which is as it has to be.
    pub(crate) token: String,
    pub(crate) organization: String,
    pub(crate) query: String,
    pub(crate) body: Bytes,
}

/// The middleware in front of every route.
pub(crate) async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let Some(line) = head.extensions.get::<Arc<Line>>().cloned() else {
        return envelope::not_admitted(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The request came over no connection.",
        );
    };
    let reused = line.count_request();
    let number = note_head(&shared, &head);
    if shared.options.http11_required && head.version == Version::HTTP_2 {
        return delivery::reset_stream();
    }
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return envelope::not_admitted(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is larger than 1 MiB, or was cut off.",
        );
    };
    if let Some(number) = number {
        shared.ledger.note_body(number, &body, &shared.token);
    }
    if let Err(refusal) = check_token(&head, &body, &shared.token) {
        return envelope::not_admitted(StatusCode::OK, refusal);
    }
    let organization = match organization(&head.headers, &shared) {
        Ok(organization) => organization,
        Err(refusal) => return envelope::not_admitted(StatusCode::OK, &refusal),
    };
    let call = Call {
        line,
        reused,
        http2: head.version == Version::HTTP_2,
        token: shared.token.clone(),
        organization,
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: body.clone(),
    };
    head.extensions.insert(call);
    next.run(Request::from_parts(head, Body::from(body))).await
}

/// Counts and remembers the request as soon as its head is there. Control calls are not part of the world.
fn note_head(shared: &Shared, head: &Parts) -> Option<u64> {
    let path = head.uri.path();
    if path.starts_with(CONTROL) {
        return None;
    }
    if head.method == Method::POST && path.strip_prefix(BASE).is_some_and(|rest| rest.starts_with("/signCSR"))
    {
        shared.ledger.count_sign_post();
    }
    Some(shared.ledger.note_head(head, &shared.token))
}

/// The token belongs into the header and nowhere else (the vendor's older API page says "header only"). That a copy
/// elsewhere is refused even beside a right header is (assumed); it makes a leak in a client impossible to overlook.
fn check_token(head: &Parts, body: &[u8], token: &str) -> Result<(), &'static str> {
    if token_elsewhere(head, body, token) {
        return Err("AUTHTOKEN is accepted in the request header only. Authentication failed.");
    }
    let mut given = head.headers.get_all("authtoken").iter();
    match (given.next(), given.next()) {
        (Some(value), None) if same(value.as_bytes(), token.as_bytes()) => Ok(()),
        _ => Err(envelope::BAD_TOKEN),
    }
}

fn token_elsewhere(head: &Parts, body: &[u8], token: &str) -> bool {
    let names_it =
        |text: &[u8]| form_urlencoded::parse(text).any(|(key, _)| key.eq_ignore_ascii_case("AUTHTOKEN"));
    let path_segment = |segment: &str| segment.to_ascii_uppercase().starts_with("AUTHTOKEN=");
    let holds_it = |text: &[u8]| text.windows(token.len()).any(|window| window == token.as_bytes());
    names_it(head.uri.query().unwrap_or_default().as_bytes())
        || head.uri.path().split('/').any(path_segment)
        || head.uri.path_and_query().is_some_and(|path| holds_it(path.as_str().as_bytes()))
        || names_it(body)
        || holds_it(body)
}

/// Compares without stopping at the first difference.
fn same(given: &[u8], wanted: &[u8]) -> bool {
    given.len() == wanted.len() && given.iter().zip(wanted).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// The organization by display name; the home organization when no header names one.
fn organization(headers: &HeaderMap, shared: &Shared) -> Result<String, String> {
    let Some(name) = headers.get("orgname") else { return Ok(HOME_ORGANIZATION.to_owned()) };
    let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
    match shared.world().organization(&name) {
        Ok(_) => Ok(name),
        Err(_) => Err(format!("Organization {name} is not available.")), // [assumed]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0A1B2C3D-0000-4000-8000-000000000000";

    fn check(uri: &str, header: Option<&str>, body: &str) -> Result<(), &'static str> {
        let mut request = http::Request::post(uri);
        if let Some(token) = header {
            request = request.header("AUTHTOKEN", token);
        }
        check_token(&request.body(()).unwrap().into_parts().0, body.as_bytes(), TOKEN)
    }

    #[test]
    fn only_the_header_admits() {
        assert_eq!(check("/x", Some(TOKEN), "INPUT_DATA={}"), Ok(()));
        assert_eq!(check("/x", None, ""), Err(envelope::BAD_TOKEN));
        assert_eq!(check("/x", Some(&TOKEN.to_lowercase()), ""), Err(envelope::BAD_TOKEN));
    }

    #[test]
    fn a_copy_anywhere_else_is_refused_even_with_a_right_header() {
        for uri in [
            format!("/x?AUTHTOKEN={TOKEN}"),
            "/x?authtoken=other".to_owned(),
            format!("/x/AUTHTOKEN={TOKEN}"),
            format!("/{TOKEN}"),
        ] {
            assert!(check(&uri, Some(TOKEN), "").is_err(), "{uri}");
        }
        for body in [format!("AUTHTOKEN={TOKEN}"), format!("INPUT_DATA={{\"x\":\"{TOKEN}\"}}")] {
            assert!(check("/x", Some(TOKEN), &body).is_err(), "{body}");
        }
    }
}
