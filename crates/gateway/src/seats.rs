//! The places for connections: who has one, and who gives one up.
//!
//! Owns that no number of connections without a session keeps the session's owner out: where all places are taken, the
//! oldest connection that has shown no session is closed for a new one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All places of a gateway.
pub(crate) struct Seats {
    free: Arc<Semaphore>,
    /// By their order of arrival.
    taken: Mutex<BTreeMap<u64, Arc<Visitor>>>,
}

/// Who has a place. A request's extensions hold it.
#[derive(Debug, Default)]
pub(crate) struct Visitor {
    admitted: AtomicBool,
    given_up: Notify,
}

impl Visitor {
    /// A request of this connection has shown a session: its place is its own until it ends.
    pub(crate) fn is_admitted(&self) {
        self.admitted.store(true, Ordering::SeqCst);
    }
}

/// One place; free again when this is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    visitor: Arc<Visitor>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Seats {
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(count)), taken: Mutex::default() })
    }

    /// A place for a connection. Where none is free, the oldest connection that has shown no session gives its own up; where
    /// each has shown one, this waits.
    pub(crate) async fn take(self: &Arc<Self>, number: u64) -> Seat {
        if self.free.available_permits() == 0 {
            self.give_one_up();
        }
        // None only where somebody closed the semaphore, which nobody does.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        let visitor = Arc::<Visitor>::default();
        self.taken().insert(number, Arc::clone(&visitor));
        Seat { seats: Arc::clone(self), number, visitor, _permit: permit }
    }

    /// It leaves the list at once, so that the next one who comes does not wait for a place that is given up already.
    fn give_one_up(&self) {
        let mut taken = self.taken();
        let stranger = taken.iter().find(|(_, it)| !it.admitted.load(Ordering::SeqCst)).map(|(it, _)| *it);
        if let Some(visitor) = stranger.and_then(|it| taken.remove(&it)) {
            visitor.given_up.notify_one();
        }
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Visitor>>> {
        // A map of numbers is sound whatever panicked while it was locked.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// For the requests of the connection.
    pub(crate) fn visitor(&self) -> Arc<Visitor> {
        Arc::clone(&self.visitor)
    }

    /// Ready when the connection is to be closed for another one.
    pub(crate) async fn is_given_up(&self) {
        self.visitor.given_up.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().remove(&self.number);
    }
}
