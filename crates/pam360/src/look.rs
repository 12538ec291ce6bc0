//! Looking without changing anything: whether the server answers, and whether it takes the token.

use std::time::Duration;

use bytes::Bytes;
use domain::{ErrorCode, clipped, visible};
use http::{Method, StatusCode};
use http_body_util::Full;
use secrets::AuthToken;
use serde::Serialize;

use crate::answer::{Reading, decoded};
use crate::json;
use crate::session::SendFailure;
use crate::wire::{API_PATH, InputData};
use crate::{ConnectFailure, Session};

/// A name that no certificate can have (RFC 2606 reserves `.invalid`).
const NOBODY: &str = "csrdesk-connection-test.invalid";

/// What the server let be known about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVerdict {
    /// It answered the question without objecting to the token.
    NotRejected,
    /// It said that the token is not accepted.
    Rejected,
    /// Its answer tells nothing about the token.
    Unclear,
}

/// How the server answered a harmless question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The HTTP status.
    pub status: u16,
    /// What it says about the token.
    pub token: TokenVerdict,
    /// The server's own words, if it said any; made visible and bounded.
    pub server_message: Option<String>,
}

#[derive(Serialize)]
struct CertificateQuestion {
    common_name: &'static str,
    #[serde(rename = "fileType")]
    file_type: &'static str,
}

impl Session {
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
        let question = InputData::new(CertificateQuestion { common_name: NOBODY, file_type: "CER" });
        let input = serde_json::to_string(&question).unwrap_or_default();
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("INPUT_DATA", &input).finish();
        let path = self.path(&format!("{API_PATH}getCertificate?{query}"));
        let outgoing = self
            .request(Method::GET, &path, token, organization)
            .and_then(|head| head.body(Full::<Bytes>::default()).map_err(|error| error.to_string()))
            .map_err(|detail| ConnectFailure { code: ErrorCode::ConnectionClosedEarly, detail })?;
        let answer = self.exchange(outgoing, limit).await.map_err(|failure| match failure {
            SendFailure::NotSent(detail) => ConnectFailure { code: ErrorCode::ConnectionClosedEarly, detail },
            SendFailure::Sent(_, detail, _) => ConnectFailure { code: ErrorCode::NoAnswer, detail },
        })?;

        let text = decoded(&answer.body);
        let reading = json::parse(&text).as_ref().map(Reading::of).unwrap_or_default();
        let rejected = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
            || (reading.authentication && reading.says_no());
        let verdict = match () {
            () if rejected => TokenVerdict::Rejected,
            () if answer.status.is_success() && (reading.says_no() || reading.message().is_some()) => {
                TokenVerdict::NotRejected
            }
            () => TokenVerdict::Unclear,
        };
        let server_message = reading.message().map(|words| clipped(&visible(&token.redact(words)), 500));
        Ok(Looked { status: answer.status.as_u16(), token: verdict, server_message })
    }
}
