//! Running curl and openssl, and a stand-in of one's own per test. Both programs must be on the machine: without them
//! nothing here could tell whether the stand-in is understood by anyone but itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use standin::{Builder, Standin};
use tempfile::TempDir;

/// A stand-in with its own data folder.
pub(crate) struct Desk {
    pub(crate) standin: Standin,
    pub(crate) dir: TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_with(|builder| builder).await
    }

    pub(crate) async fn open_with(shape: impl FnOnce(Builder) -> Builder) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let standin = shape(Standin::builder(dir.path().join("world"))).start().await.unwrap();
        Self { standin, dir }
    }

    /// curl with trust, token, and these arguments; the last one is the operation below the base path.
    pub(crate) fn call(&self, operation: &str, arguments: &[&str]) -> Answer {
        self.curl(
            &format!("/api/pki/restapi/{operation}"),
            &[&["-H", &self.token_header()], arguments].concat(),
        )
    }

    /// curl with trust and these arguments, without a token.
    pub(crate) fn curl(&self, path: &str, arguments: &[&str]) -> Answer {
        let (head, body) = (self.dir.path().join("head"), self.dir.path().join("body"));
        for file in [&head, &body] {
            std::fs::write(file, "").unwrap();
        }
        let mut curl = Command::new("curl");
        // Nothing of the person who runs the tests: no configuration file (-q, which has to be first), no proxy.
        curl.args(["-q", "--noproxy", "*", "-sS", "--max-time", "20", "-w", "%{http_code}", "--cacert"]);
        curl.arg(self.standin.ca_file());
        curl.arg("-D").arg(&head).arg("-o").arg(&body).args(arguments);
        curl.arg(format!("{}{path}", self.standin.url()));
        let output = run(&mut curl);
        Answer {
            exit: output.status.code().unwrap_or(-1),
            status: String::from_utf8_lossy(&output.stdout).parse().unwrap_or(0),
            head: std::fs::read_to_string(head).unwrap().to_lowercase(),
            body: std::fs::read(body).unwrap(),
        }
    }

    pub(crate) fn token_header(&self) -> String {
        format!("AUTHTOKEN: {}", self.standin.token())
    }

    /// `Details` of a `signWithRoot` order under the first root, 100 days, not a CA.
    pub(crate) fn order(&self, csr_id: u64) -> Value {
        let root = &self.standin.roots()[0];
        json!({
            "signType": "signWithRoot",
            "rootCertificateCommonName": root.common_name,
            "rootCertificateSerialNumber": root.serial_number,
            "Validity": 100,
            "isIntermediate": "false",
            "CSR_ID": csr_id.to_string(),
        })
    }

    pub(crate) fn sign(&self, details: &Value) -> Answer {
        self.call("signCSR", &["--data-urlencode", &input_data(details)])
    }

    /// Signs and returns the certificate's file.
    pub(crate) fn signed(&self, details: &Value) -> PathBuf {
        let answer = self.sign(details);
        assert_eq!(answer.json()["result"]["status"], "Success", "{answer:?}");
        self.last_issued()
    }

    /// The youngest certificate as a file.
    pub(crate) fn last_issued(&self) -> PathBuf {
        let issued = self.standin.issued();
        self.file("issued.pem", &issued.last().expect("something was signed").pem)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Whether openssl accepts the certificate under exactly this root.
    pub(crate) fn verifies_under(&self, certificate: &Path, root: &str) -> bool {
        let root = self.file("root.pem", &self.standin.root_pem(root).expect("a root of that name"));
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-x509_strict", "-CAfile"]).arg(root).arg(certificate);
        run(&mut openssl).status.success()
    }
}

pub(crate) fn input_data(details: &Value) -> String {
    format!("INPUT_DATA={}", json!({ "operation": { "Details": details } }))
}

/// What curl saw.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    /// The message of a Failed envelope with HTTP status 200.
    pub(crate) fn refusal(&self) -> String {
        let value = self.json();
        assert_eq!((self.status, &value["result"]["status"]), (200, &json!("Failed")), "{value}");
        value["result"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// Standard output of openssl with these arguments and a file at the end of `-in`.
pub(crate) fn openssl(arguments: &[&str], file: &Path) -> String {
    let output = run(Command::new("openssl").args(arguments).arg("-in").arg(file));
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().unwrap_or_else(|error| panic!("these tests need {program} on the PATH: {error}"))
}
