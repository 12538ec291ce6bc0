//! Signing a stored CSR. Owns the rules of issuing: which issuer is meant, which CSR, how long, which extensions. Signing
//! the same CSR again is allowed and makes another certificate (assumed: the vendor's page does not say).

use rcgen::KeyPair;
use time::Duration;
use uuid::Uuid;

use super::World;
use super::changes::What;
use super::issuers::{Signer, last_second};
use super::state::{IssuerKind, Organization, StoredCertificate};
use crate::faults::twist::Twist;
use crate::pki::certificate::{self, CA_USAGES, DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, Plan};
use crate::pki::csr::{Copied, Csr};
use crate::pki::der::{self, oid};
use crate::pki::pem;
use crate::pki::serial::Serial;

/// What a `signCSR` call asks for, once its arguments are understood.
pub(crate) struct Order {
    pub(crate) issuer: IssuerChoice,
    /// Lifetime in days, at least one.
    pub(crate) days: i64,
    pub(crate) ca: bool,
    pub(crate) csr: CsrChoice,
}

pub(crate) enum IssuerChoice {
    /// `signWithRoot`: a root or intermediate, by common name and serial.
    Root { common_name: String, serial: Serial },
    /// `MSCA`: the organization's Microsoft CA.
    Msca,
}

pub(crate) enum CsrChoice {
    Id(u64),
    /// The CSR behind every sentinel id.
    Sentinel,
}

/// What was signed, as far as the answer tells.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) common_name: String,
    /// The issuer that was asked for.
    pub(crate) issuer_common_name: String,
    pub(crate) certificate_id: u64,
    pub(crate) serial: Serial,
}

impl World {
    /// Signs, stores and numbers a certificate. The error is the sentence for a Failed envelope (texts assumed).
    pub(crate) fn sign(&mut self, organization: &str, order: &Order, twist: Twist) -> Result<Signed, String> {
        let home = self.organization(organization).map_err(|error| error.to_string())?;
        let stored = match order.csr {
            CsrChoice::Id(id) => home.csr(id).ok_or_else(|| format!("CSR with ID {id} is not available."))?,
            CsrChoice::Sentinel => home.sentinel_csr().ok_or("There is no CSR in this organization.")?,
        };
        let asked = choose(home, &order.issuer)?;
        let used = if twist.other_issuer { another(home, asked) } else { asked };
        let issuer_common_name = asked.common_name.clone();
        let signer = self.signer(used).map_err(|error| error.to_string())?;
        let request = self.csr_pem(stored).map_err(|error| error.to_string())?;
        let csr = Csr::read(request.as_bytes())?;
        csr.verify()?;
        let csr = twisted(csr, twist)?;
        let serial = self.new_serial(twist.odd_serial);
        self.issue(organization, order, twist, &csr, &signer, serial).map(|(certificate_id, serial)| Signed {
            common_name: csr.common_name,
            issuer_common_name,
            certificate_id,
            serial,
        })
    }

    fn issue(
        &mut self,
        organization: &str,
        order: &Order,
        twist: Twist,
        csr: &Csr,
        signer: &Signer,
        serial: Serial,
    ) -> Result<(u64, Serial), String> {
        let not_before = self.clock.now().saturating_add(Duration::days(twist.clock_days));
        let not_after = last_second(not_before, twist.fixed_days.unwrap_or(order.days) + twist.extra_days);
        let ca = order.ca != twist.flip_ca;
        let plan = Plan {
            serial: &serial,
            subject: &csr.subject,
            spki: &csr.spki,
            issuer: &signer.name,
            issuer_spki: &signer.spki,
            not_before,
            not_after,
            ca,
            key_usage: key_usage(csr, ca),
            extended_key_usage: csr.extended_key_usage.as_ref(),
            alternative_names: csr.alternative_names.as_ref(),
        };
        let der = certificate::sign(&plan, &signer.key)?;
        let stored = StoredCertificate {
            certificate_id: self.state.next_certificate_id,
            common_name: csr.common_name.clone(),
            serial_number: serial.to_string(),
            issuer_common_name: signer.stored.common_name.clone(),
            issuer_serial_number: signer.stored.serial_number.clone(),
            dns_names: csr.dns_names.clone(),
            key_words: csr.key_words.clone(),
            not_before: not_before.unix_timestamp(),
            not_after: not_after.unix_timestamp(),
            root_first: twist.root_first,
        };
        let certificate_id = stored.certificate_id;
        self.folder
            .write(&stored.file(), &pem::encode(pem::CERTIFICATE, &der))
            .and_then(|()| self.record(organization, What::Issued(stored)))
            .map_err(|error| error.to_string())?;
        Ok((certificate_id, serial))
    }

    /// 32 random bits with the top one set, like the vendor's sample `b7d5fcb7`; with `odd`, 28 bits: seven hex digits.
    fn new_serial(&self, odd: bool) -> Serial {
        loop {
            // The low 32 bits of a version 4 UUID are all random (RFC 9562, 5.4).
            let random = Uuid::new_v4().as_u128() as u32;
            let serial = Serial::from(u64::from(if odd { random >> 4 | 1 << 27 } else { random | 1 << 31 }));
            if !self.serials.contains(&serial.to_string()) {
                return serial;
            }
        }
    }
}

fn choose<'a>(home: &'a Organization, choice: &IssuerChoice) -> Result<&'a StoredCertificate, String> {
    let fits = |certificate: &StoredCertificate, kind: IssuerKind| match choice {
        IssuerChoice::Msca => kind == IssuerKind::Msca,
        IssuerChoice::Root { common_name, serial } => {
            kind != IssuerKind::Msca
                && certificate.common_name == *common_name
                && Serial::from_text(&certificate.serial_number).as_ref() == Some(serial)
        }
    };
    let found = home
        .issuers
        .iter()
        .find(|issuer| fits(&issuer.certificate, issuer.kind))
        .map(|issuer| &issuer.certificate);
    found.ok_or_else(|| match choice {
        IssuerChoice::Msca => "No Microsoft CA is configured on this stand-in.".to_owned(),
        IssuerChoice::Root { common_name, serial } => {
            format!("Root certificate {common_name} with serial number {serial} is not available.")
        }
    })
}

/// Some other issuer of the organization; the chosen one when it is alone.
fn another<'a>(home: &'a Organization, chosen: &'a StoredCertificate) -> &'a StoredCertificate {
    let others = home.issuers.iter().map(|issuer| &issuer.certificate);
    others.into_iter().find(|other| other.certificate_id != chosen.certificate_id).unwrap_or(chosen)
}

/// What was asked for, without CA bits unless a CA was ordered, and never empty.
fn key_usage(csr: &Csr, ca: bool) -> u16 {
    let asked = csr.key_usage.unwrap_or(0) & !CA_USAGES;
    match (ca, asked) {
        (true, _) => asked | CA_USAGES,
        (false, 0) if csr.rsa => DIGITAL_SIGNATURE | KEY_ENCIPHERMENT,
        (false, 0) => DIGITAL_SIGNATURE,
        (false, _) => asked,
    }
}

fn twisted(mut csr: Csr, twist: Twist) -> Result<Csr, String> {
    if twist.other_key {
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        csr.spki = certificate::spki_of(&key);
    }
    if twist.other_subject {
        csr.subject =
            der::name(&[(oid::COUNTRY, "CH"), (oid::COMMON_NAME, "rewritten.by.template.example.test")]);
    }
    if twist.no_names {
        csr.alternative_names = None;
        csr.dns_names.clear();
    }
    if twist.extra_name {
        const EXTRA: &str = "extra.example.test";
        let old = csr.alternative_names.as_ref();
        let mut names = old.and_then(|names| der::content(&names.value)).unwrap_or_default().to_vec();
        names.extend(der::element(0x82, EXTRA.as_bytes())); // dNSName [2]
        let critical = old.is_some_and(|names| names.critical);
        csr.alternative_names = Some(Copied { critical, value: der::element(der::SEQUENCE, &names) });
        csr.dns_names.push(EXTRA.to_owned());
    }
    Ok(csr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::world::Opening;
    use crate::world::state::HOME_ORGANIZATION;

    fn world(dir: &std::path::Path) -> World {
        let clock = Clock::system();
        let opening =
            Opening { token: None, seed: true, intermediate: true, msca: false, data_dir: dir, clock };
        World::open(opening).unwrap()
    }

    fn order(world: &World, csr: u64) -> Order {
        let root = &world.organization(HOME_ORGANIZATION).unwrap().issuers[0].certificate;
        let serial = Serial::from_text(&format!("0x0{}", root.serial_number.to_uppercase())).unwrap();
        let issuer = IssuerChoice::Root { common_name: root.common_name.clone(), serial };
        Order { issuer, days: 100, ca: false, csr: CsrChoice::Id(csr) }
    }

    #[test]
    fn the_same_csr_can_be_signed_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let order = order(&world, 301);
        let first = world.sign(HOME_ORGANIZATION, &order, Twist::default()).unwrap();
        let second = world.sign(HOME_ORGANIZATION, &order, Twist::default()).unwrap();
        assert_eq!((first.certificate_id, second.certificate_id), (309, 310));
        assert_ne!(first.serial, second.serial);
        assert_eq!(first.serial.to_string().len(), 8);
    }

    #[test]
    fn refusals_name_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let mut wrong = order(&world, 777);
        assert!(world.sign(HOME_ORGANIZATION, &wrong, Twist::default()).unwrap_err().contains("777"));
        wrong.csr = CsrChoice::Id(302);
        wrong.issuer = IssuerChoice::Msca;
        assert!(
            world.sign(HOME_ORGANIZATION, &wrong, Twist::default()).unwrap_err().contains("Microsoft CA")
        );
        wrong.issuer =
            IssuerChoice::Root { common_name: "Example Root R1".to_owned(), serial: Serial::from(5) };
        assert!(
            world.sign(HOME_ORGANIZATION, &wrong, Twist::default()).unwrap_err().contains("serial number 5")
        );
        assert!(
            world.sign("Research", &order(&world, 302), Twist::default()).is_err(),
            "ids do not cross organizations"
        );
    }

    #[test]
    fn a_csr_with_an_invalid_signature_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut world = world(dir.path());
        let home = world.organization(HOME_ORGANIZATION).unwrap();
        let text = world.csr_pem(home.csr(302).unwrap()).unwrap();
        let mut der = pem::decode(pem::REQUEST, &text).unwrap();
        let at = der.windows(7).position(|window| window == b"till-17").unwrap();
        der[at] = b'T';
        let id = world.add_csr(HOME_ORGANIZATION, &der, None).unwrap().id;
        let refused = world.sign(HOME_ORGANIZATION, &order(&world, id), Twist::default()).unwrap_err();
        assert!(refused.contains("signature of the CSR is invalid"), "{refused}");
    }

    /// `cargo nextest run -p standin --run-ignored only --no-capture signings_per_second`
    #[test]
    #[ignore = "a measurement, not a check"]
    fn signings_per_second() {
        for rows in [0, 1_000, 10_000] {
            let dir = tempfile::tempdir().unwrap();
            let mut world = world(dir.path());
            let order = order(&world, 302);
            world.sign(HOME_ORGANIZATION, &order, Twist::default()).unwrap();
            let home = world.organization_mut(HOME_ORGANIZATION).unwrap();
            let sample = home.issued[0].clone();
            home.issued.extend((1..=rows).map(|row| StoredCertificate {
                certificate_id: sample.certificate_id + row,
                serial_number: format!("{row:x}"),
                ..sample.clone()
            }));
            world.state.next_certificate_id += rows;
            world.save().unwrap();
            let started = std::time::Instant::now();
            let mut signed = 0;
            while started.elapsed().as_secs() < 3 {
                world.sign(HOME_ORGANIZATION, &order, Twist::default()).unwrap();
                signed += 1;
            }
            println!("{rows} rows: {:.0} signings/s", f64::from(signed) / started.elapsed().as_secs_f64());
        }
    }

    #[test]
    fn ca_bits_follow_the_order_and_not_the_request() {
        let csr = |usage| Csr {
            key_usage: usage,
            ..Csr::read(include_bytes!("../../fixtures/rsa-web-server.csr.pem")).unwrap()
        };
        assert_eq!(key_usage(&csr(Some(CA_USAGES)), false), DIGITAL_SIGNATURE | KEY_ENCIPHERMENT);
        assert_eq!(key_usage(&csr(Some(DIGITAL_SIGNATURE)), true), DIGITAL_SIGNATURE | CA_USAGES);
        assert_eq!(key_usage(&csr(None), true), CA_USAGES);
        assert_eq!(key_usage(&csr(Some(DIGITAL_SIGNATURE)), false), DIGITAL_SIGNATURE);
    }
}
