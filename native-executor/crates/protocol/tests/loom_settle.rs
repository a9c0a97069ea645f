//! One call slot: a call ends once, and no cancel reaches another call.
#![cfg(loom)]

mod model;

use loom::cell::Cell;
use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::{
    Begin, CallId, CallState, Cancel, CompletionConsumer, CompletionProducer, Finish, Outcome,
    OutcomeKind, PortMemory,
};
use model::model;

/// Four generations, so that the models wrap.
type Narrow = CallState<2>;

/// A note that one side writes for the other; only the slot's state is between the two.
struct Note(Cell<u32>);

// SAFETY: loom runs one thread at a time and panics at an access to the cell that nothing orders.
unsafe impl Sync for Note {}
// SAFETY: as for `Sync`.
unsafe impl Send for Note {}

/// A slot, and one note for each transition.
struct Slot {
    state: Narrow,
    begun: Note,
    cancelled: Note,
    finished: Note,
}

impl Slot {
    fn new() -> Arc<Self> {
        let [begun, cancelled, finished] = std::array::from_fn(|_| Note(Cell::new(0)));
        Arc::new(Self {
            state: Narrow::new(),
            begun,
            cancelled,
            finished,
        })
    }
}

fn finish(state: &Arc<Narrow>, generation: u32) -> thread::JoinHandle<Finish> {
    let state = state.clone();
    thread::spawn(move || state.finish(generation))
}

fn finish_unguarded(state: &Arc<Narrow>, generation: u32) -> thread::JoinHandle<Finish> {
    let state = state.clone();
    thread::spawn(move || state.finish_unguarded(generation))
}

#[test]
fn a_call_completes_while_it_is_cancelled() {
    model("complete, cancel", "I3 I5", || {
        let state = Arc::new(Narrow::new());
        assert_eq!(state.begin(1), Begin::Begun);
        let worker = finish(&state, 1);
        let cancel = state.cancel(1);
        let finish = worker.join().unwrap();
        match cancel {
            Cancel::Abort => assert_eq!(finish, Finish::Discard),
            Cancel::Stale => assert_eq!(finish, Finish::Deliver),
        }
        assert_eq!(state.begin(2), Begin::Begun);
    });
}

/// The finisher sees what the dispatcher did before it began the call, and before it cancelled it.
#[test]
fn the_finisher_sees_what_came_before() {
    model("begin, cancel, complete", "I3 I5", || {
        let slot = Slot::new();
        let worker = {
            let slot = slot.clone();
            thread::spawn(move || {
                let finish = slot.state.finish_unguarded(1);
                if finish != Finish::Stale {
                    assert_eq!(slot.begun.0.get(), 1);
                }
                if finish == Finish::Discard {
                    assert_eq!(slot.cancelled.0.get(), 1);
                }
                finish
            })
        };
        slot.begun.0.set(1);
        assert_eq!(slot.state.begin(1), Begin::Begun);
        slot.cancelled.0.set(1);
        let cancel = slot.state.cancel(1);
        match worker.join().unwrap() {
            Finish::Deliver => assert_eq!(cancel, Cancel::Stale),
            Finish::Discard | Finish::Stale => assert_eq!(cancel, Cancel::Abort),
        }
    });
}

/// The holder of the guard, which exists since the call began, sees what the dispatcher did before it cancelled.
#[test]
fn the_guard_s_holder_sees_what_came_before_the_cancel() {
    model("cancel, complete with the guard", "I3 I5", || {
        let slot = Slot::new();
        assert_eq!(slot.state.begin(1), Begin::Begun);
        let worker = {
            let slot = slot.clone();
            thread::spawn(move || {
                let finish = slot.state.finish(1);
                if finish == Finish::Discard {
                    assert_eq!(slot.cancelled.0.get(), 1);
                }
                finish
            })
        };
        slot.cancelled.0.set(1);
        let cancel = slot.state.cancel(1);
        let expected = match cancel {
            Cancel::Abort => Finish::Discard,
            Cancel::Stale => Finish::Deliver,
        };
        assert_eq!(worker.join().unwrap(), expected);
        assert_eq!(slot.state.begin(2), Begin::Begun);
    });
}

/// A submission that uses a slot too early is refused and leaves the running call alone; one that
/// is accepted sees what the finisher did.
#[test]
fn a_slot_is_busy_until_its_call_completes() {
    model("complete, begin", "I3 I9", || {
        let slot = Slot::new();
        assert_eq!(slot.state.begin(1), Begin::Begun);
        let worker = {
            let slot = slot.clone();
            thread::spawn(move || {
                slot.finished.0.set(1);
                slot.state.finish(1)
            })
        };
        let begin = slot.state.begin(2);
        if begin == Begin::Begun {
            assert_eq!(slot.finished.0.get(), 1);
        }
        assert_eq!(worker.join().unwrap(), Finish::Deliver);
        let again = if begin == Begin::Begun {
            Begin::Busy
        } else {
            Begin::Begun
        };
        assert_eq!(slot.state.begin(2), again);
    });
}

/// The same for a call that the dispatcher ends itself, though only the word orders the two.
#[test]
fn a_slot_is_busy_until_its_dispatcher_ends_the_call() {
    model("own end, begin", "I3 I9", || {
        let slot = Slot::new();
        assert_eq!(slot.state.begin(3), Begin::Begun);
        let dispatcher = {
            let slot = slot.clone();
            thread::spawn(move || {
                slot.finished.0.set(1);
                slot.state.finish_own(3);
            })
        };
        let begin = slot.state.begin(0);
        if begin == Begin::Begun {
            assert_eq!(slot.finished.0.get(), 1);
        }
        dispatcher.join().unwrap();
        if begin == Begin::Busy {
            assert_eq!(slot.state.begin(0), Begin::Begun);
        }
        assert_eq!(slot.state.finish(0), Finish::Deliver);
    });
}

/// A worker ended the use before, 3, and ends it once more while the dispatcher begins and ends a use of its own, 0,
/// and gives the next, 1, to another worker: the plain stores of the dispatcher neither let a stale end through nor
/// undo a valid one.
#[test]
fn late_ends_and_cancels_leave_an_own_call_and_its_successor_alone() {
    model("stale end, own end, stale cancel", "I3 I9", || {
        let state = Arc::new(Narrow::new());
        assert_eq!(state.begin(3), Begin::Begun);
        assert_eq!(state.finish(3), Finish::Deliver);
        let stale = finish_unguarded(&state, 3);
        assert_eq!(state.begin(0), Begin::Begun);
        assert_eq!(state.cancel(3), Cancel::Stale);
        state.finish_own(0);
        assert_eq!(state.cancel(0), Cancel::Stale);
        assert_eq!(state.begin(1), Begin::Begun);
        let worker = finish(&state, 1);
        assert_eq!(state.cancel(0), Cancel::Stale);
        let begin = state.begin(2);
        assert_eq!(worker.join().unwrap(), Finish::Deliver);
        assert_eq!(stale.join().unwrap(), Finish::Stale);
        match begin {
            Begin::Begun => assert_eq!(state.begin(3), Begin::Busy),
            Begin::Busy => assert_eq!(state.begin(2), Begin::Begun),
        }
        state.finish_own(2);
        assert_eq!(state.begin(3), Begin::Begun);
    });
}

/// Of two ends without a guard, only one publishes an outcome.
#[test]
fn one_of_two_finishers_of_a_call_publishes() {
    model("complete, complete, cancel", "I3 I5", || {
        let state = Arc::new(Narrow::new());
        assert_eq!(state.begin(1), Begin::Begun);
        let (first, second) = (finish_unguarded(&state, 1), finish_unguarded(&state, 1));
        let cancel = state.cancel(1);
        let finishes = [first.join().unwrap(), second.join().unwrap()];
        let won = if cancel == Cancel::Abort {
            Finish::Discard
        } else {
            Finish::Deliver
        };
        assert!(
            finishes.contains(&won) && finishes.contains(&Finish::Stale),
            "{finishes:?}"
        );
    });
}

/// Uses 2, 3, 0 of one slot; each begins when the owner has read the outcome of the one before. The cancel of each use
/// comes twice: while it runs, and again when the next one does.
#[test]
fn a_cancel_does_not_reach_the_next_use_of_its_slot() {
    model("cancel, begin of the next generation", "I5 I9", || {
        let memory = Arc::new(PortMemory::allocate(1, 1).unwrap());
        let state = Arc::new(Narrow::new());
        let mut ring = CompletionConsumer::new(memory.clone());
        let mut before = None;
        for generation in [2, 3, 0] {
            assert_eq!(state.begin(generation), Begin::Begun);
            let worker = {
                let (state, outcomes) = (state.clone(), CompletionProducer::new(memory.clone()));
                thread::spawn(move || {
                    let kind = match state.finish(generation) {
                        Finish::Deliver => OutcomeKind::Value,
                        Finish::Discard => OutcomeKind::Cancelled,
                        Finish::Stale => panic!("finished once"),
                    };
                    outcomes.publish(&[Outcome::bare(
                        kind,
                        CallId {
                            slot: 0,
                            generation,
                        },
                    )
                    .encode()]);
                })
            };
            if let Some(before) = before {
                assert_eq!(state.cancel(before), Cancel::Stale);
            }
            let cancel = state.cancel(generation);
            worker.join().unwrap();
            let words = ring.try_next().unwrap();
            let outcome = Outcome::decode(&words).unwrap();
            assert_eq!(outcome.call.generation, generation);
            assert_eq!(
                outcome.kind == OutcomeKind::Cancelled,
                cancel == Cancel::Abort
            );
            before = Some(generation);
        }
    });
}

/// The dispatcher reuses the slot while the worker that finished its last use is still running.
#[test]
fn a_slot_is_begun_again_as_soon_as_its_outcome_is_read() {
    model("slot reuse, 2-bit generation", "I3 I20", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let state = Arc::new(Narrow::new());
        assert_eq!(state.begin(3), Begin::Begun);
        let worker = {
            let (state, outcomes) = (state.clone(), CompletionProducer::new(memory.clone()));
            thread::spawn(move || {
                assert_ne!(state.finish(3), Finish::Stale);
                let call = CallId {
                    slot: 0,
                    generation: 3,
                };
                outcomes.publish(&[Outcome::bare(OutcomeKind::Value, call).encode()]);
                // A second end of the same call, when the slot may be in use again.
                assert_eq!(state.finish_unguarded(3), Finish::Stale);
            })
        };
        let mut ring = CompletionConsumer::new(memory);
        let next = ring.try_next().map(|_| {
            assert_eq!(state.begin(0), Begin::Begun);
            finish(&state, 0)
        });
        let cancel = state.cancel(3);
        worker.join().unwrap();
        match next {
            Some(next) => {
                assert_eq!(cancel, Cancel::Stale);
                assert_eq!(next.join().unwrap(), Finish::Deliver);
            }
            None => assert_eq!(state.begin(0), Begin::Begun),
        }
        assert!(!state.is_cancelled(0) && !state.is_cancelled(3));
    });
}
