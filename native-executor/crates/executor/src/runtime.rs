//! A runtime: Tokio's multi-thread scheduler, and the ports bound to it.

use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::task::coop;

use crate::blocking;
use crate::call::dispatcher::Dispatcher;
use crate::call::registry::Function;
use crate::environment::Environment;
use crate::local;
use crate::metrics::Metrics;
use crate::port::{Port, PortConfig};
use crate::rest::RestThread;
use crate::threads::{self, Refused};

/// The longest wait of a shutdown. It is bounded because Tokio adds it to a clock, which must not overflow.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(365 * 24 * 3600);

/// The settings with which Java opens a runtime.
pub(crate) struct RuntimeConfig {
    pub(crate) functions: &'static [Function],
    pub(crate) worker_threads: usize,
    pub(crate) blocking_threads: usize,
    /// How long a dispatcher without work looks for more before it sleeps.
    pub(crate) linger: Duration,
    /// The prefix of the names of its threads.
    pub(crate) thread_name: String,
    /// A random number, so that no ticket of an object can be guessed.
    pub(crate) ticket_tag: u64,
    /// Runs on each thread of the runtime, before anything else does.
    pub(crate) thread_started: fn(&Metrics),
    /// Runs on each thread of the runtime, after everything else did.
    pub(crate) thread_stopping: fn(&Metrics),
}

/// A Tokio runtime and the ports that it serves.
pub(crate) struct Runtime {
    functions: &'static [Function],
    environment: Arc<Environment>,
    ports: Mutex<Vec<Weak<Port>>>,
}

impl Deref for Runtime {
    type Target = Environment;

    fn deref(&self) -> &Environment {
        &self.environment
    }
}

/// Why a shutdown was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ShutdownError {
    /// A runtime's thread cannot wait for itself.
    OnRuntimeThread,
    /// Another thread has shut the runtime down, or is doing so.
    Again,
}

/// Why a port was not opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// The runtime is closing.
    Closing,
    /// The system has no memory for the port.
    NoMemory(io::Error),
}

impl Runtime {
    pub(crate) fn open(config: RuntimeConfig) -> Result<Arc<Runtime>, Refused> {
        let metrics = Arc::<Metrics>::default();
        let threads = AtomicUsize::new(0);
        let name = config.thread_name.clone();
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(config.worker_threads)
            .max_blocking_threads(config.blocking_threads)
            .thread_name_fn(move || {
                let number = threads.fetch_add(1, Ordering::Relaxed);
                if number < config.worker_threads {
                    fault!(panic "runtime-threads");
                }
                format!("{name}-{number}")
            })
            .enable_all();
        let tokio = build(&mut builder, &config, &metrics)?;
        let rest_thread = RestThread::new(rest_thread(&config, &metrics));
        Ok(Arc::new(Runtime {
            functions: config.functions,
            environment: Arc::new(Environment::new(
                tokio,
                rest_thread,
                metrics,
                config.linger,
                config.ticket_tag,
            )),
            ports: Mutex::default(),
        }))
    }

    #[cfg(test)]
    pub(crate) fn functions(&self) -> &'static [Function] {
        self.functions
    }

    /// Returns what the runtime's ports share.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// Opens a port, which binds an owner loop to this runtime.
    pub(crate) fn open_port(&self, config: PortConfig) -> Result<Arc<Port>, OpenError> {
        let mut ports = self.ports();
        let handle = self.tokio().ok_or(OpenError::Closing)?;
        let (port, submissions) =
            Port::new(Arc::clone(&self.environment), config).map_err(OpenError::NoMemory)?;
        let port = Arc::new(port);
        ports.retain(|port| port.strong_count() > 0);
        ports.push(Arc::downgrade(&port));
        drop(ports);
        // Without Tokio's budget: a first poll that ran out of it would become a task without need. The dispatcher
        // limits its turns by time instead.
        let dispatcher = Dispatcher::new(
            Arc::clone(&port),
            submissions,
            handle.clone(),
            self.functions,
        );
        drop(handle.spawn(coop::unconstrained(dispatcher.task())));
        Ok(port)
    }

    /// Drops every task, waits up to `timeout` for code that computes or blocks, and wakes every owner, which drops
    /// what is loop-driven. Returns how many other calls still run; they settle later.
    ///
    /// It must not be called on a thread of this or any other runtime of the library.
    pub(crate) fn shutdown(&self, timeout: Duration) -> Result<usize, ShutdownError> {
        local::leave_context(); // which is on a loop's thread, not on a runtime's
        if Handle::try_current().is_ok() {
            return Err(ShutdownError::OnRuntimeThread);
        }
        let (tokio, objects, ports) = {
            // This is under the lock, so that no port is opened meanwhile whose owner would not be woken.
            let ports = self.ports();
            let (tokio, objects) = self.close().ok_or(ShutdownError::Again)?;
            let ports: Vec<Arc<Port>> = ports.iter().filter_map(Weak::upgrade).collect();
            (tokio, objects, ports)
        };
        // Not under the lock, since this runs user code if the system has no thread for it.
        self.drop_all(tokio.handle(), objects);
        let timeout = timeout.min(LONGEST_SHUTDOWN);
        let start = Instant::now();
        // This is first: a call that is polled there needs Tokio's clock.
        self.rest_thread().close(timeout);
        tokio.shutdown_timeout(timeout.saturating_sub(start.elapsed()));
        self.panics().close();
        for port in &ports {
            port.runtime_ended();
        }
        let counters = self.counters();
        let unfinished = counters.calls_begun.saturating_sub(counters.calls_finished);
        Ok(unfinished.saturating_sub(counters.live_local_futures) as usize)
    }

    #[cfg(test)]
    pub(crate) fn are_ports_locked(&self) -> bool {
        self.ports.try_lock().is_err()
    }

    fn ports(&self) -> MutexGuard<'_, Vec<Weak<Port>>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn build(
    builder: &mut Builder,
    config: &RuntimeConfig,
    metrics: &Arc<Metrics>,
) -> Result<tokio::runtime::Runtime, Refused> {
    let (started, stopping) = (Arc::clone(metrics), Arc::clone(metrics));
    let (thread_started, thread_stopping) = (config.thread_started, config.thread_stopping);
    builder.on_thread_stop(move || thread_stopping(&stopping));
    threads::build(builder, move || {
        blocking::thread_started(&started);
        thread_started(&started);
    })
}

/// Makes the runtime of the thread for ports at rest. There is none beside a single worker, which has no second one to
/// wake, and none if the system has no thread left.
fn rest_thread(config: &RuntimeConfig, metrics: &Arc<Metrics>) -> Option<tokio::runtime::Runtime> {
    if config.worker_threads == 1 {
        return None;
    }
    let mut builder = Builder::new_current_thread();
    builder
        .max_blocking_threads(1)
        .thread_name(format!("{}-rest", config.thread_name));
    build(&mut builder, config, metrics).ok()
}
