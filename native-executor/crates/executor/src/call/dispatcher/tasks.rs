//! What polls a dispatcher: a task on the workers of its runtime, or the thread for ports at rest.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use loopbridge_protocol::{GivenBack, Seat, Taken};

use super::Dispatcher;
use crate::environment::Environment;
use crate::panics;
use crate::rest::AtRest;

/// A dispatcher, and how it is woken. Any thread.
pub(super) struct Shared {
    seat: Seat<Box<Dispatcher>>,
    environment: Arc<Environment>,
    /// The waker of the task on the workers. A task of Tokio's keeps its waker.
    worker: OnceLock<Waker>,
}

impl Dispatcher {
    /// Makes the task that polls this dispatcher on the workers.
    pub(crate) fn task(self) -> WorkerTask {
        let environment = Arc::clone(self.starter.port.environment());
        WorkerTask(Arc::new(Shared {
            seat: Seat::new(Box::new(self)),
            environment,
            worker: OnceLock::new(),
        }))
    }
}

impl Shared {
    /// Polls the dispatcher, unless another thread does. If the poll panics, the drop of the dispatcher ends it.
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
        if !self.environment.rest_thread().give(self)
            && let Some(worker) = self.worker.get()
        {
            worker.wake_by_ref();
        }
    }
}

impl AtRest for Shared {
    fn poll_at_rest(self: Arc<Self>) {
        // A task that was never polled is going to be, and a runtime that closes drops the task.
        let (Some(worker), Some(tokio)) = (self.worker.get(), self.environment.tokio()) else {
            return;
        };
        let _context = tokio.enter();
        let polled = panics::catch(|| Shared::poll(&self, worker));
        if !matches!(polled, Ok(Poll::Pending)) {
            let _ = self.seat.end();
            worker.wake_by_ref(); // so that the task ends too
        }
    }
}

/// The task on the workers. It ends with the dispatcher, and its drop ends the dispatcher.
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
    }
}
