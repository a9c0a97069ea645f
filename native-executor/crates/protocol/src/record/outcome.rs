//! The records by which native code answers a call.

use super::bytes::{cell_length, halves, inline_at};
use super::{
    COMPLETION_INLINE, CallId, Inline, OUTCOME_CELL, OUTCOME_EXTERNAL, OUTCOME_LENT, RECORD_WORDS,
    RecordError, RecordFault, Words,
};

/// The way in which a call ended, or the fact that its lent memory is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OutcomeKind {
    /// The function's value.
    Value = 1,
    /// The function returned an error.
    Error = 2,
    /// The function panicked; a ticket ends the payload, 0 if the panic is not kept.
    Panic = 3,
    /// The call was cancelled before it had an outcome.
    Cancelled = 4,
    /// The runtime closed before the call had an outcome.
    Closed = 5,
    /// The record or its arguments were malformed; the payload is a message.
    Refused = 6,
    /// No outcome: memory lent by a call that ended earlier is free.
    Released = 7,
    /// The result exceeds the largest payload; the payload is its size as an i64.
    TooLarge = 8,
    /// The function returned an error that a Java handler threw; the payload names the object.
    Thrown = 12,
    /// The result is an object of another loop.
    WrongLoop = 13,
    /// The system has no thread left for the call, which did not run; the payload is a message.
    Exhausted = 15,
}

impl OutcomeKind {
    /// Returns the kind with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Value),
            2 => Some(Self::Error),
            3 => Some(Self::Panic),
            4 => Some(Self::Cancelled),
            5 => Some(Self::Closed),
            6 => Some(Self::Refused),
            7 => Some(Self::Released),
            8 => Some(Self::TooLarge),
            12 => Some(Self::Thrown),
            13 => Some(Self::WrongLoop),
            15 => Some(Self::Exhausted),
            _ => None,
        }
    }
}

/// Where an outcome's encoded payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// In the record.
    Inline(Inline<'a, COMPLETION_INLINE>),
    /// In the cell of the call's slot, as raw bytes: a string or byte sequence without form and
    /// length, or an encoded failure. Never the argument of a request.
    Cell {
        /// Its bytes, at most [`CELL_BYTES`](super::CELL_BYTES).
        length: u16,
    },
    /// In native memory that Java gives back by its ticket.
    External {
        /// Ticket of the memory.
        ticket: u64,
        /// Its bytes.
        length: u32,
    },
}

impl Payload<'_> {
    /// No payload.
    pub const NONE: Self = Self::Inline(Inline::EMPTY);
}

/// A completion record. It borrows its payload: from its maker to encode, from its words when
/// decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The way in which the call ended.
    pub kind: OutcomeKind,
    /// True if memory lent by the call is still in use, so that a RELEASED record follows.
    pub lent: bool,
    /// The call.
    pub call: CallId,
    /// Its value, error or message.
    pub payload: Payload<'a>,
}

impl<'a> Outcome<'a> {
    /// Makes an outcome without payload, of a call that lends nothing any more.
    pub const fn bare(kind: OutcomeKind, call: CallId) -> Self {
        Self {
            kind,
            lent: false,
            call,
            payload: Payload::NONE,
        }
    }

    /// Returns the record's words. Word 0 is 0: the ring writes its sequence there.
    pub fn encode(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        self.encode_into(&mut words);
        words
    }

    /// Encodes as [`encode`](Self::encode) does, into words that may hold another record: words
    /// that this record does not use are not changed.
    pub fn encode_into(&self, words: &mut Words) {
        let CallId { slot, generation } = self.call;
        let lent = if self.lent { OUTCOME_LENT } else { 0 };
        let (flags, inline_length, length) = match self.payload {
            Payload::Inline(inline) => {
                inline.write(words, 3);
                (lent, inline.length(), 0)
            }
            Payload::Cell { length } => (lent | OUTCOME_CELL, length, 0),
            Payload::External { ticket, length } => {
                words[3] = ticket;
                (lent | OUTCOME_EXTERNAL, 0, length)
            }
        };
        let head = self.kind as u32 | u32::from(flags) << 8 | u32::from(inline_length) << 16;
        words[1] = halves(head, slot);
        words[2] = halves(generation, length);
    }

    /// Reads a record, whatever its sequence.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag or a length has no meaning.
    pub fn decode(words: &'a Words) -> Result<Self, RecordError> {
        let head = words[1];
        let call = CallId {
            slot: (head >> 32) as u32,
            generation: words[2] as u32,
        };
        let fault = |fault| RecordError { call, fault };
        let code = head as u8;
        let kind = OutcomeKind::from_code(code).ok_or_else(|| fault(RecordFault::Kind(code)))?;
        let flags = (head >> 8) as u8;
        let elsewhere = OUTCOME_EXTERNAL | OUTCOME_CELL;
        if flags & !(elsewhere | OUTCOME_LENT) != 0 || flags & elsewhere == elsewhere {
            return Err(fault(RecordFault::Flags(flags)));
        }
        let payload = if flags & OUTCOME_EXTERNAL != 0 {
            Payload::External {
                ticket: words[3],
                length: (words[2] >> 32) as u32,
            }
        } else if flags & OUTCOME_CELL != 0 {
            let length = cell_length((head >> 16) as u16).map_err(fault)?;
            Payload::Cell { length }
        } else {
            Payload::Inline(inline_at(words, 3, (head >> 16) as u16).map_err(fault)?)
        };
        Ok(Self {
            kind,
            lent: flags & OUTCOME_LENT != 0,
            call,
            payload,
        })
    }
}
