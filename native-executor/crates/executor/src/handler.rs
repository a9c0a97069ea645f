//! Functions of Java that Rust awaits.
//!
//! A handler is an object of the owner loop's; Rust holds a ticket, which goes home when its last clone is dropped. An
//! invocation is a record to the loop and one back. Java reserves, with each handler it passes, the records of so many
//! invocations at once as the handler allows (rule 5); further ones wait for their turn here.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use loopbridge_protocol::record::{REQUEST_INLINE, SUBMISSION_INLINE};
use loopbridge_protocol::{
    Answer, AnswerKind, AnswerPayload, Answered, CallId, InvocationState, Request, Withdrawn,
};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::arguments::{Arguments, Mismatch};
use crate::failure::ToldError;
use crate::lease::Lender;
use crate::object::Object;
use crate::panics::{self, Panic};
use crate::port::Port;
use crate::value::{Argument, Encoded, Plain, Reply, Value, ValueType, sealed};

/// A function of Java's that takes an `A` and answers with an `R`: what a `JavaHandler` is in Rust.
///
/// It runs on the event loop that owns the call it was passed to, and nowhere else. It may be kept, cloned, sent and
/// called on any thread, also when that call has ended; Java can let go of it when the last clone is dropped.
///
/// ```
/// use loopbridge::{JavaError, JavaFn};
///
/// /// Java: `runtime.function("greet", String.class, long.class, JavaHandler.class)`
/// async fn greet(user: i64, name_of: JavaFn<i64, String>) -> Result<String, JavaError> {
///     Ok(format!("Hello, {}!", name_of.call(user).await?))
/// }
/// ```
pub struct JavaFn<A: Reply + Send, R: FromJava> {
    handler: Arc<Handler>,
    types: PhantomData<fn(A) -> R>,
}

impl<A: Reply + Send, R: FromJava> JavaFn<A, R> {
    /// Runs the handler's body on its loop and waits for what it answers.
    ///
    /// To drop the future, by a timeout, by `select!` or because its task is aborted, cancels what the body started, on
    /// the loop. Beyond the number of invocations that the handler allows at once this waits for its turn.
    ///
    /// # Errors
    ///
    /// What the body threw or failed with. Also if the loop or the runtime has ended, and if the argument is larger than
    /// the runtime's largest payload.
    ///
    /// # Panics
    ///
    /// If the body answered with a call that panics, and if it failed with a `NativePanicError`: the panic of this runtime
    /// that Java was told of goes on, with its own payload. It is a [`JavaError`] like any other if the runtime has not
    /// kept it: it keeps the last 64, and each goes on once.
    pub async fn call(&self, argument: A) -> Result<R, JavaError> {
        if let Ok(turn) = self.handler.turns.acquire().await {
            turn.forget(); // given back when the loop has said its last about the invocation
        }
        let answer = Awaited::begin(&self.handler, argument)?.await;
        let block = answer.map_err(|failed| failed.resume_or_error(&self.handler))?;
        let arguments = &mut block.arguments();
        R::read(arguments)
            .and_then(|answer| arguments.finish().map(|()| answer))
            .map_err(|mismatch| JavaError::local(MISMATCH, format!("the answer: {mismatch}")))
    }
}

impl<A: Reply + Send, R: FromJava> Clone for JavaFn<A, R> {
    fn clone(&self) -> Self {
        JavaFn {
            handler: Arc::clone(&self.handler),
            types: PhantomData,
        }
    }
}

impl<A: Reply + Send, R: FromJava> fmt::Debug for JavaFn<A, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JavaFn({})", Self::TYPE)
    }
}

impl<A: Reply + Send, R: FromJava> sealed::Sealed for JavaFn<A, R> {}

impl<A: Reply + Send, R: FromJava> Value for JavaFn<A, R> {
    const TYPE: ValueType = ValueType::function(&A::TYPE, &R::TYPE);
}

impl<A: Reply + Send, R: FromJava> Argument for JavaFn<A, R> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        let (object, at_once) = from.handler()?;
        let turns = Semaphore::new(at_once as usize);
        Ok(JavaFn {
            handler: Arc::new(Handler { object, turns }),
            types: PhantomData,
        })
    }
}

/// What a handler may answer with: a value that names nothing of Java's, so neither a handler nor an object, or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a handler of Java's answers with",
    label = "no answer of a handler",
    note = "answers are `()`, `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes` and an `Option` of these",
    note = "an object, such as a `JavaRef`, comes as an argument only; a struct or a list comes encoded as `String` or `Bytes`"
)]
pub trait FromJava: Send + Sized + 'static {
    #[doc(hidden)]
    const TYPE: ValueType;

    #[doc(hidden)]
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch>;
}

#[diagnostic::do_not_recommend]
impl<T: Argument + Reply + Plain> FromJava for T {
    const TYPE: ValueType = <T as Value>::TYPE;

    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.next()
    }
}

impl FromJava for () {
    const TYPE: ValueType = <() as Value>::TYPE;

    fn read(_from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        Ok(())
    }
}

struct Handler {
    object: Object,
    /// Invocations that may yet begin.
    turns: Semaphore,
}

/// One invocation; in its port's table from its request to the owner's last word about it, and to the end of the call
/// that the owner may have handed over with that.
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
    /// The dispatcher read an answer; whether it is the owner's last word, and to be delivered.
    pub(crate) fn answered(&self) -> bool {
        self.state.answer() == Answered::Deliver
    }

    /// The dispatcher read that the owner knows of the withdrawal, which is its last word.
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

    /// The owner has no more to say: the next may begin.
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
            port.runtime().metrics().panic_caught();
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
struct Awaited {
    invocation: Arc<Invocation>,
    ticket: u64,
}

impl Awaited {
    /// Asks the owner; the caller has taken its turn.
    fn begin<A: Reply>(
        handler: &Arc<Handler>,
        argument: A,
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
        let begun = port.invoke(handler.object.id, &invocation, &mut encoded);
        let ticket = begun.inspect_err(|_| invocation.ended())?;
        let awaited = Awaited { invocation, ticket };
        Ok(poll_fn(move |context| awaited.invocation.poll(context)))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if self.invocation.state.withdraw() == Withdrawn::Tell {
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

    fn arguments(&self) -> Arguments<'_> {
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
    /// The body failed with what Java was told of a panic.
    Panic {
        /// The ticket that Java was told.
        panic: u64,
        /// What it is if the panic is not kept.
        error: JavaError,
    },
}

impl Failed {
    /// The awaiting future's own thread: a panic goes on here.
    fn resume_or_error(self, handler: &Handler) -> JavaError {
        match self {
            Failed::Error(error) => error,
            Failed::Panicked(panic) => panic.resume(),
            Failed::Panic { panic, error } => {
                let runtime = handler.object.port.runtime();
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

const MISMATCH: &str = "dev.loopbridge.SignatureMismatchException";

/// What a handler threw, or why it could not be run.
///
/// Returned from a function to the loop that it came from, it arrives there as the very object that was thrown. As the
/// source of another error, at whatever depth, it is the cause of the `NativeException` there. Wrappers that only pass
/// it on, such as `#[error(transparent)]` or an `anyhow::Error` without context, do not count.
#[derive(Clone)]
pub struct JavaError(Behind);

/// What makes a [`JavaError`] be found in the chain of an error, also behind wrappers that show its text and its source as
/// their own: it is the source of the [`JavaError`], for [`source_of`] alone.
#[derive(Clone)]
struct Behind(Arc<Thrown>);

thread_local! {
    /// [`source_of`] is running.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// The source of an error; of a [`JavaError`], and of what passes it on, one that [`JavaError::behind`] knows.
pub(crate) fn source_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    struct Asked;
    impl Drop for Asked {
        fn drop(&mut self) {
            ASKED.set(false);
        }
    }
    ASKED.set(true);
    let _asked = Asked; // what is asked is user code, and may panic
    error.source()
}

struct Thrown {
    class: String,
    message: String,
    stack: String,
    /// None if Java has not kept it.
    object: Option<Object>,
    /// Of a call that was handed over: what Java is told of it.
    told: Option<ToldError>,
}

impl Deref for Behind {
    type Target = Thrown;

    fn deref(&self) -> &Thrown {
        &self.0
    }
}

impl JavaError {
    /// The name of the exception's class.
    pub fn class(&self) -> &str {
        &self.0.class
    }

    /// The exception's message; empty if it has none.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The exception as Java prints it, with its stack and its causes.
    pub fn stack(&self) -> &str {
        &self.0.stack
    }

    /// Of a port that reads no answers any more.
    pub(crate) fn closed(port: &Port) -> JavaError {
        match port.runtime().is_closing() {
            true => JavaError::local(
                "dev.loopbridge.RuntimeClosedException",
                "the runtime was closed before the handler answered",
            ),
            false => JavaError::local(
                "dev.loopbridge.OwnerGoneException",
                "the handler's event loop shut down before it answered",
            ),
        }
    }

    pub(crate) fn too_large(bytes: usize, allowed: usize) -> JavaError {
        let message = format!(
            "the argument takes {bytes} bytes, allowed are {allowed}; raise NativeRuntime.Builder.maxPayloadBytes"
        );
        JavaError::local("dev.loopbridge.PayloadTooLargeException", message)
    }

    pub(crate) fn wrong_loop() -> JavaError {
        let message = "the argument is an object of another event loop than the handler";
        JavaError::local("dev.loopbridge.WrongLoopException", message)
    }

    pub(crate) fn unasked() -> JavaError {
        let message =
            "the handler could not be run: Java has an exception pending, or is shutting down";
        JavaError::local("java.lang.IllegalStateException", message)
    }

    /// Of a call that Java handed over, for which the system had no thread.
    pub(crate) fn exhausted(reason: String) -> JavaError {
        JavaError::local("dev.loopbridge.SystemLimitException", reason)
    }

    pub(crate) fn mismatch(reason: String) -> JavaError {
        JavaError::local(MISMATCH, reason)
    }

    /// Of a call that Java handed over: what it would have failed with there.
    pub(crate) fn of_call(told: ToldError) -> JavaError {
        const CLASS: &str = "dev.loopbridge.NativeException";
        let ToldError { failure, thrown } = &told;
        let line = |text: &String| format!("{CLASS}: {text}");
        let texts = std::iter::once(&failure.message).chain(&failure.causes);
        let own = thrown.as_ref().map_or(usize::MAX, |it| it.place as usize);
        let mut stack: Vec<String> = texts.map(line).take(own).collect();
        stack.extend(thrown.iter().map(|it| it.error.stack().to_owned()));
        JavaError::new(Thrown {
            class: CLASS.to_owned(),
            message: failure.message.clone(),
            stack: stack.join("\nCaused by: ").trim_end().to_owned() + "\n",
            object: None,
            told: Some(told),
        })
    }

    fn new(thrown: Thrown) -> JavaError {
        JavaError(Behind(Arc::new(thrown)))
    }

    /// The error that [`source_of`] came to.
    pub(crate) fn behind(source: &(dyn Error + 'static)) -> Option<JavaError> {
        let behind = source.downcast_ref::<Behind>();
        behind.map(|behind| JavaError(behind.clone()))
    }

    pub(crate) fn unreadable(reason: impl fmt::Debug) -> JavaError {
        JavaError::local(MISMATCH, format!("an unreadable answer: {reason:?}"))
    }

    /// One that Java has no object for.
    fn local(class: &str, message: impl Into<String>) -> JavaError {
        JavaError::new(Thrown {
            class: class.to_owned(),
            message: message.into(),
            stack: String::new(),
            object: None,
            told: None,
        })
    }

    fn read(port: &Arc<Port>, block: &[u8]) -> JavaError {
        let arguments = &mut Arguments::new(block, Lender::none());
        let mut read = || -> Result<JavaError, Mismatch> {
            let (slot, generation) = (arguments.next::<i32>()?, arguments.next::<i32>()?);
            let (slot, generation) = (slot.cast_unsigned(), generation.cast_unsigned());
            // First, so that it goes home if the rest cannot be read.
            let object = (generation != 0)
                .then(|| Object::new(Arc::clone(port), CallId { slot, generation }));
            Ok(JavaError::new(Thrown {
                class: arguments.next()?,
                message: arguments.next()?,
                stack: arguments.next()?,
                object,
                told: None,
            }))
        };
        read().unwrap_or_else(JavaError::unreadable)
    }

    /// What Java is to be told of it, if it does not know it.
    pub(crate) fn told(&self) -> Option<&ToldError> {
        self.0.told.as_ref()
    }

    /// What was thrown, if its loop keeps it.
    pub(crate) fn object(&self) -> Option<&Object> {
        self.0.object.as_ref()
    }
}

impl fmt::Display for JavaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl fmt::Display for Behind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Thrown { class, message, .. } = &**self;
        match message.is_empty() {
            true => out.write_str(class),
            false => write!(out, "{class}: {message}"),
        }
    }
}

impl fmt::Debug for JavaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl fmt::Debug for Behind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("JavaError")
            .field("class", &self.class)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl Error for JavaError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        ASKED.get().then_some(&self.0)
    }
}

impl Error for Behind {}
