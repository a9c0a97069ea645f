//! Values that a library's code has once for each runtime.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use tokio::runtime::{Handle, Id};

type Value = Arc<dyn Any + Send + Sync>;

/// The values of one runtime, by type: each an `Arc` of a `OnceLock`.
#[derive(Default)]
pub(crate) struct States(Mutex<HashMap<TypeId, Value>>);

/// The runtimes that live, by what Tokio's context has of each.
static RUNTIMES: RwLock<Vec<(Id, Arc<States>)>> = RwLock::new(Vec::new());

/// Returns the value of type `T` that the current runtime has; `make` makes it when it is first asked for.
///
/// It takes the place of a `static` that holds a client, a pool or a cache. Such a `static` outlives the runtime whose
/// tasks and sockets it uses, and all runtimes of the library share it; this value is the runtime's own. It is found by
/// all code in the runtime's context: in functions of all kinds, in the tasks that they spawn, and on the blocking pool.
/// Code that asks often should keep the [`Arc`]. A value that Java closes is a [`Shared`](crate::Shared).
///
/// The runtime gives its reference up when it is closed; if that is the last, the value is dropped on the blocking pool,
/// within the time that the close waits. Code that asks after that, in a drop, gets a new value.
///
/// If two threads ask for the first value at once, one makes it and the other one waits. If `make` panics the panic goes
/// on, and the next caller makes the value. `make` must not ask for the same type.
///
/// # Panics
///
/// Outside of the context of a runtime that Java has opened.
///
/// ```
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Recent(Mutex<Vec<String>>);
///
/// async fn visit(page: String) -> i64 {
///     let recent = loopbridge::state(Recent::default);
///     let mut pages = recent.0.lock().unwrap();
///     pages.push(page);
///     pages.len() as i64
/// }
/// ```
pub fn state<T: Send + Sync + 'static>(make: impl FnOnce() -> T) -> Arc<T> {
    let handle = Handle::try_current();
    let states = handle.ok().and_then(|handle| find(handle.id()));
    let Some(states) = states else {
        panic!(
            "loopbridge::state was called outside of a runtime; call it in a function that Java calls, or in a task that \
             such a function spawns"
        );
    };
    states.get(make)
}

impl States {
    /// Makes those of the runtime with this identity known.
    pub(crate) fn of(runtime: Id) -> Arc<States> {
        let states = Arc::<States>::default();
        let mut runtimes = RUNTIMES.write().unwrap_or_else(PoisonError::into_inner);
        runtimes.push((runtime, Arc::clone(&states)));
        states
    }

    fn get<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let place = {
            let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || -> Value { Arc::new(OnceLock::<Arc<T>>::new()) };
            Arc::clone(values.entry(TypeId::of::<T>()).or_insert_with(new))
        };
        // Made without the lock of all values: `make` may ask for a value of another type.
        match place.downcast::<OnceLock<Arc<T>>>() {
            Ok(place) => Arc::clone(place.get_or_init(|| Arc::new(make()))),
            Err(_) => Arc::new(make()), // no value is under the type of another
        }
    }

    /// Takes all values out, for the caller to drop.
    pub(crate) fn take(&self) -> Vec<Value> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.drain().map(|(_, value)| value).collect()
    }

    /// Forgets the runtime, whose code has ended.
    pub(crate) fn forget(self: &Arc<Self>) {
        let mut runtimes = RUNTIMES.write().unwrap_or_else(PoisonError::into_inner);
        runtimes.retain(|(_, states)| !Arc::ptr_eq(states, self));
    }
}

fn find(runtime: Id) -> Option<Arc<States>> {
    let runtimes = RUNTIMES.read().unwrap_or_else(PoisonError::into_inner);
    let found = runtimes.iter().find(|(id, _)| *id == runtime);
    found.map(|(_, states)| Arc::clone(states))
}
