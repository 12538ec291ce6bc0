//! What the server's answer to a signing means.
//!
//! Read liberally (both envelopes, status words in any case, ids as text or number, `details` as list, object or
//! nothing), believed sparingly: a 200 or 201 with a success word that names a certificate is a yes, a readable no is a
//! no, and everything else is `unknown` (docs/decisions/0011-signed-names-a-certificate.md). A server's text is never interpreted beyond its status word; it is bounded and shown as it is.

use domain::{Certificate, Ending, ErrorCode, SerialNumber, clipped, visible};
use http::StatusCode;
use secrets::{AuthToken, REDACTED};

use crate::hints::Hints;
use crate::json::{self, Json, JsonFault};
use crate::look;

mod reading;

use reading::Verdict;
pub(crate) use reading::{Reading, field, shown};

/// The longest answer that is read, in bytes. The documented one has 250.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How much of a body is kept for people, in characters.
const KEPT_BODY: usize = 16_384;
/// How much of a server's message is kept, in characters.
const KEPT_MESSAGE: usize = 2_000;

/// Stands in for an answer that cannot be kept.
const LEFT_OUT: &str = "(not kept: it held the token)";

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The header `Content-Encoding`, when it names one.
    pub encoding: Option<String>,
    /// The whole body, at most 1 MiB.
    pub body: Vec<u8>,
    /// What else its header says.
    pub hints: Hints,
}

/// Decides what an answer to a signing means. `token` is only used to take it out of the server's words; `organization` is
/// the one that the request named, if it named one.
#[must_use]
pub fn read_answer(answer: &Answer, token: &AuthToken, organization: Option<&str>) -> Ending {
    let text = decoded(&answer.body);
    // Before anything is read: what is clipped first holds a part of the token, which nobody finds.
    let parsed = if answer.encoding.is_some() { Err(JsonFault::NotJson) } else { json::parse(&text) };
    let parsed = parsed.map(|it| it.with_texts(&|text| token.redact(text)));
    let reading = parsed.as_ref().map(Reading::of_signing).unwrap_or_default();
    let mut code = judge(answer, &parsed, &reading, &text);
    let about_it = look::organization_code(&reading, answer.status, organization);
    match (code, about_it) {
        (ErrorCode::NotAuthorized, Some(about_it)) => code = about_it,
        // Words that do not name the organization are about the signing.
        (ErrorCode::SigningForbidden, Some(about_it)) if look::names_organization(&reading, organization) => {
            code = about_it;
        }
        _ => {}
    }

    let mut ending = Ending::new(code);
    ending.server_message = reading.message().map(|words| {
        let words = clipped(&visible(words), KEPT_MESSAGE);
        words.trim().to_owned()
    });
    // What counts as issued, and what an answer claims that is not believed.
    if code == ErrorCode::Signed {
        ending.certificates = reading.certificates;
    } else {
        ending.reported = reading.certificates;
    }
    ending.detail = odd(answer, &text).map(|it| token.redact(&it));
    ending.seen.http_status = Some(answer.status.as_u16());
    ending.seen.retry_after.clone_from(&answer.hints.retry_after);
    let kept = token.redact(&text);
    // All of it is left out where the token stands in it in another spelling.
    let kept = if kept == REDACTED { LEFT_OUT.to_owned() } else { shown_body(&kept) };
    ending.seen.raw_answer = Some(kept);
    ending
}

/// What is odd about an answer, told as what it is: who may have answered in PAM360's place, and where it leads.
pub(crate) fn odd(answer: &Answer, text: &str) -> Option<String> {
    let mut parts = Vec::new();
    match answer.status {
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => parts.push(format!(
            "HTTP {}: a proxy or gateway in front of PAM360 got no answer from it that it could pass on",
            answer.status.as_u16()
        )),
        status if !status.is_success() => parts.push(format!("HTTP {}", status.as_u16())),
        status if !matches!(status, StatusCode::OK | StatusCode::CREATED) => {
            parts.push(format!("HTTP {}", status.as_u16()));
        }
        _ => {}
    }
    if let Some(place) = answer.hints.location.as_ref().filter(|_| answer.status.is_redirection()) {
        parts.push(format!("redirect to {place}"));
    }
    if let Some(schemes) = &answer.hints.login {
        parts.push(format!(
            "it asks for a login ({schemes}), which PAM360's API does not use: a proxy or gateway may have answered"
        ));
    }
    if answer.encoding.is_none() && is_html(answer, text) {
        parts.push(match html_title(text) {
            Some(title) => format!("an HTML page with the title \"{title}\""),
            None => "an HTML page".to_owned(),
        });
    }
    if let Some(wait) = &answer.hints.retry_after {
        parts.push(format!("Retry-After: {wait}"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The code of an answer whose status says what it is about. `says_no`: it is a readable no, which at a status of 404 or 405
/// is PAM360's own. A page with 401, 403 or 451 is how a proxy or gateway says no: PAM360's API answers with JSON.
pub(crate) fn if_told(answer: &Answer, text: &str, says_no: bool) -> Option<ErrorCode> {
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Some(ErrorCode::TooManyRequests),
        StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::URI_TOO_LONG
        | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Some(ErrorCode::RequestTooLarge),
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Some(ErrorCode::GatewayLogin),
        StatusCode::NOT_FOUND if !says_no => Some(ErrorCode::NotFound),
        StatusCode::METHOD_NOT_ALLOWED if !says_no => Some(ErrorCode::MethodNotAllowed),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS
            if is_html(answer, text) =>
        {
            Some(ErrorCode::GatewayRefused)
        }
        _ => None,
    }
}

fn is_html(answer: &Answer, text: &str) -> bool {
    let start: String = text.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || (answer.hints.html && start.starts_with('<'))
}

/// The title of an HTML page, on one line.
fn html_title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let words = text.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then(|| clipped(&visible(&words), 100))
}

fn judge(answer: &Answer, parsed: &Result<Json, JsonFault>, reading: &Reading, text: &str) -> ErrorCode {
    let status = answer.status;
    if status == StatusCode::REQUEST_TIMEOUT {
        return ErrorCode::ServerTimedOut;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE && answer.hints.retry_after.is_some() {
        return ErrorCode::ServiceUnavailable;
    }
    if status.is_server_error() {
        return ErrorCode::ServerError;
    }
    if status.is_redirection() {
        return ErrorCode::Redirected;
    }
    if status.is_client_error() {
        return match reading.verdict() {
            // A 4xx that claims success is neither.
            Verdict::Yes | Verdict::Both => ErrorCode::ContradictingAnswer,
            _ if *parsed == Err(JsonFault::DuplicateKey) => ErrorCode::ContradictingAnswer,
            verdict if let Some(code) = if_told(answer, text, verdict == Verdict::No) => code,
            // PAM360's own no, in words of which none is about the token: the token's user was recognized.
            Verdict::No
                if status == StatusCode::FORBIDDEN
                    && reading.message().is_some_and(|it| !it.trim().is_empty())
                    && !reading.blames_the_token(status) =>
            {
                ErrorCode::SigningForbidden
            }
            _ if status == StatusCode::UNAUTHORIZED
                || status == StatusCode::FORBIDDEN
                || reading.authentication =>
            {
                ErrorCode::NotAuthorized
            }
            Verdict::No => ErrorCode::ServerRefused,
            Verdict::Unclear => ErrorCode::HttpRefused,
        };
    }
    if !status.is_success() {
        return ErrorCode::UnexpectedStatus;
    }
    if answer.encoding.is_some() {
        return ErrorCode::EncodedAnswer;
    }
    if text.trim().is_empty() {
        return ErrorCode::NoContent;
    }
    // 202 is a promise, 203 and 206 are not the server's own whole answer.
    if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
        return ErrorCode::UnexpectedStatus;
    }
    match parsed {
        Err(JsonFault::DuplicateKey) => return ErrorCode::ContradictingAnswer,
        Err(JsonFault::NotJson) => return ErrorCode::NotJson,
        Err(JsonFault::TooDeep) => return ErrorCode::AnswerTooDeep,
        Ok(_) => {}
    }
    match reading.verdict() {
        Verdict::Both => ErrorCode::ContradictingAnswer,
        Verdict::Yes if reading.two_serials => ErrorCode::ContradictingAnswer,
        // "Failed", and here is your certificate.
        Verdict::No if !reading.certificates.is_empty() => ErrorCode::ContradictingAnswer,
        Verdict::No if reading.authentication => ErrorCode::NotAuthorized,
        Verdict::No => ErrorCode::ServerRefused,
        Verdict::Unclear => ErrorCode::UnclearStatus,
        Verdict::Yes if reading.certificates.iter().any(names_one) => ErrorCode::Signed,
        Verdict::Yes => ErrorCode::SignedWithoutDetails,
    }
}

/// Whether a row says which certificate it is: by a serial number, or by an id, that is a positive whole number. A common
/// name alone is shared by many.
fn names_one(certificate: &Certificate) -> bool {
    let serial = certificate.serial_number.as_deref().and_then(|it| SerialNumber::parse(it).ok());
    let id = certificate.certificate_id.as_deref().unwrap_or_default();
    serial.is_some_and(|it| it.hex() != "0")
        || (id.bytes().all(|b| b.is_ascii_digit()) && id.bytes().any(|b| b != b'0'))
}

/// UTF-8 without its byte order mark, else Latin-1, which gives every byte a character.
pub(crate) fn decoded(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned(),
        Err(_) => body.iter().copied().map(char::from).collect(),
    }
}

fn shown_body(text: &str) -> String {
    let kept = clipped(text, KEPT_BODY);
    kept.split_inclusive(['\n', '\t'])
        .map(|piece| match piece.chars().last() {
            Some(end @ ('\n' | '\t')) => {
                visible(piece[..piece.len() - 1].trim_end_matches('\r')) + &end.to_string()
            }
            _ => visible(piece),
        })
        .collect()
}

#[cfg(test)]
mod tests;
