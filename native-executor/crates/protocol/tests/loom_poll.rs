//! A loop-driven future: no wake is lost, at most one POLL record is on its way, and the owner knows of it
//! when the future ends.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use loopbridge_protocol::{Ask, Pend, PollState};
use model::model;

struct Future {
    state: PollState,
    /// POLL records published and not yet read by the owner.
    on_their_way: AtomicU64,
    /// What the wakers have made ready.
    ready: AtomicU64,
}

impl Future {
    /// Polled for the first time, and pending.
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: PollState::new(),
            on_their_way: AtomicU64::new(0),
            ready: AtomicU64::new(0),
        })
    }

    fn woken(&self, event: u64) {
        // Relaxed: only the state orders it with the poll.
        self.ready.fetch_or(event, Ordering::Relaxed);
        if self.state.wake() == Ask::Publish {
            // Before it can be read: the count is this model's, the record would come right after.
            assert_eq!(self.on_their_way.fetch_add(1, Ordering::AcqRel), 0);
        }
    }

    /// Owner: reads a POLL record, if there is one.
    fn read(&self) -> bool {
        self.on_their_way
            .compare_exchange(1, 0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Owner: polls, and again for as long as it was woken meanwhile; what it then has seen.
    fn poll(&self) -> u64 {
        loop {
            self.state.begin();
            let seen = self.ready.load(Ordering::Relaxed);
            if self.state.pend() == Pend::Idle {
                return seen;
            }
        }
    }
}

fn waker(future: &Arc<Future>, event: u64) -> thread::JoinHandle<()> {
    let future = Arc::clone(future);
    thread::spawn(move || future.woken(event))
}

#[test]
fn no_wake_is_lost() {
    model("two wakes, polls", || {
        let future = Future::new();
        let wakers = [waker(&future, 1), waker(&future, 2)];
        let mut seen = future.poll();
        if future.read() {
            seen = future.poll();
        }
        for waker in wakers {
            waker.join().unwrap();
        }
        while future.read() {
            seen = future.poll();
        }
        assert_eq!(seen, 3);
    });
}

#[test]
fn a_future_that_wakes_itself_publishes_nothing() {
    model("wake in a poll, wake", || {
        let future = Future::new();
        let waker = waker(&future, 1);
        future.state.begin();
        assert_eq!(future.state.wake(), Ask::Known);
        assert_eq!(future.state.pend(), Pend::Again);
        let mut seen = future.poll();
        waker.join().unwrap();
        while future.read() {
            seen = future.poll();
        }
        assert_eq!(seen, 1);
    });
}

#[test]
fn the_owner_knows_of_the_record_of_a_future_that_it_ends() {
    model("two wakes, poll, end", || {
        let future = Future::new();
        let wakers = [waker(&future, 1), waker(&future, 2)];
        let _ = future.poll();
        if future.read() {
            let _ = future.poll();
        }
        let expected = future.state.end();
        for waker in wakers {
            waker.join().unwrap();
        }
        assert_eq!(future.read(), expected);
        assert_eq!(future.state.wake(), Ask::Known);
        assert!(!future.read());
    });
}
