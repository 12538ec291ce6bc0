//! From an address to a verified TLS connection, with each way to fail told apart. Nothing of a request leaves here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::{BaseUrl, ErrorCode};
use rustls_pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::{Session, Trust, tls_error};

/// How long name resolution, TCP and TLS may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server and whom to trust about it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    server: BaseUrl,
    trust: Trust,
}

/// Why there is no connection. Its outcome is always `not_sent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectFailure {
    /// What failed.
    pub code: ErrorCode,
    /// The technical text behind it.
    pub detail: String,
}

impl ConnectFailure {
    pub(crate) fn new(code: ErrorCode, detail: impl ToString) -> Self {
        Self { code, detail: detail.to_string() }
    }
}

impl Endpoint {
    /// Binds an address to a trust policy.
    #[must_use]
    pub fn new(server: BaseUrl, trust: Trust) -> Self {
        Self { server, trust }
    }

    /// The server's address.
    #[must_use]
    pub fn server(&self) -> &BaseUrl {
        &self.server
    }

    /// Connects, verifies the server, and makes HTTP ready; at most `limit`, and never more than ten seconds.
    ///
    /// # Errors
    /// Which step failed. Nothing of a request has left.
    pub async fn connect(&self, limit: Duration) -> Result<Session, ConnectFailure> {
        let deadline = Instant::now() + limit.min(CONNECT_TIMEOUT);
        let late = |_| ConnectFailure::new(ErrorCode::ConnectTimedOut, "no connection within the time limit");
        let tcp = timeout_at(deadline, self.reach(deadline)).await.map_err(late)??;
        // A request is one small write; waiting to fill a packet only costs time. Failing to say so costs nothing else.
        let _ = tcp.set_nodelay(true);
        let name = ServerName::try_from(self.server.host().to_owned())
            .map_err(|error| ConnectFailure::new(ErrorCode::TlsNameMismatch, error))?;
        let connector = TlsConnector::from(Arc::clone(&self.trust.config));
        let tls =
            timeout_at(deadline, connector.connect(name, tcp)).await.map_err(late)?.map_err(|error| {
                let (code, detail) = tls_error::code_of(&error);
                ConnectFailure { code, detail }
            })?;
        timeout_at(deadline, Session::start(self.server.clone(), tls)).await.map_err(late)?
    }

    /// Resolves the name and connects to the first address that answers; each gets its share of the time.
    async fn reach(&self, deadline: Instant) -> Result<TcpStream, ConnectFailure> {
        let target = (self.server.host(), self.server.port());
        let addresses: Vec<_> = lookup_host(target)
            .await
            .map_err(|error| ConnectFailure::new(ErrorCode::DnsFailed, error))?
            .collect();
        let mut failure = ConnectFailure::new(ErrorCode::DnsFailed, "the name has no address");
        for (index, address) in addresses.iter().enumerate() {
            let left = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            let share = Instant::now() + deadline.saturating_duration_since(Instant::now()) / left;
            match timeout_at(share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => return Ok(tcp),
                Ok(Err(error)) => {
                    let code = match error.kind() {
                        io::ErrorKind::ConnectionRefused => ErrorCode::ConnectRefused,
                        io::ErrorKind::TimedOut => ErrorCode::ConnectTimedOut,
                        _ => ErrorCode::ConnectFailed,
                    };
                    failure = ConnectFailure::new(code, format!("{address}: {error}"));
                }
                Err(_) => {
                    failure =
                        ConnectFailure::new(ErrorCode::ConnectTimedOut, format!("{address}: no answer"));
                }
            }
        }
        Err(failure)
    }
}
