//! Where a dispatcher is polled: by a worker of its runtime, or, after a rest, by the thread for ports at rest.
//!
//! Each of the two has a task that polls the dispatcher. They take it out of its seat for that, so that no lock is held
//! while it runs. A task that finds it absent leaves a note, and the other one then wakes the worker's task.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;

use super::Dispatcher;
use crate::environment::Environment;

/// The place of a dispatcher between two polls. Any thread.
pub(super) struct Seat {
    place: Mutex<Place>,
    environment: Arc<Environment>,
    /// The waker of the task on the runtime's workers. A task of Tokio's keeps its waker.
    worker: OnceLock<Waker>,
    /// The waker of the task on the thread for ports at rest; absent if there is no such thread.
    rest: OnceLock<Waker>,
}

enum Place {
    Here(Box<Dispatcher>),
    /// One of the tasks polls it; true if it is to be polled again after that.
    Polled(bool),
    Ended,
}

/// Makes the two tasks: for a worker, and for the thread for ports at rest.
pub(super) fn tasks(dispatcher: Dispatcher) -> (WorkerTask, RestTask) {
    let environment = Arc::clone(dispatcher.starter.port.environment());
    let tokio = dispatcher.starter.tokio.clone();
    let seat = Arc::new(Seat {
        place: Mutex::new(Place::Here(Box::new(dispatcher))),
        environment,
        worker: OnceLock::new(),
        rest: OnceLock::new(),
    });
    let rest = RestTask {
        seat: Arc::clone(&seat),
        tokio,
    };
    (WorkerTask(seat), rest)
}

impl Seat {
    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls the dispatcher, unless the other task does.
    fn poll(self: &Arc<Self>, worker: &Waker) -> Poll<()> {
        let mut dispatcher = {
            let mut place = self.place();
            match std::mem::replace(&mut *place, Place::Polled(false)) {
                Place::Here(dispatcher) => dispatcher,
                Place::Polled(_) => {
                    *place = Place::Polled(true);
                    return Poll::Pending;
                }
                Place::Ended => {
                    *place = Place::Ended;
                    return Poll::Ready(());
                }
            }
        };
        // If this panics the seat stays empty, and the drop of the dispatcher ends it.
        let polled = dispatcher.poll(&mut Context::from_waker(worker), self);
        let mut place = self.place();
        match (&*place, polled) {
            (Place::Polled(again), Poll::Pending) => {
                let again = *again;
                *place = Place::Here(dispatcher);
                drop(place);
                if again {
                    worker.wake_by_ref();
                }
                Poll::Pending
            }
            // It has ended, or the worker's task was dropped meanwhile: the drop of the dispatcher ends it.
            _ => {
                *place = Place::Ended;
                drop(place);
                drop(dispatcher);
                Poll::Ready(())
            }
        }
    }
}

/// The waker of a dispatcher at rest.
impl Wake for Seat {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match (self.rest.get(), self.worker.get()) {
            (Some(rest), _) if self.environment.rest_thread().take() => rest.wake_by_ref(),
            (_, Some(worker)) => worker.wake_by_ref(),
            (_, None) => {} // it was never polled, and is going to be
        }
    }
}

/// The task on the runtime's workers. It ends with the dispatcher, and its drop ends the dispatcher.
pub(crate) struct WorkerTask(Arc<Seat>);

impl Future for WorkerTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let _ = self.0.worker.get_or_init(|| context.waker().clone());
        self.0.poll(context.waker())
    }
}

impl Drop for WorkerTask {
    fn drop(&mut self) {
        let place = std::mem::replace(&mut *self.0.place(), Place::Ended);
        drop(place);
        if let Some(rest) = self.0.rest.get() {
            rest.wake_by_ref();
        }
    }
}

/// The task on the thread for ports at rest. It polls the dispatcher in the context of the dispatcher's own runtime.
pub(crate) struct RestTask {
    seat: Arc<Seat>,
    tokio: Handle,
}

impl Future for RestTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let seat = &self.seat;
        if seat.rest.set(context.waker().clone()).is_ok() {
            return match *seat.place() {
                Place::Ended => Poll::Ready(()),
                _ => Poll::Pending,
            };
        }
        let polled = match seat.worker.get() {
            Some(worker) => {
                let _context = self.tokio.enter();
                let polled = seat.poll(worker);
                if polled.is_ready() {
                    worker.wake_by_ref();
                }
                polled
            }
            None => Poll::Pending,
        };
        seat.environment.rest_thread().free();
        polled
    }
}
