//! Threads that Tokio starts, and what becomes of its work if the system refuses one.
//!
//! Tokio queues work for its blocking pool, workers of a runtime included, before it starts a thread for it. Where the
//! system has no thread and the pool neither, Tokio panics, and what it has queued stays: it would run with whatever
//! the pool is given later. So nothing queued here runs by itself: a closure has to find its work where the caller left
//! it, and a worker waits until its runtime is complete.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::panics::{self, Panic};

/// The system has no thread left.
#[derive(Clone, Debug)]
pub(crate) struct NoThread {
    /// What Tokio said.
    reason: String,
}

/// How the text of the panic of [`spawn_blocking`](crate::spawn_blocking) begins. It stays a text, for whoever catches it.
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

/// Whether a panic says that there was no thread.
pub(crate) fn is_no_thread(panic: &Panic) -> bool {
    panic.text().starts_with(NO_THREAD)
}

/// Has a thread of the blocking pool run `work`. If there is none, the work is given back and does not run.
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
    // Until it is known whether the work is to run, a thread that comes to it waits.
    let mut filled = lock(&place);
    let spawned = panics::catch(|| {
        let task = tokio.spawn_blocking(move || {
            let work = lock(&queued).take();
            match work {
                Some(work) => run(work),
                // Nobody has the handle of this task.
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
            // If the pool is shutting down it has dropped its end: then the work, which is user code, is dropped here.
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
            // No worker of a runtime that was not made must begin: nobody could end it.
            resume_unwind(Box::new(()));
        }
        started();
    });
    // Tokio waits for the workers that it has started when it fails to start another, except within a runtime.
    let around = Builder::new_current_thread().build();
    let around = around.map_err(Refused::NoDriver)?;
    let within = panics::catch(|| around.block_on(async { panics::catch(|| builder.build()) }));
    around.shutdown_background();
    // If the caller is within one already, Tokio lets it enter no other.
    let built = within.unwrap_or_else(|_| panics::catch(|| builder.build()));
    let _ = complete.set(matches!(built, Ok(Ok(_))));
    match built {
        Ok(Ok(runtime)) => Ok(runtime),
        Ok(Err(error)) => Err(Refused::NoDriver(error)),
        Err(panic) => Err(Refused::NoThread(NoThread::of(&panic))),
    }
}
