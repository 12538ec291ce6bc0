//! From a stream that reaches the server to a verified TLS connection.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use domain::{ErrorCode, Fingerprint, Timestamp};
use rustls::ProtocolVersion;
use rustls_pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256};
use tokio::io::AsyncBufRead;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::presented::Read;
use crate::trust::Handshake;
use crate::{ConnectFailure, Trust, tls_error};

/// How long a server that asked for a client certificate is waited for, to hear whether it takes it.
const SETTLING: Duration = Duration::from_secs(1);

/// What is said of a host in an address that is neither a DNS name nor an IP address.
const NO_NAME: &str = "The host in the address is not a name that a certificate can be for.";

/// What the handshake showed of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// Such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// `h2` or `http/1.1`.
    pub protocol: String,
    /// SHA-256 of the server's own certificate, hexadecimal.
    pub certificate_sha256: String,
    /// The same of every certificate that was presented, the server's own first.
    pub chain_sha256: Vec<String>,
    /// When the server's own certificate ends.
    pub expires: Option<Timestamp>,
    /// How many whole days that is away; negative is impossible, for such a certificate is refused.
    pub days_left: Option<i64>,
    /// Whether the server asked for a client certificate.
    pub client_certificate_asked: bool,
}

impl TlsFacts {
    /// In whole sentences, for a step of a test.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = format!(
            "{}, {}, {}. SHA-256 of the server's certificate: {}.",
            self.version, self.cipher, self.protocol, self.certificate_sha256
        );
        if let Some(rest) = self.chain_sha256.get(1..).filter(|it| !it.is_empty()) {
            words += &format!(" Above it: {}.", rest.join(", "));
        }
        if let (Some(expires), Some(days)) = (self.expires, self.days_left) {
            let (date, left) = (expires.date(), domain::thousands(days.unsigned_abs()));
            words += &format!(" It expires on {date}, in {left} {}.", if days == 1 { "day" } else { "days" });
        }
        if self.client_certificate_asked {
            words += " The server asked for a client certificate.";
        }
        words
    }
}

/// Shakes hands and verifies. Nothing of a request leaves.
pub(crate) async fn shake(
    trust: &Trust,
    host: &str,
    tcp: TcpStream,
    http11_only: bool,
    deadline: Instant,
) -> Result<(TlsStream<TcpStream>, TlsFacts), ConnectFailure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| ConnectFailure::new(ErrorCode::TlsFailed, NO_NAME))?;
    let handshake = trust.handshake();
    let mut config = Arc::clone(&handshake.config);
    if http11_only {
        Arc::make_mut(&mut config).alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    let connector = TlsConnector::from(config);
    let mut tls = timeout_at(deadline, connector.connect(name, tcp))
        .await
        .map_err(ConnectFailure::late)?
        .map_err(|error| tls_error::failure(&error, &handshake))?;
    let facts = facts(&tls, &handshake);
    // TLS 1.3 tells a client only after the handshake that its certificate is not accepted. A server that says anything
    // else first (a ticket, the first frame of HTTP/2) has as a rule looked at it. One that stays silent, or that speaks
    // before it looks, may still say no when the request has left, and then the outcome is unknown.
    if facts.client_certificate_asked && facts.version == "TLSv1.3" {
        let settled = timeout_at(deadline.min(Instant::now() + SETTLING), heard(&mut tls)).await;
        if let Ok(Err(error)) = settled {
            return Err(tls_error::failure(&error, &handshake));
        }
    }
    Ok((tls, facts))
}

/// Waits until the server says anything; what it says stays to be read.
async fn heard(tls: &mut TlsStream<TcpStream>) -> io::Result<()> {
    poll_fn(|context| {
        let read = Pin::new(&mut *tls).poll_fill_buf(context).map_ok(<[u8]>::is_empty);
        match read {
            Poll::Ready(Ok(false)) => Poll::Ready(Ok(())),
            Poll::Ready(Ok(true)) => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if tls.get_ref().1.tls13_tickets_received() > 0 => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn facts(tls: &TlsStream<TcpStream>, handshake: &Handshake) -> TlsFacts {
    let (_, connection) = tls.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "unknown",
    };
    let chain = connection.peer_certificates().unwrap_or_default();
    let chain_sha256: Vec<String> = chain.iter().map(sha256).collect();
    let ends =
        chain.first().map(|it| it.clone().into_owned()).and_then(|it| Some(Read::of(&it).validity()?.1));
    let now = handshake.recorder.presented().and_then(|it| i64::try_from(it.now.as_secs()).ok());
    TlsFacts {
        version: version.into(),
        cipher: connection
            .negotiated_cipher_suite()
            .map_or_else(String::new, |it| format!("{:?}", it.suite())),
        protocol: if connection.alpn_protocol() == Some(b"h2") { "h2" } else { "http/1.1" }.into(),
        certificate_sha256: chain_sha256.first().cloned().unwrap_or_default(),
        chain_sha256,
        expires: ends.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000))),
        days_left: ends.zip(now).map(|(ends, now)| ends.saturating_sub(now) / 86_400),
        client_certificate_asked: handshake.identity.asked(),
    }
}

fn sha256(der: &CertificateDer<'_>) -> String {
    Fingerprint::from_bytes(Sha256::digest(der).into()).hex()
}
