//! The answer to an invocation of a handler.

use bytes::Bytes;
use loopbridge_protocol::record::SUBMISSION_INLINE;

use super::arguments::Arguments;
use super::java_error::JavaError;
use super::lease::Lender;
use crate::panics::{KeptPanics, Panic};

/// An answer: as Java encoded it, or as the result of a call.
pub(crate) enum Block {
    Inline([u8; SUBMISSION_INLINE], usize),
    Given(Bytes),
    /// One string or byte sequence, without form and length.
    Whole(Bytes),
}

impl Block {
    /// Copies bytes that fit into a record.
    pub(crate) fn inline(bytes: &[u8]) -> Block {
        let mut copy = [0; SUBMISSION_INLINE];
        copy[..bytes.len()].copy_from_slice(bytes);
        Block::Inline(copy, bytes.len())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Block::Inline(bytes, length) => &bytes[..*length],
            Block::Given(bytes) | Block::Whole(bytes) => bytes,
        }
    }

    pub(crate) fn arguments(&self) -> Arguments<'_> {
        match self {
            Block::Whole(bytes) => Arguments::whole(bytes.clone()),
            block => Arguments::new(block.bytes(), Lender::none()),
        }
    }
}

/// Why an invocation has no answer.
pub(crate) enum Failed {
    Error(JavaError),
    /// The call that was to make the answer panicked.
    Panicked(Box<Panic>),
    /// The body failed with the error that Java has for a panic.
    Panic {
        /// The ticket of the panic in that error.
        panic: u64,
        /// The error that is used if the panic is not kept any more.
        error: JavaError,
    },
}

impl Failed {
    /// Returns the error, or resumes the panic, which may be one of those that the runtime has kept; called on the
    /// thread that polls the awaiting future.
    pub(crate) fn resume_or_error(self, kept: &KeptPanics) -> JavaError {
        match self {
            Failed::Error(error) => error,
            Failed::Panicked(panic) => panic.resume(),
            Failed::Panic { panic, error } => {
                if let Some(panic) = kept.take(panic) {
                    drop(error);
                    panic.resume();
                }
                error
            }
        }
    }
}
