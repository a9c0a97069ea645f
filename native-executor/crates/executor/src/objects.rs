//! Objects that all loops of a runtime may use, as the bridge holds them.

use std::any::Any;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use loopbridge_protocol::SharedTable;
use tokio::runtime::Handle;

use crate::blocking::Counted;
use crate::metrics::Metrics;
use crate::panics;
use crate::threads;

/// The objects that Java holds of one runtime, by ticket.
pub(crate) type Objects = SharedTable<ObjectRef>;

/// An object of any type, and the name of its type.
pub(crate) trait AnyObject: Any + Send + Sync {
    fn type_name(&self) -> &'static str;
}

/// A reference of the bridge's own to an object. A panic of the object's drop ends here: the bridge drops references
/// where such a panic must not go on.
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
        let _ = panics::catch(|| drop(object));
    }
}

impl fmt::Debug for ObjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "object<{}>", self.0.type_name())
    }
}

/// Drops what may block, such as a pool that waits for its threads: on the blocking pool, in the runtime's context. The
/// caller, which may be a loop, waits for nothing, not even for the start of a thread.
pub(crate) fn drop_on_pool<T: Send + 'static>(tokio: &Handle, metrics: &Arc<Metrics>, dropped: T) {
    let (handle, metrics) = (tokio.clone(), Arc::clone(metrics));
    drop(tokio.spawn(async move { drop_on_thread(&handle, &metrics, dropped) }));
}

/// The same for a caller that may wait for the start of a thread.
pub(crate) fn drop_on_thread<T: Send + 'static>(
    tokio: &Handle,
    metrics: &Arc<Metrics>,
    dropped: T,
) {
    let work = (Counted::call(metrics), dropped);
    let metrics = Arc::clone(metrics);
    let begun = threads::spawn_blocking(tokio, work, move |(mut counted, dropped)| {
        counted.begin(Box::new(|| false));
        if panics::catch(|| drop(dropped)).is_err() {
            metrics.panic_caught();
        }
    });
    // If the system has no thread, the object is dropped all the same.
    if let Err((work, _)) = begun {
        let _ = panics::catch(|| drop(work));
    }
}
