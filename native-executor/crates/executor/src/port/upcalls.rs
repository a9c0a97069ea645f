//! How a port has its owner drain: one upcall on the wake word's idle edge, repeated if it fails. Any thread.

use loopbridge_protocol as protocol;
use loopbridge_protocol::Retrier;

use super::Port;
use crate::panics;
use crate::wake::Upcall;

/// How often a failed upcall is repeated when the runtime has ended.
const LAST_ATTEMPTS: u32 = 8;

impl Port {
    /// Makes sure that what was published is drained.
    pub(super) fn schedule(&self) {
        if self.wake_word.schedule() == protocol::Wake::Upcall {
            self.wake_owner();
        }
    }

    /// Makes the upcall that the thread which set SCHEDULED has to make. If it fails the bit stays set, so that nobody else
    /// tries, and the dispatcher, whose thread is attached, repeats it until it succeeds.
    pub(super) fn wake_owner(&self) {
        if self.try_wake_owner() == Upcall::Failed {
            match self.state.request_retry() {
                Retrier::Dispatcher => self.dispatcher.wake(),
                Retrier::Caller => self.retry_at_last(),
            }
        }
    }

    /// Java could neither put a drain on the loop nor have it put there later, such as for want of memory: the dispatcher
    /// makes an upcall instead, which needs none. False if there is no dispatcher left to do it.
    pub(crate) fn request_wake(&self) -> bool {
        match self.state.request_retry() {
            Retrier::Dispatcher => {
                self.dispatcher.wake();
                true
            }
            // Whoever takes the request makes the upcall.
            Retrier::Caller => !self.state.take_retry(),
        }
    }

    fn try_wake_owner(&self) -> Upcall {
        // Before it is made: whoever was woken finds it counted.
        self.environment.metrics().upcall_begun();
        // Were a panic to go on, nobody would make the upcall that the wake word says is under way.
        panics::catch(|| self.wake.wake()).unwrap_or_else(|_| {
            self.environment.metrics().panic_caught();
            Upcall::Failed
        })
    }

    /// Whether an upcall has to be repeated.
    pub(crate) fn is_retry_requested(&self) -> bool {
        self.state.is_retry_requested()
    }

    /// Repeats an upcall that failed, unless another thread does.
    pub(crate) fn retry(&self) {
        if self.state.take_retry() && self.try_wake_owner() == Upcall::Failed {
            // Whoever retries looks for a request again.
            let _retrier = self.state.request_retry();
        }
    }

    /// Repeats a failed upcall where no dispatcher may be left to do it.
    pub(crate) fn retry_at_last(&self) {
        for _ in 0..LAST_ATTEMPTS {
            if !self.is_retry_requested() {
                return;
            }
            self.retry();
            std::thread::yield_now();
        }
        // Should it run all the same: it may have looked while this thread had the request.
        self.dispatcher.wake();
    }
}
