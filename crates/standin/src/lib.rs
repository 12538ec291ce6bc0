//! A PAM360 look-alike for tests, training and demos: it answers the vendor's certificate calls over TLS, really signs
//! with throwaway roots, and fails on demand in more than sixty ways.
//!
//! ```no_run
//! # async fn example() -> Result<(), standin::Error> {
//! let standin = standin::Standin::builder("/tmp/standin").start().await?;
//! standin.fault_next(standin::Fault::SignThen500, 1);
//! // ... point the client at standin.url(), trusting standin.ca_file(), with standin.token() ...
//! assert_eq!(standin.sign_posts(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! What the vendor documents, what others quote and what is assumed here is told apart in the README. It refuses to own
//! any client code: it shares no crate with the programs it is used to test, so that a misreading of the vendor's page in
//! one of them cannot hide in both.

mod api;
mod clock;
mod error;
mod faults;
mod ledger;
mod net;
mod pki;
mod shared;
mod standin;
mod world;

/// A CA certificate, in PEM, that no stand-in has a key for, valid since 2000 and for thousands of years: what a test gives a program in place
/// of the CAs of the computer that the test runs on.
pub const UNRELATED_ROOT: &str = include_str!("../fixtures/unrelated-root.pem");

pub use self::error::Error;
pub use self::faults::Fault;
pub use self::ledger::ReceivedRequest;
pub use self::net::identity::ServerIdentity;
pub use self::shared::ListShape;
pub use self::standin::{Builder, CsrRecord, IssuedCertificate, IssuerRecord, Standin};
