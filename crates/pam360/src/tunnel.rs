//! Through an HTTP proxy to the server (CONNECT, RFC 9110, section 9.3.6). What comes out is a plain stream to the
//! server; the proxy is told its host and port, and the user and password it asks for, and nothing else.

use std::error::Error as _;

use bytes::Bytes;
use domain::{BaseUrl, ErrorCode, clipped, visible};
use http::header::{HOST, HeaderMap, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use http::{Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::proxy::Hop;
use crate::{ConnectFailure, Hints};

/// The largest answer head of a proxy, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// Asks the proxy at the other end of `tcp` for the way to the server.
pub(crate) async fn open(tcp: TcpStream, hop: &Hop, server: &BaseUrl) -> Result<TcpStream, ConnectFailure> {
    let request = request(hop, server)
        .map_err(|error| ConnectFailure::new(ErrorCode::ProxyFailed, format!("the request: {error}")))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake::<_, Empty<Bytes>>(TokioIo::new(tcp))
        .await
        .map_err(misspoke)?;
    // Ends with this set, when the time is over or the answer was no.
    let mut driver = JoinSet::new();
    driver.spawn(connection.with_upgrades());
    let response = sender.send_request(request).await.map_err(misspoke)?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(status, response.headers()));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(misspoke)?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().map_err(|_| {
        ConnectFailure::new(ErrorCode::ProxyFailed, "the connection through the proxy was not handed over")
    })?;
    // In TLS the client speaks first, so nothing the server wrote can be here.
    if !parts.read_buf.is_empty() {
        return Err(ConnectFailure::new(
            ErrorCode::ProxyMisspoke,
            format!("{} bytes behind the answer to CONNECT", parts.read_buf.len()),
        ));
    }
    Ok(parts.io.into_inner())
}

fn request(hop: &Hop, server: &BaseUrl) -> Result<Request<Empty<Bytes>>, http::Error> {
    let host = server.host();
    let target = match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]:{}", server.port()),
        false => format!("{host}:{}", server.port()),
    };
    let mut head = Request::builder().method(Method::CONNECT).uri(&target).header(HOST, &target);
    if let Some(value) = &hop.authorization {
        head = head.header(PROXY_AUTHORIZATION, value);
    }
    head.body(Empty::new())
}

fn refused(status: StatusCode, headers: &HeaderMap) -> ConnectFailure {
    let mut detail = format!("the proxy answered HTTP {status}");
    let hints = Hints::of(headers);
    if let Some(place) = hints.location.filter(|_| status.is_redirection()) {
        detail += &format!("; it redirects to {place}");
    }
    if let Some(wait) = hints.retry_after {
        detail += &format!("; Retry-After: {wait}");
    }
    if status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return ConnectFailure::new(ErrorCode::ProxyRefused, detail);
    }
    let asked: Vec<_> = headers
        .get_all(PROXY_AUTHENTICATE)
        .iter()
        .filter_map(|it| {
            String::from_utf8_lossy(it.as_bytes()).split_whitespace().next().map(ToOwned::to_owned)
        })
        .collect();
    if !asked.is_empty() {
        detail += &format!("; it takes {}", clipped(&visible(&asked.join(", ")), 200));
    }
    ConnectFailure::new(ErrorCode::ProxyAuthRequired, detail)
}

fn misspoke(error: hyper::Error) -> ConnectFailure {
    let mut detail = error.to_string();
    if let Some(source) = error.source() {
        detail += &format!(": {source}");
    }
    ConnectFailure::new(ErrorCode::ProxyMisspoke, detail)
}
