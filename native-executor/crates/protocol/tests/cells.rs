//! Cells: which slots have one, and what is read of it.
#![cfg(not(any(loom, shuttle)))]

use std::sync::Arc;

use loopbridge_protocol::record::{CELL_BYTES, CELL_WORDS};
use loopbridge_protocol::{Cells, PortMemory};

fn cells(count: u32) -> Cells {
    Cells::new(Arc::new(
        PortMemory::allocate_with_cells(2, 4, count).unwrap(),
    ))
}

#[test]
fn a_payload_of_any_length_comes_back() {
    let cells = cells(3);
    let mut copy = [0; CELL_WORDS];
    for length in (0..100).chain([CELL_BYTES - 1, CELL_BYTES]) {
        for slot in 0..3 {
            let payload: Vec<u8> = (0..length)
                .map(|at| (at as u8).wrapping_mul(7).wrapping_add(slot as u8))
                .collect();
            assert!(cells.write(slot, &payload));
            let read = cells.read(slot, length, &mut copy);
            assert_eq!(read, Some(payload.as_slice()), "{length} in {slot}");
        }
    }
}

#[test]
fn cells_do_not_overlap() {
    let cells = cells(3);
    let mut copy = [0; CELL_WORDS];
    for slot in 0..3 {
        assert!(cells.write(slot, &[slot as u8 + 1; CELL_BYTES]));
    }
    for slot in 0..3 {
        let read = cells.read(slot, CELL_BYTES, &mut copy).unwrap();
        assert_eq!(read, [slot as u8 + 1; CELL_BYTES]);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let cells = cells(1);
    let mut copy = [0; CELL_WORDS];
    assert!(!cells.write(1, &[1]));
    assert!(!cells.write(u32::MAX, &[1]));
    assert!(!cells.write(0, &[1; CELL_BYTES + 1]));
    assert_eq!(cells.read(1, 1, &mut copy), None);
    assert_eq!(cells.read(0, CELL_BYTES + 1, &mut copy), None);
    assert_eq!(cells.read(0, usize::MAX, &mut copy), None);
    let none = Cells::new(Arc::new(PortMemory::allocate(2, 4).unwrap()));
    assert!(!none.write(0, &[]));
    assert_eq!(none.read(0, 0, &mut copy), None);
}
