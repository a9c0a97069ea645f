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
//! 2. A wake is one read-modify-write, also when it changes nothing: what the waker did before is then
//!    seen by the poll that the earlier wake has asked for.
//! 3. Only the wake that finds the future IDLE publishes a POLL record. So there is at most one on its
//!    way, and none while the future is polled: what wakes it then, itself above all, is noticed by
//!    `pend`, and the owner polls again behind its other tasks.
//! 4. A record that is on its way when the future ends is still read by the owner. Until then the
//!    future's slot is not free, so that a slot has never two of them in the ring.

use crate::sync::{AtomicU64, Ordering};

const IDLE: u64 = 0;
const WOKEN: u64 = 1;
const POLLING: u64 = 2;
const ENDED: u64 = 4;

/// One loop-driven future.
#[derive(Debug)]
pub struct PollState {
    word: AtomicU64,
}

/// What a waker does.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Publishes a POLL record.
    Publish,
    /// Nothing: a poll is to come, or none will.
    Known,
}

/// What the owner does after a poll that was pending.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pend {
    /// Waits for a POLL record.
    Idle,
    /// Polls again, behind its other tasks: the future was woken meanwhile.
    Again,
}

impl PollState {
    /// A future that its owner is about to poll for the first time.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(POLLING),
        }
    }

    /// Owner: makes it the state of another future; no waker of the last one is left.
    pub fn reset(&self) {
        // Relaxed: nobody else knows of it.
        self.word.store(POLLING, Ordering::Relaxed);
    }

    /// Waker: the future may go on.
    pub fn wake(&self) -> Ask {
        // AcqRel: the Release pairs with the Acquire of the `begin` that follows, which so sees why the future was
        // woken; the Acquire with the Release in `pend`, after which the ring has room for the record.
        match self.word.fetch_or(WOKEN, Ordering::AcqRel) {
            IDLE => Ask::Publish,
            _ => Ask::Known,
        }
    }

    /// Owner: polls the future, which has not ended.
    pub fn begin(&self) {
        // Acquire: pairs with the Release in `wake`.
        self.word.swap(POLLING, Ordering::AcqRel);
    }

    /// Owner: the poll was pending.
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

    /// Owner: nobody polls the future any more; whether a POLL record is on its way.
    pub fn end(&self) -> bool {
        // Acquire: pairs with the Release in `wake`, so that what wakers did comes before the future's drop.
        self.word.swap(ENDED, Ordering::AcqRel) == WOKEN
    }
}

impl Default for PollState {
    fn default() -> Self {
        Self::new()
    }
}
