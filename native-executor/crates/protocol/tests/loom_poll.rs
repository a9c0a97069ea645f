//! A loop-driven future: no wake is lost, at most one POLL record is in the ring, and at the end of the future the
//! owner can see whether one is.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use loopbridge_protocol::record::decode_request;
use loopbridge_protocol::{
    Ask, CallId, CompletionConsumer, CompletionProducer, Pend, PollState, PortMemory, Request,
};
use model::model;

struct Future {
    state: PollState,
    /// POLL records published and not yet read by the owner.
    on_their_way: AtomicU64,
    /// The count that the wakers have made ready.
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
            // Counted before the record can be read: here the record would be published right after.
            assert_eq!(self.on_their_way.fetch_add(1, Ordering::AcqRel), 0);
        }
    }

    /// Owner: reads a POLL record, if there is one.
    fn read(&self) -> bool {
        self.on_their_way
            .compare_exchange(1, 0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Owner: polls, and again for as long as it was woken meanwhile; returns the count that the last poll saw.
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
    model("two wakes, polls", "I1 I2", || {
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
    model("wake in a poll, wake", "I1 I2", || {
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
    model("two wakes, poll, end", "I2 I9", || {
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

/// The owner cancels a future, and gives its slot to the next one as soon as no record of the first can follow. The
/// ring has room for one record: a second would overwrite it.
#[test]
fn a_cancelled_futures_slot_is_free_after_its_record() {
    model("wake, poll, cancel, slot reuse", "I5 I9", || {
        let memory = Arc::new(PortMemory::allocate(1, 1).unwrap());
        let mut ring = CompletionConsumer::new(memory.clone());
        let (first, waker) = woken(&memory, 0);
        let _ = first.pend();
        let polled = next(&mut ring) == Some(0);
        if polled {
            first.begin();
            let _ = first.pend();
        }
        let mut waker = Some(waker);
        if first.end() {
            assert!(!polled, "a second record of one wake");
            waker.take().unwrap().join().unwrap();
            assert_eq!(next(&mut ring), Some(0));
        }
        let (second, second_waker) = woken(&memory, 1);
        let idle = second.pend() == Pend::Idle;
        let early = next(&mut ring);
        second_waker.join().unwrap();
        if let Some(waker) = waker {
            waker.join().unwrap();
        }
        let read = early.or_else(|| next(&mut ring));
        assert_eq!(read, idle.then_some(1));
        assert_eq!(next(&mut ring), None);
    });
}

/// The slot's nth future in its first poll, and a thread that wakes it.
fn woken(memory: &Arc<PortMemory>, generation: u32) -> (Arc<PollState>, thread::JoinHandle<()>) {
    let future = Arc::new(PollState::new());
    let waker = {
        let (future, memory) = (future.clone(), memory.clone());
        thread::spawn(move || {
            if future.wake() == Ask::Publish {
                let call = CallId {
                    slot: 0,
                    generation,
                };
                CompletionProducer::new(memory).publish(&[Request::Poll { call }.encode()]);
            }
        })
    };
    (future, waker)
}

/// Owner: reads the next POLL record, if there is one; the number of its future.
fn next(ring: &mut CompletionConsumer) -> Option<u32> {
    let words = ring.try_next()?;
    match decode_request(&words) {
        Ok(Request::Poll { call }) => Some(call.generation),
        other => panic!("{other:?}"),
    }
}
