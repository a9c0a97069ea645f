//! Failed upcalls beside the dispatcher's end. The dispatcher repeats them; after its end the thread whose upcall
//! failed does. The rings are discarded once, when neither side reads them.
#![cfg(loom)]

mod model;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use loopbridge_protocol::{DispatcherState, Retrier, Rings};
use model::model;

/// The executor's port, as far as it concerns upcalls and the rings.
struct Port {
    state: DispatcherState,
    /// The work of each failed upcall, written by its thread alone before the thread requests a retry.
    work: [UnsafeCell<bool>; 2],
    /// How many repeated upcalls fail before one succeeds.
    failures: AtomicUsize,
    upcalls: AtomicUsize,
    /// Read by both sides before they end; written when it is discarded.
    rings: UnsafeCell<usize>,
}

// SAFETY: loom panics at an access to the cells that nothing orders.
unsafe impl Sync for Port {}
// SAFETY: as for `Sync`.
unsafe impl Send for Port {}

impl Port {
    fn new(failures: usize) -> Arc<Self> {
        Arc::new(Self {
            state: DispatcherState::new(),
            work: [UnsafeCell::new(false), UnsafeCell::new(false)],
            failures: AtomicUsize::new(failures),
            upcalls: AtomicUsize::new(0),
            rings: UnsafeCell::new(0),
        })
    }

    /// Requests a retry for a thread whose upcall has failed.
    fn upcall_fails(&self, number: usize) {
        // SAFETY: loom checks.
        self.work[number].with_mut(|work| unsafe { *work = true });
        if self.state.request_retry() == Retrier::Caller {
            self.retry_at_last(&[number]);
        }
    }

    /// Takes a request if there is one; the repeated upcall covers the work of all threads that requested it.
    fn retry(&self, numbers: &[usize]) {
        if !self.state.take_retry() {
            return;
        }
        for number in numbers {
            // SAFETY: loom checks.
            self.work[*number].with(|work| unsafe { assert!(*work) });
        }
        let decrement = |failures: usize| failures.checked_sub(1);
        let failed = self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, decrement);
        match failed {
            Ok(_) => {
                let _looked_at_again = self.state.request_retry();
            }
            Err(_) => {
                self.upcalls.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn retry_at_last(&self, numbers: &[usize]) {
        while self.state.is_retry_requested() {
            self.retry(numbers);
        }
    }

    fn read_rings(&self) {
        // SAFETY: loom checks.
        self.rings.with(|rings| unsafe { assert_eq!(*rings, 0) });
    }

    fn discard(&self, rings: Rings) {
        if rings == Rings::Discard {
            // SAFETY: loom checks.
            self.rings.with_mut(|rings| unsafe { *rings += 1 });
        }
    }

    /// The dispatcher ends.
    fn end(&self, numbers: &[usize]) {
        self.read_rings();
        let end = self.state.end();
        self.discard(end.rings);
        if end.retry {
            self.retry_at_last(numbers);
        }
    }

    fn assert_repeated(&self) {
        assert!(!self.state.is_retry_requested());
        assert_ne!(self.upcalls.load(Ordering::Relaxed), 0);
    }
}

/// A worker's upcall and the first `failing` repetitions of it fail beside the dispatcher's end.
fn fails_beside_the_end(failing: usize) -> Arc<Port> {
    let port = Port::new(failing);
    let worker = {
        let port = port.clone();
        thread::spawn(move || port.upcall_fails(0))
    };
    port.retry(&[0]);
    port.end(&[0]);
    worker.join().unwrap();
    port.assert_repeated();
    port
}

/// The upcall fails before the dispatcher looks for requests the last time, between that and its end, or after its end.
#[test]
fn a_failed_upcall_meets_the_dispatchers_end() {
    model("failed upcall, end of the dispatcher", "I1 I12", || {
        let port = fails_beside_the_end(0);
        assert_eq!(port.upcalls.load(Ordering::Relaxed), 1);
    });
}

/// The upcall that repeats the failed one fails too.
#[test]
fn a_repeated_upcall_fails_beside_the_dispatchers_end() {
    model("failed repetition, end of the dispatcher", "I1 I12", || {
        fails_beside_the_end(1);
    });
}

/// One upcall stands for all that failed before it was taken.
#[test]
fn two_failed_upcalls_meet_the_dispatchers_end() {
    model(
        "two failed upcalls, end of the dispatcher",
        "I1 I12",
        || {
            let port = Port::new(0);
            let workers = [0, 1].map(|number| {
                let port = port.clone();
                thread::spawn(move || port.upcall_fails(number))
            });
            port.retry(&[]);
            port.end(&[]);
            for worker in workers {
                worker.join().unwrap();
            }
            port.assert_repeated();
            assert!(port.upcalls.load(Ordering::Relaxed) <= 2);
        },
    );
}

/// Java requests an upcall and makes it itself if there is no dispatcher: exactly one is made.
#[test]
fn java_asks_for_an_upcall_beside_the_dispatchers_end() {
    model("requested upcall, end of the dispatcher", "I1 I2", || {
        let port = Port::new(0);
        let java = {
            let port = port.clone();
            thread::spawn(move || {
                // SAFETY: loom checks.
                port.work[0].with_mut(|work| unsafe { *work = true });
                let own = port.state.request_retry() == Retrier::Caller && port.state.take_retry();
                usize::from(own)
            })
        };
        // A thread of another loop that leaves checks for requests too.
        let leaving = {
            let port = port.clone();
            thread::spawn(move || port.retry(&[0]))
        };
        port.end(&[0]);
        let own = java.join().unwrap();
        leaving.join().unwrap();
        assert!(!port.state.is_retry_requested());
        assert_eq!(own + port.upcalls.load(Ordering::Relaxed), 1);
    });
}

/// Java closes twice beside the end, as a hostile caller may.
#[test]
fn the_rings_are_discarded_once_by_the_later_of_both_ends() {
    model("close, end of the dispatcher", "I1 I10", || {
        let port = Port::new(0);
        let java = {
            let port = port.clone();
            thread::spawn(move || {
                port.read_rings();
                port.discard(port.state.close());
                port.discard(port.state.close());
            })
        };
        port.end(&[]);
        java.join().unwrap();
        // SAFETY: loom checks.
        port.rings.with(|rings| unsafe { assert_eq!(*rings, 1) });
        assert!(port.state.is_closing() && port.state.has_ended());
    });
}
