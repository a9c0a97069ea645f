//! The block as it is: words at offsets from a base address.

use std::ptr::NonNull;

use super::{AtomicU64, Header, PortMemory};
use crate::record::{
    CELL_BYTES, CELL_WORDS, COMPLETION_TAIL, DIRECT, DOORBELL, RECORD_BYTES, RECORD_WORDS, RINGS,
    SUBMISSION_HEAD, SUBMISSION_TAIL, WAKE, Words,
};
use crate::sync::Ordering;

impl Header {
    const fn offset(self) -> usize {
        match self {
            Self::SubmissionTail => SUBMISSION_TAIL,
            Self::SubmissionHead => SUBMISSION_HEAD,
            Self::Doorbell => DOORBELL,
            Self::CompletionTail => COMPLETION_TAIL,
            Self::Wake => WAKE,
        }
    }
}

/// The header keeps its words this far apart; owned memory is aligned to it.
#[repr(C, align(128))]
pub(crate) struct Line([AtomicU64; 16]);

pub(crate) struct Block {
    pub(super) base: NonNull<AtomicU64>,
    /// How many lines the drop frees; 0 if the block does not own the memory.
    pub(super) owned_lines: usize,
}

// SAFETY: the pointer is to atomic words that are valid while the block lives
// (`PortMemory::from_raw`'s contract, or memory that the block owns), and it is never handed out.
unsafe impl Send for Block {}
// SAFETY: as for `Send`; all accesses are atomic.
unsafe impl Sync for Block {}

impl Block {
    pub(super) fn zeroed(submission_capacity: u32, completion_capacity: u32, cells: u32) -> Self {
        let bytes = PortMemory::required_bytes(submission_capacity, completion_capacity)
            + u64::from(cells) * CELL_BYTES as u64;
        let lines = bytes.div_ceil(size_of::<Line>() as u64);
        let owned: Box<[Line]> = (0..lines)
            .map(|_| Line(std::array::from_fn(|_| AtomicU64::new(0))))
            .collect();
        let owned_lines = owned.len();
        Self {
            base: NonNull::from(Box::leak(owned)).cast(),
            owned_lines,
        }
    }

    pub(super) fn header(&self, word: Header) -> &AtomicU64 {
        // SAFETY: every header offset is a multiple of 8 below RINGS, and `from_raw` and `zeroed`
        // made sure of at least RINGS bytes of aligned words that live as long as the block.
        unsafe { self.base.add(word.offset() / 8).as_ref() }
    }

    pub(super) fn direct(&self) -> RecordRef<'_> {
        // SAFETY: the record ends below RINGS.
        unsafe { self.record_at(DIRECT) }
    }

    /// `index` is below the sum of the two capacities: `PortMemory::record` masked it.
    pub(super) fn record(&self, index: u64) -> RecordRef<'_> {
        // SAFETY: the record lies inside the `required_bytes`.
        unsafe { self.record_at(RINGS + index as usize * RECORD_BYTES) }
    }

    /// `records` is the sum of the two capacities, and `slot` is below the number of cells.
    pub(super) fn cell(&self, records: u64, slot: u32) -> CellRef<'_> {
        let offset = RINGS + records as usize * RECORD_BYTES + slot as usize * CELL_BYTES;
        // SAFETY: the cell lies inside the memory: `from_raw` counted the cells that do, and `zeroed`
        // allocated as many as the block has. The offset is a multiple of 8.
        let words = unsafe {
            self.base
                .add(offset / 8)
                .cast::<[AtomicU64; CELL_WORDS]>()
                .as_ref()
        };
        CellRef { words }
    }

    /// # Safety
    ///
    /// `offset` is a multiple of 8, and the record lies inside the `required_bytes` that `from_raw`
    /// checked and `zeroed` allocated.
    unsafe fn record_at(&self, offset: usize) -> RecordRef<'_> {
        // SAFETY: by this function's contract.
        let words = unsafe {
            self.base
                .add(offset / 8)
                .cast::<[AtomicU64; RECORD_WORDS]>()
                .as_ref()
        };
        RecordRef { words }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.owned_lines != 0 {
            let lines = NonNull::slice_from_raw_parts(self.base.cast::<Line>(), self.owned_lines);
            // SAFETY: `zeroed` leaked this box of this length, and references into it do not
            // outlive the block.
            drop(unsafe { Box::from_raw(lines.as_ptr()) });
        }
    }
}

/// One record of a ring.
pub(crate) struct RecordRef<'a> {
    words: &'a [AtomicU64; RECORD_WORDS],
}

impl RecordRef<'_> {
    /// Word 0 of a completion record, which publishes the others.
    pub(crate) fn sequence(&self) -> &AtomicU64 {
        &self.words[0]
    }

    /// Asks the processor to get the record's cache line for writing. A hint: it changes no memory
    /// and orders nothing.
    pub(crate) fn prefetch(&self) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        // SAFETY: the instruction touches no memory and no flag; a processor that lacks it ignores
        // it.
        unsafe {
            std::arch::asm!(
                "prefetchw [{}]",
                in(reg) self.words.as_ptr(),
                options(nostack, preserves_flags, readonly)
            );
        }
    }

    /// Reads all words. Relaxed (rule 6).
    pub(crate) fn read(&self, into: &mut Words) {
        for (word, place) in into.iter_mut().zip(self.words) {
            *word = place.load(Ordering::Relaxed);
        }
    }

    /// Writes the words from number `first` on. Relaxed (rule 6).
    pub(crate) fn write(&self, first: usize, record: &[u64]) {
        for (place, word) in self.words.iter().zip(record).skip(first) {
            place.store(*word, Ordering::Relaxed);
        }
    }
}

/// One cell.
pub(crate) struct CellRef<'a> {
    words: &'a [AtomicU64; CELL_WORDS],
}

impl CellRef<'_> {
    /// Reads the first words. Relaxed (rule 6).
    pub(crate) fn read(&self, into: &mut [u64]) {
        for (word, place) in into.iter_mut().zip(self.words) {
            *word = place.load(Ordering::Relaxed);
        }
    }

    /// Writes the first words. Relaxed (rule 6).
    pub(crate) fn write(&self, words: impl Iterator<Item = u64>) {
        for (place, word) in self.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
    }
}
