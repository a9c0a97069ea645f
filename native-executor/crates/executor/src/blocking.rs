//! Counts the code on the blocking pool: what waits for a thread, what runs, and what runs though its call has ended.
//!
//! Such code cannot be stopped from outside. A blocking function that is cancelled runs until it returns, and code that
//! a call has put on the pool goes on when that call is cancelled. An operator who sees a busy processor and no call
//! finds the reason in these counts.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::metrics::Metrics;

thread_local! {
    /// The metrics of the runtime to which this thread belongs.
    static METRICS: RefCell<Option<Arc<Metrics>>> = const { RefCell::new(None) };
    /// The end flag of the call from which the code on this thread was started; for code that is no call itself.
    static STARTER: Cell<Option<Ended>> = const { Cell::new(None) };
}

/// A flag that is set when a call has ended, with a result or without.
pub(crate) type Ended = Arc<AtomicBool>;

/// Returns whether the result of the running code will be dropped.
type Unwanted = Box<dyn Fn() -> bool + Send>;

/// The counts of one runtime's blocking pool.
#[derive(Default)]
pub(crate) struct Blocking {
    queued: AtomicU64,
    /// The number of pieces of code, other than calls, that were put on the pool so far.
    spawned: AtomicU64,
    running: Mutex<Vec<(u64, Unwanted)>>,
    names: AtomicU64,
}

/// The amounts of work on the pool.
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

/// One piece of work. It is counted from when it is put on the pool until this is dropped.
pub(crate) struct Counted {
    metrics: Arc<Metrics>,
    /// Its key among the running pieces; `None` while it waits.
    name: Option<u64>,
}

impl Counted {
    /// Counts a call that is put on the pool.
    pub(crate) fn call(metrics: &Arc<Metrics>) -> Counted {
        metrics.blocking().queued.fetch_add(1, Ordering::Relaxed);
        Counted {
            metrics: Arc::clone(metrics),
            name: None,
        }
    }

    /// Counts code that is no call itself; `None` on a thread that belongs to no runtime of this library. `loop_driven`
    /// are the metrics of the runtime whose loop-driven code is the caller, if there is one.
    pub(crate) fn code(loop_driven: Option<Arc<Metrics>>) -> Option<Counted> {
        let metrics = loop_driven.or_else(metrics)?;
        metrics.blocking().spawned.fetch_add(1, Ordering::Relaxed);
        Some(Counted::call(&metrics))
    }

    /// Counts the work as running, since it has a thread now.
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
            // Dropped outside of the lock, since it may hold the last reference to a port.
            drop(running);
            drop(gone);
        }
    }
}

/// Marks this thread as one of the runtime with these metrics, until the thread ends.
pub(crate) fn thread_started(metrics: &Arc<Metrics>) {
    METRICS.set(Some(Arc::clone(metrics)));
}

/// Returns the metrics of the runtime to which this thread belongs.
pub(crate) fn metrics() -> Option<Arc<Metrics>> {
    METRICS.try_with(|metrics| metrics.borrow().clone()).ok()?
}

/// Returns the end flag of the call from which the code that runs on this thread was started.
pub(crate) fn starter() -> Option<Ended> {
    let look = |starter: &Cell<Option<Ended>>| {
        let ended = starter.take();
        starter.set(ended.clone());
        ended
    };
    STARTER.try_with(look).ok().flatten()
}

/// Runs code that was started from a call's code, so that the code can look whether that call has ended.
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

/// Returns whether the call has ended.
pub(crate) fn has_ended(call: &Ended) -> bool {
    // Relaxed: no other memory is read because of the flag.
    call.load(Ordering::Relaxed)
}
