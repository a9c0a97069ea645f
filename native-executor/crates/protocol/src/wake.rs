//! The wake word: at most one drain per port is scheduled, and no outcome waits for ever.
//!
//! # Participants and states
//!
//! Any native thread that published a completion record schedules; the drain, on the owner loop,
//! goes idle and may reschedule itself; the end of the native half closes.
//!
//! ```text
//!          schedule(): Upcall                 idle(), then re-check of the ring
//!   IDLE ─────────────────────▶ SCHEDULED ─────────────────────▶ IDLE
//!     ▲  reschedule(): Drain        │  ▲ schedule(): Coalesced
//!     └───────────▶ SCHEDULED       └──┘
//!   close() adds CLOSED and SCHEDULED at once; CLOSED never goes away
//! ```
//!
//! SCHEDULED means that a drain is queued on the owner loop, running, or about to be queued by the
//! thread that set it. A drain that has used up its turn queues itself again and leaves SCHEDULED
//! set.
//!
//! # Access rules
//!
//! 1. The word changes by read-modify-write only, on the fast path too: a plain load could miss the
//!    drain's `idle`. All are AcqRel, so of a schedule and an idle that race one comes first:
//!    either the producer finds the word IDLE and makes the upcall, or the drain's re-check sees
//!    the record (the schedule's Release pairs with the idle's Acquire).
//! 2. A producer publishes its record first and schedules afterwards.
//! 3. The drain re-checks the completion ring after every `idle`. If a record is ready it calls
//!    `reschedule`; on [`Reschedule::Drain`] it goes on, on [`Reschedule::Leave`] it ends, because
//!    the thread that set SCHEDULED meanwhile makes an upcall.
//! 4. `close` comes after the last record that a call can still produce. A drain that learns of
//!    CLOSED (from `idle`) looks at the ring once more, and only when it finds it empty after that
//!    has seen everything: what is left in the owner's table will never settle and is settled by
//!    the owner. Looking first and at CLOSED second would lose the records published in between.

use crate::memory::{Header, PortMemory};
use crate::record::{WAKE_CLOSED, WAKE_SCHEDULED};
use crate::sync::{Arc, Ordering};

/// The wake word of one port.
#[derive(Clone, Debug)]
pub struct WakeWord {
    memory: Arc<PortMemory>,
}

/// What a thread does after [`WakeWord::schedule`] or [`WakeWord::close`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// This thread set SCHEDULED: it makes the one upcall that puts a drain on the owner loop.
    Upcall,
    /// A drain is on its way and will see the record.
    Coalesced,
}

/// What the drain learns from [`WakeWord::idle`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Re-check the ring, rule 3.
    Open,
    /// Re-check the ring, and when it is empty settle what is left, rule 4.
    Closed,
}

/// What the drain does after [`WakeWord::reschedule`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reschedule {
    /// The drain owns SCHEDULED again and goes on.
    Drain,
    /// Another thread set SCHEDULED and makes the upcall; this drain ends.
    Leave,
}

impl WakeWord {
    /// The wake word of `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Producer: makes sure that what it published before will be drained.
    pub fn schedule(&self) -> Wake {
        self.set(WAKE_SCHEDULED)
    }

    /// Drain: ends its turn, the ring having looked empty. The caller re-checks the ring next.
    pub fn idle(&self) -> Idle {
        // AcqRel: the Acquire pairs with the Release of a coalesced schedule, so that the re-check
        // sees its record.
        let before = self
            .memory
            .header(Header::Wake)
            .fetch_and(!WAKE_SCHEDULED, Ordering::AcqRel);
        if before & WAKE_CLOSED != 0 {
            Idle::Closed
        } else {
            Idle::Open
        }
    }

    /// Drain: the re-check found a record; who drains it?
    pub fn reschedule(&self) -> Reschedule {
        match self.set(WAKE_SCHEDULED) {
            Wake::Upcall => Reschedule::Drain,
            Wake::Coalesced => Reschedule::Leave,
        }
    }

    /// End of the native half, after its last record. The drain that follows learns of it.
    pub fn close(&self) -> Wake {
        self.set(WAKE_CLOSED | WAKE_SCHEDULED)
    }

    /// Whether [`close`](Self::close) was called.
    pub fn is_closed(&self) -> bool {
        // Acquire: pairs with the Release in `close`; every record published before it is visible.
        self.memory.header(Header::Wake).load(Ordering::Acquire) & WAKE_CLOSED != 0
    }

    fn set(&self, bits: u64) -> Wake {
        // AcqRel: the Release pairs with the Acquire of the next `idle`, rule 1; the Acquire keeps
        // the chain of a close whole, so that it releases what the schedulers before it published.
        let before = self
            .memory
            .header(Header::Wake)
            .fetch_or(bits, Ordering::AcqRel);
        if before & WAKE_SCHEDULED != 0 {
            Wake::Coalesced
        } else {
            Wake::Upcall
        }
    }
}
