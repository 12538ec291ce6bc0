//! Which code, which certificate and which words a refusal of the TLS library leads to.

use domain::ErrorCode;
use rustls::{CertificateError, Error, OtherError};
use rustls_pki_types::SignatureVerificationAlgorithm;

use super::{Flaw, place};
use crate::presented::Read;
use crate::tls_words::{self, as_sentence};

/// The code for the library's refusal, the certificate at fault and words for it.
pub(super) fn blamed(
    error: &Error,
    reads: &[Read<'_>],
    path: &[usize],
    flaws: &[Flaw],
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Blame {
    use CertificateError as E;
    let words = || tls_words::sentence(error);
    let flaw = |codes: &[ErrorCode]| {
        let found = flaws.iter().find(|it| codes.contains(&it.code));
        found.map(|it| (it.code, Some(it.at), as_sentence(&it.words)))
    };
    let or = |found: Option<Blame>, code| found.unwrap_or_else(|| (code, None, words()));
    let Error::InvalidCertificate(certificate) = error else {
        return (ErrorCode::TlsBadCertificate, None, words());
    };
    match certificate {
        E::Expired | E::ExpiredContext { .. } => or(flaw(&[ErrorCode::TlsExpired]), ErrorCode::TlsExpired),
        E::NotValidYet | E::NotValidYetContext { .. } => {
            or(flaw(&[ErrorCode::TlsNotYetValid]), ErrorCode::TlsNotYetValid)
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            or(flaw(&[ErrorCode::TlsNoNames, ErrorCode::TlsNameMismatch]), ErrorCode::TlsNameMismatch)
        }
        E::UnknownIssuer => unknown_issuer(reads, path, algorithms),
        E::Revoked => (ErrorCode::TlsRevoked, None, words()),
        E::BadSignature => {
            flaw(&[ErrorCode::TlsWeakKey]).unwrap_or_else(|| bad_signature(reads, path, algorithms))
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            or(flaw(&[ErrorCode::TlsWrongPurpose]), ErrorCode::TlsWrongPurpose)
        }
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            or(flaw(&[ErrorCode::TlsWeakSignature, ErrorCode::TlsWeakKey]), ErrorCode::TlsBadCertificate)
        }
        E::UnhandledCriticalExtension => critical_extension(reads, words()),
        E::Other(OtherError(inner)) if inner.is::<webpki::Error>() => match inner.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                or(flaw(&[ErrorCode::TlsCaAsServer]), ErrorCode::TlsCaAsServer)
            }
            Some(webpki::Error::UnsupportedCriticalExtension) => critical_extension(reads, words()),
            Some(webpki::Error::EndEntityUsedAsCa) => {
                let at = path.iter().skip(1).find(|at| reads.get(**at).is_some_and(|it| !it.is_ca()));
                (ErrorCode::TlsIssuerNotAllowed, at.copied(), words())
            }
            Some(webpki::Error::PathLenConstraintViolated | webpki::Error::NameConstraintViolation) => {
                (ErrorCode::TlsIssuerNotAllowed, None, words())
            }
            Some(webpki::Error::EmptyEkuExtension) => (ErrorCode::TlsWrongPurpose, None, words()),
            _ => (ErrorCode::TlsBadCertificate, None, words()),
        },
        // What a system's own verifier says in its own way: the gravest thing that can be seen.
        E::Other(_) | E::ApplicationVerificationFailure => match flaws.first() {
            Some(first) => (first.code, Some(first.at), format!("{} {}", as_sentence(&first.words), words())),
            None => (ErrorCode::TlsBadCertificate, None, words()),
        },
        _ => (ErrorCode::TlsBadCertificate, None, words()),
    }
}

/// A code, the place of the certificate at fault, and words.
pub(super) type Blame = (ErrorCode, Option<usize>, String);

/// Which critical extension of which certificate it is. RFC 5280, section 4.2, has such a certificate refused.
fn critical_extension(reads: &[Read<'_>], words: String) -> Blame {
    let found = reads.iter().enumerate().find_map(|(at, read)| {
        let extensions = read.unsupported_critical();
        (!extensions.is_empty()).then(|| (at, read, extensions.join(", ")))
    });
    match found {
        Some((at, read, extensions)) => {
            let words = format!("{} has the critical extension {extensions}.", place(at, read));
            (ErrorCode::TlsCriticalExtension, Some(at), as_sentence(&words))
        }
        None => (ErrorCode::TlsCriticalExtension, None, words),
    }
}

fn unknown_issuer(
    reads: &[Read<'_>],
    path: &[usize],
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Blame {
    let top = path.last().copied().unwrap_or_default();
    let Some(last) = reads.get(top) else {
        return (ErrorCode::TlsUnknownIssuer, None, "No certificate could be kept.".to_owned());
    };
    if !last.is_readable() {
        let words = as_sentence(&format!("{} cannot be read, so its issuer is not known.", place(top, last)));
        return (ErrorCode::TlsBadCertificate, Some(top), words);
    }
    if last.self_signed(algorithms) {
        if top == 0 {
            let words = format!("{} signed itself.", last.subject());
            return (ErrorCode::TlsSelfSigned, Some(0), words);
        }
        let words = format!("The chain ends at {}, which is not trusted here.", last.subject());
        return (ErrorCode::TlsUnknownIssuer, Some(top), words);
    }
    let words = format!(
        "{} was issued by {}, which was not presented and is not trusted here.",
        last.subject(),
        last.issuer()
    );
    let code = if top == 0 { ErrorCode::TlsIncompleteChain } else { ErrorCode::TlsUnknownIssuer };
    (code, Some(top), words)
}

/// Which signature does not hold: one inside the presented chain, or the topmost one.
fn bad_signature(
    reads: &[Read<'_>],
    path: &[usize],
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Blame {
    let broken = path.windows(2).find_map(|pair| {
        let (this, above) = (reads.get(*pair.first()?)?, reads.get(*pair.get(1)?)?);
        (!this.signed_by(above, algorithms)).then_some(*pair.first()?)
    });
    let top = path.last().copied().unwrap_or_default();
    // A presented root that signed itself is in order; the trusted one of its name is another.
    let at = broken.unwrap_or(if path.len() > 1 { *path.get(path.len() - 2).unwrap_or(&top) } else { top });
    let issuer =
        reads.get(at).filter(|it| it.is_readable()).map(|it| format!(" of the name {}", it.issuer()));
    let issuer = issuer.unwrap_or_default();
    let words = format!("The trusted CA{issuer} has another key than the one that signed.");
    (ErrorCode::TlsBadSignature, Some(at), words)
}
