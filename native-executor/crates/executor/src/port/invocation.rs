//! Invocations of Java's functions, from Rust's side.
//!
//! A handler is an object of the owner loop's. Rust has a ticket of it, and the loop may drop the object when the last
//! clone of that ticket is dropped. An invocation is one record to the loop and one record back. With each handler that
//! Java passes it reserves the records for as many invocations at once as the handler allows (rule 5); further
//! invocations wait here until one of those has ended.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use loopbridge_protocol::record::{REQUEST_INLINE, SUBMISSION_INLINE};
use loopbridge_protocol::{
    Answer, AnswerKind, AnswerPayload, Answered, InvocationState, Request, Withdrawn,
};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::codec::arguments::Arguments;
use crate::codec::java_error::JavaError;
use crate::codec::lease::Lender;
use crate::codec::object::Object;
use crate::codec::value::{Encoded, Reply};
use crate::panics::{self, Panic};
use crate::port::Port;

/// A function of Java's: its object, and how many of its invocations may run at once. Any thread.
pub(crate) struct Handler {
    object: Object,
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

    /// Returns the port of the loop that owns the handler.
    pub(crate) fn port(&self) -> &Arc<Port> {
        &self.object.port
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

    /// Fails the invocation, since its port's dispatcher has ended and no answer will come. A call that was to make the
    /// answer is aborted.
    pub(crate) fn lost(&self) {
        let withdrawn = !self.answered() && self.is_abandoned();
        if !withdrawn {
            let closed = JavaError::closed(&self.handler.object.port);
            if let Some(call) = self.put(Err(Failed::Error(closed))) {
                call.abort();
            }
        }
    }

    pub(crate) fn port(&self) -> &Arc<Port> {
        &self.handler.object.port
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
    fn abandon(&self) {
        let before = std::mem::replace(&mut *self.lock(), Place::Abandoned);
        if let Place::Relayed(call) = before {
            call.abort();
        }
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
            let port = &self.handler.object.port;
            port.environment().metrics().panic_caught();
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Block, Failed>> {
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

/// The awaiting end of an invocation. If it is dropped before the answer has come, it withdraws the invocation.
pub(crate) struct Awaited {
    invocation: Arc<Invocation>,
    ticket: u64,
}

impl Awaited {
    /// Sends the request to the owner; the caller has waited for its [`Handler::turn`]. `on_loop` is true if the caller
    /// is a loop-driven future of the same loop.
    pub(crate) fn begin<A: Reply>(
        handler: &Arc<Handler>,
        argument: A,
        on_loop: bool,
    ) -> Result<impl Future<Output = Result<Block, Failed>> + use<A>, JavaError> {
        let port = &handler.object.port;
        let invocation = Arc::new(Invocation {
            state: InvocationState::new(),
            handler: Arc::clone(handler),
            place: Mutex::new(Place::Empty),
            waker: AtomicWaker::new(),
        });
        let mut encoded = Encoded::with_room(REQUEST_INLINE);
        encoded.set(argument);
        let begun = port.invoke(handler.object.id, &invocation, &mut encoded, on_loop);
        let ticket = begun.inspect_err(|_| invocation.ended())?;
        let awaited = Awaited { invocation, ticket };
        Ok(poll_fn(move |context| awaited.invocation.poll(context)))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // If the answer was read before, no record is published: the owner has nothing left to cancel, and the
        // invocation's reserved records may be in use again.
        if self.invocation.state.withdraw() == Withdrawn::Publish {
            let invocation = self.ticket;
            let port = &self.invocation.handler.object.port;
            port.request(&Request::Withdraw { invocation });
        }
        self.invocation.abandon();
        drop(self.invocation.waker.take());
    }
}

/// An answer: as Java encoded it, or as the result of a call.
pub(crate) enum Block {
    Inline([u8; SUBMISSION_INLINE], usize),
    Given(Bytes),
    /// One string or byte sequence, without form and length.
    Whole(Bytes),
}

impl Block {
    /// Copies bytes that fit into a record.
    pub(crate) fn inline(bytes: &[u8]) -> Block {
        let mut copy = [0; SUBMISSION_INLINE];
        copy[..bytes.len()].copy_from_slice(bytes);
        Block::Inline(copy, bytes.len())
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Block::Inline(bytes, length) => &bytes[..*length],
            Block::Given(bytes) | Block::Whole(bytes) => bytes,
        }
    }

    pub(crate) fn arguments(&self) -> Arguments<'_> {
        match self {
            Block::Whole(bytes) => Arguments::whole(bytes.clone()),
            block => Arguments::new(block.bytes(), Lender::none()),
        }
    }
}

/// Why an invocation has no answer.
pub(crate) enum Failed {
    Error(JavaError),
    /// The call that was to make the answer panicked.
    Panicked(Box<Panic>),
    /// The body failed with the error that Java has for a panic.
    Panic {
        /// The ticket of the panic in that error.
        panic: u64,
        /// The error that is used if the panic is not kept any more.
        error: JavaError,
    },
}

impl Failed {
    /// Returns the error, or resumes the panic; called on the thread that polls the awaiting future.
    pub(crate) fn resume_or_error(self, handler: &Handler) -> JavaError {
        match self {
            Failed::Error(error) => error,
            Failed::Panicked(panic) => panic.resume(),
            Failed::Panic { panic, error } => {
                let runtime = handler.object.port.environment();
                if let Some(panic) = runtime.panics().take(panic) {
                    drop(error);
                    panic.resume();
                }
                error
            }
        }
    }
}

/// Reads the owner's answer. It is read even if no future waits for it, since reading takes the payload and the objects
/// that it names.
pub(crate) fn answer_of(port: &Arc<Port>, answer: &Answer<'_>) -> Result<Block, Failed> {
    let block = match answer.payload {
        AnswerPayload::Inline(bytes) => Block::inline(bytes),
        AnswerPayload::Given(ticket) => Block::Given(given(port, ticket)?),
    };
    match answer.kind {
        AnswerKind::Value => Ok(block),
        AnswerKind::Error => Err(Failed::Error(JavaError::read(port, block.bytes()))),
        AnswerKind::Panic => Err(match block.bytes().split_first_chunk() {
            Some((panic, error)) => Failed::Panic {
                panic: u64::from_le_bytes(*panic),
                error: JavaError::read(port, error),
            },
            None => Failed::Error(JavaError::unreadable("a panic without a ticket")),
        }),
    }
}

/// Takes the payload that Java gave for an answer.
pub(crate) fn given(port: &Port, ticket: u64) -> Result<Bytes, Failed> {
    port.take_given(ticket).ok_or_else(|| {
        let reason = "the answer names no payload of the port".to_owned();
        Failed::Error(JavaError::mismatch(reason))
    })
}
