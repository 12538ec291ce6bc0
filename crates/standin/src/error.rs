//! What can go wrong while a stand-in starts. What goes wrong inside a call is answered in the vendor's envelope
//! instead (see `api::refusal`), because a client must see it the way a client would.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a stand-in could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file, folder or socket could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the path or address.
        what: String,
        /// The operating system's own words.
        source: std::io::Error,
    },
    /// Asked to listen where other machines can reach it. A stand-in signs for anybody who reads its token file.
    #[error("{0} is not a loopback address: the stand-in listens on 127.0.0.1 or ::1 only")]
    NotLoopback(SocketAddr),
    /// A token that is empty, or that no header could carry.
    #[error("the token must be visible ASCII, without spaces, and not empty")]
    BadToken,
    /// The data folder holds a state file that this version cannot read.
    #[error("{path} is not a stand-in's state file: {reason}", path = path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A certificate, key or request in the data folder cannot be read, or one cannot be made.
    #[error("{0}")]
    Certificate(String),
    /// A key or the server's own certificate could not be made.
    #[error("key or certificate: {0}")]
    Key(#[from] rcgen::Error),
    /// The TLS side refused its own certificate or key.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

impl Error {
    /// An I/O error with the words for what was being done.
    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
