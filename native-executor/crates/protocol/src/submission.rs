//! The submission ring: one producer (the owner loop), one consumer (the dispatcher).
//!
//! # Words
//!
//! `tail` counts the records published, `head` those consumed; both only grow, and 64 bits of them
//! do not wrap within the life of a machine. `head <= tail <= head + capacity` always.
//!
//! # Access rules
//!
//! 1. Only the producer writes `tail`, only the consumer writes `head`; each reads its own word
//!    relaxed or keeps a copy.
//! 2. The producer writes the record at `tail` after an Acquire of `head` that shows it free; this
//!    pairs with the consumer's Release of `head`, so the consumer's reads of the old record are
//!    over.
//! 3. The producer publishes by a Release of `tail`, which pairs with the consumer's Acquire of
//!    `tail`: a consumer that sees the count sees the records.
//! 4. The ring never overflows: the owner accepts a call only while it keeps a record free for the
//!    cancel of every live call. A full ring is therefore a refusal that the owner makes before
//!    anything is written.
//! 5. The consumer may give memory of records back to the system, which makes it zeros, if one copy
//!    took all of these records, and before the Release of the `head` that frees them. The producer
//!    may write over a record that an earlier copy took.

use std::fmt;
use std::ops::Range;

use crate::memory::{Header, PortMemory, Ring};
use crate::record::{RECORD_BYTES, RECORD_WORDS, RINGS, Words};
use crate::sync::{Arc, Ordering};

/// How many records are copied at once: their cache misses on the other core's lines then overlap.
const BATCH: usize = 8;

/// How the consumer gives memory back while many records wait, so that a burst takes little memory
/// when it is over. In a ring that is never so full, memory is used again instead.
pub struct GiveBack {
    /// How many records are copied, and their memory given back, together: a power of two, at most
    /// the ring's capacity.
    pub chunk: u64,
    /// Nothing is given back unless more records than this wait.
    pub deep: u64,
    /// Gives back these bytes of the block, whose content is lost.
    pub discard: Box<dyn Fn(Range<usize>) + Send + Sync>,
}

impl GiveBack {
    /// Returns how many records there are from this place to the end of its chunk. Chunks lie at
    /// multiples of their size in the block, so that they are whole pages.
    fn records_left(&self, place: u64) -> u64 {
        self.chunk - (place + (RINGS / RECORD_BYTES) as u64) % self.chunk
    }
}

impl fmt::Debug for GiveBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GiveBack")
            .field("chunk", &self.chunk)
            .field("deep", &self.deep)
            .finish_non_exhaustive()
    }
}

/// The end of the ring that the dispatcher reads.
#[derive(Debug)]
pub struct SubmissionConsumer {
    memory: Arc<PortMemory>,
    give_back: Option<GiveBack>,
    /// Rule 1: a copy of `head`.
    head: u64,
    /// The last `tail` seen.
    published: u64,
    /// Copies of the records before `head` that are still to be taken, from `next` to `filled`.
    batch: Box<[Words]>,
    next: usize,
    filled: usize,
}

impl SubmissionConsumer {
    /// Makes the ring's only consumer. It continues at the block's `head`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        // Relaxed: the code that passed the block on ordered its zeroing before this.
        let head = memory
            .header(Header::SubmissionHead)
            .load(Ordering::Relaxed);
        Self {
            memory,
            give_back: None,
            head,
            published: head,
            batch: [[0; RECORD_WORDS]; BATCH].into(),
            next: 0,
            filled: 0,
        }
    }

    /// Lets the consumer give memory back (rule 5). It has taken no record yet.
    #[must_use]
    pub fn giving_back(self, give_back: GiveBack) -> Self {
        let longest = BATCH.max(give_back.chunk as usize);
        Self {
            batch: vec![[0; RECORD_WORDS]; longest].into(),
            give_back: Some(give_back),
            ..self
        }
    }

    /// Takes the next record; `None` when all published ones are taken. A record is copied, and its
    /// space given back to the producer, possibly some records earlier.
    pub fn try_next(&mut self) -> Option<&Words> {
        if self.next == self.filled && !self.refill() {
            return None;
        }
        let record = &self.batch[self.next];
        self.next += 1;
        Some(record)
    }

    /// Returns whether every record that this thread can see is taken.
    pub fn is_empty(&mut self) -> bool {
        self.next == self.filled && !self.sees_more()
    }

    fn refill(&mut self) -> bool {
        if !self.sees_more() {
            return false;
        }
        let waiting = self.published.wrapping_sub(self.head);
        if let Some(it) = &self.give_back
            && waiting > it.deep
        {
            self.refill_deep();
            return true;
        }
        self.copy((waiting as usize).min(BATCH));
        self.free();
        true
    }

    /// Copies the records up to the end of a chunk, and gives its memory back if it is whole (rule 5).
    #[cold]
    fn refill_deep(&mut self) {
        let place = self.head & (u64::from(self.memory.submission_capacity()) - 1);
        let to_the_end = u64::from(self.memory.submission_capacity()) - place;
        let waiting = self.published.wrapping_sub(self.head).min(to_the_end);
        let most = self
            .give_back
            .as_ref()
            .map_or(waiting, |it| it.records_left(place));
        self.copy(waiting.min(most) as usize);
        if let Some(it) = &self.give_back
            && self.filled as u64 == it.chunk
        {
            let from = RINGS + place as usize * RECORD_BYTES;
            (it.discard)(from..from + self.filled * RECORD_BYTES);
        }
        self.free();
    }

    /// Copies this many records from `head` on.
    #[inline]
    fn copy(&mut self, count: usize) {
        for (place, index) in self.batch[..count].iter_mut().zip(self.head..) {
            self.memory.record(Ring::Submission, index).read(place);
        }
        self.next = 0;
        self.filled = count;
    }

    /// Gives the places of the copied records back to the producer.
    #[inline]
    fn free(&mut self) {
        self.head = self.head.wrapping_add(self.filled as u64);
        // Release: pairs with the Acquire in `SubmissionProducer::free`; our reads of the records,
        // and the discard of their memory, are over.
        self.memory
            .header(Header::SubmissionHead)
            .store(self.head, Ordering::Release);
    }

    fn sees_more(&mut self) -> bool {
        if self.published == self.head {
            // Acquire: pairs with the Release in `SubmissionProducer::try_submit`; the records
            // below it are visible.
            self.published = self
                .memory
                .header(Header::SubmissionTail)
                .load(Ordering::Acquire);
        }
        self.published != self.head
    }
}

/// The end of the ring that the owner loop writes: the twin of the Java producer.
#[derive(Debug)]
pub struct SubmissionProducer {
    memory: Arc<PortMemory>,
    /// Rule 1: a copy of `tail`.
    tail: u64,
}

impl SubmissionProducer {
    /// Makes the ring's only producer. It continues at the block's `tail`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        // Relaxed: the code that passed the block on ordered its zeroing before this.
        let tail = memory
            .header(Header::SubmissionTail)
            .load(Ordering::Relaxed);
        Self { memory, tail }
    }

    /// Returns how many records can be submitted now.
    pub fn free(&self) -> u64 {
        // Acquire: pairs with the Release in `SubmissionConsumer::try_next`; those records may be
        // overwritten.
        let head = self
            .memory
            .header(Header::SubmissionHead)
            .load(Ordering::Acquire);
        u64::from(self.memory.submission_capacity()) - self.tail.wrapping_sub(head)
    }

    /// Publishes `record`, or returns `false` when the ring is full.
    #[must_use]
    pub fn try_submit(&mut self, record: &Words) -> bool {
        if self.free() == 0 {
            return false;
        }
        self.memory
            .record(Ring::Submission, self.tail)
            .write(0, record);
        self.tail = self.tail.wrapping_add(1);
        // Release: pairs with the Acquire in `SubmissionConsumer::is_empty`; the record is written.
        self.memory
            .header(Header::SubmissionTail)
            .store(self.tail, Ordering::Release);
        true
    }
}
