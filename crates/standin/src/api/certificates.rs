//! Looking at certificates: `getAllSSLCertificates`, `getCertificate`, `getCertificateDetails`. Shapes as read by public
//! clients; nothing here is documented in full by the vendor.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::admission::Call;
use super::arguments::Details;
use super::envelope::{self, SUCCESS};
use super::listing::{DetailRow, ListRow};
use crate::pki::serial::Serial;
use crate::shared::{ListShape, Shared};
use crate::world::World;
use crate::world::state::{Organization, StoredCertificate};

const LIST: &str = "getAllSSLCertificates";
const FETCH: &str = "getCertificate";
const DETAILS: &str = "getCertificateDetails";

/// Issuers and issued certificates, optionally only those that end in fewer than so many days.
pub(super) async fn list(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    let within = match Details::of_optional(&call).and_then(|details| days_left(&details)) {
        Ok(within) => within,
        Err(message) => return envelope::failed(LIST, &message),
    };
    let world = shared.world();
    let Ok(home) = world.organization(&call.organization) else {
        return envelope::failed(LIST, "No such organization.");
    };
    let now = world.clock().now();
    let before = within.map(|days| now.unix_timestamp().saturating_add(days.saturating_mul(86_400)));
    let rows: Vec<ListRow<'_>> = home
        .certificates()
        .filter(|row| before.is_none_or(|before| row.not_after < before))
        .map(ListRow::from)
        .collect();
    match shared.options.list_shape {
        ListShape::New => envelope::with_details(LIST, "Certificates fetched successfully.", Some(rows)),
        ListShape::Old => {
            let result = json!({ "message": "Certificates fetched successfully.", "status": SUCCESS });
            envelope::json(
                StatusCode::OK,
                &json!({ "name": LIST, "result": result, "SSLCertificates": rows }),
            )
        }
    }
}

fn days_left(details: &Details) -> Result<Option<i64>, String> {
    const KEY: &str = "withExpiryDaysLessThan";
    if details.text(KEY)?.is_none() {
        return Ok(None);
    }
    details.need_number(KEY).map(|days| Some(i64::try_from(days).unwrap_or(i64::MAX)))
}

/// The certificate as PEM text, not JSON. Without a serial number the youngest of that name (assumed).
pub(super) async fn fetch(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    let world = shared.world();
    let answer = Details::of(&call).and_then(|details| {
        match details.text("fileType")?.as_deref() {
            None | Some("CER") => {}
            Some(other) => return Err(format!("fileType {other} is not available for this certificate.")),
        }
        let home = world.organization(&call.organization).map_err(|error| error.to_string())?;
        pem_of(&world, home, find(home, &details)?)
    });
    match answer {
        Ok(text) => envelope::raw(text),
        Err(message) => envelope::failed(FETCH, &message),
    }
}

fn pem_of(world: &World, home: &Organization, certificate: &StoredCertificate) -> Result<String, String> {
    let leaf = world.certificate_pem(certificate).map_err(|error| error.to_string())?;
    if !certificate.root_first {
        return Ok(leaf);
    }
    let issuer = home
        .issuers
        .iter()
        .find(|issuer| issuer.certificate.serial_number == certificate.issuer_serial_number);
    let above = issuer
        .map(|issuer| world.certificate_pem(&issuer.certificate))
        .transpose()
        .map_err(|error| error.to_string())?;
    Ok(above.unwrap_or_default() + &leaf)
}

/// The record of one certificate: under `details`, or in the old shape under its own id.
pub(super) async fn details(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    let world = shared.world();
    let Ok(home) = world.organization(&call.organization) else {
        return envelope::failed(DETAILS, "No such organization.");
    };
    let row = match Details::of(&call).and_then(|details| find(home, &details)) {
        Ok(certificate) => DetailRow::from(certificate),
        Err(message) => return envelope::failed(DETAILS, &message),
    };
    const MESSAGE: &str = "Certificate details fetched successfully.";
    match shared.options.list_shape {
        ListShape::New => envelope::with_details(DETAILS, MESSAGE, Some(row)),
        ListShape::Old => {
            let id = row.certificate_id().to_string();
            let result = json!({ "message": MESSAGE, "status": SUCCESS });
            envelope::json(StatusCode::OK, &json!({ "name": DETAILS, "result": result, id: row }))
        }
    }
}

fn find<'a>(home: &'a Organization, details: &Details) -> Result<&'a StoredCertificate, String> {
    let name = details.need_text("common_name")?;
    let serial = details.text("serial_number")?;
    let wanted = match &serial {
        Some(text) => Some(
            Serial::from_text(text)
                .ok_or_else(|| format!("serial_number {text} is not a hexadecimal number."))?,
        ),
        None => None,
    };
    let fits = |certificate: &&StoredCertificate| {
        certificate.common_name == name
            && wanted
                .as_ref()
                .is_none_or(|wanted| Serial::from_text(&certificate.serial_number).as_ref() == Some(wanted))
    };
    home.certificates()
        .filter(fits)
        .last()
        .ok_or_else(|| format!("No certificate found for the common name {name}.")) // [assumed]
}
