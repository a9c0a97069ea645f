//! The wake word: at most one drain per port is scheduled, and every outcome is drained.
//!
//! # Participants and states
//!
//! A thread that adds work for the drain schedules it: any native thread that published a
//! completion record, and any Java thread that passed a call to the loop. The drain, on the owner
//! loop, goes idle and may reschedule itself; the end of the native half closes.
//!
//! ```text
//!          schedule(): Upcall, or reschedule(): Drain
//!   IDLE ───────────────────────────────────────────▶ SCHEDULED ──┐ schedule(): Coalesced
//!    ▲                                                 │    ◀────┘ reschedule(): Leave
//!    └─────────────────────────────────────────────────┘
//!                          idle()
//!   close() adds CLOSED and SCHEDULED at once; CLOSED never goes away
//! ```
//!
//! SCHEDULED means that a drain is queued on the owner loop, running, or about to be queued by the
//! thread that set it. A drain that has used up its turn queues itself again and leaves SCHEDULED
//! set.
//!
//! # Access rules
//!
//! 1. The word changes by read-modify-write only. A producer that finds SCHEDULED set changes
//!    nothing, so that producers do not contend for the word's cache line: it reads the word behind a
//!    fence that follows its record, and the drain re-checks behind a fence that follows its `idle`.
//!    So of a schedule and an idle that race one comes first: either the producer finds the word IDLE
//!    and makes the upcall, or the drain's re-check sees the record.
//! 2. A producer publishes its record first and schedules afterwards.
//! 3. The drain re-checks the completion ring (and whatever else it drains) after every `idle`. If
//!    there is work it calls `reschedule`: on [`Reschedule::Drain`] it goes on, on
//!    [`Reschedule::Leave`] it ends, because the thread that set SCHEDULED meanwhile makes an
//!    upcall.
//! 4. `close` comes after the dispatcher's last record. A drain that finds CLOSED (in `idle`) reads
//!    the ring once more, and only when the ring is empty after that does it settle the calls that
//!    the owner's table still holds. If it read the ring first and CLOSED second, it would miss
//!    records published in between. A call that still runs after the close is settled already: its
//!    own record only gives back what it lent.

use crate::memory::{Header, PortMemory};
use crate::record::{WAKE_CLOSED, WAKE_SCHEDULED};
use crate::sync::{Arc, AtomicU64, Ordering, fence};

/// The wake word of one port.
#[derive(Clone, Debug)]
pub struct WakeWord {
    memory: Arc<PortMemory>,
}

/// The next action of a thread after [`WakeWord::schedule`] or [`WakeWord::close`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// This thread set SCHEDULED: it makes the one upcall that puts a drain on the owner loop.
    Upcall,
    /// A drain is on its way and will see the record.
    Coalesced,
}

/// The result of [`WakeWord::idle`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Re-check the ring, rule 3.
    Open,
    /// Re-check the ring, and when it is empty settle what is left, rule 4.
    Closed,
}

/// The next action of the drain after [`WakeWord::reschedule`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reschedule {
    /// This drain has set SCHEDULED again and goes on.
    Drain,
    /// Another thread set SCHEDULED and makes the upcall; this drain ends.
    Leave,
}

impl WakeWord {
    /// Makes the access to the wake word of `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Producer: makes sure that a drain reads what was published before.
    pub fn schedule(&self) -> Wake {
        // SeqCst: rule 1; pairs with the fence in `idle`. Relaxed behind it: the record is ordered
        // by the fence alone.
        fence(Ordering::SeqCst); // seed M2
        if self.word().load(Ordering::Relaxed) & WAKE_SCHEDULED != 0 {
            return Wake::Coalesced;
        }
        self.set(WAKE_SCHEDULED)
    }

    /// Drain: ends its turn, the ring having looked empty. The caller re-checks the ring next.
    pub fn idle(&self) -> Idle {
        // Acquire: pairs with the Release of `close` and of a schedule that set the bit, so that the
        // re-check sees the records before them.
        let before = self.word().fetch_and(!WAKE_SCHEDULED, Ordering::Acquire);
        // SeqCst: rule 1; pairs with the fence in `schedule`.
        fence(Ordering::SeqCst);
        if before & WAKE_CLOSED != 0 {
            Idle::Closed
        } else {
            Idle::Open
        }
    }

    /// Drain: returns which thread drains a record that the re-check found.
    pub fn reschedule(&self) -> Reschedule {
        match self.set(WAKE_SCHEDULED) {
            Wake::Upcall => Reschedule::Drain,
            Wake::Coalesced => Reschedule::Leave,
        }
    }

    /// End of the native half, after its last record. The drain that follows finds CLOSED.
    pub fn close(&self) -> Wake {
        self.set(WAKE_CLOSED | WAKE_SCHEDULED)
    }

    /// Returns whether [`close`](Self::close) was called.
    pub fn is_closed(&self) -> bool {
        // Acquire: pairs with the Release in `close`; every record published before it is visible.
        self.word().load(Ordering::Acquire) & WAKE_CLOSED != 0
    }

    fn set(&self, bits: u64) -> Wake {
        // Release: pairs with the Acquire of the next `idle`, rule 1. A later read-modify-write
        // that sets a bit keeps this order, because it continues the release sequence of the write
        // it replaces.
        let before = self.word().fetch_or(bits, Ordering::Release); // seed M3
        if before & WAKE_SCHEDULED != 0 {
            Wake::Coalesced
        } else {
            Wake::Upcall
        }
    }

    fn word(&self) -> &AtomicU64 {
        self.memory.header(Header::Wake)
    }
}
