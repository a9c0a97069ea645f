//! Tickets: a value is taken once, and no ticket reaches another value.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::SlotTable;
use model::model;

const TAG: u64 = 0x5bd1_e995_9e37_79b9;

/// One place, four generations.
fn table() -> Arc<SlotTable<u32, 2>> {
    Arc::new(SlotTable::new(1, TAG))
}

#[test]
fn two_threads_remove_one_ticket() {
    model("remove, remove", || {
        let table = table();
        let ticket = table.insert(1).unwrap();
        let other = {
            let table = table.clone();
            thread::spawn(move || table.remove(ticket))
        };
        let mine = table.remove(ticket);
        let other = other.join().unwrap();
        assert!(matches!((mine, other), (Some(1), None) | (None, Some(1))));
        assert!(table.is_empty());
    });
}

/// The place is freed and filled again while another thread looks its first ticket up.
#[test]
fn a_stale_ticket_does_not_reach_the_next_value() {
    model("lookup, reuse, 2-bit generation", || {
        let table = table();
        // The next generation is the last before the wrap.
        for value in 0..2 {
            table.remove(table.insert(value).unwrap()).unwrap();
        }
        let ticket = table.insert(1).unwrap();
        let reader = {
            let table = table.clone();
            thread::spawn(move || [table.get(ticket), table.get(ticket)])
        };
        assert_eq!(table.remove(ticket), Some(1));
        let next = table.insert(2).unwrap();
        assert_ne!(next, ticket);
        let looked_up = reader.join().unwrap();
        assert!(!looked_up.contains(&Some(2)), "{looked_up:?}");
        assert!(looked_up[0].is_some() || looked_up[1].is_none());
        assert_eq!((table.get(ticket), table.get(next)), (None, Some(2)));
    });
}
