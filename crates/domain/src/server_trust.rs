//! What a server's certificate is verified against, in words. The one place for them: page and terminal say the same.

use serde::{Deserialize, Serialize};

use crate::{CaChoice, Connection};

/// What verifies the certificate of a server, without the names of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerTrust {
    /// This computer's own list of trusted CAs.
    SystemCas,
    /// The CAs of a CA file, and no others.
    CaFile,
    /// The CAs of a CA file, and this computer's list beside it.
    CaFileAndSystemCas,
    /// One exact certificate; its issuer and names are not checked (docs/decisions/0009-one-exact-certificate.md).
    ExactCertificate,
}

impl ServerTrust {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::SystemCas, Self::CaFile, Self::CaFileAndSystemCas, Self::ExactCertificate];

    /// The trust in a few words, to stand after "Verified by".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SystemCas => "this computer's trusted CAs",
            Self::CaFile => "CA file",
            Self::CaFileAndSystemCas => "CA file and this computer's trusted CAs",
            Self::ExactCertificate => "exact certificate",
        }
    }

    /// What it leaves unchecked, as a sentence; empty when everything is checked.
    #[must_use]
    pub fn unchecked(self) -> &'static str {
        match self {
            Self::SystemCas | Self::CaFile | Self::CaFileAndSystemCas => "",
            Self::ExactCertificate => "The certificate's issuer and names are not checked.",
        }
    }
}

impl Connection {
    /// What verifies this connection's server.
    #[must_use]
    pub fn trust(&self) -> ServerTrust {
        match &self.ca {
            CaChoice::System => ServerTrust::SystemCas,
            CaChoice::File { .. } | CaChoice::Pem { .. } if self.system_too => {
                ServerTrust::CaFileAndSystemCas
            }
            CaChoice::File { .. } | CaChoice::Pem { .. } => ServerTrust::CaFile,
            CaChoice::Exact { .. } => ServerTrust::ExactCertificate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConnectionForm;

    #[test]
    fn every_choice_of_trust_has_words_of_its_own() {
        let trust = |ca: CaChoice, system_too| {
            let form =
                ConnectionForm { server: "https://h:1".into(), ca, system_too, ..ConnectionForm::default() };
            form.check().unwrap().trust()
        };
        let file = || CaChoice::File { path: "/ca.pem".into() };
        let exact = CaChoice::Exact { sha256: "0a".repeat(32) };
        let told = [
            trust(CaChoice::System, false),
            trust(file(), false),
            trust(file(), true),
            // Beside one exact certificate no list counts.
            trust(exact, true),
        ];
        assert_eq!(told, ServerTrust::ALL);
        let words: std::collections::HashSet<_> = told.iter().map(|it| it.words()).collect();
        assert_eq!(words.len(), told.len());
        assert!(told.iter().all(|it| it.unchecked().is_empty() == (*it != ServerTrust::ExactCertificate)));
    }
}
