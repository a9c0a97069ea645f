//! The wake word: no outcome waits for ever, and at most one drain is scheduled.
#![cfg(loom)]

mod model;
mod owner;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use loopbridge_protocol::{CallId, CompletionProducer, Outcome, OutcomeKind, PortMemory, WakeWord};
use model::model;
use owner::OwnerLoop;

fn publish(memory: &Arc<PortMemory>, slot: u32) {
    let outcome = Outcome::bare(
        OutcomeKind::Value,
        CallId {
            slot,
            generation: 0,
        },
    );
    CompletionProducer::new(memory.clone()).publish(&[outcome.encode()]);
}

fn producer(memory: &Arc<PortMemory>, owner: &Arc<OwnerLoop>, slot: u32) -> thread::JoinHandle<()> {
    let (memory, owner) = (memory.clone(), owner.clone());
    thread::spawn(move || {
        publish(&memory, slot);
        owner.wake(WakeWord::new(memory).schedule());
    })
}

fn slots(owner: &OwnerLoop) -> Vec<u32> {
    let mut slots: Vec<u32> =
        owner.execute(|confined| confined.seen.iter().map(|(call, _)| call.slot).collect());
    slots.sort_unstable();
    slots
}

/// Nothing follows the two producers: every drain that they are owed has run when they end, so a
/// record still in the ring would wait for ever.
#[test]
fn two_producers_meet_a_drain_that_goes_idle() {
    model("two producers, drain going idle", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let owner = OwnerLoop::scheduled(&memory);
        let (first, second) = (producer(&memory, &owner, 0), producer(&memory, &owner, 1));
        owner.drain();
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(slots(&owner), [0, 1]);
    });
}

/// The same from an idle loop: the two race for the upcall itself.
#[test]
fn two_producers_race_for_the_upcall() {
    model("two producers, idle loop", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let owner = OwnerLoop::idle(&memory);
        let (first, second) = (producer(&memory, &owner, 0), producer(&memory, &owner, 1));
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(slots(&owner), [0, 1]);
    });
}

/// A producer has published its last record and not yet scheduled when another thread closes.
#[test]
fn a_record_published_before_the_close_is_read_before_the_sweep() {
    model("wake, close", || {
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
                publish(&memory, 0);
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
