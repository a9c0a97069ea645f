//! Objects that all ports of a runtime use: a start of a call against the close of its object, and
//! both against the end of the runtime and of a port.
#![cfg(loom)]

mod model;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use loopbridge_protocol::{SharedTable, SharedView};
use model::model;

const TAG: u64 = 0x5bd1_e995_9e37_79b9;

type Table = SharedTable<Arc<Object>, 2>;

/// An object whose drop loom checks: it panics if the drop is concurrent with a use.
struct Object {
    memory: UnsafeCell<u32>,
    dropped: Arc<AtomicU64>,
}

// SAFETY: loom panics at an access to the cell that nothing orders.
unsafe impl Sync for Object {}
// SAFETY: as for `Sync`.
unsafe impl Send for Object {}

impl Object {
    fn used(&self) -> u32 {
        // SAFETY: loom checks.
        self.memory.with(|memory| unsafe { *memory })
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // After a failure the model makes no further use of loom.
        if !std::thread::panicking() {
            // SAFETY: loom checks.
            self.memory.with_mut(|memory| unsafe { *memory = 0 });
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn table() -> Arc<Table> {
    Arc::new(Table::new(2, TAG))
}

fn object(dropped: &Arc<AtomicU64>) -> Arc<Object> {
    Arc::new(Object {
        memory: UnsafeCell::new(7),
        dropped: dropped.clone(),
    })
}

/// The dispatchers of two ports start calls on an object that a third thread closes.
#[test]
fn an_object_is_closed_beside_starts() {
    model("start, start, close", "I8 I9", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let starts = [(); 2].map(|()| {
            let view = SharedView::new(&table);
            thread::spawn(move || {
                let used = view.get(ticket).map(|object| object.used());
                (used, view)
            })
        });
        let closed = table.remove(ticket).expect("closed once");
        drop(closed);
        for start in starts {
            let (used, view) = start.join().unwrap();
            assert!(matches!(used, Some(7) | None), "{used:?}");
            assert!(view.get(ticket).is_none(), "used after its close");
        }
        // The views still live: none of them keeps the object.
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        assert!(table.is_empty());
    });
}

/// The view has a copy already, and a second look finds it or nothing.
#[test]
fn an_object_in_a_view_is_closed_beside_a_start() {
    model("start from the view, close", "I8 I9", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let view = SharedView::new(&table);
        assert!(view.get(ticket).is_some());
        let start = thread::spawn(move || {
            let found = [(); 2].map(|()| view.get(ticket).map(|object| object.used()));
            (found, view)
        });
        drop(table.remove(ticket).expect("closed once"));
        let (found, view) = start.join().unwrap();
        assert!(found[0].is_some() || found[1].is_none(), "{found:?}");
        assert!(view.get(ticket).is_none());
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn an_object_is_closed_twice() {
    model("close, close, start", "I8 I9", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let view = SharedView::new(&table);
        let closes = [(); 2].map(|()| {
            let table = table.clone();
            thread::spawn(move || table.remove(ticket).is_some())
        });
        let used = view.get(ticket).map(|object| object.used());
        assert!(matches!(used, Some(7) | None), "{used:?}");
        let closed = closes.map(|close| close.join().unwrap());
        assert_ne!(closed[0], closed[1]);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        drop(view);
    });
}

/// A call ends with a new object while the runtime closes, and its port has just used another.
#[test]
fn a_runtime_ends_beside_a_start_and_a_new_object() {
    model("end of the runtime, start, insertion", "I8 I9 I13", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let view = SharedView::new(&table);
        let port = {
            let (table, dropped) = (table.clone(), dropped.clone());
            thread::spawn(move || {
                let used = view.get(ticket).map(|object| object.used());
                assert!(matches!(used, Some(7) | None), "{used:?}");
                drop(table.insert(object(&dropped)));
                view
            })
        };
        drop(table.end());
        let view = port.join().unwrap();
        assert!(view.get(ticket).is_none());
        assert!(table.is_empty());
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
    });
}

/// The object is closed, by its owner or by the cleaner, as the runtime closes.
#[test]
fn an_object_is_closed_beside_the_end_of_its_runtime() {
    model("close, end of the runtime", "I8 I13", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let view = SharedView::new(&table);
        assert!(view.get(ticket).is_some());
        let close = {
            let table = table.clone();
            thread::spawn(move || table.remove(ticket).is_some())
        };
        let left = table.end().len();
        assert_eq!(left + usize::from(close.join().unwrap()), 1);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        drop(view);
    });
}

/// A port ends as its object is closed. The removal has the last reference, not the port.
#[test]
fn a_port_ends_beside_a_close() {
    model("close, end of a port", "I8 I13", || {
        let (table, dropped) = (table(), Arc::new(AtomicU64::new(0)));
        let ticket = table.insert(object(&dropped)).map_err(drop).unwrap();
        let view = SharedView::new(&table);
        assert!(view.get(ticket).is_some());
        let end = thread::spawn(move || drop(view));
        let closed = table.remove(ticket).expect("closed once");
        assert_eq!(closed.used(), 7);
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        let closed = Arc::try_unwrap(closed);
        end.join().unwrap();
        assert!(closed.is_ok(), "a copy outlives the removal");
    });
}
