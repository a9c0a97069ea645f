//! The owner's call slots as the native side sees them: what runs in each, and how to abort it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use loopbridge_protocol::{Begin, CallId, CallState, Cancel, Finish};
use tokio::task::AbortHandle;

/// One entry for each slot of the owner.
pub(crate) struct CallSlots(Box<[Slot]>);

#[derive(Default)]
struct Slot {
    state: CallState,
    task: Mutex<Task>,
}

/// What can be aborted. The dispatcher announces a task before it starts it, so that one that ends meanwhile leaves
/// nothing behind.
#[derive(Default)]
enum Task {
    #[default]
    None,
    Starting,
    Started(AbortHandle),
}

impl CallSlots {
    pub(crate) fn new(count: u32) -> CallSlots {
        CallSlots((0..count).map(|_| Slot::default()).collect())
    }

    // The dispatcher

    /// Starts a call; `false` if the record names no free slot of this port, so that nobody could tell its outcome from
    /// another's.
    pub(crate) fn begin(&self, id: CallId) -> bool {
        let begin = |slot: &Slot| slot.state.begin(id.generation) == Begin::Begun;
        self.get(id).is_some_and(begin)
    }

    /// Cancels a call; `true` if it was running, so that its outcome will be CANCELLED.
    pub(crate) fn cancel(&self, id: CallId) -> bool {
        let cancel = |slot: &&Slot| slot.state.cancel(id.generation) == Cancel::Abort;
        let Some(slot) = self.get(id).filter(cancel) else {
            return false;
        };
        let task = match &*slot.task() {
            Task::Started(task) => Some(task.clone()),
            Task::Starting | Task::None => None,
        };
        if let Some(task) = task {
            task.abort();
        }
        true
    }

    /// Announces a task for the call, before the task starts.
    pub(crate) fn task_starting(&self, id: CallId) {
        if let Some(slot) = self.get(id) {
            *slot.task() = Task::Starting;
        }
    }

    /// Keeps the task for a cancel, unless it ended already.
    pub(crate) fn task_started(&self, id: CallId, task: AbortHandle) {
        if let Some(slot) = self.get(id) {
            let mut place = slot.task();
            if matches!(*place, Task::Starting) {
                *place = Task::Started(task);
            }
        }
    }

    /// Aborts every task, when nobody waits for any outcome.
    pub(crate) fn abort_all(&self) {
        for slot in &self.0 {
            let task = slot.take_task();
            if let Task::Started(task) = task {
                task.abort();
            }
        }
    }

    // Whoever ends the call

    /// Forgets the call's task; before its outcome gives the slot to another call.
    pub(crate) fn task_ended(&self, id: CallId) {
        if let Some(slot) = self.get(id) {
            drop(slot.take_task());
        }
    }

    /// Ends a call; what its record is to say.
    pub(crate) fn finish(&self, id: CallId) -> Finish {
        let finish = |slot: &Slot| slot.state.finish(id.generation);
        self.get(id).map_or(Finish::Stale, finish)
    }

    /// Ends a call that never left the dispatcher, who is the caller.
    pub(crate) fn finish_own(&self, id: CallId) {
        if let Some(slot) = self.get(id) {
            slot.state.finish_own(id.generation);
        }
    }

    /// Whether a running call was cancelled.
    pub(crate) fn is_cancelled(&self, id: CallId) -> bool {
        let cancelled = |slot: &Slot| slot.state.is_cancelled(id.generation);
        self.get(id).is_some_and(cancelled)
    }

    fn get(&self, id: CallId) -> Option<&Slot> {
        self.0.get(id.slot as usize)
    }
}

impl Slot {
    fn task(&self) -> MutexGuard<'_, Task> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_task(&self) -> Task {
        std::mem::take(&mut *self.task())
    }
}
