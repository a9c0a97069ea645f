//! Work on the blocking pool is counted, also when its call has ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use loopbridge_protocol::OutcomeKind;

use super::owner::{Owner, none};
use super::{PATIENCE, assert_at_rest, runtime, wait_for};
use crate::Registry;

/// Events that stubborn code waits for; each test has a number of its own.
static RELEASED: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];
static CANCELS_SEEN: AtomicU64 = AtomicU64::new(0);

fn register(functions: &mut Registry) {
    functions
        .blocking("stubborn", stubborn)
        .heavy("spawnsStubborn", |test: i64| async move {
            let _ = crate::spawn_blocking(move || stubborn(test)).await;
        })
        .heavy("spawnsListening", || async {
            let listening = crate::spawn_blocking(|| {
                let start = Instant::now();
                while !crate::cancelled() && start.elapsed() < PATIENCE {
                    std::thread::sleep(Duration::from_millis(1));
                }
                CANCELS_SEEN.fetch_add(u64::from(crate::cancelled()), Ordering::Relaxed);
            });
            let _ = listening.await;
        });
}

/// Does not check whether its call has ended.
fn stubborn(test: i64) {
    let start = Instant::now();
    while !RELEASED[test as usize].load(Ordering::Relaxed) && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn release(test: usize) {
    RELEASED[test].store(true, Ordering::Relaxed);
}

#[test]
fn calls_run_wait_and_are_abandoned() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let calls: Vec<_> = (0..6)
        .map(|_| owner.call("stubborn", &none().i64(0)))
        .collect();
    // The pool has four threads.
    wait_for(&runtime, "four to run", |counters| {
        (counters.blocking_running, counters.blocking_queued) == (4, 2)
    });
    assert_eq!(runtime.counters().blocking_spawned, 6);
    assert_eq!(runtime.counters().blocking_abandoned, 0);
    calls.iter().for_each(|call| owner.cancel(*call));
    wait_for(&runtime, "all to be abandoned", |counters| {
        counters.blocking_abandoned == 4
    });
    release(0);
    for _ in calls {
        assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    }
    let counters = runtime.counters();
    assert_eq!(
        (counters.blocking_running, counters.blocking_queued),
        (0, 0)
    );
    assert_at_rest(&runtime);
}

#[test]
fn code_that_calls_have_spawned_outlives_them_in_sight() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let calls: Vec<_> = (0..6)
        .map(|_| owner.call("spawnsStubborn", &none().i64(1)))
        .collect();
    wait_for(&runtime, "four to run", |counters| {
        (counters.blocking_running, counters.blocking_queued) == (4, 2)
    });
    let counters = runtime.counters();
    assert_eq!(
        (counters.blocking_spawned, counters.blocking_abandoned),
        (6, 0)
    );
    for call in &calls {
        owner.cancel(*call);
        assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    }
    // No call is left, but its work still runs:
    assert_at_rest(&runtime);
    let counters = runtime.counters();
    assert_eq!(
        (counters.blocking_running, counters.blocking_abandoned),
        (4, 4)
    );
    release(1);
    wait_for(&runtime, "the pool to be empty", |counters| {
        (counters.blocking_running, counters.blocking_queued) == (0, 0)
    });
    assert_eq!(runtime.counters().blocking_abandoned, 0);
}

#[test]
fn code_that_a_call_has_spawned_sees_the_cancel() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let call = owner.call("spawnsListening", &none());
    wait_for(&runtime, "it to run", |counters| {
        counters.blocking_running == 1
    });
    owner.cancel(call);
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    wait_for(&runtime, "it to stop", |counters| {
        counters.blocking_running == 0
    });
    assert_eq!(CANCELS_SEEN.load(Ordering::Relaxed), 1);
    assert!(!crate::cancelled());
}

#[test]
fn code_that_panics_is_no_longer_counted() {
    let runtime = runtime(|functions| {
        functions.heavy("panics", || async {
            let spawned = crate::spawn_blocking(|| panic!("on the pool"));
            spawned.await.is_err()
        });
    });
    let mut owner = Owner::new(&runtime);
    let settled = owner.run("panics", &none());
    assert_eq!(settled.payload, [1]);
    let counters = runtime.counters();
    assert_eq!(
        (counters.blocking_running, counters.blocking_queued),
        (0, 0)
    );
    assert_eq!(counters.blocking_spawned, 1);
}
