//! Ports at rest: which thread polls their dispatchers, and what user code finds there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use loopbridge_protocol::OutcomeKind;
use tokio::runtime::Handle;
use tokio::task;

use super::owner::{Owner, none};
use super::{PATIENCE, assert_at_rest, runtime, wait_for};
use crate::Registry;
use crate::runtime::Runtime;

static GO_ON: AtomicBool = AtomicBool::new(false);

/// One test at a time blocks a first poll.
static BLOCKING: Mutex<()> = Mutex::new(());

fn register(functions: &mut Registry) {
    functions
        .function("thread", || async { at_rest() })
        .function("pending", || async {
            task::yield_now().await;
            at_rest()
        })
        .function("blocked", || async {
            let there = at_rest();
            while !GO_ON.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            there
        })
        // What a first poll on a worker can do.
        .function("context", || async {
            let first = at_rest();
            let _ = task::id();
            let runtime = Handle::current().id();
            let in_place = task::block_in_place(|| {
                Handle::current().block_on(async {
                    tokio::time::sleep(Duration::from_micros(1)).await;
                    Handle::current().id()
                })
            });
            let spawned = tokio::spawn(async { (at_rest(), Handle::current().id()) });
            let (spawned_at_rest, spawned_in) = spawned.await.expect("it ends");
            first && !spawned_at_rest && in_place == runtime && spawned_in == runtime
        });
}

fn at_rest() -> bool {
    thread::current()
        .name()
        .is_some_and(|name| name.ends_with("-rest"))
}

fn is_true(owner: &mut Owner, function: &str) -> bool {
    owner.run(function, &none()).payload.first() == Some(&1)
}

/// Makes single calls until the thread for ports at rest polls them.
fn rest(owner: &mut Owner) {
    let start = Instant::now();
    while !is_true(owner, "thread") {
        assert!(start.elapsed() < PATIENCE, "it does not come to rest");
        let called = Instant::now();
        // A port is at rest after long gaps.
        while called.elapsed() < Duration::from_micros(300) {
            std::hint::spin_loop();
        }
    }
}

/// Submits a call whose first poll lasts until `GO_ON` is set.
fn block(runtime: &Runtime, owner: &mut Owner) {
    GO_ON.store(false, Ordering::Relaxed);
    let begun = runtime.counters().calls_begun;
    owner.call("blocked", &none());
    wait_for(runtime, "its poll", |now| now.calls_begun > begun);
}

#[test]
fn a_call_that_pends_brings_a_port_back_to_the_workers() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..3 {
        rest(&mut owner);
        assert!(!is_true(&mut owner, "pending"));
        assert!(!is_true(&mut owner, "thread"));
    }
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_at_rest(&runtime);
}

#[test]
fn a_first_poll_at_rest_finds_what_it_finds_on_a_worker() {
    let start = Instant::now();
    // A slow machine may keep the thread busy with the call before. The function is slow, so that only its first calls
    // are polled by the dispatcher: each attempt has a runtime of its own.
    while !is_like_a_worker() {
        assert!(start.elapsed() < PATIENCE, "another context");
    }
}

fn is_like_a_worker() -> bool {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    rest(&mut owner);
    let alike = is_true(&mut owner, "context");
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_at_rest(&runtime);
    alike
}

#[test]
fn a_port_does_not_wait_for_the_first_poll_of_another() {
    let _one = BLOCKING.lock();
    let runtime = runtime(register);
    let mut owners = [Owner::new(&runtime), Owner::new(&runtime)];
    owners.iter_mut().for_each(rest);
    let [blocked, other] = &mut owners;
    block(&runtime, blocked);
    assert_eq!(other.run("thread", &none()).kind, OutcomeKind::Value);
    GO_ON.store(true, Ordering::Relaxed);
    assert_eq!(blocked.next().kind, OutcomeKind::Value);
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
    assert_at_rest(&runtime);
}

#[test]
fn a_shutdown_waits_no_longer_than_allowed_for_a_first_poll() {
    let _one = BLOCKING.lock();
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    rest(&mut owner);
    block(&runtime, &mut owner);
    assert_eq!(runtime.shutdown(Duration::from_millis(1)), Ok(1));
    GO_ON.store(true, Ordering::Relaxed);
    wait_for(&runtime, "its end", |now| {
        now.calls_begun == now.calls_finished
    });
    assert_at_rest(&runtime);
}

#[test]
fn a_port_that_closes_at_rest_leaves_nothing() {
    let runtime = runtime(register);
    for _ in 0..3 {
        let mut owner = Owner::new(&runtime);
        rest(&mut owner);
        let port = Arc::downgrade(&owner.port);
        owner.port.close();
        drop(owner);
        wait_for(&runtime, "its end", |_| port.strong_count() == 0);
    }
    assert_eq!(runtime.shutdown(PATIENCE), Ok(0));
}
