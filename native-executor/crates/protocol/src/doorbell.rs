//! The doorbell: how the dispatcher sleeps without missing a submission.
//!
//! # Participants and states
//!
//! The dispatcher parks, unparks and closes; the owner loop rings at the end of a turn in which it
//! submitted.
//!
//! ```text
//!            park()                     ring(): the ringer makes the downcall
//!   AWAKE ───────────▶ PARKED ───────────▶ AWAKE
//!     ▲                  │ unpark(): the re-check found a record
//!     └──────────────────┘
//!   close() adds CLOSED to either; CLOSED never goes away
//! ```
//!
//! # Access rules
//!
//! 1. The word changes by read-modify-write only. So of a park and a ring that race one comes
//!    first: either the ringer finds PARKED and makes the downcall, or the dispatcher's re-check
//!    sees the submission, because the ring's Release pairs with the park's Acquire.
//! 2. The dispatcher re-checks the submission ring after every `park` and before it sleeps. If the
//!    ring has records it calls `unpark` and goes on.
//! 3. The ringer submits first and rings afterwards. One ring covers all it submitted before.
//! 4. The dispatcher's end is `close`, then one last drain of the submission ring. A record whose
//!    ring found the doorbell open is in that drain or was read before it. One whose ring found it
//!    CLOSED may stay in the submission ring for ever: then no code on the native side knows of the
//!    call, no record about it will come, and the owner settles it and takes back what it lent when
//!    the wake word is CLOSED. Such calls are the records between the ring's head and its tail.

use crate::memory::{Header, PortMemory};
use crate::record::{DOORBELL_CLOSED, DOORBELL_PARKED};
use crate::sync::{Arc, AtomicU64, Ordering};

/// The doorbell word of one port.
#[derive(Clone, Debug)]
pub struct Doorbell {
    memory: Arc<PortMemory>,
}

/// The result of [`Doorbell::park`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Park {
    /// Re-check the submission ring, then sleep until the downcall or [`Doorbell::unpark`].
    Parked,
    /// The doorbell is closed; there is nothing to sleep for. The last drain is due.
    Closed,
}

/// The result of [`Doorbell::unpark`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpark {
    /// The owner did not ring in between.
    Quiet,
    /// The owner rang in between: a downcall is on its way and will find the dispatcher awake.
    Rung,
}

/// The next action of the owner loop after [`Doorbell::ring`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// The dispatcher sleeps: make the one downcall that wakes it.
    Downcall,
    /// The dispatcher is awake and will see the submissions.
    Awake,
    /// The dispatcher has ended, rule 4.
    Closed,
}

/// The result of [`Doorbell::close`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// This call closed it: drain the submission ring once more.
    First,
    /// It was closed before.
    Again,
}

impl Doorbell {
    /// Makes the access to the doorbell of `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Dispatcher: announces sleep. The caller re-checks its ring next (rule 2).
    pub fn park(&self) -> Park {
        // Acquire: pairs with the Release of a ring that came before, rule 1.
        let before = self.word().fetch_or(DOORBELL_PARKED, Ordering::Acquire);
        if before & DOORBELL_CLOSED != 0 {
            Park::Closed
        } else {
            Park::Parked
        }
    }

    /// Dispatcher: clears PARKED, because the re-check found a record or because the dispatcher was
    /// woken.
    pub fn unpark(&self) -> Unpark {
        // Relaxed: nothing is read because of it; the next park acquires what was rung.
        let before = self.word().fetch_and(!DOORBELL_PARKED, Ordering::Relaxed);
        if before & DOORBELL_PARKED != 0 {
            Unpark::Quiet
        } else {
            Unpark::Rung
        }
    }

    /// Owner loop: makes sure that the dispatcher sees what was submitted before.
    pub fn ring(&self) -> Ring {
        // Release: pairs with the Acquire of a park or close that comes later, rules 1 and 4.
        let before = self.word().fetch_and(!DOORBELL_PARKED, Ordering::Release);
        if before & DOORBELL_CLOSED != 0 {
            Ring::Closed
        } else if before & DOORBELL_PARKED != 0 {
            Ring::Downcall
        } else {
            Ring::Awake
        }
    }

    /// Dispatcher: closes the doorbell; a submission published later may not be seen (rule 4).
    pub fn close(&self) -> Close {
        // Acquire: pairs with the Release of every ring that found the doorbell open, so that the
        // last drain sees what they cover.
        let before = self.word().fetch_or(DOORBELL_CLOSED, Ordering::Acquire);
        if before & DOORBELL_CLOSED != 0 {
            Close::Again
        } else {
            Close::First
        }
    }

    fn word(&self) -> &AtomicU64 {
        self.memory.header(Header::Doorbell)
    }
}
