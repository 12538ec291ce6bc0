//! Commands that only look: at the server, and at what a signing would send.

use std::time::Duration;

use domain::{ErrorCode, Field, Problem, SignRequest, SignType};
use pam360::{ConnectFailure, Endpoint, TokenVerdict, TrustSettings};

use super::{Desk, blocking, way_to};
use crate::Failure;
use crate::commands::test_connection::{self, Stage, State, Step};
use crate::commands::{review, review::Caution};

impl Desk {
    /// Walks the way to the server step by step. Changes nothing there.
    ///
    /// # Errors
    /// [`ErrorCode::NoConnection`]; a step that fails is part of the answer.
    pub async fn test_connection(
        &self,
        _: test_connection::Request,
    ) -> Result<test_connection::Response, Failure> {
        let session = self.session().clone();
        let connection = session.connection.ok_or_else(|| Failure::new(ErrorCode::NoConnection))?;
        let limit = Duration::from_secs(u64::from(connection.timeout_seconds));
        let mut steps = Steps::default();

        let trust = match self.trust_of(&connection).await {
            Ok(trust) => trust,
            Err(error) => return Ok(steps.stopped(Stage::Trust, error.code, error.detail)),
        };
        steps.passed(Stage::Trust, TrustSettings::from(&connection).words());

        let endpoint = Endpoint::new(connection.server.clone(), trust, way_to(&connection));
        let ready = match endpoint.connect(limit).await {
            Ok(ready) => ready,
            Err(ConnectFailure { code, detail, .. }) => {
                return Ok(steps.stopped(Stage::Connect, code, detail));
            }
        };
        steps.passed(Stage::Connect, ready.facts().words());

        let Some(token) = session.token else { return Ok(steps.ended()) };
        let organization = connection.organization.as_ref().map(|it| it.as_str());
        let looked = match ready.look(&token, organization, limit).await {
            Ok(looked) => looked,
            Err(ConnectFailure { code, detail, .. }) => {
                return Ok(steps.stopped(Stage::Answer, code, detail));
            }
        };
        let said = looked.server_message.unwrap_or_default();
        let detail = format!("HTTP {}. {said}", looked.status).trim_end().to_owned();
        match looked.token {
            TokenVerdict::NotRejected => {
                steps.passed(Stage::Answer, detail);
                steps.passed(Stage::Token, words::TOKEN_NOT_REJECTED.to_owned());
            }
            TokenVerdict::Rejected => {
                steps.passed(Stage::Answer, detail);
                return Ok(steps.stopped(Stage::Token, ErrorCode::NotAuthorized, said));
            }
            TokenVerdict::Unclear => {
                return Ok(steps.stopped(Stage::Answer, ErrorCode::AnswerNotRecognized, detail));
            }
        }
        Ok(steps.ended())
    }

    /// Shows what a signing would send.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems, or [`ErrorCode::NoConnection`].
    pub async fn review(&self, request: review::Request) -> Result<review::Response, Failure> {
        let now = self.shared.host.now();
        let request = request.form.check(now).map_err(Failure::invalid)?;
        let connection =
            self.session().connection.clone().ok_or_else(|| Failure::new(ErrorCode::NoConnection))?;
        let ends = request
            .validity
            .end(now)
            .map_err(|code| Failure::invalid(vec![Problem::new(Field::ValidityDays, code)]))?;
        let earlier = self.earlier(connection.server.to_string(), &request).await;
        Ok(review::Response {
            server: connection.server.to_string(),
            http_request: pam360::http_request_text(&connection.server, &request),
            input_data: pam360::input_data_indented(&request),
            ends,
            cautions: cautions(&request, !earlier.is_empty()),
            earlier,
            request,
        })
    }

    /// A record that cannot be read has no earlier entries to show; signing will say so by itself.
    async fn earlier(&self, server: String, request: &SignRequest) -> Vec<u64> {
        let (desk, request) = (self.clone(), request.clone());
        let read = blocking(move || desk.journal().and_then(|it| it.earlier(&server, &request))).await;
        read.ok().and_then(Result::ok).unwrap_or_default()
    }
}

/// Gravest first.
fn cautions(request: &SignRequest, sent_before: bool) -> Vec<Caution> {
    let microsoft = request.sign_type == SignType::Msca;
    let not_ascii = request.organization.as_ref().is_some_and(|it| !it.as_str().is_ascii());
    [
        (request.intermediate, Caution::MakesACa),
        (sent_before, Caution::SentBefore),
        (microsoft, Caution::MicrosoftCa),
        (microsoft && request.issuer.is_none(), Caution::IssuerLeftOut),
        (not_ascii, Caution::OrganizationNotAscii),
    ]
    .into_iter()
    .filter_map(|(applies, caution)| applies.then_some(caution))
    .collect()
}

/// The steps of a test, filled up with what was not tried.
#[derive(Default)]
struct Steps(Vec<Step>);

impl Steps {
    const ALL: [Stage; 4] = [Stage::Trust, Stage::Connect, Stage::Answer, Stage::Token];

    fn passed(&mut self, stage: Stage, detail: String) {
        self.0.push(Step { stage, state: State::Passed { detail } });
    }

    fn stopped(mut self, stage: Stage, code: ErrorCode, detail: String) -> test_connection::Response {
        self.0.push(Step { stage, state: State::Failed { code, detail } });
        self.ended()
    }

    fn ended(mut self) -> test_connection::Response {
        let rest = Self::ALL.into_iter().skip(self.0.len());
        self.0.extend(rest.map(|stage| Step { stage, state: State::Skipped }));
        test_connection::Response { steps: self.0 }
    }
}

/// What a passed step says.
mod words {
    pub(super) const TOKEN_NOT_REJECTED: &str = "The server did not reject the token. Whether its user may sign shows \
         only when something is signed: PAM360 documents no call that tells.";
}
