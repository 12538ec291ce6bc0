//! `POST /api/<command>`: JSON in, JSON out, one command of the list.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use desk::Failure;
use domain::{Class, ErrorCode};
use http::StatusCode;

use crate::Shared;

/// Carries out a command. Parsing is ours and not axum's, whose words would quote what they stumble over.
pub(crate) async fn command(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let Ok(request) = serde_json::from_slice(&body) else {
        return refuse(Failure::because(ErrorCode::MalformedCall, "the body is not JSON"));
    };
    match shared.desk.dispatch(&name, request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => refuse(failure),
    }
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
