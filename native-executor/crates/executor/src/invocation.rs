//! The invocations of Java's functions.
//!
//! A handler is an object of the owner loop's; Rust holds a ticket, and the loop may drop the object when the ticket's last
//! clone is dropped. An invocation is a record to the loop and one back. Java reserves, with each handler it passes, the
//! records of so many invocations at once as the handler allows (rule 5); further ones wait for their turn here.

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

use crate::arguments::Arguments;
use crate::java_error::JavaError;
use crate::lease::Lender;
use crate::object::Object;
use crate::panics::{self, Panic};
use crate::port::Port;
use crate::value::{Encoded, Reply};

/// A function of Java's: its object, and how many invocations may run at once.
pub(crate) struct Handler {
    object: Object,
    /// Invocations that may yet begin.
    turns: Semaphore,
}

impl Handler {
    pub(crate) fn new(object: Object, at_once: u32) -> Handler {
        let turns = Semaphore::new(at_once as usize);
        Handler { object, turns }
    }

    /// Waits until one more invocation may run, which ends by [`Invocation::ended`].
    pub(crate) async fn turn(&self) {
        if let Ok(turn) = self.turns.acquire().await {
            turn.forget();
        }
    }

    /// The port of its loop.
    pub(crate) fn port(&self) -> &Arc<Port> {
        &self.object.port
    }
}

/// One invocation; in its port's table from its request to the last record about it, and to the end of the call that the
/// owner may have handed over with that.
pub(crate) struct Invocation {
    state: InvocationState,
    handler: Arc<Handler>,
    place: Mutex<Place>,
    waker: AtomicWaker,
}

/// Where the answer comes to.
enum Place {
    Empty,
    /// A call of the runtime's own, which runs, makes the answer.
    Relayed(AbortHandle),
    Answered(Result<Block, Failed>),
    /// Nobody waits any more.
    Abandoned,
}

impl Invocation {
    /// The dispatcher read an answer; whether it is the last record about the invocation, and to be delivered.
    pub(crate) fn answered(&self) -> bool {
        self.state.answer() == Answered::Deliver
    }

    /// The dispatcher read that the owner knows of the withdrawal; whether that is the last record about the invocation.
    pub(crate) fn acknowledged(&self) -> bool {
        self.state.acknowledge()
    }

    /// No answer will come. The call that was to make it is not waited for.
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

    /// A call that runs makes the answer.
    pub(crate) fn relayed(&self, call: AbortHandle) {
        let mut place = self.lock();
        if matches!(*place, Place::Empty) {
            *place = Place::Relayed(call);
        } else if matches!(*place, Place::Abandoned) {
            drop(place);
            call.abort();
        }
        // Else it was quick.
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        matches!(*self.lock(), Place::Abandoned)
    }

    /// Nobody waits any more: what makes the answer is given up, what has come is dropped.
    fn abandon(&self) {
        let before = std::mem::replace(&mut *self.lock(), Place::Abandoned);
        if let Place::Relayed(call) = before {
            call.abort();
        }
    }

    /// No record about it will come: the next invocation may begin.
    pub(crate) fn ended(&self) {
        self.wake(|| self.handler.turns.add_permits(1));
    }

    pub(crate) fn deliver(&self, answer: Result<Block, Failed>) {
        drop(self.put(answer));
    }

    /// Leaves the answer for who waits; the call that makes another.
    fn put(&self, answer: Result<Block, Failed>) -> Option<AbortHandle> {
        let mut place = self.lock();
        if matches!(*place, Place::Abandoned) {
            drop(place); // before the answer
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

    /// Runs wakers. They may be of any executor, and must not end the dispatcher.
    fn wake(&self, wake: impl FnOnce()) {
        if panics::catch(wake).is_err() {
            let port = &self.handler.object.port;
            port.environment().metrics().panic_caught();
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Block, Failed>> {
        // Registered before the look: an answer that comes after it finds the waker.
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

/// The awaiting end of an invocation; dropped unanswered, it withdraws it.
pub(crate) struct Awaited {
    invocation: Arc<Invocation>,
    ticket: u64,
}

impl Awaited {
    /// Asks the owner; the caller has taken its turn. `on_loop` says that it is a loop-driven future of the same loop.
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
        if self.invocation.state.withdraw() == Withdrawn::Publish {
            let invocation = self.ticket;
            let port = &self.invocation.handler.object.port;
            port.request(&Request::Withdraw { invocation });
        }
        self.invocation.abandon();
        drop(self.invocation.waker.take());
    }
}

/// An answer as Java encoded it, or as the result of a call.
pub(crate) enum Block {
    Inline([u8; SUBMISSION_INLINE], usize),
    Given(Bytes),
    /// One string or byte sequence alone.
    Whole(Bytes),
}

impl Block {
    /// These bytes, which fit into a record.
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
        /// What it is if the panic is not kept.
        error: JavaError,
    },
}

impl Failed {
    /// The awaiting future's own thread: a panic goes on here.
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

/// Reads the owner's answer; what it names is taken, wanted or not.
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

/// Takes what Java gave.
pub(crate) fn given(port: &Port, ticket: u64) -> Result<Bytes, Failed> {
    port.take_given(ticket).ok_or_else(|| {
        let reason = "the answer names no payload of the port".to_owned();
        Failed::Error(JavaError::mismatch(reason))
    })
}
