//! Tickets: a value is taken once, its memory outlives each use, and no ticket reaches another
//! value.
#![cfg(loom)]

mod model;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
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
    model("remove, remove", "I8", || {
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
    model("lookup, reuse, 2-bit generation", "I10 I20", || {
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

/// A value whose drop loom checks: it panics if the drop is concurrent with a use.
struct Payload {
    memory: UnsafeCell<u32>,
    dropped: Arc<AtomicU64>,
}

// SAFETY: loom panics at an access to the cell that nothing orders.
unsafe impl Sync for Payload {}
// SAFETY: as for `Sync`.
unsafe impl Send for Payload {}

impl Payload {
    fn new() -> (Self, Arc<AtomicU64>) {
        let dropped = Arc::new(AtomicU64::new(0));
        let payload = Self {
            memory: UnsafeCell::new(7),
            dropped: dropped.clone(),
        };
        (payload, dropped)
    }

    fn read(&self) -> u32 {
        // SAFETY: loom checks.
        self.memory.with(|memory| unsafe { *memory })
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        // After a failure the model makes no further use of loom.
        if !std::thread::panicking() {
            // SAFETY: loom checks.
            self.memory.with_mut(|memory| unsafe { *memory = 0 });
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Two threads release it, a third looks at it under the table's lock.
#[test]
fn a_value_is_released_beside_its_last_use() {
    model("look, release, release", "I8 I9", || {
        let (payload, dropped) = Payload::new();
        let table: Arc<SlotTable<Payload, 2>> = Arc::new(SlotTable::new(1, TAG));
        let ticket = table.insert(payload).map_err(drop).unwrap();
        let releases = [(); 2].map(|()| {
            let table = table.clone();
            thread::spawn(move || table.remove(ticket).is_some())
        });
        let looked = table.with(ticket, Payload::read);
        assert!(matches!(looked, Some(7) | None), "{looked:?}");
        let released = releases.map(|release| release.join().unwrap());
        assert_ne!(released[0], released[1]);
        assert_eq!(table.with(ticket, Payload::read), None);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

/// A thread that has taken a clone can use it when the ticket is no longer valid.
#[test]
fn a_shared_value_is_released_beside_its_last_use() {
    model("use of a clone, release", "I8 I9", || {
        let (payload, dropped) = Payload::new();
        let table: Arc<SlotTable<Arc<Payload>, 2>> = Arc::new(SlotTable::new(1, TAG));
        let ticket = table.insert(Arc::new(payload)).map_err(drop).unwrap();
        let users = [(); 2].map(|()| {
            let table = table.clone();
            thread::spawn(move || table.get(ticket).map(|payload| payload.read()))
        });
        assert!(table.remove(ticket).is_some());
        for user in users {
            let used = user.join().unwrap();
            assert!(matches!(used, Some(7) | None), "{used:?}");
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}
