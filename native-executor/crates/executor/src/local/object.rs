//! Rust objects of one event loop, as Java names them.

use std::any::{Any, type_name};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use loopbridge_protocol::CallId;

use super::with_current;
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
    const TYPE: ValueType = ValueType::plain("local");
}
impl<T: 'static> Present for Local<T> {}
impl<T: 'static> Argument for Local<T> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        let id = CallId {
            slot: u32::from_le_bytes(from.array()?),
            generation: u32::from_le_bytes(from.array()?),
        };
        let object = with_current(|half| half.objects.borrow().get(id)).flatten();
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
        let id = with_current(|half| {
            let id = half.objects.borrow_mut().insert(self.0);
            half.count_objects();
            id
        });
        // Only a loop-driven function can return a `Local`, and its code runs while its loop's half is current.
        to.push_local(id.unwrap_or(CallId {
            slot: 0,
            generation: 0,
        }));
    }
}

/// The objects that Java holds, by slot and generation.
pub(super) struct Objects {
    slots: Vec<Slot>,
    free: Vec<u32>,
    first_generation: u32,
}

struct Slot {
    /// The generation of the next object; never 0.
    generation: u32,
    object: Option<Rc<dyn Any>>,
}

impl Objects {
    /// Makes an empty table. Each table has generations of its own: if a port's loop gets another thread, Java still
    /// has names of the objects that were dropped with the thread before.
    pub(super) fn new() -> Objects {
        static MADE: AtomicU32 = AtomicU32::new(0);
        // Multiples of the golden ratio lie far apart, however many there are.
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        Objects {
            slots: Vec::new(),
            free: Vec::new(),
            first_generation: made.wrapping_mul(0x9e37_79b9).max(1),
        }
    }

    /// Takes all objects out.
    pub(super) fn take(&mut self) -> Vec<Rc<dyn Any>> {
        self.free.clear();
        let slots = std::mem::take(&mut self.slots);
        slots.into_iter().filter_map(|slot| slot.object).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn insert(&mut self, object: Rc<dyn Any>) -> CallId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: self.first_generation,
                object: None,
            });
            self.slots.len() as u32 - 1
        });
        let place = &mut self.slots[slot as usize];
        place.object = Some(object);
        CallId {
            slot,
            generation: place.generation,
        }
    }

    fn get(&self, id: CallId) -> Option<Rc<dyn Any>> {
        let place = self.slots.get(id.slot as usize)?;
        place
            .object
            .clone()
            .filter(|_| place.generation == id.generation)
    }

    pub(super) fn remove(&mut self, id: CallId) -> Option<Rc<dyn Any>> {
        let place = self.slots.get_mut(id.slot as usize)?;
        if place.generation != id.generation {
            return None;
        }
        let removed = place.object.take()?;
        place.generation = place.generation.checked_add(1).unwrap_or(1);
        self.free.push(id.slot);
        Some(removed)
    }
}
