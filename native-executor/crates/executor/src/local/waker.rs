//! The waker of a loop-driven future.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::task::{Wake, Waker};

use loopbridge_protocol::{Ask, CallId, PollState, Request};

use crate::port::Port;

/// Requests a poll from the owner loop, on any thread.
pub(super) struct LoopWaker {
    port: Arc<Port>,
    /// Slot and generation of the call.
    call: AtomicU64,
    state: PollState,
}

impl LoopWaker {
    /// Makes the waker of a future that is about to be polled for the first time.
    pub(super) fn new(port: Arc<Port>, call: CallId) -> Arc<LoopWaker> {
        Arc::new(LoopWaker {
            port,
            call: AtomicU64::new(call.to_word()),
            state: PollState::new(),
        })
    }

    /// Returns whether `this` is the only reference, so that nothing else can wake the future any more.
    pub(super) fn is_unused(this: &Arc<LoopWaker>) -> bool {
        let unused = Arc::strong_count(this) == 1;
        // Acquire: pairs with the Release of the drop of the last clone, which other threads may have had.
        fence(Ordering::Acquire);
        unused
    }

    /// Makes this waker, which is unused, that of another future.
    pub(super) fn reset(&self, call: CallId) {
        // Relaxed, as all accesses: a clone gets to another thread in some way that orders what is written here.
        self.call.store(call.to_word(), Ordering::Relaxed);
        self.state.reset();
    }

    pub(super) fn state(&self) -> &PollState {
        &self.state
    }

    /// Runs `poll` with the waker. This waker is not counted, since counting costs two atomic operations; a clone is.
    pub(super) fn lend<R>(self: &Arc<LoopWaker>, poll: impl FnOnce(&Waker) -> R) -> R {
        // SAFETY: the pointer is of a living Arc, which `self` keeps for the whole of this function; the Arc made here has
        // no count of its own, and is never dropped.
        let uncounted = unsafe { Arc::from_raw(Arc::as_ptr(self)) };
        let waker = ManuallyDrop::new(Waker::from(uncounted)); // seed M6
        poll(&waker)
    }
}

impl Wake for LoopWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref(); // seed M7
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.wake() == Ask::Publish {
            let call = CallId::of_word(self.call.load(Ordering::Relaxed));
            self.port.request(&Request::Poll { call });
        }
    }
}
