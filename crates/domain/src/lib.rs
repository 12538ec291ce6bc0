//! The words of this field: what a signing request is made of, what its outcome can be, and what can be wrong.
//!
//! Owns the types that every host, the page and the record share, the rules for what may be typed into
//! them, and the one vocabulary of error codes with its words. Refuses to own I/O, a clock or the wire form:
//! everything here is pure, and compiles natively and to wasm. Where a rule needs the time, it is a parameter.

mod address;
mod base_url;
mod connect_step;
mod connection;
mod connection_parts;
mod csr_id;
mod ending;
mod error;
mod field;
mod field_remark;
mod finding;
mod fingerprint;
mod http_version;
mod intent_id;
mod names;
mod origin;
mod outcome;
mod problem;
mod progress;
mod proxy;
mod record;
mod remark;
mod seen;
mod serial;
mod server_trust;
mod shown;
mod sign_form;
mod sign_type;
pub mod text;
mod timestamp;
mod tls_diagnosis;
pub mod typed;
mod typed_token;
mod validity;
mod verification;

pub use base_url::BaseUrl;
pub use connect_step::{ConnectPhase, ConnectStep, StepState};
pub use connection::{CaChoice, Connection, ConnectionForm, DEFAULT_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS};
pub use connection_parts::{ClientCertificate, ConnectionId, Environment, OperationName};
pub use csr_id::CsrId;
pub use ending::{Ending, Entry};
pub use error::{Class, ErrorCode};
pub use field::Field;
pub use field_remark::{Change, FieldRemark, remarks};
pub use finding::{Acknowledged, Finding, OpenFinding, WhyOpen};
pub use fingerprint::Fingerprint;
pub use http_version::{HttpVersion, SpokenHttp};
pub use intent_id::IntentId;
pub use names::{CommonName, OrgName};
pub use origin::Origin;
pub use outcome::{Certificate, Outcome};
pub use problem::{Problem, joined};
pub use progress::{Progress, State};
pub use proxy::ProxyChoice;
pub use record::{Again, Basis, Decision, Event, EventKind, HistoryFilter, SortBy, Verdict};
pub use remark::Remark;
pub use seen::Seen;
pub use serial::SerialNumber;
pub use server_trust::ServerTrust;
pub use shown::{clipped, thousands, visible};
pub use sign_form::{Issuer, SignForm, SignRequest};
pub use sign_type::SignType;
pub use timestamp::Timestamp;
pub use tls_diagnosis::{
    CertificateMark, FINGERPRINT_WITHHELD, PinDifference, PresentedCertificate, TlsDiagnosis,
};
pub use validity::ValidityDays;
pub use verification::{Bad, HeadState, Listing, Soundness, Verification, Why};
