//! The wake word: no outcome waits for ever, and at most one drain is scheduled.
#![cfg(loom)]

mod model;
mod owner;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use loopbridge_protocol::{
    CallId, CompletionProducer, Outcome, OutcomeKind, PortMemory, WakeWord, Words,
};
use model::model;
use owner::OwnerLoop;

fn publish(memory: &Arc<PortMemory>, slots: &[u32]) {
    let value = |slot: &u32| {
        let call = CallId {
            slot: *slot,
            generation: 0,
        };
        Outcome::bare(OutcomeKind::Value, call).encode()
    };
    let records: Vec<Words> = slots.iter().map(value).collect();
    CompletionProducer::new(memory.clone()).publish(&records);
}

/// A thread that publishes batches, each with its own schedule.
fn producer<const BATCHES: usize>(
    memory: &Arc<PortMemory>,
    owner: &Arc<OwnerLoop>,
    batches: [&'static [u32]; BATCHES],
) -> thread::JoinHandle<()> {
    let (memory, owner) = (memory.clone(), owner.clone());
    thread::spawn(move || {
        for slots in batches {
            publish(&memory, slots);
            owner.wake(WakeWord::new(memory.clone()).schedule());
        }
    })
}

/// The slots in the order in which the owner saw them.
fn in_order(owner: &OwnerLoop) -> Vec<u32> {
    owner.execute(|confined| confined.seen.iter().map(|(call, _)| call.slot).collect())
}

fn slots(owner: &OwnerLoop) -> Vec<u32> {
    let mut slots = in_order(owner);
    slots.sort_unstable();
    slots
}

/// No record follows the two producers: every drain that they scheduled has run when they end, so a record still in the
/// ring would wait for ever.
#[test]
fn two_producers_meet_a_drain_that_goes_idle() {
    model("two producers, drain going idle", "I1 I2", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let first = producer(&memory, &owner, [&[0]]);
        let second = producer(&memory, &owner, [&[1]]);
        owner.drain();
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(slots(&owner), [0, 1]);
    });
}

/// The same from an idle loop: the two producers race for the upcall.
#[test]
fn two_producers_race_for_the_upcall() {
    model("two producers, idle loop", "I1 I2", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let owner = OwnerLoop::idle(&memory);
        let first = producer(&memory, &owner, [&[0]]);
        let second = producer(&memory, &owner, [&[1]]);
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(slots(&owner), [0, 1]);
    });
}

/// The dispatcher publishes outcomes twice in its last turn: one schedule covers all records of a batch, so that a
/// drain which sees some of them and goes idle leaves none unread.
#[test]
fn batches_meet_a_drain_that_goes_idle() {
    model("two batches, drain going idle", "I1 I2", || {
        let memory = Arc::new(PortMemory::allocate(1, 8).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let dispatcher = producer(&memory, &owner, [&[0, 1, 2], &[3, 4]]);
        owner.drain();
        dispatcher.join().unwrap();
        assert_eq!(in_order(&owner), [0, 1, 2, 3, 4]);
    });
}

/// A batch is claimed as a whole: the record of a worker lies before it or after it.
#[test]
fn a_batch_and_a_worker_meet_a_drain_that_goes_idle() {
    model("batch, worker, drain going idle", "I1 I24", || {
        let memory = Arc::new(PortMemory::allocate(1, 4).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let dispatcher = producer(&memory, &owner, [&[0, 1]]);
        let worker = producer(&memory, &owner, [&[2]]);
        owner.drain();
        dispatcher.join().unwrap();
        worker.join().unwrap();
        let seen = in_order(&owner);
        assert!(seen == [0, 1, 2] || seen == [2, 0, 1], "{seen:?}");
    });
}

/// A producer has published its last record and not yet scheduled when another thread closes.
#[test]
fn a_record_published_before_the_close_is_read_before_the_sweep() {
    model("wake, close", "I3 I9", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let (call, left) = (
            CallId {
                slot: 0,
                generation: 0,
            },
            CallId {
                slot: 1,
                generation: 0,
            },
        );
        owner.execute(|confined| confined.unsettled.extend([call, left]));
        let published = Arc::new(AtomicBool::new(false));

        let producer = {
            let (memory, owner, published) = (memory.clone(), owner.clone(), published.clone());
            thread::spawn(move || {
                publish(&memory, &[0]);
                published.store(true, Ordering::Release);
                owner.wake(WakeWord::new(memory).schedule());
            })
        };
        let closer = {
            let (memory, owner) = (memory.clone(), owner.clone());
            thread::spawn(move || {
                let last = published.load(Ordering::Acquire);
                if last {
                    owner.wake(WakeWord::new(memory).close());
                }
                last
            })
        };
        owner.drain();
        producer.join().unwrap();
        if !closer.join().unwrap() {
            owner.wake(WakeWord::new(memory).close());
        }
        owner.execute(|confined| {
            assert!(confined.closed);
            assert_eq!((confined.seen.len(), confined.swept), (1, 1));
        });
    });
}
