//! The records that the owner loop submits.

use super::bytes::{cell_length, halves, inline_at};
use super::{
    CallId, Inline, RECORD_WORDS, RecordError, RecordFault, SUBMISSION_CELL, SUBMISSION_EXTERNAL,
    SUBMISSION_INLINE, SUBMISSION_NEEDS_PORT, Words,
};

/// The purpose of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SubmissionKind {
    /// Begin a call.
    Call = 1,
    /// Cancel a call that began earlier in the same ring.
    Cancel = 2,
    /// The answer to an invocation: an [`Answer`](super::Answer), no [`Submission`].
    Answer = 3,
    /// The acknowledgement that an invocation, named by word 1, was withdrawn.
    Acknowledge = 4,
    /// A call that answers an invocation: a [`Relay`](super::Relay), no [`Submission`].
    Relay = 5,
}

impl SubmissionKind {
    /// Returns the kind with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Call),
            2 => Some(Self::Cancel),
            3 => Some(Self::Answer),
            4 => Some(Self::Acknowledge),
            5 => Some(Self::Relay),
            _ => None,
        }
    }

    /// Returns the kind of a record.
    pub const fn of(words: &Words) -> Option<Self> {
        Self::from_code(words[0] as u8)
    }
}

/// Where a call's encoded arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments<'a> {
    /// In the record.
    Inline(Inline<'a, SUBMISSION_INLINE>),
    /// In the cell of the call's slot.
    Cell {
        /// Their bytes, at most [`CELL_BYTES`](super::CELL_BYTES).
        length: u16,
    },
    /// In a block of Java's that stays valid until the call settles.
    External {
        /// First byte of the block; never null when `length` is not 0.
        address: u64,
        /// Bytes of the block; `address + length` does not overflow.
        length: u64,
    },
}

/// A submission record about a call. It borrows its arguments: from its maker to encode, from its
/// words when decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission<'a> {
    /// The purpose of the record.
    pub kind: SubmissionKind,
    /// True if some argument lends Java's memory or names an object of the owner's.
    pub needs_port: bool,
    /// The function's number in the library's description; 0 for a cancel.
    pub function: u32,
    /// The call.
    pub call: CallId,
    /// Its arguments; empty for a cancel.
    pub arguments: Arguments<'a>,
}

impl<'a> Submission<'a> {
    /// Makes the record that cancels `call`.
    pub const fn cancel(call: CallId) -> Self {
        let arguments = Arguments::Inline(Inline::EMPTY);
        Self {
            kind: SubmissionKind::Cancel,
            needs_port: false,
            function: 0,
            call,
            arguments,
        }
    }

    /// Returns the record's words.
    pub fn encode(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        let needs_port = if self.needs_port {
            SUBMISSION_NEEDS_PORT
        } else {
            0
        };
        let (flags, inline_length) = match self.arguments {
            Arguments::Inline(inline) => {
                inline.write(&mut words, 2);
                (needs_port, inline.length())
            }
            Arguments::Cell { length } => (needs_port | SUBMISSION_CELL, length),
            Arguments::External { address, length } => {
                words[2] = address;
                words[3] = length;
                (needs_port | SUBMISSION_EXTERNAL, 0)
            }
        };
        let head = self.kind as u32 | u32::from(flags) << 8 | u32::from(inline_length) << 16;
        words[0] = halves(head, self.function);
        words[1] = self.call.to_word();
        words
    }

    /// Returns the function's number and the length of the arguments, if `head` is the first word of a call whose
    /// arguments are in the record, and lend and name nothing.
    #[inline]
    pub const fn plain_call(head: u64) -> Option<(u32, u16)> {
        if head as u16 == SubmissionKind::Call as u16 {
            Some(((head >> 32) as u32, (head >> 16) as u16))
        } else {
            None
        }
    }

    /// Reads a record. Bytes without a meaning for the record's kind and flags are ignored.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag, a length or an address has no
    /// meaning.
    #[inline]
    pub fn decode(words: &'a Words) -> Result<Self, RecordError> {
        let head = words[0];
        let call = CallId::of_word(words[1]);
        let fault = |fault| RecordError { call, fault };
        let code = head as u8;
        let kind = match SubmissionKind::from_code(code) {
            Some(kind @ (SubmissionKind::Call | SubmissionKind::Cancel)) => kind,
            _ => return Err(fault(RecordFault::Kind(code))),
        };
        let flags = (head >> 8) as u8;
        let elsewhere = SUBMISSION_EXTERNAL | SUBMISSION_CELL;
        if flags & !(elsewhere | SUBMISSION_NEEDS_PORT) != 0 || flags & elsewhere == elsewhere {
            return Err(fault(RecordFault::Flags(flags)));
        }
        if kind == SubmissionKind::Cancel {
            return Ok(Self::cancel(call));
        }
        let arguments = if flags & SUBMISSION_EXTERNAL != 0 {
            let (address, length) = (words[2], words[3]);
            if (address == 0 && length != 0) || address.checked_add(length).is_none() {
                return Err(fault(RecordFault::Block { address, length }));
            }
            Arguments::External { address, length }
        } else if flags & SUBMISSION_CELL != 0 {
            let length = cell_length((head >> 16) as u16).map_err(fault)?;
            Arguments::Cell { length }
        } else {
            Arguments::Inline(inline_at(words, 2, (head >> 16) as u16).map_err(fault)?)
        };
        Ok(Self {
            kind,
            needs_port: flags & SUBMISSION_NEEDS_PORT != 0,
            function: (head >> 32) as u32,
            call,
            arguments,
        })
    }
}
