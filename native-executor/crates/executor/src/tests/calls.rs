//! Values in both directions, and the records, upcalls and wakes that they cost.

use std::future::pending;

use loopbridge_protocol::{OutcomeKind, Ring};
use tokio::task::yield_now;

use super::owner::{Owner, none};
use super::{assert_at_rest, runtime, wait_for};
use crate::{Bytes, Registry};

fn register(functions: &mut Registry) {
    functions
        .function("add", |a: i64, b: i64| async move { a + b })
        .function("echo", |bytes: Bytes| async { bytes })
        .function("later", |value: i64| async move {
            yield_now().await;
            value
        })
        .function("never", pending::<()>)
        .function(
            "zeros",
            |count: i64| async move { vec![0_u8; count as usize] },
        )
        .heavy("heavy", |value: i64| async move { value })
        .blocking("blocking", |value: i64| value);
}

#[test]
fn a_future_that_is_ready_never_becomes_a_task() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for number in 0..1_000 {
        let settled = owner.run("add", &none().i64(number).i64(1));
        assert_eq!(settled.kind, OutcomeKind::Value);
        assert_eq!(settled.payload, (number + 1).to_le_bytes());
    }
    let counters = runtime.counters();
    assert_eq!(counters.calls_begun, 1_000);
    let spawned = counters.tasks_spawned;
    assert_eq!(counters.ready_at_first_poll, 1_000 - spawned);
    // A thread that loses its core in two polls in a row takes a function for a slow one, and spawns some of its calls.
    assert!(spawned < 200, "{spawned} calls were spawned");
    assert_at_rest(&runtime);
}

#[test]
fn pending_heavy_and_blocking_calls_settle_off_the_dispatcher() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for function in ["later", "heavy", "blocking"] {
        let settled = owner.run(function, &none().i64(7));
        assert_eq!(settled.kind, OutcomeKind::Value);
        assert_eq!(settled.payload, 7_i64.to_le_bytes());
    }
    let counters = runtime.counters();
    assert_eq!(counters.ready_at_first_poll, 0);
    assert_eq!(counters.tasks_spawned, 2);
    assert_eq!(counters.blocking_spawned, 1);
    assert_at_rest(&runtime);
}

#[test]
fn many_calls_of_one_turn_make_one_downcall_and_few_upcalls() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    wait_for(&runtime, "the dispatcher to open", |counters| {
        counters.live_ports == 1
    });
    let calls = 4_000;
    for number in 0..calls {
        owner.submit("add", &none().i64(number).i64(0));
    }
    owner.flush();
    wait_for(&runtime, "all calls", |counters| {
        counters.calls_finished == calls as u64
    });
    // The owner has not drained: one upcall covers all of these outcomes.
    assert_eq!(runtime.counters().upcalls, 1);
    assert!(runtime.counters().doorbells <= 1);
    for number in 0..calls {
        assert_eq!(owner.next().payload, number.to_le_bytes());
    }
    assert_eq!(owner.try_next(), None);
    assert_at_rest(&runtime);
}

#[test]
fn long_payloads_are_kept_until_they_are_taken() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let long = [7; 1_000];
    let settled = owner.run("echo", &none().bytes(&long));
    assert!(settled.external);
    assert_eq!(settled.payload, long);
    let short = owner.run("echo", &none().bytes(&long[..35]));
    assert!(!short.external);
    assert_eq!(short.payload[..5], [0, 35, 0, 0, 0]);
    assert_eq!(short.payload[5..], long[..35]);
    assert!(owner.run("echo", &none().bytes(&long[..36])).external);
    assert_at_rest(&runtime);
}

#[test]
fn a_result_over_the_limit_is_dropped_and_its_size_reported() {
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 4, 1_000);
    assert_eq!(
        owner.run("zeros", &none().i64(1_000)).kind,
        OutcomeKind::Value
    );
    let settled = owner.run("zeros", &none().i64(1_001));
    assert_eq!(settled.kind, OutcomeKind::TooLarge);
    assert_eq!(settled.payload, 1_001_i64.to_le_bytes());
    assert_at_rest(&runtime);
}

#[test]
fn ports_of_one_runtime_do_not_mix() {
    let runtime = runtime(register);
    let mut owners: Vec<Owner> = (0..4).map(|_| Owner::with(&runtime, 64, 100)).collect();
    for round in 0..100 {
        for (at, owner) in owners.iter_mut().enumerate() {
            owner.call("later", &none().i64(round * 10 + at as i64));
        }
        for (at, owner) in owners.iter_mut().enumerate() {
            let expected = (round * 10 + at as i64).to_le_bytes();
            assert_eq!(owner.next().payload, expected);
        }
    }
    assert_eq!(runtime.counters().live_ports, 4);
    owners.iter().for_each(|owner| owner.port.close());
    drop(owners);
    wait_for(&runtime, "the ports to go", |counters| {
        counters.live_ports == 0
    });
    // The counters of a closed port stay in the runtime's.
    assert_eq!(runtime.counters().calls_finished, 400);
    assert_at_rest(&runtime);
}

#[test]
fn an_upcall_that_fails_or_panics_is_repeated() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    owner
        .failing_upcalls
        .store(3, std::sync::atomic::Ordering::Relaxed);
    let settled = owner.run("add", &none().i64(1).i64(1));
    assert_eq!(settled.kind, OutcomeKind::Value);
    assert_eq!(runtime.counters().upcalls, 4);
}

#[test]
fn an_upcall_that_java_asks_for_is_made_by_the_dispatcher() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    owner.run("add", &none().i64(1).i64(1));
    let before = runtime.counters().upcalls;
    assert!(owner.port.request_wake());
    while runtime.counters().upcalls == before || owner.port.is_retry_requested() {
        std::thread::yield_now();
    }
    assert_eq!(runtime.counters().upcalls, before + 1);
}

#[test]
fn a_parked_dispatcher_is_rung_once() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    owner.run("add", &none().i64(1).i64(1));
    // The dispatcher parks some time after its last outcome.
    let mut rings = Vec::new();
    while rings.last() != Some(&Ring::Downcall) {
        owner.submit("add", &none().i64(1).i64(1));
        rings.push(owner.ring());
        owner.next();
        std::thread::yield_now();
    }
    assert!(runtime.counters().doorbells >= 1);
    assert!(!rings.contains(&Ring::Closed));
}
