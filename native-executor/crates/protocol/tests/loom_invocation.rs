//! An invocation of a Java handler: its answer reaches the future or nobody, and its place is freed
//! once.
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
    /// What the dispatcher leaves for the future.
    answer: UnsafeCell<u32>,
    /// What the withdrawing thread leaves for whoever frees the place.
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
        // Written first, as a channel would hold it: it is for the future only on `Deliver`.
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

/// The owner answers, then hears of the withdrawal and acknowledges it.
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

/// The owner may know of the withdrawal before it has an answer; then it gives none.
#[test]
fn a_withdrawal_is_acknowledged_while_its_thread_goes_on() {
    model("withdraw, acknowledge", "I5 I9", || {
        let invocation = Invocation::new();
        let told = Arc::new(AtomicU64::new(0));
        let (future, tell) = (Arc::clone(&invocation), Arc::clone(&told));
        let dropped = thread::spawn(move || {
            // SAFETY: loom checks.
            future
                .withdrawn
                .with_mut(|withdrawn| unsafe { *withdrawn = 1 });
            if future.state.withdraw() == Withdrawn::Publish {
                tell.store(1, Ordering::Relaxed);
            }
        });
        if told.load(Ordering::Relaxed) == 1 {
            invocation.acknowledged();
        } else {
            invocation.answered();
            dropped.join().unwrap();
            if told.load(Ordering::Relaxed) == 1 {
                invocation.acknowledged();
            }
        }
        assert_eq!(invocation.freed.load(Ordering::Relaxed), 1);
    });
}

/// Where the answer of a call that was handed over comes to.
#[derive(PartialEq)]
enum Place {
    Empty,
    Runs,
    Answered,
    Abandoned,
}

/// The dispatcher begins the call unless the invocation was withdrawn; whoever is second of it and
/// the drop gives the call up. The owner, who has said its last, is told only of a drop before that.
#[test]
fn a_call_that_was_handed_over_meets_the_drop_of_the_awaiting_future() {
    model("relay, drop, end", "I3 I5", || {
        let invocation = Invocation::new();
        let place = Arc::new(Mutex::new(Place::Empty));
        // Whoever takes it frees the invocation's place.
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
            let told = future.state.withdraw();
            let mut place = its_place.lock().unwrap();
            if std::mem::replace(&mut *place, Place::Abandoned) == Place::Runs {
                aborts.fetch_add(1, Ordering::Relaxed);
            }
            told
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
        let told = dropped.join().unwrap();
        if let Some(ends) = ends {
            ends.join().unwrap();
            assert_eq!(told, Withdrawn::TooLate);
            // Never twice. Not at all only if the call had ended before the drop.
            assert!(aborted.load(Ordering::Relaxed) <= 1);
            assert!(!invocation.state.acknowledge());
        } else {
            assert_eq!(told, Withdrawn::Publish);
            invocation.acknowledged();
        }
        assert_eq!(invocation.freed.load(Ordering::Relaxed), 1);
        assert!(*place.lock().unwrap() == Place::Abandoned);
    });
}
