//! Sockets, TLS and connections. Owns how bytes travel and how a connection can be cut on purpose; what is said over it
//! is in `api` and `faults`.

pub(crate) mod identity;
pub(crate) mod line;
pub(crate) mod server;
pub(crate) mod wire;
