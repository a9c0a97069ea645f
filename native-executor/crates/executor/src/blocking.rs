//! Code on the blocking pool, counted: what waits for a thread, what runs, and what runs for nobody.
//!
//! Nothing stops such code from outside. A blocking function that is cancelled runs until it returns, and what a call
//! has put on the pool goes on when that call is cancelled. An operator who sees a busy processor and no call finds the
//! reason here.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::metrics::Metrics;

thread_local! {
    /// Of the runtime that this thread is of.
    static METRICS: RefCell<Option<Arc<Metrics>>> = const { RefCell::new(None) };
    /// Of the call from which the code was started that runs on this thread; for code that is no call itself.
    static STARTER: Cell<Option<Ended>> = const { Cell::new(None) };
}

/// Set when a call has ended, with a result or without.
pub(crate) type Ended = Arc<AtomicBool>;

/// Answers whether nobody waits any more for what runs.
type Unwanted = Box<dyn Fn() -> bool + Send>;

/// What is on one runtime's blocking pool.
#[derive(Default)]
pub(crate) struct Blocking {
    queued: AtomicU64,
    /// Code that is no call itself, so far.
    spawned: AtomicU64,
    running: Mutex<Vec<(u64, Unwanted)>>,
    names: AtomicU64,
}

/// How much is on the pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) spawned: u64,
    pub(crate) queued: u64,
    pub(crate) running: u64,
    pub(crate) abandoned: u64,
}

impl Blocking {
    pub(crate) fn load(&self) -> Load {
        let running = self.running();
        let abandoned = running.iter().filter(|(_, unwanted)| unwanted()).count();
        // Relaxed: counts order nothing.
        Load {
            spawned: self.spawned.load(Ordering::Relaxed),
            queued: self.queued.load(Ordering::Relaxed),
            running: running.len() as u64,
            abandoned: abandoned as u64,
        }
    }

    fn running(&self) -> MutexGuard<'_, Vec<(u64, Unwanted)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(out)
    }
}

/// One piece of work, counted from when it is put on the pool until this is dropped.
pub(crate) struct Counted {
    metrics: Arc<Metrics>,
    /// What it is called among those that run; none while it waits.
    name: Option<u64>,
}

impl Counted {
    /// A call that goes to the pool.
    pub(crate) fn call(metrics: &Arc<Metrics>) -> Counted {
        metrics.blocking().queued.fetch_add(1, Ordering::Relaxed);
        Counted {
            metrics: Arc::clone(metrics),
            name: None,
        }
    }

    /// Code that is no call itself; none on a thread that has nothing to do with a runtime of this library.
    /// `loop_driven` are the metrics of the runtime whose loop-driven code is the caller, if there is one.
    pub(crate) fn code(loop_driven: Option<Arc<Metrics>>) -> Option<Counted> {
        let of_thread = || METRICS.try_with(|metrics| metrics.borrow().clone()).ok()?;
        let metrics = loop_driven.or_else(of_thread)?;
        metrics.blocking().spawned.fetch_add(1, Ordering::Relaxed);
        Some(Counted::call(&metrics))
    }

    /// It has its thread.
    pub(crate) fn begin(&mut self, unwanted: Unwanted) {
        let blocking = self.metrics.blocking();
        let name = blocking.names.fetch_add(1, Ordering::Relaxed);
        blocking.running().push((name, unwanted));
        blocking.queued.fetch_sub(1, Ordering::Relaxed);
        self.name = Some(name);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let blocking = self.metrics.blocking();
        let Some(name) = self.name else {
            blocking.queued.fetch_sub(1, Ordering::Relaxed);
            return;
        };
        let mut running = blocking.running();
        if let Some(at) = running.iter().position(|(other, _)| *other == name) {
            let gone = running.swap_remove(at);
            // Outside of the lock: it may hold the last reference to a port.
            drop(running);
            drop(gone);
        }
    }
}

/// This thread is one of the runtime with these metrics, for as long as it lives.
pub(crate) fn thread_started(metrics: &Arc<Metrics>) {
    METRICS.set(Some(Arc::clone(metrics)));
}

/// The end of the call from which the code that runs on this thread was started.
pub(crate) fn starter() -> Option<Ended> {
    let look = |starter: &Cell<Option<Ended>>| {
        let ended = starter.take();
        starter.set(ended.clone());
        ended
    };
    STARTER.try_with(look).ok().flatten()
}

/// Runs code that was started from a call's code, so that it can ask whether that call has ended.
pub(crate) fn run_for<R>(starter: Option<Ended>, code: impl FnOnce() -> R) -> R {
    let _restore = Restore(STARTER.replace(starter));
    code()
}

struct Restore(Option<Ended>);

impl Drop for Restore {
    fn drop(&mut self) {
        STARTER.set(self.0.take());
    }
}

/// Whether the call has ended.
pub(crate) fn has_ended(call: &Ended) -> bool {
    // Relaxed: the flag stands for itself, no other memory goes with it.
    call.load(Ordering::Relaxed)
}
