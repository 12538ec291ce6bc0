//! CA certificates out of a file or a text: bounded, CA certificates only, and none left out.
//!
//! A file with a member that cannot be trusted is refused, and the member is named: a CA that a person believes to be
//! trusted and that is not would be looked for at the server.

use domain::ErrorCode;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};

use crate::TrustError;
use crate::file::{self, Unread};
use crate::members::{self, Content, Member, Nothing};
use crate::tls_words;
use crate::trust::ca_fault as fault;

/// The largest CA file that is read, in bytes.
const MAX_CA_FILE: u64 = 1024 * 1024;

/// The certificates of a CA file.
pub(crate) fn read(path: &str) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let content = file::read(path, MAX_CA_FILE).map_err(|unread| match unread {
        Unread::Missing => fault(ErrorCode::CaFileMissing, ""),
        Unread::Failed(error) => fault(ErrorCode::CaFileUnreadable, file::words(&error)),
        Unread::TooLarge => fault(ErrorCode::CaFileTooLarge, ""),
    })?;
    certificates(&content)
}

/// The certificates of a file's content.
pub(crate) fn certificates(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    if content.len() as u64 > MAX_CA_FILE {
        return Err(fault(ErrorCode::CaFileTooLarge, ""));
    }
    let members = members::read(content).map_err(|why| match why {
        Nothing::Empty => fault(ErrorCode::CaFileEmpty, ""),
        Nothing::NoBlock => fault(ErrorCode::CaFileNotPem, "No -----BEGIN CERTIFICATE----- line is in it."),
        Nothing::JavaKeystore => fault(ErrorCode::CaFileJavaKeystore, ""),
        Nothing::TooMany => fault(ErrorCode::CaFileTooMany, ""),
    })?;
    let all = members.len();
    members.into_iter().map(|it| trusted(it, all)).collect()
}

/// The CA certificates among a file's members, and how many members were left out. For lists that this computer's
/// administrator keeps, of which one bad member must not take all others away.
pub(crate) fn usable(content: &[u8]) -> (Vec<CertificateDer<'static>>, usize) {
    let members = members::read(content).unwrap_or_default();
    let all = members.len();
    let usable: Vec<_> = members.into_iter().filter_map(|it| trusted(it, all).ok()).collect();
    let left_out = all - usable.len();
    (usable, left_out)
}

fn trusted(member: Member, all: usize) -> Result<CertificateDer<'static>, TrustError> {
    let place = member.place(all);
    let certificate = match member.content {
        Ok(Content::Certificate(certificate)) => certificate,
        Ok(Content::Rejected(_)) => {
            return Err(fault(ErrorCode::CaFileRejected, format!("{place} has trust settings that say so.")));
        }
        Ok(Content::Key(_) | Content::LockedKey(_)) => {
            return Err(fault(ErrorCode::CaFileHoldsKey, format!("{place} is the key.")));
        }
        Ok(Content::Pkcs12(_)) => return Err(fault(ErrorCode::CaFilePkcs12, "")),
        Ok(Content::Other(what)) => {
            return Err(fault(ErrorCode::CaFileHoldsOther, format!("{place} is {what}.")));
        }
        Err(why) => return Err(fault(ErrorCode::CaFileDamaged, format!("{place}: {why}."))),
    };
    let damaged = |why: String| fault(ErrorCode::CaFileDamaged, format!("{place}: {why}."));
    if !is_ca(&certificate).map_err(damaged)? {
        return Err(fault(ErrorCode::CaFileNotACa, format!("{place} is not a CA.")));
    }
    // Whether the verifier takes it is found out here, where the certificate can still be named.
    RootCertStore::empty().add(certificate.clone()).map_err(|error| damaged(tls_words::clause(&error)))?;
    Ok(certificate)
}

/// Whether basic constraints say CA (RFC 5280, section 4.2.1.9). A self-issued certificate of X.509 version 1, which
/// has no extensions at all, counts as one too: old private roots look like that.
fn is_ca(der: &[u8]) -> Result<bool, String> {
    let unreadable = |_| "it does not follow the form of X.509 certificates".to_owned();
    let (_, certificate) = X509Certificate::from_der(der).map_err(unreadable)?;
    if certificate.version() == X509Version::V1 {
        return Ok(certificate.subject() == certificate.issuer());
    }
    let constraints = certificate
        .basic_constraints()
        .map_err(|_| "its basic constraints cannot be read, or are there twice".to_owned())?;
    Ok(constraints.is_some_and(|it| it.value.ca))
}
