//! The handle by which a request's handler can reach the connection it came over: cut it, reset it, slow it down. One per
//! connection, put into every request's extensions.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::watch;

/// How a connection is made to misbehave.
#[derive(Debug)]
pub(crate) struct Line {
    cut: watch::Sender<bool>,
    reset: AtomicBool,
    slow: AtomicBool,
    goaway: AtomicBool,
    requests: AtomicU64,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            cut: watch::Sender::new(false),
            reset: AtomicBool::new(false),
            slow: AtomicBool::new(false),
            goaway: AtomicBool::new(false),
            requests: AtomicU64::new(0),
        }
    }

    /// Ends the connection soon: what is already written still leaves, and no TLS close notice follows.
    pub(crate) fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Ends the connection with a TCP reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
        self.cut();
    }

    /// Sends an HTTP/2 GOAWAY for "nothing was processed", then ends the connection.
    pub(crate) fn go_away(&self) {
        self.goaway.store(true, Ordering::Relaxed);
        self.cut();
    }

    /// From now on one byte leaves per tick.
    pub(crate) fn slow_down(&self) {
        self.slow.store(true, Ordering::Relaxed);
    }

    /// Counts a request and says whether the connection had carried one before.
    pub(crate) fn count_request(&self) -> bool {
        self.requests.fetch_add(1, Ordering::Relaxed) > 0
    }

    /// Resolves once somebody has cut the line.
    pub(super) async fn until_cut(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }

    pub(super) fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }

    pub(super) fn wants_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }

    /// True once after [`Self::go_away`].
    pub(super) fn take_go_away(&self) -> bool {
        self.goaway.swap(false, Ordering::Relaxed)
    }
}
