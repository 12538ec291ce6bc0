//! What a person has to keep of a signing that the history may not have: what was asked for, where, and when the answer came.
//!
//! Owns the facts of the request, their names in JSON and their words. Refuses to own the answer, which is printed as that of
//! any other signing.

use desk::Desk;
use domain::{CommonName, IntentId, OrgName, SerialNumber, SignRequest, SignType, visible};
use serde::Serialize;

use crate::asked;

/// A signing without an entry. The names in JSON are those of a row of `csrdesk history --json`.
#[derive(Serialize)]
pub(crate) struct Unrecorded {
    answered_at: String,
    server: Option<String>,
    organization: Option<OrgName>,
    csr_id: String,
    sign_type: SignType,
    root_common_name: Option<CommonName>,
    root_serial_number: Option<SerialNumber>,
    validity_days: u32,
    intermediate: bool,
    again_reason: Option<String>,
    intent: String,
    #[serde(skip)]
    issuer: String,
}

impl Unrecorded {
    /// A signing whose answer is here, with the server of the connection in use: the desk asked no other one.
    pub(crate) fn of(request: &SignRequest, intent: &IntentId, again: Option<&str>, desk: &Desk) -> Self {
        Self {
            answered_at: desk::Host::now(&desk::SystemHost::default()).rfc3339(),
            server: desk.in_use().map(|it| it.connection.server.to_string()),
            organization: request.organization.clone(),
            csr_id: request.csr_id.to_string(),
            sign_type: request.sign_type,
            root_common_name: request.issuer.as_ref().map(|it| it.common_name.clone()),
            root_serial_number: request.issuer.as_ref().map(|it| it.serial_number.clone()),
            validity_days: request.validity.days(),
            intermediate: request.intermediate,
            again_reason: again.map(str::to_owned),
            intent: intent.to_string(),
            issuer: asked::issuer(request),
        }
    }

    /// The facts in lines; what was asked for is printed with every outcome.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let organization = self.organization.as_ref().map(|it| ("organization", visible(it.as_str())));
        let server = self.server.clone().map(|it| ("server", it));
        let again = self.again_reason.as_deref().map(|it| ("signed again", visible(it)));
        let rest = [
            ("CSR id", self.csr_id.clone()),
            ("issuer", self.issuer.clone()),
            ("answered", self.answered_at.clone()),
            ("intent", self.intent.clone()),
        ];
        let facts = server.into_iter().chain(organization).chain(rest).chain(again);
        facts.map(|(label, text)| format!("    {label:<12}  {text}"))
    }
}
