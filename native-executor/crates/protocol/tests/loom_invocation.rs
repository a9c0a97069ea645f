//! An invocation of a Java handler: its answer reaches the future or is dropped, and its place is freed once.
#![cfg(loom)]

mod model;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use loopbridge_protocol::{Answered, InvocationState, Withdrawn};
use model::model;

struct Invocation {
    state: InvocationState,
    /// The answer, which the dispatcher writes for the future.
    answer: UnsafeCell<u32>,
    /// The note that the withdrawing thread writes for the thread that frees the place.
    withdrawn: UnsafeCell<u32>,
    freed: AtomicU64,
}

// SAFETY: loom panics at an access to the cells that nothing orders.
unsafe impl Sync for Invocation {}
// SAFETY: as for `Sync`.
unsafe impl Send for Invocation {}

impl Invocation {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: InvocationState::new(),
            answer: UnsafeCell::new(0),
            withdrawn: UnsafeCell::new(0),
            freed: AtomicU64::new(0),
        })
    }

    fn answered(&self) {
        // Written first, as in a channel; the future reads it only on `Deliver`.
        if self.state.answer() == Answered::Deliver {
            // SAFETY: loom checks.
            self.answer.with_mut(|answer| unsafe { *answer = 1 });
            self.freed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn acknowledged(&self) {
        assert!(self.state.acknowledge());
        // SAFETY: loom checks.
        assert_eq!(self.withdrawn.with(|withdrawn| unsafe { *withdrawn }), 1);
        self.freed.fetch_add(1, Ordering::Relaxed);
    }
}

/// The owner answers, then reads the withdrawal and acknowledges it.
#[test]
fn an_answer_meets_the_drop_of_the_awaiting_future() {
    model("answer, drop", "I3 I5", || {
        let invocation = Invocation::new();
        let future = Arc::clone(&invocation);
        let dropped = thread::spawn(move || {
            // SAFETY: loom checks.
            future
                .withdrawn
                .with_mut(|withdrawn| unsafe { *withdrawn = 1 });
            future.state.withdraw()
        });
        invocation.answered();
        if dropped.join().unwrap() == Withdrawn::Publish {
            invocation.acknowledged();
        }
        assert_eq!(invocation.freed.load(Ordering::Relaxed), 1);
        assert!(!invocation.state.acknowledge());
    });
}

/// The owner may read the withdrawal before it has an answer; then it gives none.
#[test]
fn a_withdrawal_is_acknowledged_while_its_thread_goes_on() {
    model("withdraw, acknowledge", "I5 I9", || {
        let invocation = Invocation::new();
        let known = Arc::new(AtomicU64::new(0));
        let (future, withdrawn) = (Arc::clone(&invocation), Arc::clone(&known));
        let dropped = thread::spawn(move || {
            // SAFETY: loom checks.
            future
                .withdrawn
                .with_mut(|withdrawn| unsafe { *withdrawn = 1 });
            if future.state.withdraw() == Withdrawn::Publish {
                withdrawn.store(1, Ordering::Relaxed);
            }
        });
        if known.load(Ordering::Relaxed) == 1 {
            invocation.acknowledged();
        } else {
            invocation.answered();
            dropped.join().unwrap();
            if known.load(Ordering::Relaxed) == 1 {
                invocation.acknowledged();
            }
        }
        assert_eq!(invocation.freed.load(Ordering::Relaxed), 1);
    });
}

/// The place for the answer of a call that a handler returned.
#[derive(PartialEq)]
enum Place {
    Empty,
    Runs,
    Answered,
    Abandoned,
}

/// The dispatcher begins the call unless the invocation was withdrawn; of the dispatcher and the drop, the second gives
/// the call up. The owner has answered, so it gets a withdrawal only if the drop comes before its answer.
#[test]
fn a_call_that_was_handed_over_meets_the_drop_of_the_awaiting_future() {
    model("relay, drop, end", "I3 I5", || {
        let invocation = Invocation::new();
        let place = Arc::new(Mutex::new(Place::Empty));
        // The thread that takes this frees the invocation's place.
        let kept = Arc::new(Mutex::new(true));
        let aborted = Arc::new(AtomicU64::new(0));
        let (future, its_place, aborts) = (
            Arc::clone(&invocation),
            Arc::clone(&place),
            Arc::clone(&aborted),
        );
        let dropped = thread::spawn(move || {
            // SAFETY: loom checks.
            future
                .withdrawn
                .with_mut(|withdrawn| unsafe { *withdrawn = 1 });
            let result = future.state.withdraw();
            let mut place = its_place.lock().unwrap();
            if std::mem::replace(&mut *place, Place::Abandoned) == Place::Runs {
                aborts.fetch_add(1, Ordering::Relaxed);
            }
            result
        });
        let relayed = invocation.state.answer() == Answered::Deliver;
        let ends = relayed.then(|| {
            let (call, its_place, kept) = (
                Arc::clone(&invocation),
                Arc::clone(&place),
                Arc::clone(&kept),
            );
            let runs = thread::spawn(move || {
                let mut place = its_place.lock().unwrap();
                if *place != Place::Abandoned {
                    *place = Place::Answered;
                }
                drop(place);
                if std::mem::replace(&mut *kept.lock().unwrap(), false) {
                    call.freed.fetch_add(1, Ordering::Relaxed);
                }
            });
            let mut place = place.lock().unwrap();
            match *place {
                Place::Empty => *place = Place::Runs,
                Place::Abandoned => {
                    aborted.fetch_add(1, Ordering::Relaxed);
                }
                Place::Runs | Place::Answered => {}
            }
            runs
        });
        let withdrawn = dropped.join().unwrap();
        if let Some(ends) = ends {
            ends.join().unwrap();
            assert_eq!(withdrawn, Withdrawn::TooLate);
            // The call is not given up twice. It is not given up at all only if it had ended before the drop.
            assert!(aborted.load(Ordering::Relaxed) <= 1);
            assert!(!invocation.state.acknowledge());
        } else {
            assert_eq!(withdrawn, Withdrawn::Publish);
            invocation.acknowledged();
        }
        assert_eq!(invocation.freed.load(Ordering::Relaxed), 1);
        assert!(*place.lock().unwrap() == Place::Abandoned);
    });
}
