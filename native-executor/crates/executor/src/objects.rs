//! Objects that all loops of a runtime may use, as the bridge holds them.

use std::any::Any;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use loopbridge_protocol::SharedTable;
use tokio::runtime::Handle;

use crate::blocking::{self, Counted};
use crate::metrics::Metrics;
use crate::panics;
use crate::threads;

/// The objects that Java holds of one runtime, by ticket.
pub(crate) type Objects = SharedTable<ObjectRef>;

/// An object of any type, and the name of its type.
pub(crate) trait AnyObject: Any + Send + Sync {
    fn type_name(&self) -> &'static str;
}

/// A reference of the bridge's own to an object. A panic of the object's drop ends here, and is counted: the bridge drops
/// references where such a panic must not go on.
#[derive(Clone)]
pub(crate) struct ObjectRef(ManuallyDrop<Arc<dyn AnyObject>>);

impl ObjectRef {
    pub(crate) fn new(object: Arc<dyn AnyObject>) -> ObjectRef {
        ObjectRef(ManuallyDrop::new(object))
    }

    /// Returns the reference as user code has it: the panic of its drop goes on.
    pub(crate) fn into_object(self) -> Arc<dyn AnyObject> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: the field is not used after this, since `this` is not dropped.
        unsafe { ManuallyDrop::take(&mut this.0) }
    }
}

impl Drop for ObjectRef {
    fn drop(&mut self) {
        // SAFETY: the field is not used after this.
        let object = unsafe { ManuallyDrop::take(&mut self.0) };
        if panics::catch(|| drop(object)).is_err()
            && let Some(metrics) = blocking::metrics()
        {
            metrics.panic_caught();
        }
    }
}

impl fmt::Debug for ObjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "object<{}>", self.0.type_name())
    }
}

/// Drops what may block, such as a pool that waits for its threads: on the blocking pool, in the runtime's context. The
/// caller, which may be a loop, waits for nothing, not even for the start of a thread of the pool.
pub(crate) fn drop_on_pool<T: Send + 'static>(tokio: &Handle, metrics: &Arc<Metrics>, dropped: T) {
    let leaving = Leaving::new(Some(tokio), metrics, dropped);
    let (handle, work) = (tokio.clone(), (Counted::call(metrics), leaving));
    // A closed runtime drops the task unpolled, on this thread.
    drop(tokio.spawn(async move { leave_by_pool(&handle, work) }));
}

/// The same for a caller that may wait for the start of a thread of the pool.
pub(crate) fn drop_on_thread<T: Send + 'static>(
    tokio: &Handle,
    metrics: &Arc<Metrics>,
    dropped: T,
) {
    let leaving = Leaving::new(Some(tokio), metrics, dropped);
    leave_by_pool(tokio, (Counted::call(metrics), leaving));
}

fn leave_by_pool<T: Send + 'static>(tokio: &Handle, work: (Counted, Leaving<T>)) {
    let begun = threads::spawn_blocking(tokio, work, |(mut counted, mut leaving)| {
        counted.begin(Box::new(|| false));
        drop(leaving.0.take());
    });
    drop(begun); // with the work, if the system has no thread
}

/// A value on its way to a thread where its drop may block. If the pool does not take it, since the runtime is closed or
/// the system has no thread, its drop runs where this is dropped, if that is one of a runtime's threads; else, since
/// that may be a loop, on a thread of its own.
pub(crate) struct Leaving<T: Send + 'static>(Option<Last<T>>);

impl<T: Send + 'static> Leaving<T> {
    /// `tokio` is `None` if the value's runtime has been closed.
    pub(crate) fn new(tokio: Option<&Handle>, metrics: &Arc<Metrics>, value: T) -> Leaving<T> {
        Leaving(Some(Last {
            tokio: tokio.cloned(),
            metrics: Arc::clone(metrics),
            value: Some(value),
        }))
    }
}

impl<T: Send + 'static> Drop for Leaving<T> {
    fn drop(&mut self) {
        let last = self.0.take();
        if last.is_some() && blocking::metrics().is_none() {
            let thread = std::thread::Builder::new().name("loopbridge-drop".to_owned());
            // If the system has no thread, the value is dropped here all the same.
            drop(thread.spawn(move || drop(last)));
        }
    }
}

/// A value whose drop runs in its runtime's context. A panic of the drop ends here and is counted.
struct Last<T> {
    tokio: Option<Handle>,
    metrics: Arc<Metrics>,
    value: Option<T>,
}

impl<T> Drop for Last<T> {
    fn drop(&mut self) {
        let (tokio, value) = (self.tokio.as_ref(), self.value.take());
        // A thread that is ending may have no context left.
        let _entered = tokio.and_then(|tokio| panics::catch(|| tokio.enter()).ok());
        if panics::catch(|| drop(value)).is_err() {
            self.metrics.panic_caught();
        }
    }
}
