//! The protocol on real threads, at sizes that no model reaches; ThreadSanitizer checks these tests too. A wait that
//! takes too long fails.
//!
//! `STRESS_ROUNDS` multiplies how much they do.
#![cfg(not(any(loom, shuttle)))]

mod port;
mod threads;

use std::cell::UnsafeCell;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use loopbridge_protocol::{Ask, Pend, PollState, SlotTable};
use port::{Defect, Plan};

fn rounds() -> usize {
    let rounds = std::env::var("STRESS_ROUNDS").ok();
    rounds.map_or(1, |rounds| rounds.parse().expect("a number"))
}

/// Prints how much was tried, past the test harness, which would drop it.
fn print(name: &str, promises: &str, count: usize) {
    let mut to = std::io::stderr();
    writeln!(to, "model {name} [{promises}]: {count} rounds").expect("stderr is writable");
}

#[test]
fn a_port_under_load_settles_each_call_once() {
    for slots in [1, 4, 64] {
        let plan = Plan {
            slots,
            calls: 20_000 * rounds(),
            workers: 2,
            close_at: usize::MAX,
            defect: Defect::None,
        };
        assert_eq!(port::run(plan).settled(), plan.calls);
    }
    print("a port under load", "I3 I1 I8 I19", 60_000 * rounds());
}

#[test]
fn a_port_that_closes_under_load_settles_each_call_once() {
    let ports = 300 * rounds();
    for close_at in 1..=ports {
        port::run(Plan {
            slots: 8,
            calls: ports + 1,
            workers: 2,
            close_at,
            defect: Defect::None,
        });
    }
    print("ports that close", "I3 I9 I19", ports);
}

/// A count that a waker writes for a future. No atomic: the state alone orders it with the poll.
struct Event(UnsafeCell<u64>);

// SAFETY: the waker writes it before it wakes, the owner reads it in a poll that the wake caused, and the waker goes on
// once the owner has acknowledged that. ThreadSanitizer checks that this orders them.
unsafe impl Sync for Event {}

#[test]
fn a_poll_sees_why_the_future_was_woken() {
    let wakes = 100_000 * rounds() as u64;
    let event = Arc::new((Event(UnsafeCell::new(0)), PollState::new()));
    let asked = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicU64::new(0));
    let waker = {
        let (event, asked, acknowledged) = (event.clone(), asked.clone(), acknowledged.clone());
        thread::spawn(move || {
            let (event, state) = &*event;
            for wake in 1..=wakes {
                // SAFETY: the owner has acknowledged the last one.
                unsafe { *event.0.get() = wake };
                if state.wake() == Ask::Publish {
                    // Relaxed: a record would order more than the state does.
                    assert!(!asked.swap(true, Ordering::Relaxed), "two records");
                }
                wait_until(|| acknowledged.load(Ordering::Acquire) == wake);
            }
        })
    };
    let (event, state) = &*event;
    let mut seen = 0;
    let mut waits = state.pend() == Pend::Idle;
    while seen < wakes {
        if waits {
            wait_until(|| asked.swap(false, Ordering::Relaxed));
        }
        state.begin();
        // SAFETY: the waker waits for its acknowledgement.
        seen = unsafe { *event.0.get() };
        acknowledged.store(seen, Ordering::Release);
        waits = state.pend() == Pend::Idle;
    }
    waker.join().unwrap();
    print("polls after wakes", "I1 I2 I19", wakes as usize);
}

fn wait_until(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed().as_secs() < 15, "hangs: a wake is lost");
        thread::yield_now();
    }
}

#[test]
fn tickets_are_used_by_all() {
    let uses = 20_000 * rounds();
    let table = Arc::new(SlotTable::<Box<usize>>::new(16, 0x9e37_79b9_7f4a_7c15));
    let threads: Vec<_> = (0..3)
        .map(|number| {
            let table = table.clone();
            thread::spawn(move || {
                for round in 0..uses {
                    let value = round * 3 + number;
                    let ticket = table.insert(Box::new(value)).expect("room");
                    assert_eq!(table.with(ticket, |kept| **kept), Some(value));
                    assert_eq!(table.remove(ticket), Some(Box::new(value)));
                    assert_eq!(table.get(ticket), None);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|each| each.join().unwrap());
    print("tickets", "I8 I10 I19", 3 * uses);
}
