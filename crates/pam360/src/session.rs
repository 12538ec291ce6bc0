//! One verified TLS connection that carries one request.
//!
//! Every method that sends takes the session by value: a second send on it does not compile. hyper's connection
//! level is used on purpose; its pooling client retries requests on connections it reuses
//! (docs/decisions/0001-one-connection-one-request.md).

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use domain::{BaseUrl, Ending, ErrorCode, SignRequest};
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use secrets::AuthToken;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use crate::answer::{Answer, MAX_BODY, read_answer};
use crate::wire::{FORM, SIGN_PATH, sign_body};
use crate::{ConnectFailure, TlsFacts, tls_error};

const AUTHTOKEN: HeaderName = HeaderName::from_static("authtoken");
const ORG_NAME: HeaderName = HeaderName::from_static("orgname");

type Sendable = Request<Full<Bytes>>;

/// A connection that is ready to carry one request.
#[derive(Debug)]
pub struct Session {
    server: BaseUrl,
    facts: TlsFacts,
    sender: Sender,
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

impl Session {
    /// Makes HTTP ready on a verified connection, in the version that the server chose.
    pub(crate) async fn start(
        server: BaseUrl,
        tls: TlsStream<TcpStream>,
        facts: TlsFacts,
    ) -> Result<Self, ConnectFailure> {
        let closed = |error: hyper::Error| ConnectFailure::new(ErrorCode::ConnectionClosedEarly, error);
        let io = TokioIo::new(tls);
        let sender = if facts.protocol == "h2" {
            let (sender, connection) =
                http2::Builder::new(TokioExecutor::new()).handshake(io).await.map_err(closed)?;
            tokio::spawn(connection);
            Sender::Http2(sender)
        } else {
            let (sender, connection) = http1::Builder::new().handshake(io).await.map_err(closed)?;
            tokio::spawn(connection);
            Sender::Http1(sender)
        };
        Ok(Self { server, facts, sender })
    }

    /// What the handshake showed.
    #[must_use]
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }

    /// A path below the server's prefix.
    pub(crate) fn path(&self, below: &str) -> String {
        self.server.path(below)
    }

    /// Sends one signing and reads its answer, at most until `limit` is over. The session is used up.
    pub async fn sign(self, token: &AuthToken, request: &SignRequest, limit: Duration) -> Ending {
        let organization = request.organization.as_ref().map(|it| it.as_str().to_owned());
        let facts = self.facts.clone();
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
                Ok(answer) => read_answer(&answer, token),
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
        let response = timeout_at(deadline, self.sender.send(outgoing)).await.map_err(late(None))??;
        let status = response.status();
        let seen = Some(status.as_u16());
        let encoding = response
            .headers()
            .get(CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase())
            .filter(|it| !it.is_empty() && it != "identity");
        let body = Limited::new(response.into_body(), max_body).collect();
        let body = timeout_at(deadline, body).await.map_err(late(seen))?.map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                SendFailure::Sent(ErrorCode::AnswerTooLarge, format!("more than {max_body} bytes"), seen)
            } else {
                SendFailure::Sent(ErrorCode::ConnectionLost, chain(error.as_ref()), seen)
            }
        })?;
        Ok(Answer { status, encoding, body: body.to_bytes().to_vec() })
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
    } else {
        SendFailure::Sent(ErrorCode::ConnectionLost, detail, None)
    }
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
