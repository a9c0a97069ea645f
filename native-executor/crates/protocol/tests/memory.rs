//! A block of memory: which ones are accepted, and where their words are.
#![cfg(not(any(loom, shuttle)))]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loopbridge_protocol::record::{
    COMPLETION_TAIL, DOORBELL, DOORBELL_PARKED, RINGS, SUBMISSION_HEAD, SUBMISSION_TAIL, WAKE,
    WAKE_SCHEDULED,
};
use loopbridge_protocol::{
    CompletionProducer, Doorbell, LayoutError, Park, PortMemory, SubmissionConsumer,
    SubmissionProducer, Wake, WakeWord,
};

/// Memory like the one that Java allocates for rings of 2 and 4 records, as words.
struct Buffer(Vec<AtomicU64>);

impl Buffer {
    const BYTES: usize = 1024 + 64 * 6;

    fn new() -> Self {
        Self((0..Self::BYTES / 8).map(|_| AtomicU64::new(0)).collect())
    }

    fn address(&self) -> *mut u8 {
        self.0.as_ptr().cast_mut().cast()
    }

    fn word(&self, offset: usize) -> u64 {
        self.0[offset / 8].load(Ordering::Relaxed)
    }

    /// # Safety
    ///
    /// The buffer outlives the block, and `address..address + bytes` lies in it unless the block is to be refused.
    unsafe fn block(&self, address: *mut u8, bytes: usize) -> Result<PortMemory, LayoutError> {
        // SAFETY: the caller's promise; the buffer's words are atomics, which may be shared.
        unsafe { PortMemory::from_raw(address, bytes, 2, 4, ()) }
    }
}

#[test]
fn required_bytes_are_the_header_and_two_rings() {
    assert_eq!(PortMemory::required_bytes(2, 4), Buffer::BYTES as u64);
    assert_eq!(
        PortMemory::required_bytes(1 << 31, 1 << 31),
        1024 + (1 << 38)
    );
}

#[test]
fn words_and_records_are_at_the_offsets_of_the_layout() {
    let buffer = Buffer::new();
    // SAFETY: the buffer is declared first, so it is dropped last.
    let memory = Arc::new(unsafe { buffer.block(buffer.address(), Buffer::BYTES) }.unwrap());
    let mut calls = SubmissionProducer::new(memory.clone());
    for call in 0..2 {
        assert!(calls.try_submit(&[10 + call; 8]));
    }
    assert_eq!(
        SubmissionConsumer::new(memory.clone()).try_next(),
        Some(&[10; 8])
    );
    let outcomes = CompletionProducer::new(memory.clone());
    for outcome in 0..3 {
        outcomes.publish(&[[20 + outcome; 8]]);
    }
    assert_eq!(Doorbell::new(memory.clone()).park(), Park::Parked);
    assert_eq!(WakeWord::new(memory).schedule(), Wake::Upcall);

    assert_eq!(
        (buffer.word(SUBMISSION_TAIL), buffer.word(SUBMISSION_HEAD)),
        (2, 2)
    );
    assert_eq!(buffer.word(COMPLETION_TAIL), 3);
    assert_eq!(
        (buffer.word(DOORBELL), buffer.word(WAKE)),
        (DOORBELL_PARKED, WAKE_SCHEDULED)
    );
    let records: Vec<u64> = (RINGS..Buffer::BYTES)
        .step_by(8)
        .map(|at| buffer.word(at))
        .collect();
    let mut expected = vec![10; 8];
    expected.extend([11; 8]);
    for outcome in 0..3 {
        expected.push(outcome + 1);
        expected.extend([20 + outcome; 7]);
    }
    expected.extend([0; 8]);
    assert_eq!(records, expected);
}

#[test]
fn what_cannot_be_a_block_is_refused() {
    let buffer = Buffer::new();
    let address = buffer.address();
    // SAFETY: null is refused before any access.
    let null = unsafe { buffer.block(std::ptr::null_mut(), Buffer::BYTES) }.unwrap_err();
    assert_eq!(null, LayoutError::Null);
    // SAFETY: one byte into the buffer, and refused before any access.
    let unaligned = unsafe { buffer.block(address.add(1), Buffer::BYTES - 8) }.unwrap_err();
    assert_eq!(
        unaligned,
        LayoutError::Unaligned {
            address: address.addr() + 1,
            alignment: 8
        }
    );
    // SAFETY: inside the buffer.
    let small = unsafe { buffer.block(address, Buffer::BYTES - 1) }.unwrap_err();
    assert_eq!(
        small,
        LayoutError::TooSmall {
            given: 1407,
            expected: 1408
        }
    );
    assert_eq!(
        small.to_string(),
        "a port's memory of 1407 bytes, expected at least 1408"
    );
    for (submission, completion) in [(0, 4), (2, 0), (3, 4), (2, 6)] {
        assert_eq!(
            PortMemory::allocate(submission, completion).unwrap_err(),
            LayoutError::Capacity {
                submission,
                completion
            }
        );
    }
}
