//! The one reader of certificate and key files: from bytes to numbered members, whatever the file's encoding, line
//! ends, labels, indentation and container.
//!
//! Each block of the file becomes a member, one that cannot be read as well, so that nobody loses a certificate without
//! a word. What a member is good for is decided where it is used: `ca_file` and `client_certificate`.

use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use crate::der::{self, Kind};
use crate::pem_text::{self, Block};

/// How many members of a file are read. The list of CAs that browsers ship has 150.
pub(crate) const MAX_MEMBERS: usize = 1_000;
/// Java's own keystores, JKS and JCEKS.
const JAVA: [[u8; 4]; 2] = [[0xFE, 0xED, 0xFE, 0xED], [0xCE, 0xCE, 0xCE, 0xCE]];

/// One block of a file.
pub(crate) struct Member {
    /// Its place in the file, from 1.
    pub(crate) number: usize,
    /// What it is, or in whole words why it cannot be read.
    pub(crate) content: Result<Content, String>,
    /// Its subject, as far as it can be read.
    subject: Option<String>,
}

/// What a member is.
pub(crate) enum Content {
    Certificate(CertificateDer<'static>),
    /// A certificate that OpenSSL's trust settings in the file keep from vouching for TLS servers.
    Rejected(CertificateDer<'static>),
    Key(Zeroizing<Vec<u8>>),
    /// A key that wants a passphrase first, or one in a form that TLS libraries do not read: how it is converted.
    LockedKey(&'static str),
    Pkcs12(Zeroizing<Vec<u8>>),
    /// Anything else: what a person calls it.
    Other(String),
}

/// Why a file has no members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// Nothing but white space is in it.
    Empty,
    /// No block of any kind is in it.
    NoBlock,
    /// It is a keystore of Java.
    JavaKeystore,
    /// It has more than [`MAX_MEMBERS`].
    TooMany,
}

/// Reads a file's content.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Member>, Nothing> {
    if JAVA.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Nothing::JavaKeystore);
    }
    let mut members = Members(Vec::new());
    if der::is_binary(bytes) {
        members.all_of("", bytes)?;
        return Ok(members.0);
    }
    let text = Zeroizing::new(domain::text::decode(bytes).0);
    if text.trim().is_empty() {
        return Err(Nothing::Empty);
    }
    for block in pem_text::blocks(&text, MAX_MEMBERS + 1) {
        members.block(block)?;
    }
    if members.0.is_empty() {
        let bare = pem_text::bare(&text).ok_or(Nothing::NoBlock)?;
        if JAVA.iter().any(|magic| bare.starts_with(magic)) {
            return Err(Nothing::JavaKeystore);
        }
        if !der::is_binary(&bare) {
            return Err(Nothing::NoBlock);
        }
        members.all_of("", &bare)?;
    }
    Ok(members.0)
}

struct Members(Vec<Member>);

impl Members {
    fn push(&mut self, content: Result<Content, String>, subject: Option<String>) -> Result<(), Nothing> {
        if self.0.len() >= MAX_MEMBERS {
            return Err(Nothing::TooMany);
        }
        self.0.push(Member { number: self.0.len() + 1, content, subject });
        Ok(())
    }

    fn block(&mut self, block: Block) -> Result<(), Nothing> {
        let Block { label, content, encrypted } = block;
        match content {
            // Their content is no PKCS#8, so their shape says nothing.
            _ if encrypted => self.push(Ok(Content::LockedKey(ENCRYPTED)), None),
            _ if label == "OPENSSH PRIVATE KEY" => self.push(Ok(Content::LockedKey(OPENSSH)), None),
            Ok(bytes) => self.all_of(&label, &bytes),
            Err(damaged) => {
                let subject = der::hint(&damaged.readable);
                self.push(Err(damaged.why), subject)
            }
        }
    }

    /// One value, or several that stand one after the other: a file of DER is not always of one certificate.
    fn all_of(&mut self, label: &str, mut bytes: &[u8]) -> Result<(), Nothing> {
        loop {
            let Some((value, rest)) = der::split(bytes) else {
                let why = match der::missing(bytes) {
                    Some(declared) => {
                        format!("it is cut off: it should have {declared} bytes and has {}", bytes.len())
                    }
                    None => "it is not DER".to_owned(),
                };
                return self.push(Err(why), der::hint(bytes));
            };
            // Line ends and zero bytes are padding of whatever copied the file.
            let rest = if rest.iter().all(|it| matches!(it, 0 | b'\r' | b'\n')) { &[][..] } else { rest };
            if label.contains("TRUSTED") && der::kind(value) == Kind::Certificate && !rest.is_empty() {
                return self.with_trust_settings(value, rest);
            }
            if !label.is_empty() && !rest.is_empty() {
                let why = format!("{} bytes follow its end", rest.len());
                return self.push(Err(why), subject(value).or_else(|| der::hint(value)));
            }
            self.value(label, value)?;
            if rest.is_empty() {
                return Ok(());
            }
            bytes = rest;
        }
    }

    fn value(&mut self, label: &str, value: &[u8]) -> Result<(), Nothing> {
        let content = match der::kind(value) {
            Kind::Certificate => Content::Certificate(value.to_vec().into()),
            Kind::Key => Content::Key(Zeroizing::new(value.to_vec())),
            Kind::EncryptedKey => Content::LockedKey(ENCRYPTED),
            Kind::Pkcs12 => Content::Pkcs12(Zeroizing::new(value.to_vec())),
            Kind::Pkcs7 => return self.bundle(value),
            Kind::Unknown if !label.is_empty() && !label.contains("CERTIFICATE") => Content::Other(format!(
                "a block of the kind {}",
                domain::clipped(&domain::visible(label), 60)
            )),
            Kind::Unknown => {
                let why = "it is not a certificate, though it says so".to_owned();
                return self.push(Err(why), der::hint(value));
            }
            other => Content::Other(other.words().to_owned()),
        };
        self.push(Ok(content), subject(value))
    }

    fn bundle(&mut self, value: &[u8]) -> Result<(), Nothing> {
        let bundled = der::bundled(value);
        if bundled.is_empty() {
            return self.push(Ok(Content::Other("a PKCS#7 bundle without certificates".to_owned())), None);
        }
        for certificate in bundled {
            let content = match der::kind(certificate) {
                Kind::Certificate => Content::Certificate(certificate.to_vec().into()),
                other => Content::Other(other.words().to_owned()),
            };
            self.push(Ok(content), subject(certificate))?;
        }
        Ok(())
    }

    fn with_trust_settings(&mut self, certificate: &[u8], settings: &[u8]) -> Result<(), Nothing> {
        let content = match der::split(settings) {
            Some((settings, [])) if der::trusted_for_servers(settings) => {
                Ok(Content::Certificate(certificate.to_vec().into()))
            }
            Some((_, [])) => Ok(Content::Rejected(certificate.to_vec().into())),
            _ => Err("its trust settings cannot be read".to_owned()),
        };
        self.push(content, subject(certificate))
    }
}

impl Member {
    /// Which one it is, for a sentence: `Certificate 3 of 5 in the file (CN=Example)`.
    pub(crate) fn place(&self, all: usize) -> String {
        let noun = match &self.content {
            Ok(Content::Certificate(_) | Content::Rejected(_)) => "Certificate",
            _ => "Block",
        };
        let subject = self.subject.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        format!("{noun} {} of {all} in the file{subject}", self.number)
    }

    /// Which one it is and what it is, for a sentence.
    pub(crate) fn words(&self, all: usize) -> String {
        let place = self.place(all);
        match &self.content {
            Ok(Content::Certificate(_) | Content::Rejected(_)) => format!("{place} is a certificate"),
            Ok(Content::Key(_)) => format!("{place} is {}", Kind::Key.words()),
            Ok(Content::LockedKey(_)) => format!("{place} is {}", Kind::EncryptedKey.words()),
            Ok(Content::Pkcs12(_)) => format!("{place} is {}", Kind::Pkcs12.words()),
            Ok(Content::Other(what)) => format!("{place} is {what}"),
            Err(why) => format!("{place}: {why}"),
        }
    }
}

/// How an encrypted key is made one that can be used.
const ENCRYPTED: &str = "The key is encrypted. Put it into a PKCS#12 file with its certificate: openssl pkcs12 -export \
                         -in client.pem -inkey client.key -out client.p12";
/// How a key of OpenSSH is made one that can be used.
const OPENSSH: &str = "The key is in OpenSSH's own form. Convert it: ssh-keygen -p -m PKCS8 -f client.key";

fn subject(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let subject = parsed.subject().to_string();
    (!subject.is_empty()).then(|| domain::clipped(&domain::visible(&subject), 200))
}

#[cfg(test)]
#[path = "members/tests.rs"]
mod tests;
