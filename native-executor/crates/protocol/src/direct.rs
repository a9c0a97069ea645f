//! The record that the owner loop and native code exchange in a direct call, on the owner's own thread.
//!
//! One record's place in the header. The owner writes a call there and native code, called right after
//! that, reads it; before it returns it writes the outcome, if there is one, over it. A handler that is
//! run at once is asked and answered the same way, in the other direction.
//!
//! # Access rules
//!
//! 1. Only the owner's thread touches it, in one language at a time: a call or a return lies between any
//!    two accesses by different sides.
//! 2. Whoever reads it does so before anything else can be called: calls nest, and each uses the same
//!    place.

use crate::memory::PortMemory;
use crate::record::{RECORD_WORDS, Words};
use crate::sync::Arc;

/// The place, as native code sees it.
#[derive(Clone, Debug)]
pub struct Direct {
    memory: Arc<PortMemory>,
}

impl Direct {
    /// The place in `memory`.
    pub fn new(memory: Arc<PortMemory>) -> Self {
        Self { memory }
    }

    /// What the owner has written.
    pub fn read(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        self.memory.direct().read(&mut words);
        words
    }

    /// Writes for the owner.
    pub fn write(&self, words: &Words) {
        self.memory.direct().write(0, words);
    }
}
