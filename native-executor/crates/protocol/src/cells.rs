//! The cells: for each of a port's first slots, memory for one payload that no record holds.
//!
//! The cells lie behind the completion records. The cell of a slot belongs to the call that uses the slot. It first
//! holds the call's arguments, if they are longer than the submission record's inline bytes, and later its result.
//! Nothing is reserved or given back: a call that has a slot has its cell.
//!
//! # Access rules
//!
//! 1. The owner loop writes the cell of a slot that it has just taken, before it publishes the submission record
//!    (Release), or before it makes the direct call.
//! 2. The thread that reads that record (Acquire) reads the arguments before the call can settle: they are copied while
//!    the record is decoded, and nothing refers to the cell later.
//! 3. The thread that ends the call writes the result. It is the one thread that `CallState` lets end it, and it
//!    publishes the completion record afterwards (Release). A thread that may have come second must not write.
//! 4. The owner loop reads the result after the record's sequence (Acquire), and before it frees the slot. The slot's
//!    next call therefore writes after that read.
//! 5. So no word of a cell is accessed by two threads without an order between them, as for the words of records.

use crate::memory::PortMemory;
use crate::record::{CELL_BYTES, CELL_WORDS};
use crate::sync::Arc;

/// The cells of one port, as either side accesses them.
#[derive(Clone, Debug)]
pub struct Cells {
    memory: Arc<PortMemory>,
}

/// A copy of a cell's words.
pub type CellWords = [u64; CELL_WORDS];

impl Cells {
    /// Makes the access to the cells in `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Writes a payload (rules 1 and 3). Returns `false` if the slot has no cell, or the payload does not fit.
    #[must_use]
    pub fn write(&self, slot: u32, payload: &[u8]) -> bool {
        if payload.len() > CELL_BYTES {
            return false;
        }
        let Some(cell) = self.memory.cell(slot) else {
            return false;
        };
        cell.write(payload.chunks(8).map(|bytes| match bytes.try_into() {
            Ok(whole) => u64::from_le_bytes(whole),
            Err(_) => {
                let mut padded = [0; 8];
                padded[..bytes.len()].copy_from_slice(bytes);
                u64::from_le_bytes(padded)
            }
        }));
        true
    }

    /// Copies the first bytes of a slot's payload (rules 2 and 4). Returns `None` if the slot has no cell, or no cell
    /// is so long.
    pub fn read<'a>(&self, slot: u32, length: usize, into: &'a mut CellWords) -> Option<&'a [u8]> {
        let words = into.get_mut(..length.div_ceil(8))?;
        self.memory.cell(slot)?.read(words);
        crate::memory::bytes_of_words(words).get(..length)
    }
}
