//! The signing form as typed, and the request it becomes once every field passed.

use serde::{Deserialize, Serialize};

use crate::{
    CommonName, CsrId, ErrorCode, Field, OrgName, Problem, SerialNumber, SignType, Timestamp, ValidityDays,
};

/// A signing as typed: every text unchecked, one field for each on the vendor's page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignForm {
    /// [`Field::SignType`].
    pub sign_type: String,
    /// [`Field::RootCommonName`].
    pub root_common_name: String,
    /// [`Field::RootSerialNumber`].
    pub root_serial_number: String,
    /// [`Field::ValidityDays`].
    pub validity_days: String,
    /// [`Field::Intermediate`].
    pub intermediate: bool,
    /// [`Field::CsrId`].
    pub csr_id: String,
    /// [`Field::Organization`].
    pub organization: String,
}

/// Which stored certificate signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Its common name.
    pub common_name: CommonName,
    /// Its serial number, which tells apart issuers of the same name.
    pub serial_number: SerialNumber,
}

/// A signing that may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignRequest {
    /// `signType`.
    pub sign_type: SignType,
    /// The issuer. Always there for `signWithRoot`. For `MSCA` it may be absent: the vendor's page marks its fields
    /// mandatory for every sign type, but does not say what a Microsoft CA would do with them.
    pub issuer: Option<Issuer>,
    /// `Validity`.
    pub validity: ValidityDays,
    /// `isIntermediate`.
    pub intermediate: bool,
    /// `CSR_ID`.
    pub csr_id: CsrId,
    /// The header `orgName`.
    pub organization: Option<OrgName>,
}

impl SignForm {
    /// Checks every field. `now` bounds the validity: X.509 has no date after the year 9999.
    ///
    /// # Errors
    /// All problems at once, in the order of the form.
    pub fn check(&self, now: Timestamp) -> Result<SignRequest, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut note = |field, code| problems.push(Problem::new(field, code));

        let sign_type = SignType::parse(&self.sign_type).map_err(|code| note(Field::SignType, code));
        let issuer = self.issuer(sign_type == Ok(SignType::Msca), &mut note);
        let validity = ValidityDays::parse(&self.validity_days)
            .and_then(|validity| validity.end(now).map(|_| validity))
            .map_err(|code| note(Field::ValidityDays, code));
        let csr_id = CsrId::parse(&self.csr_id).map_err(|code| note(Field::CsrId, code));
        let organization = OrgName::parse(&self.organization).map_err(|code| note(Field::Organization, code));

        match (sign_type, issuer, validity, csr_id, organization) {
            (Ok(sign_type), Ok(issuer), Ok(validity), Ok(csr_id), Ok(organization)) => Ok(SignRequest {
                sign_type,
                issuer,
                validity,
                intermediate: self.intermediate,
                csr_id,
                organization,
            }),
            _ => Err(problems),
        }
    }

    /// Both issuer fields or, when they may be left out, neither.
    fn issuer(&self, optional: bool, note: &mut impl FnMut(Field, ErrorCode)) -> Result<Option<Issuer>, ()> {
        let untouched = self.root_common_name.trim().is_empty() && self.root_serial_number.trim().is_empty();
        if optional && untouched {
            return Ok(None);
        }
        let common_name =
            CommonName::parse(&self.root_common_name).map_err(|code| note(Field::RootCommonName, code));
        let serial_number =
            SerialNumber::parse(&self.root_serial_number).map_err(|code| note(Field::RootSerialNumber, code));
        Ok(Some(Issuer { common_name: common_name?, serial_number: serial_number? }))
    }
}

/// The form that leads to a request: what a person would type for it.
impl From<&SignRequest> for SignForm {
    fn from(request: &SignRequest) -> Self {
        let issuer = request.issuer.as_ref();
        Self {
            sign_type: request.sign_type.as_str().to_owned(),
            root_common_name: issuer.map(|it| it.common_name.as_str().to_owned()).unwrap_or_default(),
            root_serial_number: issuer.map(|it| it.serial_number.hex().to_owned()).unwrap_or_default(),
            validity_days: request.validity.days().to_string(),
            intermediate: request.intermediate,
            csr_id: request.csr_id.to_string(),
            organization: request.organization.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_507_200_000);

    fn vendor_sample() -> SignForm {
        SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: "testroot".into(),
            root_serial_number: "1879376424c".into(),
            validity_days: "100".into(),
            intermediate: true,
            csr_id: "303".into(),
            organization: String::new(),
        }
    }

    #[test]
    fn the_form_of_a_request_leads_to_it_again() {
        let with = SignForm { organization: "Org".into(), ..vendor_sample() };
        let without = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "1".into(),
            csr_id: "1".into(),
            ..SignForm::default()
        };
        for form in [with, without] {
            let request = form.check(NOW).unwrap();
            assert_eq!(SignForm::from(&request).check(NOW).unwrap(), request);
        }
    }

    #[test]
    fn the_vendor_sample_passes() {
        let request = vendor_sample().check(NOW).unwrap();
        assert_eq!(request.issuer.unwrap().serial_number.hex(), "1879376424c");
        assert_eq!(request.organization, None);
    }

    #[test]
    fn an_empty_form_names_every_mandatory_field() {
        let problems = SignForm::default().check(NOW).unwrap_err();
        let fields: Vec<Field> = problems.iter().map(|it| it.field).collect();
        assert_eq!(
            fields,
            [
                Field::SignType,
                Field::RootCommonName,
                Field::RootSerialNumber,
                Field::ValidityDays,
                Field::CsrId
            ]
        );
    }

    #[test]
    fn a_microsoft_ca_needs_no_issuer_but_half_of_one_is_a_mistake() {
        let mut form = SignForm { sign_type: "MSCA".into(), ..vendor_sample() };
        assert!(form.check(NOW).unwrap().issuer.is_some());
        form.root_serial_number.clear();
        assert_eq!(
            form.check(NOW),
            Err(vec![Problem::new(Field::RootSerialNumber, ErrorCode::SerialMissing)])
        );
        form.root_common_name.clear();
        assert_eq!(form.check(NOW).unwrap().issuer, None);
    }

    #[test]
    fn a_validity_past_9999_is_named_as_such() {
        let form = SignForm { validity_days: "2147483647".into(), ..vendor_sample() };
        assert_eq!(
            form.check(NOW),
            Err(vec![Problem::new(Field::ValidityDays, ErrorCode::ValidityPast9999)])
        );
    }
}
