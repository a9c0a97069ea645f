//! The whole native half without a JVM: a model of the owner loop drives ports through their shared memory.

mod blocking;
mod calls;
mod cancels;
mod codec;
mod context;
mod corpus;
mod data;
mod endings;
mod failures;
mod first_local_poll;
mod first_poll;
mod floors;
mod handlers;
mod lending;
mod local;
mod local_context;
mod matrix;
mod owner;
mod rest;
mod shared;
mod state;
#[cfg(target_os = "linux")]
mod threads;
mod turns;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::call::registry::{Function, Registry};
use crate::metrics::{Metrics, Snapshot};
use crate::runtime::{Runtime, RuntimeConfig};

/// Longer than any step here takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The functions of a test's library.
fn functions(register: fn(&mut Registry)) -> &'static [Function] {
    let mut registry = Registry::default();
    register(&mut registry);
    registry.into_library().functions.leak()
}

fn no_hook(_: &Metrics) {}

/// A runtime with two workers.
fn runtime(register: fn(&mut Registry)) -> Arc<Runtime> {
    runtime_that_lingers(register, Duration::from_micros(5))
}

fn runtime_that_lingers(register: fn(&mut Registry), linger: Duration) -> Arc<Runtime> {
    crate::panics::install_hook();
    let config = RuntimeConfig {
        functions: functions(register),
        worker_threads: 2,
        linger,
        blocking_threads: 4,
        thread_name: "test".to_owned(),
        ticket_tag: 0x5bd1_e995_9e37_79b9,
        thread_started: no_hook,
        thread_stopping: no_hook,
    };
    Runtime::open(config).expect("threads for a test")
}

/// Waits until the counters are as wanted.
fn wait_for(runtime: &Runtime, what: &str, wanted: impl Fn(&Snapshot) -> bool) {
    let start = Instant::now();
    loop {
        let counters = runtime.counters();
        if wanted(&counters) {
            return;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waiting for {what}: {counters:?}"
        );
        std::thread::yield_now();
    }
}

/// Asserts that nothing is left of any call.
fn assert_at_rest(runtime: &Runtime) {
    let counters = runtime.counters();
    assert_eq!(counters.live_tasks, 0, "{counters:?}");
    assert_eq!(
        counters.calls_begun, counters.calls_finished,
        "{counters:?}"
    );
    assert_eq!(counters.live_payloads, 0, "{counters:?}");
    assert_eq!(counters.live_payload_bytes, 0, "{counters:?}");
    assert_eq!(counters.live_leases, 0, "{counters:?}");
}

/// Pseudo-random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
