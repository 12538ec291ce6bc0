//! What the state file holds: names, ids and counters. Keys, requests and certificates are PEM files beside it, named by
//! id, so that a person can look at them with openssl.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Organization of a user that sends no `orgName` header.
pub(crate) const HOME_ORGANIZATION: &str = "Default";

#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    /// The shape of this file; a file with another number is not touched.
    pub(crate) version: u32,
    pub(crate) token: String,
    /// Ids are unique over all organizations, so that an id can never quietly mean another organization's CSR.
    pub(crate) next_csr_id: u64,
    pub(crate) next_certificate_id: u64,
    /// Serial of the youngest issuer: milliseconds since 1970, see [`super::World::next_issuer_serial`].
    pub(crate) last_issuer_millis: u64,
    pub(crate) organizations: Vec<Organization>,
}

impl State {
    /// Since version 2 there may be changes in a file beside it.
    pub(crate) const VERSION: u32 = 2;
    pub(crate) const READABLE: RangeInclusive<u32> = 1..=Self::VERSION;

    pub(crate) fn new(token: String) -> Self {
        let organization = |name: &str| Organization { name: name.to_owned(), ..Organization::default() };
        Self {
            version: Self::VERSION,
            token,
            next_csr_id: 301,
            next_certificate_id: 301,
            last_issuer_millis: 0,
            organizations: vec![organization(HOME_ORGANIZATION), organization("Research")],
        }
    }
}

/// One organization's view: nothing in it is visible to another one.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) issuers: Vec<StoredIssuer>,
    pub(crate) csrs: Vec<StoredCsr>,
    pub(crate) issued: Vec<StoredCertificate>,
}

impl Organization {
    /// Every certificate, issuers first, as a listing shows them.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &StoredCertificate> {
        self.issuers.iter().map(|issuer| &issuer.certificate).chain(&self.issued)
    }

    pub(crate) fn csr(&self, id: u64) -> Option<&StoredCsr> {
        self.csrs.iter().find(|csr| csr.id == id)
    }

    /// The CSR that sentinel ids sign: the first one with an EC key (302 in the seeded world).
    pub(crate) fn sentinel_csr(&self) -> Option<&StoredCsr> {
        self.csrs.iter().find(|csr| csr.key_words.starts_with("EC")).or(self.csrs.first())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IssuerKind {
    Root,
    Intermediate,
    /// Plays a Microsoft CA: signs for `signType` MSCA and for nothing else.
    Msca,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredIssuer {
    pub(crate) kind: IssuerKind,
    pub(crate) certificate: StoredCertificate,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredCertificate {
    pub(crate) certificate_id: u64,
    pub(crate) common_name: String,
    /// Lower-case hex without padding.
    pub(crate) serial_number: String,
    pub(crate) issuer_common_name: String,
    pub(crate) issuer_serial_number: String,
    pub(crate) dns_names: Vec<String>,
    pub(crate) key_words: String,
    /// Seconds since 1970, like `not_after`; `not_after` is the last valid second.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    /// Fault `chain-reversed`: `getCertificate` answers root, then leaf.
    #[serde(default)]
    pub(crate) root_first: bool,
}

impl StoredCertificate {
    pub(crate) fn file(&self) -> String {
        certificate_file(self.certificate_id)
    }

    /// Where an issuer's private key is.
    pub(crate) fn key_file(&self) -> String {
        format!("keys/issuer-{}.pem", self.certificate_id)
    }
}

pub(crate) fn certificate_file(certificate_id: u64) -> String {
    format!("certificates/{certificate_id}.pem")
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredCsr {
    pub(crate) id: u64,
    pub(crate) common_name: String,
    pub(crate) dns_names: Vec<String>,
    pub(crate) key_words: String,
    /// Whether the private key is stored too (never for an imported CSR).
    pub(crate) has_key: bool,
}

impl StoredCsr {
    pub(crate) fn file(&self) -> String {
        format!("csrs/{}.pem", self.id)
    }

    pub(crate) fn key_file(&self) -> String {
        format!("keys/csr-{}.pem", self.id)
    }
}
