//! How much of everything a caller may have: time, bytes, connections, wrong tries. Numbers only.

use std::time::Duration;

/// The limits of a gateway; [`Limits::default`] is what `csrdesk serve` has.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the opening of a connection until the whole head of its request is here. A connection serves one request.
    pub head: Duration,
    /// From the head of a call until its whole body is here.
    pub body: Duration,
    /// How long a caller may take nothing of an answer that waits for it.
    pub stalled: Duration,
    /// Connections at a time. One more closes the oldest that has shown no session, or waits where each has shown one.
    pub connections: usize,
    /// The largest body of a call, in bytes: a chosen CA file of 1 MiB and what is around it.
    pub body_bytes: usize,
    /// A session ends when it was not used for as long as this. What a page asks by itself is no use
    /// ([`desk::is_automatic`]).
    pub idle: Duration,
    /// A session ends at this age, however much it is used.
    pub session: Duration,
    /// A launch link that nobody opened dies at this age: it lies in a terminal, or in a log.
    pub link: Duration,
    /// An export that was not downloaded is gone at this age: the page fetches it by itself, so seconds are enough.
    pub download: Duration,
    /// Wrong launch links within [`Limits::pause`] that are answered as such; more are refused unread until it is over.
    pub wrong_links: u32,
    /// See [`Limits::wrong_links`].
    pub pause: Duration,
    /// How long calls may take to end once the gateway is asked to stop.
    pub grace: Duration,
}

const HOUR: Duration = Duration::from_secs(60 * 60);

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            stalled: Duration::from_secs(30),
            connections: 64,
            body_bytes: 2 * 1024 * 1024,
            idle: 8 * HOUR,
            session: 24 * HOUR,
            link: HOUR,
            download: Duration::from_secs(60),
            wrong_links: 10,
            pause: Duration::from_secs(60),
            grace: Duration::from_secs(3),
        }
    }
}
