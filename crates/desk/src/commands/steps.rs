//! The command that looks how far the way to the server goes.

use domain::{ErrorCode, TlsDiagnosis};
use serde::{Deserialize, Serialize};

/// Looks step by step whether the server can be reached and accepts the token. Changes nothing on it.
pub mod test_connection {
    use super::*;

    /// Looks.
    pub struct TestConnection;

    /// Tests the connection in use.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// One step of the way to the server.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Stage {
        /// The CA file and the client certificate are read.
        Trust,
        /// The proxy in force is found, and lets the connection through.
        Proxy,
        /// The name is resolved.
        Dns,
        /// The port answers.
        Tcp,
        /// The server proves who it is.
        Tls,
        /// The server answers a harmless question.
        Http,
        /// The token is accepted.
        Token,
        /// The organization is accepted.
        Organization,
        /// The operation that lists CSRs gives a list; only when one is set.
        CsrList,
    }

    impl Stage {
        /// All, in the order in which they are tried.
        pub const ALL: [Self; 9] = [
            Self::Trust,
            Self::Proxy,
            Self::Dns,
            Self::Tcp,
            Self::Tls,
            Self::Http,
            Self::Token,
            Self::Organization,
            Self::CsrList,
        ];

        /// The step in one word, for programs and for the terminal.
        #[must_use]
        pub fn as_str(self) -> &'static str {
            match self {
                Self::Trust => "trust",
                Self::Proxy => "proxy",
                Self::Dns => "dns",
                Self::Tcp => "tcp",
                Self::Tls => "tls",
                Self::Http => "http",
                Self::Token => "token",
                Self::Organization => "organization",
                Self::CsrList => "csr_list",
            }
        }
    }

    /// How a step went.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum State {
        /// It went well.
        Passed {
            /// What was found, for people; foreign text in it is already made visible.
            detail: String,
        },
        /// It did not.
        Failed {
            /// Why.
            code: ErrorCode,
            /// The technical text behind it.
            detail: String,
        },
        /// It was not tried, because an earlier one failed or nothing is there to try it with.
        Skipped,
    }

    /// A step and how it went.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Step {
        /// Which step.
        pub stage: Stage,
        /// How it went.
        pub state: State,
    }

    /// All steps, in order; always all of [`Stage::ALL`].
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The steps.
        pub steps: Vec<Step>,
        /// What the server presented, when it could not prove who it is.
        #[serde(default)]
        pub diagnosis: Option<TlsDiagnosis>,
    }

    impl Response {
        /// Whether nothing stands in the way of a signing.
        #[must_use]
        pub fn good(&self) -> bool {
            !self.steps.iter().any(|it| matches!(it.state, State::Failed { .. }))
        }
    }
}
