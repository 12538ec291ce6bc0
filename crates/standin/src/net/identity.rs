//! The server's TLS certificate and the throwaway authority above it. This authority has nothing to do with the roots that
//! sign CSRs: a client that trusts the server must not thereby trust what the server issues.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use x509_parser::pem::parse_x509_pem;

use crate::Error;
use crate::clock::Clock;
use crate::world::World;
use crate::world::files::Folder;

/// The authority's certificate, inside the data folder.
const CA_FILE: &str = "tls/ca.pem";
const CA_KEY_FILE: &str = "tls/ca-key.pem";
/// The root above the intermediate. The authority of the others cannot be that: its path length is 0.
const ROOT_FILE: &str = "tls/root.pem";

/// Which certificate the server presents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ServerIdentity {
    /// For localhost, 127.0.0.1 and ::1, under the authority in the CA file.
    #[default]
    Trusted,
    /// Like `Trusted`, but it ended yesterday.
    Expired,
    /// Like `Trusted`, but for another host.
    WrongName,
    /// Signed by itself and no CA, as a fresh installation serves; the CA file is this very certificate.
    SelfSigned,
    /// Signed by itself and marked as a CA; the CA file is this very certificate.
    CaAsServer,
    /// Under an authority that is not in the CA file.
    UnknownAuthority,
    /// Like `Trusted`, but under an intermediate; the intermediate and its root, which is the CA file, are presented too.
    UnderIntermediate,
}

impl ServerIdentity {
    const fn file_stem(self) -> &'static str {
        match self {
            Self::Trusted => "tls/server",
            Self::Expired => "tls/server-expired",
            Self::WrongName => "tls/server-wrong-name",
            Self::SelfSigned => "tls/server-self-signed",
            Self::CaAsServer => "tls/server-ca",
            Self::UnknownAuthority => "tls/server-unknown-authority",
            Self::UnderIntermediate => "tls/server-under-intermediate",
        }
    }

    /// How its certificate's dates must stand to the clock.
    fn wanted(self) -> Standing {
        if self == Self::Expired { Standing::Expired } else { Standing::Valid }
    }
}

/// The TLS settings: protocol versions, ALPN, certificate. Makes what is missing in the world's folder, and replaces a
/// certificate there whose dates no longer fit: a world may be opened again years later.
pub(crate) fn server_config(
    world: &World,
    identity: ServerIdentity,
    http1_only: bool,
    tls12_only: bool,
) -> Result<ServerConfig, Error> {
    let (chain, key) = server_certificate(world.folder(), identity, world.clock())?;
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(unreadable)?;
    let versions: &[_] = if tls12_only { &[&TLS12] } else { &[&TLS13, &TLS12] };
    // The provider is named here and not installed for the process: a test may run several crates' servers at once.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(world.clock().clone()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols =
        if http1_only { vec![b"http/1.1".to_vec()] } else { vec![b"h2".to_vec(), b"http/1.1".to_vec()] };
    Ok(config)
}

/// What a client puts into its trust store: the authority's certificate, or the server's own where that has none above it.
pub(crate) fn ca_file(folder: &Folder, identity: ServerIdentity) -> PathBuf {
    match identity {
        ServerIdentity::SelfSigned | ServerIdentity::CaAsServer => {
            folder.path(&format!("{}.pem", identity.file_stem()))
        }
        ServerIdentity::UnderIntermediate => folder.path(ROOT_FILE),
        _ => folder.path(CA_FILE),
    }
}

fn server_certificate(
    folder: &Folder,
    identity: ServerIdentity,
    clock: &Clock,
) -> Result<(String, String), Error> {
    let now = clock.now();
    let (authority, new_authority) = authority(folder, now)?;
    let (chain_file, key_file) =
        (format!("{}.pem", identity.file_stem()), format!("{}-key.pem", identity.file_stem()));
    if let (Some(chain), Some(key), false) =
        (folder.read(&chain_file)?, folder.read(&key_file)?, new_authority)
        && standing(&chain, now) == Some(identity.wanted())
    {
        return Ok((chain, key));
    }
    let key = KeyPair::generate()?;
    let mut params = server_params(identity, now)?;
    // Where there is an authority, its certificate is presented too, as keystores made by Java's keytool do.
    let chain = match identity {
        ServerIdentity::UnknownAuthority => {
            let stranger = CertifiedIssuer::self_signed(
                authority_params("Stand-in TLS Stranger", now),
                KeyPair::generate()?,
            )?;
            params.signed_by(&key, &stranger)?.pem() + &stranger.pem()
        }
        ServerIdentity::UnderIntermediate => {
            let mut above = authority_params("Stand-in TLS Root", now);
            above.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
            let root = CertifiedIssuer::self_signed(above, KeyPair::generate()?)?;
            folder.write(ROOT_FILE, &root.pem())?;
            let below = authority_params("Stand-in TLS Intermediate", now);
            let intermediate = CertifiedIssuer::signed_by(below, KeyPair::generate()?, &root)?;
            params.signed_by(&key, &intermediate)?.pem() + &intermediate.pem() + &root.pem()
        }
        ServerIdentity::SelfSigned => params.self_signed(&key)?.pem(),
        ServerIdentity::CaAsServer => {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages.push(KeyUsagePurpose::KeyCertSign);
            params.self_signed(&key)?.pem()
        }
        _ => params.signed_by(&key, &authority)?.pem() + &folder.read(CA_FILE)?.unwrap_or_default(),
    };
    let key = key.serialize_pem();
    folder.write(&chain_file, &chain)?;
    folder.write(&key_file, &key)?;
    Ok((chain, key))
}

fn server_params(identity: ServerIdentity, now: OffsetDateTime) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name("PAM360 stand-in");
    params.subject_alt_names = match identity {
        ServerIdentity::WrongName => vec![SanType::DnsName("pam360.elsewhere.example.test".try_into()?)],
        _ => vec![
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ],
    };
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    // An hour back, so that a client whose clock is a little behind still agrees. Never past 398 days: some platform
    // verifiers refuse longer ones even from a local authority.
    let lifetime = if identity == ServerIdentity::Expired {
        (Duration::days(-100), Duration::days(-1))
    } else {
        (-Duration::HOUR, Duration::days(397))
    };
    params.not_before = now.saturating_add(lifetime.0);
    params.not_after = now.saturating_add(lifetime.1);
    Ok(params)
}

/// The authority above the server, and whether it was made just now.
fn authority(folder: &Folder, now: OffsetDateTime) -> Result<(Issuer<'static, KeyPair>, bool), Error> {
    if let (Some(certificate), Some(key)) = (folder.read(CA_FILE)?, folder.read(CA_KEY_FILE)?)
        && standing(&certificate, now) == Some(Standing::Valid)
    {
        return Ok((Issuer::from_ca_cert_pem(&certificate, KeyPair::from_pem(&key)?)?, false));
    }
    let params = authority_params("Stand-in TLS Authority", now);
    let key = KeyPair::generate()?;
    folder.write(CA_KEY_FILE, &key.serialize_pem())?;
    folder.write(CA_FILE, &params.self_signed(&key)?.pem())?;
    Ok((Issuer::new(params, key), true))
}

fn authority_params(name: &str, now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now.saturating_sub(Duration::HOUR);
    params.not_after = now.saturating_add(Duration::days(3650));
    params
}

/// Where a moment lies in a certificate's validity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    NotYet,
    Valid,
    Expired,
}

/// For the first certificate of a PEM text; `None` when there is none to read.
fn standing(pem: &str, now: OffsetDateTime) -> Option<Standing> {
    let (_, block) = parse_x509_pem(pem.as_bytes()).ok()?;
    let certificate = block.parse_x509().ok()?;
    let validity = certificate.validity();
    Some(match () {
        () if now < validity.not_before.to_datetime() => Standing::NotYet,
        () if now > validity.not_after.to_datetime() => Standing::Expired,
        () => Standing::Valid,
    })
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn unreadable(error: rustls_pki_types::pem::Error) -> Error {
    Error::Certificate(format!("the server's own certificate or key: {error}"))
}
