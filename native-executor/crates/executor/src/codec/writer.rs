//! From [`Data`](crate::Data) to bytes.

/// The room for a value that is not written yet. It has exactly the size that the value said.
#[doc(hidden)]
#[derive(Debug)]
pub struct Writer<'a> {
    rest: &'a mut [u8],
}

impl<'a> Writer<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Writer<'a> {
        Writer { rest: room }
    }

    /// Takes the next bytes, to be written.
    #[inline]
    pub(super) fn take(&mut self, length: usize) -> &'a mut [u8] {
        let (taken, rest) = std::mem::take(&mut self.rest).split_at_mut(length);
        self.rest = rest;
        taken
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.take(N).copy_from_slice(&bytes);
    }

    /// Writes a string's or byte sequence's length and bytes.
    #[inline]
    pub(super) fn sequence(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.take(bytes.len()).copy_from_slice(bytes);
    }

    /// Writes the number of elements. One that needs more than 32 bits is refused as too large a payload later on.
    #[inline]
    pub(super) fn count(&mut self, count: usize) {
        self.put((count as u32).to_le_bytes());
    }

    /// Writes the index of an enum's variant.
    #[inline]
    pub fn variant(&mut self, index: u16) {
        self.put(index.to_le_bytes());
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rest.is_empty()
    }
}
