//! The answer that goes with each fault. Owns status, headers and JSON; bodies that misbehave as streams and cut
//! connections come from `delivery`.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::{Fault, bodies, delivery};
use crate::api::admission::Call;
use crate::api::envelope::{
    self, BAD_HOST, BAD_TOKEN, Envelope, FAILED, Nested, Outcome, SIGN_CSR, SUCCESS, SignedRow,
};
use crate::world::issue::Signed;

/// (assumed): no refusal of a PKI call has been captured.
const REFUSAL: &str = "Unable to sign the certificate. Contact your administrator.";

/// What is added to a certificate's id to make it a number that no 64-bit reader holds.
const BIG_ID: u128 = 123_456_789_012_345_678_900_000;

/// How far ahead Retry-After names a date.
const PAUSE: time::Duration = time::Duration::minutes(2);

/// The documented answer.
pub(crate) fn plain(signed: &Signed) -> Response {
    envelope::json(StatusCode::OK, &documented(signed, &message(signed)))
}

/// The answer of a fault after which no certificate exists.
pub(crate) async fn without_certificate(fault: Fault, call: &Call, now: OffsetDateTime) -> Response {
    let failed = |status| envelope::failed_with(status, SIGN_CSR, REFUSAL);
    match fault {
        Fault::BadGateway502 => envelope::html(StatusCode::BAD_GATEWAY, bodies::BAD_GATEWAY_PAGE),
        Fault::RedirectToLogin => redirect(StatusCode::FOUND, "/login"),
        Fault::Redirect307 => redirect(StatusCode::TEMPORARY_REDIRECT, "/api/pki/restapi/signCSR/"),
        Fault::Html200 => envelope::html(StatusCode::OK, bodies::LOGIN_PAGE),
        Fault::Failed200 => failed(StatusCode::OK),
        Fault::Failed400 => failed(StatusCode::BAD_REQUEST),
        Fault::Unauthorized401 => envelope::not_admitted(StatusCode::UNAUTHORIZED, BAD_TOKEN),
        Fault::Forbidden403 => failed(StatusCode::FORBIDDEN),
        Fault::NotFound404 => envelope::html(StatusCode::NOT_FOUND, bodies::NOT_FOUND_PAGE),
        Fault::Timeout408 => empty(StatusCode::REQUEST_TIMEOUT),
        Fault::TooMany429 => retry_after(failed(StatusCode::TOO_MANY_REQUESTS), "30"),
        Fault::TooMany429Date => {
            retry_after(failed(StatusCode::TOO_MANY_REQUESTS), &http_date(now.saturating_add(PAUSE)))
        }
        Fault::TooLarge413 => envelope::html(StatusCode::PAYLOAD_TOO_LARGE, bodies::TOO_LARGE_PAGE),
        Fault::Forbidden403Page => envelope::html(StatusCode::FORBIDDEN, bodies::FORBIDDEN_PAGE),
        Fault::NotAllowed405 => empty(StatusCode::METHOD_NOT_ALLOWED),
        Fault::SuccessUnsigned => envelope::success(SIGN_CSR, "Operation completed."),
        Fault::Http11Required => delivery::reset_stream(),
        Fault::Failed500 => failed(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::TokenExpired => envelope::not_admitted(StatusCode::OK, BAD_TOKEN),
        Fault::HostRefused => envelope::not_admitted(StatusCode::OK, BAD_HOST),
        Fault::Http2Goaway if call.http2 => delivery::go_away(call).await,
        Fault::EchoToken => {
            let words = format!("The value {} is refused; {}", call.token, call.token);
            envelope::failed_with(StatusCode::OK, SIGN_CSR, &words)
        }
        Fault::Hang => delivery::never().await,
        // Close-before-headers, keep-alive-close, and GOAWAY where there is none.
        _ => delivery::close(call).await,
    }
}

/// The answer of a fault after which a certificate exists.
pub(crate) async fn with_certificate(fault: Fault, signed: &Signed, call: &Call, tick: Duration) -> Response {
    let told = message(signed);
    let text = || envelope::text(&documented(signed, &told));
    match fault {
        Fault::CloseAfterHeaders => delivery::cut_after(text(), 0, call),
        Fault::CloseHalfBody => delivery::cut_after(text(), text().len() / 2, call),
        Fault::SignThen500 => envelope::html(StatusCode::INTERNAL_SERVER_ERROR, bodies::ERROR_PAGE),
        Fault::SignThenHang => delivery::never().await,
        Fault::SignThenReset => delivery::reset(call).await,
        Fault::GatewayTimeout504 => envelope::html(StatusCode::GATEWAY_TIMEOUT, bodies::GATEWAY_TIMEOUT_PAGE),
        Fault::Empty200 => empty(StatusCode::OK),
        Fault::NoContent204 => empty(StatusCode::NO_CONTENT),
        Fault::SlowBody => delivery::dribble(text(), tick),
        Fault::SlowHeaders => {
            call.line.slow_down();
            plain(signed)
        }
        Fault::HugeBody => delivery::huge(text()),
        Fault::GzipBomb => delivery::gzip_bomb(&text()),
        Fault::SuccessWith4xx => envelope::json(StatusCode::BAD_REQUEST, &documented(signed, &told)),
        Fault::SuccessWordUpper
        | Fault::SuccessTrue20000
        | Fault::UnknownStatusWord
        | Fault::NestedEnvelope
        | Fault::TwoEnvelopesContradicting
        | Fault::FailedWithDetails => envelope::json(StatusCode::OK, &other_envelope(fault, signed, &told)),
        Fault::NumbersAsStrings
        | Fault::SerialUpperColons
        | Fault::DetailsObject
        | Fault::DetailsEmpty
        | Fault::DetailsMissing
        | Fault::DetailsTwoRows
        | Fault::WrongCn => envelope::json(StatusCode::OK, &other_details(fault, signed, &told)),
        Fault::BigNumbers
        | Fault::SerialDecimal
        | Fault::Bom
        | Fault::Crlf
        | Fault::Latin1
        | Fault::TruncatedJson
        | Fault::DeepJson
        | Fault::DuplicateKeys => {
            envelope::body(StatusCode::OK, "application/json;charset=UTF-8", other_text(fault, signed, &told))
        }
        // The certificate is what is wrong; the answer looks perfectly well.
        _ => plain(signed),
    }
}

fn message(signed: &Signed) -> String {
    format!("Certificate {} successfully signed with {}.", signed.common_name, signed.issuer_common_name)
}

fn documented<'a>(signed: &'a Signed, told: &'a str) -> Envelope<'a, [SignedRow<'a>; 1]> {
    enveloped(told, SUCCESS, Some([row(signed)]))
}

fn enveloped<'a, D: Serialize>(message: &'a str, status: &'a str, details: Option<D>) -> Envelope<'a, D> {
    Envelope { result: Outcome { message, status }, name: SIGN_CSR, details }
}

fn row(signed: &Signed) -> SignedRow<'_> {
    SignedRow {
        common_name: &signed.common_name,
        certificate_id: signed.certificate_id,
        serial_number: signed.serial.to_string(),
    }
}

fn other_envelope(fault: Fault, signed: &Signed, told: &str) -> Value {
    let with_status = |status: &str| json!(enveloped(told, status, Some([row(signed)])));
    match fault {
        Fault::SuccessWordUpper => with_status("SUCCESS"),
        Fault::SuccessTrue20000 => {
            let mut value = with_status("true");
            value["result"]["statusCode"] = json!(20000);
            value
        }
        Fault::UnknownStatusWord => with_status("Accepted"),
        Fault::NestedEnvelope => json!(Nested { operation: documented(signed, told) }),
        Fault::TwoEnvelopesContradicting => {
            let mut value = with_status(SUCCESS);
            value["operation"] = json!(enveloped::<()>(REFUSAL, FAILED, None));
            value
        }
        _ => json!(enveloped(REFUSAL, FAILED, Some([row(signed)]))),
    }
}

fn other_details(fault: Fault, signed: &Signed, told: &str) -> Value {
    let mut row = json!(row(signed));
    let details = match fault {
        Fault::NumbersAsStrings => {
            row["Certificate_ID"] = json!(signed.certificate_id.to_string());
            json!([row])
        }
        Fault::SerialUpperColons => {
            let pairs: Vec<String> = signed.serial.bytes().iter().map(|byte| format!("{byte:02X}")).collect();
            row["serialNumber"] = json!(format!("00:{}", pairs.join(":")));
            json!([row])
        }
        Fault::DetailsObject => row,
        Fault::DetailsEmpty => json!([]),
        Fault::DetailsTwoRows => {
            let stranger = SignedRow {
                common_name: "stranger.example.test",
                certificate_id: signed.certificate_id + 1000,
                serial_number: "d00dfeed".to_owned(),
            };
            json!([row, stranger])
        }
        Fault::WrongCn => {
            row["commonName"] = json!("someone-else.example.test");
            json!([row])
        }
        _ => return json!(enveloped::<()>(told, SUCCESS, None)),
    };
    json!(enveloped(told, SUCCESS, Some(details)))
}

fn other_text(fault: Fault, signed: &Signed, told: &str) -> Vec<u8> {
    let text = envelope::text(&documented(signed, told));
    match fault {
        Fault::SerialDecimal => with_decimal_serial(&text, signed).into_bytes(),
        Fault::BigNumbers => {
            let id = |id: u128| format!("\"Certificate_ID\":{id}");
            let own = u128::from(signed.certificate_id);
            with_decimal_serial(&text, signed).replace(&id(own), &id(BIG_ID + own)).into_bytes()
        }
        Fault::Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Fault::Crlf => {
            let pretty = serde_json::to_string_pretty(&documented(signed, told)).unwrap_or(text);
            format!("\r\n{}\r\n\r\n", pretty.replace('\n', "\r\n")).into_bytes()
        }
        // One byte for ü, as a server answers whose own encoding is not UTF-8.
        Fault::Latin1 => {
            let text = envelope::text(&documented(signed, &format!("{told} Gültig.")));
            text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
        }
        Fault::TruncatedJson => text.as_bytes()[..text.len() * 2 / 3].to_vec(),
        Fault::DeepJson => {
            let details = "[".repeat(10_000) + &"]".repeat(10_000);
            let head = envelope::text(&enveloped::<()>(told, SUCCESS, None));
            format!("{},\"details\":{details}}}", unclosed(&head)).into_bytes()
        }
        _ => {
            let refusal = envelope::text(&enveloped::<()>(REFUSAL, FAILED, None));
            format!("{},{}", unclosed(&refusal), &text[1..]).into_bytes()
        }
    }
}

/// An object's text without its last brace, to be continued.
fn unclosed(object: &str) -> &str {
    object.strip_suffix('}').unwrap_or(object)
}

/// With the serial number as a decimal JSON number. Written as text, for a JSON library keeps 64 bits of a number.
fn with_decimal_serial(text: &str, signed: &Signed) -> String {
    text.replace(&format!("\"{}\"", signed.serial), &signed.serial.low_u128().to_string())
}

fn retry_after(mut response: Response, when: &str) -> Response {
    // Digits, or a date in ASCII.
    if let Ok(value) = HeaderValue::from_str(when) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// IMF-fixdate (RFC 9110, section 5.6.7).
fn http_date(at: OffsetDateTime) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    // Formatting into a string fails only on a component the value lacks, and a moment has all of these.
    at.format(format).unwrap_or_default()
}

fn redirect(status: StatusCode, location: &'static str) -> Response {
    let mut response = empty(status);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(location));
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = status;
    response
}
