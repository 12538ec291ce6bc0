//! The answer envelopes. Success is documented by the vendor, byte for field; for a refusal of a PKI call no example
//! exists anywhere, so the same shape with `Failed` and HTTP status 200 is assumed. The nested shape for a refused token
//! was captured from the sibling API of the same server.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// `result`, `name` and, where there is something to tell, `details`: the order on the vendor's page.
#[derive(Serialize)]
pub(crate) struct Envelope<'a, D: Serialize> {
    pub(crate) result: Outcome<'a>,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<D>,
}

#[derive(Serialize)]
pub(crate) struct Outcome<'a> {
    pub(crate) message: &'a str,
    pub(crate) status: &'a str,
}

/// An envelope one level down, under `operation`.
#[derive(Serialize)]
pub(crate) struct Nested<T: Serialize> {
    pub(crate) operation: T,
}

/// One row of `signCSR`'s details.
#[derive(Serialize)]
pub(crate) struct SignedRow<'a> {
    #[serde(rename = "commonName")]
    pub(crate) common_name: &'a str,
    #[serde(rename = "Certificate_ID")]
    pub(crate) certificate_id: u64,
    #[serde(rename = "serialNumber")]
    pub(crate) serial_number: String,
}

/// `name` in the answer of `signCSR`, as the vendor spells it.
pub(crate) const SIGN_CSR: &str = "SignCSR";
pub(crate) const SUCCESS: &str = "Success";
pub(crate) const FAILED: &str = "Failed";
/// Captured from the sibling API.
pub(crate) const BAD_TOKEN: &str = "API key received is not associated to any user. Authentication failed.";
/// Captured from the sibling API.
pub(crate) const BAD_HOST: &str = "User is not allowed to access from this host";

pub(crate) fn success(name: &str, message: &str) -> Response {
    with_details::<()>(name, message, None)
}

pub(crate) fn with_details<D: Serialize>(name: &str, message: &str, details: Option<D>) -> Response {
    json(StatusCode::OK, &Envelope { result: Outcome { message, status: SUCCESS }, name, details })
}

/// A refusal, with HTTP status 200 (assumed).
pub(crate) fn failed(name: &str, message: &str) -> Response {
    failed_with(StatusCode::OK, name, message)
}

pub(crate) fn failed_with(status: StatusCode, name: &str, message: &str) -> Response {
    json(status, &Envelope::<()> { result: Outcome { message, status: FAILED }, name, details: None })
}

/// A refusal before the PKI module is reached: the nested envelope, as captured.
pub(crate) fn not_admitted(status: StatusCode, message: &str) -> Response {
    let operation =
        Envelope::<()> { result: Outcome { message, status: FAILED }, name: "Authentication", details: None };
    json(status, &Nested { operation })
}

/// Any value as JSON text.
pub(crate) fn text(value: &impl Serialize) -> String {
    // Only maps with non-string keys can fail, and nothing here has any.
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    body(status, "application/json;charset=UTF-8", text(value))
}

pub(crate) fn html(status: StatusCode, page: &'static str) -> Response {
    body(status, "text/html;charset=UTF-8", page)
}

/// Raw text, as `getCertificate` answers.
pub(crate) fn raw(text: String) -> Response {
    body(StatusCode::OK, "application/octet-stream", text)
}

pub(crate) fn body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_answer_is_the_vendors_byte_for_field() {
        let row =
            SignedRow { common_name: "csrtest", certificate_id: 309, serial_number: "b7d5fcb7".to_owned() };
        let message = "Certificate csrtest successfully signed with mytestcert.";
        let envelope =
            Envelope { result: Outcome { message, status: SUCCESS }, name: "SignCSR", details: Some([row]) };
        assert_eq!(
            text(&envelope),
            "{\"result\":{\"message\":\"Certificate csrtest successfully signed with mytestcert.\",\"status\":\"Success\"},\
             \"name\":\"SignCSR\",\"details\":[{\"commonName\":\"csrtest\",\"Certificate_ID\":309,\"serialNumber\":\"b7d5fcb7\"}]}"
        );
    }
}
