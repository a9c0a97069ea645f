//! Rust objects of one event loop, as Java names them.

use std::any::type_name;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use loopbridge_protocol::CallId;

use super::context::with_current;
use super::half::LoopHalf;
use crate::codec::arguments::Argument;
use crate::codec::arguments::Arguments;
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::mismatch::Mismatch;
use crate::codec::types::Present;
use crate::codec::value::{Value, ValueType, sealed};

/// A Rust object that lives on an event loop: what a `NativeRef` is in Java.
///
/// A loop-driven function makes one with [`new`](Local::new) and returns it. Java passes it to further functions of the
/// same loop and closes it in the end. The object never leaves its loop's thread, so it need not be `Send`: a `Local`
/// cannot be sent, nor held by a function that Tokio drives.
///
/// A clone is another reference to the same object. The object is dropped, on its loop, with the last reference; Java
/// has one of them.
///
/// ```
/// use std::cell::RefCell;
///
/// use loopbridge::{Local, Registry};
///
/// fn register(functions: &mut Registry) {
///     functions
///         .local("open", |text: String| async move { Local::new(RefCell::new(text)) })
///         .local("append", |text: Local<RefCell<String>>, more: String| async move {
///             text.borrow_mut().push_str(&more);
///             text.borrow().len() as i64
///         });
/// }
/// ```
///
/// A function that Tokio drives cannot take one:
///
/// ```compile_fail
/// # use loopbridge::{Local, Registry};
/// # fn register(functions: &mut Registry) {
/// functions.function("length", |text: Local<String>| async move { text.len() as i64 });
/// # }
/// ```
pub struct Local<T: 'static>(Rc<T>);

impl<T> Local<T> {
    /// Pins `object` to the loop whose code is running.
    pub fn new(object: T) -> Local<T> {
        Local(Rc::new(object))
    }
}

impl<T> Deref for Local<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Local<T> {
    fn clone(&self) -> Self {
        Local(Rc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Local<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Local").field(&self.0).finish()
    }
}

impl<T: 'static> sealed::Sealed for Local<T> {}
impl<T: 'static> Value for Local<T> {
    const TYPE: ValueType = ValueType::Plain("local");
}
impl<T: 'static> Present for Local<T> {}
impl<T: 'static> Argument for Local<T> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        let id = CallId {
            slot: u32::from_le_bytes(from.array()?),
            generation: u32::from_le_bytes(from.array()?),
        };
        let get = |half: &LoopHalf| half.objects.borrow().get(id.to_word()).cloned();
        let object = with_current(get).flatten();
        let object =
            object.ok_or_else(|| Mismatch::of_object("no object of this loop's, or closed"))?;
        object.downcast().map(Local).map_err(|_| {
            let expected = type_name::<T>();
            Mismatch::of_object(format!("an object of another type than {expected}"))
        })
    }
}
impl<T: 'static> Reply for Local<T> {
    fn write(self, to: &mut Encoded) {
        let ticket = with_current(|half| {
            let ticket = half.objects.borrow_mut().insert(self.0);
            half.count_objects();
            ticket
        });
        // Only a loop-driven function can return a `Local`, and its code runs while its loop's half is current; and no
        // table of 2^32 objects fits into memory. The name 0 names nothing.
        let ticket = ticket.and_then(Result::ok).unwrap_or(0);
        to.push_local(CallId::of_word(ticket));
    }
}
