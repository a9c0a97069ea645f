//! The two rings on one thread, and under real threads at sizes that loom cannot reach.
#![cfg(not(any(loom, shuttle)))]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use loopbridge_protocol::{
    CompletionConsumer, CompletionProducer, GiveBack, PortMemory, SubmissionConsumer,
    SubmissionProducer,
    record::{RECORD_BYTES, RINGS},
};

#[test]
fn submissions_arrive_in_order_until_the_ring_is_full() {
    let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
    let mut producer = SubmissionProducer::new(memory.clone());
    let mut consumer = SubmissionConsumer::new(memory);
    assert!(consumer.is_empty());
    for lap in 0..5 {
        assert_eq!(producer.free(), 2);
        assert!(producer.try_submit(&[lap; 8]));
        assert!(producer.try_submit(&[lap + 100; 8]));
        assert!(!producer.try_submit(&[0; 8]));
        assert!(!consumer.is_empty());
        assert_eq!(consumer.try_next(), Some(&[lap; 8]));
        // The whole batch was copied.
        assert_eq!(producer.free(), 2);
        assert_eq!(consumer.try_next(), Some(&[lap + 100; 8]));
        assert_eq!(consumer.try_next(), None);
    }
}

/// Records that were copied and not taken keep the dispatcher awake, though the ring itself is empty.
#[test]
fn a_copied_record_is_not_a_taken_one() {
    let memory = Arc::new(PortMemory::allocate(16, 1).unwrap());
    let mut producer = SubmissionProducer::new(memory.clone());
    let mut consumer = SubmissionConsumer::new(memory);
    for word in 0..11 {
        assert!(producer.try_submit(&[word; 8]));
    }
    for word in 0..11 {
        assert!(!consumer.is_empty());
        assert_eq!(consumer.try_next(), Some(&[word; 8]));
        // Eight places are freed together, the last three when their records are copied.
        assert_eq!(producer.free(), if word < 8 { 13 } else { 16 });
    }
    assert!(consumer.is_empty());
}

/// Memory is given back while more than 39 records wait, and only of whole chunks that one copy took: the producer may
/// have written again over what an earlier copy took. A chunk of 32 begins at place 16, since the header is as long as
/// 16 records.
#[test]
fn memory_of_whole_chunks_is_given_back_while_the_ring_is_deep() {
    let memory = Arc::new(PortMemory::allocate(64, 1).unwrap());
    let mut producer = SubmissionProducer::new(memory.clone());
    let given = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&given);
    let mut consumer = SubmissionConsumer::new(memory).giving_back(GiveBack {
        chunk: 32,
        deep: 39,
        discard: Box::new(move |bytes| {
            let places = [bytes.start, bytes.end].map(|byte| (byte - RINGS) / RECORD_BYTES);
            noted.lock().unwrap().push(places);
        }),
    });
    let whole = [16, 48];
    let (mut submitted, mut taken) = (0_u64, 0_u64);
    // The head after these laps is at place 39, 39, 46 and 0.
    for (waiting, expected) in [(39, 0), (64, 0), (7, 0), (18, 0), (64, 1), (64, 2)] {
        for _ in 0..waiting {
            assert!(producer.try_submit(&[submitted; 8]));
            submitted += 1;
        }
        while taken < submitted {
            assert_eq!(consumer.try_next(), Some(&[taken; 8]));
            taken += 1;
        }
        let given = given.lock().unwrap();
        assert_eq!(*given, vec![whole; expected], "{waiting} behind {taken}");
    }
}

#[test]
fn ends_made_later_go_on_where_the_ring_stands() {
    let memory = Arc::new(PortMemory::allocate(2, 1).unwrap());
    let mut producer = SubmissionProducer::new(memory.clone());
    assert!(producer.try_submit(&[1; 8]));
    assert_eq!(
        SubmissionConsumer::new(memory.clone()).try_next(),
        Some(&[1; 8])
    );
    for word in 2..=3 {
        assert!(SubmissionProducer::new(memory.clone()).try_submit(&[word; 8]));
    }
    let mut consumer = SubmissionConsumer::new(memory);
    assert_eq!(consumer.try_next(), Some(&[2; 8]));
    assert_eq!(consumer.try_next(), Some(&[3; 8]));
}

#[test]
fn a_batch_of_outcomes_keeps_its_order_across_the_wrap() {
    let memory = Arc::new(PortMemory::allocate(1, 4).unwrap());
    let producer = CompletionProducer::new(memory.clone());
    let mut consumer = CompletionConsumer::new(memory);
    for lap in 0..5 {
        producer.publish(&[[lap; 8], [lap + 100; 8], [lap + 200; 8]]);
        for (place, word) in (1..).zip([lap, lap + 100, lap + 200]) {
            let mut expected = [word; 8];
            expected[0] = 3 * lap + place;
            assert_eq!(consumer.try_next(), Some(expected));
        }
        producer.publish(&[]);
        assert!(consumer.is_empty());
    }
}

#[test]
fn outcomes_carry_their_sequence_across_laps() {
    let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
    let producer = CompletionProducer::new(memory.clone());
    let mut consumer = CompletionConsumer::new(memory);
    for count in 0..7 {
        assert!(consumer.is_empty());
        assert_eq!(consumer.try_next(), None);
        producer.publish(&[[count + 50; 8]]);
        let mut expected = [count + 50; 8];
        expected[0] = count + 1;
        assert_eq!(consumer.try_next(), Some(expected));
    }
}

/// Calls circulate: the owner submits while it has a free slot, a dispatcher hands calls to
/// workers, and the workers' outcomes free slots. Both rings lap many times at their tightest size.
#[test]
fn calls_circulate_through_tight_rings() {
    const SLOTS: u64 = 4;
    const CALLS: u64 = 50_000;
    let memory = Arc::new(PortMemory::allocate(SLOTS as u32, SLOTS as u32).unwrap());
    let mut calls = SubmissionConsumer::new(memory.clone());
    let dispatched = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (first_hand, first) = std::sync::mpsc::channel();
        let (second_hand, second) = std::sync::mpsc::channel();
        for work in [first, second] {
            let outcomes = CompletionProducer::new(memory.clone());
            scope.spawn(move || {
                work.iter()
                    .for_each(|record: [u64; 8]| outcomes.publish(&[record]))
            });
        }
        scope.spawn(|| {
            let hands = [first_hand, second_hand];
            while dispatched.load(Ordering::Relaxed) < CALLS as usize {
                let Some(&record) = calls.try_next() else {
                    thread::yield_now();
                    continue;
                };
                let count = dispatched.fetch_add(1, Ordering::Relaxed);
                hands[count % 2].send(record).unwrap();
            }
            drop(hands);
        });

        let mut producer = SubmissionProducer::new(memory.clone());
        let mut outcomes = CompletionConsumer::new(memory.clone());
        let (mut submitted, mut settled, mut sum) = (0, 0, 0);
        while settled < CALLS {
            if submitted < CALLS && submitted - settled < SLOTS {
                assert!(producer.try_submit(&[submitted; 8]));
                submitted += 1;
            }
            match outcomes.try_next() {
                Some(record) => {
                    settled += 1;
                    assert_eq!(record[0], settled);
                    assert_eq!(record[1..], [record[1]; 7], "a torn record");
                    sum += record[1];
                }
                None => thread::yield_now(),
            }
        }
        assert_eq!(sum, CALLS * (CALLS - 1) / 2);
    });
}
