//! `POST /api/<command>`: JSON in, JSON out, one command of the list.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use desk::commands::export::Export;
use desk::{Command as _, Failure};
use domain::{Class, ErrorCode};
use http::{HeaderMap, StatusCode};

use crate::{Shared, downloads, guard};

const TOO_LARGE: &str = "the body is too large";

/// Carries out a command. Parsing is ours and not axum's, whose words would quote what they stumble over.
pub(crate) async fn command(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let most = shared.limits.body_bytes;
    // What a caller says about its length is believed when it is too much already.
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > most {
        return unread(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
    }
    let reading = axum::body::to_bytes(body, most);
    let body = match tokio::time::timeout(shared.limits.body, reading).await {
        Ok(Ok(body)) => body,
        // Or it broke off, and nobody listens.
        Ok(Err(_)) => return unread(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE),
        Err(_) => return unread(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    };
    let Ok(request) = serde_json::from_slice(&body) else {
        return unread(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    match shared.desk.dispatch_for(&name, request, guard::is_automatic(&headers)).await {
        Ok(answer) if name == Export::INFO.name => {
            downloads::instead_of_path(&shared, &headers, answer).await
        }
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => refuse(failure),
    }
}

fn unread(status: StatusCode, why: &str) -> Response {
    (status, Json(Failure::because(ErrorCode::MalformedCall, why))).into_response()
}

fn refuse(failure: Failure) -> Response {
    let status = match failure.code {
        ErrorCode::UnknownCommand => StatusCode::NOT_FOUND,
        ErrorCode::MalformedCall => StatusCode::BAD_REQUEST,
        code => match code.class() {
            Class::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::CONFLICT,
        },
    };
    (status, Json(failure)).into_response()
}
