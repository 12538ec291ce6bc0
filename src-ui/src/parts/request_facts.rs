//! A signing that passed its checks, field by field.

use domain::{Field, ServerTrust, SignRequest, Timestamp, visible};
use leptos::prelude::*;

use crate::ui::facts::{Fact, Facts};
use crate::words::{days, history, join, long_date, outcome, sign};

/// Every field with its name on the wire. `ends` is known only to a review.
#[component]
pub(crate) fn RequestFacts(
    request: SignRequest,
    #[prop(into)] server: String,
    /// What verifies the server, or verified it; none where that is not known.
    #[prop(optional_no_strip)]
    verified_by: Option<ServerTrust>,
    #[prop(optional)] ends: Option<Timestamp>,
) -> impl IntoView {
    let fact = |field: Field, value: String, code: bool, note: Option<String>| {
        view! { <Fact name=field.label() wire=field.wire_name() value code=code note=note.unwrap_or_default() /> }
    };
    let (issuer, serial, decimal) = match &request.issuer {
        Some(it) => {
            let serial = &it.serial_number;
            (visible(it.common_name.as_str()), serial.hex().to_owned(), Some(serial.colons()))
        }
        None => (sign::NO_ISSUER.to_owned(), sign::NO_ISSUER.to_owned(), None),
    };
    let named = request.issuer.is_some();
    let end = ends.map(|it| join(&[sign::ENDS, &long_date(it), sign::ENDS_IF]));
    let organization = request
        .organization
        .as_ref()
        .map_or_else(|| sign::OWN_ORGANIZATION.to_owned(), |it| visible(it.as_str()));
    let makes = if request.intermediate { sign::MAKES_CA } else { sign::MAKES_LEAF };
    view! {
        <Facts>
            <Fact name=history::SERVER value=visible(&server) code=true />
            {verified_by.map(|it| view! { <TrustFact it /> })}
            {fact(Field::CsrId, request.csr_id.to_string(), true, None)}
            {fact(Field::Organization, organization, false, None)}
            {fact(Field::SignType, request.sign_type.as_str().to_owned(), true, None)}
            {fact(Field::RootCommonName, issuer, false, None)}
            {fact(Field::RootSerialNumber, serial, named, decimal)}
            {fact(Field::ValidityDays, days(request.validity.days()), false, end)}
            {fact(Field::Intermediate, request.intermediate.to_string(), true, Some(makes.to_owned()))}
        </Facts>
    }
}

/// What verifies a server, or verified it, and what that leaves unchecked.
#[component]
pub(crate) fn TrustFact(it: ServerTrust) -> impl IntoView {
    view! { <Fact name=outcome::VERIFIED_BY value=it.words() note=it.unchecked().to_owned() test_id="verified-by" /> }
}
