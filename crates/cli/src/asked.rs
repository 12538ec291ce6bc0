//! Which server is asked, and what a signing asks for, in words: the same before it is sent, when it ended, and in the history.

use desk::commands::connections;
use desk::{Desk, Failure};
use domain::{ErrorCode, SignRequest, Timestamp, visible};

use crate::layout::{self, counted};

/// The server, with the connection and its environment; none without a connection.
pub(crate) fn server(desk: &Desk) -> Option<String> {
    let it = desk.in_use()?.connection;
    Some(format!("Server: {} ({}, {})", it.server, visible(&it.name), it.environment.as_str()))
}

/// Makes sure that a task has a server. Where connections are saved and none is in use, the failure has the options that name
/// them, ready to copy.
///
/// # Errors
/// [`ErrorCode::NoConnection`] or [`ErrorCode::NoConnectionInUse`].
pub(crate) async fn require_server(desk: &Desk) -> Result<(), Failure> {
    if desk.has_connection() {
        return Ok(());
    }
    desk.require_settings()?;
    let saved = desk.connections(connections::Request {}).await?.connections;
    let options: Vec<_> =
        saved.iter().map(|it| format!("--connection {}", layout::quoted(&it.connection.name))).collect();
    match options.split_last() {
        None => Err(Failure::new(ErrorCode::NoConnection)),
        Some((last, [])) => Err(Failure::because(ErrorCode::NoConnectionInUse, last)),
        Some((last, others)) => {
            let options = format!("{} or {last}", others.join(", "));
            Err(Failure::because(ErrorCode::NoConnectionInUse, options))
        }
    }
}

/// The issuer by its common name and serial number, else the sign type.
pub(crate) fn issuer(request: &SignRequest) -> String {
    match &request.issuer {
        Some(issuer) => {
            format!("{} ({})", visible(issuer.common_name.as_str()), issuer.serial_number.colons())
        }
        None => request.sign_type.to_string(),
    }
}

/// Whether the certificate is to be a CA.
pub(crate) fn kind(request: &SignRequest) -> &'static str {
    if request.intermediate { "intermediate CA" } else { "not a CA" }
}

/// The validity in days.
pub(crate) fn validity(request: &SignRequest) -> String {
    counted(u64::from(request.validity.days()), "day", "days")
}

/// The validity in days, with the day on which the certificate expires if the server counts from now.
pub(crate) fn validity_to(request: &SignRequest, end: Timestamp) -> String {
    format!("{}, to about {} (UTC)", validity(request), end.date())
}
