//! Functions that fail, one for each way to fail.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use loopbridge::{JavaFn, Registry};
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
        .local("localPanicInDropPending", PanicInDrop::pending)
        .function("panicWithNumber", |number: i64| async move {
            panic_with_number(number);
            number
        })
        .function("askCaught", ask_caught);
}

/// A panic's payload that is no text.
struct Number(i64);

fn panic_with_number(number: i64) {
    panic_any(Number(number));
}

/// Calls the handler and catches the panic that its answer may be. Returns the number that the panic was made with, or
/// its text.
async fn ask_caught(ask: JavaFn<i64, i64>) -> String {
    let mut asked = pin!(ask.call(0));
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(context)));
        polled.map_or_else(
            |payload| {
                Poll::Ready(match payload.downcast::<Number>() {
                    Ok(number) => format!("number {}", number.0),
                    Err(other) => match other.downcast::<String>() {
                        Ok(text) => format!("text {text}"),
                        Err(_) => "neither".to_owned(),
                    },
                })
            },
            |polled| {
                polled.map(|answer| match answer {
                    Ok(answer) => format!("answer {answer}"),
                    Err(error) => format!("error {error}"),
                })
            },
        )
    })
    .await
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

/// Fails with `message` and `depth` causes.
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
    panic_any(text);
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
