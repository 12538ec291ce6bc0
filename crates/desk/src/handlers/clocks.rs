//! How long ago something was, by two clocks: one that nobody can set, and one that goes on while the computer sleeps.

use std::time::Duration;

use domain::Timestamp;
use tokio::time::Instant;

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub struct OnBothClocks {
    steady: Instant,
    clock: Timestamp,
}

impl OnBothClocks {
    /// This moment, of which the computer's clock says `clock`.
    #[must_use]
    pub fn at(clock: Timestamp) -> Self {
        Self { steady: Instant::now(), clock }
    }

    /// The time from an earlier moment to this one, by whichever clock it was longer: a clock that is set back or a
    /// laptop that sleeps over night makes no session younger.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.clock.millis().saturating_sub(earlier.clock.millis());
        let by_clock = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        by_clock.max(self.steady.saturating_duration_since(earlier.steady))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_of_the_two_counts() {
        let steady = Instant::now();
        let at = |steady_seconds: u64, clock_seconds: i64| OnBothClocks {
            steady: steady + Duration::from_secs(steady_seconds),
            clock: Timestamp::from_millis(clock_seconds * 1_000),
        };
        assert_eq!(at(5, 1_005).since(at(0, 1_000)).as_secs(), 5);
        assert_eq!(at(5, 9_000).since(at(0, 1_000)).as_secs(), 8_000, "the computer slept");
        assert_eq!(at(5, 10).since(at(0, 1_000)).as_secs(), 5, "the clock was set back");
    }
}
