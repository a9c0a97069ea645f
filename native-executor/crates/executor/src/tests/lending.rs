//! Lent memory: read in place, and given back once.

use std::sync::Mutex;

use loopbridge_protocol::OutcomeKind;

use super::owner::{Owner, none};
use super::{assert_at_rest, runtime, wait_for};
use crate::{Bytes, Registry};

static MEMORY: [u8; 1_000] = [3; 1_000];

/// One place for each test that stashes, since tests run side by side.
static STASHES: [Mutex<Vec<Bytes>>; 2] = [const { Mutex::new(Vec::new()) }; 2];

fn stash(place: i64) -> std::sync::MutexGuard<'static, Vec<Bytes>> {
    STASHES[place as usize].lock().expect("no test panics here")
}

fn register(functions: &mut Registry) {
    functions
        .function("sum", |bytes: Bytes, more: Option<Bytes>| async move {
            let more = more.unwrap_or_default();
            bytes
                .iter()
                .chain(more.iter())
                .map(|byte| i64::from(*byte))
                .sum::<i64>()
        })
        .function("copy", |bytes: Vec<u8>, text: String| async move {
            (bytes.len() + text.len()) as i64
        })
        .function("echo", |bytes: Bytes| async { bytes })
        .function("stash", |place: i64, bytes: Bytes| async move {
            stash(place).push(bytes)
        })
        .function("never", |bytes: Bytes| async move {
            std::future::pending::<()>().await;
            drop(bytes);
        });
}

#[test]
fn memory_that_the_call_lets_go_of_is_free_with_its_outcome() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let settled = owner.run("sum", &none().lent(&MEMORY).raw(&[1]).lent(&MEMORY[..10]));
    assert_eq!(settled.payload, 3_030_i64.to_le_bytes());
    assert!(!settled.lent);
    let copied = owner.run("copy", &none().lent(&MEMORY).bytes(b"text"));
    assert_eq!(copied.payload, 1_004_i64.to_le_bytes());
    assert!(!copied.lent);
    // Nothing is lent where there is no memory.
    assert!(!owner.run("sum", &none().lent(&[]).raw(&[0])).lent);
    assert_at_rest(&runtime);
}

#[test]
fn a_result_in_lent_memory_is_a_copy() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let settled = owner.run("echo", &none().lent(&MEMORY));
    assert!(settled.external && !settled.lent);
    assert_eq!(settled.payload, MEMORY);
    assert_at_rest(&runtime);
}

#[test]
fn kept_bytes_stay_lent_until_the_last_clone_is_dropped() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..10 {
        let settled = owner.run("stash", &none().i64(0).lent(&MEMORY));
        assert!(settled.lent);
    }
    assert_eq!(owner.lent.len(), 10);
    assert_eq!(runtime.counters().live_leases, 10);
    let mut kept = std::mem::take(&mut *stash(0));
    let clones: Vec<Bytes> = kept.iter().map(|bytes| bytes.slice(5..7)).collect();
    kept.clear();
    assert_eq!(runtime.counters().live_leases, 10);
    // The drop happens on a thread that is none of the runtime's.
    std::thread::spawn(move || drop(clones))
        .join()
        .expect("a thread");
    owner.await_released();
    assert_eq!(owner.in_flight(), 0);
    assert_at_rest(&runtime);
}

#[test]
fn a_cancelled_call_gives_back_what_it_borrowed() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for _ in 0..100 {
        let call = owner.call("never", &none().lent(&MEMORY));
        owner.cancel(call);
        assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    }
    owner.await_released();
    wait_for(&runtime, "the leases", |counters| counters.live_leases == 0);
    assert_at_rest(&runtime);
}

#[test]
fn memory_outlives_the_runtime_if_rust_still_reads_it() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    assert!(owner.run("stash", &none().i64(1).lent(&MEMORY)).lent);
    assert_eq!(runtime.shutdown(super::PATIENCE), Ok(0));
    assert_eq!(owner.drain_closed(), []);
    let kept = std::mem::take(&mut *stash(1));
    assert_eq!(kept[0], &MEMORY[..]);
    drop(kept);
    owner.await_released();
    assert_at_rest(&runtime);
}
