//! The one wire form of a signing, as in the vendor's body-parameter sample ("Sign a CSR").
//!
//! The page contradicts itself (declared types against samples, a broken cURL line); this is the form that its
//! parameter block, its Python and its PowerShell samples share: a form body, `Validity` a number, the rest text.

use domain::{BaseUrl, SignRequest, SpokenHttp};
use secrets::REDACTED;
use serde::Serialize;

/// The path of the signing call below the server's address.
pub const SIGN_PATH: &str = "/api/pki/restapi/signCSR";

/// Below which every PKI operation lies.
pub(crate) const API_PATH: &str = "/api/pki/restapi/";

/// The media type of every request body.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Serialize)]
pub(crate) struct InputData<T> {
    operation: Operation<T>,
}

#[derive(Serialize)]
struct Operation<T> {
    #[serde(rename = "Details")]
    details: T,
}

impl<T> InputData<T> {
    pub(crate) fn new(details: T) -> Self {
        Self { operation: Operation { details } }
    }
}

/// Fields in the order of the vendor's sample.
#[derive(Serialize)]
struct SignDetails<'a> {
    #[serde(rename = "signType")]
    sign_type: &'static str,
    #[serde(rename = "rootCertificateCommonName", skip_serializing_if = "Option::is_none")]
    root_common_name: Option<&'a str>,
    #[serde(rename = "rootCertificateSerialNumber", skip_serializing_if = "Option::is_none")]
    root_serial_number: Option<&'a str>,
    #[serde(rename = "Validity")]
    validity: u32,
    #[serde(rename = "isIntermediate")]
    is_intermediate: &'static str,
    #[serde(rename = "CSR_ID")]
    csr_id: String,
}

fn details(request: &SignRequest) -> InputData<SignDetails<'_>> {
    InputData::new(SignDetails {
        sign_type: request.sign_type.as_str(),
        root_common_name: request.issuer.as_ref().map(|it| it.common_name.as_str()),
        root_serial_number: request.issuer.as_ref().map(|it| it.serial_number.hex()),
        validity: request.validity.days(),
        is_intermediate: if request.intermediate { "true" } else { "false" },
        csr_id: request.csr_id.to_string(),
    })
}

/// `INPUT_DATA` as it is sent, before percent-encoding.
#[must_use]
pub fn input_data(request: &SignRequest) -> String {
    // Plain structs of text and numbers: serde_json has no way to fail on them.
    serde_json::to_string(&details(request)).unwrap_or_default()
}

/// The same, indented for people; the order of the fields is kept.
#[must_use]
pub fn input_data_indented(request: &SignRequest) -> String {
    serde_json::to_string_pretty(&details(request)).unwrap_or_default()
}

/// The body of the signing POST.
#[must_use]
pub fn sign_body(request: &SignRequest) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("INPUT_DATA", &input_data(request)).finish()
}

/// The whole request as text, with a mark where the token goes. HTTP/2 sends the same method, path, host and headers in a
/// binary form (RFC 9113, section 8.3); here they are in the lines of HTTP/1.1, and the version says which one it was.
#[must_use]
pub fn http_request_text(server: &BaseUrl, request: &SignRequest, version: SpokenHttp) -> String {
    let body = sign_body(request);
    let path = server.path(SIGN_PATH);
    let host = server.authority();
    let organization =
        request.organization.as_ref().map(|name| format!("orgname: {name}\r\n")).unwrap_or_default();
    let (length, version) = (body.len(), version.as_str());
    format!(
        "POST {path} {version}\r\nhost: {host}\r\nauthtoken: {REDACTED}\r\n{organization}accept: application/json\r\n\
         content-type: {FORM}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use domain::{SignForm, Timestamp};

    use super::*;

    fn sample(sign_type: &str) -> SignRequest {
        let with_root = sign_type == "signWithRoot";
        let form = SignForm {
            sign_type: sign_type.into(),
            root_common_name: if with_root { "testroot".into() } else { String::new() },
            root_serial_number: if with_root { "01:87:93:76:42:4C".into() } else { String::new() },
            validity_days: "100".into(),
            intermediate: true,
            csr_id: "303".into(),
            organization: "Müller & Söhne".into(),
        };
        form.check(Timestamp::from_millis(0)).unwrap()
    }

    #[test]
    fn the_body_is_the_vendors_sample_to_the_letter() {
        let expected = r#"{"operation":{"Details":{"signType":"signWithRoot","rootCertificateCommonName":"testroot","rootCertificateSerialNumber":"1879376424c","Validity":100,"isIntermediate":"true","CSR_ID":"303"}}}"#;
        assert_eq!(input_data(&sample("signWithRoot")), expected);
        let body = sign_body(&sample("signWithRoot"));
        let pairs: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
        assert_eq!(pairs, [("INPUT_DATA".into(), expected.into())]);
    }

    #[test]
    fn msca_without_issuer_leaves_its_fields_out() {
        let expected = r#"{"operation":{"Details":{"signType":"MSCA","Validity":100,"isIntermediate":"true","CSR_ID":"303"}}}"#;
        assert_eq!(input_data(&sample("MSCA")), expected);
    }

    #[test]
    fn the_shown_request_has_a_mark_where_the_token_goes() {
        let server = BaseUrl::parse("https://pam360.example.com:8282/pam").unwrap();
        let text = |version| http_request_text(&server, &sample("signWithRoot"), version);
        let (text, over2) = (text(SpokenHttp::Http11), text(SpokenHttp::Http2));
        assert!(text.starts_with("POST /pam/api/pki/restapi/signCSR HTTP/1.1\r\n"), "{text}");
        assert_eq!(over2, text.replacen("HTTP/1.1", "HTTP/2", 1));
        assert!(text.contains(&format!("authtoken: {REDACTED}\r\n")), "{text}");
        assert!(text.contains("orgname: Müller & Söhne\r\n"), "{text}");
    }
}
