//! What a signing asks for, in words: the same before it is sent, when it ended, and in the history.

use desk::Desk;
use domain::{SignRequest, Timestamp, visible};

use crate::layout::counted;

/// The server, with the connection and its environment; none without a connection.
pub(crate) fn server(desk: &Desk) -> Option<String> {
    let it = desk.in_use()?.connection;
    Some(format!("Server: {} ({}, {})", it.server, visible(&it.name), it.environment.as_str()))
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
