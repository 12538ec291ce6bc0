//! Looking without changing anything: whether the server answers, and whether it takes the token.

use std::time::Duration;

use bytes::Bytes;
use domain::{ErrorCode, clipped, visible};
use http::{Method, StatusCode};
use http_body_util::Full;
use secrets::AuthToken;
use serde::Serialize;

use crate::answer::{Answer, Reading, decoded, if_told, odd};
use crate::json;
use crate::session::SendFailure;
use crate::wire::{API_PATH, InputData};
use crate::{ConnectFailure, Session};

/// A name that no certificate can have (RFC 2606 reserves `.invalid`).
const NOBODY: &str = "csrdesk-connection-test.invalid";

/// The longest answer to a question, in bytes: a list of certificates has some 200 for each.
const MAX_LIST: usize = 8 * 1024 * 1024;

/// What the server let be known about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVerdict {
    /// It answered the question without objecting to the token.
    NotRejected,
    /// It said that the token is not accepted.
    Rejected,
    /// It refused the question, and an organization was named: no page says which of the two it refuses that way.
    RejectedOrOrganization,
    /// Its answer tells nothing about the token.
    Unclear,
}

/// What the server let be known about the organization. No page says what an unknown one is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationVerdict {
    /// None was named, so the token's user's own counts.
    NotNamed,
    /// The server did not object to the name; more it does not tell.
    NotTold,
    /// Its words speak of an organization: a person must read them.
    Mentioned,
    /// It refused, and its words speak of the organization and of neither the token nor the certificate that was asked for.
    Refused,
}

/// How the server answered a harmless question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The HTTP status.
    pub status: u16,
    /// What it says about the token.
    pub token: TokenVerdict,
    /// What it says about the organization.
    pub organization: OrganizationVerdict,
    /// The server's own words, if it said any; made visible and bounded.
    pub server_message: Option<String>,
    /// The code of an answer that its status says enough about, such as 404 or 429; none where PAM360 says no in its own way.
    pub told: Option<ErrorCode>,
    /// What is odd about the answer: an HTML page, a login, a wait.
    pub odd: Option<String>,
}

/// The arguments of `getCertificate`, as public clients send them.
#[derive(Serialize)]
pub(crate) struct CertificateQuestion<'a> {
    pub(crate) common_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serial_number: Option<&'a str>,
    #[serde(rename = "fileType", skip_serializing_if = "Option::is_none")]
    pub(crate) file_type: Option<&'a str>,
}

impl Session {
    /// Asks an operation that changes nothing; its arguments travel in the query, as for every GET of this API.
    pub(crate) async fn get<T: Serialize>(
        self,
        operation: &str,
        details: Option<T>,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<Answer, ConnectFailure> {
        let mut path = self.path(&format!("{API_PATH}{operation}"));
        if let Some(details) = details {
            let input = serde_json::to_string(&InputData::new(details)).unwrap_or_default();
            let mut query = form_urlencoded::Serializer::new(String::new());
            path = format!("{path}?{}", query.append_pair("INPUT_DATA", &input).finish());
        }
        let outgoing = self
            .request(Method::GET, &path, token, organization)
            .and_then(|head| head.body(Full::<Bytes>::default()).map_err(|error| error.to_string()))
            .map_err(|detail| ConnectFailure::new(ErrorCode::ConnectionClosedEarly, detail))?;
        self.exchange(outgoing, limit, MAX_LIST).await.map_err(|failure| match failure {
            SendFailure::NotSent(detail) => ConnectFailure::new(ErrorCode::ConnectionClosedEarly, detail),
            SendFailure::Sent(_, detail, _) => ConnectFailure::new(ErrorCode::NoAnswer, detail),
        })
    }

    /// Asks for a certificate that cannot exist (`getCertificate`, which public clients use): any readable answer but an
    /// authentication error shows that the API is there and does not reject the token. No page documents more.
    ///
    /// # Errors
    /// What kept the answer from coming.
    pub async fn look(
        self,
        token: &AuthToken,
        organization: Option<&str>,
        limit: Duration,
    ) -> Result<Looked, ConnectFailure> {
        let question =
            CertificateQuestion { common_name: NOBODY, serial_number: None, file_type: Some("CER") };
        let answer = self.get("getCertificate", Some(question), token, organization, limit).await?;
        Ok(read(&answer, token, organization))
    }
}

/// What an answer to the harmless question says.
fn read(answer: &Answer, token: &AuthToken, organization: Option<&str>) -> Looked {
    let text = decoded(&answer.body);
    let value = json::parse(&text).map(|it| it.with_texts(&|text| token.redact(text)));
    let reading = value.as_ref().map(Reading::of).unwrap_or_default();
    let named = organization.is_some();
    // A page or a missing address says nothing about token and organization.
    let told = if_told(answer, &text, reading.says_no());
    let unauthorized =
        told.is_none() && matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let no = reading.says_no() || unauthorized;
    let organization = about_organization(organization, reading.message(), no);
    let rejected = unauthorized
        || (reading.says_no() && (reading.authentication || reading.message().is_some_and(is_about_access)));
    let verdict = match () {
        () if rejected && named && !reading.speaks_of_the_token(answer.status) => {
            TokenVerdict::RejectedOrOrganization
        }
        () if rejected => TokenVerdict::Rejected,
        () if answer.status.is_success() && (reading.says_no() || reading.message().is_some()) => {
            TokenVerdict::NotRejected
        }
        () => TokenVerdict::Unclear,
    };
    let server_message = reading.message().map(|words| clipped(&visible(words), 500));
    let odd = odd(answer, &text).map(|it| token.redact(&it));
    let status = answer.status.as_u16();
    Looked { status, token: verdict, organization, server_message, told, odd }
}

/// Whether a no is about who asks and not about what was asked: the words of captured answers, and their kin.
fn is_about_access(words: &str) -> bool {
    const ACCESS: [&str; 9] = [
        "authentication",
        "unauthori",
        "not authori",
        "not allowed",
        "permission",
        "denied",
        "api key",
        "token",
        "license",
    ];
    let words = words.to_lowercase();
    ACCESS.iter().any(|it| words.contains(it))
}

/// What a no that looks like one to the token means for a request that named an organization; none where it is about the
/// token alone. The words decide only where they name the organization and nothing else that can be refused.
pub(crate) fn organization_code(
    reading: &Reading,
    status: StatusCode,
    organization: Option<&str>,
) -> Option<ErrorCode> {
    organization?;
    let words = reading.message().unwrap_or_default().to_lowercase();
    // The name alone may stand in a sentence about the token's user.
    let says_so = ["organization", "organisation", "orgname"].iter().any(|it| words.contains(it));
    let refused = about_organization(organization, Some(&words), true) == OrganizationVerdict::Refused;
    if status != StatusCode::UNAUTHORIZED && says_so && refused {
        return Some(ErrorCode::OrganizationRefused);
    }
    (!reading.speaks_of_the_token(status)).then_some(ErrorCode::TokenOrOrganization)
}

/// Whether the server's words name the organization, or speak of one.
pub(crate) fn names_organization(reading: &Reading, organization: Option<&str>) -> bool {
    let words = reading.message();
    let told = about_organization(organization, words, true);
    matches!(told, OrganizationVerdict::Mentioned | OrganizationVerdict::Refused)
}

fn about_organization(organization: Option<&str>, words: Option<&str>, no: bool) -> OrganizationVerdict {
    let Some(name) = organization else { return OrganizationVerdict::NotNamed };
    let words = words.unwrap_or_default().to_lowercase();
    let any = |of: &[&str]| of.iter().any(|it| words.contains(it));
    if !any(&["organization", "organisation", "orgname", &name.to_lowercase()]) {
        return OrganizationVerdict::NotTold;
    }
    // A token that is refused in words that name the organization is a refused token, and that the certificate which cannot
    // exist is not there is the expected answer.
    let other = any(&["authentication", "api key", "token", "certificate", NOBODY]);
    if no && !other { OrganizationVerdict::Refused } else { OrganizationVerdict::Mentioned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_blamed_only_when_the_answer_is_of_the_api() {
        const FAILED: &str = r#"{"operation":{"result":{"status":"Failed","message":"Not allowed."}}}"#;
        const PAGE: &str = "<!doctype html><title>Access denied</title>";
        let token = AuthToken::parse("T".to_owned().into()).unwrap();
        let looked = |status: u16, body: &str, organization| {
            let status = StatusCode::from_u16(status).unwrap();
            let looked =
                read(&Answer { status, body: body.into(), ..Answer::default() }, &token, organization);
            (looked.token, looked.organization, looked.told)
        };
        let unclear = |code| (TokenVerdict::Unclear, OrganizationVerdict::NotNamed, Some(code));
        for (status, body, code) in [
            (404, PAGE, ErrorCode::NotFound),
            (404, "", ErrorCode::NotFound),
            (405, "", ErrorCode::MethodNotAllowed),
            (401, PAGE, ErrorCode::GatewayRefused),
            (403, PAGE, ErrorCode::GatewayRefused),
            (451, PAGE, ErrorCode::GatewayRefused),
            (407, PAGE, ErrorCode::GatewayLogin),
            (413, PAGE, ErrorCode::RequestTooLarge),
            (414, "", ErrorCode::RequestTooLarge),
            (429, "", ErrorCode::TooManyRequests),
        ] {
            assert_eq!(looked(status, body, None), unclear(code), "{status} {body}");
        }
        assert_eq!(looked(429, FAILED, None).2, Some(ErrorCode::TooManyRequests));
        let page = looked(403, PAGE, Some("Branch"));
        assert_eq!((page.0, page.1), (TokenVerdict::Unclear, OrganizationVerdict::NotTold));
        for (status, body) in [(401, ""), (403, ""), (403, FAILED), (200, FAILED), (404, FAILED)] {
            let told = looked(status, body, None);
            assert_eq!((told.0, told.2), (TokenVerdict::Rejected, None), "{status} {body}");
        }
        assert_eq!(looked(200, PAGE, None).0, TokenVerdict::Unclear, "a login page");
    }

    #[test]
    fn a_refused_organization_is_told_from_a_refused_token_and_from_the_expected_no() {
        let about = |words: &str, no| about_organization(Some("Branch"), Some(words), no);
        assert_eq!(
            about_organization(None, Some("No such organization."), true),
            OrganizationVerdict::NotNamed
        );
        for words in ["Organization Branch is not available.", "No such organization.", "branch: unknown"] {
            assert_eq!(about(words, true), OrganizationVerdict::Refused, "{words}");
            assert_eq!(about(words, false), OrganizationVerdict::Mentioned, "{words}");
        }
        for words in [
            "API key received is not associated to any user of Branch. Authentication failed.",
            "Certificate not found in organization Branch.",
        ] {
            assert_eq!(about(words, true), OrganizationVerdict::Mentioned, "{words}");
        }
        assert_eq!(about("User is not allowed to access from this host", true), OrganizationVerdict::NotTold);
        assert!(is_about_access("User is not allowed to access from this host"));
        assert!(is_about_access("The license has expired."));
        assert!(!is_about_access("No certificate with this name."));
    }
}
