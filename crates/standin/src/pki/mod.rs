//! X.509 as the stand-in needs it: reading a CSR, writing a certificate, serial numbers. Owns bytes only: no files,
//! no clock, no network. Certificates of the signing world are written by hand rather than with rcgen's parameters,
//! because those keep a subject in a map: a repeated OU, a DC pair or an odd string type would be lost, and "exactly the
//! CSR's subject" is what clients of this stand-in check. Requests are read here rather than with x509-parser or x509-cert:
//! both refuse sound ones (no attributes field, other string types), and neither hands out what it could not parse.

mod armour;
pub(crate) mod certificate;
pub(crate) mod csr;
pub(crate) mod der;
mod key;
mod name;
pub(crate) mod pem;
mod reader;
pub(crate) mod serial;
mod signature;
