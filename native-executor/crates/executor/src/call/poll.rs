//! A call as it runs, and one poll of its future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use loopbridge_protocol::OutcomeKind;

use super::returned::{Returned, ReturnedError};
use crate::codec::encoded::{Encoded, Reply};
use crate::panics;

/// A call of an asynchronous function. The function's own code runs when this is polled.
pub(crate) type CallFuture = Pin<Box<dyn CallPoll + Send>>;

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
