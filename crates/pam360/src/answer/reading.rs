//! The parts of a JSON answer that matter, wherever they stand and however their names are spelled.

use domain::{Certificate, SerialNumber, clipped, visible};
use http::StatusCode;

use crate::json::Json;

/// How much of a certificate's name or number is kept, in characters.
const KEPT_NAME: usize = 512;
/// How many certificates of one answer are kept.
const KEPT_ROWS: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    No,
    Unclear,
    Yes,
}

/// What the status words of an answer say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
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
    /// A row names two serial numbers.
    pub(super) two_serials: bool,
}

impl Reading {
    pub(crate) fn of(value: &Json) -> Self {
        let mut reading = Self::default();
        reading.take_envelope(value);
        if let Some(operation) = field(value, "operation") {
            reading.take_envelope(operation);
        }
        reading
    }

    /// The same of an answer to a signing, with every status word in it, also one that stands in a row of its own or in a list
    /// under `result`: a failure beside a success is not overlooked. Not for lists of certificates or CSRs, whose rows have a
    /// status of their own.
    pub(crate) fn of_signing(value: &Json) -> Self {
        let mut reading = Self::of(value);
        reading.take_words(value);
        reading
    }

    /// Whether the answer is a readable no.
    pub(crate) fn says_no(&self) -> bool {
        self.verdict() == Verdict::No
    }

    fn take_envelope(&mut self, envelope: &Json) {
        for place in [field(envelope, "result"), Some(envelope)].into_iter().flatten() {
            let message = field(place, "message").and_then(Json::as_text).map(str::to_owned);
            // All of them: an answer may say "status" and "Status", and each its own.
            let before = self.words.len();
            self.words.extend(fields(place, "status").map(|status| (word(status), message.clone())));
            if self.words.len() == before {
                self.loose_message = self.loose_message.take().or(message);
            }
            let rows = match field(place, "details") {
                Some(Json::List(rows)) => rows.as_slice(),
                Some(row) => std::slice::from_ref(row),
                None => &[],
            };
            self.two_serials |= rows.iter().any(has_two_serials);
            self.certificates.extend(rows.iter().filter_map(certificate).take(KEPT_ROWS));
        }
        if field(envelope, "name")
            .and_then(Json::as_text)
            .is_some_and(|it| it.eq_ignore_ascii_case("authentication"))
        {
            self.authentication = true;
        }
    }

    /// Takes every status word, wherever it stands. The depth of a value is bounded, see [`crate::json::parse`].
    fn take_words(&mut self, value: &Json) {
        let message = field(value, "message").and_then(Json::as_text);
        let words = fields(value, "status").map(|status| (word(status), message.map(str::to_owned)));
        self.words.extend(words);
        for (_, inner) in value.fields() {
            self.take_words(inner);
        }
        for inner in value.as_list().unwrap_or_default() {
            self.take_words(inner);
        }
    }

    /// Whether the answer is about the token and nothing else: 401, the envelope "Authentication", or the words captured
    /// from the sibling API. Any other no may be about the organization too.
    pub(crate) fn speaks_of_the_token(&self, status: StatusCode) -> bool {
        const CAPTURED: [&str; 2] =
            ["api key received is not associated", "user is not allowed to access from this host"];
        let words = self.message().unwrap_or_default().to_lowercase();
        status == StatusCode::UNAUTHORIZED
            || self.authentication
            || CAPTURED.iter().any(|it| words.contains(it))
    }

    /// Whether the answer is about the token, or has a word that may be about it.
    pub(super) fn blames_the_token(&self, status: StatusCode) -> bool {
        const ABOUT_IT: [&str; 4] = ["api key", "token", "authenticat", "from this host"];
        let words = self.message().unwrap_or_default().to_lowercase();
        self.speaks_of_the_token(status) || ABOUT_IT.iter().any(|it| words.contains(it))
    }

    /// What its status words say together.
    pub(super) fn verdict(&self) -> Verdict {
        let says = |wanted: Word| self.words.iter().any(|(word, _)| *word == wanted);
        match (says(Word::Yes), says(Word::No), says(Word::Unclear)) {
            (true, true, _) | (true, _, true) => Verdict::Both,
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
fn word(status: &Json) -> Word {
    match status {
        Json::Bool(true) => Word::Yes,
        Json::Bool(false) => Word::No,
        Json::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "success" | "successful" | "succeeded" | "ok" | "true" => Word::Yes,
            "failed" | "failure" | "fail" | "error" | "false" | "denied" | "rejected" => Word::No,
            _ => Word::Unclear,
        },
        _ => Word::Unclear,
    }
}

/// A field by its name in any spelling: case, `_`, `-`, spaces and dots do not count.
pub(crate) fn field<'a>(value: &'a Json, name: &'a str) -> Option<&'a Json> {
    fields(value, name).next()
}

/// Every field of that name; two spellings of it are two fields.
fn fields<'a>(value: &'a Json, name: &'a str) -> impl Iterator<Item = &'a Json> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect()
    };
    value.fields().iter().filter(move |(key, _)| plain(key) == name).map(|(_, value)| value)
}

/// A serial number as it is kept.
fn serial_of(value: &Json) -> Option<String> {
    match value {
        Json::Number(digits) => {
            SerialNumber::from_decimal(digits).map(|it| it.hex().to_owned()).or_else(|| shown(value))
        }
        _ => shown(value),
    }
}

/// A row of `details`, if it holds anything.
fn certificate(row: &Json) -> Option<Certificate> {
    let text = |name: &str| field(row, name).and_then(shown);
    // A serial number is hexadecimal text in the vendor's sample; as a JSON number it can only be decimal.
    let serial_number = field(row, "serialnumber").and_then(serial_of);
    let certificate =
        Certificate { common_name: text("commonname"), certificate_id: text("certificateid"), serial_number };
    (certificate != Certificate::default()).then_some(certificate)
}

/// Whether a row spells two different serial numbers, as `serialNumber` and `Serial Number`.
fn has_two_serials(row: &Json) -> bool {
    let mut all = fields(row, "serialnumber").filter_map(serial_of);
    let first = all.next();
    all.any(|it| Some(it) != first)
}

/// A text or a number, for showing. A number that is no whole one stays as it was written, and can be taken for no id:
/// "1e5" is another text than 100000, and as hexadecimal another number.
pub(crate) fn shown(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) if !text.trim().is_empty() => Some(clipped(&visible(text.trim()), KEPT_NAME)),
        Json::Number(digits) if digits.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            Some(clipped(digits, KEPT_NAME))
        }
        Json::Number(digits) => Some(format!("{} (not a whole number)", clipped(digits, KEPT_NAME))),
        _ => None,
    }
}
