//! One call at a time, each on a thread of its own, none waited for longer than its limit.
//!
//! Owns the waiting. A thread that waits for a keychain cannot be stopped, so a call that is out of time leaves it behind;
//! until that thread comes back, further calls fail at once with the same words instead of leaving more of them. When it
//! does come back (the user unlocked the keychain at last), everything works again.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use domain::ErrorCode;

use crate::KeychainError;

/// Whose turn it is.
#[derive(Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The call that is with the keychain now.
    running: Option<u64>,
    /// Nobody waits for it any longer.
    abandoned: bool,
    last: u64,
}

impl Turns {
    /// Does the work on another thread, as soon as it is its turn.
    pub(super) fn take<T: Send + 'static>(
        self: &Arc<Self>,
        limit: Duration,
        work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let start = Instant::now();
        let turn = self.wait(limit)?;
        let number = turn.number;
        let (answer, answered) = sync_channel(1);
        thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || run(turn, &answer, work))
            .map_err(|error| KeychainError::new(ErrorCode::KeychainFailed, error))?;
        match answered.recv_timeout(limit.saturating_sub(start.elapsed())) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => {
                Err(KeychainError::new(ErrorCode::KeychainFailed, "the keychain's client came to grief"))
            }
            Err(RecvTimeoutError::Timeout) => {
                self.abandon(number);
                Err(timed_out(format!("it was given {} seconds", limit.as_secs())))
            }
        }
    }

    fn wait(self: &Arc<Self>, limit: Duration) -> Result<Turn, KeychainError> {
        let taken = |state: &mut State| state.running.is_some() && !state.abandoned;
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.state(), limit, taken)
            .unwrap_or_else(PoisonError::into_inner);
        if state.abandoned {
            return Err(timed_out("an earlier call still waits for its answer"));
        }
        if state.running.is_some() {
            return Err(timed_out("it is busy with an earlier call"));
        }
        state.last += 1;
        state.running = Some(state.last);
        Ok(Turn { turns: Arc::clone(self), number: state.last })
    }

    fn abandon(&self, number: u64) {
        let mut state = self.state();
        // Unless it came back just now.
        if state.running == Some(number) {
            state.abandoned = true;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timed_out(detail: impl ToString) -> KeychainError {
    KeychainError::new(ErrorCode::KeychainTimedOut, detail)
}

fn run<T>(
    turn: Turn,
    answer: &SyncSender<Result<T, KeychainError>>,
    work: impl FnOnce() -> Result<T, KeychainError>,
) {
    let result = work();
    drop(turn);
    // Nobody may be waiting any longer.
    let _ = answer.send(result);
}

/// Ends when dropped, also by a panic of the work.
struct Turn {
    turns: Arc<Turns>,
    number: u64,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.turns.state();
        state.running = None;
        state.abandoned = false;
        self.turns.changed.notify_all();
    }
}
