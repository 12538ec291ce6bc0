//! How far a connection came: one step for each part of the way, whether it was walked or not.

use domain::{ConnectPhase, ConnectStep, ErrorCode, StepState, clipped, visible};
use tokio::time::Instant;

/// How much is said of one step, in characters.
const DETAIL: usize = 1_000;

/// The steps of one connection, in the order of [`ConnectPhase::ALL`].
#[derive(Clone, Debug, Default)]
pub struct Trace {
    steps: Vec<ConnectStep>,
}

impl Trace {
    /// All steps, filled up with those that were not tried.
    #[must_use]
    pub fn into_steps(mut self) -> Vec<ConnectStep> {
        let rest = ConnectPhase::ALL.into_iter().skip(self.steps.len());
        self.steps.extend(rest.map(|phase| ConnectStep {
            phase,
            state: StepState::Skipped,
            detail: String::new(),
            elapsed_ms: 0,
        }));
        self.steps
    }

    pub(crate) fn passed(&mut self, phase: ConnectPhase, since: Instant, detail: &str) {
        self.push(phase, StepState::Passed, since, detail);
    }

    pub(crate) fn failed(&mut self, phase: ConnectPhase, since: Instant, code: ErrorCode, detail: &str) {
        self.push(phase, StepState::Failed { code }, since, detail);
    }

    fn push(&mut self, phase: ConnectPhase, state: StepState, since: Instant, detail: &str) {
        self.steps.push(ConnectStep {
            phase,
            state,
            detail: clipped(&visible(detail), DETAIL),
            elapsed_ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }
}
