//! Why a record's bytes are not the values that its function takes.
//!
//! A mismatch fails one call and nothing else. It is worded for the person who reads Java's exception, and names no
//! address, since messages go into logs.

use std::fmt;

/// The reason why a call's arguments cannot be read.
#[doc(hidden)]
#[derive(Debug)]
pub struct Mismatch {
    pub(super) reason: String,
    /// True if the block has the expected layout all the same, so that the arguments behind this one can be read.
    pub(super) readable: bool,
}

impl Mismatch {
    pub(crate) fn new(reason: impl Into<String>) -> Mismatch {
        Mismatch {
            reason: reason.into(),
            readable: false,
        }
    }

    /// Lets the values behind this one be read.
    pub(super) fn into_readable(self) -> Mismatch {
        Mismatch {
            readable: true,
            ..self
        }
    }

    /// Makes the mismatch of an argument that names no object, or one of another type.
    pub(crate) fn of_object(reason: impl Into<String>) -> Mismatch {
        Mismatch {
            reason: reason.into(),
            readable: true,
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}
