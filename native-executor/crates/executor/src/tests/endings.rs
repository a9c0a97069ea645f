//! The end of a runtime or a port: every call that was accepted settles.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use loopbridge_protocol::{OutcomeKind, Ring};
use tokio::time::sleep;

use super::owner::{Owner, none};
use super::{PATIENCE, assert_at_rest, runtime, wait_for};
use crate::Registry;
use crate::runtime::ShutdownError;

static STARTED: AtomicBool = AtomicBool::new(false);
static GO_ON: AtomicBool = AtomicBool::new(false);

fn register(functions: &mut Registry) {
    functions
        .function("never", pending::<()>)
        .function("sleep", |millis: i64| {
            sleep(Duration::from_millis(millis as u64))
        })
        .function("ready", || async {})
        .blocking("stubborn", || {
            STARTED.store(true, Ordering::Relaxed);
            while !GO_ON.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
        })
        .blocking("untilCancelled", || {
            while !crate::cancelled() {
                std::thread::yield_now();
            }
        });
}

#[test]
fn closing_settles_calls_in_flight() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..500 {
        owner.submit("never", &none());
        owner.submit("sleep", &none().i64(60_000));
    }
    // More calls than there are threads.
    for _ in 0..20 {
        owner.submit("untilCancelled", &none());
    }
    owner.flush();
    // Some of the calls are still in the ring.
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_eq!(owner.ring(), Ring::Closed);
    let settled = owner.drain_closed();
    assert_eq!(settled.len(), 1_020);
    for settled in settled {
        assert_eq!(settled.kind, OutcomeKind::Closed);
    }
    assert_at_rest(&runtime);
    assert_eq!(runtime.shutdown(PATIENCE), Err(ShutdownError::Again));
}

#[test]
fn closing_an_idle_runtime_wakes_its_owners() {
    let runtime = runtime(register);
    let mut owners: Vec<Owner> = (0..3).map(|_| Owner::new(&runtime)).collect();
    owners[0].run("ready", &none());
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    for owner in &mut owners {
        assert_eq!(owner.drain_closed(), []);
        assert_eq!(owner.ring(), Ring::Closed);
        owner.port.close();
    }
    drop(owners);
    assert_eq!(runtime.counters().live_ports, 0);
    assert_at_rest(&runtime);
}

#[test]
fn a_failed_upcall_is_made_again_at_the_end() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    owner.failing_upcalls.store(2, Ordering::Relaxed);
    owner.call("ready", &none());
    wait_for(&runtime, "a failed upcall", |counters| {
        counters.upcalls >= 1
    });
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_eq!(owner.drain_closed().len(), 1);
}

#[test]
fn what_cannot_be_stopped_settles_later() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    owner.call("stubborn", &none());
    wait_for(&runtime, "the call", |_| STARTED.load(Ordering::Relaxed));
    assert_eq!(runtime.shutdown(Duration::from_millis(1)), Ok(1));
    assert_eq!(owner.drain_closed(), []);
    GO_ON.store(true, Ordering::Relaxed);
    assert_eq!(owner.next().kind, OutcomeKind::Closed);
    assert_at_rest(&runtime);
}

#[test]
fn a_runtime_is_not_closed_from_within() {
    let runtime = runtime(register);
    let inner = std::sync::Arc::clone(&runtime);
    let tokio = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let refused = tokio.block_on(async { inner.shutdown(PATIENCE) });
    assert_eq!(refused, Err(ShutdownError::OnRuntimeThread));
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
}

#[test]
fn a_closed_port_drops_what_still_runs() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let mut other = Owner::new(&runtime);
    for _ in 0..100 {
        owner.call("never", &none());
    }
    let waits = other.call("sleep", &none().i64(1));
    wait_for(&runtime, "the tasks", |counters| {
        counters.tasks_spawned == 101
    });
    owner.port.close();
    wait_for(&runtime, "the tasks to go", |counters| {
        counters.live_tasks == 0
    });
    for _ in 0..100 {
        assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    }
    assert_eq!(owner.ring(), Ring::Closed);
    // The end does not reach the other port.
    assert_eq!(other.next().call, waits);
    drop(owner);
    wait_for(&runtime, "the port to go", |counters| {
        counters.live_ports == 1
    });
    assert_at_rest(&runtime);
}

#[test]
#[should_panic(expected = "an open runtime")]
fn no_port_opens_on_a_closed_runtime() {
    let runtime = runtime(register);
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    Owner::new(&runtime);
}
