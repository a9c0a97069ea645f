//! What a Java handler threw, as an error of Rust's.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use loopbridge_protocol::CallId;

use super::arguments::Arguments;
use super::error_chain::ErrorChain;
use super::lease::Lender;
use super::mismatch::Mismatch;
use super::object::{Object, Owner};

const MISMATCH: &str = "dev.loopbridge.SignatureMismatchException";

/// What a handler threw, or why it could not be run.
///
/// If a function returns it to the loop from which it came, Java gets the very object that was thrown. If it is the
/// source of another error, at whatever depth, it is the cause of the `NativeException` in Java. Wrappers that only
/// pass it on, such as `#[error(transparent)]` or an `anyhow::Error` without context, are left out.
///
/// It may be kept, cloned and sent to any thread. The loop keeps the object that was thrown until the last clone is
/// dropped.
///
/// ```
/// use loopbridge::{JavaError, JavaFn};
///
/// /// Java: `runtime.function("priceOrZero", Long.class, JavaHandler.class)`
/// async fn price_or_zero(price: JavaFn<i64, i64>) -> Result<i64, JavaError> {
///     match price.call(7).await {
///         Err(error) if error.class() == "java.util.NoSuchElementException" => Ok(0),
///         answer => answer,
///     }
/// }
/// ```
#[derive(Clone)]
pub struct JavaError(Behind);

/// The source of each [`JavaError`], for [`source_of`] alone: by it a [`JavaError`] is found in the chain of an error,
/// also behind wrappers that show its text and its source as their own.
#[derive(Clone)]
struct Behind(Arc<Thrown>);

thread_local! {
    /// True if [`source_of`] is running on this thread.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Returns the source of an error. For a [`JavaError`], and for an error that passes one on, it returns a source that
/// [`JavaError::behind`] recognises.
pub(crate) fn source_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    struct Asked;
    impl Drop for Asked {
        fn drop(&mut self) {
            ASKED.set(false);
        }
    }
    ASKED.set(true);
    let _asked = Asked; // `error.source()` is user code, and may panic
    error.source()
}

struct Thrown {
    class: String,
    message: String,
    stack: String,
    /// `None` if Java has not kept the object.
    object: Option<Object>,
    /// The chain of the error, if it is the error of a relayed call.
    chain: Option<ErrorChain>,
}

impl Deref for Behind {
    type Target = Thrown;

    fn deref(&self) -> &Thrown {
        &self.0
    }
}

impl JavaError {
    /// Returns the name of the exception's class.
    pub fn class(&self) -> &str {
        &self.0.class
    }

    /// Returns the exception's message, which is empty if it has none.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the exception as Java prints it, with its stack and its causes.
    pub fn stack(&self) -> &str {
        &self.0.stack
    }

    /// Makes the error of an invocation whose port reads no answers any more; `with_runtime` is true if that is because
    /// the whole runtime is closing.
    pub(crate) fn closed(with_runtime: bool) -> JavaError {
        match with_runtime {
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

    /// Makes the error of a relayed call for which the system had no thread.
    pub(crate) fn exhausted(reason: String) -> JavaError {
        JavaError::local("dev.loopbridge.SystemLimitException", reason)
    }

    pub(crate) fn mismatch(reason: String) -> JavaError {
        JavaError::local(MISMATCH, reason)
    }

    /// Makes the error of a relayed call: the one with which that call would have failed in Java.
    pub(crate) fn of_call(chain: ErrorChain) -> JavaError {
        const CLASS: &str = "dev.loopbridge.NativeException";
        let ErrorChain { failure, thrown } = &chain;
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
            chain: Some(chain),
        })
    }

    fn new(thrown: Thrown) -> JavaError {
        JavaError(Behind(Arc::new(thrown)))
    }

    /// Returns the error behind a source that [`source_of`] returned.
    pub(crate) fn behind(source: &(dyn Error + 'static)) -> Option<JavaError> {
        let behind = source.downcast_ref::<Behind>();
        behind.map(|behind| JavaError(behind.clone()))
    }

    pub(crate) fn unreadable(reason: impl fmt::Debug) -> JavaError {
        JavaError::local(MISMATCH, format!("an unreadable answer: {reason:?}"))
    }

    /// Makes an error for which Java has no object.
    fn local(class: &str, message: impl Into<String>) -> JavaError {
        JavaError::new(Thrown {
            class: class.to_owned(),
            message: message.into(),
            stack: String::new(),
            object: None,
            chain: None,
        })
    }

    /// Reads what a handler of `owner`'s threw.
    pub(crate) fn read(owner: &Arc<impl Owner>, block: &[u8]) -> JavaError {
        let arguments = &mut Arguments::new(block, Lender::none());
        let mut read = || -> Result<JavaError, Mismatch> {
            let (slot, generation) = (arguments.next::<i32>()?, arguments.next::<i32>()?);
            let (slot, generation) = (slot.cast_unsigned(), generation.cast_unsigned());
            // The object is read first, so that it is given back to the loop also if the rest cannot be read.
            let object =
                (generation != 0).then(|| Object::new(owner.clone(), CallId { slot, generation }));
            Ok(JavaError::new(Thrown {
                class: arguments.next()?,
                message: arguments.next()?,
                stack: arguments.next()?,
                object,
                chain: None,
            }))
        };
        read().unwrap_or_else(JavaError::unreadable)
    }

    /// Returns the chain of a call's error, if that is not one that Java has thrown.
    pub(crate) fn chain(&self) -> Option<&ErrorChain> {
        self.0.chain.as_ref()
    }

    /// Returns the object that was thrown, if its loop keeps it.
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
