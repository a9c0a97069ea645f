//! The state of one invocation of a Java handler: its answer against its withdrawal.
//!
//! # Participants and states
//!
//! The dispatcher reads what the owner loop publishes about the invocation. The awaiting future, dropped on
//! any thread, withdraws it.
//!
//! ```text
//!            answer: Deliver
//!   ASKED ───────────────────▶ ENDED
//!     │ withdraw: Publish         ▲
//!     ▼              acknowledge  │
//!   WITHDRAWN ────────────────────┘
//!     answer: Ignore
//! ```
//!
//! # Access rules
//!
//! 1. The owner answers an invocation at most once, and acknowledges each withdrawal record.
//!    It publishes nothing about an invocation after it acknowledged its withdrawal.
//! 2. So the invocation is over, and the space reserved for its records is free, with the answer if
//!    it was not withdrawn before, else with the acknowledgement. A relay (a call whose result is the
//!    answer) counts as the answer: the owner publishes nothing more about the invocation. If the
//!    future is dropped after that, only the dispatcher's side handles it, which frees the place when
//!    the call has ended.
//! 3. `answer` and `withdraw` compare and exchange: exactly one of them moves the word from ASKED.

use crate::sync::{AtomicU64, Ordering};

const ASKED: u64 = 0;
const WITHDRAWN: u64 = 1;
const ENDED: u64 = 2;

/// The state of one invocation.
#[derive(Debug)]
pub struct InvocationState {
    word: AtomicU64,
}

/// The action of the dispatcher on an answer.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Passes it to the future; the invocation is over.
    Deliver,
    /// Drops it; an acknowledgement follows.
    Ignore,
}

/// The action of the drop of the future.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// Publishes a withdrawal record for the owner.
    Publish,
    /// Nothing: the invocation has its answer.
    TooLate,
}

impl InvocationState {
    /// Makes the state of an invocation that is about to be requested.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(ASKED),
        }
    }

    /// Dispatcher: takes the owner's answer.
    pub fn answer(&self) -> Answered {
        if self.leave_asked(ENDED) {
            Answered::Deliver
        } else {
            Answered::Ignore
        }
    }

    /// Awaiting future: withdraws the invocation, since the future is dropped.
    pub fn withdraw(&self) -> Withdrawn {
        if self.leave_asked(WITHDRAWN) {
            Withdrawn::Publish
        } else {
            Withdrawn::TooLate
        }
    }

    /// Dispatcher: takes the owner's acknowledgement; `false` if there was no withdrawal.
    #[must_use]
    pub fn acknowledge(&self) -> bool {
        // AcqRel: what the withdrawing thread did comes before the invocation's place is used again.
        let exchanged =
            self.word
                .compare_exchange(WITHDRAWN, ENDED, Ordering::AcqRel, Ordering::Relaxed);
        exchanged.is_ok()
    }

    fn leave_asked(&self, to: u64) -> bool {
        // AcqRel on success: the side that comes second sees what the first did before it. Relaxed
        // on failure: the caller reads and writes nothing then.
        let exchanged = self
            .word
            .compare_exchange(ASKED, to, Ordering::AcqRel, Ordering::Relaxed);
        exchanged.is_ok()
    }
}

impl Default for InvocationState {
    fn default() -> Self {
        Self::new()
    }
}
