//! Waiting for a condition, never for a time.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long a condition may take before the test fails; generous, because machines are small and busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until the answer is there; none when it does not come within [`PATIENCE`].
pub async fn tried<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let asking = async {
        let mut ticks = interval(Duration::from_millis(25));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    timeout(PATIENCE, asking).await.ok()
}

/// Asks again and again until the answer is there.
///
/// # Panics
/// When it does not come within [`PATIENCE`].
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    match tried(ask).await {
        Some(answer) => answer,
        None => panic!("waited in vain for: {what}"),
    }
}
