//! The records by which native code makes a request to the owner loop, and their answers.

use super::bytes::halves;
use super::{CallId, OUTCOME_EXTERNAL, Payload, RECORD_WORDS, RecordError, RecordFault, Words};

/// Code of a record that begins an invocation of a Java handler.
pub const INVOKE: u8 = 9;
/// Code of a record that withdraws an invocation.
pub const WITHDRAW: u8 = 10;
/// Code of a record that gives a Java object back.
pub const DROP: u8 = 11;

/// Code of a record that requests a poll of a loop-driven future.
pub const POLL: u8 = 14;

/// Bytes of an argument that fit beside an invocation's ticket.
pub const REQUEST_INLINE: usize = 32;

/// The word with the invocation's ticket.
const TICKET: usize = 7;

/// A completion record that is no outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Run a handler.
    Invoke {
        /// The handler, among the owner's objects.
        handler: CallId,
        /// The ticket by which the answer names the invocation.
        invocation: u64,
        /// The argument; at most [`REQUEST_INLINE`] bytes inline.
        argument: Payload<'a>,
    },
    /// The future that waited for the answer was dropped.
    Withdraw {
        /// The invocation.
        invocation: u64,
    },
    /// Rust has dropped its last reference to an object.
    Drop {
        /// The object, among the owner's.
        object: CallId,
    },
    /// A loop-driven future was woken.
    Poll {
        /// Its call.
        call: CallId,
    },
}

/// The result of a direct call for a loop-driven future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// The future waits.
    Pending = 0,
    /// The call has ended; the outcome is in the direct record.
    Settled = 1,
    /// The future was woken while it was polled: the owner polls it again behind its other tasks.
    Again = 2,
    /// The call has returned a value of at most one word, and lends nothing; the outcome is in the direct record.
    Returned = 3,
}

impl Request<'_> {
    /// The record's words. Word 0 is 0: the ring puts its sequence there.
    pub fn encode(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        match *self {
            Self::Invoke {
                handler,
                invocation,
                argument,
            } => {
                let (flags, inline, length) = match argument {
                    Payload::Inline(inline) => {
                        inline.write(&mut words, 3);
                        (0, inline.length(), 0)
                    }
                    Payload::Cell { .. } => {
                        debug_assert!(false, "a request has no cell");
                        (0, 0, 0)
                    }
                    Payload::External { ticket, length } => {
                        words[3] = ticket;
                        (OUTCOME_EXTERNAL, 0, length)
                    }
                };
                debug_assert!(usize::from(inline) <= REQUEST_INLINE);
                let head = u32::from(INVOKE) | u32::from(flags) << 8 | u32::from(inline) << 16;
                words[1] = halves(head, handler.slot);
                words[2] = halves(handler.generation, length);
                words[TICKET] = invocation;
            }
            Self::Withdraw { invocation } => {
                words[1] = u64::from(WITHDRAW);
                words[TICKET] = invocation;
            }
            Self::Drop { object } => name(&mut words, DROP, object),
            Self::Poll { call } => name(&mut words, POLL, call),
        }
        words
    }
}

/// Writes a code and what it is about.
fn name(words: &mut Words, code: u8, what: CallId) {
    words[1] = halves(u32::from(code), what.slot);
    words[2] = u64::from(what.generation);
}

/// The answer of the owner loop to an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The invocation.
    pub invocation: u64,
    /// The way in which it ended.
    pub kind: AnswerKind,
    /// The value or error as Java encoded it.
    pub payload: AnswerPayload<'a>,
}

/// The way in which an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AnswerKind {
    /// The handler's value.
    Value = 1,
    /// What the handler threw.
    Error = 2,
    /// What the handler threw, if that is the error of a panic. The payload begins with the ticket
    /// of that panic.
    Panic = 3,
}

/// Where an answer's payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerPayload<'a> {
    /// In the record.
    Inline(&'a [u8]),
    /// Given to native code before, under this ticket.
    Given(u64),
}

impl<'a> Answer<'a> {
    /// The record's words.
    pub fn encode(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        let (flags, length) = match self.payload {
            AnswerPayload::Inline(bytes) => {
                for (word, chunk) in words[2..].iter_mut().zip(bytes.chunks(8)) {
                    let mut padded = [0; 8];
                    padded[..chunk.len()].copy_from_slice(chunk);
                    *word = u64::from_le_bytes(padded);
                }
                (0, bytes.len() as u32)
            }
            AnswerPayload::Given(ticket) => {
                words[2] = ticket;
                (u32::from(super::SUBMISSION_EXTERNAL), 0)
            }
        };
        let head = super::SubmissionKind::Answer as u32 | flags << 8 | length << 16;
        words[0] = halves(head, self.kind as u32);
        words[1] = self.invocation;
        words
    }

    /// Reads a record of [`SubmissionKind::Answer`](super::SubmissionKind::Answer).
    ///
    /// # Errors
    ///
    /// A [`RecordFault`], when a code, a flag or a length has no meaning; word 1 names the
    /// invocation in that case too.
    pub fn decode(words: &'a Words) -> Result<Self, RecordFault> {
        let head = words[0];
        let code = (head >> 32) as u8;
        let kind = match code {
            1 => AnswerKind::Value,
            2 => AnswerKind::Error,
            3 => AnswerKind::Panic,
            _ => return Err(RecordFault::Kind(code)),
        };
        let flags = (head >> 8) as u8;
        let payload = match flags {
            0 => {
                let inline = super::bytes::inline_at::<{ super::SUBMISSION_INLINE }>(
                    words,
                    2,
                    (head >> 16) as u16,
                )?;
                AnswerPayload::Inline(inline.as_slice())
            }
            super::SUBMISSION_EXTERNAL => AnswerPayload::Given(words[2]),
            _ => return Err(RecordFault::Flags(flags)),
        };
        Ok(Self {
            invocation: words[1],
            kind,
            payload,
        })
    }
}

/// The record by which the owner acknowledges that an invocation was withdrawn.
pub fn acknowledgement(invocation: u64) -> Words {
    let mut words = [0; RECORD_WORDS];
    words[0] = super::SubmissionKind::Acknowledge as u64;
    words[1] = invocation;
    words
}

/// A [`Request`] as the owner reads it.
///
/// # Errors
///
/// A [`RecordError`] for a record that is no request.
pub fn decode_request(words: &Words) -> Result<Request<'_>, RecordError> {
    let object = CallId {
        slot: (words[1] >> 32) as u32,
        generation: words[2] as u32,
    };
    let fault = |fault| RecordError {
        call: object,
        fault,
    };
    match words[1] as u8 {
        INVOKE => {
            let argument = if (words[1] >> 8) as u8 & OUTCOME_EXTERNAL != 0 {
                Payload::External {
                    ticket: words[3],
                    length: (words[2] >> 32) as u32,
                }
            } else {
                let length = (words[1] >> 16) as u16;
                let inline = super::bytes::inline_at(words, 3, length).map_err(fault)?;
                Payload::Inline(inline)
            };
            Ok(Request::Invoke {
                handler: object,
                invocation: words[TICKET],
                argument,
            })
        }
        WITHDRAW => Ok(Request::Withdraw {
            invocation: words[TICKET],
        }),
        DROP => Ok(Request::Drop { object }),
        POLL => Ok(Request::Poll { call: object }),
        code => Err(fault(RecordFault::Kind(code))),
    }
}
