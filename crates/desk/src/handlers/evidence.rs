//! The evidence of one signing in one file. Its check is in [`super::evidence_check`].

use std::io::{Cursor, Write};

use domain::{Entry, ErrorCode, SpokenHttp};
use journal::Proof;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Failure;

const README: &str = "\
Evidence of one signing through PAM360, made by CSR Desk.

  proof.json        the record's events of this signing, each with its hash and its signature
  entry.json        the signing as the record tells it, made from those events
  request.http      the request as it was sent, with a mark in place of the token;
                    HTTP/2 sends these lines in a binary form
  input_data.json   the vendor's INPUT_DATA in that request, indented
  answer.txt        the server's answer, as far as it was kept (hidden characters are spelled out)
  certificate.pem   the certificate as the server handed it out when this file was made, if it did
  csr.pem           the certificate signing request, likewise

Check it, with no PAM360 and no record at hand:

  csrdesk verify-evidence THIS-FILE

The check proves that the holder of the record's key recorded these events in this form. It does not prove who that
is: compare the public key with the one that `csrdesk verify-journal` prints where the record is kept. It does not
prove that nothing else was signed: for that, verify the whole record. The certificate and the CSR are not part of the
record; they are compared with it. The check reads the contents of these files: this file may be unpacked, and packed
again by another program.
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

fn pretty(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string_pretty(value).map_err(|error| error.to_string())
}
