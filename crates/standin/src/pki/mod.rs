//! X.509 as the stand-in needs it: reading a CSR, writing a certificate, serial numbers. Owns bytes only: no files,
//! no clock, no network. Certificates of the signing world are written by hand rather than with rcgen's parameters,
//! because those keep a subject in a map: a repeated OU, a DC pair or an odd string type would be lost, and "exactly the
//! CSR's subject" is what clients of this stand-in check.

pub(crate) mod certificate;
pub(crate) mod csr;
pub(crate) mod der;
pub(crate) mod pem;
pub(crate) mod serial;
