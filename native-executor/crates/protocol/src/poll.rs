//! The state of one loop-driven future: wakes against polls and its end.
//!
//! # Participants and states
//!
//! The owner loop polls and ends the future. Wakers, on any thread, ask for a poll.
//!
//! ```text
//!               wake: Publish           begin
//!   IDLE ──────────────────────▶ WOKEN ───────▶ POLLING ◀─┐
//!    ▲                                          │  │ wake │ begin
//!    │                   pend: Idle             │  ▼      │
//!    └──────────────────────────────────────────┘ POLLING and WOKEN
//!                                                   pend: Again
//! ```
//!
//! `end` leads from each of them to ENDED, which nothing leaves.
//!
//! # Access rules
//!
//! 1. The owner alone polls: it moves the word to POLLING and away from it, and to ENDED.
//! 2. A wake is one read-modify-write, also when it changes nothing: the poll that an earlier wake
//!    has requested then sees what this waker's thread did before.
//! 3. Only the wake that finds the future IDLE publishes a POLL record. So there is at most one in
//!    the ring, and none while the future is polled: `pend` finds a wake that comes then, such as by
//!    the future itself, and the owner polls again behind its other tasks.
//! 4. A record that is in the ring when the future ends is still read by the owner. Until then the
//!    future's slot is not free, so that the ring never has two POLL records of one slot.

use crate::sync::{AtomicU64, Ordering};

const IDLE: u64 = 0;
const WOKEN: u64 = 1;
const POLLING: u64 = 2;
const ENDED: u64 = 4;

/// The state of one loop-driven future.
#[derive(Debug)]
pub struct PollState {
    word: AtomicU64,
}

/// The next action of a waker.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Publishes a POLL record.
    Publish,
    /// Nothing: a poll will come, or the future has ended.
    Known,
}

/// The next action of the owner after a poll that was pending.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pend {
    /// Waits for a POLL record.
    Idle,
    /// Polls again, behind its other tasks: the future was woken meanwhile.
    Again,
}

impl PollState {
    /// Makes the state of a future that its owner is about to poll for the first time.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(POLLING),
        }
    }

    /// Owner: makes this the state of another future; no waker of the last one is left.
    pub fn reset(&self) {
        // Relaxed: no other thread has a reference to it.
        self.word.store(POLLING, Ordering::Relaxed);
    }

    /// Waker: requests a poll.
    pub fn wake(&self) -> Ask {
        // AcqRel: the Release pairs with the Acquire of the `begin` that follows, which so sees
        // what the waker did; the Acquire with the Release in `pend`, after which the ring has room
        // for the record.
        match self.word.fetch_or(WOKEN, Ordering::AcqRel) {
            IDLE => Ask::Publish,
            _ => Ask::Known,
        }
    }

    /// Owner: begins a poll of the future, which has not ended.
    pub fn begin(&self) {
        // Acquire: pairs with the Release in `wake`.
        self.word.swap(POLLING, Ordering::AcqRel);
    }

    /// Owner: ends a poll that was pending.
    pub fn pend(&self) -> Pend {
        // Release on success: pairs with the Acquire in `wake`. Relaxed on failure: `begin` acquires.
        let exchanged =
            self.word
                .compare_exchange(POLLING, IDLE, Ordering::Release, Ordering::Relaxed);
        match exchanged {
            Ok(_) => Pend::Idle,
            Err(_) => Pend::Again,
        }
    }

    /// Owner: ends the future, which is not polled any more. Returns whether a POLL record is in
    /// the ring.
    pub fn end(&self) -> bool {
        // Acquire: pairs with the Release in `wake`, so that what wakers did comes before the
        // future's drop.
        self.word.swap(ENDED, Ordering::AcqRel) == WOKEN
    }
}

impl Default for PollState {
    fn default() -> Self {
        Self::new()
    }
}
