//! The owner's call slots as the native side sees them: the state of each, and the task to abort.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use loopbridge_protocol::{Begin, CallId, CallState, Cancel, Finish};
use tokio::task::JoinHandle;

use crate::mapping::Mapping;

/// The state of each slot of the owner. The owner uses the lowest free slots, so that memory is touched only for as
/// many slots as there ever were calls in flight at once.
pub(crate) struct CallSlots {
    states: Mapping,
    count: u32,
    /// One more than the highest slot that was ever used; only the dispatcher writes it.
    used: AtomicU32,
}

impl CallSlots {
    /// # Errors
    ///
    /// If the system has no memory for the states.
    pub(crate) fn new(count: u32) -> io::Result<CallSlots> {
        let states = Mapping::new(count as usize * size_of::<CallState>())?;
        Ok(CallSlots {
            states,
            count,
            used: AtomicU32::new(0),
        })
    }

    // Used by the dispatcher

    /// Begins a call. Returns `false` if the record names no free slot of this port: its outcome could not be
    /// distinguished from that of another call.
    pub(crate) fn begin(&self, id: CallId) -> bool {
        // Relaxed, and no read-modify-write: there is one writer, and readers only count.
        if id.slot >= self.used.load(Ordering::Relaxed) && id.slot < self.count {
            self.used.store(id.slot + 1, Ordering::Relaxed);
        }
        let begin = |state: &CallState| state.begin(id.generation) == Begin::Begun;
        self.get(id).is_some_and(begin)
    }

    /// Cancels a call. Returns `true` if it was running; then its outcome will be CANCELLED.
    pub(crate) fn cancel(&self, id: CallId) -> bool {
        let cancel = |state: &CallState| state.cancel(id.generation) == Cancel::Abort;
        self.get(id).is_some_and(cancel)
    }

    // Used by the thread that ends a call

    /// Ends a call whose guard the caller consumes, and returns which record the caller publishes.
    pub(crate) fn finish(&self, id: CallId) -> Finish {
        let finish = |state: &CallState| state.finish(id.generation);
        self.get(id).map_or(Finish::Stale, finish)
    }

    /// Ends a call that may have ended, after a panic.
    pub(crate) fn finish_unguarded(&self, id: CallId) -> Finish {
        let finish = |state: &CallState| state.finish_unguarded(id.generation);
        self.get(id).map_or(Finish::Stale, finish)
    }

    /// Ends a call that has neither task nor thread; only the dispatcher calls this.
    pub(crate) fn finish_own(&self, id: CallId) {
        if let Some(state) = self.get(id) {
            state.finish_own(id.generation);
        }
    }

    /// Returns whether a running call was cancelled.
    pub(crate) fn is_cancelled(&self, id: CallId) -> bool {
        let cancelled = |state: &CallState| state.is_cancelled(id.generation);
        self.get(id).is_some_and(cancelled)
    }

    /// Counts the calls that have begun and not ended. Any thread; it looks at each slot that was ever used.
    pub(crate) fn running(&self) -> u64 {
        let slots = 0..self.used.load(Ordering::Relaxed);
        let runs = |slot: &u32| {
            let id = CallId {
                slot: *slot,
                generation: 0,
            };
            self.get(id).is_some_and(|state| !state.is_empty())
        };
        slots.filter(runs).count() as u64
    }

    fn get(&self, id: CallId) -> Option<&CallState> {
        let states = self.states.address().cast::<CallState>();
        // SAFETY: the mapping holds so many states, begins at a page, and was zeroed, as empty states are. It lives as long
        // as `self`, nothing else refers to it, and its pages are not discarded before.
        (id.slot < self.count).then(|| unsafe { states.add(id.slot as usize).as_ref() })
    }
}

/// The last task of each slot. Only the dispatcher uses it.
///
/// The handle of a task that has ended stays until its slot has another: to remove it, the thread that ends the call
/// would have to synchronise with the dispatcher. It keeps the memory of the task, not the future that the task ran,
/// and aborting it has no effect.
pub(crate) struct Tasks(Vec<Option<JoinHandle<()>>>);

impl Tasks {
    pub(crate) fn new() -> Tasks {
        Tasks(Vec::new())
    }

    /// Keeps the task of a call that has begun. `id` therefore names one of the port's slots.
    pub(crate) fn started(&mut self, id: CallId, task: JoinHandle<()>) {
        let slot = id.slot as usize;
        if slot >= self.0.len() {
            self.0.resize_with(slot + 1, || None);
        }
        self.0[slot] = Some(task);
    }

    /// Aborts the task of a call that was cancelled while it ran.
    pub(crate) fn abort(&self, id: CallId) {
        if let Some(Some(task)) = self.0.get(id.slot as usize) {
            task.abort();
        }
    }

    /// Aborts every task; used when no outcome is read any more.
    pub(crate) fn abort_all(&self) {
        self.0.iter().flatten().for_each(JoinHandle::abort);
    }
}
