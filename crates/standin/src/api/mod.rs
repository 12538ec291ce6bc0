//! The HTTP side: routes, admission, arguments, envelopes and one module per group of operations. Which shapes are
//! documented by the vendor, quoted or assumed is listed in the crate's README.

pub(crate) mod admission;
mod arguments;
mod certificates;
mod control;
mod csrs;
pub(crate) mod envelope;
mod listing;
mod sign;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use http::{Method, StatusCode};

use self::admission::Call;
use crate::faults::bodies;
use crate::shared::Shared;

/// The documented base path of every operation.
pub(crate) const BASE: &str = "/api/pki/restapi";

/// All routes behind the admission check.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let operations = Router::new()
        .route("/signCSR", post(sign::sign_csr))
        .route("/importCSR", post(csrs::import))
        .route("/createCSR", post(csrs::create))
        .route("/exportCSR", get(csrs::export))
        .route("/getAllSSLCertificates", get(certificates::list))
        .route("/getCertificate", get(certificates::fetch))
        .route("/getCertificateDetails", get(certificates::details))
        .route("/{operation}", any(by_configured_name));
    let controls = Router::new()
        .route("/faults", get(control::list).post(control::order))
        .route("/requests", get(control::requests));
    Router::new()
        .nest(BASE, operations)
        .nest(admission::CONTROL, controls)
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(admission::MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), admission::admit))
        .with_state(shared)
}

/// The CSR list: its operation name is not known (assumed), so it is an option and not a route.
async fn by_configured_name(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Call>,
    Path(operation): Path<String>,
    method: Method,
) -> Response {
    if method == Method::GET && operation == shared.options.csr_list_operation {
        return csrs::list(&shared, &call);
    }
    nowhere().await
}

async fn nowhere() -> Response {
    envelope::html(StatusCode::NOT_FOUND, bodies::NOT_FOUND_PAGE)
}
