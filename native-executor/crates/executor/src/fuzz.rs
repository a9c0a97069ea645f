//! The targets of the fuzzer in `native-executor/fuzz`: they pass any bytes to each decoder of what Java writes.
//!
//! A target panics if a decoder accepts bytes that it has to refuse, or reads them wrongly. The expected result is
//! computed from the bytes alone. This crate's tests replay the corpus that the fuzzer has found.

use loopbridge_protocol::record::{CELL_BYTES, RECORD_BYTES, decode_request};
use loopbridge_protocol::{
    Answer, AnswerPayload, Arguments as Place, Outcome, Payload, Relay, Request, Submission, Words,
};

use crate::Bytes;
use crate::codec::arguments::Argument;
use crate::codec::arguments::Arguments;
use crate::codec::lease::Lender;
use crate::codec::mismatch::Mismatch;

type Record = [u8; RECORD_BYTES];

/// Decodes a record of the submission ring.
pub fn submissions(data: &[u8]) {
    let (record, words) = record(data);
    let length = usize::from(u16::from_le_bytes([record[2], record[3]]));
    match Submission::decode(&words) {
        Ok(submission) => {
            match submission.arguments {
                Place::Inline(inline) if record[0] == 1 => {
                    assert_eq!(inline.as_slice(), &record[16..64][..length]);
                }
                Place::Inline(inline) => assert!(inline.is_empty(), "a cancel has no arguments"),
                Place::Cell { length: held } => {
                    assert_eq!(usize::from(held), length);
                    assert!(length <= CELL_BYTES, "{length} bytes in a cell");
                }
                Place::External { address, length } => {
                    assert!(address != 0 || length == 0, "a block at null");
                    assert!(u128::from(address) + u128::from(length) <= u128::from(u64::MAX));
                }
            }
            assert_eq!(Submission::decode(&submission.encode()), Ok(submission));
        }
        Err(error) => {
            assert_eq!(error.call.slot.to_le_bytes(), record[8..12]);
            assert_eq!(error.call.generation.to_le_bytes(), record[12..16]);
            names_no_address(&error.to_string());
        }
    }
    if let Ok(relay) = Relay::decode(&words) {
        given_or(relay.arguments, &record[16..64], length);
        let again = relay.encode();
        assert_eq!(Relay::decode(&again), Ok(relay));
    }
    if let Ok(answer) = Answer::decode(&words) {
        given_or(answer.payload, &record[16..64], length);
        let again = answer.encode();
        assert_eq!(Answer::decode(&again), Ok(answer));
    }
}

fn given_or(payload: AnswerPayload<'_>, room: &[u8], length: usize) {
    if let AnswerPayload::Inline(bytes) = payload {
        assert_eq!(bytes, &room[..length]);
    }
}

/// Decodes a record of the completion ring. Java's reader is given the same.
pub fn outcomes(data: &[u8]) {
    let (record, words) = record(data);
    let length = usize::from(u16::from_le_bytes([record[10], record[11]]));
    match Outcome::decode(&words) {
        Ok(outcome) => {
            if let Payload::Inline(inline) = outcome.payload {
                assert_eq!(inline.as_slice(), &record[24..64][..length]);
            }
            assert_eq!(Outcome::decode(&outcome.encode()), Ok(outcome));
            assert!(decode_request(&words).is_err(), "an outcome and a request");
        }
        Err(error) => {
            assert_eq!(error.call.slot.to_le_bytes(), record[12..16]);
            assert_eq!(error.call.generation.to_le_bytes(), record[16..20]);
            names_no_address(&error.to_string());
        }
    }
    match decode_request(&words) {
        Ok(request) => {
            if let Request::Invoke {
                argument: Payload::Inline(inline),
                ..
            } = request
            {
                assert_eq!(inline.as_slice(), &record[24..64][..length]);
            }
        }
        Err(error) => names_no_address(&error.to_string()),
    }
}

/// Reads arguments or a handler's answer: the first byte chooses the types, the rest is the block.
pub fn arguments(data: &[u8]) {
    let Some((choice, block)) = data.split_first() else {
        return;
    };
    match choice % 12 {
        0 => block_of4::<bool, i32, i64, f64>(block),
        1 => block_of4::<String, Option<String>, bool, String>(block),
        2 => block_of4::<Bytes, Vec<u8>, Option<Bytes>, i32>(block),
        3 => block_of4::<Option<bool>, Bytes, Option<i64>, String>(block),
        4 => block_of4::<Option<i32>, Option<f64>, Option<Vec<u8>>, Option<i64>>(block),
        5 => one::<String>(block),
        6 => one::<Bytes>(block),
        7 => one::<Option<String>>(block),
        8 => whole::<String>(block),
        9 => whole::<Bytes>(block),
        10 => whole::<Option<Vec<u8>>>(block),
        _ => whole::<Option<String>>(block),
    }
}

fn one<A: Rewritten>(block: &[u8]) {
    let mut from = Arguments::new(block, Lender::none());
    let read = from.next::<A>().and_then(|a| from.finish().map(|()| a));
    same(read, block, |a, to| a.rewrite(to));
}

fn block_of4<A: Rewritten, B: Rewritten, C: Rewritten, D: Rewritten>(block: &[u8]) {
    let mut from = Arguments::new(block, Lender::none());
    let mut read = || -> Result<(A, B, C, D), Mismatch> {
        let all = (from.next()?, from.next()?, from.next()?, from.next()?);
        from.finish().map(|()| all)
    };
    same(read(), block, |(a, b, c, d), to| {
        a.rewrite(to);
        b.rewrite(to);
        c.rewrite(to);
        d.rewrite(to);
    });
}

/// Reads a long answer of Java's, whose bytes are the value.
fn whole<A: Rewritten>(block: &[u8]) {
    let mut from = Arguments::whole(Bytes::copy_from_slice(block));
    let read = from.next::<A>().and_then(|a| from.finish().map(|()| a));
    let mut expected = Vec::with_capacity(block.len() + 8);
    if A::OPTIONAL {
        expected.push(1);
    }
    rewrite_sequence(block, &mut expected);
    if let Err(mismatch) = &read {
        assert!(std::str::from_utf8(block).is_err(), "refused: {mismatch}");
    }
    same(read, &expected, |a, to| a.rewrite(to));
}

/// Checks that the value, encoded again, gives the same bytes; there is one encoding of each value.
fn same<T>(read: Result<T, Mismatch>, block: &[u8], rewrite: impl FnOnce(&T, &mut Vec<u8>)) {
    match read {
        Ok(values) => {
            let mut rewritten = Vec::with_capacity(block.len());
            rewrite(&values, &mut rewritten);
            assert_eq!(rewritten, block);
        }
        Err(mismatch) => names_no_address(&mismatch.to_string()),
    }
}

/// Encodes a value as Java does; written independently of the code that reads it.
trait Rewritten: Argument {
    const OPTIONAL: bool = false;
    fn rewrite(&self, to: &mut Vec<u8>);
}

macro_rules! rewritten {
    ($($type:ty: |$value:ident, $to:ident| $rewrite:expr;)*) => {$(
        impl Rewritten for $type {
            fn rewrite(&self, $to: &mut Vec<u8>) {
                let $value = self;
                $rewrite
            }
        }
    )*};
}

rewritten! {
    bool: |value, to| to.push(u8::from(*value));
    i32: |value, to| to.extend(value.to_le_bytes());
    i64: |value, to| to.extend(value.to_le_bytes());
    f64: |value, to| to.extend(value.to_bits().to_le_bytes());
    String: |value, to| rewrite_sequence(value.as_bytes(), to);
    Bytes: |value, to| rewrite_sequence(value, to);
    Vec<u8>: |value, to| rewrite_sequence(value, to);
}

impl<T> Rewritten for Option<T>
where
    T: Rewritten,
    Option<T>: Argument,
{
    const OPTIONAL: bool = true;

    fn rewrite(&self, to: &mut Vec<u8>) {
        to.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.rewrite(to);
        }
    }
}

fn rewrite_sequence(bytes: &[u8], to: &mut Vec<u8>) {
    to.push(0);
    to.extend((bytes.len() as u32).to_le_bytes());
    to.extend(bytes);
}

/// Makes a record of the bytes, filled up with zeros.
fn record(data: &[u8]) -> (Record, Words) {
    let mut record = [0; RECORD_BYTES];
    let length = data.len().min(RECORD_BYTES);
    record[..length].copy_from_slice(&data[..length]);
    let mut words = [0; RECORD_BYTES / 8];
    for (word, bytes) in words.iter_mut().zip(record.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    (record, words)
}

/// Checks that a failure's text, which goes into logs, contains no address. One byte, such as flags, is not an address.
fn names_no_address(text: &str) {
    let hexadecimal = |digits: &str| digits.chars().take_while(char::is_ascii_hexdigit).count();
    let address = text.split("0x").skip(1).any(|rest| hexadecimal(rest) > 2);
    assert!(!address, "{text}");
}
