//! Functions that fail, in each way there is.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use loopbridge::Registry;
use tokio::task::yield_now;

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("fail", fail)
        .function("panic", panic_at_once)
        .function("panicAfterYield", panic_after_yield)
        .function("panicInDrop", PanicInDrop::ready)
        .function("panicInDropPending", PanicInDrop::pending)
        .local("localFail", fail)
        .local("localPanic", panic_at_once)
        .local("localPanicAfterYield", panic_after_yield)
        .local("localPanicInDrop", PanicInDrop::ready)
        .local("localPanicInDropPending", PanicInDrop::pending);
}

/// An error whose causes are numbered.
#[derive(Debug)]
struct Failure {
    text: String,
    cause: Option<Box<Failure>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}

/// Fails with `message` and so many causes.
async fn fail(message: String, depth: i32) -> Result<(), Failure> {
    let mut cause = None;
    for number in (1..=depth).rev() {
        cause = Some(Box::new(Failure {
            text: format!("cause {number} of {message}"),
            cause,
        }));
    }
    Err(Failure {
        text: message,
        cause,
    })
}

async fn panic_at_once(text: String) {
    panic_with(text);
}

async fn panic_after_yield(text: String) {
    yield_now().await;
    panic_with(text);
}

fn panic_with(text: String) {
    std::panic::panic_any(text);
}

/// A future that panics when it is dropped.
struct PanicInDrop {
    text: String,
    ready: bool,
}

impl PanicInDrop {
    fn ready(text: String) -> PanicInDrop {
        PanicInDrop { text, ready: true }
    }

    fn pending(text: String) -> PanicInDrop {
        PanicInDrop { text, ready: false }
    }
}

impl Future for PanicInDrop {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        match self.ready {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Drop for PanicInDrop {
    fn drop(&mut self) {
        panic_with(std::mem::take(&mut self.text));
    }
}
