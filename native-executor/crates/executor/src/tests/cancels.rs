//! A cancel drops the future within one poll, and leaves nothing behind.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use loopbridge_protocol::{CallId, OutcomeKind};
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::owner::{Owner, none};
use super::{Random, assert_at_rest, runtime, wait_for};
use crate::Registry;

static LOCK: Mutex<()> = Mutex::const_new(());
static STOPPED: AtomicU64 = AtomicU64::new(0);

fn register(functions: &mut Registry) {
    functions
        .function("ready", || async {})
        .function("never", pending::<()>)
        .function("hold", || async {
            let _held = LOCK.lock().await;
            pending::<()>().await;
        })
        .function("lock", || async { drop(LOCK.lock().await) })
        .function("sleep", |micros: i64| {
            sleep(Duration::from_micros(micros as u64))
        })
        .function("yield", |times: i64| async move {
            for _ in 0..times {
                yield_now().await;
            }
        })
        .heavy("heavy", || async {})
        .blocking("untilCancelled", || {
            while !crate::cancelled() {
                std::thread::yield_now();
            }
            STOPPED.fetch_add(1, Ordering::Relaxed);
        });
}

#[test]
fn a_cancelled_future_lets_go_of_what_it_held() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let held = owner.call("hold", &none());
    wait_for(&runtime, "the holder", |counters| {
        counters.tasks_spawned == 1
    });
    let waits = owner.call("lock", &none());
    owner.cancel(held);
    let mut settled = [owner.next(), owner.next()];
    settled.sort_by_key(|settled| settled.call != held);
    assert_eq!(
        (settled[0].kind, settled[0].call),
        (OutcomeKind::Cancelled, held)
    );
    assert_eq!(
        (settled[1].kind, settled[1].call),
        (OutcomeKind::Value, waits)
    );
    assert_eq!(runtime.counters().cancels_applied, 1);
    assert_at_rest(&runtime);
}

#[test]
fn a_cancel_after_the_outcome_does_nothing() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let call = owner.call("ready", &none());
    wait_for(&runtime, "the outcome", |counters| {
        counters.calls_finished == 1
    });
    owner.cancel(call);
    assert_eq!(owner.next().kind, OutcomeKind::Value);
    // A cancel of a call that never was settles none either.
    owner.cancel(CallId {
        slot: 17,
        generation: 0,
    });
    assert_eq!(owner.run("ready", &none()).kind, OutcomeKind::Value);
    assert_eq!(runtime.counters().cancels_applied, 0);
    assert_at_rest(&runtime);
}

#[test]
fn a_cancel_in_the_turn_of_its_call_reaches_it() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..1_000 {
        let call = owner.submit("never", &none());
        owner.submit_cancel(call);
        owner.flush();
        let settled = owner.next();
        assert_eq!((settled.kind, settled.call), (OutcomeKind::Cancelled, call));
    }
    assert_at_rest(&runtime);
}

#[test]
fn a_blocking_function_sees_its_cancel() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    assert!(!crate::cancelled());
    let calls: Vec<CallId> = (0..2)
        .map(|_| owner.call("untilCancelled", &none()))
        .collect();
    owner.cancel(calls[1]);
    let settled = owner.next();
    assert_eq!(
        (settled.kind, settled.call),
        (OutcomeKind::Cancelled, calls[1])
    );
    owner.cancel(calls[0]);
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    assert_at_rest(&runtime);
    // A blocking call that waits for a thread never runs.
    let stopped = STOPPED.load(Ordering::Relaxed);
    let calls: Vec<CallId> = (0..20)
        .map(|_| owner.call("untilCancelled", &none()))
        .collect();
    calls
        .iter()
        .rev()
        .for_each(|call| owner.submit_cancel(*call));
    owner.flush();
    for _ in &calls {
        assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    }
    assert!(STOPPED.load(Ordering::Relaxed) - stopped < 20);
    assert_at_rest(&runtime);
}

#[test]
fn a_hundred_thousand_cancels_at_random_times_leave_nothing() {
    const CALLS: usize = 100_000;
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 1_024, 100);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut live: Vec<CallId> = Vec::new();
    let (mut begun, mut settled, mut cancelled) = (0, 0, 0);
    let mut count = |owner: &mut Owner, wait: bool| {
        let next = if wait {
            Some(owner.next())
        } else {
            owner.try_next()
        };
        let Some(next) = next else {
            return false;
        };
        settled += 1;
        match next.kind {
            OutcomeKind::Cancelled => cancelled += 1,
            kind => assert_eq!(kind, OutcomeKind::Value),
        }
        true
    };
    while begun < CALLS {
        for _ in 0..random.below(64) {
            if begun == CALLS || !owner.accepts() {
                break;
            }
            begun += 1;
            let call = match random.below(6) {
                0 => owner.submit("never", &none()),
                1 => owner.submit("ready", &none()),
                2 => owner.submit("heavy", &none()),
                3 => owner.submit("sleep", &none().i64(random.below(2_000) as i64)),
                _ => owner.submit("yield", &none().i64(random.below(8) as i64)),
            };
            live.push(call);
            if random.below(4) == 0 {
                let at = random.below(live.len());
                owner.submit_cancel(live.swap_remove(at));
            }
        }
        owner.flush();
        if owner.in_flight() > 900 {
            live.drain(..).for_each(|call| owner.submit_cancel(call));
            owner.flush();
            while owner.in_flight() > 100 {
                count(&mut owner, true);
            }
        }
        while random.below(8) != 0 && count(&mut owner, false) {}
    }
    live.drain(..).for_each(|call| owner.submit_cancel(call));
    owner.flush();
    while owner.in_flight() > 0 {
        count(&mut owner, true);
    }
    assert_eq!(settled, CALLS);
    assert!(cancelled > CALLS / 10, "{cancelled} calls were cancelled");
    assert_at_rest(&runtime);
    assert_eq!(runtime.counters().calls_begun, CALLS as u64);
}
