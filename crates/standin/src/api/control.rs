//! The paths that steer the stand-in by hand: `/standin/faults` and `/standin/requests`. No vendor server has them; they
//! need the token like every other call.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::admission::Call;
use super::envelope;
use crate::faults::Fault;
use crate::shared::Shared;

#[derive(Deserialize)]
struct Ordered {
    /// The name of a fault, or `none` to forget all that were ordered.
    next: String,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// Every fault with its name, sentinel id and description.
pub(super) async fn list() -> Response {
    let row = |fault: &Fault| json!({ "name": fault.name(), "csr_id": fault.csr_id(), "signs": fault.signs(), "describes": fault.describes() });
    envelope::json(StatusCode::OK, &Fault::ALL.iter().map(row).collect::<Vec<_>>())
}

/// Orders a fault for the next calls of `signCSR`, whatever their CSR id.
pub(super) async fn order(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    let refuse = |message: String| envelope::json(StatusCode::BAD_REQUEST, &json!({ "error": message }));
    let ordered: Ordered = match serde_json::from_slice(&call.body) {
        Ok(ordered) => ordered,
        Err(error) => return refuse(format!("wanted {{\"next\":\"<fault>\",\"times\":1}}: {error}")),
    };
    if ordered.next == "none" {
        shared.faults.clear();
        return envelope::json(StatusCode::OK, &json!({ "next": null }));
    }
    let Some(fault) = Fault::by_name(&ordered.next) else {
        return refuse(format!("there is no fault {}; GET /standin/faults lists them", ordered.next));
    };
    shared.faults.push(fault, ordered.times);
    envelope::json(StatusCode::OK, &json!({ "next": fault.name(), "times": ordered.times }))
}

/// Counters and the last requests.
pub(super) async fn requests(State(shared): State<Arc<Shared>>) -> Response {
    let ledger = &shared.ledger;
    let answer = json!({
        "sign_posts": ledger.sign_posts(),
        "signed": ledger.signed(),
        "connections": ledger.connections(),
        "requests": ledger.received(),
    });
    envelope::json(StatusCode::OK, &answer)
}
