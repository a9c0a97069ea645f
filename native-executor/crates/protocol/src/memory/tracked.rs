//! The block as loom and shuttle see it: an object per word, which loom tracks.

#[cfg(loom)]
use loom::cell::Cell;
#[cfg(shuttle)]
use std::cell::Cell;

use super::{AtomicU64, Header};
use crate::record::{RECORD_WORDS, Words};

pub(crate) struct Block {
    header: [AtomicU64; 5],
    direct: Record,
    records: Vec<Record>,
    cells: Vec<[Cell<u64>; CELL_WORDS_TRACKED]>,
}

/// The words of a cell that exist here: a model uses short payloads.
const CELL_WORDS_TRACKED: usize = 2;

struct Record {
    sequence: AtomicU64,
    words: [Cell<u64>; RECORD_WORDS],
}

// SAFETY: the cells are not `Sync` because two threads may race on them; loom and shuttle run one
// thread at a time, and loom panics at the first access that happens-before does not order, which is
// what the models are to find out.
unsafe impl Send for Block {}
// SAFETY: as for `Send`.
unsafe impl Sync for Block {}

impl Block {
    pub(super) fn zeroed(submission_capacity: u32, completion_capacity: u32, cells: u32) -> Self {
        let record = |_| Record {
            sequence: AtomicU64::new(0),
            words: std::array::from_fn(|_| Cell::new(0)),
        };
        Self {
            header: std::array::from_fn(|_| AtomicU64::new(0)),
            direct: record(0),
            records: (0..submission_capacity + completion_capacity)
                .map(record)
                .collect(),
            cells: (0..cells)
                .map(|_| std::array::from_fn(|_| Cell::new(0)))
                .collect(),
        }
    }

    pub(super) fn header(&self, word: Header) -> &AtomicU64 {
        &self.header[word as usize]
    }

    pub(super) fn direct(&self) -> RecordRef<'_> {
        RecordRef {
            record: &self.direct,
        }
    }

    pub(super) fn cell(&self, _records: u64, slot: u32) -> CellRef<'_> {
        CellRef {
            words: &self.cells[slot as usize],
        }
    }

    pub(super) fn record(&self, index: u64) -> RecordRef<'_> {
        RecordRef {
            record: &self.records[index as usize],
        }
    }
}

/// One record of a ring.
pub(crate) struct RecordRef<'a> {
    record: &'a Record,
}

impl RecordRef<'_> {
    /// Word 0 of a completion record, which publishes the others.
    pub(crate) fn sequence(&self) -> &AtomicU64 {
        &self.record.sequence
    }

    /// A hint that is nothing to a model.
    pub(crate) fn prefetch(&self) {}

    /// Reads all words.
    pub(crate) fn read(&self, into: &mut Words) {
        for (number, word) in into.iter_mut().enumerate() {
            *word = self.word(number).get();
        }
    }

    /// Writes the words from number `first` on.
    pub(crate) fn write(&self, first: usize, record: &[u64]) {
        for (number, word) in record.iter().enumerate().skip(first) {
            self.word(number).set(*word);
        }
    }

    fn word(&self, number: usize) -> &Cell<u64> {
        #[cfg(shuttle)]
        if number <= 1 || number == RECORD_WORDS - 1 {
            // An atomic is where shuttle may go on with another thread.
            let _ = self.sequence().load(crate::sync::Ordering::Relaxed);
        }
        &self.record.words[number]
    }
}

/// One cell.
pub(crate) struct CellRef<'a> {
    words: &'a [Cell<u64>; CELL_WORDS_TRACKED],
}

impl CellRef<'_> {
    /// Reads the first words.
    pub(crate) fn read(&self, into: &mut [u64]) {
        for (word, place) in into.iter_mut().zip(self.words) {
            *word = place.get();
        }
    }

    /// Writes the first words.
    pub(crate) fn write(&self, words: impl Iterator<Item = u64>) {
        for (place, word) in self.words.iter().zip(words) {
            place.set(word);
        }
    }
}
