//! The signing form as typed, and the request it becomes once every field passed.

use serde::{Deserialize, Serialize};

use crate::{
    CommonName, CsrId, ErrorCode, Field, FieldRemark, OrgName, Problem, SerialNumber, SignType, Timestamp,
    ValidityDays, typed,
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
        let mut note = |field, code, text: &str| problems.push(Problem::typed(field, code, text));

        let sign_type =
            SignType::parse(&self.sign_type).map_err(|code| note(Field::SignType, code, &self.sign_type));
        let issuer = self.issuer(sign_type == Ok(SignType::Msca), &mut note);
        let validity = ValidityDays::parse(&self.validity_days)
            .and_then(|validity| validity.end(now).map(|_| validity))
            .map_err(|code| note(Field::ValidityDays, code, &self.validity_days));
        let csr_id = CsrId::parse(&self.csr_id).map_err(|code| note(Field::CsrId, code, &self.csr_id));
        let organization = OrgName::parse(&self.organization)
            .map_err(|code| note(Field::Organization, code, &self.organization));

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

    /// What there is to say about values that are accepted, in the order of the form.
    #[must_use]
    pub fn remarks(&self) -> Vec<FieldRemark> {
        let texts = [
            (Field::SignType, &self.sign_type),
            (Field::RootCommonName, &self.root_common_name),
            (Field::RootSerialNumber, &self.root_serial_number),
            (Field::ValidityDays, &self.validity_days),
            (Field::CsrId, &self.csr_id),
            (Field::Organization, &self.organization),
        ];
        FieldRemark::all(texts)
    }

    /// Both issuer fields or, when they may be left out, neither.
    fn issuer(
        &self,
        optional: bool,
        note: &mut impl FnMut(Field, ErrorCode, &str),
    ) -> Result<Option<Issuer>, ()> {
        let untouched = typed::name(&self.root_common_name).is_empty()
            && typed::code(&self.root_serial_number).is_empty();
        if optional && untouched {
            return Ok(None);
        }
        // Where neither is needed, the problem is that one of the two is there alone.
        let alone = |code| if optional { ErrorCode::IssuerIncomplete } else { code };
        let code = |code| match code {
            ErrorCode::RootCnMissing | ErrorCode::SerialMissing => alone(code),
            code => code,
        };
        let common_name = CommonName::parse(&self.root_common_name)
            .map_err(|it| note(Field::RootCommonName, code(it), &self.root_common_name));
        let serial_number = SerialNumber::parse(&self.root_serial_number)
            .map_err(|it| note(Field::RootSerialNumber, code(it), &self.root_serial_number));
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
    fn a_pasted_form_says_what_was_removed_and_what_stays() {
        let form = SignForm {
            root_common_name: "test\u{200B}root".into(),
            root_serial_number: "\u{200E}1879376424c".into(),
            csr_id: "\u{FF13}03".into(),
            ..vendor_sample()
        };
        let request = form.check(NOW).unwrap();
        let issuer = request.issuer.unwrap();
        assert_eq!(
            (issuer.common_name.as_str(), issuer.serial_number.hex(), request.csr_id.to_string().as_str()),
            ("test\u{200B}root", "1879376424c", "303")
        );
        let remarks: Vec<String> = form.remarks().iter().map(ToString::to_string).collect();
        assert_eq!(remarks.len(), 3);
        assert!(remarks[0].starts_with("Issuer common name: An invisible character (U+200B) is part of"));
        assert_eq!(remarks[1], "Issuer serial number: An invisible character (U+200E) was removed.");
        assert_eq!(remarks[2], "CSR id: \u{FF13} (U+FF13) was read as 3.");
        assert_eq!(vendor_sample().remarks(), []);
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
            Err(vec![Problem::new(Field::RootSerialNumber, ErrorCode::IssuerIncomplete)])
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

    #[test]
    fn a_microsoft_ca_needs_both_issuer_fields_or_neither() {
        let problems = |name: &str, serial: &str| {
            let form = SignForm {
                sign_type: "MSCA".into(),
                root_common_name: name.into(),
                root_serial_number: serial.into(),
                ..vendor_sample()
            };
            form.check(NOW).err().unwrap_or_default()
        };
        assert_eq!(problems("", ""), []);
        let alone = |field| [Problem::new(field, ErrorCode::IssuerIncomplete)];
        assert_eq!(problems("", "0a"), alone(Field::RootCommonName));
        assert_eq!(problems("Root", ""), alone(Field::RootSerialNumber));
        // The other sign type needs both.
        let form = SignForm { root_common_name: String::new(), ..vendor_sample() };
        assert_eq!(
            form.check(NOW).unwrap_err(),
            [Problem::new(Field::RootCommonName, ErrorCode::RootCnMissing)]
        );
    }
}
