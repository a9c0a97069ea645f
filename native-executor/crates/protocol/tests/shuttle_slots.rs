//! Tickets under three threads, with generations that wrap within a schedule.
#![cfg(shuttle)]

mod scenario;

use std::sync::atomic::{AtomicUsize, Ordering};

use loopbridge_protocol::SlotTable;
use loopbridge_protocol::sync::Arc;
use scenario::scenario;
use shuttle::thread;

const THREADS: u32 = 3;
const ROUNDS: u32 = 5;
/// A ticket that was given back is invalid until its place was filled this many times.
const USES_UNTIL_THE_WRAP: usize = 4;

#[test]
fn a_ticket_names_its_value_and_no_other() {
    scenario("tickets, 2-bit generations", "I10 I20 I8", || {
        let table = Arc::new(SlotTable::<u32, 2>::new(2, 0x9e37_79b9_7f4a_7c15));
        // An atomic of the standard library: it must not order what it counts.
        let filled = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let (table, filled) = (table.clone(), filled.clone());
                thread::spawn(move || {
                    for round in 0..ROUNDS {
                        use_a_ticket(&table, &filled, number * ROUNDS + round);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|each| each.join().unwrap());
        assert!(table.is_empty());
    });
}

fn use_a_ticket(table: &SlotTable<u32, 2>, filled: &AtomicUsize, value: u32) {
    // Before the insertion: a thread that counts sees at least the values that were made.
    filled.fetch_add(1, Ordering::Relaxed);
    let Ok(ticket) = table.insert(value) else {
        return;
    };
    assert_ne!(ticket, 0);
    assert_eq!(table.get(ticket), Some(value));
    assert_eq!(table.remove(ticket), Some(value), "its only owner");
    let before = filled.load(Ordering::Relaxed);
    let stale = table.remove_if(ticket, |_| false).or(table.get(ticket));
    let after = filled.load(Ordering::Relaxed);
    // The inserts that began before the removal may have come after it.
    let refilled = after - before + THREADS as usize;
    assert!(
        stale.is_none() || refilled >= USES_UNTIL_THE_WRAP,
        "a stale ticket names {stale:?}"
    );
}

#[test]
fn one_of_three_gets_the_value() {
    scenario("one ticket, three threads", "I8 I3", || {
        let table = Arc::new(SlotTable::<u32, 2>::new(1, 7));
        for round in 0..ROUNDS {
            let ticket = table.insert(round).expect("room for one");
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    let table = table.clone();
                    thread::spawn(move || table.remove(ticket))
                })
                .collect();
            let removed: Vec<u32> = threads
                .into_iter()
                .filter_map(|each| each.join().unwrap())
                .collect();
            assert_eq!(removed, [round]);
        }
    });
}
