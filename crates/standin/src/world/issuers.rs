//! Making roots and intermediates. Owns their names, serials and lifetimes; all of them are EC P-256, which is quick to
//! make and never the thing under test.

use rcgen::KeyPair;
use time::{Duration, OffsetDateTime};

use super::World;
use super::state::{IssuerKind, StoredCertificate, StoredIssuer, certificate_file};
use crate::Error;
use crate::pki::certificate::{self, CA_USAGES, DIGITAL_SIGNATURE, Plan};
use crate::pki::der::{self, oid};
use crate::pki::pem;
use crate::pki::serial::Serial;

/// An issuer ready to sign: its stored facts, the bytes its children repeat, and its key.
pub(super) struct Signer {
    pub(super) stored: StoredCertificate,
    pub(super) name: Vec<u8>,
    pub(super) spki: Vec<u8>,
    pub(super) key: KeyPair,
}

impl World {
    /// Makes a self-signed issuer.
    pub(super) fn add_root(
        &mut self,
        organization: &str,
        common_name: &str,
        kind: IssuerKind,
        days: i64,
    ) -> Result<(), Error> {
        self.add_issuer(organization, common_name, kind, days, None)
    }

    /// Makes an issuer under an existing one of the same organization.
    pub(super) fn add_intermediate(
        &mut self,
        organization: &str,
        common_name: &str,
        days: i64,
        parent: &Signer,
    ) -> Result<(), Error> {
        self.add_issuer(organization, common_name, IssuerKind::Intermediate, days, Some(parent))
    }

    fn add_issuer(
        &mut self,
        organization: &str,
        common_name: &str,
        kind: IssuerKind,
        days: i64,
        parent: Option<&Signer>,
    ) -> Result<(), Error> {
        let serial = Serial::from(self.next_issuer_serial());
        let key = KeyPair::generate()?;
        let (name, spki) = (issuer_name(common_name), certificate::spki_of(&key));
        let not_before = self.clock.now();
        let not_after = last_second(not_before, days);
        let (issuer, issuer_spki, issuer_key) = match parent {
            Some(parent) => (&parent.name, &parent.spki, &parent.key),
            None => (&name, &spki, &key),
        };
        let plan = Plan {
            serial: &serial,
            subject: &name,
            spki: &spki,
            issuer,
            issuer_spki,
            not_before,
            not_after,
            ca: true,
            key_usage: CA_USAGES | DIGITAL_SIGNATURE,
            extended_key_usage: None,
            alternative_names: None,
        };
        let der = certificate::sign(&plan, issuer_key).map_err(Error::Certificate)?;
        let own = (common_name.to_owned(), serial.to_string());
        let (issuer_common_name, issuer_serial_number) = parent
            .map(|parent| (parent.stored.common_name.clone(), parent.stored.serial_number.clone()))
            .unwrap_or_else(|| own.clone());
        let stored = StoredCertificate {
            certificate_id: self.take_certificate_id(),
            common_name: own.0,
            serial_number: own.1,
            issuer_common_name,
            issuer_serial_number,
            dns_names: Vec::new(),
            key_words: "EC P-256".to_owned(),
            not_before: not_before.unix_timestamp(),
            not_after: not_after.unix_timestamp(),
            root_first: false,
        };
        self.folder.write(&certificate_file(stored.certificate_id), &pem::encode(pem::CERTIFICATE, &der))?;
        self.folder.write(&stored.key_file(), &key.serialize_pem())?;
        self.organization_mut(organization)?.issuers.push(StoredIssuer { kind, certificate: stored });
        Ok(())
    }

    /// Loads an issuer's certificate and key from the folder.
    pub(super) fn signer(&self, stored: &StoredCertificate) -> Result<Signer, Error> {
        let text = self.certificate_pem(stored)?;
        let der = pem::decode(pem::CERTIFICATE, &text)
            .ok_or_else(|| Error::Certificate(format!("{} holds no certificate", stored.file())))?;
        let (name, spki) = certificate::name_and_key(&der).map_err(Error::Certificate)?;
        let key = KeyPair::from_pem(&self.folder.need(&stored.key_file())?)?;
        Ok(Signer { stored: stored.clone(), name, spki, key })
    }
}

/// The last valid second of a certificate that lives for `days`: both ends count (RFC 5280, 4.1.2.5), so a whole number
/// of days ends one second early. The last moment that can be written is the end of the year 9999.
pub(super) fn last_second(not_before: OffsetDateTime, days: i64) -> OffsetDateTime {
    not_before.saturating_add(Duration::days(days)).saturating_sub(Duration::SECOND)
}

fn issuer_name(common_name: &str) -> Vec<u8> {
    der::name(&[
        (oid::COUNTRY, "CH"),
        (oid::ORGANIZATION, "Example Stand-in"),
        (oid::COMMON_NAME, common_name),
    ])
}
