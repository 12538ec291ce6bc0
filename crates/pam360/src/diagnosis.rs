//! The TLS doctor: which check of the presented chain failed, and which CA could be trusted to mend it.
//!
//! The refusal is always the TLS library's. What is looked at here chooses the words for it, and asks the library
//! again, with one presented CA as the only root, before that CA is offered as a candidate.

use std::sync::Arc;
use std::time::Duration;

use domain::{ErrorCode, Fingerprint, PresentedCertificate, TlsDiagnosis, clipped, visible};
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use rustls_pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime};

use crate::exact::{self, OtherCertificate};
use crate::presented::Read;
use crate::recorder::{Presented, Recorder, ServerCertVerifier, Verdict};
use crate::tls_words::{self, as_sentence};

mod blame;

use crate::trust;
use blame::blamed;

/// How much technical text is kept, in characters.
pub(crate) const DETAIL: usize = 1_000;

/// A diagnosis, and the certificates it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosed {
    diagnosis: TlsDiagnosis,
    chain: Vec<Vec<u8>>,
    signers: Vec<Fingerprint>,
}

impl Diagnosed {
    /// What is wrong, for people.
    #[must_use]
    pub fn diagnosis(&self) -> &TlsDiagnosis {
        &self.diagnosis
    }

    /// The CA that could be trusted, and its certificate as a PEM text for `CaChoice::Pem`. It is used only after a person
    /// typed the fingerprint that the server's owner says. Never show the presented one
    /// ([`TlsDiagnosis::shown_fingerprint`]).
    #[must_use]
    pub fn candidate(&self) -> Option<(&PresentedCertificate, String)> {
        let index = self.diagnosis.candidate?;
        let pem = pem::Pem::new("CERTIFICATE", self.chain.get(index)?.as_slice());
        Some((self.diagnosis.chain.get(index)?, pem::encode(&pem)))
    }

    /// The fingerprints of the presented CAs that really signed the server's own certificate: the one above it first, each
    /// followed by the one that signed it. A certificate that is only sent along is not among them.
    #[must_use]
    pub fn signers(&self) -> &[Fingerprint] {
        &self.signers
    }

    /// The fingerprint of the server's own certificate, where a person who learned it another way may accept exactly that
    /// certificate. Never show it, neither before nor after they typed theirs.
    #[must_use]
    pub fn exact_candidate(&self) -> Option<Fingerprint> {
        self.diagnosis.chain.first().filter(|_| self.diagnosis.exact_candidate).map(|own| own.sha256)
    }
}

/// Something wrong with one certificate.
struct Flaw {
    code: ErrorCode,
    at: usize,
    words: String,
}

/// Why a presented chain was refused; none when it was accepted.
pub(crate) fn diagnose(presented: &Presented, recorder: &Recorder) -> Option<Diagnosed> {
    let pin = recorder.pin();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms.all;
    let reads: Vec<Read<'_>> = presented.chain.iter().map(Read::of).collect();
    let path = path(&reads, algorithms);
    let flaws = flaws(presented, &reads, &path);
    let chain: Vec<_> = reads.iter().map(|it| it.words(algorithms)).collect();
    let signers: Vec<Fingerprint> =
        signers(&reads, &path, algorithms).filter_map(|it| chain.get(it)).map(|it| it.sha256).collect();
    let mut pin_difference = None;
    let mut other_certificate = None;
    let (code, at_fault, first) = match &presented.verdict {
        Verdict::Accepted => return None,
        Verdict::OtherKey(difference) => {
            pin_difference = Some(*difference);
            let words = "The certificate is valid; its public key is not the pinned one.";
            (ErrorCode::TlsPinMismatch, Some(0), words.to_owned())
        }
        Verdict::NotItsKey(error) => {
            // Signatures by short keys are not even looked at.
            let weak = flaws.iter().find(|it| it.at == 0 && it.code == ErrorCode::TlsWeakKey);
            let (code, words) = weak.map_or_else(
                || (ErrorCode::TlsNotItsKey, tls_words::sentence(error)),
                |it| (it.code, as_sentence(&it.words)),
            );
            (code, Some(0), words)
        }
        Verdict::Refused(error) if OtherCertificate::of(error).is_some() => {
            other_certificate = OtherCertificate::of(error);
            let words = "Its fingerprint is another one; whether a CA vouches for it was not looked at.";
            // A mix-up, and not a renewal: what was typed is the fingerprint of a CA that vouches for this certificate.
            let of_ca = other_certificate.is_some_and(|it| signers.contains(&it.expected));
            let code = if of_ca { ErrorCode::TlsFingerprintOfCa } else { ErrorCode::TlsOtherCertificate };
            (code, Some(0), words.to_owned())
        }
        Verdict::Refused(error) => {
            let hidden = hidden_by_dates(error, presented, recorder, &reads, &path);
            blamed(hidden.as_ref().unwrap_or(error), &reads, &path, &flaws, algorithms)
        }
    };
    // Where one exact certificate is accepted, neither issuers nor names are looked at.
    let flaws = if other_certificate.is_some() { Vec::new() } else { flaws };
    let others = flaws.iter().filter(|it| it.code != code).map(|it| format!(" Also: {}", it.words));
    let detail = clipped(&visible(&(first + &others.collect::<String>())), DETAIL);
    let mendable = matches!(code, ErrorCode::TlsUnknownIssuer | ErrorCode::TlsBadSignature);
    let pin_holds = pin.is_none() || chain.first().is_some_and(|own| own.public_key_sha256 == pin);
    let candidate = (mendable && pin_holds && presented.left_out == 0)
        .then(|| candidate(presented, &reads, &provider, algorithms))
        .flatten();
    // Where a presented CA would do, trusting it is the better way: it survives a renewal.
    let exact_candidate = candidate.is_none()
        && pin_holds
        && about_issuer_or_name(code)
        && presented.chain.first().is_some_and(|own| exact::acceptable(own, presented.now).is_ok());
    let diagnosis = TlsDiagnosis {
        code,
        detail,
        at_fault,
        asked_name: clipped(&visible(&presented.name.to_str()), 253),
        chain,
        left_out: presented.left_out,
        pin: pin_difference,
        candidate,
        other_certificate,
        exact_candidate,
    };
    Some(Diagnosed { diagnosis, chain: presented.chain.iter().map(|it| it.to_vec()).collect(), signers })
}

/// Whether a refusal says nothing against the certificate itself: nobody known vouches for it, or it is for another name.
/// An expired, revoked or weak one is not mended by its fingerprint, and another key than a pinned one is another finding.
fn about_issuer_or_name(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::TlsSelfSigned
            | ErrorCode::TlsUnknownIssuer
            | ErrorCode::TlsIncompleteChain
            | ErrorCode::TlsBadSignature
            | ErrorCode::TlsCaAsServer
            | ErrorCode::TlsNameMismatch
            | ErrorCode::TlsNoNames
            | ErrorCode::TlsOtherCertificate
            | ErrorCode::TlsFingerprintOfCa
    )
}

/// The certificates from the server's own upward, each named as issuer by the one before it.
fn path(reads: &[Read<'_>], algorithms: &[&dyn SignatureVerificationAlgorithm]) -> Vec<usize> {
    let mut path = vec![0];
    let mut current = 0;
    loop {
        let Some(read) = reads.get(current) else { return path };
        let above: Vec<usize> = (0..reads.len())
            .filter(|next| !path.contains(next) && reads.get(*next).is_some_and(|it| read.names_issuer(it)))
            .collect();
        // Two CAs can share a name: the one that really signed goes first.
        let signer =
            above.iter().find(|next| reads.get(**next).is_some_and(|it| read.signed_by(it, algorithms)));
        match signer.or(above.first()) {
            Some(&next) => {
                path.push(next);
                current = next;
            }
            None => return path,
        }
    }
}

/// The certificates of a path above the first one, as far as each is a CA whose key made the signature below it.
fn signers<'a>(
    reads: &'a [Read<'_>],
    path: &'a [usize],
    algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
) -> impl Iterator<Item = usize> + 'a {
    let signed = move |pair: &[usize]| {
        let &[below, above] = pair else { return None };
        let (this, signer) = (reads.get(below)?, reads.get(above)?);
        (signer.is_ca() && this.signed_by(signer, algorithms)).then_some(above)
    };
    path.windows(2).map_while(signed)
}

/// The issuer is looked at only when the dates are in order. So that nobody renews a certificate in vain, the verifier
/// is asked about a moment when all of the chain was valid: an issuer that is not trusted then is the graver finding.
fn hidden_by_dates(
    error: &Error,
    presented: &Presented,
    recorder: &Recorder,
    reads: &[Read<'_>],
    path: &[usize],
) -> Option<Error> {
    let dated = matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    );
    let dates: Vec<_> = path.iter().filter_map(|at| reads.get(*at)?.validity()).collect();
    let from = dates.iter().map(|(from, _)| *from).max()?;
    let until = dates.iter().map(|(_, until)| *until).min()?;
    if !dated || from > until {
        return None;
    }
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(until).ok()?));
    let opinion = recorder.opinion_at(presented, moment).err()?;
    matches!(
        opinion,
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)
    )
    .then_some(opinion)
}

/// What is wrong with the certificates by themselves, gravest first.
fn flaws(presented: &Presented, reads: &[Read<'_>], path: &[usize]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let now = i64::try_from(presented.now.as_secs()).unwrap_or(i64::MAX);
    let mut note = |code, at: usize, words: String| flaws.push(Flaw { code, at, words });
    for &at in path {
        let Some(read) = reads.get(at) else { continue };
        let Some((from, until)) = read.validity() else { continue };
        let date = |seconds: i64| domain::Timestamp::from_millis(seconds.saturating_mul(1_000)).date_time();
        if until < now {
            note(ErrorCode::TlsExpired, at, format!("{} ended on {}.", place(at, read), date(until)));
        } else if from > now {
            note(ErrorCode::TlsNotYetValid, at, format!("{} begins on {}.", place(at, read), date(from)));
        }
    }
    if let (Some(own), Some(der)) = (reads.first(), presented.chain.first()) {
        if let Some((code, words)) = name_flaw(presented, der, own) {
            note(code, 0, words);
        }
        if own.is_ca() {
            note(ErrorCode::TlsCaAsServer, 0, "the server's certificate is marked as a CA.".into());
        }
        if own.wrong_purpose() {
            note(ErrorCode::TlsWrongPurpose, 0, "its extended key usage does not include serverAuth.".into());
        }
    }
    for &at in path {
        let Some(read) = reads.get(at) else { continue };
        // Nobody relies on a root's signature of itself.
        if read.weak_signature() && !read.names_issuer(read) {
            let words = format!("{} is signed with {}.", place(at, read), read.signature_algorithm());
            note(ErrorCode::TlsWeakSignature, at, words);
        }
        if read.weak_key() {
            note(ErrorCode::TlsWeakKey, at, format!("{} has this key: {}.", place(at, read), read.key()));
        }
    }
    flaws
}

/// What is wrong with the names of the server's certificate. Nothing is said of names that cannot be read: the library's
/// refusal has another reason then, and the name may well be right.
fn name_flaw(presented: &Presented, der: &CertificateDer<'_>, own: &Read<'_>) -> Option<(ErrorCode, String)> {
    let parsed = ParsedCertificate::try_from(der).ok()?;
    let (names, total) = own.names()?;
    if total == 0 {
        let words = "the server's certificate has no subject alternative name.";
        return Some((ErrorCode::TlsNoNames, words.to_owned()));
    }
    if verify_server_name(&parsed, &presented.name).is_ok() {
        return None;
    }
    let asked = presented.name.to_str();
    let words = if own.lists_as_dns(&asked) && matches!(presented.name, ServerName::IpAddress(_)) {
        format!("asked for the IP address {asked}, which the certificate lists as a DNS name only.")
    } else if names.iter().any(|it| it.eq_ignore_ascii_case(&asked)) {
        format!("the certificate lists {asked} in a form that is not valid for it.")
    } else {
        let more = total.saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("asked for {asked}, the certificate is for {}{more}.", names.join(", "))
    };
    Some((ErrorCode::TlsNameMismatch, words))
}

fn place(at: usize, read: &Read<'_>) -> String {
    match at {
        0 => "the server's certificate".to_owned(),
        _ if !read.is_readable() => format!("certificate {} of the chain", at + 1),
        _ => format!("certificate {} of the chain ({})", at + 1, read.subject()),
    }
}

/// The presented CA that, as the only root, makes this very chain and name acceptable; a root rather than one below it.
fn candidate(
    presented: &Presented,
    reads: &[Read<'_>],
    provider: &Arc<rustls::crypto::CryptoProvider>,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Option<usize> {
    let now = i64::try_from(presented.now.as_secs()).ok()?;
    let (own, above) = presented.chain.split_first()?;
    let fits = |index: &usize| {
        let (Some(read), Some(der)) = (reads.get(*index), presented.chain.get(*index)) else { return false };
        // The library does not look at a root's own dates.
        let valid = read.validity().is_some_and(|(from, until)| from <= now && now <= until);
        let same_as_own = der == own;
        read.is_ca()
            && valid
            && !same_as_own
            && trust::only(std::slice::from_ref(der), provider).is_ok_and(|verifier| {
                verifier.verify_server_cert(own, above, &presented.name, &[], presented.now).is_ok()
            })
    };
    let fitting: Vec<usize> = (1..presented.chain.len()).filter(fits).collect();
    let root = fitting.iter().find(|it| reads.get(**it).is_some_and(|it| it.self_signed(algorithms)));
    root.or(fitting.last()).copied()
}

#[cfg(test)]
mod tests;
