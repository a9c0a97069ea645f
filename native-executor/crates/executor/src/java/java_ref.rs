//! Objects of Java that Rust keeps.

use std::fmt;
use std::sync::Arc;

use crate::codec::arguments::{Argument, Arguments};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::mismatch::Mismatch;
use crate::codec::object::Object;
use crate::codec::types::Present;
use crate::codec::value::{Value, ValueType, sealed};

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

impl fmt::Debug for JavaRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JavaRef({:?})", self.0)
    }
}

impl sealed::Sealed for JavaRef {}
impl Value for JavaRef {
    const TYPE: ValueType = ValueType::Plain("ref");
}
impl Present for JavaRef {}
impl Argument for JavaRef {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.object().map(|object| JavaRef(Arc::new(object)))
    }
}
impl Reply for JavaRef {
    fn write(self, to: &mut Encoded) {
        to.push_object(self.0);
    }
}
