//! One poll of a call's future.

use std::pin::Pin;
use std::task::{Context, Poll};

use loopbridge_protocol::OutcomeKind;

use crate::panics;
use crate::registry::CallPoll;
use crate::value::Encoded;

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
        // A second panic, of the drop, is passed over: the outcome has the first.
        let _ = panics::catch(|| *future = None);
        Poll::Ready(encoded.panic(panic))
    })
}
