//! The stand-in's world: organizations with their CSRs, issuers and issued certificates, kept in the data folder so that
//! a restart serves the same one. Owns ids, serial numbers and persistence. Knows nothing of HTTP or envelopes.

mod changes;
pub(crate) mod files;
pub(crate) mod issue;
mod issuers;
mod seed;
pub(crate) mod state;

use std::collections::HashSet;
use std::path::Path;

use rcgen::KeyPair;
use uuid::Uuid;

use self::changes::{Change, What};
use self::files::Folder;
use self::state::{IssuerKind, Organization, State, StoredCertificate, StoredCsr};
use crate::Error;
use crate::clock::Clock;
use crate::pki::csr::Csr;
use crate::pki::pem;

const STATE_FILE: &str = "state.json";
/// What is new since then.
const CHANGES_FILE: &str = "changes.jsonl";

/// Choices that shape a world when it is opened.
pub(crate) struct Opening<'a> {
    /// Replaces the stored token.
    pub(crate) token: Option<String>,
    /// Fill a new world with waiting CSRs and issuers.
    pub(crate) seed: bool,
    pub(crate) intermediate: bool,
    pub(crate) msca: bool,
    pub(crate) data_dir: &'a Path,
    /// What the dates and serial numbers of new certificates are read from.
    pub(crate) clock: Clock,
}

pub(crate) struct World {
    folder: Folder,
    state: State,
    clock: Clock,
    /// Every serial number in use, in any organization.
    serials: HashSet<String>,
    /// A line of the changes may be incomplete: the next change writes the whole state.
    torn: bool,
}

impl World {
    /// Opens the world in the folder, or makes one there.
    pub(crate) fn open(opening: Opening<'_>) -> Result<Self, Error> {
        let folder = Folder::open(opening.data_dir)?;
        let stored = folder.read(STATE_FILE)?;
        let fresh = stored.is_none();
        let mut state = match stored {
            Some(text) => read_state(&folder, &text)?,
            None => State::new(random_token()),
        };
        if let Some(token) = opening.token {
            state.token = token;
        }
        let mut world = Self { folder, state, clock: opening.clock, serials: HashSet::new(), torn: false };
        if fresh && opening.seed {
            world.seed(opening.intermediate)?;
        }
        if opening.msca {
            world.need_msca_issuers()?;
        }
        world.save()?;
        let all = world.state.organizations.iter().flat_map(Organization::certificates);
        world.serials = all.map(|certificate| certificate.serial_number.clone()).collect();
        Ok(world)
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn token(&self) -> &str {
        &self.state.token
    }

    pub(crate) fn organizations(&self) -> &[Organization] {
        &self.state.organizations
    }

    pub(crate) fn organization(&self, name: &str) -> Result<&Organization, Error> {
        let found = self.state.organizations.iter().find(|organization| organization.name == name);
        found.ok_or_else(|| unknown_organization(name))
    }

    fn organization_mut(&mut self, name: &str) -> Result<&mut Organization, Error> {
        let found = self.state.organizations.iter_mut().find(|organization| organization.name == name);
        found.ok_or_else(|| unknown_organization(name))
    }

    /// A stored certificate's PEM text.
    pub(crate) fn certificate_pem(&self, certificate: &StoredCertificate) -> Result<String, Error> {
        self.folder.need(&certificate.file())
    }

    pub(crate) fn csr_pem(&self, csr: &StoredCsr) -> Result<String, Error> {
        self.folder.need(&csr.file())
    }

    pub(crate) fn csr_key_pem(&self, csr: &StoredCsr) -> Result<String, Error> {
        self.folder.need(&csr.key_file())
    }

    /// Stores a request in any form that people hand over, and returns what was stored. Its self-signature is not judged here, but when it is to
    /// be signed: that way a broken one can be stored and the refusal seen.
    pub(crate) fn add_csr(
        &mut self,
        organization: &str,
        request: &[u8],
        key: Option<&KeyPair>,
    ) -> Result<StoredCsr, Error> {
        let csr = Csr::read(request).map_err(Error::Certificate)?;
        let stored = StoredCsr {
            id: self.state.next_csr_id,
            common_name: csr.common_name,
            dns_names: csr.dns_names,
            key_words: csr.key_words,
            has_key: key.is_some(),
        };
        self.organization(organization)?;
        self.folder.write(&stored.file(), &pem::encode(pem::REQUEST, &csr.der))?;
        if let Some(key) = key {
            self.folder.write(&stored.key_file(), &key.serialize_pem())?;
        }
        self.record(organization, What::Csr(stored.clone()))?;
        Ok(stored)
    }

    /// Makes one issuer of kind [`IssuerKind::Msca`] per organization where there is none yet.
    fn need_msca_issuers(&mut self) -> Result<(), Error> {
        let names: Vec<String> = self
            .state
            .organizations
            .iter()
            .filter(|organization| !organization.issuers.iter().any(|issuer| issuer.kind == IssuerKind::Msca))
            .map(|organization| organization.name.clone())
            .collect();
        names.iter().try_for_each(|name| self.add_root(name, "Example Microsoft CA", IssuerKind::Msca, 3650))
    }

    /// The next root's serial in the vendor's style: its creation time in milliseconds. Two issuers made within the same
    /// millisecond would share one, so it always grows.
    fn next_issuer_serial(&mut self) -> u64 {
        self.state.last_issuer_millis = self.clock.unix_millis().max(self.state.last_issuer_millis + 1);
        self.state.last_issuer_millis
    }

    fn take_certificate_id(&mut self) -> u64 {
        let id = self.state.next_certificate_id;
        self.state.next_certificate_id += 1;
        id
    }

    /// Adds something to the world, in the folder first: what is told of outlives a crash.
    fn record(&mut self, organization: &str, what: What) -> Result<(), Error> {
        let change = Change { organization: organization.to_owned(), what };
        if !self.torn {
            let line = change.line().map_err(|error| self.state_error(error))?;
            self.torn = true;
            self.folder.append(CHANGES_FILE, &line)?;
            self.torn = false;
        }
        if let What::Issued(issued) = &change.what {
            self.serials.insert(issued.serial_number.clone());
        }
        change.apply(&mut self.state).map_err(|error| self.state_error(error))?;
        if self.torn {
            self.save()?;
            self.torn = false;
        }
        Ok(())
    }

    /// Writes the whole state, and begins the changes again. A crash in between leaves changes that the state holds already.
    fn save(&self) -> Result<(), Error> {
        let text =
            serde_json::to_string_pretty(&self.state).map_err(|error| self.state_error(error.to_string()))?;
        self.folder.write(STATE_FILE, &text)?;
        self.folder.remove(CHANGES_FILE)
    }

    fn state_error(&self, reason: String) -> Error {
        Error::State { path: self.folder.path(STATE_FILE), reason }
    }
}

fn read_state(folder: &Folder, text: &str) -> Result<State, Error> {
    let error = |reason: String| Error::State { path: folder.path(STATE_FILE), reason };
    let mut state: State = serde_json::from_str(text).map_err(|problem| error(problem.to_string()))?;
    if !State::READABLE.contains(&state.version) {
        return Err(error(format!(
            "it has version {}, this program reads up to version {}",
            state.version,
            State::VERSION
        )));
    }
    state.version = State::VERSION;
    if let Some(text) = folder.read(CHANGES_FILE)? {
        changes::replay(&text, &mut state)
            .map_err(|reason| Error::State { path: folder.path(CHANGES_FILE), reason })?;
    }
    Ok(state)
}

fn unknown_organization(name: &str) -> Error {
    Error::Certificate(format!("there is no organization {name}"))
}

/// An upper-case GUID, the shape of every token in the vendor's samples.
fn random_token() -> String {
    Uuid::new_v4().to_string().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path, msca: bool) -> World {
        let clock = Clock::system();
        World::open(Opening { token: None, seed: true, intermediate: true, msca, data_dir: dir, clock })
            .unwrap()
    }

    #[test]
    fn a_seeded_world_holds_what_the_readme_promises() {
        let dir = tempfile::tempdir().unwrap();
        let world = open(dir.path(), false);
        let home = world.organization(state::HOME_ORGANIZATION).unwrap();
        let ids: Vec<u64> = home.csrs.iter().map(|csr| csr.id).collect();
        assert_eq!(ids, [301, 302, 303]);
        assert_eq!(home.csrs[0].key_words, "RSA 2048");
        assert_eq!(home.csrs[0].dns_names.len(), 5);
        assert_eq!(home.sentinel_csr().map(|csr| csr.id), Some(302));
        let serials: Vec<&str> =
            home.issuers.iter().map(|issuer| issuer.certificate.serial_number.as_str()).collect();
        assert_eq!(serials.len(), 3);
        assert!(serials.iter().all(|serial| serial.len() == 11), "{serials:?}");
        assert!(serials.windows(2).all(|pair| pair[0] < pair[1]), "{serials:?}");
        assert!(world.token().len() == 36 && world.token() == world.token().to_uppercase());
    }

    #[test]
    fn a_second_opening_finds_the_same_world() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path(), false);
        let second = open(dir.path(), true);
        assert_eq!(first.token(), second.token());
        let roots = |world: &World| {
            let home = world.organization(state::HOME_ORGANIZATION).unwrap();
            home.issuers.iter().map(|issuer| issuer.certificate.serial_number.clone()).collect::<Vec<_>>()
        };
        assert_eq!(roots(&second)[..3], roots(&first)[..]);
        assert_eq!(roots(&second).len(), 4, "the Microsoft CA joins when it is asked for");
    }

    #[test]
    fn a_foreign_state_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(STATE_FILE), "{\"version\": 9}").unwrap();
        let opened = World::open(Opening {
            token: None,
            seed: true,
            intermediate: true,
            msca: false,
            data_dir: dir.path(),
            clock: Clock::system(),
        });
        assert!(matches!(opened, Err(Error::State { .. })));
        assert_eq!(std::fs::read_to_string(dir.path().join(STATE_FILE)).unwrap(), "{\"version\": 9}");
    }
}
