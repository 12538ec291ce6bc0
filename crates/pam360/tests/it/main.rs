//! The client against the stand-in: real TLS, real signing, every failure that a server can cause.

mod faults;
mod once;
mod support;
mod tls;
