//! The check of evidence, without PAM360 and without the history it was taken from.
//!
//! What the signatures cover (request, answer, times, decisions) is verified. The certificate and the CSR are not signed:
//! they are compared with the request. Two verdicts come of that: whether the evidence was altered, and whether the
//! certificate is what was asked for. The contents count, not the archive: mail gateways, Finder and Explorer pack again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use domain::{Entry, ErrorCode, SerialNumber};
use journal::Proof;
use pam360::{Issued, Names, NamesCompared, StoredCsr};
use zip::ZipArchive;

use super::evidence::derived;
use super::weigh::NAMES_NAMED;
use crate::Failure;

/// The largest archive that is opened, in bytes: its list of files is read into memory.
const MAX_ARCHIVE: u64 = 64 * 1024 * 1024;
/// The largest file that is read from evidence, in bytes after unpacking.
const MAX_FILE: u64 = 8 * 1024 * 1024;
/// More files than any evidence has, with what other programs put beside them.
const MAX_FILES: usize = 256;

/// The files that evidence can hold. Others are named and not read.
const NAMES: [&str; 8] = [
    "proof.json",
    "entry.json",
    "request.http",
    "input_data.json",
    "answer.txt",
    "certificate.pem",
    "csr.pem",
    "README.txt",
];

/// Whether the certificate is what the request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsAsked {
    /// It has the CSR's key and names, and it is a CA exactly if one was asked for.
    Yes,
    /// It differs; the sentences say how.
    No,
    /// No certificate is enclosed, or its key or names could not be compared with the CSR's.
    NotChecked,
}

/// What a check of evidence found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceCheck {
    /// The signing that the events tell.
    pub entry: Entry,
    /// The public key that signed them, in hexadecimal.
    pub public_key: String,
    /// What was found, a sentence each, in the order of the check.
    pub says: Vec<String>,
    /// Whether nothing was altered.
    pub holds: bool,
    /// Whether the certificate is what was asked for: a verdict about PAM360, not about this file.
    pub as_asked: AsAsked,
}

/// Checks an archive or, where it was unpacked, the folder with its files.
///
/// # Errors
/// [`ErrorCode::EvidenceUnreadable`].
pub fn check_evidence_at(path: &Path) -> Result<EvidenceCheck, Failure> {
    let checked = match fs::metadata(path) {
        Err(error) => Err(unreadable(error)),
        Ok(there) if there.is_dir() => of_folder(path).and_then(check),
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
/// [`ErrorCode::EvidenceUnreadable`]: it is no archive of evidence, or its proof cannot be read.
pub fn check_evidence(file: impl Read + Seek) -> Result<EvidenceCheck, Failure> {
    check(of_archive(file)?)
}

fn unreadable(detail: impl ToString) -> Failure {
    Failure::because(ErrorCode::EvidenceUnreadable, detail)
}

/// The files of evidence by their names, without the folder that they are in.
#[derive(Default)]
struct Files {
    texts: BTreeMap<&'static str, String>,
    /// Files that do not belong to it.
    others: Vec<String>,
}

fn of_archive(mut file: impl Read + Seek) -> Result<Files, Failure> {
    let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if size > MAX_ARCHIVE {
        return Err(unreadable(format!("it is larger than {MAX_ARCHIVE} bytes")));
    }
    let mut zip = ZipArchive::new(file).map_err(unreadable)?;
    if zip.len() > MAX_FILES {
        return Err(unreadable(format!("it has {} files", zip.len())));
    }
    // Which one of two is shown depends on the program: nobody could say what was verified.
    if zip.has_duplicate_names() {
        return Err(unreadable("a file is in it twice"));
    }
    // A name that is not text is the name of no file of evidence.
    let name = |index| zip.name_for_index(index).and_then(Result::ok).unwrap_or_default().replace('\\', "/");
    let paths: Vec<String> = (0..zip.len()).map(name).collect();
    let root = root_of(&paths)?;
    let mut files = Files::default();
    for (index, path) in paths.iter().enumerate() {
        if path.ends_with('/') || is_clutter(path) {
            continue;
        }
        let known = path.strip_prefix(root).and_then(|name| NAMES.into_iter().find(|it| *it == name));
        let Some(name) = known else {
            files.others.push(path.clone());
            continue;
        };
        let content = zip.by_index(index).map_err(|error| unreadable(format!("{name}: {error}")))?;
        if files.texts.insert(name, text(name, content)?).is_some() {
            return Err(unreadable(format!("{name} is in it twice")));
        }
    }
    Ok(files)
}

fn of_folder(folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::default();
    for found in fs::read_dir(folder).map_err(unreadable)?.take(MAX_FILES + 1) {
        let path = found.map_err(unreadable)?.path();
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if is_clutter(&name) {
            continue;
        }
        // Not a link or a pipe that was put there: what is read is in this folder.
        let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
        match NAMES.into_iter().find(|it| *it == name && is_file) {
            Some(known) => {
                let content = File::open(&path).map_err(|error| unreadable(format!("{known}: {error}")))?;
                files.texts.insert(known, text(known, content)?);
            }
            None => files.others.push(name),
        }
    }
    Ok(files)
}

/// A file's text, bounded. The mark with which some editors begin a file is no part of it.
fn text(name: &str, file: impl Read) -> Result<String, Failure> {
    let mut content = String::new();
    match file.take(MAX_FILE + 1).read_to_string(&mut content) {
        Ok(size) if size as u64 <= MAX_FILE => {
            Ok(content.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(content))
        }
        Ok(_) => Err(unreadable(format!("{name} is larger than {MAX_FILE} bytes"))),
        Err(error) => Err(unreadable(format!("{name}: {error}"))),
    }
}

/// What Finder, Explorer and other programs put beside the files that a person packed.
fn is_clutter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|it| it == "__MACOSX")
        || name.starts_with("._")
        || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// The folder within the archive that the evidence is in, with a slash at its end; empty for none.
fn root_of(paths: &[String]) -> Result<&str, Failure> {
    let proofs: Vec<&str> = paths
        .iter()
        .filter(|it| !is_clutter(it))
        .filter_map(|it| it.strip_suffix("proof.json").filter(|root| root.is_empty() || root.ends_with('/')))
        .collect();
    match proofs[..] {
        [root] => Ok(root),
        [] => Err(unreadable("there is no proof.json")),
        _ => {
            Err(unreadable("there is more than one proof.json: check the evidence of each signing by itself"))
        }
    }
}

fn check(files: Files) -> Result<EvidenceCheck, Failure> {
    let file = |name: &str| files.texts.get(name).map(String::as_str);
    let proof = file("proof.json").ok_or_else(|| unreadable("there is no proof.json"))?;
    let proof: Proof = serde_json::from_str(proof).map_err(unreadable)?;
    let entry = proof.entry().map_err(unreadable)?;

    let mut check = Checking { says: Vec::new(), altered: false, as_asked: AsAsked::NotChecked };
    match proof.check() {
        Ok(_) => check.says("The hash and the signature of every event are valid."),
        Err(error) => check.altered(format!("The events were altered: {error}.")),
    }
    for (name, expected) in derived(&entry).map_err(unreadable)? {
        match file(name) {
            Some(content) if content == expected => check.says(format!("{name} matches the events.")),
            Some(content) if same_lines(content, &expected) => {
                check.says(format!("{name} matches the events. Another program changed its line ends."));
            }
            Some(_) => check.altered(format!("{name} was altered: it does not match the events.")),
            None => check.altered(format!("{name} is missing.")),
        }
    }
    check.certificate(&entry, file("certificate.pem"), file("csr.pem"));
    for other in &files.others {
        check.says(format!("{other} is not part of the evidence. It was not checked."));
    }
    let Checking { says, altered, as_asked } = check;
    Ok(EvidenceCheck { entry, public_key: proof.public_key, says, holds: !altered, as_asked })
}

/// Whether two texts differ in their line ends alone.
fn same_lines(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.replace('\r', "").trim_end_matches('\n').to_owned();
    bare(one) == bare(other)
}

/// Names for a sentence: the first of them, and how many more there are.
fn listed(names: &Names) -> String {
    let all = names.all();
    let first = all.iter().take(NAMES_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMES_NAMED) {
        _ if all.is_empty() => "none".to_owned(),
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

struct Checking {
    says: Vec<String>,
    altered: bool,
    as_asked: AsAsked,
}

impl Checking {
    fn says(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
    }

    fn altered(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        self.altered = true;
    }

    fn differs(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        self.as_asked = AsAsked::No;
    }

    fn not_compared(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        if self.as_asked == AsAsked::Yes {
            self.as_asked = AsAsked::NotChecked;
        }
    }

    /// One key may be in many CSRs, so the names are compared as well.
    fn names(&mut self, issued: &Names, csr: &Names) {
        match issued.compared_with(csr) {
            NamesCompared::Same { subject: true } => {
                self.says(format!("Its names are those of the enclosed CSR: {}.", listed(csr)));
            }
            NamesCompared::Same { subject: false } => self.says(format!(
                "Its names are those of the enclosed CSR: {}. The rest of its subject differs from the CSR's.",
                listed(csr)
            )),
            NamesCompared::Differ => self.differs(format!(
                "Its names differ from those of the enclosed CSR. Certificate: {}. CSR: {}.",
                listed(issued),
                listed(csr)
            )),
            NamesCompared::NotComparable => self.not_compared(
                "Its names could not be compared with those of the enclosed CSR: there are none, or some could not be read.",
            ),
        }
    }

    /// Compares what was fetched with what was recorded and asked for.
    fn certificate(&mut self, entry: &Entry, certificate: Option<&str>, csr: Option<&str>) {
        let Some(certificate) = certificate else {
            self.says(not_enclosed(entry));
            return;
        };
        let serials: Vec<SerialNumber> = entry
            .certificates()
            .iter()
            .filter_map(|it| SerialNumber::parse(it.serial_number.as_deref()?).ok())
            .collect();
        let Some(issued) = serials.iter().find_map(|serial| Issued::from_text(certificate, serial)) else {
            self.altered(
                "certificate.pem is not the certificate of this signing: its serial number differs.",
            );
            return;
        };
        self.as_asked = AsAsked::Yes;
        self.says("The enclosed certificate has the serial number that was recorded.");
        match csr.map(StoredCsr::from_text) {
            Some(Some(csr)) => {
                if csr.public_key == issued.public_key {
                    self.says("It certifies the key of the enclosed CSR.");
                } else {
                    self.differs("It certifies another key than that of the enclosed CSR.");
                }
                self.names(&issued.names, &csr.names);
            }
            Some(None) => {
                self.not_compared("csr.pem is not a readable CSR, so key and names were not compared.");
            }
            None => self.not_compared("No CSR is enclosed, so key and names were not compared."),
        }
        match (entry.request.intermediate, issued.is_ca) {
            (true, true) => self.says("It is a CA certificate, as the request asked."),
            (false, false) => self.says("It is not a CA certificate, as the request asked."),
            (false, true) => {
                self.differs("It is a CA certificate. The request asked for one that is not a CA.");
            }
            (true, false) => {
                self.differs("It is not a CA certificate. The request asked for an intermediate CA.");
            }
        }
    }
}

/// What is known of a certificate that is not enclosed.
fn not_enclosed(entry: &Entry) -> &'static str {
    match entry.code() {
        ErrorCode::FoundByPerson => {
            "No certificate is enclosed: what was issued is known from a person's decision alone."
        }
        _ if entry.certificates().is_empty() => {
            "No certificate is enclosed, and the history names none as issued."
        }
        _ => "No certificate is enclosed: what was issued is known from PAM360's answer alone.",
    }
}

#[cfg(test)]
mod tests {
    use domain::{Certificate, Decision, Ending, SignForm, Timestamp, Verdict};

    use super::*;

    #[test]
    fn what_is_not_enclosed_is_known_from_what_the_history_says() {
        let at = Timestamp::from_millis(1);
        let form = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "1".into(),
            csr_id: "1".into(),
            ..SignForm::default()
        };
        let request = form.check(at).unwrap();
        let of = |code, verdict: Option<Verdict>| {
            let begun = Entry::begun(1, "intent".into(), at, "https://h".into(), request.clone());
            let certificates =
                vec![Certificate { serial_number: Some("0a".into()), ..Certificate::default() }];
            let ending = Ending::new(code);
            let ending = if code == ErrorCode::Signed { Ending { certificates, ..ending } } else { ending };
            let decision =
                verdict.map(|verdict| Decision { at, verdict, reason: "seen".into(), basis: None });
            not_enclosed(&Entry { sent_at: Some(at), answered_at: Some(at), ending, decision, ..begun })
        };
        assert!(of(ErrorCode::Signed, None).contains("PAM360's answer alone"));
        for verdict in [None, Some(Verdict::NotThere)] {
            assert!(of(ErrorCode::ServerError, verdict).contains("names none"));
        }
        let found = Verdict::ItIsThisOne { certificate: Certificate::default() };
        assert!(of(ErrorCode::ServerError, Some(found)).contains("a person's decision"));
    }
}
