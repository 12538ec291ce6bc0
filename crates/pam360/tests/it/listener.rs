//! Listeners that present what they are told to, and count every byte of a request that reaches them.

use std::sync::Arc;

use domain::BaseUrl;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::pki;

/// What a listener does with a connection.
pub(crate) enum Manner {
    Tls(Tls),
    /// Reads the first bytes, answers with these, and closes.
    Says(Vec<u8>),
}

/// A TLS server.
pub(crate) struct Tls {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Arc<dyn SigningKey>,
    pub(crate) tls12_only: bool,
    pub(crate) http1_only: bool,
    /// Certificates of clients are demanded, and must come from this CA.
    pub(crate) clients: Option<CertificateDer<'static>>,
}

impl Tls {
    pub(crate) fn new(chain: Vec<CertificateDer<'static>>, key: Arc<dyn SigningKey>) -> Self {
        Self { chain, key, tls12_only: false, http1_only: false, clients: None }
    }
}

/// A listener on a free port.
pub(crate) struct Listener {
    pub(crate) port: u16,
    /// How many bytes of application data each connection brought.
    ended: mpsc::UnboundedReceiver<usize>,
    _task: JoinSet<()>,
}

impl Listener {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (report, ended) = mpsc::unbounded_channel();
        let acceptor = match &manner {
            Manner::Tls(tls) => Some(TlsAcceptor::from(Arc::new(config(tls)))),
            Manner::Says(_) => None,
        };
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let brought = match (&acceptor, &manner) {
                    (None, Manner::Says(words)) => says(tcp, words).await,
                    (Some(acceptor), _) => application_bytes(acceptor, tcp).await,
                    _ => 0,
                };
                let _ = report.send(brought);
            }
        });
        Self { port, ended, _task: task }
    }

    pub(crate) fn address(&self) -> BaseUrl {
        BaseUrl::parse(&format!("https://127.0.0.1:{}", self.port)).unwrap()
    }

    /// Waits until a connection ended, and tells how many bytes of application data it brought.
    pub(crate) async fn brought(&mut self) -> usize {
        self.ended.recv().await.unwrap()
    }
}

async fn says(mut tcp: TcpStream, words: &[u8]) -> usize {
    let mut hello = [0; 5];
    tcp.read_exact(&mut hello).await.unwrap();
    assert_eq!(hello[0], 22, "the first thing a client says is a TLS handshake");
    tcp.write_all(words).await.unwrap();
    let _ = tcp.shutdown().await;
    let mut rest = Vec::new();
    let _ = tcp.read_to_end(&mut rest).await;
    // After the record of the ClientHello, only an alert may follow.
    let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
    let after = rest.get(length..).unwrap_or_default();
    match after.first() {
        None | Some(21) => 0,
        Some(_) => after.len(),
    }
}

async fn application_bytes(acceptor: &TlsAcceptor, tcp: TcpStream) -> usize {
    let Ok(mut tls) = acceptor.accept(tcp).await else { return 0 };
    let mut all = Vec::new();
    let _ = tls.read_to_end(&mut all).await;
    all.len()
}

pub(crate) fn config(tls: &Tls) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions: &[_] = if tls.tls12_only { &[&TLS12] } else { &[&TLS13, &TLS12] };
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::new(pki::TestClock))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match &tls.clients {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(ca.clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(Always(Arc::new(CertifiedKey::new(
        tls.chain.clone(),
        Arc::clone(&tls.key),
    )))));
    if !tls.http1_only {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    config
}

/// Presents this chain, whether its key fits or not.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
