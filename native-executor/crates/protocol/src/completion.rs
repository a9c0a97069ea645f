//! The completion ring: many producers (native threads), one consumer (the drain on the owner
//! loop).
//!
//! # Words
//!
//! `tail` counts the places claimed. Word 0 of a record is its sequence: the record claimed as
//! number `i` is ready when its word 0 is `i + 1`. The consumer's own count, `head`, is not in the
//! block.
//!
//! # Access rules
//!
//! 1. A producer claims number `i` by adding 1 to `tail` (AcqRel), writes words 1..8 of the record
//!    at `i` modulo the capacity, then word 0 := `i + 1` (Release). It never waits: not for the
//!    consumer, nor for other producers.
//! 2. The consumer at `head` reads word 0 (Acquire, pairs with that Release). If it is `head + 1`
//!    the record is ready. If not, the record is unclaimed or being written, and the thread that
//!    publishes it schedules a drain afterwards.
//! 3. The ring never overflows. A call has at most two records on their way (its outcome, or the
//!    POLL of a loop-driven one, and RELEASED), its slot is free again only when the consumer has
//!    read both, and the capacity is at least twice the number of slots.
//! 4. So a producer may overwrite the record at `i + capacity` without looking whether record `i`
//!    was read: of any `capacity` claims after claim `i`, at least one belongs to a call that the
//!    owner submitted after it read record `i`. That claim happens after the read (read,
//!    submission's Release, dispatcher's Acquire, claim), and so does every later claim, because
//!    each claim acquires what the claims before it released. A claim that is less than AcqRel
//!    breaks this chain.

use crate::memory::{Header, PortMemory, Ring};
use crate::record::{RECORD_WORDS, Words};
use crate::sync::{Arc, Ordering};

/// How far ahead of a record the place of a later one is fetched. The owner's core had that cache
/// line last, and a thread that waits for it pays more than for all else that publishing does.
const PREFETCHED: u64 = 6;

/// The end of the ring that native threads write; any number of clones on any threads.
#[derive(Clone, Debug)]
pub struct CompletionProducer {
    memory: Arc<PortMemory>,
}

impl CompletionProducer {
    /// Makes a producer of `memory`'s completion ring.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Publishes `records` one after another. Their words 0 are ignored, since the ring's sequence
    /// is written there. Wait-free.
    ///
    /// The caller has the right to each record (rule 3), and calls
    /// [`WakeWord::schedule`](crate::WakeWord::schedule) next.
    pub fn publish(&self, records: &[Words]) {
        // AcqRel: rule 4. It pairs with the other producers' claims.
        let claimed = self
            .memory
            .header(Header::CompletionTail)
            .fetch_add(records.len() as u64, Ordering::AcqRel); // seed M28
        // seed M27
        for (index, record) in (claimed..).zip(records) {
            let place = self.memory.record(Ring::Completion, index);
            self.memory
                .record(Ring::Completion, index.wrapping_add(PREFETCHED))
                .prefetch();
            place.write(1, record); // seed M8
            // Release: pairs with the Acquire in `CompletionConsumer::is_empty`; words 1..8 are
            // written.
            place
                .sequence()
                .store(index.wrapping_add(1), Ordering::Release);
        }
    }
}

/// The end of the ring that the drain reads: the twin of the Java consumer.
#[derive(Debug)]
pub struct CompletionConsumer {
    memory: Arc<PortMemory>,
    head: u64,
}

impl CompletionConsumer {
    /// Makes the ring's only consumer. Nothing may have been published in `memory` before.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory, head: 0 }
    }

    /// Takes the next record if it is ready.
    pub fn try_next(&mut self) -> Option<Words> {
        if self.is_empty() {
            return None;
        }
        let mut words = [0; RECORD_WORDS];
        let record = self.memory.record(Ring::Completion, self.head);
        record.read(&mut words);
        self.head = self.head.wrapping_add(1);
        words[0] = self.head;
        Some(words)
    }

    /// Returns whether the next record is not ready. A record that is claimed but not published
    /// counts as absent.
    pub fn is_empty(&self) -> bool {
        let record = self.memory.record(Ring::Completion, self.head);
        // Acquire: pairs with the Release in `CompletionProducer::publish`; the record's other
        // words are visible.
        record.sequence().load(Ordering::Acquire) != self.head.wrapping_add(1)
    }
}
