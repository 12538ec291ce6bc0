//! What a connection takes from the computer around it. One value, so that tests replace all of it at once.

use crate::{ProxyVariables, SystemCas};

/// The proxy variables and the CAs of a computer.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The proxies that the environment names.
    pub proxies: ProxyVariables,
    /// The CAs that the computer trusts.
    pub cas: SystemCas,
}

impl Surroundings {
    /// Those of this computer and this process.
    #[must_use]
    pub fn of_computer() -> Self {
        Self { proxies: ProxyVariables::of_process(), cas: SystemCas::of_computer() }
    }

    /// No proxy, and only the CAs of this text.
    ///
    /// # Errors
    /// One of the `ca-…` codes: the text is not one of CA certificates in PEM.
    pub fn given(pem: &str) -> Result<Self, crate::TrustError> {
        Ok(Self { proxies: ProxyVariables::default(), cas: SystemCas::given(pem)? })
    }
}
