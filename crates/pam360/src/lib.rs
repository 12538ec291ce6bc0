//! The vendor's PKI API as this program speaks it: wire form, HTTPS client and TLS trust policy.
//!
//! All network I/O of the project is here. A [`Session`] is one verified TLS connection and carries one request:
//! there is no pool, no redirect and nothing that could send a signing twice (invariant 3). There is no way to
//! build a session without verification. What the server says is read liberally and believed sparingly:
//! [`answer`] turns anything but a clear yes or a clear no into the outcome `unknown`.

mod answer;
mod ber;
mod ca_file;
mod client_certificate;
mod connect;
mod der;
mod diagnosis;
mod exact;
mod file;
mod handshake;
mod hints;
mod http_offer;
mod inventory;
mod issued;
mod json;
mod look;
mod members;
mod names;
mod pem_text;
mod pkcs12;
mod presented;
mod proxy;
mod recorder;
mod session;
mod surroundings;
mod system_cas;
mod tls_error;
mod tls_words;
mod trace;
mod trust;
mod trusted;
mod tunnel;
mod wire;

pub use answer::{Answer, read_answer};
pub use connect::{ConnectFailure, Endpoint};
pub use diagnosis::Diagnosed;
pub use handshake::TlsFacts;
pub use hints::Hints;
pub use http_offer::HttpOffer;
pub use inventory::{Listed, ListedCsr, Unreadable};
pub use issued::{Issued, StoredCsr};
pub use look::{Looked, OrganizationVerdict, TokenVerdict};
pub use names::{Names, NamesCompared};
pub use proxy::{Proxy, ProxyVariables};
pub use session::Session;
pub use surroundings::Surroundings;
pub use system_cas::SystemCas;
pub use trace::Trace;
pub use trust::{Trust, TrustError, TrustSettings};
pub use trusted::ca_certificates;
pub use wire::{SIGN_PATH, http_request_text, input_data, input_data_indented, sign_body};
