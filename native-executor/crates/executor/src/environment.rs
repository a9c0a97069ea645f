//! What the ports of one runtime share: its Tokio runtime, its counters, its panics, its objects, and the gate of its
//! upcalls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::gate::Gate;
use crate::metrics::{Metrics, Snapshot};
use crate::objects::{self, Leaving, ObjectRef, Objects};
use crate::panics::{self, KeptPanics};
use crate::rest::RestThread;
use crate::state::States;

/// The longest time that a dispatcher may linger, since its worker runs no other tasks meanwhile.
const LONGEST_LINGER: Duration = Duration::from_millis(1);

/// The part of a runtime that its ports share. It lives as long as the runtime or any port of it. Any thread.
pub(crate) struct Environment {
    linger: Duration,
    /// Taken out by the shutdown. No handle of it is kept here, since a handle would keep the runtime's files open.
    tokio: Mutex<Option<tokio::runtime::Runtime>>,
    rest_thread: RestThread,
    closing: AtomicBool,
    panics: KeptPanics,
    objects: Arc<Objects>,
    states: Arc<States>,
    metrics: Arc<Metrics>,
    gate: Gate,
}

impl Environment {
    pub(crate) fn new(
        tokio: tokio::runtime::Runtime,
        rest_thread: RestThread,
        metrics: Arc<Metrics>,
        linger: Duration,
        ticket_tag: u64,
    ) -> Environment {
        Environment {
            states: States::of(tokio.handle().id()),
            linger: linger.min(LONGEST_LINGER),
            tokio: Mutex::new(Some(tokio)),
            rest_thread,
            closing: AtomicBool::new(false),
            panics: KeptPanics::default(),
            objects: Arc::new(Objects::new(u32::MAX, ticket_tag)),
            metrics,
            gate: Gate::default(),
        }
    }

    /// Returns the gate that every upcall of this runtime passes.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns how long a dispatcher without work looks for more before it sleeps.
    pub(crate) fn linger(&self) -> Duration {
        self.linger
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Returns the panics that Java may answer with. No counter includes them.
    pub(crate) fn panics(&self) -> &KeptPanics {
        &self.panics
    }

    /// Returns the objects that Java holds and all loops may use.
    pub(crate) fn objects(&self) -> &Arc<Objects> {
        &self.objects
    }

    /// Gives up Java's reference to an object. Returns `false` if the ticket names none. Any thread; calls that have
    /// begun keep the object.
    pub(crate) fn close_object(&self, ticket: u64) -> bool {
        // The handle comes first: where there is none, `close` has the objects.
        let tokio = self.tokio();
        let object = self.objects.remove(ticket);
        object
            .map(|object| self.drop_in(tokio.as_ref(), object))
            .is_some()
    }

    /// Drops a reference that may be the last one: not on the caller, unless that is a thread of the runtime's.
    pub(crate) fn drop_object(&self, object: ObjectRef) {
        self.drop_in(self.tokio().as_ref(), object);
    }

    fn drop_in(&self, tokio: Option<&Handle>, object: ObjectRef) {
        let object = object.into_object();
        match tokio {
            Some(tokio) => objects::drop_on_pool(tokio, &self.metrics, object),
            None => drop(Leaving::new(None, &self.metrics, object)),
        }
    }

    pub(crate) fn counters(&self) -> Snapshot {
        Snapshot {
            live_shared_objects: self.objects.len() as u64,
            ..self.metrics.snapshot()
        }
    }

    /// Returns the handle that enters Tokio's context; `None` if the runtime is closing.
    pub(crate) fn tokio(&self) -> Option<Handle> {
        let tokio = lock(&self.tokio);
        tokio.as_ref().map(|tokio| tokio.handle().clone())
    }

    /// Returns the thread that polls dispatchers after a rest.
    pub(crate) fn rest_thread(&self) -> &RestThread {
        &self.rest_thread
    }

    /// Begins the shutdown: takes Tokio's runtime out, unless another thread has, and Java's references to all objects.
    /// The caller passes both to [`drop_all`](Self::drop_all), without a lock of its own.
    pub(crate) fn close(&self) -> Option<(tokio::runtime::Runtime, Vec<ObjectRef>)> {
        let mut place = lock(&self.tokio);
        let tokio = place.take()?;
        self.closing.store(true, Ordering::Release);
        // Under the lock: who finds no runtime finds no object either, which it could not drop in the context.
        Some((tokio, self.objects.end()))
    }

    /// Drops the objects, and what the library's code has of this runtime: on the pool, since a drop may need the
    /// runtime, and may block. The shutdown waits for it within its bounds.
    pub(crate) fn drop_all(&self, tokio: &Handle, objects: Vec<ObjectRef>) {
        for object in objects {
            objects::drop_on_thread(tokio, &self.metrics, object.into_object());
        }
        for value in self.states.take() {
            objects::drop_on_thread(tokio, &self.metrics, value);
        }
    }

    /// Returns whether the shutdown has begun.
    pub(crate) fn is_closing(&self) -> bool {
        // Acquire: pairs with the Release in `close`.
        self.closing.load(Ordering::Acquire)
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.states.forget();
        for value in self.states.take() {
            // User code.
            if panics::catch(|| drop(value)).is_err() {
                self.metrics.panic_caught();
            }
        }
        self.rest_thread.close(Duration::ZERO);
        // It does not wait, since the thread that drops the last reference may be one of Tokio's own.
        if let Some(tokio) = lock(&self.tokio).take() {
            tokio.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
