//! What native code answers.

use super::bytes::{inline_at, to_bytes, to_words, u16_at, u32_at, u64_at};
use super::{
    COMPLETION_INLINE, CallId, Inline, OUTCOME_EXTERNAL, OUTCOME_LENT, RECORD_BYTES, RecordError,
    RecordFault, Words,
};

/// How a call ended, or that its lent memory is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OutcomeKind {
    /// The function's value.
    Value = 1,
    /// The function returned an error.
    Error = 2,
    /// The function panicked.
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
}

impl OutcomeKind {
    /// The kind with this code, if there is one.
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
            _ => None,
        }
    }
}

/// Where an outcome's encoded payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// In the record.
    Inline(Inline<COMPLETION_INLINE>),
    /// In native memory that Java gives back by its ticket.
    External {
        /// Ticket of the memory.
        ticket: u64,
        /// Its bytes.
        length: u32,
    },
}

impl Payload {
    /// No payload.
    pub const NONE: Self = Self::Inline(Inline::EMPTY);
}

/// A decoded completion record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the call ended.
    pub kind: OutcomeKind,
    /// Whether memory lent by the call is still in use, so that a RELEASED record follows.
    pub lent: bool,
    /// The call.
    pub call: CallId,
    /// Its value, error or message.
    pub payload: Payload,
}

impl Outcome {
    /// An outcome without payload whose call lends nothing any more.
    pub const fn bare(kind: OutcomeKind, call: CallId) -> Self {
        Self {
            kind,
            lent: false,
            call,
            payload: Payload::NONE,
        }
    }

    /// The record's words. Word 0 is 0: the ring puts its sequence there.
    pub fn encode(&self) -> Words {
        let mut bytes = [0; RECORD_BYTES];
        bytes[8] = self.kind as u8;
        bytes[9] = if self.lent { OUTCOME_LENT } else { 0 };
        bytes[12..16].copy_from_slice(&self.call.slot.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.call.generation.to_le_bytes());
        match &self.payload {
            Payload::Inline(inline) => {
                bytes[10..12].copy_from_slice(&inline.length().to_le_bytes());
                bytes[24..24 + inline.len()].copy_from_slice(inline);
            }
            Payload::External { ticket, length } => {
                bytes[9] |= OUTCOME_EXTERNAL;
                bytes[20..24].copy_from_slice(&length.to_le_bytes());
                bytes[24..32].copy_from_slice(&ticket.to_le_bytes());
            }
        }
        to_words(&bytes)
    }

    /// Reads a record, whatever its sequence.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag or a length has no meaning.
    pub fn decode(words: &Words) -> Result<Self, RecordError> {
        let bytes = to_bytes(words);
        let call = CallId {
            slot: u32_at(&bytes, 12),
            generation: u32_at(&bytes, 16),
        };
        let fault = |fault| RecordError { call, fault };
        let kind =
            OutcomeKind::from_code(bytes[8]).ok_or_else(|| fault(RecordFault::Kind(bytes[8])))?;
        let flags = bytes[9];
        if flags & !(OUTCOME_EXTERNAL | OUTCOME_LENT) != 0 {
            return Err(fault(RecordFault::Flags(flags)));
        }
        let payload = if flags & OUTCOME_EXTERNAL != 0 {
            Payload::External {
                ticket: u64_at(&bytes, 24),
                length: u32_at(&bytes, 20),
            }
        } else {
            Payload::Inline(inline_at(&bytes, 24, u16_at(&bytes, 10)).map_err(fault)?)
        };
        Ok(Self {
            kind,
            lent: flags & OUTCOME_LENT != 0,
            call,
            payload,
        })
    }
}
