//! Java objects of one event loop, as Rust names them.

use std::fmt;
use std::sync::Arc;

use loopbridge_protocol::{CallId, Request};

use crate::codec::arguments::{Arguments, Mismatch};
use crate::codec::value::{Argument, Encoded, Held, Present, Reply, Value, ValueType, sealed};
use crate::port::Port;

/// A ticket for a Java object that one event loop owns: what a `LoopRef` is in Rust.
///
/// The object stays on its loop. Rust can keep the ticket, clone it, send it to any thread and drop it there, and give
/// it back to Java, as a result or as the argument of a [`JavaFn`](crate::JavaFn) of the same loop. If it is given to
/// another loop, that call fails with `WrongLoopException`. Java holds the object until the last clone is dropped.
///
/// ```
/// use loopbridge::{JavaError, JavaFn, JavaRef};
///
/// /// Java: `runtime.function("ask", Long.class, LoopRef.class, JavaHandler.class)`
/// async fn ask(connection: JavaRef, row_count: JavaFn<JavaRef, i64>) -> Result<i64, JavaError> {
///     row_count.call(connection).await
/// }
/// ```
#[derive(Clone)]
pub struct JavaRef(Arc<Object>);

impl JavaRef {
    pub(crate) fn object(&self) -> &Object {
        &self.0
    }
}

impl fmt::Debug for JavaRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallId { slot, generation } = self.0.id;
        write!(out, "JavaRef({slot}, use {generation})")
    }
}

impl sealed::Sealed for JavaRef {}
impl Value for JavaRef {
    const TYPE: ValueType = ValueType::plain("ref");
}
impl Present for JavaRef {}
impl Argument for JavaRef {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.object().map(|object| JavaRef(Arc::new(object)))
    }
}
impl Reply for JavaRef {
    fn write(self, to: &mut Encoded) {
        to.push_object(self.0.id);
        to.hold(Held::Ref(self));
    }
}

/// The name of an object that an owner loop has. Its drop publishes a request to the loop to drop the object.
pub(crate) struct Object {
    pub(crate) port: Arc<Port>,
    pub(crate) id: CallId,
}

impl Object {
    pub(crate) fn new(port: Arc<Port>, id: CallId) -> Object {
        Object { port, id }
    }

    /// Returns whether the object belongs to `port`'s owner.
    pub(crate) fn is_of(&self, port: &Port) -> bool {
        std::ptr::eq(&raw const *self.port, port)
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        self.port.request(&Request::Drop { object: self.id });
    }
}
