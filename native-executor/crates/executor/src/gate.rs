//! The gate of a runtime: every upcall passes it, and it closes when the runtime ends with its JVM (rule 10).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CLOSED: usize = 1;
const RUNNING: usize = 2;

/// How long closing waits for upcalls that run. They only queue a task, but their thread may have to wait for a core.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// CLOSED in the lowest bit, the number of upcalls that run above it.
#[derive(Default)]
pub(crate) struct Gate(AtomicUsize);

/// An upcall that runs.
#[must_use]
pub(crate) struct Passage<'a>(&'a Gate);

impl Gate {
    /// Returns the permission to make one upcall; `None` once the gate is closed.
    pub(crate) fn pass(&self) -> Option<Passage<'_>> {
        // Acquire: pairs with the Release in `close`.
        let before = self.0.fetch_add(RUNNING, Ordering::Acquire);
        let passage = Passage(self);
        (before & CLOSED == 0).then_some(passage)
    }

    /// Closes the gate: no upcall starts any more. It waits a bounded time for those that run.
    pub(crate) fn close(&self) {
        // AcqRel: the Acquire pairs with the Release of each passage's end.
        self.0.fetch_or(CLOSED, Ordering::AcqRel);
        let start = Instant::now();
        while self.0.load(Ordering::Acquire) != CLOSED && start.elapsed() < LONGEST_WAIT {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(RUNNING, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_gate_stays_closed_and_does_not_wait_for_ever() {
        let gate = Gate::default();
        let passage = gate.pass();
        assert!(passage.is_some());
        let start = Instant::now();
        gate.close();
        assert!(start.elapsed() >= LONGEST_WAIT);
        assert!(gate.pass().is_none());
        drop(passage);
        assert!(gate.pass().is_none());
        gate.close();
    }
}
