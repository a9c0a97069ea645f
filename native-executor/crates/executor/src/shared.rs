//! Rust objects that all loops of a runtime may use, as Java names them.

use std::any::{Any, TypeId};
use std::fmt;
use std::mem::{ManuallyDrop, needs_drop};
use std::ops::Deref;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::codec::arguments::{Argument, Arguments};
use crate::codec::encoded::{Encoded, Reply};
use crate::codec::mismatch::Mismatch;
use crate::codec::types::Present;
use crate::codec::value::{ObjectType, Value, ValueType, sealed};
use crate::local;
use crate::objects::{AnyObject, ObjectRef, drop_on_pool};

/// A type of [`Shared`] objects: it says under which name Java knows them.
///
/// The name is an identifier of ASCII letters, digits and underscores, and no other type of the library has it. A
/// signature names the type by it: `async place(object<Shop>,string)->i64`.
///
/// The attribute [`#[loopbridge::object]`](crate::object) implements this, with the type's own name. A library without
/// attributes does so by hand:
///
/// ```
/// struct Shop { /* ... */ }
///
/// impl loopbridge::SharedType for Shop {
///     const NAME: &'static str = "Shop";
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name for Java, which each type of `Shared` objects has",
    label = "no type of shared objects",
    note = "mark the type with #[loopbridge::object], or implement it: `impl loopbridge::SharedType for {Self} {{ const NAME: &'static str = \"{Self}\"; }}`",
    note = "a type of another crate, such as a pool, goes into a struct of this crate: `struct Shop {{ pool: Pool }}`"
)]
pub trait SharedType: Send + Sync + 'static {
    /// The name of the type in signatures.
    const NAME: &'static str;
}

/// A Rust object that all loops of a runtime may use, such as a client, a pool or a database: what a `NativeObject` is
/// in Java.
///
/// A function of any kind makes one with [`new`](Shared::new) and returns it. Java passes it to further functions, from
/// any thread and on any loop of the same runtime, and closes it in the end. It may be used by several calls at once:
/// what changes needs a lock, an atomic or a task of its own. A type with [`#[loopbridge::object]`](crate::object) may have
/// methods that Java calls, and a function may return it as it is. An object that one loop alone uses is a
/// [`Local`](crate::Local).
///
/// A clone is another reference to the same object, and Java has one of them until it closes the object or the runtime
/// is closed. The start of a call takes a clone, so that the object may be closed while calls use it.
///
/// # Where it is dropped
///
/// The object is dropped with its last reference. If that is Java's, or one of code that a loop drives, the drop runs on
/// the runtime's blocking pool: it may block, and never does so on a loop. If it is another reference of Rust's, the
/// drop runs where that is dropped, as with an [`Arc`]: at the end of a call that is on a worker thread of Tokio's, where
/// code must not block. All of these are in Tokio's context, so that the drop may spawn tasks. What a closed runtime
/// still has is dropped by the close, within the time that it waits. What a loop or Java gives up after that is dropped on
/// a thread of its own, without the close waiting for it; tasks that this drop spawns do not run.
///
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
///
/// use loopbridge::{Registry, Shared, SharedType};
///
/// struct Shop {
///     orders: AtomicI64,
/// }
///
/// impl SharedType for Shop {
///     const NAME: &'static str = "Shop";
/// }
///
/// async fn open(first: i64) -> Shared<Shop> {
///     Shared::new(Shop { orders: first.into() })
/// }
///
/// async fn place(shop: Shared<Shop>) -> i64 {
///     shop.orders.fetch_add(1, Ordering::Relaxed)
/// }
///
/// fn register(functions: &mut Registry) {
///     functions.function("open", open).function("place", place);
/// }
/// ```
///
/// ```java
/// NativeFunction<NativeObject> open = runtime.function("open", NativeObject.class, long.class);
/// NativeFunction<Long> place = runtime.function("place", Long.class, NativeObject.class);
/// ```
pub struct Shared<T: Send + Sync + 'static>(Arc<Inner<T>>);

struct Inner<T: Send + Sync + 'static>(ManuallyDrop<T>);

impl<T: Send + Sync + 'static> Shared<T> {
    /// Makes `object` one that all loops of a runtime may use.
    pub fn new(object: T) -> Shared<T>
    where
        T: SharedType, // here, so that the compiler names this rule
    {
        Shared(Arc::new(Inner(ManuallyDrop::new(object))))
    }
}

impl<T: Send + Sync + 'static> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.0
    }
}

impl<T: Send + Sync + 'static> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + fmt::Debug + 'static> fmt::Debug for Shared<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Shared").field(&**self).finish()
    }
}

impl<T: SharedType> AnyObject for Inner<T> {
    fn type_name(&self) -> &'static str {
        T::NAME
    }
}

impl<T: Send + Sync + 'static> Drop for Inner<T> {
    fn drop(&mut self) {
        // SAFETY: the field is not used after this.
        let object = unsafe { ManuallyDrop::take(&mut self.0) };
        if needs_drop::<T>()
            && let Some(metrics) = local::metrics()
            && let Ok(tokio) = Handle::try_current()
        {
            drop_on_pool(&tokio, &metrics, object); // this thread is a loop
        }
    }
}

impl<T: SharedType> sealed::Sealed for Shared<T> {}
impl<T: SharedType> Value for Shared<T> {
    const TYPE: ValueType = ValueType::Object(ObjectType {
        name: T::NAME,
        id: TypeId::of::<T>,
    });
}
impl<T: SharedType> Present for Shared<T> {}
impl<T: SharedType> Argument for Shared<T> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        let object = from.shared()?.into_object();
        let found = object.type_name();
        let object: Arc<dyn Any + Send + Sync> = object;
        object.downcast().map(Shared).map_err(|_| {
            let expected = T::NAME;
            Mismatch::of_object(format!("an object<{found}>, not an object<{expected}>"))
        })
    }
}
impl<T: SharedType> Reply for Shared<T> {
    fn write(self, to: &mut Encoded) {
        to.push_shared(ObjectRef::new(self.0));
    }
}
