//! The byte stream between hyper and TLS. Passes everything through, except where the connection's [`Line`] asks for one
//! byte a tick, for a GOAWAY frame, or for a reset at the end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_rustls::server::TlsStream;

use super::line::Line;

/// GOAWAY with last stream id 0 and NO_ERROR (RFC 9113, 6.8): every request may be sent again elsewhere.
const GOAWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

pub(super) struct Wire {
    tls: TlsStream<TcpStream>,
    line: Arc<Line>,
    tick: Duration,
    ticks: Option<Interval>,
}

impl Wire {
    pub(super) fn new(tls: TlsStream<TcpStream>, line: Arc<Line>, tick: Duration) -> Self {
        Self { tls, line, tick, ticks: None }
    }

    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let ticks = self.ticks.get_or_insert_with(|| ticking(self.tick));
        ready!(ticks.poll_tick(cx));
        Poll::Ready(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.take_go_away() {
            // Between two of hyper's frames, because hyper flushes before it reads; 17 bytes fit into any socket buffer.
            let _ = Pin::new(&mut self.tls).poll_write(cx, &GOAWAY)?;
            let _ = Pin::new(&mut self.tls).poll_flush(cx)?;
        }
        Pin::new(&mut self.tls).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !self.line.is_slow() || bytes.is_empty() {
            return Pin::new(&mut self.tls).poll_write(cx, bytes);
        }
        ready!(self.poll_tick(cx));
        Pin::new(&mut self.tls).poll_write(cx, &bytes[..1])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.wants_reset() {
            // Zero linger turns the close that follows into a reset. Should it fail, the client sees a plain close.
            let _ = self.tls.get_ref().0.set_zero_linger();
        }
    }
}

/// A clock that ticks once per `period`, the first time at once, and never catches up on missed ticks.
pub(crate) fn ticking(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
