//! What a CA file holds, for people: so that they see what they are about to trust, and what they trust.

use domain::{CaChoice, PresentedCertificate};

use crate::presented::Read;
use crate::{TrustError, ca_file};

/// The CA certificates that a choice names by a file or a text; none for this computer's own list and for an exact
/// certificate.
///
/// # Errors
/// As for loading it: the file is missing, too large, or holds something that is not a CA certificate.
pub fn ca_certificates(ca: &CaChoice) -> Result<Vec<PresentedCertificate>, TrustError> {
    let certificates = match ca {
        CaChoice::System | CaChoice::Exact { .. } => return Ok(Vec::new()),
        CaChoice::File { path } => ca_file::read(path)?,
        CaChoice::Pem { text, .. } => ca_file::certificates(text.as_bytes())?,
    };
    let algorithms = rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.all;
    Ok(certificates.iter().map(|it| Read::of(it).words(algorithms)).collect())
}
