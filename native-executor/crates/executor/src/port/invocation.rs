//! Invocations of Java's functions, from Rust's side.
//!
//! A handler is an object of the owner loop's. Rust has a ticket of it, and the loop may drop the object when the last
//! clone of that ticket is dropped. An invocation is one record to the loop and one record back. With each handler that
//! Java passes it reserves the records for as many invocations at once as the handler allows (rule 5); further
//! invocations wait here until one of those has ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use loopbridge_protocol::{Answered, InvocationState, Withdrawn};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::codec::answer::{Block, Failed};
use crate::codec::java_error::JavaError;
use crate::codec::object::Object;
use crate::panics;

/// A function of Java's: its object, and how many of its invocations may run at once. Any thread.
pub(crate) struct Handler {
    pub(crate) object: Object,
    /// One permit for each invocation that may begin now.
    turns: Semaphore,
}

impl Handler {
    pub(crate) fn new(object: Object, at_once: u32) -> Handler {
        let turns = Semaphore::new(at_once as usize);
        Handler { object, turns }
    }

    /// Waits until one more invocation may run. Its permit is given back by [`Invocation::ended`].
    pub(crate) async fn turn(&self) {
        if let Ok(turn) = self.turns.acquire().await {
            // The permit must outlive this future: it is free only when no record about the invocation can come.
            turn.forget();
        }
    }
}

/// One invocation. It is in its port's table from its request until the last record about it is read and, if the owner
/// answered it with a call, until that call has ended.
pub(crate) struct Invocation {
    state: InvocationState,
    handler: Arc<Handler>,
    place: Mutex<Place>,
    waker: AtomicWaker,
}

/// The state of the answer; read by the awaiting future.
enum Place {
    /// There is no answer yet.
    Empty,
    /// A call of this runtime makes the answer; the handle aborts it.
    Relayed(AbortHandle),
    /// The answer, which the awaiting future has not taken yet.
    Answered(Result<Block, Failed>),
    /// The awaiting future was dropped.
    Abandoned,
}

impl Invocation {
    pub(crate) fn new(handler: &Arc<Handler>) -> Arc<Invocation> {
        Arc::new(Invocation {
            state: InvocationState::new(),
            handler: Arc::clone(handler),
            place: Mutex::new(Place::Empty),
            waker: AtomicWaker::new(),
        })
    }

    pub(crate) fn handler(&self) -> &Handler {
        &self.handler
    }

    /// Notes that the dispatcher has read an answer. Returns `true` if it is the last record about the invocation, and
    /// so has to be delivered.
    pub(crate) fn answered(&self) -> bool {
        self.state.answer() == Answered::Deliver
    }

    /// Notes that the dispatcher has read the owner's acknowledgement. Returns whether that is the last record about
    /// the invocation.
    pub(crate) fn acknowledged(&self) -> bool {
        self.state.acknowledge()
    }

    /// Fails the invocation with this error, since its port's dispatcher has ended and no answer will come. A call that
    /// was to make the answer is aborted.
    pub(crate) fn lost(&self, error: JavaError) {
        let withdrawn = !self.answered() && self.is_abandoned();
        if !withdrawn && let Some(call) = self.put(Err(Failed::Error(error))) {
            call.abort();
        }
    }

    /// Notes that the awaiting future is about to be dropped. Returns whether the owner has to learn of it.
    pub(crate) fn withdraw(&self) -> Withdrawn {
        self.state.withdraw()
    }

    /// Notes that a call, which already runs, makes the answer.
    pub(crate) fn relayed(&self, call: AbortHandle) {
        let mut place = self.lock();
        if matches!(*place, Place::Empty) {
            *place = Place::Relayed(call);
        } else if matches!(*place, Place::Abandoned) {
            drop(place);
            call.abort();
        }
        // Else the call has ended already, and its answer is here.
    }

    /// Returns whether the awaiting future was dropped.
    pub(crate) fn is_abandoned(&self) -> bool {
        matches!(*self.lock(), Place::Abandoned)
    }

    /// Notes that the awaiting future was dropped: aborts the call that makes the answer, or drops the answer.
    pub(crate) fn abandon(&self) {
        let before = std::mem::replace(&mut *self.lock(), Place::Abandoned);
        if let Place::Relayed(call) = before {
            call.abort();
        }
        drop(self.waker.take());
    }

    /// Gives the permit back: no further record about this invocation will come, so that the next one may begin.
    pub(crate) fn ended(&self) {
        self.wake(|| self.handler.turns.add_permits(1));
    }

    pub(crate) fn deliver(&self, answer: Result<Block, Failed>) {
        drop(self.put(answer));
    }

    /// Stores the answer and wakes the awaiting future. Returns the handle of a call that was to make another answer.
    fn put(&self, answer: Result<Block, Failed>) -> Option<AbortHandle> {
        let mut place = self.lock();
        if matches!(*place, Place::Abandoned) {
            drop(place); // the lock is released before the answer is dropped, which may run user code
            return None;
        }
        let before = std::mem::replace(&mut *place, Place::Answered(answer));
        drop(place);
        self.wake(|| self.waker.wake());
        match before {
            Place::Relayed(call) => Some(call),
            _ => None,
        }
    }

    /// Runs wakers. They may belong to any executor, and their panic must not end the dispatcher.
    fn wake(&self, wake: impl FnOnce()) {
        if panics::catch(wake).is_err() {
            self.handler.object.owner.metrics().panic_caught();
        }
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Block, Failed>> {
        // The waker is registered before the look: an answer that comes after the look finds it.
        self.waker.register(context.waker());
        let mut place = self.lock();
        match std::mem::replace(&mut *place, Place::Empty) {
            Place::Answered(answer) => Poll::Ready(answer),
            waits => {
                *place = waits;
                Poll::Pending
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
