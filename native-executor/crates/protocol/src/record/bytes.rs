//! A record's bytes, and the bytes it holds inline.

use std::fmt;
use std::ops::Deref;

use super::{RECORD_BYTES, RecordFault, Words};

pub(super) type RecordBytes = [u8; RECORD_BYTES];

/// At most `N` bytes held in the record itself.
#[derive(Clone, Copy)]
pub struct Inline<const N: usize> {
    length: u16,
    bytes: [u8; N],
}

impl<const N: usize> Inline<N> {
    /// No bytes.
    pub const EMPTY: Self = Self {
        length: 0,
        bytes: [0; N],
    };

    /// A copy of `bytes`, or `None` when they do not fit.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut inline = Self::EMPTY;
        inline.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        inline.length = u16::try_from(bytes.len()).ok()?;
        Some(inline)
    }

    /// The length as a record holds it.
    pub(super) const fn length(&self) -> u16 {
        self.length
    }
}

impl<const N: usize> Deref for Inline<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl<const N: usize> PartialEq for Inline<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> Eq for Inline<N> {}

impl<const N: usize> fmt::Debug for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inline").field(&&**self).finish()
    }
}

pub(super) fn to_words(bytes: &RecordBytes) -> Words {
    std::array::from_fn(|word| u64_at(bytes, word * 8))
}

pub(super) fn to_bytes(words: &Words) -> RecordBytes {
    let mut bytes = [0; RECORD_BYTES];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn array_at<const N: usize>(bytes: &RecordBytes, offset: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[offset + index])
}

pub(super) fn u16_at(bytes: &RecordBytes, offset: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, offset))
}

pub(super) fn u32_at(bytes: &RecordBytes, offset: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, offset))
}

pub(super) fn u64_at(bytes: &RecordBytes, offset: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, offset))
}

pub(super) fn inline_at<const N: usize>(
    bytes: &RecordBytes,
    offset: usize,
    length: u16,
) -> Result<Inline<N>, RecordFault> {
    let held = bytes
        .get(offset..offset + usize::from(length))
        .and_then(Inline::new);
    held.ok_or(RecordFault::InlineLength {
        given: length,
        limit: N,
    })
}
