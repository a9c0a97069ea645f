//! Memory that a call lends to native code: which record frees it for Java, and when.
//!
//! # Participants and states
//!
//! The completion of the call, and the lease: one value that all borrowed views of the call's
//! memory share, and that is dropped after the last of them, on any thread, before or long after
//! the call settles.
//!
//! ```text
//!  LENT ──▶ lease_dropped(): WithOutcome ──▶ settle(): Free ── outcome without LENT
//!   │
//!   └─────▶ settle(): Lent ── outcome with LENT
//!              │
//!              ├──▶ published(): LeaseHolder ──▶ lease_dropped(): Separately ── RELEASED
//!              │
//!              └──▶ lease_dropped(): WithOutcome ──▶ published(): ReleaseNow ── RELEASED
//! ```
//!
//! # Access rules
//!
//! 1. Exactly one record frees the memory for Java: the outcome when it has no LENT flag,
//!    else RELEASED.
//! 2. RELEASED comes after the outcome in the ring. So the lease's drop publishes it only if the
//!    outcome is in the ring already; if the lease is dropped between `settle` and `published`, the
//!    completing side publishes both.
//! 3. The word changes by read-modify-write only: the lease's last read of the memory is over
//!    before the record that frees it is published, whichever side publishes it.

use crate::sync::{AtomicU8, Ordering};

const DROPPED: u8 = 1;
const SETTLED: u8 = 2;
const ANNOUNCED: u8 = 4;

/// The state shared by a call's completion and the lease of the memory it lends.
#[derive(Debug)]
pub struct Lend {
    word: AtomicU8,
}

/// The next action of the lease's drop.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Nothing: the record of the completing side frees the memory.
    WithOutcome,
    /// Publish RELEASED: the outcome with LENT is in the ring.
    Separately,
}

/// The flag that the completing side writes into the outcome.
#[must_use]
#[derive(Debug)]
pub enum Settle<'a> {
    /// No LENT flag; the memory is free with the outcome.
    Free,
    /// The LENT flag. Publish the outcome, then call [`Lending::published`].
    Lent(Lending<'a>),
}

/// An outcome with LENT that is about to be published.
#[must_use = "call `published` after the outcome is in the ring, else the memory is never released"]
#[derive(Debug)]
pub struct Lending<'a> {
    lend: &'a Lend,
}

/// The next action of the completing side after it published an outcome with LENT.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handover {
    /// Nothing: the lease's drop will publish RELEASED.
    LeaseHolder,
    /// Publish RELEASED: the lease was dropped meanwhile.
    ReleaseNow,
}

impl Lend {
    /// Makes the state of lent memory whose call has not settled.
    pub fn new() -> Self {
        Self {
            word: AtomicU8::new(0),
        }
    }

    /// Lease: ends, since the last view of the memory was dropped. Called once.
    pub fn lease_dropped(&self) -> Release {
        // AcqRel: the Release pairs with the Acquire in `settle` and `published`, rule 3; the
        // Acquire with the Release in `published`, so that RELEASED is claimed after the outcome.
        let before = self.word.fetch_or(DROPPED, Ordering::AcqRel);
        if before & ANNOUNCED != 0 {
            Release::Separately
        } else {
            Release::WithOutcome
        }
    }

    /// Completion: settles the call. Called once, before the outcome is published.
    pub fn settle(&self) -> Settle<'_> {
        // Acquire: pairs with the Release in `lease_dropped`, rule 3.
        let before = self.word.fetch_or(SETTLED, Ordering::Acquire);
        if before & DROPPED != 0 {
            Settle::Free
        } else {
            Settle::Lent(Lending { lend: self })
        }
    }
}

impl Default for Lend {
    fn default() -> Self {
        Self::new()
    }
}

impl Lending<'_> {
    /// Completion: notes that the outcome with LENT is in the ring.
    pub fn published(self) -> Handover {
        // AcqRel: the Release pairs with the Acquire in `lease_dropped`, rule 2; the Acquire with
        // its Release, rule 3.
        let before = self.lend.word.fetch_or(ANNOUNCED, Ordering::AcqRel);
        if before & DROPPED != 0 {
            Handover::ReleaseNow
        } else {
            Handover::LeaseHolder
        }
    }
}
