//! Pages and bodies that no well-behaved server sends: cut short, one byte a tick, 50 MB long, a gigabyte in disguise.
//! Owns making them without ever holding the large ones in memory.

use std::convert::Infallible;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use hyper::body::{Body, Frame};
use tokio::time::Interval;

use crate::net::line::Line;
use crate::net::wire::ticking;

/// A login page, as a server behind single sign-on answers.
pub(crate) const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>PAM360 - Login</title></head>\
    <body><form action=\"/j_security_check\" method=\"post\"><input name=\"j_username\"><input name=\"j_password\" type=\"password\">\
    <button>Login</button></form></body></html>\n";
/// What a reverse proxy says when nothing answers behind it.
pub(crate) const BAD_GATEWAY_PAGE: &str = "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n</body>\n</html>\n";
/// What a reverse proxy says when it has waited long enough.
pub(crate) const GATEWAY_TIMEOUT_PAGE: &str = "<html>\n<head><title>504 Gateway Time-out</title></head>\n<body>\n<center><h1>504 Gateway Time-out</h1></center>\n</body>\n</html>\n";
pub(crate) const ERROR_PAGE: &str = "<html><head><title>Error report</title></head><body><h1>HTTP Status 500</h1><p>General failure</p></body></html>\n";
pub(crate) const TOO_LARGE_PAGE: &str = "<html><head><title>413 Request Entity Too Large</title></head><body><center><h1>413 Request Entity Too Large</h1></center><hr><center>nginx</center></body></html>\n";
pub(crate) const FORBIDDEN_PAGE: &str = "<html><head><title>Access denied</title></head><body><h1>403 Forbidden</h1><p>Your request was blocked.</p></body></html>\n";
pub(crate) const NOT_FOUND_PAGE: &str = "<html><head><title>Error report</title></head><body><h1>HTTP Status 404</h1><p>Not found</p></body></html>\n";

/// Sends what there is, then cuts the connection instead of ending the body.
pub(crate) struct CutShort {
    first: Option<Bytes>,
    line: Arc<Line>,
}

impl CutShort {
    pub(crate) fn after(first: Bytes, line: &Arc<Line>) -> Self {
        Self { first: (!first.is_empty()).then_some(first), line: Arc::clone(line) }
    }
}

impl Body for CutShort {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        // Nothing will wake this body again, and nothing needs to: the connection ends.
        self.line.cut();
        Poll::Pending
    }
}

/// One byte per tick.
pub(crate) struct Dribble {
    rest: Bytes,
    ticks: Interval,
}

impl Dribble {
    pub(crate) fn of(text: String, tick: Duration) -> Self {
        Self { rest: Bytes::from(text), ticks: ticking(tick) }
    }
}

impl Body for Dribble {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.ticks.poll_tick(cx));
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(1)))))
    }
}

/// A text followed by one block of spaces again and again: JSON all the same.
pub(crate) struct Padded {
    head: Option<Bytes>,
    block: Bytes,
    left: u32,
}

impl Padded {
    const BLOCK: usize = 64 * 1024;

    /// The text, padded to about `total` bytes.
    pub(crate) fn to(text: String, total: usize) -> Self {
        let left = u32::try_from(total / Self::BLOCK).unwrap_or(u32::MAX);
        Self { head: Some(Bytes::from(text)), block: Bytes::from(vec![b' '; Self::BLOCK]), left }
    }
}

impl Body for Padded {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.block.clone()))))
    }
}

/// A gzip file (RFC 1952) that unpacks to `text` followed by `blocks` MiB of spaces. Only one block is ever compressed: a
/// full flush ends it on a byte boundary and forgets what came before, so its bytes can be repeated.
pub(crate) fn gzip_bomb(text: &str, blocks: u32) -> Bytes {
    let spaces = vec![b' '; 1024 * 1024];
    let mut crc = crc_of(text.as_bytes());
    let space_crc = crc_of(&spaces);
    let block = deflate(&spaces, FlushCompress::Full);
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    out.extend(deflate(text.as_bytes(), FlushCompress::Full));
    for _ in 0..blocks {
        out.extend_from_slice(&block);
        crc.combine(&space_crc);
    }
    out.extend([0x03, 0x00]); // an empty last block
    let length = (text.len() as u32).wrapping_add(blocks.wrapping_mul(spaces.len() as u32));
    // Writing into a vector cannot fail.
    let _ = out.write_all(&crc.sum().to_le_bytes());
    let _ = out.write_all(&length.to_le_bytes());
    Bytes::from(out)
}

fn crc_of(bytes: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc
}

/// Raw deflate blocks for the bytes, ended by the flush.
fn deflate(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() / 512 + 1024);
    // Into memory with room to spare this cannot fail; an empty block would only make the bomb smaller.
    match compress.compress_vec(bytes, &mut out, flush) {
        Ok(Status::Ok | Status::StreamEnd) => out,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_bomb_is_small_and_unpacks_to_the_text_and_spaces() {
        let bomb = gzip_bomb("{\"a\":1}", 3);
        assert!(bomb.len() < 8 * 1024, "{}", bomb.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bomb[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text.len(), 7 + 3 * 1024 * 1024);
        assert_eq!(text.trim_end(), "{\"a\":1}");
    }
}
