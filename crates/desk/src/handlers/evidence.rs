//! The evidence of one signing in one file. Its check is in [`super::evidence_check`].

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use domain::{Entry, ErrorCode, SpokenHttp, visible};
use journal::Proof;
use pam360::{Issued, StoredCsr};
use secrets::AuthToken;
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Failure;
use crate::commands::export::Lacks;

const ABOUT: &str = "\
\x20 proof.json        the journal's events of this signing, each with its hash and its signature
  entry.json        the signing as the history shows it, made from those events
  request.http      the request as it was sent, with a mark in place of the token;
                    HTTP/2 sends these lines in a binary form
  input_data.json   the vendor's INPUT_DATA in that request, indented
  answer.txt        the server's answer, as far as it was stored (hidden characters are spelled out)
  certificate.pem   the certificate as the server handed it out when this file was made, if it did
  csr.pem           the certificate signing request, likewise

Check it, with no PAM360 and no journal at hand:

  csrdesk verify-evidence THIS-FILE

The check proves that the holder of the key recorded these events in this form, in this order, for one signing in one
journal, and that the certificate and the CSR are the ones that the server handed out. It does not prove who the holder
is: compare the public key with the one that csrdesk verify-journal prints where the journal is kept. It does not prove
that nothing else was signed: for that, verify the whole journal. This file can be unpacked, and packed again by
another program; no file can be added.
";

/// What could be fetched of the server when the bundle was made.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetched {
    pub(super) certificate: Option<Issued>,
    pub(super) csr: Option<StoredCsr>,
    /// The token that it took to ask.
    pub(super) token: Option<AuthToken>,
    /// What could not be fetched.
    pub(super) lacks: Option<Lacks>,
}

impl Fetched {
    /// What is missing when nothing of it may be enclosed.
    pub(super) fn left_out(&self, code: ErrorCode) -> Option<Lacks> {
        let (certificate, csr) = (self.certificate.is_some(), self.csr.is_some());
        (certificate || csr).then_some(Lacks { certificate, csr, code: Some(code) })
    }
}

/// The body of the event that evidence ends with. It binds what was fetched to the journal.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Closing {
    what: String,
    /// Of the certificate's DER, in hexadecimal; none when none is enclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_sha256: Option<String>,
    /// Of the CSR's DER, in hexadecimal; none when none is enclosed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) csr_sha256: Option<String>,
}

impl Closing {
    pub(super) fn of(fetched: &Fetched) -> Self {
        Self {
            what: "evidence".to_owned(),
            certificate_sha256: fetched.certificate.as_ref().map(|it| it.sha256().hex()),
            csr_sha256: fetched.csr.as_ref().map(|it| it.sha256().hex()),
        }
    }
}

/// The bundle as a ZIP file.
pub(super) fn bundle(proof: &Proof, fetched: &Fetched) -> Result<Vec<u8>, Failure> {
    let broken = |error: String| Failure::because(ErrorCode::ExportFailed, error);
    let entry = proof.entry().map_err(|error| broken(error.to_string()))?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut files = derived(&entry).map_err(broken)?;
    files.push(("README.txt", readme(proof, &entry)));
    files.push(("proof.json", pretty(proof).map_err(broken)?));
    files.extend(fetched.certificate.as_ref().map(|it| ("certificate.pem", it.pem.clone())));
    files.extend(fetched.csr.as_ref().map(|it| ("csr.pem", it.pem.clone())));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        zip.start_file(name, options).map_err(|error| broken(error.to_string()))?;
        zip.write_all(content.as_bytes()).map_err(|error| broken(error.to_string()))?;
    }
    Ok(zip.finish().map_err(|error| broken(error.to_string()))?.into_inner())
}

/// The files that follow from the entry alone, and so can be made again when the bundle is checked.
pub(super) fn derived(entry: &Entry) -> Result<Vec<(&'static str, String)>, String> {
    let server = domain::BaseUrl::parse(&entry.server).map_err(|code| code.what().to_owned())?;
    // Entries from before the version was recorded had this form.
    let version = entry.ending.seen.http_version.unwrap_or(SpokenHttp::Http11);
    let mut files = vec![
        ("entry.json", pretty(entry)?),
        ("request.http", pam360::http_request_text(&server, &entry.request, version)),
        ("input_data.json", pam360::input_data_indented(&entry.request)),
    ];
    files.extend(entry.ending.seen.raw_answer.clone().map(|text| ("answer.txt", text)));
    Ok(files)
}

/// The first file that a person opens. It follows from the events, like the others.
pub(super) fn readme(proof: &Proof, entry: &Entry) -> String {
    let mut text = String::from("Evidence of one signing through PAM360, made by CSR Desk.\n\n");
    let mut fact = |name: &str, value: &str| {
        // To write into a text cannot fail.
        let _ = writeln!(text, "  {name:<16}  {}", visible(value));
    };
    fact("entry", &entry.entry.to_string());
    fact("began", &entry.at.date_time());
    fact("server", &entry.server);
    fact("CSR id", &entry.request.csr_id.to_string());
    fact("outcome", &format!("{} ({})", entry.outcome().as_str(), entry.code().as_str()));
    fact("journal id", proof.journal().unwrap_or_default());
    fact("public key", &proof.public_key);
    text.push_str("\nIts events:\n\n");
    for event in &proof.events {
        let line = format!(
            "  #{:<6} {}  {:<14}  {}",
            event.seq(),
            event.at().date_time(),
            visible(event.kind()),
            event.origin().says()
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
    text.push_str(ABOUT);
    text
}

pub(super) fn pretty(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|error| error.to_string())
}
