//! Counters of one runtime. Twin of `RustCounter.java`.
//!
//! No hot counter is shared: a dispatcher's counters have one writer, and those that workers count are striped by
//! thread.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::blocking::Blocking;

/// The list of counters: a field, a place in what Java gets, and a name for each.
macro_rules! counters {
    ($($name:ident,)*) => {
        /// The values of all counters. Counters that change meanwhile are read one after another; at rest the values
        /// are exact.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Snapshot {
            $(pub(crate) $name: u64,)*
        }

        /// The counters' names, compared with those of `RustCounter.java` when a library is loaded.
        pub(crate) const COUNTER_NAMES: &[&str] = &[$(stringify!($name),)*];

        impl Snapshot {
            /// The counters in the order of their names.
            pub(crate) fn to_array(self) -> [u64; COUNTER_NAMES.len()] {
                [$(self.$name,)*]
            }
        }
    };
}

counters! {
    live_tasks,
    tasks_spawned,
    ready_at_first_poll,
    blocking_spawned,
    calls_begun,
    calls_finished,
    upcalls,
    doorbells,
    panics,
    cancels_applied,
    live_payloads,
    live_payload_bytes,
    live_leases,
    global_refs,
    attached_threads,
    live_ports,
    live_local_futures,
    local_polls,
    live_local_objects,
    live_shared_objects,
    blocking_running,
    blocking_queued,
    blocking_abandoned,
}

/// A counter with one writer and any readers.
#[derive(Debug, Default)]
pub(crate) struct Single(AtomicU64);

impl Single {
    /// Adds one; only the one writer calls this.
    pub(crate) fn add_one(&self) {
        // Relaxed, and no read-modify-write: there is one writer, and the count orders nothing.
        self.0
            .store(self.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Sets the value; only the one writer calls this.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one port's dispatcher, alone on their cache lines.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct DispatcherCounters {
    pub(crate) begun: Single,
    pub(crate) finished: Single,
    pub(crate) ready_at_first_poll: Single,
    pub(crate) tasks_spawned: Single,
    pub(crate) blocking_spawned: Single,
    /// Those of `begun` that answer an invocation, and so have no slot.
    pub(crate) relays_begun: Single,
    pub(crate) cancels_applied: Single,
}

/// The counters of loop-driven calls, which one port's owner loop writes, alone on their cache lines.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct LoopCounters {
    pub(crate) begun: Single,
    pub(crate) finished: Single,
    pub(crate) ready_at_first_poll: Single,
    pub(crate) polls: Single,
    pub(crate) objects: Single,
}

/// Counts the calls of a port that have begun and not ended, but for those that answer an invocation.
pub(crate) type Running = Box<dyn Fn() -> u64 + Send + Sync>;

/// The counters of one port.
pub(crate) struct PortCounters {
    pub(crate) dispatcher: DispatcherCounters,
    pub(crate) owner: LoopCounters,
    running: Running,
}

/// Counters of any thread, on a cache line that few threads share.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe {
    relays_ended: AtomicU64,
    upcalls: AtomicU64,
}

const STRIPES: usize = 8;

/// The counters of one runtime. All relaxed: a count orders nothing.
#[derive(Default)]
pub(crate) struct Metrics {
    stripes: [Stripe; STRIPES],
    doorbells: AtomicU64,
    panics: AtomicU64,
    payloads: AtomicU64,
    payload_bytes: AtomicU64,
    leases: AtomicU64,
    global_refs: AtomicU64,
    attached_threads: AtomicU64,
    blocking: Blocking,
    ports: Mutex<Ports>,
}

/// The counters of all ports; under one lock, so that a port that ends meanwhile is counted exactly once.
#[derive(Default)]
struct Ports {
    live: Vec<Arc<PortCounters>>,
    /// Totals of the ports that have ended.
    gone: Snapshot,
}

impl Metrics {
    /// Counts the end of a call that answers an invocation. The slots of the other calls show which have ended, so that
    /// ending one counts nothing.
    pub(crate) fn relay_ended(&self) {
        self.stripe().relays_ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn upcall_begun(&self) {
        self.stripe().upcalls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn doorbell_rung(&self) {
        self.doorbells.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn panic_caught(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn payload_kept(&self, bytes: usize) {
        self.payloads.fetch_add(1, Ordering::Relaxed);
        self.payload_bytes
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn payload_given_back(&self, bytes: usize) {
        self.payloads.fetch_sub(1, Ordering::Relaxed);
        self.payload_bytes
            .fetch_sub(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn lease_begun(&self) {
        self.leases.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn lease_ended(&self) {
        self.leases.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn global_ref_made(&self) {
        self.global_refs.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn global_ref_deleted(&self) {
        self.global_refs.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn thread_attached(&self) {
        self.attached_threads.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn thread_detached(&self) {
        self.attached_threads.fetch_sub(1, Ordering::Relaxed);
    }

    /// Returns the counts of the blocking pool.
    pub(crate) fn blocking(&self) -> &Blocking {
        &self.blocking
    }

    /// Makes the counters of a port that opens.
    pub(crate) fn port_opened(&self, running: Running) -> Arc<PortCounters> {
        let counters = Arc::new(PortCounters {
            dispatcher: DispatcherCounters::default(),
            owner: LoopCounters::default(),
            running,
        });
        self.ports().live.push(Arc::clone(&counters));
        counters
    }

    /// Adds the counts of a port that has ended to the totals.
    pub(crate) fn port_freed(&self, counters: &Arc<PortCounters>) {
        let mut ports = self.ports();
        ports.live.retain(|live| !Arc::ptr_eq(live, counters));
        ports.gone.add(counters);
    }

    /// Returns the current totals.
    pub(crate) fn snapshot(&self) -> Snapshot {
        // Ends before beginnings, so that a difference of the two is never negative.
        let relays_ended = self.sum(|stripe| &stripe.relays_ended);
        let mut total = {
            let ports = self.ports();
            let mut total = ports.gone;
            total.live_ports = ports.live.len() as u64;
            ports.live.iter().for_each(|counters| total.add(counters));
            total
        };
        total.calls_finished += relays_ended;
        total.live_tasks = total.live_tasks.saturating_sub(relays_ended);
        let load = self.blocking.load();
        total.blocking_spawned += load.spawned;
        total.blocking_running = load.running;
        total.blocking_queued = load.queued;
        total.blocking_abandoned = load.abandoned;
        total.upcalls = self.sum(|stripe| &stripe.upcalls);
        total.doorbells = self.doorbells.load(Ordering::Relaxed);
        total.panics = self.panics.load(Ordering::Relaxed);
        total.live_payloads = self.payloads.load(Ordering::Relaxed);
        total.live_payload_bytes = self.payload_bytes.load(Ordering::Relaxed);
        total.live_leases = self.leases.load(Ordering::Relaxed);
        total.global_refs = self.global_refs.load(Ordering::Relaxed);
        total.attached_threads = self.attached_threads.load(Ordering::Relaxed);
        total
    }

    fn sum(&self, counter: impl Fn(&Stripe) -> &AtomicU64) -> u64 {
        let count = |stripe| counter(stripe).load(Ordering::Relaxed);
        self.stripes.iter().map(count).sum()
    }

    fn stripe(&self) -> &Stripe {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static STRIPE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
        }
        // A thread that is ending has no number left; the count is right in any stripe.
        &self.stripes[STRIPE.try_with(|stripe| *stripe).unwrap_or(0)]
    }

    fn ports(&self) -> MutexGuard<'_, Ports> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshot {
    fn add(&mut self, counters: &PortCounters) {
        let PortCounters {
            dispatcher: counters,
            owner,
            running,
        } = counters;
        let (begun, finished) = (owner.begun.value(), owner.finished.value());
        self.calls_finished += finished;
        self.calls_begun += begun;
        self.live_local_futures += begun.saturating_sub(finished);
        self.ready_at_first_poll += owner.ready_at_first_poll.value();
        self.local_polls += owner.polls.value();
        self.live_local_objects += owner.objects.value();
        let spawned = counters.tasks_spawned.value() + counters.blocking_spawned.value();
        let passed_on_or_finished = spawned + counters.finished.value();
        let begun = counters.begun.value();
        // The relays that have ended are not known by port, and are taken off in the end.
        let unfinished = running() + counters.relays_begun.value();
        self.calls_begun += begun;
        self.calls_finished += begun.saturating_sub(unfinished);
        // Of the unfinished calls the dispatcher has those that it neither passed on nor finished.
        self.live_tasks += (unfinished + passed_on_or_finished).saturating_sub(begun);
        self.ready_at_first_poll += counters.ready_at_first_poll.value();
        self.tasks_spawned += counters.tasks_spawned.value();
        self.blocking_spawned += counters.blocking_spawned.value();
        self.cancels_applied += counters.cancels_applied.value();
    }
}
