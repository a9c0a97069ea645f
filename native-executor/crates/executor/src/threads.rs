//! Threads that Tokio starts, and what happens to queued work if the system refuses a thread.
//!
//! Tokio queues work for its blocking pool, the workers of a runtime included, before it starts a thread for the work.
//! If neither the system nor the pool has a thread, Tokio panics, and the queued work stays in the queue: a thread that
//! the pool gets later would run it. So nothing that is queued here runs by itself: a closure first takes its work from
//! where the caller left it, and a worker waits until its runtime is complete.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::panics::{self, Panic};

/// The system has no thread left.
#[derive(Clone, Debug)]
pub(crate) struct NoThread {
    /// The text of Tokio's panic.
    reason: String,
}

/// The prefix of the text of the panic of [`spawn_blocking`](crate::spawn_blocking). The panic has a text as its
/// payload, for user code that catches it.
const NO_THREAD: &str = "the system has no thread left";

impl NoThread {
    fn of(panic: &Panic) -> NoThread {
        NoThread {
            reason: panic.text().to_owned(),
        }
    }
}

impl fmt::Display for NoThread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoThread { reason } = self;
        write!(
            out,
            "{NO_THREAD} ({reason}); raise the limit on threads (ulimit -u, a container's limit on pids) or on memory, or \
             have fewer threads"
        )
    }
}

/// Returns whether a panic means that there was no thread.
pub(crate) fn is_no_thread(panic: &Panic) -> bool {
    panic.text().starts_with(NO_THREAD)
}

/// Runs `work` on a thread of the blocking pool. If there is no thread, the work is returned and does not run.
pub(crate) fn spawn_blocking<W, R>(
    tokio: &Handle,
    work: W,
    run: impl FnOnce(W) -> R + Send + 'static,
) -> Result<JoinHandle<R>, (W, NoThread)>
where
    W: Send + 'static,
    R: Send + 'static,
{
    let place = Arc::new(Mutex::new(None));
    let queued = Arc::clone(&place);
    // The lock is held until it is known whether the work is to run; a thread that is to run it waits for that.
    let mut filled = lock(&place);
    let spawned = panics::catch(|| {
        let task = tokio.spawn_blocking(move || {
            let work = lock(&queued).take();
            match work {
                Some(work) => run(work),
                // No code has the handle of this task, so that its panic is not seen.
                None => resume_unwind(Box::new(())),
            }
        });
        fault!(panic "blocking-thread");
        task
    });
    match spawned {
        Ok(task) => {
            *filled = Some(work);
            drop(filled);
            // A pool that is shutting down has dropped its closure: then the work, which is user code, is dropped here.
            let _ = panics::catch(|| drop(place));
            Ok(task)
        }
        Err(panic) => Err((work, NoThread::of(&panic))),
    }
}

fn lock<W>(place: &Mutex<Option<W>>) -> MutexGuard<'_, Option<W>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a runtime was not made.
#[derive(Debug)]
pub(crate) enum Refused {
    NoThread(NoThread),
    /// Tokio's driver could not be made: it takes files if the library enables sockets.
    NoDriver(std::io::Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoThread(reason) => write!(
                out,
                "{reason}, such as by NativeRuntime.Builder.workerThreads"
            ),
            Refused::NoDriver(error) => write!(
                out,
                "the system has nothing left for the driver of a runtime's sockets ({error}); raise the limit on open files \
                 (ulimit -n), or close some"
            ),
        }
    }
}

/// Builds the runtime, or leaves no thread of it behind. Each of its threads runs `started` first.
pub(crate) fn build(
    builder: &mut Builder,
    started: impl Fn() + Send + Sync + 'static,
) -> Result<Runtime, Refused> {
    let complete = Arc::new(OnceLock::<bool>::new());
    let awaited = Arc::clone(&complete);
    builder.on_thread_start(move || {
        if !*awaited.wait() {
            // A worker of a runtime that was not completed must not begin, since no code could end it.
            resume_unwind(Box::new(()));
        }
        started();
    });
    // If Tokio fails to start a worker it waits for those it has started, except within a runtime.
    let around = Builder::new_current_thread().build();
    let around = around.map_err(Refused::NoDriver)?;
    let within = panics::catch(|| around.block_on(async { panics::catch(|| builder.build()) }));
    around.shutdown_background();
    // If the caller is within a runtime already, Tokio allows no second one.
    let built = within.unwrap_or_else(|_| panics::catch(|| builder.build()));
    let _ = complete.set(matches!(built, Ok(Ok(_))));
    match built {
        Ok(Ok(runtime)) => Ok(runtime),
        Ok(Err(error)) => Err(Refused::NoDriver(error)),
        Err(panic) => Err(Refused::NoThread(NoThread::of(&panic))),
    }
}
