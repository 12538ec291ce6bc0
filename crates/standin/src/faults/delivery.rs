//! Answers whose delivery goes wrong: never, cut, reset, slow, huge. Owns reaching for the connection; what is said before
//! that is given.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use h2::Reason;
use http::{HeaderValue, StatusCode, header};

use super::bodies::{self, CutShort, Dribble, Padded};
use crate::api::admission::Call;
use crate::api::envelope;

const JSON: &str = "application/json;charset=UTF-8";
/// What `huge-body` weighs, in bytes.
const HUGE: usize = 50_000_000;
/// What `gzip-bomb` unpacks to, in MiB.
const BOMB_MIB: u32 = 1024;

/// No answer, ever. The task ends when the client gives up and the connection closes.
pub(super) async fn never() -> Response {
    std::future::pending().await
}

/// No answer, and the connection closes.
pub(super) async fn close(call: &Call) -> Response {
    call.line.cut();
    never().await
}

/// No answer, and the connection is reset.
pub(super) async fn reset(call: &Call) -> Response {
    call.line.reset();
    never().await
}

/// No answer, and the connection says that nothing was processed.
pub(super) async fn go_away(call: &Call) -> Response {
    call.line.go_away();
    never().await
}

/// Marks an answer that does not leave: its HTTP/2 stream is reset instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamReset(pub(crate) Reason);

/// No answer: the HTTP/2 stream is reset with the words that HTTP/1.1 is required (RFC 9113, section 7).
pub(crate) fn reset_stream() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(StreamReset(Reason::HTTP_1_1_REQUIRED));
    response
}

/// Promises all of the text, sends `count` bytes of it, and cuts the connection.
pub(super) fn cut_after(text: String, count: usize, call: &Call) -> Response {
    let promised = text.len();
    let first = Bytes::from(text).slice(..count);
    let mut response = envelope::body(StatusCode::OK, JSON, Body::new(CutShort::after(first, &call.line)));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    response
}

/// One byte per tick.
pub(super) fn dribble(text: String, tick: Duration) -> Response {
    let promised = text.len();
    let mut response = envelope::body(StatusCode::OK, JSON, Body::new(Dribble::of(text, tick)));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    response
}

pub(super) fn huge(text: String) -> Response {
    envelope::body(StatusCode::OK, JSON, Body::new(Padded::to(text, HUGE)))
}

/// Sent whether or not the client said it could unpack gzip.
pub(super) fn gzip_bomb(text: &str) -> Response {
    let mut response = envelope::body(StatusCode::OK, JSON, bodies::gzip_bomb(text, BOMB_MIB));
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
