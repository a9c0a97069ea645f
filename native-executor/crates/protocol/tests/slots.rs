//! Tickets: each names its own value, and no other ticket names that.
#![cfg(not(any(loom, shuttle)))]

use std::collections::HashMap;

use loopbridge_protocol::{Full, SlotTable};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const TAG: u64 = 0x5bd1_e995_9e37_79b9;

#[test]
fn a_ticket_names_its_value_until_it_is_removed() {
    let table: SlotTable<String> = SlotTable::new(4, TAG);
    let ticket = table.insert("a".to_owned()).unwrap();
    assert_eq!(table.get(ticket).as_deref(), Some("a"));
    assert_eq!(table.with(ticket, String::len), Some(1));
    assert_eq!(table.len(), 1);
    assert_eq!(table.remove(ticket).as_deref(), Some("a"));
    assert_eq!((table.remove(ticket), table.get(ticket)), (None, None));
    assert!(table.is_empty());
}

#[test]
fn a_full_table_gives_the_value_back() {
    let table: SlotTable<u32> = SlotTable::new(1, TAG);
    let ticket = table.insert(1).unwrap();
    assert_eq!(table.insert(2), Err(Full(2)));
    assert_eq!(table.remove(ticket), Some(1));
    assert!(table.insert(2).is_ok());
    assert_eq!(SlotTable::<u32>::new(0, TAG).insert(1), Err(Full(1)));
}

#[test]
fn tickets_of_another_table_name_nothing() {
    let (table, other): (SlotTable<u32>, SlotTable<u32>) = (
        SlotTable::new(1 << 20, TAG),
        SlotTable::new(1 << 20, TAG.rotate_left(17)),
    );
    let tickets: Vec<u64> = (0..1000)
        .map(|value| table.insert(value).unwrap())
        .collect();
    for value in 0..1000 {
        other.insert(value).unwrap();
    }
    assert!(tickets.iter().all(|ticket| other.get(*ticket).is_none()));
    assert!(tickets.iter().all(|ticket| other.remove(*ticket).is_none()));
    assert_eq!(other.len(), 1000);
}

/// Every ticket of a narrow table is one of 4 generations of one place; other numbers name no value.
#[test]
fn no_other_number_names_a_value() {
    let table: SlotTable<u32, 2> = SlotTable::new(1, TAG);
    for _ in 0..4 {
        let ticket = table.insert(7).unwrap();
        let named = (0..1 << 6)
            .flat_map(|bits| [bits, bits << 29])
            .map(|bits: u64| ticket ^ bits)
            .filter(|other| *other != ticket && table.get(*other).is_some());
        assert_eq!(named.count(), 0);
        table.remove(ticket).unwrap();
        assert_eq!(table.get(ticket), None);
    }
}

#[test]
fn tickets_come_again_only_when_the_generation_wraps() {
    let table: SlotTable<u32, 2> = SlotTable::new(1, TAG);
    let tickets: Vec<u64> = (0..8)
        .map(|value| {
            let ticket = table.insert(value).unwrap();
            table.remove(ticket).unwrap();
            ticket
        })
        .collect();
    let mut distinct = tickets[..4].to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 4);
    assert_eq!(tickets[..4], tickets[4..]);
}

#[test]
fn no_ticket_is_zero() {
    // The tag under which place 0 in generation 1, the first generation, would have the ticket 0.
    let table: SlotTable<u32, 2> = SlotTable::new(1, 1 << 32);
    for value in 0..8 {
        let ticket = table.insert(value).unwrap();
        assert_ne!(ticket, 0);
        assert_eq!(table.remove(ticket), Some(value));
    }
    assert_eq!(table.get(0), None);
}

#[test]
fn remove_all_makes_every_ticket_stale() {
    let table: SlotTable<u32> = SlotTable::new(8, TAG);
    let tickets: Vec<u64> = (0..3).map(|value| table.insert(value).unwrap()).collect();
    table.remove(tickets[1]).unwrap();
    assert_eq!(table.remove_all(), [0, 2]);
    assert!(table.is_empty() && tickets.iter().all(|ticket| table.get(*ticket).is_none()));
    assert!((0..8).all(|value| table.insert(value).is_ok()));
}

proptest! {
    /// Against a map: any history of inserts and removes on a table that wraps its generations.
    #[test]
    fn behaves_like_a_map(history in vec(any::<Option<Index>>(), 0..400)) {
        let table: SlotTable<u32, 2> = SlotTable::new(3, TAG);
        let mut live: HashMap<u64, u32> = HashMap::new();
        for (value, step) in history.into_iter().enumerate() {
            let value = value as u32;
            match step {
                Some(which) if !live.is_empty() => {
                    let mut tickets: Vec<u64> = live.keys().copied().collect();
                    tickets.sort_unstable();
                    let ticket = *which.get(&tickets);
                    prop_assert_eq!(table.remove(ticket), live.remove(&ticket));
                    prop_assert_eq!(table.get(ticket), None);
                }
                _ => match table.insert(value) {
                    Ok(ticket) => prop_assert_eq!(live.insert(ticket, value), None),
                    Err(Full(back)) => prop_assert_eq!((back, live.len()), (value, 3)),
                },
            }
            prop_assert_eq!(table.len(), live.len());
            for (ticket, value) in &live {
                prop_assert_eq!(table.get(*ticket), Some(*value));
            }
        }
    }
}
