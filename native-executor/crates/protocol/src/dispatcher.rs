//! Requests to a port's dispatcher, and the work that other threads take over when it has ended.
//!
//! # Participants and states
//!
//! An upcall that fails leaves SCHEDULED set in the wake word, so that no other thread makes one.
//! The thread that made it (any native thread), or that could not queue a drain itself (any Java
//! thread), requests a retry. The dispatcher retries, and so may any thread that finds the request.
//! Java closes the port when it does not use it any more, which makes the dispatcher end.
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
//!    and the second one sees it.
//! 2. The thread that takes a retry makes the upcall, and requests a retry again if that fails.
//! 3. If a request finds ENDED, its caller takes it. If `end` finds a request, the dispatcher takes
//!    it. So no request is left without a thread that retries.
//! 4. A requester wakes the dispatcher after its request. The dispatcher looks for a request after
//!    it has registered its waker and before it sleeps.
//! 5. Java reads the rings before `close`, the dispatcher before `end`. The later of the two
//!    discards their memory.
//! 6. A thread that inserts something for the dispatcher's end to find inserts it first and calls
//!    `has_ended` second. The dispatcher calls `end` first and looks for such things second. Insertion
//!    and look are under one lock, so that either the dispatcher finds it or `has_ended` is true.

use crate::sync::{AtomicU8, Ordering};

const RETRY: u8 = 1;
const CLOSING: u8 = 2;
const ENDED: u8 = 4;

/// The state of one port's dispatcher.
#[derive(Debug)]
pub struct DispatcherState {
    word: AtomicU8,
}

/// Which thread retries an upcall, after [`DispatcherState::request_retry`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retrier {
    /// The dispatcher, which the caller wakes (rule 4).
    Dispatcher,
    /// The caller, unless another thread has taken the request (rule 3).
    Caller,
}

/// The next action on the memory of the rings, after [`DispatcherState::close`] or
/// [`DispatcherState::end`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rings {
    /// The other side may still read them, or they were discarded before.
    Keep,
    /// No thread reads them any more: the caller discards them (rule 5).
    Discard,
}

/// The next actions of the dispatcher after [`DispatcherState::end`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// True if a retry was requested, which the dispatcher takes then (rule 3).
    pub retry: bool,
    /// The action on the rings.
    pub rings: Rings,
}

impl DispatcherState {
    /// Makes the state of a dispatcher that runs.
    pub fn new() -> Self {
        Self {
            word: AtomicU8::new(0),
        }
    }

    /// Any thread: requests a retry of an upcall that has failed.
    pub fn request_retry(&self) -> Retrier {
        // Release: pairs with the Acquire of `take_retry`, so that the thread that repeats the
        // upcall sees the records it is for.
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

    /// Returns whether a retry is requested that no thread has taken.
    pub fn is_retry_requested(&self) -> bool {
        // Relaxed: the caller takes it next, or sleeps, which the waker orders (rule 4).
        self.word.load(Ordering::Relaxed) & RETRY != 0
    }

    /// Java: closes the port, whose rings it does not read any more.
    pub fn close(&self) -> Rings {
        // Release: pairs with the Acquire of `end` and `is_closing`. Acquire: pairs with the
        // Release of `end`. So the rings are discarded after the other side's last read of them.
        match self.word.fetch_or(CLOSING, Ordering::AcqRel) & (CLOSING | ENDED) {
            ENDED => Rings::Discard,
            _ => Rings::Keep,
        }
    }

    /// Dispatcher, once: ends after its last record; it retries nothing that is requested later.
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

    /// Returns whether Java has closed the port.
    pub fn is_closing(&self) -> bool {
        // Acquire: pairs with the Release of `close`.
        self.word.load(Ordering::Acquire) & CLOSING != 0
    }

    /// Returns whether the dispatcher has ended; see rule 6.
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
