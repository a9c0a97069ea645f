//! A record's bytes, and the bytes it holds inline.

use std::fmt;
use std::ops::Deref;

use super::{CELL_BYTES, RecordFault, Words};
use crate::memory::bytes_of;

/// At most `N` bytes that stand in the record itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Inline<'a, const N: usize>(&'a [u8]);

impl<'a, const N: usize> Inline<'a, N> {
    /// No bytes.
    pub const EMPTY: Self = Self(&[]);

    /// Makes one of these bytes; `None` if they do not fit.
    pub const fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() <= N {
            Some(Self(bytes))
        } else {
            None
        }
    }

    /// Returns the bytes.
    pub const fn as_slice(self) -> &'a [u8] {
        self.0
    }

    /// The length as a record holds it.
    pub(super) const fn length(self) -> u16 {
        self.0.len() as u16
    }

    /// Writes them into a record's words from number `first` on, whole words at a time.
    pub(super) fn write(self, words: &mut Words, first: usize) {
        for (word, bytes) in words[first..].iter_mut().zip(self.0.chunks(8)) {
            *word = match bytes.try_into() {
                Ok(whole) => u64::from_le_bytes(whole),
                Err(_) => {
                    let mut padded = [0; 8];
                    padded[..bytes.len()].copy_from_slice(bytes);
                    u64::from_le_bytes(padded)
                }
            };
        }
    }
}

impl<const N: usize> Deref for Inline<'_, N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl<const N: usize> fmt::Debug for Inline<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inline").field(&self.0).finish()
    }
}

/// Returns the inline bytes of a record, from word number `first` on.
pub(super) fn inline_at<const N: usize>(
    words: &Words,
    first: usize,
    length: u16,
) -> Result<Inline<'_, N>, RecordFault> {
    let bytes = &bytes_of(words)[first * 8..];
    let held = bytes.get(..usize::from(length)).and_then(Inline::new); // seed M18
    held.ok_or(RecordFault::InlineLength {
        given: length,
        limit: N,
    })
}

/// Checks the length of what is in a cell.
pub(super) const fn cell_length(length: u16) -> Result<u16, RecordFault> {
    if length as usize <= CELL_BYTES {
        Ok(length)
    } else {
        Err(RecordFault::InlineLength {
            given: length,
            limit: CELL_BYTES,
        })
    }
}

/// Makes a word of two halves.
pub(super) const fn halves(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
