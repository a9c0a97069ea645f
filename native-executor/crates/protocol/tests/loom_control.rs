//! Models of protocols that are broken on purpose. Loom must find each bug; otherwise a green model would prove
//! nothing.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use loopbridge_protocol::{
    CallId, CompletionConsumer, CompletionProducer, Outcome, OutcomeKind, PortMemory,
    SubmissionConsumer, SubmissionProducer, Wake, WakeWord,
    record::{RECORD_BYTES, RINGS},
};
use model::control;

fn publish(memory: &Arc<PortMemory>) {
    let call = CallId {
        slot: 0,
        generation: 0,
    };
    let record = Outcome::bare(OutcomeKind::Value, call).encode();
    CompletionProducer::new(memory.clone()).publish(&[record]);
}

/// Breaks rule 3 of the wake word: the drain does not look again after it went idle.
#[test]
fn a_record_behind_the_drains_last_look_is_lost() {
    control("a drain that goes idle and does not look again", || {
        let memory = Arc::new(PortMemory::allocate(1, 1).unwrap());
        let wake = WakeWord::new(memory.clone());
        assert_eq!(wake.schedule(), Wake::Upcall);
        let producer = {
            let (memory, wake) = (memory.clone(), wake.clone());
            thread::spawn(move || {
                publish(&memory);
                wake.schedule()
            })
        };
        let seen = CompletionConsumer::new(memory.clone()).try_next().is_some();
        let _ = wake.idle();
        let drained_again = producer.join().unwrap() == Wake::Upcall;
        assert!(seen || drained_again, "a record stays unread");
    });
}

/// Breaks rule 2 of a block's memory: the store that announces a record to its consumer orders nothing.
#[test]
fn a_record_that_nothing_orders_is_a_race() {
    control("a record read on the strength of a relaxed flag", || {
        let memory = Arc::new(PortMemory::allocate(1, 1).unwrap());
        let read = Arc::new(AtomicBool::new(false));
        publish(&memory);
        let owner = {
            let (memory, read) = (memory.clone(), read.clone());
            thread::spawn(move || {
                let mut ring = CompletionConsumer::new(memory);
                let _ = ring.try_next().expect("published before");
                read.store(true, Ordering::Relaxed);
            })
        };
        if read.load(Ordering::Relaxed) {
            publish(&memory);
        }
        owner.join().unwrap();
    });
}

/// Breaks rule 5 of the submission ring: memory is given back of which the producer has a part again.
#[test]
fn memory_given_back_late_is_a_race() {
    control("memory given back after its place was freed", || {
        let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        assert!(calls.try_submit(&[1; 8]));
        assert!(calls.try_submit(&[2; 8]));
        let owner = thread::spawn(move || calls.try_submit(&[3; 8]));
        let mut ring = SubmissionConsumer::new(memory.clone());
        assert!(ring.try_next().is_some());
        memory.discard(RINGS..RINGS + 2 * RECORD_BYTES);
        owner.join().unwrap();
    });
}
