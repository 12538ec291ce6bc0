//! One verified TLS connection that carries one request.
//!
//! Every method that sends takes the session by value: a second send on it does not compile. hyper's connection
//! level is used on purpose; its pooling client retries requests on connections it reuses
//! (docs/decisions/0001-one-connection-one-request.md).

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use domain::{BaseUrl, Ending, ErrorCode, SignRequest, SpokenHttp};
use h2::Reason;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use secrets::AuthToken;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use crate::answer::{Answer, MAX_BODY, read_answer};
use crate::wire::{FORM, SIGN_PATH, sign_body};
use crate::{ConnectFailure, Hints, HttpOffer, TlsFacts, tls_error};

const AUTHTOKEN: HeaderName = HeaderName::from_static("authtoken");
const ORG_NAME: HeaderName = HeaderName::from_static("orgname");

type Sendable = Request<Full<Bytes>>;

/// A connection that is ready to carry one request.
#[derive(Debug)]
pub struct Session {
    server: BaseUrl,
    facts: TlsFacts,
    sender: Sender,
    http: HttpOffer,
    /// Ends with the connection, with the reason that the server gave for an end of its own making (HTTP/2 GOAWAY).
    driver: JoinHandle<Option<Reason>>,
}

#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// Why a request has no whole answer.
pub(crate) enum SendFailure {
    /// It did not leave: hyper hands it back.
    NotSent(String),
    /// It left, or may have.
    Sent(ErrorCode, String, Option<u16>),
}

impl SendFailure {
    /// The same; when the server said that it requires HTTP/1.1, that is told, and remembered for the next connection.
    /// Nothing is sent again: a server that resets a stream may have acted on it.
    async fn explained(self, http: &HttpOffer, driver: JoinHandle<Option<Reason>>) -> Self {
        let (told, detail) = match &self {
            Self::Sent(code, detail, _) => (*code == ErrorCode::Http11Required, detail.clone()),
            Self::NotSent(detail) => (false, detail.clone()),
        };
        // The stream may have ended before the reason of the whole connection's end was read. A connection that stays
        // open gives none.
        let of_the_connection = timeout_at(Instant::now() + REASON_LIMIT, driver);
        if !told
            && of_the_connection.await.ok().and_then(Result::ok).flatten() != Some(Reason::HTTP_1_1_REQUIRED)
        {
            return self;
        }
        http.remember();
        match self {
            Self::Sent(_, _, status) => Self::Sent(ErrorCode::Http11Required, detail, status),
            Self::NotSent(_) => Self::NotSent(format!(
                "{detail}; the server requires HTTP/1.1, which the next connection uses"
            )),
        }
    }
}

/// How long the end of a connection is waited for, whose request has failed already.
const REASON_LIMIT: Duration = Duration::from_millis(500);

impl Session {
    /// Makes HTTP ready on a verified connection, in the version that the server chose.
    pub(crate) async fn start(
        server: BaseUrl,
        tls: TlsStream<TcpStream>,
        facts: TlsFacts,
        http: HttpOffer,
    ) -> Result<Self, ConnectFailure> {
        let closed = |error: hyper::Error| ConnectFailure::new(ErrorCode::ConnectionClosedEarly, error);
        let io = TokioIo::new(tls);
        let (sender, driver) = if facts.protocol == "h2" {
            let (sender, connection) =
                http2::Builder::new(TokioExecutor::new()).handshake(io).await.map_err(closed)?;
            let driver = tokio::spawn(async { connection.await.err().and_then(|error| reason(&error)) });
            (Sender::Http2(sender), driver)
        } else {
            let (sender, connection) = http1::Builder::new().handshake(io).await.map_err(closed)?;
            let driver = tokio::spawn(async {
                let _ = connection.await;
                None
            });
            (Sender::Http1(sender), driver)
        };
        Ok(Self { server, facts, sender, http, driver })
    }

    /// What the handshake showed.
    #[must_use]
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }

    /// The version of HTTP that carries the request.
    fn spoken(&self) -> SpokenHttp {
        match self.sender {
            Sender::Http1(_) => SpokenHttp::Http11,
            Sender::Http2(_) => SpokenHttp::Http2,
        }
    }

    /// A path below the server's prefix.
    pub(crate) fn path(&self, below: &str) -> String {
        self.server.path(below)
    }

    /// Sends one signing and reads its answer, at most until `limit` is over. The session is used up.
    pub async fn sign(self, token: &AuthToken, request: &SignRequest, limit: Duration) -> Ending {
        let organization = request.organization.as_ref().map(|it| it.as_str().to_owned());
        let (facts, spoken) = (self.facts.clone(), self.spoken());
        let head = self.request(Method::POST, &self.path(SIGN_PATH), token, organization.as_deref());
        let outgoing = head.and_then(|head| {
            head.header(CONTENT_TYPE, FORM)
                .body(Full::from(sign_body(request)))
                .map_err(|error| error.to_string())
        });
        let mut ending = match outgoing {
            // Cannot happen with checked fields; if it does, nothing has left.
            Err(detail) => Ending::new(ErrorCode::ConnectionClosedEarly).because(detail),
            Ok(outgoing) => match self.exchange(outgoing, limit, MAX_BODY).await {
                Ok(answer) => read_answer(&answer, token, organization.as_deref()),
                Err(SendFailure::NotSent(detail)) => {
                    Ending::new(ErrorCode::ConnectionClosedEarly).because(detail)
                }
                Err(SendFailure::Sent(code, detail, status)) => {
                    let mut ending = Ending::new(code).because(detail);
                    ending.seen.http_status = status;
                    ending
                }
            },
        };
        ending.seen.tls_version = Some(facts.version);
        ending.seen.http_version = Some(spoken);
        ending.seen.server_certificate_sha256 = Some(facts.certificate_sha256);
        ending.seen.peer_chain_sha256 = facts.chain_sha256;
        ending
    }

    /// A request head with the headers that every call has.
    pub(crate) fn request(
        &self,
        method: Method,
        path_and_query: &str,
        token: &AuthToken,
        organization: Option<&str>,
    ) -> Result<http::request::Builder, String> {
        // HTTP/2 takes scheme and authority from the URI, HTTP/1.1 wants the path there and the authority as Host.
        let authority = self.server.authority();
        let mut head = Request::builder().method(method);
        head = match self.sender {
            Sender::Http1(_) => head.uri(path_and_query).header(HOST, authority),
            Sender::Http2(_) => head.uri(format!("https://{authority}{path_and_query}")),
        };
        let mut value = HeaderValue::from_str(token.expose()).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        head = head.header(AUTHTOKEN, value);
        if let Some(name) = organization {
            let name = HeaderValue::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            head = head.header(ORG_NAME, name);
        }
        Ok(head.header(ACCEPT, "application/json"))
    }

    /// Sends once, and reads the whole answer, at most `max_body` bytes of it.
    pub(crate) async fn exchange(
        self,
        outgoing: Sendable,
        limit: Duration,
        max_body: usize,
    ) -> Result<Answer, SendFailure> {
        let deadline = Instant::now() + limit;
        let late = |status| {
            move |_| {
                SendFailure::Sent(
                    ErrorCode::TimedOut,
                    format!("no whole answer within {} s", limit.as_secs()),
                    status,
                )
            }
        };
        let Self { sender, http, driver, .. } = self;
        let sent = timeout_at(deadline, sender.send(outgoing)).await.map_err(late(None))?;
        let response = match sent {
            Ok(response) => response,
            Err(failure) => return Err(failure.explained(&http, driver).await),
        };
        let status = response.status();
        let seen = Some(status.as_u16());
        let encoding = response
            .headers()
            .get(CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase())
            .filter(|it| !it.is_empty() && it != "identity");
        let hints = Hints::of(response.headers());
        let body = Limited::new(response.into_body(), max_body).collect();
        let body = timeout_at(deadline, body).await.map_err(late(seen))?.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                SendFailure::Sent(ErrorCode::AnswerTooLarge, format!("more than {max_body} bytes"), seen)
            } else {
                SendFailure::Sent(ErrorCode::ConnectionLost, chain(error.as_ref()), seen)
            }
        })?;
        Ok(Answer { status, encoding, body: body.to_bytes().to_vec(), hints })
    }
}

impl Sender {
    async fn send(self, outgoing: Sendable) -> Result<Response<Incoming>, SendFailure> {
        match self {
            Self::Http1(mut sender) => {
                let ready = sender.ready().await;
                ready.map_err(|error| SendFailure::NotSent(chain(&error)))?;
                sender.try_send_request(outgoing).await.map_err(failed)
            }
            Self::Http2(mut sender) => {
                let ready = sender.ready().await;
                ready.map_err(|error| SendFailure::NotSent(chain(&error)))?;
                sender.try_send_request(outgoing).await.map_err(failed)
            }
        }
    }
}

/// hyper gives the request back exactly when not a byte of it was written; in every other case it may have left.
fn failed(mut error: TrySendError<Sendable>) -> SendFailure {
    let unsent = error.take_message().is_some();
    let detail = chain(error.error());
    if unsent {
        SendFailure::NotSent(detail)
    } else if reason(error.error()) == Some(Reason::HTTP_1_1_REQUIRED) {
        SendFailure::Sent(ErrorCode::Http11Required, detail, None)
    } else {
        SendFailure::Sent(ErrorCode::ConnectionLost, detail, None)
    }
}

/// The reason that an HTTP/2 server gave, if it gave one (RFC 9113, section 7).
fn reason(error: &(dyn std::error::Error + 'static)) -> Option<Reason> {
    let mut error = Some(error);
    while let Some(it) = error {
        if let Some(reason) = it.downcast_ref::<h2::Error>().and_then(h2::Error::reason) {
            return Some(reason);
        }
        error = it.source();
    }
    None
}

/// An error and what is behind it, each said once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = tls_error::words_of(inner);
        if !text.contains(&words) {
            let _ = write!(text, ": {words}");
        }
        source = inner.source();
    }
    text
}
