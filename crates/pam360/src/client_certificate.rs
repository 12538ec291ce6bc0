//! Who calls, for servers that ask: a certificate with its chain and its key, out of PEM or DER files or one PKCS#12 file.
//!
//! The key decides which certificate is the client's own, whatever order a tool wrote them in. It goes from its file into
//! the TLS library and nowhere else. Refuses to own where a passphrase is kept.

use std::sync::Arc;

use domain::{ClientCertificate, ErrorCode, Field, clipped, visible};
use rustls::crypto::CryptoProvider;
use rustls::sign::{CertifiedKey, SigningKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use crate::TrustError;
use crate::file::{self, Unread};
use crate::members::{self, Content, Member, Nothing};
use crate::pkcs12;

/// The largest certificate, key or PKCS#12 file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// The longest chain that is shown to a server.
const MAX_CHAIN: usize = 10;

/// What a server that asks is shown.
pub(crate) struct Identity {
    pub(crate) key: Arc<CertifiedKey>,
    /// What a person should know about the file, in whole sentences.
    pub(crate) remark: String,
}

/// The private keys of a file, as DER.
pub(crate) type Keys = Vec<Zeroizing<Vec<u8>>>;

/// Reads the choice; none stays none.
///
/// # Errors
/// One of the `client-…` codes, with the field it belongs to.
pub(crate) fn load(
    choice: &ClientCertificate,
    passphrase: Option<&str>,
    provider: &CryptoProvider,
) -> Result<Option<Identity>, TrustError> {
    match choice {
        ClientCertificate::None => Ok(None),
        ClientCertificate::Pem { certificate, key } => {
            let certificates = certificates(read(certificate, Field::ClientCertificate)?)?;
            let keys = keys(read(key, Field::ClientKey)?)?;
            matched(certificates, &keys, Field::ClientKey, provider).map(Some)
        }
        ClientCertificate::Pkcs12 { path } => from_one_file(path, passphrase, provider).map(Some),
    }
}

/// A PKCS#12 file; or a PEM file that has certificate and key, which people choose as one too.
fn from_one_file(
    path: &str,
    passphrase: Option<&str>,
    provider: &CryptoProvider,
) -> Result<Identity, TrustError> {
    let members = read(path, Field::ClientCertificate)?;
    let pfx = members.iter().find_map(|it| match &it.content {
        Ok(Content::Pkcs12(pfx)) => Some(pfx),
        _ => None,
    });
    let Some(pfx) = pfx else {
        let is_key = |it: &Member| matches!(it.content, Ok(Content::Key(_) | Content::LockedKey(_)));
        if !members.iter().any(is_key) {
            let what = described(&members);
            return Err(certificate_fault(format!(
                "The file is not a PKCS#12 file and holds no key. {what}"
            )));
        }
        let keys = keys(read(path, Field::ClientCertificate)?)
            .map_err(|error| TrustError { field: Some(Field::ClientCertificate), ..error })?;
        return matched(certificates(members)?, &keys, Field::ClientCertificate, provider);
    };
    let opened = pkcs12::open(pfx, passphrase)?;
    let identity = matched(opened.certificates, &opened.keys, Field::ClientCertificate, provider)?;
    let remark = [identity.remark, opened.remark].join(" ").trim().to_owned();
    Ok(Identity { remark, ..identity })
}

/// The certificate that one of the keys belongs to, its chain in the order in which a server expects it, and the key.
fn matched(
    certificates: Vec<CertificateDer<'static>>,
    keys: &Keys,
    key_field: Field,
    provider: &CryptoProvider,
) -> Result<Identity, TrustError> {
    let key_fault = |detail: String| TrustError {
        field: Some(key_field),
        code: match key_field {
            Field::ClientKey => ErrorCode::ClientKeyUnusable,
            _ => ErrorCode::ClientCertificateUnusable,
        },
        detail,
    };
    let mut parsed = Vec::with_capacity(certificates.len());
    for (index, der) in certificates.iter().enumerate() {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| {
            certificate_fault(format!(
                "Certificate {} does not follow the form of X.509 certificates.",
                index + 1
            ))
        })?;
        parsed.push(certificate);
    }
    let signing: Vec<_> = keys.iter().map(|it| signing_key(it, provider)).collect();
    let usable = || signing.iter().flatten();
    if usable().next().is_none() {
        let why = signing.into_iter().find_map(Result::err).unwrap_or_default();
        return Err(key_fault(why));
    }
    // A key whose public part the library does not tell counts for the only certificate there is.
    let belongs = |key: &Arc<dyn SigningKey>, certificate: &X509Certificate<'_>| {
        key.public_key().map_or(parsed.len() == 1, |it| it.as_ref() == certificate.public_key().raw)
    };
    let pairs: Vec<_> =
        usable().filter_map(|key| Some((key, parsed.iter().position(|it| belongs(key, it))?))).collect();
    let Some((key, own)) = pairs.first() else {
        let names: Vec<_> = parsed.iter().map(subject).collect();
        let which = match names.as_slice() {
            [one] => format!("The key does not belong to the certificate {one}."),
            _ => format!("The key belongs to none of the certificates: {}.", clipped(&names.join("; "), 500)),
        };
        return Err(key_fault(which));
    };
    let remark = match (pairs.len(), parsed.get(*own)) {
        (2.., Some(certificate)) => {
            format!(
                "The file has {} keys with a certificate. The first is used: {}.",
                pairs.len(),
                subject(certificate)
            )
        }
        _ => String::new(),
    };
    let order = chain(&parsed, *own);
    let chain: Vec<_> = order.iter().filter_map(|at| certificates.get(*at).cloned()).collect();
    if chain.len() > MAX_CHAIN {
        return Err(certificate_fault(format!("It holds more than {MAX_CHAIN} certificates.")));
    }
    Ok(Identity { key: Arc::new(CertifiedKey::new(chain, Arc::clone(key))), remark })
}

/// The own certificate first, then each one's issuer (RFC 5246, section 7.4.2), then whatever else was in the file.
fn chain(parsed: &[X509Certificate<'_>], own: usize) -> Vec<usize> {
    let mut order = vec![own];
    let mut current = own;
    while let Some(certificate) = parsed.get(current) {
        let above = parsed
            .iter()
            .enumerate()
            .find(|(at, it)| !order.contains(at) && it.subject().as_raw() == certificate.issuer().as_raw());
        let Some((at, _)) = above else { break };
        order.push(at);
        current = at;
    }
    let rest: Vec<_> = (0..parsed.len()).filter(|it| !order.contains(it)).collect();
    order.extend(rest);
    order
}

fn signing_key(der: &[u8], provider: &CryptoProvider) -> Result<Arc<dyn SigningKey>, String> {
    let unsupported = "The key is of a kind or size that TLS here does not support: RSA from 2,048 bits, P-256, P-384, \
                       P-521 and Ed25519 are.";
    let key = PrivateKeyDer::try_from(der).map_err(|_| unsupported.to_owned())?.clone_key();
    provider.key_provider.load_private_key(key).map_err(|_| unsupported.to_owned())
}

/// The certificates among the members, in the file's order.
fn certificates(members: Vec<Member>) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let all = members.len();
    let nothing = if members.iter().any(|it| matches!(it.content, Ok(Content::Pkcs12(_)))) {
        "The file is a PKCS#12 file. Choose PKCS#12 as the kind of the client certificate.".to_owned()
    } else {
        format!("The file holds no certificate. {}", described(&members))
    };
    let mut found = Vec::new();
    for member in members {
        let place = member.place(all);
        match member.content {
            // Settings about TLS servers say nothing of a client.
            Ok(Content::Certificate(certificate) | Content::Rejected(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(why) => return Err(certificate_fault(format!("{place}: {why}."))),
        }
    }
    if found.is_empty() { Err(certificate_fault(nothing)) } else { Ok(found) }
}

/// The keys among the members, in the file's order.
fn keys(members: Vec<Member>) -> Result<Keys, TrustError> {
    let all = members.len();
    let mut why = format!("The file holds no private key. {}", described(&members));
    let mut found = Vec::new();
    for member in members {
        let place = member.place(all);
        match member.content {
            Ok(Content::Key(key)) => found.push(key),
            Ok(Content::LockedKey(how)) => why = format!("{place}: {how}."),
            Err(reason) => why = format!("{place}: {reason}."),
            Ok(_) => {}
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    Err(TrustError { field: Some(Field::ClientKey), code: ErrorCode::ClientKeyUnusable, detail: why })
}

/// What is in a file, for somebody who expected something else.
fn described(members: &[Member]) -> String {
    let first = members.first().map(|it| it.words(members.len()));
    first.map(|it| format!("{it}.")).unwrap_or_default()
}

fn read(path: &str, field: Field) -> Result<Vec<Member>, TrustError> {
    let (missing, unusable) = match field {
        Field::ClientKey => (ErrorCode::ClientKeyMissing, ErrorCode::ClientKeyUnusable),
        _ => (ErrorCode::ClientCertificateMissing, ErrorCode::ClientCertificateUnusable),
    };
    let fault = |code, detail: String| TrustError { field: Some(field), code, detail };
    let content = file::read(path, MAX_FILE).map_err(|unread| match unread {
        Unread::Missing => fault(missing, String::new()),
        Unread::Failed(error) => fault(unusable, file::words(&error)),
        Unread::TooLarge => fault(unusable, "The file is larger than 1 MiB.".to_owned()),
    })?;
    members::read(&content).map_err(|why| {
        let words = match why {
            Nothing::Empty => "The file is empty.",
            Nothing::NoBlock => "The file holds neither PEM, DER nor PKCS#12.",
            Nothing::JavaKeystore => {
                "The file is a Java keystore. Convert it: keytool -importkeystore -srckeystore client.jks \
                 -destkeystore client.p12 -deststoretype pkcs12"
            }
            Nothing::TooMany => "The file holds more than 1,000 blocks.",
        };
        fault(unusable, words.to_owned())
    })
}

fn subject(certificate: &X509Certificate<'_>) -> String {
    let subject = certificate.subject().to_string();
    if subject.is_empty() { "without a subject".to_owned() } else { clipped(&visible(&subject), 200) }
}

pub(crate) fn certificate_fault(detail: impl Into<String>) -> TrustError {
    TrustError {
        field: Some(Field::ClientCertificate),
        code: ErrorCode::ClientCertificateUnusable,
        detail: detail.into(),
    }
}
