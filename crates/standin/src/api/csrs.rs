//! Stored CSRs: `importCSR`, `createCSR`, `exportCSR`, and their list under a configured name. Only the reply of `importCSR`
//! is quoted from the vendor; the rest is shaped after public clients (assumed).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::response::Response;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, PKCS_RSA_SHA384, PKCS_RSA_SHA512, RsaKeySize,
};
use serde::Serialize;
use serde_json::json;

use super::admission::Call;
use super::arguments::Details;
use super::envelope;
use crate::shared::Shared;
use crate::world::state::StoredCsr;

const IMPORT: &str = "importCSR";
const CREATE: &str = "createCSR";
const EXPORT: &str = "exportCSR";

#[derive(Serialize)]
struct CsrRow<'a> {
    #[serde(rename = "CSR_ID")]
    id: u64,
    #[serde(rename = "commonName")]
    common_name: &'a str,
    #[serde(rename = "SAN")]
    alternative_names: String,
    #[serde(rename = "KeyAlgorithm")]
    key_algorithm: &'a str,
}

/// The waiting CSRs of the organization; ids as numbers.
pub(super) fn list(shared: &Shared, call: &Call) -> Response {
    let name = shared.options.csr_list_operation.as_str();
    let world = shared.world();
    let Ok(home) = world.organization(&call.organization) else {
        return envelope::failed(name, "No such organization.");
    };
    let row = |csr: &StoredCsr| {
        json!(CsrRow {
            id: csr.id,
            common_name: &csr.common_name,
            alternative_names: csr.dns_names.join(","),
            key_algorithm: &csr.key_words,
        })
    };
    envelope::with_details(
        name,
        "CSR list fetched successfully.",
        Some(home.csrs.iter().map(row).collect::<Vec<_>>()),
    )
}

/// File part `CSR`, optional field `INPUT_DATA` with an Email. The reply has no id, as quoted.
pub(super) async fn import(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Call>,
    request: Request,
) -> Response {
    let stored = match csr_part(request).await {
        Ok(bytes) => {
            shared.world().add_csr(&call.organization, &bytes, None).map_err(|error| error.to_string())
        }
        Err(message) => Err(message),
    };
    match stored {
        Ok(csr) => envelope::success(IMPORT, &format!("CSR {} imported successfully.", csr.common_name)),
        Err(message) => envelope::failed(IMPORT, &message),
    }
}

async fn csr_part(request: Request) -> Result<Vec<u8>, String> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| error.body_text())?;
    let mut found = None;
    while let Some(part) = parts.next_field().await.map_err(|error| error.body_text())? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| error.body_text())?;
        match name.as_str() {
            "CSR" => found = Some(bytes.to_vec()),
            "INPUT_DATA" => drop(Details::parse(&String::from_utf8_lossy(&bytes))?),
            _ => {}
        }
    }
    found.ok_or_else(|| "The file part CSR is missing.".to_owned())
}

/// Makes a key pair and a CSR; field names as in `createCertificate`.
pub(super) async fn create(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    let made = match Details::of(&call) {
        // A 4096-bit RSA key takes seconds: not on a thread that serves others.
        Ok(details) => tokio::task::spawn_blocking(move || make(&details))
            .await
            .unwrap_or_else(|error| Err(error.to_string())),
        Err(message) => Err(message),
    };
    let stored = made.and_then(|(request, key)| {
        shared.world().add_csr(&call.organization, &request, Some(&key)).map_err(|error| error.to_string())
    });
    match stored {
        Ok(csr) => {
            let details = [json!({ "commonName": csr.common_name, "CSR_ID": csr.id })];
            envelope::with_details(
                CREATE,
                &format!("CSR {} created successfully.", csr.common_name),
                Some(details),
            )
        }
        Err(message) => envelope::failed(CREATE, &message),
    }
}

fn make(details: &Details) -> Result<(Vec<u8>, KeyPair), String> {
    let common_name = details.need_text("CNAME")?;
    let names = details.text("ALT_NAMES")?.unwrap_or_default();
    let names: Vec<String> =
        names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let mut params = CertificateParams::new(names).map_err(|error| format!("ALT_NAMES: {error}"))?;
    params.distinguished_name = DistinguishedName::new();
    for (key, kind) in [
        ("COUNTRY", DnType::CountryName),
        ("STATE", DnType::StateOrProvinceName),
        ("LOCATION", DnType::LocalityName),
        ("ORG", DnType::OrganizationName),
        ("ORGUNIT", DnType::OrganizationalUnitName),
    ] {
        if let Some(text) = details.text(key)? {
            params.distinguished_name.push(kind, text);
        }
    }
    params.distinguished_name.push(DnType::CommonName, common_name);
    let key = new_key(details)?;
    let request = params.serialize_request(&key).map_err(|error| error.to_string())?;
    Ok((request.der().to_vec(), key))
}

fn new_key(details: &Details) -> Result<KeyPair, String> {
    let algorithm = details.text("ALG")?.unwrap_or_else(|| "RSA".to_owned());
    let length = details.text("LEN")?;
    let digest = details.text("SIGALG")?.unwrap_or_else(|| "SHA256".to_owned());
    let made = match (algorithm.as_str(), length.as_deref()) {
        ("RSA", length) => {
            let size = match length {
                None | Some("2048") => RsaKeySize::_2048,
                Some("3072") => RsaKeySize::_3072,
                Some("4096") => RsaKeySize::_4096,
                Some(other) => return Err(format!("LEN {other} is not supported for RSA.")),
            };
            let kind = match digest.as_str() {
                "SHA256" => &PKCS_RSA_SHA256,
                "SHA384" => &PKCS_RSA_SHA384,
                "SHA512" => &PKCS_RSA_SHA512,
                other => return Err(format!("SIGALG {other} is not supported.")),
            };
            KeyPair::generate_rsa_for(kind, size)
        }
        ("EC", None | Some("256")) => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        ("EC", Some("384")) => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        ("EC", Some("521")) => KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512),
        (other, length) => {
            return Err(format!("ALG {other} with LEN {} is not supported.", length.unwrap_or("unset")));
        }
    };
    made.map_err(|error| error.to_string())
}

/// The CSR or its private key as PEM text, not JSON.
pub(super) async fn export(State(shared): State<Arc<Shared>>, Extension(call): Extension<Call>) -> Response {
    match Details::of(&call).and_then(|details| export_text(&shared, &call, &details)) {
        Ok(text) => envelope::raw(text),
        Err(message) => envelope::failed(EXPORT, &message),
    }
}

fn export_text(shared: &Shared, call: &Call, details: &Details) -> Result<String, String> {
    let id = details.need_number("CSR_ID")?;
    let world = shared.world();
    let home = world.organization(&call.organization).map_err(|error| error.to_string())?;
    let csr = home.csr(id).ok_or_else(|| format!("CSR with ID {id} is not available."))?;
    match details.need_text("fileType")?.as_str() {
        "CSR" => world.csr_pem(csr).map_err(|error| error.to_string()),
        "PrivateKey" if csr.has_key => world.csr_key_pem(csr).map_err(|error| error.to_string()),
        "PrivateKey" => Err(format!("No private key is stored for the CSR with ID {id}.")),
        other => Err(format!("fileType {other} is not available on this stand-in.")),
    }
}
