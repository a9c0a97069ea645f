//! Records without a meaning.

use std::fmt;

use super::CallId;

/// A record that has no meaning, and the call it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The call as the record names it; it may not exist.
    pub call: CallId,
    /// The fault.
    pub fault: RecordFault,
}

/// A fault in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// No kind or outcome has this code.
    Kind(u8),
    /// Some of these flags have no meaning.
    Flags(u8),
    /// More bytes inline than a record holds.
    InlineLength {
        /// The length in the record.
        given: u16,
        /// The most that fits.
        limit: usize,
    },
    /// An external block that cannot exist: null, or past the end of memory.
    Block {
        /// The address in the record.
        address: u64,
        /// The length in the record.
        length: u64,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallId { slot, generation } = self.call;
        write!(f, "record of slot {slot}, generation {generation}: ")?;
        match self.fault {
            RecordFault::Kind(code) => write!(f, "unknown kind {code}"),
            RecordFault::Flags(flags) => write!(f, "unknown flags {flags:#04x}"),
            RecordFault::InlineLength { given, limit } => {
                write!(f, "{given} bytes inline where {limit} fit")
            }
            RecordFault::Block { length, .. } => {
                write!(f, "no block of {length} bytes is at the given address")
            }
        }
    }
}

impl std::error::Error for RecordError {}
