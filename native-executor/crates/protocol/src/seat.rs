//! The seat of a dispatcher: two threads poll it, one at a time, and neither waits for the other.
//!
//! # Participants and states
//!
//! The tasks are one on the runtime's workers, which ends with the dispatcher, and one on another
//! thread. Each takes the dispatcher out of its seat for a poll, and gives it back.
//!
//! ```text
//!            take(): Here                 take(): Polled
//!   HERE ───────────────────▶ POLLED ───────────────────▶ POLLED, noted
//!    ▲    give_back(): Sleeps   │                            │
//!    └──────────────────────────┴────────────────────────────┘
//!                                       give_back(): Again
//!   end() ends each state; ENDED never goes away
//! ```
//!
//! # Access rules
//!
//! 1. The seat is locked for the transitions only, not while the dispatcher is polled.
//! 2. A task that is woken takes the dispatcher. If the other task has it, the task leaves a note. A
//!    task that finds the note as it gives the dispatcher back wakes the workers' task. So the
//!    dispatcher is polled after each wake.
//! 3. The drop of the workers' task ends the seat, and so does a poll by which the dispatcher ends.
//!    `end` returns the dispatcher, unless a task has it: to that task `give_back` returns it.

use std::mem::replace;

use crate::sync::{Mutex, lock};

/// The seat of one dispatcher.
#[derive(Debug)]
pub struct Seat<D> {
    place: Mutex<Place<D>>,
}

#[derive(Debug)]
enum Place<D> {
    Here(D),
    Polled { noted: bool },
    Ended,
}

/// The result of [`Seat::take`].
#[must_use]
#[derive(Debug)]
pub enum Taken<D> {
    /// Poll it, then give it back.
    Here(D),
    /// The other task has it and is going to see the note.
    Polled,
    /// There is nothing left to poll.
    Ended,
}

/// The next action of a task after [`Seat::give_back`].
#[must_use]
#[derive(Debug)]
pub enum GivenBack<D> {
    /// None: the task waits for its next wake.
    Sleeps,
    /// Wake the workers' task (rule 2).
    Again,
    /// The seat has ended: drop the dispatcher (rule 3).
    Ended(D),
}

impl<D> Seat<D> {
    /// Makes the seat of a dispatcher that waits for its first poll.
    pub fn new(dispatcher: D) -> Self {
        Self {
            place: Mutex::new(Place::Here(dispatcher)),
        }
    }

    /// A task that was woken: takes the dispatcher.
    pub fn take(&self) -> Taken<D> {
        let mut place = lock(&self.place);
        match replace(&mut *place, Place::Polled { noted: false }) {
            Place::Here(dispatcher) => Taken::Here(dispatcher),
            Place::Polled { .. } => {
                *place = Place::Polled { noted: true };
                Taken::Polled
            }
            Place::Ended => {
                *place = Place::Ended;
                Taken::Ended
            }
        }
    }

    /// The task that took the dispatcher: gives it back.
    pub fn give_back(&self, dispatcher: D) -> GivenBack<D> {
        let mut place = lock(&self.place);
        match replace(&mut *place, Place::Here(dispatcher)) {
            Place::Polled { noted: false } => GivenBack::Sleeps,
            Place::Polled { noted: true } => GivenBack::Again,
            ended @ (Place::Ended | Place::Here(_)) => match replace(&mut *place, ended) {
                Place::Here(dispatcher) => GivenBack::Ended(dispatcher),
                Place::Polled { .. } | Place::Ended => GivenBack::Sleeps,
            },
        }
    }

    /// Ends the seat. Returns the dispatcher unless a task has it.
    pub fn end(&self) -> Option<D> {
        match replace(&mut *lock(&self.place), Place::Ended) {
            Place::Here(dispatcher) => Some(dispatcher),
            Place::Polled { .. } | Place::Ended => None,
        }
    }
}
