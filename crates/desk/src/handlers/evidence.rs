//! The evidence of one signing in one file, and its check without PAM360 and without the record.
//!
//! What the record's signatures vouch for (request, answer, times, decisions) is proven; the certificate and the CSR,
//! when they could be fetched, are only compared with it, and the check says so.

use std::io::{Cursor, Read, Seek, Write};

use domain::{Entry, ErrorCode, SerialNumber};
use journal::Proof;
use pam360::{Issued, StoredCsr};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::Failure;

/// The largest file that is read from a bundle, in bytes.
const MAX_FILE: u64 = 8 * 1024 * 1024;
/// More files than any bundle has.
const MAX_FILES: usize = 32;

const README: &str = "\
Evidence of one signing through PAM360, made by CSR Desk.

  proof.json        the record's events of this signing, each with its hash and its signature
  entry.json        the signing as the record tells it, made from those events
  request.http      the request as it was sent, with a mark in place of the token
  input_data.json   the vendor's INPUT_DATA in that request, indented
  answer.txt        the server's answer, as far as it was kept (hidden characters are spelled out)
  certificate.pem   the certificate as the server handed it out when this file was made, if it did
  csr.pem           the certificate signing request, likewise

Check it, with no PAM360 and no record at hand:

  csrdesk verify-evidence THIS-FILE

The check proves that the holder of the record's key recorded these events in this form. It does not prove who that
is: compare the public key with the one that `csrdesk verify-journal` prints where the record is kept. It does not
prove that nothing else was signed: for that, verify the whole record. The certificate and the CSR are not part of the
record; they are compared with it.
";

/// What could be fetched of the server when the bundle was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetched {
    pub(super) certificate_pem: Option<String>,
    pub(super) csr_pem: Option<String>,
}

/// The bundle as a ZIP file.
pub(super) fn bundle(proof: &Proof, fetched: &Fetched) -> Result<Vec<u8>, Failure> {
    let broken = |error: String| Failure::because(ErrorCode::ExportFailed, error);
    let entry = proof.entry().map_err(|error| broken(error.to_string()))?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut files = derived(&entry).map_err(broken)?;
    files.push(("README.txt", README.to_owned()));
    files.push(("proof.json", pretty(proof).map_err(broken)?));
    files.extend(fetched.certificate_pem.clone().map(|pem| ("certificate.pem", pem)));
    files.extend(fetched.csr_pem.clone().map(|pem| ("csr.pem", pem)));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        zip.start_file(name, options).map_err(|error| broken(error.to_string()))?;
        zip.write_all(content.as_bytes()).map_err(|error| broken(error.to_string()))?;
    }
    Ok(zip.finish().map_err(|error| broken(error.to_string()))?.into_inner())
}

/// The files that follow from the entry alone, and so can be made again when the bundle is checked.
fn derived(entry: &Entry) -> Result<Vec<(&'static str, String)>, String> {
    let server = domain::BaseUrl::parse(&entry.server).map_err(|code| code.what().to_owned())?;
    let mut files = vec![
        ("entry.json", pretty(entry)?),
        ("request.http", pam360::http_request_text(&server, &entry.request)),
        ("input_data.json", pam360::input_data_indented(&entry.request)),
    ];
    files.extend(entry.ending.seen.raw_answer.clone().map(|text| ("answer.txt", text)));
    Ok(files)
}

fn pretty(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|error| error.to_string())
}

/// What a check of a bundle found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceCheck {
    /// The signing that the events tell.
    pub entry: Entry,
    /// The public key that signed them, in hexadecimal.
    pub public_key: String,
    /// What was found, a sentence each, in the order of the check.
    pub says: Vec<String>,
    /// Whether everything holds.
    pub holds: bool,
}

/// Checks a bundle. Everything in it is taken for hostile: sizes are bounded, names are not used as paths.
///
/// # Errors
/// It is no bundle, or its proof cannot be read.
pub fn check_evidence(file: impl Read + Seek) -> Result<EvidenceCheck, Failure> {
    let unreadable = |error: String| Failure::because(ErrorCode::EvidenceUnreadable, error);
    let mut zip = ZipArchive::new(file).map_err(|error| unreadable(error.to_string()))?;
    if zip.len() > MAX_FILES {
        return Err(unreadable(format!("{} files", zip.len())));
    }
    let mut read = |name: &str| -> Result<Option<String>, Failure> {
        let Ok(file) = zip.by_name(name) else { return Ok(None) };
        let mut content = String::new();
        let size = file.take(MAX_FILE + 1).read_to_string(&mut content);
        match size {
            Ok(size) if size as u64 <= MAX_FILE => Ok(Some(content)),
            Ok(_) => Err(unreadable(format!("{name} is larger than {MAX_FILE} bytes"))),
            Err(error) => Err(unreadable(format!("{name}: {error}"))),
        }
    };
    let proof = read("proof.json")?.ok_or_else(|| unreadable("there is no proof.json".to_owned()))?;
    let proof: Proof = serde_json::from_str(&proof).map_err(|error| unreadable(error.to_string()))?;

    let mut check = Checking { says: Vec::new(), holds: true };
    let entry = proof.entry().map_err(|error| unreadable(error.to_string()))?;
    match proof.check() {
        Ok(()) => check.good("Every event's hash and signature hold."),
        Err(error) => check.bad(format!("The events do not hold: {error}")),
    }
    for (name, expected) in derived(&entry).map_err(unreadable)? {
        match read(name)? {
            Some(content) if content == expected => check.good(format!("{name} is what the events tell.")),
            Some(_) => check.bad(format!("{name} is not what the events tell.")),
            None => check.bad(format!("{name} is missing.")),
        }
    }
    let certificate = read("certificate.pem")?;
    let csr = read("csr.pem")?;
    check.certificate(&entry, certificate.as_deref(), csr.as_deref());
    let Checking { says, holds } = check;
    Ok(EvidenceCheck { entry, public_key: proof.public_key, says, holds })
}

struct Checking {
    says: Vec<String>,
    holds: bool,
}

impl Checking {
    fn good(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
    }

    fn bad(&mut self, text: impl Into<String>) {
        self.says.push(text.into());
        self.holds = false;
    }

    /// Compares what was fetched with what was recorded.
    fn certificate(&mut self, entry: &Entry, certificate: Option<&str>, csr: Option<&str>) {
        let Some(certificate) = certificate else {
            self.good("No certificate is enclosed: what was issued rests on the server's words alone.");
            return;
        };
        let serials: Vec<SerialNumber> = entry
            .certificates()
            .iter()
            .filter_map(|it| SerialNumber::parse(it.serial_number.as_deref()?).ok())
            .collect();
        let Some(issued) = serials.iter().find_map(|serial| Issued::from_text(certificate, serial)) else {
            self.bad("The enclosed certificate does not have the serial number that was recorded.");
            return;
        };
        self.good("The enclosed certificate has the serial number that was recorded.");
        match csr.and_then(StoredCsr::from_text).map(|it| it.public_key) {
            Some(key) if key == issued.public_key => self.good("It certifies the key of the enclosed CSR."),
            Some(_) => self.bad("It certifies another key than the enclosed CSR asks for."),
            None => self.good("No CSR is enclosed to compare its key with."),
        }
        if issued.is_ca == entry.request.intermediate {
            self.good("It is a CA exactly if one was asked for.");
        } else {
            self.bad("It is a CA where none was asked for, or the other way round.");
        }
    }
}
