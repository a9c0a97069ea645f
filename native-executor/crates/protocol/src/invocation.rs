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
//! 2. So the invocation is over, and what is reserved for its records free, with the answer if it was
//!    not withdrawn before, else with the acknowledgement. To hand a call over, whose result is the
//!    answer, is to answer: the owner publishes nothing more about it, and a drop of the future is for the
//!    dispatcher's side alone, which frees the place when the call has ended.
//! 3. `answer` and `withdraw` compare and exchange: exactly one of them moves the word from ASKED.

use crate::sync::{AtomicU64, Ordering};

const ASKED: u64 = 0;
const WITHDRAWN: u64 = 1;
const ENDED: u64 = 2;

/// One invocation.
#[derive(Debug)]
pub struct InvocationState {
    word: AtomicU64,
}

/// What the dispatcher does with an answer.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Hands it to the future; the invocation is over.
    Deliver,
    /// Drops it; an acknowledgement follows.
    Ignore,
}

/// What the drop of the future does.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// Publishes a record for the owner.
    Publish,
    /// Nothing: the invocation has its answer.
    TooLate,
}

impl InvocationState {
    /// An invocation that the owner is being asked for.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(ASKED),
        }
    }

    /// Dispatcher: the owner answered.
    pub fn answer(&self) -> Answered {
        if self.leave_asked(ENDED) {
            Answered::Deliver
        } else {
            Answered::Ignore
        }
    }

    /// Awaiting future: nobody waits any more.
    pub fn withdraw(&self) -> Withdrawn {
        if self.leave_asked(WITHDRAWN) {
            Withdrawn::Publish
        } else {
            Withdrawn::TooLate
        }
    }

    /// Dispatcher: the owner knows of the withdrawal; `false` if there was none.
    #[must_use]
    pub fn acknowledge(&self) -> bool {
        // AcqRel: what the withdrawing thread did comes before the invocation's place is used again.
        let exchanged =
            self.word
                .compare_exchange(WITHDRAWN, ENDED, Ordering::AcqRel, Ordering::Relaxed);
        exchanged.is_ok()
    }

    fn leave_asked(&self, to: u64) -> bool {
        // AcqRel on success: whichever side comes second sees what the first did before it. Relaxed
        // on failure: the caller touches nothing then.
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
