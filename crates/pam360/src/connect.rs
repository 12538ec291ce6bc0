//! From an address to a verified TLS connection, with each way to fail told apart. Nothing of a request leaves here.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use domain::{BaseUrl, ConnectPhase, ErrorCode};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::diagnosis::Diagnosed;
use crate::proxy::{Hop, Proxy, Route};
use crate::{HttpOffer, Session, Trace, Trust, handshake, tunnel};

/// How long name resolution, TCP, the proxy and TLS may take together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server, the way to it, and whom to trust about it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    server: BaseUrl,
    trust: Trust,
    proxy: Proxy,
    http: HttpOffer,
}

/// Why there is no connection. Its outcome is always `not_sent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectFailure {
    /// What failed.
    pub code: ErrorCode,
    /// The technical text behind it.
    pub detail: String,
    /// When it failed at the server's certificates: what was presented, and what is wrong with it.
    pub diagnosis: Option<Box<Diagnosed>>,
}

impl ConnectFailure {
    pub(crate) fn new(code: ErrorCode, detail: impl ToString) -> Self {
        Self { code, detail: detail.to_string(), diagnosis: None }
    }

    /// For what did not come within the time.
    pub(crate) fn late(_: tokio::time::error::Elapsed) -> Self {
        Self::new(ErrorCode::ConnectTimedOut, "no connection within the time limit")
    }
}

impl Endpoint {
    /// Binds an address to a trust policy and a way: [`Proxy::find`], or [`Proxy::none`].
    #[must_use]
    pub fn new(server: BaseUrl, trust: Trust, proxy: Proxy) -> Self {
        Self { server, trust, proxy, http: HttpOffer::both() }
    }

    /// The same, with the versions of HTTP that the server is offered.
    #[must_use]
    pub fn offering(self, http: HttpOffer) -> Self {
        Self { http, ..self }
    }

    /// Asks a question that changes nothing on a connection of its own; once more, over HTTP/1.1, when the server says that
    /// it requires it. Never for a signing: what a server resets it may have acted on.
    ///
    /// # Errors
    /// What the question, or the connection, failed with.
    pub async fn ask<T, E: From<ConnectFailure>, F: Future<Output = Result<T, E>>>(
        &self,
        limit: Duration,
        question: impl Fn(Session) -> F,
    ) -> Result<T, E> {
        let session = self.connect(limit).await?;
        self.ask_on(session, limit, question).await
    }

    /// As [`Self::ask`], first on a connection that is there already.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_on<T, E: From<ConnectFailure>, F: Future<Output = Result<T, E>>>(
        &self,
        session: Session,
        limit: Duration,
        question: impl Fn(Session) -> F,
    ) -> Result<T, E> {
        let over_http2 = session.facts().protocol == "h2";
        match question(session).await {
            Err(_) if over_http2 && self.http.is_http11_only() => question(self.connect(limit).await?).await,
            answered => answered,
        }
    }

    /// The server's address.
    #[must_use]
    pub fn server(&self) -> &BaseUrl {
        &self.server
    }

    /// Whom to trust about it.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The way to it.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Connects, verifies the server, and makes HTTP ready; at most `limit`, and never more than ten seconds.
    ///
    /// # Errors
    /// Which step failed. Nothing of a request has left.
    pub async fn connect(&self, limit: Duration) -> Result<Session, ConnectFailure> {
        self.connect_traced(limit, &mut Trace::default()).await
    }

    /// As [`Self::connect`], and writes down each step. A step that failed is the last one, and the failure.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_traced(
        &self,
        limit: Duration,
        trace: &mut Trace,
    ) -> Result<Session, ConnectFailure> {
        let deadline = Instant::now() + limit.min(CONNECT_TIMEOUT);
        let mut step = Step { trace, phase: ConnectPhase::Proxy, since: Instant::now() };
        let hop = match self.proxy.route() {
            Route::Direct => None,
            Route::Through(hop) => Some(hop),
            Route::Closed(code) => {
                return step.ended(Err(ConnectFailure::new(*code, self.proxy.in_force())));
            }
        };
        step.passed(ConnectPhase::Dns, self.proxy.in_force());

        let (host, port) = hop.map_or((self.server.host(), self.server.port()), |it| (&it.host, it.port));
        let addresses = step.ended(blame(hop, resolve(host, port, deadline).await))?;
        let words = addresses.iter().map(|it| it.ip().to_string()).collect::<Vec<_>>().join(", ");
        let whose = match hop {
            Some(_) => format!("The proxy {host}: {words}. The server's name is resolved by the proxy."),
            None => format!("{host}: {words}."),
        };
        step.passed(ConnectPhase::Tcp, &whose);

        let (tcp, address) = step.ended(blame(hop, dial(&addresses, deadline).await))?;
        // A request is one small write; waiting to fill a packet only costs time. Failing to say so costs nothing else.
        let _ = tcp.set_nodelay(true);
        let tcp = match hop {
            None => tcp,
            Some(hop) => step.ended(through(tcp, hop, &self.server, deadline).await)?,
        };
        let opened = hop.map_or("", |_| ", and through the proxy to the server");
        step.passed(ConnectPhase::Tls, &format!("Connected to {address}{opened}."));

        let http11_only = self.http.is_http11_only();
        let shaken = handshake::shake(&self.trust, self.server.host(), tcp, http11_only, deadline).await;
        let (tls, facts) = step.ended(shaken)?;
        let words = facts.words();
        let started =
            timeout_at(deadline, Session::start(self.server.clone(), tls, facts, self.http.clone())).await;
        let session = step.ended(started.map_err(ConnectFailure::late).and_then(|it| it))?;
        step.trace.passed(step.phase, step.since, &words);
        Ok(session)
    }
}

/// The step that is being walked.
struct Step<'a> {
    trace: &'a mut Trace,
    phase: ConnectPhase,
    since: Instant,
}

impl Step<'_> {
    fn passed(&mut self, next: ConnectPhase, detail: &str) {
        self.trace.passed(self.phase, self.since, detail);
        (self.phase, self.since) = (next, Instant::now());
    }

    /// Writes down a failure as the end of this step.
    fn ended<T>(&mut self, result: Result<T, ConnectFailure>) -> Result<T, ConnectFailure> {
        if let Err(failure) = &result {
            self.trace.failed(self.phase, self.since, failure.code, &failure.detail);
        }
        result
    }
}

/// A proxy that cannot be reached is not the server's failure.
fn blame<T>(hop: Option<&Hop>, result: Result<T, ConnectFailure>) -> Result<T, ConnectFailure> {
    match (hop, result) {
        (Some(hop), Err(failure)) => {
            Err(ConnectFailure::new(ErrorCode::ProxyFailed, format!("{hop}: {}", failure.detail)))
        }
        (_, result) => result,
    }
}

async fn through(
    tcp: TcpStream,
    hop: &Hop,
    server: &BaseUrl,
    deadline: Instant,
) -> Result<TcpStream, ConnectFailure> {
    timeout_at(deadline, tunnel::open(tcp, hop, server)).await.unwrap_or_else(|_| {
        Err(ConnectFailure::new(ErrorCode::ProxyTimedOut, format!("{hop}: no answer to CONNECT in time")))
    })
}

async fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, ConnectFailure> {
    let found = timeout_at(deadline, lookup_host((host, port))).await.map_err(ConnectFailure::late)?;
    let addresses: Vec<_> =
        found.map_err(|error| ConnectFailure::new(ErrorCode::DnsFailed, error))?.collect();
    if addresses.is_empty() {
        return Err(ConnectFailure::new(ErrorCode::DnsFailed, "the name has no address"));
    }
    Ok(addresses)
}

/// Connects to the first address that answers; each gets its share of the time.
async fn dial(
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<(TcpStream, SocketAddr), ConnectFailure> {
    let mut failure = ConnectFailure::new(ErrorCode::DnsFailed, "the name has no address");
    for (index, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let share = Instant::now() + deadline.saturating_duration_since(Instant::now()) / left;
        match timeout_at(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return Ok((tcp, *address)),
            Ok(Err(error)) => {
                let code = match error.kind() {
                    io::ErrorKind::ConnectionRefused => ErrorCode::ConnectRefused,
                    io::ErrorKind::TimedOut => ErrorCode::ConnectTimedOut,
                    _ => ErrorCode::ConnectFailed,
                };
                failure = ConnectFailure::new(code, format!("{address}: {error}"));
            }
            Err(_) => {
                failure = ConnectFailure::new(ErrorCode::ConnectTimedOut, format!("{address}: no answer"));
            }
        }
    }
    Err(failure)
}
