//! What every handler shares: the world, the ledger, the ordered faults and the options. Owns the world's lock, which is
//! never held across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::faults::queue::FaultQueue;
use crate::ledger::Ledger;
use crate::world::World;

/// Which of the two shapes seen in public clients `getAllSSLCertificates` answers with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ListShape {
    /// An array under `details`, as newer builds do.
    #[default]
    New,
    /// An array under `SSLCertificates`, and details under the certificate's id, as older builds do.
    Old,
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) msca: bool,
    pub(crate) list_shape: ListShape,
    pub(crate) csr_list_operation: String,
    pub(crate) http1_only: bool,
    /// Every HTTP/2 request is reset.
    pub(crate) http11_required: bool,
    /// How long a slow fault takes per byte.
    pub(crate) slow_tick: Duration,
}

pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) token: String,
    pub(crate) ledger: Ledger,
    pub(crate) faults: FaultQueue,
    pub(crate) options: Options,
}

impl std::fmt::Debug for Shared {
    /// Without the token, which must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(world: World, options: Options) -> Self {
        let token = world.token().to_owned();
        Self {
            world: Mutex::new(world),
            token,
            ledger: Ledger::default(),
            faults: FaultQueue::default(),
            options,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
