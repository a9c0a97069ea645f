//! What the owner loop submits.

use super::bytes::{inline_at, to_bytes, to_words, u16_at, u32_at, u64_at};
use super::{
    CallId, Inline, RECORD_BYTES, RecordError, RecordFault, SUBMISSION_EXTERNAL, SUBMISSION_INLINE,
    SUBMISSION_LENDS, Words,
};

/// What a submission asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SubmissionKind {
    /// Begin a call.
    Call = 1,
    /// Cancel a call that began earlier in the same ring.
    Cancel = 2,
}

impl SubmissionKind {
    /// The kind with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Call),
            2 => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// Where a call's encoded arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// In the record.
    Inline(Inline<SUBMISSION_INLINE>),
    /// In a block of Java's that stays valid until the call settles.
    External {
        /// First byte of the block; never null when `length` is not 0.
        address: u64,
        /// Bytes of the block; `address + length` does not overflow.
        length: u64,
    },
}

/// A decoded submission record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What is asked for.
    pub kind: SubmissionKind,
    /// Whether some argument lends Java's memory.
    pub lends: bool,
    /// The function's number in the library's description; 0 for a cancel.
    pub function: u32,
    /// The call.
    pub call: CallId,
    /// Its arguments; empty for a cancel.
    pub arguments: Arguments,
}

impl Submission {
    /// The record that cancels `call`.
    pub const fn cancel(call: CallId) -> Self {
        let arguments = Arguments::Inline(Inline::EMPTY);
        Self {
            kind: SubmissionKind::Cancel,
            lends: false,
            function: 0,
            call,
            arguments,
        }
    }

    /// The record's words.
    pub fn encode(&self) -> Words {
        let mut bytes = [0; RECORD_BYTES];
        bytes[0] = self.kind as u8;
        bytes[1] = if self.lends { SUBMISSION_LENDS } else { 0 };
        bytes[4..8].copy_from_slice(&self.function.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.call.slot.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.call.generation.to_le_bytes());
        match &self.arguments {
            Arguments::Inline(inline) => {
                bytes[2..4].copy_from_slice(&inline.length().to_le_bytes());
                bytes[16..16 + inline.len()].copy_from_slice(inline);
            }
            Arguments::External { address, length } => {
                bytes[1] |= SUBMISSION_EXTERNAL;
                bytes[16..24].copy_from_slice(&address.to_le_bytes());
                bytes[24..32].copy_from_slice(&length.to_le_bytes());
            }
        }
        to_words(&bytes)
    }

    /// Reads a record. Bytes that the kind and flags give no meaning are not looked at.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag, a length or an address has no
    /// meaning.
    pub fn decode(words: &Words) -> Result<Self, RecordError> {
        let bytes = to_bytes(words);
        let call = CallId {
            slot: u32_at(&bytes, 8),
            generation: u32_at(&bytes, 12),
        };
        let fault = |fault| RecordError { call, fault };
        let kind = SubmissionKind::from_code(bytes[0])
            .ok_or_else(|| fault(RecordFault::Kind(bytes[0])))?;
        let flags = bytes[1];
        if flags & !(SUBMISSION_EXTERNAL | SUBMISSION_LENDS) != 0 {
            return Err(fault(RecordFault::Flags(flags)));
        }
        if kind == SubmissionKind::Cancel {
            return Ok(Self::cancel(call));
        }
        let arguments = if flags & SUBMISSION_EXTERNAL != 0 {
            let (address, length) = (u64_at(&bytes, 16), u64_at(&bytes, 24));
            if (address == 0 && length != 0) || address.checked_add(length).is_none() {
                return Err(fault(RecordFault::Block { address, length }));
            }
            Arguments::External { address, length }
        } else {
            let length = u16_at(&bytes, 2);
            Arguments::Inline(inline_at(&bytes, 16, length).map_err(fault)?)
        };
        let lends = flags & SUBMISSION_LENDS != 0;
        Ok(Self {
            kind,
            lends,
            function: u32_at(&bytes, 4),
            call,
            arguments,
        })
    }
}
