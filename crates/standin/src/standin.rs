//! The library's front: building, starting and asking a stand-in. Owns the order of starting (world, TLS, socket,
//! `ready.json`) and of stopping; holds no rule of its own about signing or answering.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::clock::Clock;
use crate::net::identity::{self, ServerIdentity};
use crate::net::server;
use crate::shared::{ListShape, Options, Shared};
use crate::world::state::{HOME_ORGANIZATION, IssuerKind, StoredCertificate};
use crate::world::{Opening, World};
use crate::{Error, Fault, ReceivedRequest, api};

const READY_FILE: &str = "ready.json";

/// A root or intermediate that can sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuerRecord {
    /// Its common name.
    pub common_name: String,
    /// Its serial number: lower-case hex without padding, as `signCSR` wants it.
    pub serial_number: String,
}

/// A stored CSR that waits to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrRecord {
    /// Its id, as `signCSR` wants it.
    pub id: u64,
    /// The common name it asks for.
    pub common_name: String,
}

/// A certificate that the stand-in has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The CSR's common name.
    pub common_name: String,
    /// Lower-case hex without padding.
    pub serial_hex: String,
    /// The certificate alone, as PEM.
    pub pem: String,
    /// `Certificate_ID` in the answer.
    pub certificate_id: u64,
    /// Common name of the issuer that really signed.
    pub issuer_common_name: String,
    /// The first second of its validity, since the Unix epoch.
    pub not_before: i64,
    /// The last second of its validity.
    pub not_after: i64,
}

/// A running stand-in. Dropping it stops it and closes every connection; the data folder stays.
#[derive(Debug)]
pub struct Standin {
    url: String,
    address: SocketAddr,
    ca_file: PathBuf,
    data_dir: PathBuf,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Standin {
    /// Starts describing a stand-in that keeps its world in `data_dir`.
    pub fn builder(data_dir: impl Into<PathBuf>) -> Builder {
        Builder {
            data_dir: data_dir.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            seed: true,
            intermediate: true,
            tls12_only: false,
            identity: ServerIdentity::Trusted,
            clock: Clock::system(),
            options: Options {
                msca: false,
                list_shape: ListShape::New,
                csr_list_operation: "getCSRList".to_owned(),
                http1_only: false,
                slow_tick: Duration::from_secs(1),
            },
        }
    }

    /// The base address, such as `https://127.0.0.1:43210`, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// PEM file with what a client should trust: the authority above the server's TLS certificate. Absolute.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// The folder with its world.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The one `AUTHTOKEN` it accepts.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// The roots of the home organization. Never empty in a seeded world.
    pub fn roots(&self) -> Vec<IssuerRecord> {
        self.roots_of(HOME_ORGANIZATION)
    }

    /// The roots of an organization; none when there is no such organization.
    pub fn roots_of(&self, organization: &str) -> Vec<IssuerRecord> {
        self.issuers(organization, IssuerKind::Root)
    }

    /// The intermediates of the home organization that can sign.
    pub fn intermediates(&self) -> Vec<IssuerRecord> {
        self.issuers(HOME_ORGANIZATION, IssuerKind::Intermediate)
    }

    /// The stored CSRs of the home organization.
    pub fn csrs(&self) -> Vec<CsrRecord> {
        self.csrs_of(HOME_ORGANIZATION)
    }

    /// The stored CSRs of an organization; none when there is no such organization.
    pub fn csrs_of(&self, organization: &str) -> Vec<CsrRecord> {
        let world = self.shared.world();
        let csrs = world.organization(organization).map(|home| home.csrs.as_slice()).unwrap_or_default();
        csrs.iter().map(|csr| CsrRecord { id: csr.id, common_name: csr.common_name.clone() }).collect()
    }

    /// The display names that `orgName` may hold.
    pub fn organizations(&self) -> Vec<String> {
        self.shared.world().organizations().iter().map(|organization| organization.name.clone()).collect()
    }

    /// A stored CSR as PEM text.
    pub fn csr_pem(&self, id: u64) -> Option<String> {
        let world = self.shared.world();
        let csr = world.organizations().iter().find_map(|organization| organization.csr(id))?;
        world.csr_pem(csr).ok()
    }

    /// Stores a CSR (PEM or DER) in the home organization, as `importCSR` does, and returns its id.
    ///
    /// # Errors
    /// It cannot be read, or not be written to the stand-in's folder.
    pub fn import_csr(&self, request: &[u8]) -> Result<u64, Error> {
        self.shared.world().add_csr(HOME_ORGANIZATION, request, None).map(|it| it.id)
    }

    /// The certificate of a root, intermediate or Microsoft CA as PEM text. Where
    /// several organizations have one of that name, the home organization's.
    pub fn root_pem(&self, common_name: &str) -> Option<String> {
        let world = self.shared.world();
        let mut issuers = world.organizations().iter().flat_map(|organization| &organization.issuers);
        let found = issuers.find(|issuer| issuer.certificate.common_name == common_name)?;
        world.certificate_pem(&found.certificate).ok()
    }

    /// Every certificate signed so far, in any organization, in order of signing.
    pub fn issued(&self) -> Vec<IssuedCertificate> {
        let world = self.shared.world();
        let mut issued: Vec<_> =
            world.organizations().iter().flat_map(|organization| &organization.issued).collect();
        issued.sort_by_key(|certificate| certificate.certificate_id);
        issued.into_iter().filter_map(|certificate| record(&world, certificate)).collect()
    }

    /// How many `signCSR` POSTs have arrived since the start, counted at the request's head.
    pub fn sign_posts(&self) -> u64 {
        self.shared.ledger.sign_posts()
    }

    /// How many certificates were signed since the start.
    pub fn signed(&self) -> u64 {
        self.shared.ledger.signed()
    }

    /// How many TCP connections were accepted since the start.
    pub fn connections(&self) -> u64 {
        self.shared.ledger.connections()
    }

    /// The last 256 requests, oldest first, with the token taken out.
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.ledger.received()
    }

    /// Lets the next `times` calls of `signCSR` fail like this, whatever their CSR id. Orders are used up in turn.
    pub fn fault_next(&self, fault: Fault, times: u32) {
        self.shared.faults.push(fault, times);
    }

    /// Forgets every fault ordered and not yet used.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Writes `ready.json` into the data folder, as the program does: address, CA file, token, roots and CSRs.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_ready_file(&self) -> Result<(), Error> {
        let csrs = self.csrs();
        let csrs: Vec<_> = csrs
            .iter()
            .map(|csr| json!({ "id": csr.id.to_string(), "common_name": csr.common_name }))
            .collect();
        let ready = json!({
            "url": self.url,
            "ca_file": self.ca_file,
            "token": self.token(),
            "roots": self.roots(),
            "csrs": csrs,
        });
        self.shared.world().folder().write(READY_FILE, &format!("{ready:#}\n"))
    }

    /// Stops serving, waits until every connection is closed, and removes `ready.json`.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // The task only ends early if it panicked, and then there is nothing left to stop.
            let _ = task.await;
        }
        let _ = self.shared.world().folder().remove(READY_FILE);
    }

    fn issuers(&self, organization: &str, kind: IssuerKind) -> Vec<IssuerRecord> {
        let world = self.shared.world();
        let issuers =
            world.organization(organization).map(|home| home.issuers.as_slice()).unwrap_or_default();
        let wanted = issuers.iter().filter(|issuer| issuer.kind == kind).map(|issuer| &issuer.certificate);
        wanted
            .map(|certificate| IssuerRecord {
                common_name: certificate.common_name.clone(),
                serial_number: certificate.serial_number.clone(),
            })
            .collect()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            // Aborting drops the set of connection tasks, and with it every connection.
            task.abort();
        }
    }
}

fn record(world: &World, certificate: &StoredCertificate) -> Option<IssuedCertificate> {
    Some(IssuedCertificate {
        common_name: certificate.common_name.clone(),
        serial_hex: certificate.serial_number.clone(),
        pem: world.certificate_pem(certificate).ok()?,
        certificate_id: certificate.certificate_id,
        issuer_common_name: certificate.issuer_common_name.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
    })
}

/// How a stand-in is to be. Every setting has a default fit for a test. Not printable, for it may hold the token.
pub struct Builder {
    data_dir: PathBuf,
    listen: SocketAddr,
    token: Option<String>,
    seed: bool,
    intermediate: bool,
    tls12_only: bool,
    identity: ServerIdentity,
    clock: Clock,
    options: Options,
}

impl Builder {
    /// Where to listen; loopback only. Default: a free port on 127.0.0.1.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The token to accept. Default: the stored one, or a random GUID for a new world.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether a new world starts with CSRs and roots. Default: yes.
    #[must_use]
    pub fn seed(mut self, seed: bool) -> Self {
        self.seed = seed;
        self
    }

    /// Whether a new world gets an intermediate beside the two roots. Default: yes.
    #[must_use]
    pub fn intermediate(mut self, intermediate: bool) -> Self {
        self.intermediate = intermediate;
        self
    }

    /// Plays a Microsoft CA for `signType` MSCA (assumed). Default: MSCA is refused.
    #[must_use]
    pub fn msca(mut self, msca: bool) -> Self {
        self.options.msca = msca;
        self
    }

    /// The shape of listings. Default: new.
    #[must_use]
    pub fn list_shape(mut self, shape: ListShape) -> Self {
        self.options.list_shape = shape;
        self
    }

    /// Under which operation name CSRs are listed; the vendor's is not known. Default: `getCSRList` (assumed).
    #[must_use]
    pub fn csr_list_operation(mut self, name: impl Into<String>) -> Self {
        self.options.csr_list_operation = name.into();
        self
    }

    /// Offers HTTP/1.1 only.
    #[must_use]
    pub fn http1_only(mut self) -> Self {
        self.options.http1_only = true;
        self
    }

    /// Offers TLS 1.2 only.
    #[must_use]
    pub fn tls12_only(mut self) -> Self {
        self.tls12_only = true;
        self
    }

    /// Which certificate the server presents. Default: one that [`Standin::ca_file`] vouches for.
    #[must_use]
    pub fn server_identity(mut self, identity: ServerIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Where all dates come from, in milliseconds since the Unix epoch: those of certificates and of the TLS identity, and
    /// what "expires soon" is measured from. Give the client under test the same clock. Default: the computer's.
    #[must_use]
    pub fn clock(mut self, millis: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Clock::of(millis);
        self
    }

    /// How long a slow fault takes for each byte. Default: one second.
    #[must_use]
    pub fn slow_tick(mut self, tick: Duration) -> Self {
        // An interval of zero length cannot be made.
        self.options.slow_tick = tick.max(Duration::from_millis(1));
        self
    }

    /// Opens the world and serves it from a task on the current tokio runtime.
    ///
    /// # Errors
    /// When the address is not loopback, the port is taken, or the data folder cannot be used.
    pub async fn start(self) -> Result<Standin, Error> {
        if !self.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(self.listen));
        }
        if self
            .token
            .as_ref()
            .is_some_and(|token| token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(Error::BadToken);
        }
        let opening = Opening {
            token: self.token,
            seed: self.seed,
            intermediate: self.intermediate,
            msca: self.options.msca,
            data_dir: &self.data_dir,
            clock: self.clock,
        };
        let world = World::open(opening)?;
        // One that a killed stand-in left behind would point to a port where nobody listens.
        world.folder().remove(READY_FILE)?;
        let tls = identity::server_config(&world, self.identity, self.options.http1_only, self.tls12_only)?;
        let ca_file = std::path::absolute(identity::ca_file(world.folder(), self.identity))
            .map_err(|error| Error::io("the CA file's path", error))?;
        let listener = TcpListener::bind(self.listen)
            .await
            .map_err(|error| Error::io(format!("listening on {}", self.listen), error))?;
        let address = listener.local_addr().map_err(|error| Error::io("the listening address", error))?;
        let shared = Arc::new(Shared::new(world, self.options));
        let stop = watch::Sender::new(false);
        let router = api::router(Arc::clone(&shared));
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let task =
            tokio::spawn(server::serve(listener, acceptor, router, Arc::clone(&shared), stop.subscribe()));
        let url = format!("https://{address}");
        Ok(Standin { url, address, ca_file, data_dir: self.data_dir, shared, stop, task: Some(task) })
    }
}
