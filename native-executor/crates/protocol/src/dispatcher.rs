//! What is asked of a port's dispatcher, and what it leaves to others when it has ended.
//!
//! # Participants and states
//!
//! An upcall that fails leaves SCHEDULED set in the wake word, so that nobody makes another. Whoever
//! made it (any native thread), or could not do what it asked for (the owner, from any Java thread),
//! requests a retry. The dispatcher retries, and so may any thread that finds the request. Java closes
//! when it is done with the port, which makes the dispatcher end.
//!
//! Three bits that are set in any order; CLOSING and ENDED never go away:
//!
//! ```text
//!   RETRY     request_retry() sets it, take_retry() clears it: of several takers one has it
//!   CLOSING   close()
//!   ENDED     end(), the dispatcher's last transition
//! ```
//!
//! # Access rules
//!
//! 1. The word changes by read-modify-write only. So of two transitions that race one comes first,
//!    and the second one knows of it.
//! 2. Whoever takes a retry makes the upcall, and requests a retry again if that fails.
//! 3. A request that finds ENDED is the caller's own to take; one that `end` finds is the
//!    dispatcher's. So none is left without a thread that tries.
//! 4. A requester wakes the dispatcher after its request. The dispatcher looks for a request after
//!    it has registered its waker and before it sleeps.
//! 5. Java reads the rings before `close`, the dispatcher before `end`. The later of the two
//!    discards their memory.
//! 6. What is to be found by the dispatcher's end is put where that looks before `has_ended` is
//!    asked. `end` comes before the dispatcher looks there. Both are done under one lock, so that
//!    either the dispatcher finds it or `has_ended` says so.

use crate::sync::{AtomicU8, Ordering};

const RETRY: u8 = 1;
const CLOSING: u8 = 2;
const ENDED: u8 = 4;

/// The state of one port's dispatcher.
#[derive(Debug)]
pub struct DispatcherState {
    word: AtomicU8,
}

/// Who retries an upcall, after [`DispatcherState::request_retry`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retrier {
    /// The dispatcher, which the caller wakes (rule 4).
    Dispatcher,
    /// The caller, unless another thread has taken the request (rule 3).
    Caller,
}

/// What is done with the memory of the rings, after [`DispatcherState::close`] or
/// [`DispatcherState::end`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rings {
    /// The other side may still read them, or they were discarded before.
    Keep,
    /// Nobody reads them any more: the caller discards them (rule 5).
    Discard,
}

/// What the dispatcher does after [`DispatcherState::end`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Whether a retry was requested: it is the dispatcher's to take (rule 3).
    pub retry: bool,
    /// What is done with the rings.
    pub rings: Rings,
}

impl DispatcherState {
    /// Of a dispatcher that runs.
    pub fn new() -> Self {
        Self {
            word: AtomicU8::new(0),
        }
    }

    /// Any thread: an upcall has failed.
    pub fn request_retry(&self) -> Retrier {
        // Release: pairs with the Acquire of `take_retry`; what the failed upcall was about is seen
        // by the one that repeats it.
        match self.word.fetch_or(RETRY, Ordering::Release) & ENDED {
            0 => Retrier::Dispatcher,
            _ => Retrier::Caller,
        }
    }

    /// Any thread: takes the request. On `true` the caller makes the upcall (rule 2).
    #[must_use]
    pub fn take_retry(&self) -> bool {
        // Acquire: pairs with the Release of `request_retry`.
        self.word.fetch_and(!RETRY, Ordering::Acquire) & RETRY != 0
    }

    /// Whether a retry was requested that nobody has taken.
    pub fn is_retry_requested(&self) -> bool {
        // Relaxed: the caller takes it next, or sleeps, which the waker orders (rule 4).
        self.word.load(Ordering::Relaxed) & RETRY != 0
    }

    /// Java: it is done with the port and its rings.
    pub fn close(&self) -> Rings {
        // Release: pairs with the Acquire of `end` and `is_closing`. Acquire: pairs with the Release
        // of `end`. Whoever discards the rings does so after the other's last look at them.
        match self.word.fetch_or(CLOSING, Ordering::AcqRel) & (CLOSING | ENDED) {
            ENDED => Rings::Discard,
            _ => Rings::Keep,
        }
    }

    /// Dispatcher, once: it has read its last record and retries nothing that is requested later.
    pub fn end(&self) -> End {
        // Release: pairs with the Acquire of `close` and `has_ended`. Acquire: pairs with the Release
        // of `close`.
        let before = self.word.fetch_or(ENDED, Ordering::AcqRel);
        End {
            retry: before & RETRY != 0,
            rings: match before & CLOSING {
                0 => Rings::Keep,
                _ => Rings::Discard,
            },
        }
    }

    /// Whether Java is done with the port.
    pub fn is_closing(&self) -> bool {
        // Acquire: pairs with the Release of `close`.
        self.word.load(Ordering::Acquire) & CLOSING != 0
    }

    /// Whether the dispatcher has ended; see rule 6.
    pub fn has_ended(&self) -> bool {
        // Acquire: pairs with the Release of `end`.
        self.word.load(Ordering::Acquire) & ENDED != 0
    }
}

impl Default for DispatcherState {
    fn default() -> Self {
        Self::new()
    }
}
