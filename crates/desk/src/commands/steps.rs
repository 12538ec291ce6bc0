//! The command that looks how far the way to the server goes.

use domain::{ConnectionId, ErrorCode, TlsDiagnosis};
use serde::{Deserialize, Serialize};

/// Looks step by step whether the server can be reached and accepts the token. Changes nothing on it.
pub mod test_connection {
    use super::*;

    /// Looks.
    pub struct TestConnection;

    /// Which connection is tested.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {
        /// Its id; the one in use when absent. Testing one does not put it in use.
        #[serde(default)]
        pub connection: Option<ConnectionId>,
    }

    /// One step of the way to the server.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

        /// The step's name, for people: in the page and in the terminal.
        #[must_use]
        pub fn name(self) -> &'static str {
            match self {
                Self::Trust => "Files",
                Self::Proxy => "Proxy",
                Self::Dns => "DNS",
                Self::Tcp => "TCP connection",
                Self::Tls => "TLS handshake",
                Self::Http => "HTTP answer",
                Self::Token => "Token",
                Self::Organization => "Organization",
                Self::CsrList => "List of CSRs",
            }
        }

        /// The step in one word, for programs.
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
        /// An answer came, and it is a no: the step that it concerns says why.
        Answered {
            /// What came, for people.
            detail: String,
        },
        /// It was not tried, because an earlier one failed or nothing is there to try it with.
        Skipped,
    }

    /// What a test comes to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Verdict {
        /// Every step passed.
        Ready,
        /// This step failed; those after it were not tried.
        Failed(Stage, ErrorCode),
        /// Nothing failed, and there was no token to go on with.
        NoToken,
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
        /// The connection that was tested.
        pub connection: ConnectionId,
        /// The steps.
        pub steps: Vec<Step>,
        /// What the server presented, when it could not prove who it is.
        #[serde(default)]
        pub diagnosis: Option<TlsDiagnosis>,
    }

    impl Response {
        /// What the test comes to. A step that was not tried has not passed.
        #[must_use]
        pub fn verdict(&self) -> Verdict {
            let failed = self.steps.iter().find_map(|it| match it.state {
                State::Failed { code, .. } => Some(Verdict::Failed(it.stage, code)),
                State::Passed { .. } | State::Answered { .. } | State::Skipped => None,
            });
            let passed = |stage: Stage| {
                self.steps.iter().any(|it| it.stage == stage && matches!(it.state, State::Passed { .. }))
            };
            // Only those list CSRs who set an operation for it: where one is set, the step is tried once all others passed.
            let all = Stage::ALL.into_iter().filter(|it| *it != Stage::CsrList).all(passed);
            failed.unwrap_or(if all { Verdict::Ready } else { Verdict::NoToken })
        }

        /// Whether every step passed.
        #[must_use]
        pub fn good(&self) -> bool {
            self.verdict() == Verdict::Ready
        }

        /// The steps that were not tried and would have to pass.
        pub fn not_tried(&self) -> impl Iterator<Item = Stage> {
            let ready = self.good();
            let skipped = self.steps.iter().filter(|it| it.state == State::Skipped).map(|it| it.stage);
            skipped.filter(move |it| !ready && *it != Stage::CsrList)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn response(state: impl Fn(Stage) -> State) -> Response {
            let steps = Stage::ALL.into_iter().map(|stage| Step { stage, state: state(stage) }).collect();
            Response { connection: ConnectionId::from_number(1), steps, diagnosis: None }
        }

        #[test]
        fn a_step_that_was_not_tried_has_not_passed() {
            let passed = || State::Passed { detail: String::new() };
            assert_eq!(response(|_| passed()).verdict(), Verdict::Ready);
            let without = |missing: &'static [Stage]| {
                response(move |it| if missing.contains(&it) { State::Skipped } else { passed() })
            };
            // No operation is set.
            assert_eq!(without(&[Stage::CsrList]).verdict(), Verdict::Ready);
            assert_eq!(without(&[Stage::CsrList]).not_tried().count(), 0);
            for stage in Stage::ALL.into_iter().filter(|it| *it != Stage::CsrList) {
                let it = response(|at| if at == stage { State::Skipped } else { passed() });
                assert!(!it.good(), "{stage:?}");
            }
            let no_token = without(&[Stage::Http, Stage::Token, Stage::Organization, Stage::CsrList]);
            assert_eq!(no_token.verdict(), Verdict::NoToken);
            assert_eq!(
                no_token.not_tried().collect::<Vec<_>>(),
                [Stage::Http, Stage::Token, Stage::Organization]
            );
            let answered = response(|at| match at {
                Stage::Http => State::Answered { detail: String::new() },
                Stage::Token => State::Failed { code: ErrorCode::NotAuthorized, detail: String::new() },
                Stage::Organization => State::Skipped,
                _ => passed(),
            });
            assert_eq!(answered.verdict(), Verdict::Failed(Stage::Token, ErrorCode::NotAuthorized));
        }
    }
}
