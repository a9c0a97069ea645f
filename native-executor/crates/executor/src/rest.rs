//! The thread for ports at rest.
//!
//! A worker of Tokio that was asleep and finds a task wakes a second worker before it runs the task, in case there are
//! more. After a rest there are none, and that wake costs more than all else that a single call does here. So a runtime
//! has one further thread, a Tokio runtime of one worker, to which a dispatcher is woken that has slept for long.
//!
//! The thread serves one port at a time. While it does, the dispatchers of other ports are woken to the runtime's own
//! workers, so that no port waits for the user code of another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

/// The thread for ports at rest of one runtime. Any thread.
pub(crate) struct RestThread {
    /// `None` if the runtime has no such thread, or has closed it.
    tokio: Mutex<Option<Runtime>>,
    /// Set while the thread polls a dispatcher or is about to. Relaxed: no other memory is read because of it.
    busy: AtomicBool,
}

impl RestThread {
    pub(crate) fn new(tokio: Option<Runtime>) -> RestThread {
        RestThread {
            tokio: Mutex::new(tokio),
            busy: AtomicBool::new(false),
        }
    }

    /// Spawns the task that polls a dispatcher on this thread; drops it if there is no such thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let tokio = self.tokio.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokio) = tokio.as_ref() {
            drop(tokio.spawn(task));
        }
    }

    /// Takes the thread for one poll. On `true` the caller wakes a task of [`spawn`](Self::spawn), which ends the
    /// poll by [`free`](Self::free).
    pub(crate) fn take(&self) -> bool {
        !self.busy.swap(true, Ordering::Relaxed)
    }

    /// Frees the thread, which calls this itself: so it runs no user code that keeps it from other tasks.
    pub(crate) fn free(&self) {
        self.busy.store(false, Ordering::Relaxed);
    }

    /// Ends the thread, and waits for that up to `timeout`.
    pub(crate) fn close(&self, timeout: Duration) {
        let tokio = self
            .tokio
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(tokio) = tokio {
            tokio.shutdown_timeout(timeout);
        }
    }
}
