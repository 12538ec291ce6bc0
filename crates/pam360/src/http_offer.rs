//! Which versions of HTTP a server is offered: both, until it has said that it wants HTTP/1.1.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by all connections to one server: what one of them learns holds for the next.
#[derive(Clone, Debug, Default)]
pub struct HttpOffer(Arc<AtomicBool>);

impl HttpOffer {
    /// An offer of HTTP/2 and HTTP/1.1.
    #[must_use]
    pub fn both() -> Self {
        Self::default()
    }

    /// An offer of HTTP/1.1 alone.
    #[must_use]
    pub fn http11_only() -> Self {
        let offer = Self::default();
        offer.remember();
        offer
    }

    /// Whether HTTP/1.1 alone is offered.
    #[must_use]
    pub fn is_http11_only(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The server requires HTTP/1.1 (HTTP_1_1_REQUIRED, RFC 9113, section 7).
    pub fn remember(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
