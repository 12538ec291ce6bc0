//! What the server's answer to a signing means.
//!
//! Read liberally (both envelopes, status words in any case, ids as text or number, `details` as list, object or
//! nothing), believed sparingly: a 2xx with a success word is a yes, a readable no is a no, and everything else
//! is `unknown`. A server's text is never interpreted beyond its status word; it is bounded and shown as it is.

use domain::{Certificate, Ending, ErrorCode, clipped, visible};
use http::StatusCode;
use secrets::AuthToken;
use serde_json::Value;

use crate::json::{self, JsonFault};

/// The longest answer that is read, in bytes. The documented one has 250.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How much of a body is kept for people, in characters.
const KEPT_BODY: usize = 16_384;
/// How much of a server's message is kept, in characters.
const KEPT_MESSAGE: usize = 2_000;
/// How much of a certificate's name or number is kept, in characters.
const KEPT_NAME: usize = 512;
/// How many certificates of one answer are kept.
const KEPT_ROWS: usize = 100;

/// Stands in for an answer that cannot be kept.
const LEFT_OUT: &str = "(not kept: it held the token)";

/// An answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The header `Content-Encoding`, when it names one.
    pub encoding: Option<String>,
    /// The whole body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// Decides what an answer to a signing means. `token` is only used to take it out of the server's words.
#[must_use]
pub fn read_answer(answer: &Answer, token: &AuthToken) -> Ending {
    let text = decoded(&answer.body);
    let parsed = if answer.encoding.is_some() { Err(JsonFault::NotJson) } else { json::parse(&text) };
    let reading = parsed.as_ref().map(Reading::of).unwrap_or_default();
    let code = judge(answer, &parsed, &reading, text.trim().is_empty());

    let mut ending = Ending::new(code);
    ending.server_message = reading.message().map(|words| {
        let words = clipped(&visible(&token.redact(words)), KEPT_MESSAGE);
        words.trim().to_owned()
    });
    if matches!(code, ErrorCode::Signed | ErrorCode::ContradictingAnswer) {
        ending.certificates = reading.certificates;
        for certificate in &mut ending.certificates {
            let parts = [
                &mut certificate.common_name,
                &mut certificate.certificate_id,
                &mut certificate.serial_number,
            ];
            parts.into_iter().flatten().for_each(|text| *text = token.redact(text));
        }
    }
    ending.seen.http_status = Some(answer.status.as_u16());
    // JSON can spell the token in escapes that a search of the text does not see.
    let escaped = parsed.as_ref().is_ok_and(|it| holds(it, token)) && token.redact(&text) == text;
    let kept = if escaped { LEFT_OUT.to_owned() } else { shown_body(&token.redact(&text)) };
    ending.seen.raw_answer = Some(kept);
    ending
}

/// Whether any text of a JSON value holds the token.
fn holds(value: &Value, token: &AuthToken) -> bool {
    match value {
        Value::String(text) => text.contains(token.expose()),
        Value::Array(rows) => rows.iter().any(|it| holds(it, token)),
        Value::Object(fields) => {
            fields.iter().any(|(key, it)| key.contains(token.expose()) || holds(it, token))
        }
        _ => false,
    }
}

fn judge(answer: &Answer, parsed: &Result<Value, JsonFault>, reading: &Reading, empty: bool) -> ErrorCode {
    let status = answer.status;
    if status == StatusCode::REQUEST_TIMEOUT {
        return ErrorCode::ServerTimedOut;
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
    if empty {
        return ErrorCode::NoContent;
    }
    match parsed {
        Err(JsonFault::DuplicateKey) => return ErrorCode::ContradictingAnswer,
        Err(JsonFault::NotJson) => return ErrorCode::NotJson,
        Err(JsonFault::TooDeep) => return ErrorCode::AnswerTooDeep,
        Ok(_) => {}
    }
    match reading.verdict() {
        Verdict::Both => ErrorCode::ContradictingAnswer,
        // "Failed", and here is your certificate.
        Verdict::No if !reading.certificates.is_empty() => ErrorCode::ContradictingAnswer,
        Verdict::No if reading.authentication => ErrorCode::NotAuthorized,
        Verdict::No => ErrorCode::ServerRefused,
        Verdict::Unclear => ErrorCode::UnclearStatus,
        Verdict::Yes if reading.certificates.is_empty() => ErrorCode::SignedWithoutDetails,
        Verdict::Yes => ErrorCode::Signed,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    No,
    Unclear,
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Both,
    No,
    Unclear,
    Yes,
}

/// The parts of a JSON answer that matter, wherever they stand.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    words: Vec<(Word, Option<String>)>,
    loose_message: Option<String>,
    pub(crate) certificates: Vec<Certificate>,
    /// The answer names itself "Authentication", as captured from the sibling API when a token is not accepted.
    pub(crate) authentication: bool,
}

impl Reading {
    pub(crate) fn of(value: &Value) -> Self {
        let mut reading = Self::default();
        reading.take_envelope(value);
        if let Some(operation) = field(value, "operation") {
            reading.take_envelope(operation);
        }
        reading
    }

    /// Whether the answer is a readable no.
    pub(crate) fn says_no(&self) -> bool {
        self.verdict() == Verdict::No
    }

    fn take_envelope(&mut self, envelope: &Value) {
        for place in [field(envelope, "result"), Some(envelope)].into_iter().flatten() {
            let message = field(place, "message").and_then(Value::as_str).map(str::to_owned);
            // All of them: an answer may say "status" and "Status", and each its own.
            let before = self.words.len();
            self.words.extend(fields(place, "status").map(|status| (word(status), message.clone())));
            if self.words.len() == before {
                self.loose_message = self.loose_message.take().or(message);
            }
            match field(place, "details") {
                Some(Value::Array(rows)) => {
                    self.certificates.extend(rows.iter().filter_map(certificate).take(KEPT_ROWS));
                }
                Some(row) => self.certificates.extend(certificate(row)),
                None => {}
            }
        }
        if field(envelope, "name")
            .and_then(Value::as_str)
            .is_some_and(|it| it.eq_ignore_ascii_case("authentication"))
        {
            self.authentication = true;
        }
    }

    fn verdict(&self) -> Verdict {
        let says = |wanted: Word| self.words.iter().any(|(word, _)| *word == wanted);
        match (says(Word::Yes), says(Word::No), says(Word::Unclear)) {
            (true, true, _) => Verdict::Both,
            (true, false, false) => Verdict::Yes,
            (false, true, _) => Verdict::No,
            _ => Verdict::Unclear,
        }
    }

    /// The server's words: those of a no first, because they are what a person must read.
    pub(crate) fn message(&self) -> Option<&str> {
        let with = |wanted: Word| {
            self.words
                .iter()
                .find(|(word, message)| *word == wanted && message.is_some())
                .and_then(|it| it.1.as_deref())
        };
        with(Word::No)
            .or_else(|| with(Word::Unclear))
            .or_else(|| with(Word::Yes))
            .or(self.loose_message.as_deref())
    }
}

/// Status words seen in vendor pages and captures, in any case; anything else is unclear.
fn word(status: &Value) -> Word {
    match status {
        Value::Bool(true) => Word::Yes,
        Value::Bool(false) => Word::No,
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "success" | "successful" | "succeeded" | "ok" | "true" => Word::Yes,
            "failed" | "failure" | "fail" | "error" | "false" | "denied" | "rejected" => Word::No,
            _ => Word::Unclear,
        },
        _ => Word::Unclear,
    }
}

/// A field by its name in any spelling: case, `_`, `-`, spaces and dots do not count.
pub(crate) fn field<'a>(value: &'a Value, name: &'a str) -> Option<&'a Value> {
    fields(value, name).next()
}

/// Every field of that name; two spellings of it are two fields.
fn fields<'a>(value: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect()
    };
    value.as_object().into_iter().flatten().filter(move |(key, _)| plain(key) == name).map(|(_, value)| value)
}

/// A row of `details`, if it names anything.
fn certificate(row: &Value) -> Option<Certificate> {
    let text = |name: &str| match field(row, name)? {
        Value::String(text) if !text.trim().is_empty() => Some(clipped(&visible(text.trim()), KEPT_NAME)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    // A serial number is hexadecimal text in the vendor's sample; as a JSON number it can only be decimal.
    let serial_number = match field(row, "serialnumber") {
        Some(Value::Number(number)) => number.as_u64().map(|it| format!("{it:x}")),
        _ => text("serialnumber"),
    };
    let certificate =
        Certificate { common_name: text("commonname"), certificate_id: text("certificateid"), serial_number };
    (certificate != Certificate::default()).then_some(certificate)
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
