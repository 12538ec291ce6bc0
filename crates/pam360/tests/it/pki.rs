//! Certificates of a test's own: an authority, one below it, and server certificates with one thing wrong.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use domain::Timestamp;
use pam360::Trust;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::sign::{Signer, SigningKey};
use rustls::time_provider::TimeProvider;
use rustls::{SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use time::{Duration, OffsetDateTime};

/// Who signs.
pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

/// A server's certificate with its key.
pub(crate) struct Own {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) key: Arc<dyn SigningKey>,
}

/// The clock of these tests, which stands still: certificates are made by it, and both sides of a handshake judge them by
/// it. Between the dates of the fixtures.
pub(crate) const NOW: OffsetDateTime = time::macros::datetime!(2027-01-15 12:00 UTC);

/// [`NOW`] as the stand-in and the client want it.
pub(crate) const NOW_MILLIS: i64 = NOW.unix_timestamp() * 1_000;

/// [`NOW`] as the TLS library asks for it.
#[derive(Debug)]
pub(crate) struct TestClock;

impl TimeProvider for TestClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_millis(NOW_MILLIS.unsigned_abs())))
    }
}

/// A trust policy on the tests' clock.
pub(crate) fn timed(trust: Trust) -> Trust {
    trust.with_clock(|| Timestamp::from_millis(NOW_MILLIS))
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.use_authority_key_identifier_extension = true;
    params.not_before = NOW - Duration::days(10);
    params.not_after = NOW + Duration::days(3650);
    params
}

pub(crate) fn root(name: &str) -> Authority {
    CertifiedIssuer::self_signed(ca_params(name), KeyPair::generate().unwrap()).unwrap()
}

pub(crate) fn below(
    issuer: &Authority,
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> Authority {
    let mut params = ca_params(name);
    change(&mut params);
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

/// What a sound server certificate for 127.0.0.1, localhost and pam.example.test says.
fn own_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "PAM360 of a test");
    params.subject_alt_names = vec![
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::DnsName("localhost".try_into().unwrap()),
        SanType::DnsName("pam.example.test".try_into().unwrap()),
    ];
    params.is_ca = IsCa::ExplicitNoCa;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = NOW - Duration::days(10);
    params.not_after = NOW + Duration::days(100);
    params
}

pub(crate) fn own(issuer: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Own {
    let mut params = own_params();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    Own { der: params.signed_by(&key, issuer).unwrap().der().clone(), key: signing(&key) }
}

pub(crate) fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> Own {
    let mut params = own_params();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    Own { der: params.self_signed(&key).unwrap().der().clone(), key: signing(&key) }
}

/// A client's certificate and its key, each as PEM.
pub(crate) fn client(issuer: &Authority) -> (String, String) {
    let mut params = own_params();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem())
}

fn signing(key: &KeyPair) -> Arc<dyn SigningKey> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap()
}

/// The certificates of a file in tests/fixtures.
pub(crate) fn fixture(name: &str) -> Vec<CertificateDer<'static>> {
    let path = fixture_path(name);
    CertificateDer::pem_file_iter(path).unwrap().collect::<Result<_, _>>().unwrap()
}

pub(crate) fn fixture_path(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn as_pem(der: &CertificateDer<'_>) -> String {
    pem::encode(&pem::Pem::new("CERTIFICATE", der.to_vec()))
}

/// Signs with nonsense, for certificates whose key nobody has. Whoever believes it has not verified.
#[derive(Debug)]
pub(crate) struct Nonsense(pub(crate) SignatureScheme);

impl SigningKey for Nonsense {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self(self.0)))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.0 {
            SignatureScheme::RSA_PSS_SHA256 => SignatureAlgorithm::RSA,
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

impl Signer for Nonsense {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        Ok(vec![0x5A; 128])
    }

    fn scheme(&self) -> SignatureScheme {
        self.0
    }
}
