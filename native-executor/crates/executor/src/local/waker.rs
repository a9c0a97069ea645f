//! The waker of a loop-driven future.

use std::sync::Arc;
use std::task::Wake;

use loopbridge_protocol::{Ask, CallId, PollState, Request};

use crate::port::Port;

/// Asks the owner loop for a poll, from any thread.
pub(super) struct LoopWaker {
    port: Arc<Port>,
    call: CallId,
    state: PollState,
}

impl LoopWaker {
    /// Of a future that is about to be polled for the first time.
    pub(super) fn new(port: Arc<Port>, call: CallId) -> LoopWaker {
        LoopWaker {
            port,
            call,
            state: PollState::new(),
        }
    }

    /// Makes it another future's.
    pub(super) fn reset(&mut self, call: CallId) {
        self.call = call;
        self.state = PollState::new();
    }

    pub(super) fn state(&self) -> &PollState {
        &self.state
    }
}

impl Wake for LoopWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.wake() == Ask::Publish {
            self.port.request(&Request::Poll { call: self.call });
        }
    }
}
