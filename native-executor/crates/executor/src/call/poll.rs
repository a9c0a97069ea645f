//! A call as it runs, and one poll of its future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use loopbridge_protocol::OutcomeKind;

use super::guard::Kept;
use super::returned::{Returned, ReturnedError};
use crate::codec::encoded::{Encoded, Reply};
use crate::panics;

/// A call of an asynchronous function. The function's own code runs when this is polled.
pub(crate) type CallFuture = Pin<Box<dyn TaskPoll + Send>>;

/// A call of a loop-driven function.
pub(crate) type LocalFuture = Pin<Box<dyn CallPoll>>;

/// A call of a blocking function.
pub(crate) type CallWork = Box<dyn FnOnce(&mut Encoded) -> OutcomeKind + Send>;

/// A future that writes its result into an [`Encoded`].
#[doc(hidden)]
pub trait CallPoll {
    fn poll_into(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        encoded: &mut Encoded,
    ) -> Poll<OutcomeKind>;
}

impl<F: Future<Output: Returned<Value: Reply, Error: ReturnedError>>> CallPoll for F {
    fn poll_into(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        encoded: &mut Encoded,
    ) -> Poll<OutcomeKind> {
        self.poll(context).map(|returned| returned.write(encoded))
    }
}

/// A future that has room for what its task needs.
#[doc(hidden)]
pub trait TaskPoll: CallPoll {
    /// Returns the room; empty until the call has a task.
    fn kept(self: Pin<&mut Self>) -> &mut Option<Kept>;
}

/// A future, and beside it the room for what its task needs. So the task itself is a pointer: Tokio allocates a task in
/// steps of 128 bytes, and one that holds more than 32 takes a further step.
struct Roomy<F> {
    kept: Option<Kept>,
    future: F,
}

/// Makes the call of a future.
pub(crate) fn call_of<F: CallPoll + Send + 'static>(future: F) -> CallFuture {
    Box::pin(Roomy { kept: None, future })
}

impl<F: CallPoll> CallPoll for Roomy<F> {
    #[inline]
    fn poll_into(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        encoded: &mut Encoded,
    ) -> Poll<OutcomeKind> {
        // SAFETY: the future is pinned with its owner: it is not moved out of it, which has no `Drop` and is `Unpin`
        // only if the future is.
        let future = unsafe { self.map_unchecked_mut(|it| &mut it.future) };
        future.poll_into(context, encoded)
    }
}

impl<F: CallPoll> TaskPoll for Roomy<F> {
    fn kept(self: Pin<&mut Self>) -> &mut Option<Kept> {
        // SAFETY: this field is never pinned, and the future is not moved.
        unsafe { &mut self.get_unchecked_mut().kept }
    }
}

/// Polls a call's future and drops it when it is done, so that its drop can still turn the outcome into a panic.
pub(crate) fn poll_once<F: CallPoll + ?Sized>(
    future: &mut Option<Pin<Box<F>>>,
    context: &mut Context<'_>,
    encoded: &mut Encoded,
) -> Poll<OutcomeKind> {
    let polled = panics::catch(|| {
        let Some(running) = future.as_mut() else {
            return Poll::Ready(OutcomeKind::Closed);
        };
        fault!(panic "poll");
        let polled = running.as_mut().poll_into(context, encoded);
        if polled.is_ready() {
            fault!(panic "encoded");
            *future = None;
        }
        polled
    });
    polled.unwrap_or_else(|panic| {
        // If the drop panics too, that panic is ignored: the outcome has the first one.
        let _ = panics::catch(|| *future = None);
        Poll::Ready(encoded.panic(panic))
    })
}
