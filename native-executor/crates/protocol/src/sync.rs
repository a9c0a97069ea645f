//! The one place that chooses between the real atomics, loom's and shuttle's.
//!
//! Files that access an atomic: `memory`, `submission`, `completion`, `doorbell`, `wake`, `settle`,
//! `lend`, `invocation`, `poll`, `dispatcher`. Everything else is built from their transitions.

#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
pub use loom::sync::{Arc, Mutex, MutexGuard};
#[cfg(loom)]
pub use loom::thread;

#[cfg(shuttle)]
pub use shuttle::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(shuttle)]
pub use shuttle::sync::{Arc, Mutex, MutexGuard};
#[cfg(shuttle)]
pub use shuttle::thread;

#[cfg(not(any(loom, shuttle)))]
pub use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(any(loom, shuttle)))]
pub use std::sync::{Arc, Mutex, MutexGuard};
#[cfg(not(any(loom, shuttle)))]
pub use std::thread;

/// Locks `mutex` also if a thread panicked while it held the lock: what the callers guard is
/// consistent between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
