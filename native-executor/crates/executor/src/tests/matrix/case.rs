//! The combinations: what may happen to a call, which combinations are run, and how each may settle.

use loopbridge_protocol::OutcomeKind::{self, Cancelled, Closed, Panic, Value};

/// The behaviour of the call's future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    IsReady,
    /// Its error's drop panics.
    FailsBadly,
    Panics,
    Waits,
    PanicsWhenWoken,
    /// Waits, and panics when it is dropped.
    PanicsInDrop,
}

/// The thread that wakes it, once it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    Never,
    ByItself,
    ByOwner,
    ByThread,
    ByBoth,
    /// After everything else.
    Late,
}

/// The moment at which the owner cancels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancel {
    Never,
    /// In the turn that submits the call.
    AtOnce,
    AfterFirstPoll,
    /// Before its outcome is read.
    AfterEnd,
}

/// The end that happens around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Nothing,
    /// The port, after the first poll.
    Port,
    /// The runtime, after the first poll.
    Runtime,
    /// The runtime, while the call is in the ring, unless the dispatcher happens to be awake.
    RuntimeBefore,
}

/// How the owner reads outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    AtOnce,
    /// When nothing else is left to happen.
    Late,
    /// Never: the loop has ended, and the port is closed.
    Gone,
}

/// The memory that the call was lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lent {
    Nothing,
    /// Dropped with the future.
    Memory,
    /// Kept until after the outcome.
    Kept,
}

const DOES: [Does; 6] = [
    Does::IsReady,
    Does::FailsBadly,
    Does::Panics,
    Does::Waits,
    Does::PanicsWhenWoken,
    Does::PanicsInDrop,
];
const WOKEN: [Woken; 6] = [
    Woken::Never,
    Woken::ByItself,
    Woken::ByOwner,
    Woken::ByThread,
    Woken::ByBoth,
    Woken::Late,
];
const CANCELS: [Cancel; 4] = [
    Cancel::Never,
    Cancel::AtOnce,
    Cancel::AfterFirstPoll,
    Cancel::AfterEnd,
];
const ENDS: [Ends; 4] = [
    Ends::Nothing,
    Ends::Port,
    Ends::Runtime,
    Ends::RuntimeBefore,
];
const READS: [Reads; 3] = [Reads::AtOnce, Reads::Late, Reads::Gone];
const LENT: [Lent; 3] = [Lent::Nothing, Lent::Memory, Lent::Kept];
const HEAVY: [bool; 2] = [false, true];

#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) does: Does,
    pub(super) woken: Woken,
    pub(super) cancel: Cancel,
    pub(super) ends: Ends,
    pub(super) reads: Reads,
    pub(super) lent: Lent,
    /// Spawned at once instead of polled by the dispatcher.
    pub(super) heavy: bool,
}

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let sizes = [6, 6, 4, 4, 3, 3, 2];
    (0..sizes.iter().product::<usize>()).map(move |mut number| {
        let mut at = sizes.map(|size| {
            let at = number % size;
            number /= size;
            at
        });
        let [does, woken, cancel, ends, reads, lent, heavy] = &mut at;
        Case {
            does: DOES[*does],
            woken: WOKEN[*woken],
            cancel: CANCELS[*cancel],
            ends: ENDS[*ends],
            reads: READS[*reads],
            lent: LENT[*lent],
            heavy: HEAVY[*heavy],
        }
    })
}

impl Case {
    fn ends_at_first_poll(self) -> bool {
        matches!(self.does, Does::IsReady | Does::FailsBadly | Does::Panics)
    }

    fn is_woken(self) -> bool {
        !matches!(self.woken, Woken::Never | Woken::Late)
    }

    /// Whether the call ends without a cancel and without an end around it.
    fn ends_by_itself(self) -> bool {
        self.ends_at_first_poll() || self.is_woken()
    }

    /// The reason why the case is not run; none if it is.
    pub(super) fn left_out(self) -> Option<&'static str> {
        let before = self.ends == Ends::RuntimeBefore;
        let around = self.ends != Ends::Nothing || self.reads == Reads::Gone;
        if self.ends_at_first_poll() && self.is_woken() {
            Some("a future that ends in its first poll never waits to be woken")
        } else if !self.ends_by_itself() && self.cancel == Cancel::Never && !around {
            Some("a call that nothing ends is no case")
        } else if self.cancel == Cancel::AfterEnd
            && !self.ends_by_itself()
            && matches!(self.ends, Ends::Nothing | Ends::RuntimeBefore)
        {
            Some("a cancel after the end of a call that only the cancel could end")
        } else if before && (self.woken != Woken::Never || self.cancel != Cancel::Never) {
            Some("a call that may never leave the ring is neither woken nor cancelled")
        } else if self.cancel == Cancel::AtOnce
            && matches!(self.woken, Woken::ByOwner | Woken::ByThread | Woken::ByBoth)
        {
            Some("no thread has the waker of a future that may never be polled")
        } else if self.reads == Reads::Gone && self.ends == Ends::Port {
            Some("an owner that is gone closes the port anyway")
        } else {
            None
        }
    }

    /// The ways in which the call may settle.
    pub(super) fn may_settle_as(self) -> Vec<OutcomeKind> {
        let mut kinds = Vec::new();
        if self.ends_by_itself() {
            kinds.push(match self.does {
                Does::IsReady | Does::Waits => Value,
                _ => Panic,
            });
        }
        // A call that is a task of its own, as slow functions' calls are, may be ended between its poll and its
        // outcome.
        match self.cancel {
            Cancel::AtOnce | Cancel::AfterFirstPoll => kinds.push(Cancelled),
            _ => {}
        }
        match self.ends {
            Ends::Port => kinds.push(Cancelled),
            Ends::Runtime | Ends::RuntimeBefore => kinds.push(Closed),
            Ends::Nothing => {}
        }
        kinds
    }
}
