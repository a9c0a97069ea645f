//! Calls from the owner to the dispatcher: none is overwritten, none waits for a dispatcher that sleeps, and none is
//! lost or settled twice when the dispatcher ends.
#![cfg(loom)]

mod model;
mod owner;

use loom::sync::{Arc, Mutex};
use loom::thread;
use loopbridge_protocol::{
    CallId, Close, CompletionProducer, Doorbell, GiveBack, Outcome, OutcomeKind, Park, PortMemory,
    Ring, Submission, SubmissionConsumer, SubmissionProducer, WakeWord, Words,
};
use model::model;
use owner::OwnerLoop;

fn call(slot: u32) -> Words {
    Submission::cancel(CallId {
        slot,
        generation: 7,
    })
    .encode()
}

fn slot(words: &Words) -> u32 {
    let submission = Submission::decode(words).expect("a whole record");
    assert_eq!(submission.call.generation, 7);
    submission.call.slot
}

/// Three records through two places, so that one is written over a record that was read.
#[test]
fn a_place_is_written_again_after_its_record_was_read() {
    model("submission wrap", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        let owner = thread::spawn(move || {
            (0..3)
                .filter(|slot| calls.try_submit(&call(*slot)))
                .collect::<Vec<u32>>()
        });
        let mut ring = SubmissionConsumer::new(memory);
        let mut seen = Vec::new();
        for _ in 0..2 {
            seen.extend(ring.try_next().map(slot));
        }
        let submitted = owner.join().unwrap();
        while let Some(words) = ring.try_next() {
            seen.push(slot(words));
        }
        assert!(submitted.starts_with(&[0, 1]));
        assert_eq!(seen, submitted);
    });
}

/// A ring at its wrap: the consumer copies the last and the first place together, and frees both,
/// while the producer goes on. Two records wait at most, so that both places are written again.
#[test]
fn a_batch_is_copied_across_the_wrap() {
    model("batch at the wrap", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        let mut ring = SubmissionConsumer::new(memory);
        assert!(calls.try_submit(&call(0)));
        assert_eq!(ring.try_next().map(slot), Some(0));
        assert!(calls.try_submit(&call(1)));
        let owner = thread::spawn(move || {
            (2..6)
                .filter(|slot| calls.try_submit(&call(*slot)))
                .collect::<Vec<u32>>()
        });
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.extend(ring.try_next().map(slot));
        }
        let submitted = owner.join().unwrap();
        while let Some(words) = ring.try_next() {
            seen.push(slot(words));
        }
        assert!(submitted.starts_with(&[2]));
        assert_eq!(seen[0], 1);
        assert_eq!(seen[1..], submitted);
    });
}

/// A full ring that is longer than a batch, and wraps within it: the records that one copy leaves are copied next,
/// while the producer fills the places that the first copy freed.
///
/// Loom need not remember the stores that fill the ring, since the producer's thread begins after them.
#[test]
fn a_ring_longer_than_a_batch_is_copied_piece_by_piece() {
    model("more than a batch", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(16, 1).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        let mut ring = SubmissionConsumer::new(memory);
        for slot in 0..10 {
            assert!(calls.try_submit(&call(slot)));
        }
        assert_eq!(std::iter::from_fn(|| ring.try_next().map(slot)).count(), 10);
        for slot in 10..26 {
            assert!(calls.try_submit(&call(slot)));
        }
        let owner = thread::spawn(move || {
            (26..30)
                .filter(|slot| calls.try_submit(&call(*slot)))
                .collect::<Vec<u32>>()
        });
        // As many records as make the second copy, too, run beside the producer.
        let mut seen = Vec::new();
        for _ in 0..10 {
            seen.extend(ring.try_next().map(slot));
        }
        let submitted = owner.join().unwrap();
        seen.extend(std::iter::from_fn(|| ring.try_next().map(slot)));
        assert!(seen.iter().copied().eq((10..26).chain(submitted)));
    });
}

/// The memory of two records becomes zeros after both were copied together and before their places are free, while the
/// producer goes on. It does not if an earlier copy took the first of them, whose place the producer may have again.
#[test]
fn memory_is_given_back_before_its_places_are_free() {
    model("memory given back", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        let zeroed = memory.clone();
        let mut ring = SubmissionConsumer::new(memory).giving_back(GiveBack {
            chunk: 2,
            deep: 0,
            discard: Box::new(move |bytes| zeroed.discard(bytes)),
        });
        assert!(calls.try_submit(&call(0)));
        let owner = thread::spawn(move || {
            (1..5)
                .filter(|slot| calls.try_submit(&call(*slot)))
                .collect::<Vec<u32>>()
        });
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.extend(ring.try_next().map(slot));
        }
        let submitted = owner.join().unwrap();
        seen.extend(std::iter::from_fn(|| ring.try_next().map(slot)));
        assert_eq!(seen[0], 0);
        assert_eq!(seen[1..], submitted);
    });
}

/// The dispatcher of a model. A turn runs under its mutex, on the thread that woke it.
struct Dispatcher {
    doorbell: Doorbell,
    turn: Mutex<(SubmissionConsumer, Vec<u32>)>,
}

impl Dispatcher {
    fn turn(&self) {
        let (ring, seen) = &mut *self.turn.lock().unwrap();
        loop {
            while let Some(words) = ring.try_next() {
                seen.push(slot(words));
            }
            assert_eq!(self.doorbell.park(), Park::Parked);
            if ring.is_empty() {
                return;
            }
            let _ = self.doorbell.unpark();
        }
    }
}

/// Two turns of the owner, each of which rings the doorbell, while the dispatcher goes to sleep. No further turn
/// follows: a record still in the ring would wait for ever.
#[test]
fn the_owner_submits_while_the_dispatcher_parks() {
    model("submit, park", "I1", || {
        let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
        let dispatcher = Arc::new(Dispatcher {
            doorbell: Doorbell::new(memory.clone()),
            turn: Mutex::new((SubmissionConsumer::new(memory.clone()), Vec::new())),
        });
        let owner = {
            let dispatcher = dispatcher.clone();
            thread::spawn(move || {
                let mut calls = SubmissionProducer::new(memory);
                for slot in 0..2 {
                    assert!(calls.try_submit(&call(slot)));
                    if dispatcher.doorbell.ring() == Ring::Downcall {
                        dispatcher.turn();
                    }
                }
            })
        };
        dispatcher.turn();
        owner.join().unwrap();
        assert_eq!(dispatcher.turn.lock().unwrap().1, [0, 1]);
    });
}

/// Two turns of the owner while the dispatcher ends. The dispatcher's last drain settles the calls that it sees, and
/// the owner settles the rest when it reads that nothing follows: the records that are still in the ring then, none of
/// which found the doorbell open.
#[test]
fn the_owner_submits_while_the_dispatcher_closes() {
    model("submit, close", "I3", || {
        let memory = Arc::new(PortMemory::allocate(2, 2).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        owner.drain();
        let submitter = {
            let (memory, owner) = (memory.clone(), owner.clone());
            thread::spawn(move || {
                let mut calls = SubmissionProducer::new(memory.clone());
                let doorbell = Doorbell::new(memory);
                let rings = [0, 1].map(|slot| submit(&owner, &mut calls, &doorbell, slot));
                (rings, calls)
            })
        };

        let settle = |ring: &mut SubmissionConsumer, kind| {
            while let Some(words) = ring.try_next() {
                let call = CallId {
                    slot: slot(words),
                    generation: 7,
                };
                let outcomes = CompletionProducer::new(memory.clone());
                outcomes.publish(&[Outcome::bare(kind, call).encode()]);
                owner.wake(WakeWord::new(memory.clone()).schedule());
            }
        };
        let mut ring = SubmissionConsumer::new(memory.clone());
        settle(&mut ring, OutcomeKind::Value);
        assert_eq!(Doorbell::new(memory.clone()).close(), Close::First);
        settle(&mut ring, OutcomeKind::Closed);
        owner.wake(WakeWord::new(memory.clone()).close());

        let (rings, calls) = submitter.join().unwrap();
        owner.execute(|confined| {
            let seen: Vec<u32> = confined.seen.iter().map(|(call, _)| call.slot).collect();
            assert!(confined.closed && confined.unsettled.is_empty());
            let accepted = rings.iter().flatten().count();
            let in_order: Vec<u32> = (0..accepted as u32).collect();
            assert_eq!(seen, in_order[..accepted - confined.swept]);
            assert_eq!(confined.swept as u64, 2 - calls.free());
            let open = rings
                .iter()
                .filter(|ring| **ring == Some(Ring::Awake))
                .count();
            assert!(
                open <= seen.len(),
                "{open} submitted in time, {} seen",
                seen.len()
            );
        });
    });
}

/// A turn of the loop that makes one call, and the state in which its ring found the doorbell; `None` when the owner
/// has already read that nothing follows.
fn submit(
    owner: &OwnerLoop,
    calls: &mut SubmissionProducer,
    doorbell: &Doorbell,
    slot: u32,
) -> Option<Ring> {
    owner.execute(|confined| {
        if confined.closed {
            return None;
        }
        assert!(calls.try_submit(&call(slot)));
        confined.unsettled.push(CallId {
            slot,
            generation: 7,
        });
        Some(doorbell.ring())
    })
}
