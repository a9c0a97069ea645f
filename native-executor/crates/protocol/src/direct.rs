//! The record that the owner loop and native code exchange in a direct call, on the owner's own thread.
//!
//! It is one record in the header. The owner writes a call there and calls native code, which reads
//! it. Before native code returns it writes the outcome, if there is one, over the call. A handler
//! that runs at once is called and answered in the same way, in the other direction.
//!
//! # Access rules
//!
//! 1. Only the owner's thread accesses it, in one language at a time: a call or a return lies
//!    between any two accesses by different sides.
//! 2. The code that reads it does so before it calls anything else: calls nest, and each uses the
//!    same record.

use crate::memory::PortMemory;
use crate::record::{CallId, OutcomeKind, RECORD_WORDS, Words};
use crate::sync::Arc;

/// The direct record, as native code accesses it.
#[derive(Clone, Debug)]
pub struct Direct {
    memory: Arc<PortMemory>,
}

impl Direct {
    /// Makes the access to the record in `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// Reads what the owner has written.
    #[inline]
    pub fn read(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        self.memory.direct().read(&mut words);
        words
    }

    /// Writes a record for the owner.
    pub fn write(&self, words: &Words) {
        self.memory.direct().write(0, words);
    }

    /// Writes the outcome of a call that has returned a value of at most one word, which holds `length` bytes. The words
    /// behind it keep what they had.
    #[inline]
    pub fn write_value(&self, call: CallId, length: u8, word: u64) {
        let head = OutcomeKind::Value as u64 | u64::from(length) << 16;
        let slot = u64::from(call.slot) << 32;
        let words = [0, head | slot, u64::from(call.generation), word];
        self.memory.direct().write(1, &words);
    }
}
