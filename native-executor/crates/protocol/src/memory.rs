//! The block of memory that the two halves of a port share, as words. The only module with `unsafe`.
//!
//! # Participants
//!
//! The owner loop (Java) and the native threads of one port. The code that makes a [`PortMemory`]
//! of the block passes a keeper, which keeps the block valid on the native side; that code also has
//! to keep the block valid for Java.
//!
//! # Access rules
//!
//! 1. Header words are accessed through `PortMemory::header` alone, by the modules they belong to:
//!    `submission` has the two counts of its ring, `completion` its count, `doorbell` and `wake` one
//!    word each.
//! 2. A submission record is written by the owner loop between reading a head that frees it
//!    (Acquire) and the tail that publishes it (Release), and read by the dispatcher, which may then
//!    give its memory back, between that tail (Acquire) and that head (Release).
//! 3. Words 1..8 of a completion record are written by the thread that claimed its index, before it
//!    publishes word 0 (Release), and read by the owner loop after it saw word 0 (Acquire).
//! 4. The words of a cell are accessed in the order that the module `cells` states.
//! 5. The direct record is accessed by the owner loop's thread alone, in either language.
//! 6. So no payload word is ever accessed by two threads without an order between them, and its
//!    accesses are relaxed. They are atomic all the same: the other side is another language, and a
//!    defect there must not become undefined behaviour here.
//!
//! Under loom rule 6 is checked, not assumed: there a payload word is a tracked cell, and any two
//! accesses that happens-before does not order fail the model. Relaxed atomics would show less:
//! loom never lets a load see a store that comes later in the interleaving, as hardware may.
//!
//! Under shuttle a payload word is a plain cell. Shuttle may switch threads between the first and
//! the last word of a record, and tracking each word would make its schedules longer.

#[cfg(not(any(loom, shuttle)))]
mod raw;
#[cfg(any(loom, shuttle))]
mod tracked;

use std::fmt;

#[cfg(not(any(loom, shuttle)))]
use crate::record::CELL_BYTES;
use crate::record::{RECORD_BYTES, RINGS, Words};
use crate::sync::AtomicU64;
#[cfg(not(any(loom, shuttle)))]
use raw::{Block, CellRef, RecordRef};
#[cfg(any(loom, shuttle))]
use tracked::{Block, CellRef, RecordRef};

/// The header's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    SubmissionTail,
    SubmissionHead,
    Doorbell,
    CompletionTail,
    Wake,
}

/// One of the two rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ring {
    Submission,
    Completion,
}

/// A port's block: header, submission ring, completion ring, cells.
///
/// `Send + Sync`: every access is by an atomic word. Dropping it frees memory only if it came from
/// [`allocate`](PortMemory::allocate); else it drops the keeper that [`from_raw`](PortMemory::from_raw)
/// was given.
pub struct PortMemory {
    block: Block,
    /// Dropped with the value, and not used otherwise.
    _keeper: Option<Box<dyn Send + Sync>>,
    submission_capacity: u32,
    completion_capacity: u32,
    cells: u32,
}

impl PortMemory {
    /// Returns the bytes of a block with rings of these capacities (in records).
    pub const fn required_bytes(submission_capacity: u32, completion_capacity: u32) -> u64 {
        RINGS as u64
            + (submission_capacity as u64 + completion_capacity as u64) * RECORD_BYTES as u64
    }

    /// Makes a view of memory that `keeper` keeps valid; the keeper is dropped with the view. The
    /// block must be zeroed before either side's first use of it. It has as many cells as fit behind
    /// the rings.
    ///
    /// # Errors
    ///
    /// A [`LayoutError`] when the pointer is null or unaligned, when a capacity is no power of two,
    /// or when `bytes` are too few.
    ///
    /// # Safety
    ///
    /// If `ptr` is not null, `ptr..ptr + bytes` is memory that stays valid for reads and writes
    /// while `keeper` lives, and that no code accesses meanwhile other than by whole aligned words
    /// as the rules of this module allow.
    #[cfg(not(any(loom, shuttle)))]
    pub unsafe fn from_raw(
        ptr: *mut u8,
        bytes: usize,
        submission_capacity: u32,
        completion_capacity: u32,
        keeper: impl Send + Sync + 'static,
    ) -> Result<Self, LayoutError> {
        check_capacities(submission_capacity, completion_capacity)?;
        let Some(base) = std::ptr::NonNull::new(ptr.cast::<AtomicU64>()) else {
            return Err(LayoutError::Null);
        };
        if !base.is_aligned() {
            return Err(LayoutError::Unaligned {
                address: ptr.addr(),
                alignment: align_of::<AtomicU64>(),
            });
        }
        let expected = Self::required_bytes(submission_capacity, completion_capacity);
        if (bytes as u64) < expected {
            return Err(LayoutError::TooSmall {
                given: bytes as u64,
                expected,
            });
        }
        let cells = (bytes as u64 - expected) / CELL_BYTES as u64;
        Ok(Self {
            block: Block {
                base,
                owned_lines: 0,
            },
            _keeper: Some(Box::new(keeper)),
            submission_capacity,
            completion_capacity,
            cells: cells.min(u64::from(u32::MAX)) as u32,
        })
    }

    /// Makes a zeroed block that owns its memory and has no cells, for models and tests.
    ///
    /// # Errors
    ///
    /// [`LayoutError::Capacity`] when a capacity is no power of two.
    pub fn allocate(
        submission_capacity: u32,
        completion_capacity: u32,
    ) -> Result<Self, LayoutError> {
        Self::allocate_with_cells(submission_capacity, completion_capacity, 0)
    }

    /// Makes a zeroed block that owns its memory and has this many cells, for models and tests.
    ///
    /// # Errors
    ///
    /// [`LayoutError::Capacity`] when a capacity is no power of two.
    pub fn allocate_with_cells(
        submission_capacity: u32,
        completion_capacity: u32,
        cells: u32,
    ) -> Result<Self, LayoutError> {
        check_capacities(submission_capacity, completion_capacity)?;
        let block = Block::zeroed(submission_capacity, completion_capacity, cells);
        Ok(Self {
            block,
            _keeper: None,
            submission_capacity,
            completion_capacity,
            cells,
        })
    }

    /// Makes the records in these bytes of the block zeros, as giving their memory back does; for
    /// models.
    #[cfg(any(loom, shuttle))]
    pub fn discard(&self, bytes: std::ops::Range<usize>) {
        for place in (bytes.start - RINGS) / RECORD_BYTES..(bytes.end - RINGS) / RECORD_BYTES {
            self.block.record(place as u64).write(0, &[0; 8]);
        }
    }

    /// Returns how many records the submission ring holds.
    pub const fn submission_capacity(&self) -> u32 {
        self.submission_capacity
    }

    /// Returns how many records the completion ring holds.
    pub const fn completion_capacity(&self) -> u32 {
        self.completion_capacity
    }

    /// Returns a header word (rule 1).
    pub(crate) fn header(&self, word: Header) -> &AtomicU64 {
        self.block.header(word)
    }

    /// Returns the direct record (rule 5).
    pub(crate) fn direct(&self) -> RecordRef<'_> {
        self.block.direct()
    }

    /// Returns a slot's cell (rule 4), if the block has so many.
    pub(crate) fn cell(&self, slot: u32) -> Option<CellRef<'_>> {
        let records = u64::from(self.submission_capacity) + u64::from(self.completion_capacity);
        (slot < self.cells).then(|| self.block.cell(records, slot))
    }

    /// Returns the record at `count` modulo the ring's capacity, so that no count reaches outside
    /// the block.
    pub(crate) fn record(&self, ring: Ring, count: u64) -> RecordRef<'_> {
        let (first, capacity) = match ring {
            Ring::Submission => (0, self.submission_capacity),
            Ring::Completion => (
                u64::from(self.submission_capacity),
                self.completion_capacity,
            ),
        };
        self.block
            .record(first + (count & (u64::from(capacity) - 1)))
    }
}

impl fmt::Debug for PortMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortMemory")
            .field("submission_capacity", &self.submission_capacity)
            .field("completion_capacity", &self.completion_capacity)
            .finish_non_exhaustive()
    }
}

/// Why memory cannot be a port's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// The address is null.
    Null,
    /// The address is no multiple of a word.
    Unaligned {
        /// The address given.
        address: usize,
        /// The number of which it must be a multiple.
        alignment: usize,
    },
    /// A ring's capacity is no power of two.
    Capacity {
        /// The capacity of the submission ring given.
        submission: u32,
        /// The capacity of the completion ring given.
        completion: u32,
    },
    /// Too few bytes for the two rings.
    TooSmall {
        /// The bytes given.
        given: u64,
        /// The bytes that the capacities need.
        expected: u64,
    },
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "a port's memory is null"),
            Self::Unaligned { alignment, .. } => {
                write!(
                    f,
                    "a port's memory begins at no multiple of {alignment} bytes"
                )
            }
            Self::Capacity {
                submission,
                completion,
            } => {
                write!(
                    f,
                    "rings of {submission} and {completion} records, expected powers of two"
                )
            }
            Self::TooSmall { given, expected } => {
                write!(
                    f,
                    "a port's memory of {given} bytes, expected at least {expected}"
                )
            }
        }
    }
}

impl std::error::Error for LayoutError {}

/// Returns a record's bytes.
pub(crate) fn bytes_of(words: &Words) -> &[u8; RECORD_BYTES] {
    // SAFETY: the same memory, as a type of the same size that any bits are a value of and that asks for less alignment.
    unsafe { &*std::ptr::from_ref(words).cast() }
}

/// Returns the bytes of any words.
pub(crate) fn bytes_of_words(words: &[u64]) -> &[u8] {
    // SAFETY: the same memory, as bytes: any bits are values of them, and they ask for no alignment.
    unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), size_of_val(words)) }
}

fn check_capacities(submission: u32, completion: u32) -> Result<(), LayoutError> {
    if submission.is_power_of_two() && completion.is_power_of_two() {
        Ok(())
    } else {
        Err(LayoutError::Capacity {
            submission,
            completion,
        })
    }
}
