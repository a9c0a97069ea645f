//! Twin of `RecordLayout.java` (bridge-core, package `dev.loopbridge`): every constant that both
//! languages share.
//!
//! A port's block is a header of words that each stand alone on a 128-byte line, then the
//! submission records, then the completion records, then the cells. Integers are little endian.
//!
//! ```text
//! submission record                                  completion record
//!  0 kind   1 flags   2..3 inline length              0..7 sequence
//!  4..7 function      8..11 slot                      8 outcome   9 flags   10..11 inline length
//! 12..15 generation                                  12..15 slot  16..19 generation
//! 16..63 inline arguments, or                        20..23 payload length (EXTERNAL)
//! 16..23 address  24..31 length (EXTERNAL)           24..63 inline, or 24..31 ticket (EXTERNAL)
//! (CELL: the inline length counts bytes in the slot's cell, in either record)
//!
//! answer to an invocation                            request of Rust's
//!  0 kind   1 flags   2..3 inline length              0..7 sequence
//!  4..7 how it ended                                  8 code   9 flags   10..11 inline length
//!  8..15 invocation                                  12..15 slot  16..19 generation of an object
//! 16..63 inline value, or                            20..23 payload length (EXTERNAL)
//! 16..23 ticket of a payload given (EXTERNAL)        24..55 inline, or 24..31 ticket (EXTERNAL)
//!                                                    56..63 invocation
//! relay: a call that answers an invocation
//!  0 kind   1 flags   2..3 inline length
//!  4..7 function      8..15 invocation
//! 16..63 inline arguments, or
//! 16..23 ticket of a payload given (EXTERNAL)
//! ```
//!
//! Decoding is total: any 64 bytes give a record or a [`RecordError`] that still names the call, so
//! that the call is refused and settles.

mod bytes;
mod fault;
mod outcome;
mod relay;
mod request;
mod submission;

pub use bytes::Inline;
pub use fault::{RecordError, RecordFault};
pub use outcome::{Outcome, OutcomeKind, Payload};
pub use relay::Relay;
pub use request::{
    Answer, AnswerKind, AnswerPayload, DROP, INVOKE, POLL, REQUEST_INLINE, Request, Step, WITHDRAW,
    acknowledgement, decode_request,
};
pub use submission::{Arguments, Submission, SubmissionKind};

/// Number of this layout; changes with every incompatible change.
pub const ABI: u64 = 7;
/// Bytes of a record.
pub const RECORD_BYTES: usize = 64;
/// Words of a record.
pub const RECORD_WORDS: usize = RECORD_BYTES / 8;
/// Byte offset of the count of submission records published; written by the owner loop.
pub const SUBMISSION_TAIL: usize = 0;
/// Byte offset of the count of submission records consumed; written by the dispatcher.
pub const SUBMISSION_HEAD: usize = 128;
/// Byte offset of the doorbell word.
pub const DOORBELL: usize = 256;
/// Byte offset of the count of completion records claimed; written by any native thread.
pub const COMPLETION_TAIL: usize = 384;
/// Byte offset of the wake word.
pub const WAKE: usize = 512;
/// Byte offset of the record of direct calls; the owner loop's thread alone accesses it.
pub const DIRECT: usize = 640;
/// Byte offset of the first submission record; the completion records follow the last of them.
pub const RINGS: usize = 1024;
/// Bytes of arguments that fit in a submission record.
pub const SUBMISSION_INLINE: usize = 48;
/// Bytes of payload that fit in a completion record.
pub const COMPLETION_INLINE: usize = 40;

/// Bytes of a slot's cell; a multiple of a cache line, and odd in lines so that cells do not fall
/// into few sets of a cache.
pub const CELL_BYTES: usize = 17 * 64;
/// Words of a slot's cell.
pub const CELL_WORDS: usize = CELL_BYTES / 8;

/// Submission flag: the arguments are a block elsewhere, named by address and length.
pub const SUBMISSION_EXTERNAL: u8 = 1;
/// Submission flag: some argument lends Java's memory or names an object of the owner's, for which
/// Rust needs the port.
pub const SUBMISSION_NEEDS_PORT: u8 = 2;
/// Submission flag: the arguments are in the slot's cell.
pub const SUBMISSION_CELL: u8 = 4;
/// Completion flag: the payload is native memory, named by a ticket.
pub const OUTCOME_EXTERNAL: u8 = 1;
/// Completion flag: memory lent by the call is still in use, a RELEASED record follows.
pub const OUTCOME_LENT: u8 = 2;

/// Completion flag: the payload is in the slot's cell, as raw bytes like an external one.
pub const OUTCOME_CELL: u8 = 4;

/// Doorbell bit: the dispatcher sleeps, or is about to.
pub const DOORBELL_PARKED: u64 = 1;
/// Doorbell bit: the dispatcher has ended.
pub const DOORBELL_CLOSED: u64 = 2;
/// Wake bit: a drain is scheduled or running.
pub const WAKE_SCHEDULED: u64 = 1;
/// Wake bit: the native half has ended; outcomes that are not in the ring will not come.
pub const WAKE_CLOSED: u64 = 2;

/// A record as it lies in a ring.
pub type Words = [u64; RECORD_WORDS];

/// Names a call across the boundary: a slot of the owner's table and that slot's use count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// Index into the owner's slot table.
    pub slot: u32,
    /// Which use of the slot.
    pub generation: u32,
}

impl CallId {
    /// Returns the name as one word, the generation above the slot.
    #[inline]
    pub const fn to_word(self) -> u64 {
        (self.generation as u64) << 32 | self.slot as u64
    }

    /// Returns the name that [`to_word`](Self::to_word) made a word of.
    #[inline]
    pub const fn of_word(word: u64) -> CallId {
        CallId {
            slot: word as u32,
            generation: (word >> 32) as u32,
        }
    }
}

/// Every constant that both languages share; `RecordLayout.java` has the same list.
const LAYOUT: [(&str, u64); 50] = [
    ("abi", ABI),
    ("record", RECORD_BYTES as u64),
    ("sq.tail", SUBMISSION_TAIL as u64),
    ("sq.head", SUBMISSION_HEAD as u64),
    ("sq.doorbell", DOORBELL as u64),
    ("cq.tail", COMPLETION_TAIL as u64),
    ("cq.wake", WAKE as u64),
    ("direct", DIRECT as u64),
    ("rings", RINGS as u64),
    ("sq.inline", SUBMISSION_INLINE as u64),
    ("cq.inline", COMPLETION_INLINE as u64),
    ("cell", CELL_BYTES as u64),
    ("submission.call", SubmissionKind::Call as u64),
    ("submission.cancel", SubmissionKind::Cancel as u64),
    ("submission.answer", SubmissionKind::Answer as u64),
    ("submission.acknowledge", SubmissionKind::Acknowledge as u64),
    ("submission.relay", SubmissionKind::Relay as u64),
    ("submission.external", SUBMISSION_EXTERNAL as u64),
    ("submission.needsPort", SUBMISSION_NEEDS_PORT as u64),
    ("submission.cell", SUBMISSION_CELL as u64),
    ("outcome.value", OutcomeKind::Value as u64),
    ("outcome.error", OutcomeKind::Error as u64),
    ("outcome.panic", OutcomeKind::Panic as u64),
    ("outcome.cancelled", OutcomeKind::Cancelled as u64),
    ("outcome.closed", OutcomeKind::Closed as u64),
    ("outcome.refused", OutcomeKind::Refused as u64),
    ("outcome.released", OutcomeKind::Released as u64),
    ("outcome.tooLarge", OutcomeKind::TooLarge as u64),
    ("outcome.thrown", OutcomeKind::Thrown as u64),
    ("outcome.wrongLoop", OutcomeKind::WrongLoop as u64),
    ("outcome.exhausted", OutcomeKind::Exhausted as u64),
    ("request.invoke", INVOKE as u64),
    ("request.withdraw", WITHDRAW as u64),
    ("request.drop", DROP as u64),
    ("request.poll", POLL as u64),
    ("request.inline", REQUEST_INLINE as u64),
    ("answer.value", AnswerKind::Value as u64),
    ("answer.error", AnswerKind::Error as u64),
    ("answer.panic", AnswerKind::Panic as u64),
    ("step.pending", Step::Pending as u64),
    ("step.settled", Step::Settled as u64),
    ("step.again", Step::Again as u64),
    ("step.returned", Step::Returned as u64),
    ("outcome.external", OUTCOME_EXTERNAL as u64),
    ("outcome.lent", OUTCOME_LENT as u64),
    ("outcome.cell", OUTCOME_CELL as u64),
    ("doorbell.parked", DOORBELL_PARKED),
    ("doorbell.closed", DOORBELL_CLOSED),
    ("wake.scheduled", WAKE_SCHEDULED),
    ("wake.closed", WAKE_CLOSED),
];

/// Returns the layout as text, one `name=value` per constant; `RecordLayout.java` builds the same.
pub fn layout_text() -> String {
    let entries: Vec<String> = LAYOUT
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    entries.join(";")
}

/// FNV-1a (64 bits) of [`layout_text`]; compared at load, so that two layouts never meet in one
/// port. Computed when this is compiled, so that a library's table lies in its file as plain data,
/// where any tool can read it.
pub const FINGERPRINT: u64 = {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut row = 0;
    while row < LAYOUT.len() {
        let (name, value) = LAYOUT[row];
        hash = fingerprint_of(if row == 0 { b"" } else { b";" }, hash);
        hash = fingerprint_of(name.as_bytes(), hash);
        hash = fingerprint_of(b"=", hash);
        hash = fingerprint_of_decimal(value, hash);
        row += 1;
    }
    hash
};

/// FNV-1a (64 bits) of what was hashed `before` and of `text` behind it.
pub const fn fingerprint_of(text: &[u8], before: u64) -> u64 {
    let (mut hash, mut at) = (before, 0);
    while at < text.len() {
        hash = (hash ^ text[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    hash
}

/// The same with the digits of a number.
const fn fingerprint_of_decimal(value: u64, before: u64) -> u64 {
    let hash = match value / 10 {
        0 => before,
        more => fingerprint_of_decimal(more, before),
    };
    fingerprint_of(&[b'0' + (value % 10) as u8], hash)
}
