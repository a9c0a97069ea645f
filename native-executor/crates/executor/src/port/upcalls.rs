//! How a port makes its owner drain the ring: one upcall when the wake word leaves idle, repeated if it fails. Any
//! thread.

use loopbridge_protocol as protocol;
use loopbridge_protocol::Retrier;

use super::Port;
use super::wake::Upcall;
use crate::panics;

/// How often a failed upcall is repeated after the runtime has ended.
const LAST_ATTEMPTS: u32 = 8;

impl Port {
    /// Makes sure that the owner drains the records published before. Of all threads that publish while a drain is
    /// scheduled only the first makes an upcall (rule 3).
    pub(super) fn schedule(&self) {
        if self.wake_word.schedule() == protocol::Wake::Upcall {
            self.wake_owner();
        }
    }

    /// Makes the upcall; called by the thread that set SCHEDULED. If the upcall fails the bit stays set, so that no
    /// other thread tries, and the dispatcher, whose thread is attached to the JVM, repeats it until it succeeds.
    pub(super) fn wake_owner(&self) {
        if self.try_wake_owner() == Upcall::Failed {
            match self.state.request_retry() {
                Retrier::Dispatcher => self.dispatcher.wake(),
                Retrier::Caller => self.retry_at_last(),
            }
        }
    }

    /// Requests an upcall from the dispatcher. Java asks for it if it could not queue a drain on the loop, such as for
    /// want of memory: a new upcall queues the drain and needs no memory. Returns `false` if the dispatcher has ended.
    pub(crate) fn request_wake(&self) -> bool {
        match self.state.request_retry() {
            Retrier::Dispatcher => {
                self.dispatcher.wake();
                true
            }
            // The thread that takes the request makes the upcall.
            Retrier::Caller => !self.state.take_retry(),
        }
    }

    fn try_wake_owner(&self) -> Upcall {
        // Counted before it is made, so that a thread that the upcall wakes finds it in the counter.
        self.environment.metrics().upcall_begun();
        // A panic is caught: if it unwound further, no thread would make the upcall that the wake word promises.
        panics::catch(|| self.wake.wake()).unwrap_or_else(|_| {
            self.environment.metrics().panic_caught();
            Upcall::Failed
        })
    }

    /// Returns whether a failed upcall has to be repeated.
    pub(crate) fn is_retry_requested(&self) -> bool {
        self.state.is_retry_requested()
    }

    /// Repeats an upcall that failed, unless another thread has taken the request.
    pub(crate) fn retry(&self) {
        if self.state.take_retry() && self.try_wake_owner() == Upcall::Failed {
            // Both callers look for a request again, so that this one is not lost.
            let _retrier = self.state.request_retry();
        }
    }

    /// Repeats a failed upcall a bounded number of times; for threads that cannot rely on a dispatcher.
    pub(crate) fn retry_at_last(&self) {
        for _ in 0..LAST_ATTEMPTS {
            if !self.is_retry_requested() {
                return;
            }
            self.retry();
            std::thread::yield_now();
        }
        // A dispatcher that still runs may have looked while this thread had the request; it looks again.
        self.dispatcher.wake();
    }
}
