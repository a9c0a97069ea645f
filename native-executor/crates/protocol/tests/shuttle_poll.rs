//! Loop-driven futures, their wakers on three threads, and the port that carries their POLL records.
#![cfg(shuttle)]

mod scenario;
mod threads;

use std::sync::atomic::{AtomicUsize, Ordering};

use loopbridge_protocol::record::decode_request;
use loopbridge_protocol::sync::{Arc, AtomicU64};
use loopbridge_protocol::{
    Ask, CallId, CompletionConsumer, CompletionProducer, Idle, Pend, PollState, PortMemory,
    Request, Reschedule, Wake, WakeWord,
};
use scenario::scenario;
use threads::{Receiver, Sender, channel, receive, spawn};

const WAKERS: u64 = 3;
const EVENTS_EACH: u64 = 2;
const ALL: u64 = (1 << (WAKERS * EVENTS_EACH)) - 1;

/// One use of the port's only slot.
struct Future {
    state: PollState,
    /// The count that its wakers have made ready.
    ready: AtomicU64,
    asked: AtomicUsize,
}

struct Port {
    memory: Arc<PortMemory>,
    wake: WakeWord,
    loop_tasks: Sender<()>,
}

impl Port {
    fn woken(&self, future: &Future, call: CallId, event: u64) {
        future.ready.fetch_or(1 << event, Ordering::Relaxed);
        if future.state.wake() == Ask::Publish {
            future.asked.fetch_add(1, Ordering::Relaxed);
            let poll = Request::Poll { call }.encode();
            CompletionProducer::new(self.memory.clone()).publish(&[poll]);
            if self.wake.schedule() == Wake::Upcall {
                self.loop_tasks.send(()).expect("the loop is there");
            }
        }
    }
}

struct Owner {
    port: Arc<Port>,
    tasks: Receiver<()>,
    ring: CompletionConsumer,
    polls: usize,
}

impl Owner {
    /// Polls for as long as the future was woken meanwhile; returns the count that the last poll saw.
    fn poll(&mut self, future: &Future) -> u64 {
        loop {
            future.state.begin();
            self.polls += 1;
            let seen = future.ready.load(Ordering::Relaxed);
            if future.state.pend() == Pend::Idle {
                return seen;
            }
        }
    }

    /// The next POLL record; waits for ever if there is none, which shuttle reports as a deadlock.
    fn next(&mut self) -> CallId {
        loop {
            if let Some(words) = self.ring.try_next() {
                match decode_request(&words) {
                    Ok(Request::Poll { call }) => return call,
                    other => panic!("{other:?}"),
                }
            }
            if self.port.wake.idle() == Idle::Closed {
                panic!("no thread closes");
            }
            let looks_again =
                !self.ring.is_empty() && self.port.wake.reschedule() == Reschedule::Drain;
            if !looks_again {
                receive(&self.tasks).expect("the port is there");
            }
        }
    }
}

/// The slot's nth future is polled until it has seen `enough` of its wakers' counts, then ended.
fn one_future(owner: &mut Owner, generation: u32, enough: impl Fn(u64) -> bool) {
    let call = CallId {
        slot: 0,
        generation,
    };
    let future = Arc::new(Future {
        state: PollState::new(),
        ready: AtomicU64::new(0),
        asked: AtomicUsize::new(0),
    });
    let wakers: Vec<_> = (0..WAKERS)
        .map(|waker| {
            let (port, future) = (owner.port.clone(), future.clone());
            spawn(move || {
                for event in 0..EVENTS_EACH {
                    port.woken(&future, call, waker * EVENTS_EACH + event);
                }
            })
        })
        .collect();
    owner.polls = 0;
    let mut seen = owner.poll(&future);
    while !enough(seen) {
        assert_eq!(owner.next(), call, "a record of the slot's last future");
        seen = owner.poll(&future);
    }
    if future.state.end() {
        assert_eq!(owner.next(), call);
    }
    wakers.into_iter().for_each(|waker| waker.join().unwrap());
    let asked = future.asked.load(Ordering::Relaxed);
    let woken = (WAKERS * EVENTS_EACH) as usize;
    assert!(
        asked <= owner.polls,
        "{asked} records, {} polls",
        owner.polls
    );
    assert!(owner.polls <= 1 + woken, "{} polls of {woken}", owner.polls);
    assert_eq!(future.state.wake(), Ask::Known, "a late waker is inert");
}

fn futures(enough: impl Fn(u64) -> bool) {
    let memory = Arc::new(PortMemory::allocate(1, 1).unwrap());
    let (loop_tasks, tasks) = channel();
    let port = Arc::new(Port {
        wake: WakeWord::new(memory.clone()),
        memory: memory.clone(),
        loop_tasks,
    });
    let mut owner = Owner {
        ring: CompletionConsumer::new(memory),
        port,
        tasks,
        polls: 0,
    };
    // The owner is in a drain when it starts.
    assert_eq!(owner.port.wake.schedule(), Wake::Upcall);
    for generation in 0..2 {
        one_future(&mut owner, generation, &enough);
    }
    assert!(owner.ring.is_empty());
}

#[test]
fn no_wake_of_a_future_is_lost() {
    scenario("three wakers, two futures in a slot", "I1 I2 I18", || {
        futures(|seen| seen == ALL);
    });
}

/// The ring has room for one record: an excess record would overwrite that of the next future.
#[test]
fn a_future_that_ends_leaves_no_record() {
    scenario("three wakers, futures end early", "I9 I5 I2", || {
        futures(|seen| seen.count_ones() >= 2);
    });
}
