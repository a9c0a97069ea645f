//! Functions of Java that Rust awaits.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::awaited::Awaited;
use crate::codec::arguments::Argument;
use crate::codec::arguments::Arguments;
use crate::codec::encoded::Reply;
use crate::codec::java_error::JavaError;
use crate::codec::mismatch::Mismatch;
use crate::codec::types::Plain;
use crate::codec::value::{Value, ValueType, sealed};
use crate::local;
use crate::port::Port;
use crate::port::invocation::Handler;

/// A function of Java's that takes an `A` and answers with an `R`: what a `JavaHandler` is in Rust.
///
/// It runs on the event loop that owns the call to which it was passed, and nowhere else. Rust may keep it, clone it,
/// send it and call it on any thread, also after that call has ended. Java may drop it when the last clone is dropped.
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
    /// The port of the loop that owns the handler.
    port: Arc<Port>,
    types: PhantomData<fn(A) -> R>,
}

impl<A: Reply + Send, R: FromJava> JavaFn<A, R> {
    /// Runs the handler's body on its loop and waits for the answer.
    ///
    /// If the future is dropped, by a timeout, by `select!` or because its task is aborted, the loop cancels what the
    /// body has started. If the handler has as many invocations as it allows at once, this waits until one of them has
    /// ended.
    ///
    /// # Errors
    ///
    /// If the body throws or fails, with what it threw; if the loop or the runtime has ended; and if the argument is
    /// larger than the runtime's largest payload.
    ///
    /// # Panics
    ///
    /// If the body answers with a call that panics, and if it fails with a `NativePanicError`: the panic of this
    /// runtime for which that error stands resumes, with its own payload. A runtime keeps the last 64 panics, and each
    /// resumes once; an error whose panic is not kept is an ordinary [`JavaError`].
    pub async fn call(&self, argument: A) -> Result<R, JavaError> {
        self.handler.turn().await;
        let on_loop = local::runs(&self.port);
        let answer = Awaited::begin(&self.port, &self.handler, argument, on_loop)?.await;
        let kept = self.port.environment().panics();
        let block = answer.map_err(|failed| failed.resume_or_error(kept))?;
        let arguments = &mut block.arguments();
        R::read(arguments)
            .and_then(|answer| arguments.finish().map(|()| answer))
            .map_err(|mismatch| JavaError::mismatch(format!("the answer: {mismatch}")))
    }
}

impl<A: Reply + Send, R: FromJava> Clone for JavaFn<A, R> {
    fn clone(&self) -> Self {
        JavaFn {
            handler: Arc::clone(&self.handler),
            port: Arc::clone(&self.port),
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
    const TYPE: ValueType = ValueType::Function(&A::TYPE, &R::TYPE);
}

impl<A: Reply + Send, R: FromJava> Argument for JavaFn<A, R> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        let (object, at_once) = from.handler()?;
        let owner: Arc<dyn Any + Send + Sync> = object.owner.clone();
        let port = owner
            .downcast()
            .map_err(|_| Mismatch::of_object("the handler's owner runs no handlers"))?;
        Ok(JavaFn {
            port,
            handler: Arc::new(Handler::new(object, at_once)),
            types: PhantomData,
        })
    }
}

/// A type that a handler may answer with: a value that refers to no handler and no object of Java's, or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a handler of Java's answers with",
    label = "no answer of a handler",
    note = "answers are `()`, numbers, `bool`, `char`, `String`, `Vec<u8>`, `Bytes`, records, lists, maps and an `Option` of \
            these",
    note = "an object, such as a `JavaRef`, comes as an argument only",
    note = "mark a struct or an enum of your own with #[loopbridge::record]"
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
