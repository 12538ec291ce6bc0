//! How far a connection came, step by step.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// A part of the way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectPhase {
    /// Which proxy is in force and why; with one, its CONNECT is part of [`Self::Tcp`].
    Proxy,
    /// The addresses of the server's name, or of the proxy's.
    Dns,
    /// The connection to one of them, and through the proxy.
    Tcp,
    /// The handshake, and the verification of the server.
    Tls,
}

impl ConnectPhase {
    /// All, in the order in which they are walked.
    pub const ALL: [Self; 4] = [Self::Proxy, Self::Dns, Self::Tcp, Self::Tls];
}

/// How a part of the way went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It was walked.
    Passed,
    /// It ended here.
    Failed {
        /// What kept it.
        code: ErrorCode,
    },
    /// It was not tried.
    Skipped,
}

/// One part of the way, and what was seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectStep {
    /// Which part.
    pub phase: ConnectPhase,
    /// How it went.
    pub state: StepState,
    /// What was seen: whole sentences, foreign text made visible and clipped.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}
