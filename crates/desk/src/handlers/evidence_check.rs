//! The check of evidence, without PAM360 and without the history it was taken from.
//!
//! What the signatures cover is verified: request, answer, times, decisions, and since version 3 the hashes of the certificate and
//! the CSR that PAM360 handed out. All other files follow from that and are compared. Two verdicts come of it: whether the
//! evidence was altered, and whether the certificate is what was asked for. What evidence cannot prove is a finding of its own.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::Path;

use domain::{Entry, EventKind, Fingerprint};
use journal::{LeftOpen, Proof, ProofError};
use pam360::{Issued, StoredCsr};
use sha2::{Digest, Sha256};

use super::evidence::{Closing, derived, pretty, readme};
use super::evidence_files::{Files, unreadable};
use crate::Failure;

/// The SHA-256 of the texts that README.txt had in evidence of version 2. It followed from nothing then.
const READMES_OF_2: [&str; 3] = [
    "0b7055b8d60ab36dd7b2f304c5c36466618c72910e86a3fee312d0b6ece3e775",
    "174bce604734a23a997b7f91b44a0c66a146d15fe283d5e02cfd8f240c5bd702",
    "3e6e89be7bcdde4312684ac241908c57a303d6fd7ad4263b43f9affbcc72c076",
];

/// Whether the certificate is what the request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsAsked {
    /// It has the CSR's key and names, the issuer and the dates that were asked for, and it is a CA exactly if one was.
    Yes,
    /// It differs; the sentences say how.
    No,
    /// No certificate is enclosed, or its key or names could not be compared with the CSR's.
    NotChecked,
}

/// What a check of evidence found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceCheck {
    /// The signing that the events tell.
    pub entry: Entry,
    /// The public key that signed them, in hexadecimal.
    pub public_key: String,
    /// The public keys that signed earlier events, in hexadecimal.
    pub earlier_keys: Vec<String>,
    /// The id of the journal that the events are from, in hexadecimal; none in evidence of version 2.
    pub journal: Option<String>,
    /// What was found, a sentence each, in the order of the check.
    pub says: Vec<String>,
    /// What this evidence cannot prove although it is not altered, a sentence each; empty when it proves all that evidence can.
    pub not_proven: Vec<String>,
    /// Whether nothing was altered.
    pub holds: bool,
    /// Whether the certificate is what was asked for: a verdict about PAM360, not about this file.
    pub as_asked: AsAsked,
}

/// How a key that an auditor knows is related to evidence. Whoever can choose the key can make up evidence that was never altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKnown {
    /// It signed the last event, which vouches for the others.
    Signed,
    /// It signed earlier events. Whether it confirmed the key after it, only the whole history shows.
    SignedEarlier,
    /// It signed none of them.
    Unrelated,
    /// The evidence was altered, so what it says of keys proves nothing.
    NotProven,
}

impl EvidenceCheck {
    /// How a key is related to it.
    #[must_use]
    pub fn key_known(&self, key: &Fingerprint) -> KeyKnown {
        let is = |it: &String| it.eq_ignore_ascii_case(&key.hex());
        match (self.holds, is(&self.public_key)) {
            (false, _) => KeyKnown::NotProven,
            (true, true) => KeyKnown::Signed,
            (true, false) if self.earlier_keys.iter().any(is) => KeyKnown::SignedEarlier,
            (true, false) => KeyKnown::Unrelated,
        }
    }
}

/// Checks an archive or, where it was unpacked, the folder with its files.
///
/// # Errors
/// [`domain::ErrorCode::EvidenceUnreadable`].
pub fn check_evidence_at(path: &Path) -> Result<EvidenceCheck, Failure> {
    let checked = match fs::metadata(path) {
        Err(error) => Err(unreadable(error)),
        Ok(there) if there.is_dir() => Files::of_folder(path).and_then(|it| check(&it)),
        Ok(_) => File::open(path).map_err(unreadable).and_then(check_evidence),
    };
    checked.map_err(|failure| {
        let detail = failure.detail.unwrap_or_default();
        Failure { detail: Some(format!("{}: {detail}", path.display())), ..failure }
    })
}

/// Checks an archive. Everything in it is taken for hostile: sizes are bounded, names are not used as paths.
///
/// # Errors
/// [`domain::ErrorCode::EvidenceUnreadable`]: it is no archive of evidence, or its proof cannot be read.
pub fn check_evidence(file: impl Read + Seek) -> Result<EvidenceCheck, Failure> {
    check(&Files::of_archive(file)?)
}

fn check(files: &Files) -> Result<EvidenceCheck, Failure> {
    let text = files.text("proof.json").ok_or_else(|| unreadable("there is no proof.json"))?;
    // With the name of a field that does not belong there.
    let proof: Proof =
        serde_json::from_str(text).map_err(|error| unreadable(format!("proof.json: {error}")))?;
    let entry = proof.entry().map_err(unreadable)?;

    let mut check = Checking::default();
    check.events(&proof)?;
    check.file(files, "proof.json", &pretty(&proof).map_err(unreadable)?);
    let mut expected = vec!["proof.json", "README.txt", "certificate.pem", "csr.pem"];
    for (name, content) in derived(&entry).map_err(unreadable)? {
        check.file(files, name, &content);
        expected.push(name);
    }
    match proof.is_version_2() {
        true => check.readme_of_2(files),
        false => check.file(files, "README.txt", &readme(&proof, &entry)),
    }
    for other in files.names().filter(|it| !expected.contains(it)) {
        check.altered(format!("{other} is not part of this evidence: it does not follow from the events."));
    }
    for other in &files.others {
        check.altered(format!("{other} is not part of the evidence."));
    }
    let (certificate, csr) = (files.text("certificate.pem"), files.text("csr.pem"));
    if proof.is_version_2() {
        if certificate.is_some() || csr.is_some() {
            check.cannot("Nothing binds the enclosed certificate and CSR to the journal: they are compared with what was recorded and asked for, and another certificate can agree with that.");
        }
    } else {
        check.bound(&proof, certificate, csr);
    }
    check.certificate(&entry, certificate, csr);
    for name in &files.clutter {
        check.says(format!("{name} is a file of an operating system, not of the evidence. It was not read."));
    }
    let Checking { says, not_proven, altered, as_asked } = check;
    let journal = proof.journal().map(str::to_owned);
    let earlier_keys = proof.earlier_keys().to_vec();
    let public_key = proof.public_key;
    Ok(EvidenceCheck {
        entry,
        public_key,
        earlier_keys,
        journal,
        says,
        not_proven,
        holds: !altered,
        as_asked,
    })
}

/// Whether two texts differ in their line ends alone, as after a program that writes those of another system.
fn same_lines(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    bare(one) == bare(other)
}

/// What was found so far.
pub(super) struct Checking {
    says: Vec<String>,
    not_proven: Vec<String>,
    altered: bool,
    pub(super) as_asked: AsAsked,
}

impl Default for Checking {
    fn default() -> Self {
        Self { says: Vec::new(), not_proven: Vec::new(), altered: false, as_asked: AsAsked::NotChecked }
    }
}

impl Checking {
    pub(super) fn says(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
    }

    pub(super) fn altered(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        self.altered = true;
    }

    pub(super) fn differs(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        self.as_asked = AsAsked::No;
    }

    pub(super) fn not_compared(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        if self.as_asked == AsAsked::Yes {
            self.as_asked = AsAsked::NotChecked;
        }
    }

    fn cannot(&mut self, text: impl Into<String>) {
        self.not_proven.push(text.into());
    }

    /// Every hash and signature, and that the events are of one signing in one journal.
    fn events(&mut self, proof: &Proof) -> Result<(), Failure> {
        if proof.is_version_2() {
            self.cannot("This evidence is of version 2, which proves less than later evidence.");
            self.cannot("Nothing shows whether events are missing at the end of this signing.");
        }
        match proof.check() {
            Ok(open) => self.left_open(proof, &open),
            // It may be sound: this program cannot tell.
            Err(error @ ProofError::Newer(_)) => return Err(unreadable(error)),
            Err(error) => self.altered(format!("The events were altered: {error}.")),
        }
        Ok(())
    }

    /// What the events leave open although each of them holds.
    fn left_open(&mut self, proof: &Proof, open: &LeftOpen) {
        let numbers = |of: &[u64]| of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let unbound = &open.unbound;
        if unbound.is_empty() {
            self.says("The hash and the signature of every event are valid, and each event builds on the one before it.");
        } else {
            self.says("The hash and the signature of every event are valid.");
            let (events, they) = if unbound.len() == 1 { ("event", "it") } else { ("events", "they") };
            self.cannot(format!(
                "Nothing binds {events} {} to the event before: {they} can be of another signing, or of another journal with the same key.",
                numbers(unbound)
            ));
        }
        if !open.with_earlier_key.is_empty() {
            let (events, were) =
                if open.with_earlier_key.len() == 1 { ("Event", "was") } else { ("Events", "were") };
            self.cannot(format!(
                "{events} {} {were} recorded with another key than the last event: {}. Only the journal shows whether that key confirmed the change.",
                numbers(&open.with_earlier_key),
                proof.earlier_keys().join(", ")
            ));
        }
    }

    fn file(&mut self, files: &Files, name: &str, expected: &str) {
        match files.text(name) {
            Some(content) if content == expected => self.says(format!("{name} matches the events.")),
            Some(content) if same_lines(content, expected) => {
                self.says(format!("{name} matches the events. Another program changed its line ends."));
            }
            Some(_) => self.altered(format!("{name} was altered: it does not match the events.")),
            None => self.altered(format!("{name} is missing.")),
        }
    }

    fn readme_of_2(&mut self, files: &Files) {
        let Some(content) = files.text("README.txt") else {
            self.altered("README.txt is missing.");
            return;
        };
        let text = content.replace("\r\n", "\n");
        let hash = hex(&Sha256::digest(format!("{}\n", text.trim_end_matches('\n')).as_bytes()));
        if READMES_OF_2.contains(&hash.as_str()) {
            self.says("README.txt has the text that evidence of version 2 has.");
        } else {
            self.altered("README.txt was altered: it does not have the text of evidence of version 2.");
        }
    }

    /// Compares certificate and CSR with their hashes in the last event.
    /// Each evidence of one decision encloses one certificate. Whoever has a later key could have recorded another one.
    fn same_at_each_export(&mut self, proof: &Proof) {
        let exports = proof.bodies_since(EventKind::Export, EventKind::Decision);
        let named = exports.filter_map(|it| serde_json::from_str::<Closing>(it).ok()?.certificate_sha256);
        let named: BTreeSet<String> = named.collect();
        if named.len() > 1 {
            let named: Vec<_> = named.into_iter().collect();
            self.altered(format!(
                "The events record different certificates for this signing, by their SHA-256: {}.",
                named.join(", ")
            ));
        }
    }

    fn bound(&mut self, proof: &Proof, certificate: Option<&str>, csr: Option<&str>) {
        self.same_at_each_export(proof);
        let closing = match proof.last_body(EventKind::Export).map(serde_json::from_str::<Closing>) {
            Some(Ok(closing)) => closing,
            // An export that cannot be read proves nothing about the files.
            Some(Err(_)) => Closing::default(),
            None => {
                self.cannot("No event records that this evidence was written, as where the journal cannot be written. Events can be missing at the end of this signing.");
                Closing::default()
            }
        };
        let certificate = certificate.map(|it| Issued::alone(it).map(|it| it.sha256().hex()));
        let csr = csr.map(|it| StoredCsr::alone(it).map(|it| it.sha256().hex()));
        for (name, recorded, found) in [
            ("certificate.pem", closing.certificate_sha256, certificate),
            ("csr.pem", closing.csr_sha256, csr),
        ] {
            match (recorded, found) {
                (None, None) => {}
                (Some(recorded), Some(Some(found))) if recorded == found => {
                    self.says(format!("{name} has the SHA-256 that was recorded: {found}."));
                }
                (Some(_), Some(_)) => {
                    self.altered(format!("{name} was altered: its SHA-256 is not the recorded one."));
                }
                (Some(_), None) => self.altered(format!("{name} is missing.")),
                (None, Some(_)) => {
                    self.altered(format!("{name} is not part of this evidence: no event records it."));
                }
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
