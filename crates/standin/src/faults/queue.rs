//! Faults ordered for the next calls. A sentinel CSR id needs no entry here: it works at any time and for every client.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Fault;

/// First in, first out; each entry is used as often as it says.
#[derive(Default)]
pub(crate) struct FaultQueue(Mutex<VecDeque<(Fault, u32)>>);

impl FaultQueue {
    pub(crate) fn push(&self, fault: Fault, times: u32) {
        if times > 0 {
            self.lock().push_back((fault, times));
        }
    }

    /// The fault for the call that has just arrived, if one was ordered.
    pub(crate) fn take(&self) -> Option<Fault> {
        let mut queue = self.lock();
        let (fault, left) = queue.front_mut()?;
        let fault = *fault;
        *left -= 1;
        if *left == 0 {
            queue.pop_front();
        }
        Some(fault)
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Fault, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_run_out() {
        let queue = FaultQueue::default();
        queue.push(Fault::Hang, 0);
        queue.push(Fault::Bom, 2);
        queue.push(Fault::Crlf, 1);
        let taken: Vec<_> = (0..4).map(|_| queue.take()).collect();
        assert_eq!(taken, [Some(Fault::Bom), Some(Fault::Bom), Some(Fault::Crlf), None]);
        queue.push(Fault::Bom, 5);
        queue.clear();
        assert_eq!(queue.take(), None);
    }
}
