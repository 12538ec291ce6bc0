//! The first content of a new world: three waiting CSRs, two roots and an intermediate, and a smaller second
//! organization. Everything but the RSA request is made anew; that one is a committed file, because making a 2048-bit RSA
//! key takes longer than all the rest together and its private key is never needed for signing it.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::World;
use super::state::{HOME_ORGANIZATION, IssuerKind};
use crate::Error;

const RSA_WEB_SERVER: &str = include_str!("../../fixtures/rsa-web-server.csr.pem");

/// Certificate ids below this one belong to seeded issuers; the first signed certificate gets the vendor sample's id.
const FIRST_SIGNED_ID: u64 = 309;

impl World {
    pub(super) fn seed(&mut self, intermediate: bool) -> Result<(), Error> {
        self.add_root(HOME_ORGANIZATION, "Example Root R1", IssuerKind::Root, 20 * 365)?;
        self.add_root(HOME_ORGANIZATION, "Example Root R2", IssuerKind::Root, 2 * 365)?;
        if intermediate {
            let root = self
                .organization(HOME_ORGANIZATION)?
                .issuers
                .first()
                .map(|issuer| issuer.certificate.clone());
            let root = root.ok_or_else(|| Error::Certificate("the first root is missing".to_owned()))?;
            let parent = self.signer(&root)?;
            self.add_intermediate(HOME_ORGANIZATION, "Example Issuing I1", 5 * 365, &parent)?;
        }
        self.add_root("Research", "Research Root", IssuerKind::Root, 10 * 365)?;
        self.state.next_certificate_id = FIRST_SIGNED_ID;

        self.add_csr(HOME_ORGANIZATION, RSA_WEB_SERVER.as_bytes(), None)?; // 301
        self.add_made(HOME_ORGANIZATION, client()?)?; // 302
        self.add_made(HOME_ORGANIZATION, intermediate_ca())?; // 303
        self.add_made("Research", laboratory()?) // 304
    }

    fn add_made(&mut self, organization: &str, params: CertificateParams) -> Result<(), Error> {
        let key = KeyPair::generate()?;
        let request = params.serialize_request(&key)?;
        self.add_csr(organization, request.der(), Some(&key)).map(drop)
    }
}

fn client() -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(vec!["till-17.branch.example.test".to_owned()])?;
    params.distinguished_name = name(&[
        (DnType::CountryName, "CH"),
        (DnType::OrganizationName, "Example Retail AG"),
        (DnType::OrganizationalUnitName, "Branch IT"),
        (DnType::CommonName, "till-17.branch.example.test"),
    ]);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn intermediate_ca() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(&[
        (DnType::OrganizationName, "Example Retail AG"),
        (DnType::CommonName, "Example Retail Issuing CA"),
    ]);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn laboratory() -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(vec!["lab.research.example.test".to_owned()])?;
    params.distinguished_name = name(&[(DnType::CommonName, "lab.research.example.test")]);
    Ok(params)
}

fn name(attributes: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, text) in attributes {
        name.push(kind.clone(), *text);
    }
    name
}
