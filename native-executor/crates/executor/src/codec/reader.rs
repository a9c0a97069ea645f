//! From bytes to [`Data`](crate::Data). Any bytes give a value or a [`Mismatch`].

use super::mismatch::Mismatch;

/// How deep values may be nested: records, enums, lists, maps and options count one each.
pub(crate) const MOST_DEPTH: u32 = 64;
/// The most elements that take no bytes, in all lists of a value together.
pub(crate) const MOST_EMPTY: usize = 1 << 20;

/// The bytes of a value that are not read yet.
#[doc(hidden)]
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
    /// How many more elements may take no bytes.
    empty: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader {
            rest: bytes,
            depth: 0,
            empty: MOST_EMPTY,
        }
    }

    /// Checks that all bytes were read: bytes that are left mean that the two sides disagree about the type.
    pub(crate) fn finish(&self) -> Result<(), Mismatch> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(left_over(left)),
        }
    }

    /// Reads a value that has others in it.
    #[inline]
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Mismatch>,
    ) -> Result<T, Mismatch> {
        if self.depth == MOST_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    #[inline]
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Mismatch> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(too_short(length, self.rest.len()));
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Mismatch> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(too_short(N, self.rest.len()));
        };
        self.rest = rest;
        Ok(*taken)
    }

    /// Reads a string's or byte sequence's own bytes.
    #[inline]
    pub(super) fn sequence(&mut self) -> Result<&'a [u8], Mismatch> {
        let length = u32::from_le_bytes(self.array()?);
        self.take(length as usize)
    }

    #[inline]
    pub(super) fn flag(&mut self, what: &str) -> Result<bool, Mismatch> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(no_flag(what, other)),
        }
    }

    /// Reads the index of an enum's variant.
    #[inline]
    pub fn variant(&mut self) -> Result<u16, Mismatch> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Reads the number of elements, each of which takes at least `least` bytes.
    #[inline]
    pub(super) fn count(&mut self, least: usize) -> Result<usize, Mismatch> {
        let count = u32::from_le_bytes(self.array()?) as usize;
        let left = self.rest.len();
        let most = left.checked_div(least).unwrap_or(self.empty);
        if count > most {
            return Err(too_many(count, most, left));
        }
        if least == 0 {
            self.empty -= count;
        }
        Ok(count)
    }

    /// For how many of `count` elements memory is allocated at once: no more than some times what the bytes take, since
    /// an element may be far larger in memory. The others follow as they are read.
    #[inline]
    pub(crate) fn capacity<T>(&self, count: usize) -> usize {
        const FACTOR: usize = 3;
        let most = FACTOR * self.rest.len() / size_of::<T>().max(1);
        count.min(most)
    }
}

#[cold]
fn left_over(left: usize) -> Mismatch {
    Mismatch::new(format!("{left} bytes are left over behind the value"))
}

#[cold]
fn too_deep() -> Mismatch {
    Mismatch::new(format!("values are nested more than {MOST_DEPTH} deep"))
}

#[cold]
fn too_short(needed: usize, left: usize) -> Mismatch {
    Mismatch::new(format!("{needed} bytes are needed, {left} are left"))
}

#[cold]
fn no_flag(what: &str, other: u8) -> Mismatch {
    Mismatch::new(format!("{what} is {other}, not 0 or 1"))
}

#[cold]
fn too_many(count: usize, most: usize, left: usize) -> Mismatch {
    Mismatch::new(format!(
        "{count} elements, but the {left} bytes that are left have room for {most}"
    ))
}

/// Makes the mismatch of an enum that has no variant with this index.
#[doc(hidden)]
#[cold]
pub fn no_variant(name: &str, index: u16, last: u16) -> Mismatch {
    Mismatch::new(format!("{name} has no variant {index}, the last is {last}"))
}
