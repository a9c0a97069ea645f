//! Java objects of one event loop, as records name them.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use loopbridge_protocol::{CallId, Request, Words};

use crate::metrics::Metrics;
use crate::objects::ObjectRef;

/// The port of an event loop, as a value refers to it whose memory or object the loop owns. Any thread.
///
/// A port keeps values, such as the answers to its invocations, and a value keeps the port alive to which it has to be
/// given back. This trait, which the port implements, cuts that circle: values are below the port and do not name it.
/// A call that names no object and lends no memory uses none of its methods.
pub(crate) trait Owner: Any + Send + Sync {
    /// Publishes a record, and makes sure that the owner loop reads it.
    fn publish(&self, record: &Words);

    /// Returns the metrics of the port's runtime.
    fn metrics(&self) -> &Metrics;

    /// Returns the object of the port's runtime that a record names by this ticket.
    fn shared(&self, ticket: u64) -> Option<ObjectRef>;
}

/// The name of an object that an owner loop has. Its drop publishes a request to the loop to drop the object.
pub(crate) struct Object {
    pub(crate) owner: Arc<dyn Owner>,
    pub(crate) id: CallId,
}

impl Object {
    pub(crate) fn new(owner: Arc<dyn Owner>, id: CallId) -> Object {
        Object { owner, id }
    }

    /// Returns whether the object belongs to `owner`.
    pub(crate) fn is_of(&self, owner: &impl Owner) -> bool {
        // Addresses of the objects alone: a pointer to a trait object also has a table of methods, and of one type
        // there may be several tables.
        std::ptr::addr_eq(Arc::as_ptr(&self.owner), std::ptr::from_ref(owner))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallId { slot, generation } = self.id;
        write!(out, "{slot}, use {generation}")
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        let request = Request::Drop { object: self.id };
        self.owner.publish(&request.encode());
    }
}
