//! Objects that all ports use: what a view finds, and which looks meet in a lock.
#![cfg(not(any(loom, shuttle)))]

use std::sync::Arc;
use std::thread;

use loopbridge_protocol::{SharedTable, SharedView};

const TAG: u64 = 0x5bd1_e995_9e37_79b9;

#[test]
fn a_view_finds_what_is_in_the_table() {
    let table = Arc::new(SharedTable::<Arc<str>>::new(8, TAG));
    let view = SharedView::new(&table);
    let ticket = table.insert("pool".into()).unwrap();
    assert_eq!(view.get(ticket).as_deref(), Some("pool"));
    assert_eq!(view.get(ticket).as_deref(), Some("pool"));
    for bit in 0..64 {
        assert_eq!(view.get(ticket ^ 1 << bit), None, "bit {bit}");
    }
    assert_eq!(table.remove(ticket).as_deref(), Some("pool"));
    assert_eq!((view.get(ticket), table.remove(ticket)), (None, None));
    assert!(table.is_empty());
}

#[test]
fn a_removal_leaves_no_copy() {
    let table = Arc::new(SharedTable::<Arc<str>>::new(8, TAG));
    let views = [
        SharedView::new(&table),
        SharedView::new(&table),
        SharedView::new(&table),
    ];
    let object: Arc<str> = "pool".into();
    let ticket = table.insert(Arc::clone(&object)).unwrap();
    assert!(views.iter().all(|view| view.get(ticket).is_some()));
    drop(table.remove(ticket));
    assert_eq!(Arc::strong_count(&object), 1);
}

#[test]
fn the_end_returns_all_and_refuses_the_rest() {
    let table = Arc::new(SharedTable::<Arc<str>>::new(8, TAG));
    let view = SharedView::new(&table);
    let tickets = ["a", "b"].map(|name| table.insert(name.into()).unwrap());
    assert!(view.get(tickets[0]).is_some());
    assert_eq!(table.end(), ["a".into(), "b".into()]);
    assert_eq!(tickets.map(|ticket| view.get(ticket)), [None, None]);
    assert_eq!(table.insert("c".into()), Err("c".into()));
    assert_eq!(table.end(), []);
}

#[test]
fn a_full_table_gives_the_value_back() {
    let table = SharedTable::<u32>::new(1, TAG);
    let ticket = table.insert(1).unwrap();
    assert_eq!(table.insert(2), Err(2));
    assert_eq!(table.remove(ticket), Some(1));
    assert!(table.insert(2).is_ok());
}

/// Sixteen ports use one object; each meets the others once, at its first look.
#[test]
fn ports_do_not_wait_for_one_another() {
    const PORTS: u64 = 16;
    let table = Arc::new(SharedTable::<Arc<str>>::new(8, TAG));
    let ticket = table.insert("pool".into()).unwrap();
    let ports: Vec<_> = (0..PORTS)
        .map(|_| {
            let view = SharedView::new(&table);
            thread::spawn(move || (0..10_000).all(|_| view.get(ticket).is_some()))
        })
        .collect();
    assert!(ports.into_iter().all(|port| port.join().unwrap()));
    assert_eq!(table.waits(), PORTS);
}
