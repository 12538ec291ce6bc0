//! The options. Fields stay text here: the desk checks them all, so that every problem is named at once.

mod connections;
mod record;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use desk::StartOptions;
use domain::{Field, FieldRemark, SignForm};
use gateway::ProxyOrigin;
use zeroize::Zeroizing;

pub(crate) use connections::{
    ConnectionFields, Connections, ConnectionsTask, Secret, SecretName, SecretTask, TrustCa, WithConnection,
};
pub(crate) use record::{
    Evidence, ExportJournal, History, Note, OneEntry, Place, Reconcile, RecordKey, VerifyEvidence,
    VerifyJournal,
};

const EXAMPLES: &str = "\
Examples:
  Sign CSR 303 with the stored root \"testroot\" for 100 days:
    PAM360_AUTHTOKEN=… csrdesk sign --server https://pam360.example.com:8282 --ca-file ca.pem \\
      --sign-type signWithRoot --root-cn testroot --root-serial 1879376424c --validity-days 100 --csr-id 303

  See the exact request first, sending nothing:
    csrdesk review --server https://pam360.example.com:8282 --sign-type signWithRoot \\
      --root-cn testroot --root-serial 1879376424c --validity-days 100 --csr-id 303

  In a script, with the token from a file and the answer as JSON:
    csrdesk sign … --json < token.txt

  What was signed so far, and what waits for somebody to look:
    csrdesk history
    csrdesk history --unsettled

  Settle entry 7, whose outcome is unknown:
    csrdesk reconcile 7 --server … --ca-file …
    csrdesk reconcile 7 --it-is b7d5fcb7 --reason 'found by its key, ticket OPS-12'

  Keep a server under a name, its token in this computer's keychain, and sign with both:
    csrdesk connections add --name Production --environment production --server https://pam360.example.com:8282
    csrdesk secret save token --connection Production < token.txt
    csrdesk sign --connection Production --sign-type …

  The same in a browser:
    csrdesk serve";

const SIGN_NOTES: &str = "\
The AUTHTOKEN is taken from the environment variable PAM360_AUTHTOKEN, else from the keychain entry of the saved connection
where it has one, else from standard input; it is never an option, because options show in process lists.

Exit codes:
  0  signed
  1  internal error
  2  a field is not acceptable; nothing was sent
  3  refused: the server said no
  4  unknown: it was sent and there is no trustworthy answer; look in PAM360 before anything is sent again
  5  not sent: nothing left this computer

With --json, standard output is exactly one object:
  {\"outcome\",\"code\",\"message\",\"certificates\":[{\"common_name\",\"certificate_id\",\"serial_number\"}],\"entry\"}
For exit code 2, \"problems\" lists each field with its code and message.

Example:
  PAM360_AUTHTOKEN=… csrdesk sign --server https://pam360.example.com:8282 --ca-file ca.pem \\
    --sign-type signWithRoot --root-cn testroot --root-serial 1879376424c --validity-days 100 --csr-id 303";

/// Signs certificate signing requests through ManageEngine PAM360: once, recorded, and over verified TLS.
#[derive(Parser)]
#[command(name = "csrdesk", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Show the saved connections, make and change them, hand them on
    Connections(Connections),
    /// Print what helps somebody to help: versions, settings, the last lines of the log; no secrets
    Diagnostics(Diagnostics),
    /// Show one entry of the record with its events
    Entry(OneEntry),
    /// Write the evidence of one signing to a file that can be checked elsewhere
    Evidence(Evidence),
    /// Write the whole record to a file that can be checked elsewhere
    ExportJournal(ExportJournal),
    /// Show what was signed so far, newest first
    History(History),
    /// Put a note and a ticket beside a signing
    Note(Note),
    /// Look for the certificate of a signing whose outcome is unknown, and record what was found out
    Reconcile(Reconcile),
    /// Say where the key is that signs the record, or move it; it stays the same key
    RecordKey(RecordKey),
    /// Show the exact request that `sign` would send; sends nothing
    Review(Review),
    /// Keep the token or another secret of a saved connection in this computer's keychain, or forget it
    Secret(Secret),
    /// Serve the page to a browser on this computer
    Serve(Serve),
    /// Sign one CSR; cannot be undone
    #[command(after_help = SIGN_NOTES)]
    Sign(Sign),
    /// Look step by step whether the server can be reached and accepts the token; changes nothing there
    TestConnection(TestConnection),
    /// Trust a CA that the server presents, once its fingerprint was learned another way
    TrustCa(TrustCa),
    /// Check a file of evidence; needs neither PAM360 nor the record
    VerifyEvidence(VerifyEvidence),
    /// Check the whole record: exit code 0 when it holds, 1 when it does not
    VerifyJournal(VerifyJournal),
}

/// Which server, and where everything is stored.
#[derive(Args)]
pub(crate) struct Target {
    /// A saved connection, by its name. Without this and --server the one used last counts, but not for `sign`
    #[arg(long, value_name = "NAME", conflicts_with_all = ["server", "ca_file", "exact_certificate", "org", "timeout", "http_version"])]
    connection: Option<String>,
    /// Address of the PAM360 server, https://host:port
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Trust only the CAs in this PEM file, instead of those of this computer
    #[arg(long, value_name = "PEM", requires = "server")]
    ca_file: Option<String>,
    /// Accept exactly the server certificate with this SHA-256 fingerprint, whatever its issuer and names. Ask the
    /// server's owner for it
    #[arg(long, value_name = "SHA256", requires = "server", conflicts_with = "ca_file")]
    exact_certificate: Option<String>,
    /// Organization, by its display name in PAM360
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// How long to wait for the answer, 1 to 600 [default: 60]
    #[arg(long, value_name = "SECONDS", requires = "server")]
    timeout: Option<String>,
    /// automatic, or 1.1 for a server that rejects requests over HTTP/2 [default: automatic]
    #[arg(long, value_name = "VERSION", requires = "server")]
    http_version: Option<String>,
    /// Keep everything that is stored in this folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Target {
    /// Whether the saved connection is used as it is, its organization included.
    pub(crate) fn is_saved(&self) -> bool {
        self.server.is_none() && self.org.is_none()
    }

    /// Whether it is said which server is meant, rather than left to what was used last.
    pub(crate) fn names_a_server(&self) -> bool {
        self.server.is_some() || self.connection.is_some()
    }

    /// The organization for the signing form.
    fn organization(&self) -> String {
        self.org.clone().unwrap_or_default()
    }

    /// What there is to say about the values that were given.
    pub(crate) fn remarks(&self) -> Vec<FieldRemark> {
        let given = [
            (Field::Server, &self.server),
            (Field::CaFile, &self.ca_file),
            (Field::ExactCertificate, &self.exact_certificate),
            (Field::Organization, &self.org),
            (Field::Timeout, &self.timeout),
            (Field::HttpVersion, &self.http_version),
        ];
        let of = |(field, text): (Field, &Option<String>)| {
            text.as_deref().map(|it| FieldRemark::of(field, it)).unwrap_or_default()
        };
        given.into_iter().flat_map(of).collect()
    }

    /// What a desk starts with.
    pub(crate) fn options(self, token: Option<Zeroizing<String>>) -> StartOptions {
        StartOptions {
            data_dir: self.data_dir,
            connection: self.connection,
            server: self.server,
            ca_file: self.ca_file,
            exact_certificate: self.exact_certificate,
            organization: self.org,
            timeout: self.timeout,
            http_version: self.http_version,
            token,
        }
    }
}

/// The fields of the vendor's call.
#[derive(Args)]
pub(crate) struct Fields {
    /// Who signs: signWithRoot or MSCA
    #[arg(long, value_name = "TYPE", default_value = "", hide_default_value = true)]
    sign_type: String,
    /// Common name of the root or intermediate certificate that signs
    #[arg(long, value_name = "CN", default_value = "", hide_default_value = true)]
    root_cn: String,
    /// Serial number of that certificate, hexadecimal in any spelling
    #[arg(long, value_name = "HEX", default_value = "", hide_default_value = true)]
    root_serial: String,
    /// Validity in days, from 1
    #[arg(long, value_name = "N", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    validity_days: String,
    /// Make the certificate an intermediate CA, which can itself issue certificates
    #[arg(long)]
    intermediate: bool,
    /// Id under which PAM360 stores the CSR
    #[arg(
        long,
        value_name = "ID",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    csr_id: String,
}

impl Fields {
    pub(crate) fn form(self, target: &Target) -> SignForm {
        SignForm {
            sign_type: self.sign_type,
            root_common_name: self.root_cn,
            root_serial_number: self.root_serial,
            validity_days: self.validity_days,
            intermediate: self.intermediate,
            csr_id: self.csr_id,
            organization: target.organization(),
        }
    }
}

#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Why it is signed although the record says that it was signed, is unknown or under way; goes on record
    #[arg(long, value_name = "REASON")]
    pub(crate) again: Option<String>,
    /// Id of this decision to sign (a UUID): run twice with the same id, it is sent once
    #[arg(long, value_name = "UUID")]
    pub(crate) intent: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct TestConnection {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Diagnostics {
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Address to listen on; one beyond loopback needs --behind-proxy
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) listen: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Origin under which a reverse proxy of yours serves the page over HTTPS, https://name[:port]; the risk is in the guide
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) behind_proxy: Option<ProxyOrigin>,
}
