//! Outcomes on their way up: every record reaches the owner whole, across a wrap of the ring.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::{
    CallId, CompletionConsumer, CompletionProducer, Outcome, OutcomeKind, PortMemory, Submission,
    SubmissionConsumer, SubmissionProducer, Words,
};
use model::model;

fn record(slot: u32) -> Words {
    Outcome::bare(
        OutcomeKind::Value,
        CallId {
            slot,
            generation: 7,
        },
    )
    .encode()
}

fn slot(words: &Words) -> u32 {
    let outcome = Outcome::decode(words).expect("a whole record");
    assert_eq!(
        (outcome.kind, outcome.call.generation),
        (OutcomeKind::Value, 7)
    );
    outcome.call.slot
}

/// Two calls at most, two places, one record for each call: the tightest ring possible. The call made after the first
/// record was read lets the *other* producer lap the ring, and only the chain of claims orders that producer's writes
/// after the owner's reads.
#[test]
fn a_lapping_producer_writes_after_the_owner_read() {
    model("lap", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let (first, second) = (publish(&memory, 0), publish(&memory, 1));
        let mut ring = CompletionConsumer::new(memory.clone());
        let mut seen = Vec::new();
        let mut third = None;
        for _ in 0..2 {
            let Some(words) = ring.try_next() else { break };
            seen.push(slot(&words));
            // The slot of the call that was read is free: submit the next. Spawning orders it after
            // the read, as the submission ring would.
            if third.is_none() {
                third = Some(publish(&memory, 2));
            }
        }
        first.join().unwrap();
        second.join().unwrap();
        if let Some(third) = third {
            third.join().unwrap();
        } else {
            seen.push(slot(&ring.try_next().expect("published")));
            publish(&memory, 2).join().unwrap();
        }
        while let Some(words) = ring.try_next() {
            seen.push(slot(&words));
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    });
}

fn publish(memory: &Arc<PortMemory>, slot: u32) -> thread::JoinHandle<()> {
    let producer = CompletionProducer::new(memory.clone());
    thread::spawn(move || producer.publish(&[record(slot)]))
}

/// Four places. The dispatcher's second batch reaches beyond the end of the ring into a place whose record may be a
/// worker's: the submissions after the batch order all of its writes after the owner's reads, though it claims its
/// places at once.
#[test]
fn a_batch_laps_the_ring() {
    model("batch laps", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(4, 4).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        assert!(calls.try_submit(&call(0)) && calls.try_submit(&call(1)));
        let worker = publish(&memory, 2);
        let mut dispatcher = Dispatcher::new(&memory);
        let dispatcher = thread::spawn(move || {
            dispatcher.turn_of_all();
            dispatcher.turn_of_all();
            dispatcher
        });

        let mut ring = CompletionConsumer::new(memory.clone());
        let mut seen = Vec::new();
        let mut next = 3;
        // Each record that was read lets one more call begin; three calls are in flight at most.
        let mut drain = |seen: &mut Vec<u32>| {
            while let Some(words) = ring.try_next() {
                seen.push(slot(&words));
                if next < 5 {
                    assert!(calls.try_submit(&call(next)));
                    next += 1;
                }
            }
        };
        drain(&mut seen);
        let mut dispatcher = dispatcher.join().unwrap();
        worker.join().unwrap();
        while seen.len() < 5 {
            drain(&mut seen);
            dispatcher.turn_of_all();
        }
        let of_dispatcher: Vec<u32> = seen.iter().copied().filter(|slot| *slot != 2).collect();
        assert_eq!(of_dispatcher, [0, 1, 3, 4]);
        assert_eq!(seen.len(), 5);
    });
}

/// The same chain through both rings: the owner's read, its submission, the dispatcher's claim, the other producer's
/// claim.
#[test]
fn a_submission_orders_the_claims_after_it() {
    model("lap through both rings", "I3 I24", || {
        let memory = Arc::new(PortMemory::allocate(2, 2).unwrap());
        let mut calls = SubmissionProducer::new(memory.clone());
        assert!(calls.try_submit(&call(0)));
        let worker = publish(&memory, 1);
        let mut dispatcher = Dispatcher::new(&memory);
        let dispatcher = thread::spawn(move || {
            assert!(dispatcher.turn());
            dispatcher.turn();
            dispatcher
        });

        let mut ring = CompletionConsumer::new(memory.clone());
        let mut seen = Vec::new();
        if let Some(words) = ring.try_next() {
            seen.push(slot(&words));
            assert!(calls.try_submit(&call(2)));
        }
        let mut dispatcher = dispatcher.join().unwrap();
        worker.join().unwrap();
        dispatcher.turn();
        while let Some(words) = ring.try_next() {
            seen.push(slot(&words));
            if seen.len() == 1 {
                assert!(calls.try_submit(&call(2)));
                assert!(dispatcher.turn());
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    });
}

/// Completes each call at once, by the call's own slot.
struct Dispatcher {
    calls: SubmissionConsumer,
    outcomes: CompletionProducer,
}

impl Dispatcher {
    fn new(memory: &Arc<PortMemory>) -> Self {
        Self {
            calls: SubmissionConsumer::new(memory.clone()),
            outcomes: CompletionProducer::new(memory.clone()),
        }
    }

    fn turn(&mut self) -> bool {
        let Some(words) = self.calls.try_next() else {
            return false;
        };
        let call = Submission::decode(words).expect("a whole record").call;
        self.outcomes.publish(&[record(call.slot)]);
        true
    }

    /// Completes what the ring holds as one batch.
    fn turn_of_all(&mut self) {
        let mut ready = Vec::new();
        while let Some(words) = self.calls.try_next() {
            let call = Submission::decode(words).expect("a whole record").call;
            ready.push(record(call.slot));
        }
        if !ready.is_empty() {
            self.outcomes.publish(&ready);
        }
    }
}

fn call(slot: u32) -> Words {
    Submission::cancel(CallId {
        slot,
        generation: 7,
    })
    .encode()
}
