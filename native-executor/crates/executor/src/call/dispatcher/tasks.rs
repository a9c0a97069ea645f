//! The two tasks that poll a dispatcher: one on the workers of its runtime, and one on the thread for ports at rest.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use loopbridge_protocol::{GivenBack, Seat, Taken};
use tokio::runtime::Handle;

use super::Dispatcher;
use crate::environment::Environment;

/// What the two tasks share. Any thread.
pub(super) struct Shared {
    seat: Seat<Box<Dispatcher>>,
    environment: Arc<Environment>,
    /// The waker of the workers' task. A task of Tokio's keeps its waker.
    worker: OnceLock<Waker>,
    /// The waker of the task at rest; empty if there is no thread for it.
    rest: OnceLock<Waker>,
}

impl Dispatcher {
    /// Makes the tasks that poll this dispatcher.
    pub(crate) fn tasks(self) -> (WorkerTask, RestTask) {
        let environment = Arc::clone(self.starter.port.environment());
        let tokio = self.starter.tokio.clone();
        let shared = Arc::new(Shared {
            seat: Seat::new(Box::new(self)),
            environment,
            worker: OnceLock::new(),
            rest: OnceLock::new(),
        });
        let rest = RestTask {
            shared: Arc::clone(&shared),
            tokio,
        };
        (WorkerTask(shared), rest)
    }
}

impl Shared {
    /// Polls the dispatcher, unless the other task does. If the poll panics, the drop of the dispatcher ends it.
    fn poll(self: &Arc<Self>, worker: &Waker) -> Poll<()> {
        let mut dispatcher = match self.seat.take() {
            Taken::Here(dispatcher) => dispatcher,
            Taken::Polled => return Poll::Pending,
            Taken::Ended => return Poll::Ready(()),
        };
        if dispatcher
            .poll(&mut Context::from_waker(worker), self)
            .is_ready()
        {
            let _ = self.seat.end();
            return Poll::Ready(());
        }
        match self.seat.give_back(dispatcher) {
            GivenBack::Sleeps => Poll::Pending,
            GivenBack::Again => {
                worker.wake_by_ref();
                Poll::Pending
            }
            GivenBack::Ended(_dropped) => Poll::Ready(()),
        }
    }
}

/// The waker of a dispatcher at rest.
impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(rest) = self.rest.get()
            && self.environment.rest_thread().take()
        {
            rest.wake_by_ref();
        } else if let Some(worker) = self.worker.get() {
            worker.wake_by_ref();
        }
    }
}

/// The task on the runtime's workers. It ends with the dispatcher, and its drop ends the dispatcher.
pub(crate) struct WorkerTask(Arc<Shared>);

impl Future for WorkerTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let _ = self.0.worker.get_or_init(|| context.waker().clone());
        self.0.poll(context.waker())
    }
}

impl Drop for WorkerTask {
    fn drop(&mut self) {
        drop(self.0.seat.end());
        if let Some(rest) = self.0.rest.get() {
            rest.wake_by_ref(); // it ends too
        }
    }
}

/// The task on the thread for ports at rest. It polls the dispatcher in the context of the dispatcher's own runtime.
pub(crate) struct RestTask {
    shared: Arc<Shared>,
    tokio: Handle,
}

impl Future for RestTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = &self.shared;
        if shared.rest.set(context.waker().clone()).is_ok() {
            // The first poll, for which the thread was not taken.
            return match shared.seat.has_ended() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            };
        }
        let mut polled = Poll::Pending;
        if let Some(worker) = shared.worker.get() {
            let _context = self.tokio.enter();
            polled = shared.poll(worker);
            if polled.is_ready() {
                worker.wake_by_ref(); // the workers' task ends too
            }
        }
        shared.environment.rest_thread().free();
        polled
    }
}
