//! The state of one call slot on the native side: completion against cancellation, across
//! generations.
//!
//! # Participants and states
//!
//! The dispatcher begins and cancels, in the order of the submission ring. The thread that ends the
//! call (any worker, or the one that drops its task) finishes it, exactly once per begin, because
//! it consumes the call's guard; the dispatcher itself by `finish_own` if the call is ready at its
//! first poll and never becomes a task.
//!
//! ```text
//!            begin(g)              finish(g): Deliver
//!   EMPTY ────────────▶ RUNNING g ────────────────────▶ EMPTY g
//!                          │ cancel(g): Abort
//!                          ▼             finish(g): Discard
//!                     CANCELLED g ────────────────────▶ EMPTY g
//! ```
//!
//! # Access rules
//!
//! 1. State and generation are one word, so that no transition can take one call for another.
//! 2. Only the dispatcher calls `begin` and `cancel`. The owner uses a slot again after it read the
//!    outcome, which is published after `finish`: a `begin` therefore finds the slot EMPTY, and one
//!    that does not is refused.
//! 3. `cancel` compares and exchanges. If it comes before `finish`, the dispatcher aborts the task
//!    and whatever it still produces is discarded. If `finish` comes first, the outcome is delivered
//!    and the cancel does nothing. `finish` exchanges: while the guard exists no other thread moves
//!    the word to EMPTY or to another generation. Without the guard, a thread that does not know
//!    whether the call has ended calls `finish_unguarded`, which compares.
//! 4. The thread that calls `finish` then publishes exactly one outcome: its own on
//!    [`Finish::Deliver`], CANCELLED on [`Finish::Discard`], and none on [`Finish::Stale`].
//!
//! A generation that wraps can confuse two calls only if a cancel outlives 2^`GENERATION_BITS` uses
//! of its slot; the ring's order excludes that, because the cancel of a call precedes the next use
//! of its slot.

use crate::sync::{AtomicU64, Ordering};

const EMPTY: u64 = 0;
const RUNNING: u64 = 1;
const CANCELLED: u64 = 2;
const STATE_BITS: u32 = 2;

/// One call slot. `GENERATION_BITS` (1 to 32) is smaller than 32 in models only; a generation is
/// taken modulo its width.
///
/// Zeroed memory is an array of empty slots.
#[derive(Debug)]
#[repr(transparent)]
pub struct CallState<const GENERATION_BITS: u32 = 32> {
    word: AtomicU64,
}

/// The result of [`CallState::begin`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The call runs; `finish` has to follow.
    Begun,
    /// The slot has a call that is not finished: the submission is refused, the running call is
    /// untouched.
    Busy,
}

/// The next action of the dispatcher after [`CallState::cancel`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// The call was running and will not deliver: abort its task.
    Abort,
    /// The call is finished, cancelled already, or not the slot's call: nothing to do.
    Stale,
}

/// The record that the finisher publishes after [`CallState::finish`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Its own outcome.
    Deliver,
    /// CANCELLED; its own outcome is dropped.
    Discard,
    /// Nothing: the call was finished before. Only `finish_unguarded` can see this.
    Stale,
}

impl<const GENERATION_BITS: u32> CallState<GENERATION_BITS> {
    const MASK: u64 = {
        assert!(GENERATION_BITS >= 1 && GENERATION_BITS <= 32);
        (1 << GENERATION_BITS) - 1
    };

    /// Makes an empty slot.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(EMPTY),
        }
    }

    /// Dispatcher: begins the call `generation` of this slot.
    pub fn begin(&self, generation: u32) -> Begin {
        // Acquire: pairs with the Release in `finish`, so that what the last call did to the slot
        // is over. A load and a store suffice: no other thread moves the word away from EMPTY (rule
        // 2).
        if self.word.load(Ordering::Acquire) & ((1 << STATE_BITS) - 1) != EMPTY {
            return Begin::Busy;
        }
        // Release: pairs with the Acquire in `finish`; what the dispatcher did to the slot is seen.
        self.word
            .store(Self::word(RUNNING, generation), Ordering::Release);
        Begin::Begun
    }

    /// Dispatcher: cancels the call `generation`, whose outcome the owner will not read.
    pub fn cancel(&self, generation: u32) -> Cancel {
        // Release on success: pairs with the Acquire in `finish`. Relaxed on failure: the caller
        // does nothing then.
        let exchanged = self.word.compare_exchange(
            Self::word(RUNNING, generation),
            Self::word(CANCELLED, generation), // seed M5
            Ordering::Release,
            Ordering::Relaxed,
        );
        // On success the dispatcher aborts the task; the finisher still publishes the outcome.
        // seed M33
        match exchanged {
            Ok(_) => Cancel::Abort,
            Err(_) => Cancel::Stale,
        }
    }

    /// Returns whether the call `generation` is cancelled and not finished; for work that checks
    /// from time to time whether it may stop.
    pub fn is_cancelled(&self, generation: u32) -> bool {
        // Relaxed: a hint; no memory is read because of it.
        self.word.load(Ordering::Relaxed) == Self::word(CANCELLED, generation)
    }

    /// Returns whether the slot has no call; for counting calls.
    pub fn is_empty(&self) -> bool {
        // Relaxed: no other memory is read because of it.
        self.word.load(Ordering::Relaxed) & ((1 << STATE_BITS) - 1) == EMPTY
    }

    /// Finisher: ends the call `generation`. Only the thread that consumes the call's guard calls
    /// this (rule 3).
    pub fn finish(&self, generation: u32) -> Finish {
        // AcqRel: the Acquire pairs with the Release in `begin` and `cancel`, the Release with the
        // Acquire in the slot's next `begin`.
        let before = self
            .word
            .swap(Self::word(EMPTY, generation), Ordering::AcqRel);
        if before == Self::word(RUNNING, generation) {
            Finish::Deliver
        } else if before == Self::word(CANCELLED, generation) {
            Finish::Discard
        } else {
            Finish::Stale
        }
    }

    /// Ends the call `generation` if it has not ended; for a thread without the call's guard. The
    /// guard is gone, or finishes no more.
    pub fn finish_unguarded(&self, generation: u32) -> Finish {
        if self.leave(RUNNING, generation) {
            Finish::Deliver
        } else if self.leave(CANCELLED, generation) {
            // No third try: a call that left RUNNING while it was not finished is CANCELLED, and
            // only a finisher leaves that.
            Finish::Discard
        } else {
            Finish::Stale
        }
    }

    /// Dispatcher: ends the call `generation`, which it began and passed to no other thread. The
    /// caller publishes its own outcome.
    pub fn finish_own(&self, generation: u32) {
        // Release: pairs with the Acquire in `begin`. A store suffices: no other thread changes the
        // word of this call, and the dispatcher did not cancel it meanwhile.
        self.word
            .store(Self::word(EMPTY, generation), Ordering::Release);
    }

    /// Empties the slot if it is in `state` of `generation`.
    fn leave(&self, state: u64, generation: u32) -> bool {
        // AcqRel on success: the Acquire pairs with the Release in `begin` and `cancel`, the
        // Release with the Acquire in the slot's next `begin`. Relaxed on failure: the caller does
        // not use the slot then.
        let exchanged = self.word.compare_exchange(
            Self::word(state, generation),
            Self::word(EMPTY, generation),
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        exchanged.is_ok()
    }

    fn word(state: u64, generation: u32) -> u64 {
        (u64::from(generation) & Self::MASK) << STATE_BITS | state
    }
}

impl<const GENERATION_BITS: u32> Default for CallState<GENERATION_BITS> {
    fn default() -> Self {
        Self::new()
    }
}
