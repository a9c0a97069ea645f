//! A runtime: Tokio's multi-thread scheduler, and the ports bound to it.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::task::coop;

use crate::blocking;
use crate::dispatcher::Dispatcher;
use crate::gate::Gate;
use crate::metrics::{Metrics, Snapshot};
use crate::panics::KeptPanics;
use crate::port::{Port, PortConfig};
use crate::registry::Function;
use crate::threads::{self, Refused};

/// Longer than anybody waits; Tokio adds it to a clock.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(365 * 24 * 3600);

/// A dispatcher keeps its worker from other tasks meanwhile.
const LONGEST_LINGER: Duration = Duration::from_millis(1);

/// What a runtime is opened with.
pub(crate) struct RuntimeConfig {
    pub(crate) functions: &'static [Function],
    pub(crate) worker_threads: usize,
    pub(crate) blocking_threads: usize,
    /// How long a dispatcher without work looks again before it sleeps.
    pub(crate) linger: Duration,
    /// What the names of its threads start with.
    pub(crate) thread_name: String,
    /// Runs on each thread of the runtime, before anything else does.
    pub(crate) thread_started: fn(&Metrics),
    /// Runs on each thread of the runtime, after everything else did.
    pub(crate) thread_stopping: fn(&Metrics),
}

/// A Tokio runtime and what it serves.
pub(crate) struct Runtime {
    functions: &'static [Function],
    linger: Duration,
    /// Taken by the shutdown; no handle of it stays here, since one would keep its files open.
    tokio: Mutex<Option<tokio::runtime::Runtime>>,
    closing: AtomicBool,
    ports: Mutex<Vec<Weak<Port>>>,
    panics: KeptPanics,
    metrics: Arc<Metrics>,
    gate: Gate,
}

/// Why a shutdown was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ShutdownError {
    /// A runtime's thread cannot wait for itself.
    OnRuntimeThread,
    /// Another thread did it, or does.
    Again,
}

/// Why a port was not opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// The runtime is closing.
    Closing,
    /// The system has no memory for it.
    NoMemory(io::Error),
}

impl Runtime {
    pub(crate) fn open(config: RuntimeConfig) -> Result<Arc<Runtime>, Refused> {
        let metrics = Arc::<Metrics>::default();
        let (started, stopping) = (Arc::clone(&metrics), Arc::clone(&metrics));
        let threads = AtomicUsize::new(0);
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(config.worker_threads)
            .max_blocking_threads(config.blocking_threads)
            .thread_name_fn(move || {
                let number = threads.fetch_add(1, Ordering::Relaxed);
                if number < config.worker_threads {
                    fault!(panic "runtime-threads");
                }
                format!("{}-{number}", config.thread_name)
            })
            .on_thread_stop(move || (config.thread_stopping)(&stopping))
            .enable_all();
        let tokio = threads::build(&mut builder, move || {
            blocking::thread_started(&started);
            (config.thread_started)(&started);
        })?;
        Ok(Arc::new(Runtime {
            functions: config.functions,
            linger: config.linger.min(LONGEST_LINGER),
            tokio: Mutex::new(Some(tokio)),
            closing: AtomicBool::new(false),
            ports: Mutex::default(),
            panics: KeptPanics::default(),
            metrics,
            gate: Gate::default(),
        }))
    }

    pub(crate) fn functions(&self) -> &'static [Function] {
        self.functions
    }

    /// What every upcall for this runtime passes.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) fn linger(&self) -> Duration {
        self.linger
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The panics that Java may answer with; no counter shows them.
    pub(crate) fn panics(&self) -> &KeptPanics {
        &self.panics
    }

    pub(crate) fn counters(&self) -> Snapshot {
        self.metrics.snapshot()
    }

    /// What enters Tokio's context; `None` if the runtime is closing.
    pub(crate) fn tokio(&self) -> Option<Handle> {
        lock(&self.tokio)
            .as_ref()
            .map(|tokio| tokio.handle().clone())
    }

    /// Whether the shutdown has begun.
    pub(crate) fn is_closing(&self) -> bool {
        // Acquire: pairs with the Release in `shutdown`.
        self.closing.load(Ordering::Acquire)
    }

    /// Binds an owner loop.
    pub(crate) fn open_port(
        self: &Arc<Runtime>,
        config: PortConfig,
    ) -> Result<Arc<Port>, OpenError> {
        let mut ports = self.ports();
        let handle = lock(&self.tokio).as_ref().map(|it| it.handle().clone());
        let handle = handle.ok_or(OpenError::Closing)?;
        let (port, submissions) =
            Port::new(Arc::clone(self), config).map_err(OpenError::NoMemory)?;
        let port = Arc::new(port);
        ports.retain(|port| port.strong_count() > 0);
        ports.push(Arc::downgrade(&port));
        drop(ports);
        // Tokio's budget is for tasks that share a turn; a first poll that runs out of it would become a task for
        // nothing.
        let dispatcher = Dispatcher::new(Arc::clone(&port), submissions, handle.clone());
        drop(handle.spawn(coop::unconstrained(dispatcher)));
        Ok(port)
    }

    /// Drops every task, waits up to `timeout` for code that computes or blocks, and tells every owner, who drops what is
    /// loop-driven. Returns how many other calls still run; they settle later.
    ///
    /// Never on a thread of this or any other runtime of the library.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Result<usize, ShutdownError> {
        if Handle::try_current().is_ok() {
            return Err(ShutdownError::OnRuntimeThread);
        }
        let (tokio, ports) = {
            // Under the lock, so that no port is opened that would not be told.
            let ports = self.ports();
            let tokio = lock(&self.tokio).take().ok_or(ShutdownError::Again)?;
            self.closing.store(true, Ordering::Release);
            let ports: Vec<Arc<Port>> = ports.iter().filter_map(Weak::upgrade).collect();
            (tokio, ports)
        };
        tokio.shutdown_timeout(timeout.min(LONGEST_SHUTDOWN));
        self.panics.close();
        for port in &ports {
            port.runtime_ended();
        }
        let counters = self.counters();
        let unfinished = counters.calls_begun.saturating_sub(counters.calls_finished);
        Ok(unfinished.saturating_sub(counters.live_local_futures) as usize)
    }

    fn ports(&self) -> MutexGuard<'_, Vec<Weak<Port>>> {
        lock(&self.ports)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // Without waiting: whoever dropped the last reference may be one of its own threads.
        if let Some(tokio) = lock(&self.tokio).take() {
            tokio.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
