//! The layout and the records: both languages must agree on the offsets and codes, and decoding is total.
#![cfg(not(any(loom, shuttle)))]

use loopbridge_protocol::record::{self, RECORD_BYTES};
use loopbridge_protocol::{
    Answer, AnswerKind, AnswerPayload, Arguments, CallId, Inline, Outcome, OutcomeKind, Payload,
    RecordError, RecordFault, Relay, Request, Submission, SubmissionKind, Words,
};
use proptest::prelude::*;

const CALL: CallId = CallId {
    slot: 0x0102_0304,
    generation: 0x0506_0708,
};

fn words(bytes: [u8; RECORD_BYTES]) -> Words {
    std::array::from_fn(|word| {
        u64::from_le_bytes(std::array::from_fn(|byte| bytes[word * 8 + byte]))
    })
}

fn bytes(words: &Words) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn layout_text_names_every_constant() {
    assert_eq!(
        record::layout_text(),
        "abi=7;record=64;sq.tail=0;sq.head=128;sq.doorbell=256;cq.tail=384;cq.wake=512;direct=640;rings=1024;\
         sq.inline=48;cq.inline=40;cell=1088;submission.call=1;submission.cancel=2;submission.answer=3;\
         submission.acknowledge=4;submission.relay=5;submission.external=1;submission.needsPort=2;submission.cell=4;outcome.value=1;outcome.error=2;outcome.panic=3;outcome.cancelled=4;\
         outcome.closed=5;outcome.refused=6;outcome.released=7;outcome.tooLarge=8;\
         outcome.thrown=12;outcome.wrongLoop=13;outcome.exhausted=15;request.invoke=9;request.withdraw=10;request.drop=11;request.poll=14;request.inline=32;\
         answer.value=1;answer.error=2;answer.panic=3;step.pending=0;step.settled=1;step.again=2;step.returned=3;outcome.external=1;outcome.lent=2;outcome.cell=4;doorbell.parked=1;doorbell.closed=2;wake.scheduled=1;\
         wake.closed=2"
    );
}

#[test]
fn fingerprint_is_fnv_1a_of_the_layout_text() {
    let text = record::layout_text();
    let hash = record::fingerprint_of(text.as_bytes(), 0xcbf2_9ce4_8422_2325);
    assert_eq!(hash, record::FINGERPRINT);
    // The hash that RFC 9923 gives for "foobar".
    let known = record::fingerprint_of(b"foobar", 0xcbf2_9ce4_8422_2325);
    assert_eq!(known, 0x8594_4171_f739_67e8);
}

#[test]
fn a_call_lies_in_its_record_as_documented() {
    let call = Submission {
        kind: SubmissionKind::Call,
        needs_port: true,
        function: 0x1112_1314,
        call: CALL,
        arguments: Arguments::Inline(Inline::new(&[9, 8, 7]).unwrap()),
    };
    let mut expected = vec![
        1, 2, 3, 0, 0x14, 0x13, 0x12, 0x11, 4, 3, 2, 1, 8, 7, 6, 5, 9, 8, 7,
    ];
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&call.encode()), expected);
    assert_eq!(Submission::decode(&call.encode()), Ok(call));
}

#[test]
fn an_external_call_lies_in_its_record_as_documented() {
    let arguments = Arguments::External {
        address: 0x7f00_0000_1000,
        length: 300,
    };
    let call = Submission {
        kind: SubmissionKind::Call,
        needs_port: false,
        function: 1,
        call: CALL,
        arguments,
    };
    let mut expected = vec![1, 1, 0, 0, 1, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5];
    expected.extend([0, 0x10, 0, 0, 0, 0x7f, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&call.encode()), expected);
    assert_eq!(Submission::decode(&call.encode()), Ok(call));
}

#[test]
fn a_call_with_a_cell_lies_in_its_record_as_documented() {
    let call = Submission {
        kind: SubmissionKind::Call,
        needs_port: true,
        function: 1,
        call: CALL,
        arguments: Arguments::Cell { length: 1_088 },
    };
    let mut expected = vec![1, 6, 0x40, 4, 1, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5];
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&call.encode()), expected);
    assert_eq!(Submission::decode(&call.encode()), Ok(call));
}

#[test]
fn an_outcome_with_a_cell_lies_in_its_record_as_documented() {
    let outcome = Outcome {
        kind: OutcomeKind::Value,
        lent: true,
        call: CALL,
        payload: Payload::Cell { length: 300 },
    };
    let mut expected = vec![0; 8];
    expected.extend([1, 6, 44, 1, 4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 0, 0]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&outcome.encode()), expected);
    assert_eq!(Outcome::decode(&outcome.encode()), Ok(outcome));
}

#[test]
fn a_cancel_is_read_by_its_call_alone() {
    let mut record = [0xff; RECORD_BYTES];
    record[..2].copy_from_slice(&[2, 0]);
    record[8..16].copy_from_slice(&[4, 3, 2, 1, 8, 7, 6, 5]);
    assert_eq!(
        Submission::decode(&words(record)),
        Ok(Submission::cancel(CALL))
    );
}

#[test]
fn an_outcome_lies_in_its_record_as_documented() {
    let outcome = Outcome {
        kind: OutcomeKind::Error,
        lent: true,
        call: CALL,
        payload: Payload::Inline(Inline::new(&[9, 8]).unwrap()),
    };
    let mut expected = vec![0; 8];
    expected.extend([2, 2, 2, 0, 4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 0, 0, 9, 8]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&outcome.encode()), expected);
    assert_eq!(Outcome::decode(&outcome.encode()), Ok(outcome));
}

#[test]
fn an_external_outcome_lies_in_its_record_as_documented() {
    let payload = Payload::External {
        ticket: 0x2122_2324_2526_2728,
        length: 0x3132_3334,
    };
    let outcome = Outcome {
        kind: OutcomeKind::Value,
        lent: false,
        call: CALL,
        payload,
    };
    let mut expected = vec![0; 8];
    expected.extend([1, 1, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5, 0x34, 0x33, 0x32, 0x31]);
    expected.extend([0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&outcome.encode()), expected);
    assert_eq!(Outcome::decode(&outcome.encode()), Ok(outcome));
}

#[test]
fn a_malformed_submission_still_names_its_call() {
    let call = CallId {
        slot: 3,
        generation: 4,
    };
    let mut record = [0; RECORD_BYTES];
    (record[8], record[12]) = (3, 4);
    let faults: [(&[(usize, u8)], RecordFault); 8] = [
        (&[], RecordFault::Kind(0)),
        (&[(0, 3)], RecordFault::Kind(3)),
        (&[(0, 1), (1, 8)], RecordFault::Flags(8)),
        (&[(0, 1), (1, 5)], RecordFault::Flags(5)),
        (
            &[(0, 1), (1, 4), (2, 0x41), (3, 4)],
            RecordFault::InlineLength {
                given: 1_089,
                limit: 1_088,
            },
        ),
        (&[(0, 2), (1, 0x80)], RecordFault::Flags(0x80)),
        (
            &[(0, 1), (2, 49)],
            RecordFault::InlineLength {
                given: 49,
                limit: 48,
            },
        ),
        (
            &[(0, 1), (1, 1), (24, 1)],
            RecordFault::Block {
                address: 0,
                length: 1,
            },
        ),
    ];
    for (changes, fault) in faults {
        let mut record = record;
        for (offset, value) in changes {
            record[*offset] = *value;
        }
        assert_eq!(
            Submission::decode(&words(record)),
            Err(RecordError { call, fault })
        );
    }
}

#[test]
fn a_block_past_the_end_of_memory_is_a_fault() {
    let mut record = [0; RECORD_BYTES];
    record[..2].copy_from_slice(&[1, 1]);
    record[16..32].fill(0xff);
    let error = Submission::decode(&words(record)).unwrap_err();
    assert_eq!(
        error.fault,
        RecordFault::Block {
            address: u64::MAX,
            length: u64::MAX
        }
    );
}

#[test]
fn a_malformed_outcome_still_names_its_call() {
    let call = CallId {
        slot: 3,
        generation: 4,
    };
    let mut record = [0; RECORD_BYTES];
    (record[12], record[16]) = (3, 4);
    for (kind, flags, length, fault) in [
        (0, 0, 0, RecordFault::Kind(0)),
        (9, 0, 0, RecordFault::Kind(9)),
        (1, 8, 0, RecordFault::Flags(8)),
        (1, 5, 0, RecordFault::Flags(5)),
        (
            1,
            0,
            41,
            RecordFault::InlineLength {
                given: 41,
                limit: 40,
            },
        ),
    ] {
        record[8..11].copy_from_slice(&[kind, flags, length]);
        assert_eq!(
            Outcome::decode(&words(record)),
            Err(RecordError { call, fault })
        );
    }
}

#[test]
fn inline_bytes_end_where_the_record_ends() {
    assert_eq!(
        Inline::<48>::new(&[1; 48]).map(|inline| inline.len()),
        Some(48)
    );
    assert_eq!(Inline::<48>::new(&[1; 49]), None);
}

#[test]
fn faults_name_what_was_given() {
    let error = RecordError {
        call: CallId {
            slot: 1,
            generation: 2,
        },
        fault: RecordFault::Kind(77),
    };
    assert_eq!(
        error.to_string(),
        "record of slot 1, generation 2: unknown kind 77"
    );
}

#[test]
fn faults_name_no_address() {
    let error = RecordError {
        call: CallId {
            slot: 1,
            generation: 2,
        },
        fault: RecordFault::Block {
            address: 0x7f00_0000_1000,
            length: 300,
        },
    };
    assert_eq!(
        error.to_string(),
        "record of slot 1, generation 2: no block of 300 bytes is at the given address"
    );
}

/// Records that are nearly valid: any bytes behind a first line of small codes and flags.
fn record(codes: std::ops::Range<usize>) -> impl Strategy<Value = Words> {
    (
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        0..10u8,
        0..5u8,
        0..52u8,
    )
        .prop_map(move |(low, high, kind, flags, length)| {
            let mut record = [0; RECORD_BYTES];
            record[..32].copy_from_slice(&low);
            record[32..].copy_from_slice(&high);
            record[codes.clone()].copy_from_slice(&[kind, flags, length, 0]);
            words(record)
        })
}

proptest! {
    #[test]
    fn any_submission_is_a_value_or_a_fault(words in any::<Words>()) {
        let _ = Submission::decode(&words);
        let _ = Outcome::decode(&words);
    }

    #[test]
    fn a_decoded_submission_is_encoded_to_itself(words in record(0..4)) {
        if let Ok(submission) = Submission::decode(&words) {
            let again = submission.encode();
            prop_assert_eq!(Submission::decode(&again), Ok(submission));
        }
    }

    #[test]
    fn a_decoded_outcome_is_encoded_to_itself(words in record(8..12)) {
        if let Ok(outcome) = Outcome::decode(&words) {
            let again = outcome.encode();
            prop_assert_eq!(Outcome::decode(&again), Ok(outcome));
        }
    }
}

#[test]
fn a_request_lies_in_its_record_as_documented() {
    let invoke = Request::Invoke {
        handler: CALL,
        invocation: 0x3132_3334_3536_3738,
        argument: Payload::Inline(Inline::new(&[9, 8, 7]).unwrap()),
    };
    let mut expected = vec![0; 8];
    expected.extend([9, 0, 3, 0, 4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 0, 0, 9, 8, 7]);
    expected.resize(56, 0);
    expected.extend([0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31]);
    assert_eq!(bytes(&invoke.encode()), expected);
    let large = Request::Invoke {
        handler: CALL,
        invocation: 5,
        argument: Payload::External {
            ticket: 6,
            length: 7,
        },
    };
    let withdraw = Request::Withdraw { invocation: 5 };
    let drop = Request::Drop { object: CALL };
    let poll = Request::Poll { call: CALL };
    for request in [invoke, large, withdraw, drop, poll] {
        assert_eq!(record::decode_request(&request.encode()), Ok(request));
    }
    let outcome = Outcome::bare(OutcomeKind::Value, CALL).encode();
    assert!(record::decode_request(&outcome).is_err());
}

#[test]
fn a_relay_lies_in_its_record_as_documented() {
    let relay = Relay {
        invocation: 0x3132_3334_3536_3738,
        function: 0x1112_1314,
        needs_port: true,
        arguments: AnswerPayload::Inline(&[9, 8, 7]),
    };
    let mut expected = vec![5, 2, 3, 0, 0x14, 0x13, 0x12, 0x11];
    expected.extend([0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 9, 8, 7]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&relay.encode()), expected);
    assert_eq!(Relay::decode(&relay.encode()), Ok(relay));
    let given = Relay {
        needs_port: false,
        arguments: AnswerPayload::Given(77),
        ..relay
    };
    assert_eq!(Relay::decode(&given.encode()), Ok(given));
    // No relay is decoded as a call, and an undefined record is refused.
    assert!(Submission::decode(&relay.encode()).is_err());
    let broken = |word: u64| {
        let mut words = relay.encode();
        words[0] = word;
        Relay::decode(&words).is_err()
    };
    assert!(broken(5 | 4 << 8), "an unknown flag");
    assert!(broken(5 | 49 << 16), "too long");
}

#[test]
fn an_answer_lies_in_its_record_as_documented() {
    let answer = Answer {
        invocation: 0x3132_3334_3536_3738,
        kind: AnswerKind::Error,
        payload: AnswerPayload::Inline(&[9, 8, 7]),
    };
    let mut expected = vec![3, 0, 3, 0, 2, 0, 0, 0];
    expected.extend([0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 9, 8, 7]);
    expected.resize(RECORD_BYTES, 0);
    assert_eq!(bytes(&answer.encode()), expected);
    assert_eq!(Answer::decode(&answer.encode()), Ok(answer));
    let given = Answer {
        payload: AnswerPayload::Given(77),
        ..answer
    };
    assert_eq!(Answer::decode(&given.encode()), Ok(given));
    let panicked = Answer {
        kind: AnswerKind::Panic,
        ..answer
    };
    assert_eq!(Answer::decode(&panicked.encode()), Ok(panicked));
    // No answer is decoded as a call, and an undefined record is refused.
    assert!(Submission::decode(&answer.encode()).is_err());
    let broken = |word: u64| {
        let mut words = answer.encode();
        words[0] = word;
        Answer::decode(&words).is_err()
    };
    assert!(broken(3), "no kind");
    assert!(broken(3 | 4 << 8 | 1 << 32), "an unknown flag");
    assert!(broken(3 | 49 << 16 | 1 << 32), "too long");
    assert_eq!(record::acknowledgement(5)[..2], [4, 5]);
}
