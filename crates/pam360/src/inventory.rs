//! What the server has: its certificates, one of them as it stands, the CSR behind an id. Changes nothing there.
//!
//! None of these operations is on a page of the vendor's that could be read; the names and shapes are those of public
//! clients. So each may be absent, and a caller must get by without it.

use std::time::Duration;

use domain::{ErrorCode, OperationName, SerialNumber, clipped, visible};
use secrets::AuthToken;
use serde::Serialize;

use crate::answer::{Answer, Reading, decoded, field, if_told, odd, shown};
use crate::json::Json;
use crate::look::CertificateQuestion;
use crate::{ConnectFailure, Issued, Session, StoredCsr, json};

/// How many rows of a list are read.
const MAX_ROWS: usize = 20_000;
/// How much of a text in a row is kept, in characters.
const KEPT_TEXT: usize = 512;

/// A certificate as the server's list shows it; each part may be missing, and all are the server's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// `Common Name`.
    pub common_name: Option<String>,
    /// `serialNumber`, as a number where it can be read.
    pub serial_number: Option<SerialNumber>,
    /// `Issuer`: a common name or a whole distinguished name.
    pub issuer: Option<String>,
    /// `ExpiryDate`, as written.
    pub expires: Option<String>,
}

/// A CSR as an operation of unknown shape lists it; each part may be missing, and all are the server's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedCsr {
    /// `CSR_ID`, as written.
    pub csr_id: Option<String>,
    /// `commonName`.
    pub common_name: Option<String>,
}

/// An answer that is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What kept it from being read.
    pub code: ErrorCode,
    /// The server's own words, or the technical text.
    pub detail: String,
}

impl From<ConnectFailure> for Unreadable {
    fn from(failure: ConnectFailure) -> Self {
        Self { code: failure.code, detail: failure.detail }
    }
}

#[derive(Serialize)]
struct CsrQuestion<'a> {
    #[serde(rename = "CSR_ID")]
    csr_id: &'a str,
    #[serde(rename = "fileType")]
    file_type: &'static str,
}

impl Session {
    /// Every certificate the token's user may see (`getAllSSLCertificates`, both shapes seen in clients).
    ///
    /// # Errors
    /// No connection, no answer, or one that is no list.
    pub async fn list(
        self,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<Vec<Listed>, Unreadable> {
        let answer = self.get("getAllSSLCertificates", None::<()>, token, organization, limit).await?;
        let value = parsed(&answer, token)?;
        let rows = field(&value, "details").or_else(|| field(&value, "sslcertificates"));
        match rows {
            Some(Json::List(rows)) => Ok(rows.iter().take(MAX_ROWS).map(listed).collect()),
            Some(row @ Json::Object(_)) => Ok(vec![listed(row)]),
            _ => Err(not_recognized("the answer has no list of certificates")),
        }
    }

    /// One certificate (`getCertificate`, by common name and serial number).
    ///
    /// # Errors
    /// No connection, no answer, a refusal, or an answer without a certificate.
    pub async fn fetch(
        self,
        common_name: &str,
        serial_number: &SerialNumber,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<Issued, Unreadable> {
        let question = CertificateQuestion {
            common_name,
            serial_number: Some(serial_number.hex()),
            file_type: Some("CER"),
        };
        let answer = self.get("getCertificate", Some(question), token, organization, limit).await?;
        let text = decoded(&answer.body);
        Issued::from_text(&text, serial_number).ok_or_else(|| refusal(&answer, &text, token))
    }

    /// The stored CSRs, by an operation whose name the person knows: no page that could be read names it, and the shape
    /// of its answer is not known either. Tells how many rows there are, and which they are as far as that can be read.
    ///
    /// # Errors
    /// No connection, no answer, a refusal, or an answer without a list.
    pub async fn list_csrs(
        self,
        operation: &OperationName,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<Vec<ListedCsr>, Unreadable> {
        let answer = self.get(operation.as_str(), None::<()>, token, organization, limit).await?;
        let value = parsed(&answer, token)?;
        let rows = rows_of(&value).ok_or_else(|| not_recognized("the answer has no list"))?;
        Ok(rows.iter().take(MAX_ROWS).map(listed_csr).collect())
    }

    /// A stored CSR (`exportCSR`).
    ///
    /// # Errors
    /// No connection, no answer, a refusal, or an answer without a CSR.
    pub async fn csr(
        self,
        csr_id: &str,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<StoredCsr, Unreadable> {
        let question = CsrQuestion { csr_id, file_type: "CSR" };
        let answer = self.get("exportCSR", Some(question), token, organization, limit).await?;
        let text = decoded(&answer.body);
        StoredCsr::from_text(&text).ok_or_else(|| refusal(&answer, &text, token))
    }
}

/// The one list of an answer: itself, or the value of a key of it or of its envelope. Two lists are none, for nothing
/// tells which one is meant; an empty `details` object, as the server writes for nothing, is an empty list.
fn rows_of(value: &Json) -> Option<&[Json]> {
    if let Json::List(rows) = value {
        return Some(rows);
    }
    if let Some(Json::List(rows)) = field(value, "details") {
        return Some(rows);
    }
    let envelopes = [Some(value), field(value, "result"), field(value, "operation"), field(value, "details")];
    let lists: Vec<&[Json]> =
        envelopes.into_iter().flatten().flat_map(Json::fields).filter_map(|(_, it)| it.as_list()).collect();
    match lists.as_slice() {
        [one] => Some(one),
        [] if matches!(field(value, "details"), Some(Json::Object(fields)) if fields.is_empty()) => Some(&[]),
        _ => None,
    }
}

fn listed_csr(row: &Json) -> ListedCsr {
    let text = |name: &str| text_of(row, name);
    ListedCsr {
        csr_id: text("csr_id").or_else(|| text("csrid")),
        common_name: text("commonname").or_else(|| text("common_name")),
    }
}

fn text_of(row: &Json, name: &str) -> Option<String> {
    match field(row, name)? {
        Json::Text(text) if !text.trim().is_empty() => Some(clipped(&visible(text.trim()), KEPT_TEXT)),
        number @ Json::Number(_) => shown(number),
        _ => None,
    }
}

fn parsed(answer: &Answer, token: &AuthToken) -> Result<Json, Unreadable> {
    let text = decoded(&answer.body);
    let value = json::parse(&text).map_err(|_| not_recognized("the answer is not JSON"))?;
    let value = value.with_texts(&|text| token.redact(text));
    if !answer.status.is_success() || Reading::of(&value).says_no() {
        return Err(refusal(answer, &text, token));
    }
    Ok(value)
}

/// The server's no, in its words when it has some.
fn refusal(answer: &Answer, text: &str, token: &AuthToken) -> Unreadable {
    let value = json::parse(text).map(|it| it.with_texts(&|text| token.redact(text)));
    let reading = value.as_ref().map(Reading::of).unwrap_or_default();
    let words = reading.message().map(|it| clipped(&visible(it), KEPT_TEXT));
    match words {
        Some(words) if reading.authentication => Unreadable { code: ErrorCode::NotAuthorized, detail: words },
        Some(words) => Unreadable { code: ErrorCode::ServerRefused, detail: words },
        None => Unreadable {
            code: if_told(answer, text, reading.says_no()).unwrap_or(ErrorCode::AnswerNotRecognized),
            detail: odd(answer, text)
                .map_or_else(|| format!("HTTP {}", answer.status.as_u16()), |it| token.redact(&it)),
        },
    }
}

fn not_recognized(detail: &str) -> Unreadable {
    Unreadable { code: ErrorCode::AnswerNotRecognized, detail: detail.to_owned() }
}

fn listed(row: &Json) -> Listed {
    let text = |name: &str| text_of(row, name);
    Listed {
        common_name: text("commonname"),
        serial_number: match field(row, "serialnumber") {
            Some(Json::Number(digits)) => SerialNumber::from_decimal(digits),
            _ => text("serialnumber").and_then(|it| SerialNumber::parse(&it).ok()),
        },
        issuer: text("issuer"),
        expires: text("expirydate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_whatever_is_missing() {
        let row =
            json::parse(r#"{ "Common Name": "a\u202Eb", "serialNumber": "0B:7D", "ExpiryDate": null }"#);
        let row = row.unwrap();
        let listed = listed(&row);
        assert_eq!(listed.common_name.as_deref(), Some("a⟨U+202E⟩b"));
        assert_eq!(listed.serial_number, SerialNumber::parse("b7d").ok());
        assert_eq!((listed.issuer, listed.expires), (None, None));
        assert_eq!(super::listed(&Json::Null), Listed::default());
    }

    #[test]
    fn a_list_is_found_wherever_it_stands_and_two_are_none() {
        let count =
            |json: serde_json::Value| rows_of(&json::parse(&json.to_string()).unwrap()).map(<[Json]>::len);
        let rows = serde_json::json!([{ "CSR_ID": 1 }, { "CSR_ID": 2 }]);
        assert_eq!(count(rows.clone()), Some(2));
        assert_eq!(count(serde_json::json!({ "name": "x", "details": rows })), Some(2));
        assert_eq!(count(serde_json::json!({ "name": "x", "result": {}, "CSRList": rows })), Some(2));
        assert_eq!(count(serde_json::json!({ "result": { "status": "Success", "csrs": rows } })), Some(2));
        assert_eq!(count(serde_json::json!({ "details": { "list": rows } })), Some(2));
        assert_eq!(count(serde_json::json!({ "details": {} })), Some(0));
        assert_eq!(count(serde_json::json!({ "a": rows, "b": rows })), None);
        assert_eq!(count(serde_json::json!({ "result": { "status": "Success" } })), None);
    }
}
