//! The awaiting end of an invocation.

use std::future::{Future, poll_fn};
use std::sync::Arc;

use loopbridge_protocol::record::REQUEST_INLINE;
use loopbridge_protocol::{Request, Withdrawn};

use crate::codec::answer::{Block, Failed};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::java_error::JavaError;
use crate::port::Port;
use crate::port::invocation::{Handler, Invocation};

/// The awaiting end of an invocation. If it is dropped before the answer has come, it withdraws the invocation.
pub(crate) struct Awaited {
    invocation: Arc<Invocation>,
    ticket: u64,
}

impl Awaited {
    /// Sends the request to the owner; the caller has waited for its [`Handler::turn`]. `on_loop` is true if the caller
    /// is a loop-driven future of the same loop.
    pub(crate) fn begin<A: Reply>(
        port: &Arc<Port>,
        handler: &Arc<Handler>,
        argument: A,
        on_loop: bool,
    ) -> Result<impl Future<Output = Result<Block, Failed>> + use<A>, JavaError> {
        let invocation = Invocation::new(handler);
        let mut encoded = Encoded::with_room(REQUEST_INLINE);
        encoded.set(argument);
        let begun = port.invoke(&invocation, &mut encoded, on_loop);
        let ticket = begun.inspect_err(|_| invocation.ended())?;
        let awaited = Awaited { invocation, ticket };
        Ok(poll_fn(move |context| awaited.invocation.poll(context)))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // If the answer was read before, no record is published: the owner has nothing left to cancel, and the
        // invocation's reserved records may be in use again.
        if self.invocation.withdraw() == Withdrawn::Publish {
            let request = Request::Withdraw {
                invocation: self.ticket,
            };
            let owner = &self.invocation.handler().object.owner;
            owner.publish(&request.encode());
        }
        self.invocation.abandon();
    }
}
