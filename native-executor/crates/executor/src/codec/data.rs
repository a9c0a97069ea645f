//! Values with parts, in one encoding: records, enums, lists, maps, and what stands in them.
//!
//! The encoding is little endian and positional, without tags: both sides compare the types at load.
//!
//! | type | bytes |
//! |---|---|
//! | numbers | their own |
//! | `bool` | 0 or 1 |
//! | `char` | its scalar value, as 32 bits |
//! | string, bytes | length as 32 bits, then the bytes (UTF-8) |
//! | `?` | 0, or 1 and the value |
//! | list | count as 32 bits, then the elements |
//! | map | count as 32 bits, then each key with its value |
//! | record | its fields in their order |
//! | enum | index of the variant as 16 bits, then the fields of the variant |
//! | duration | seconds as 64 bits, nanoseconds as 32 bits |
//! | time | the same, since 1970, with signed seconds |
//! | uuid | its 16 bytes, in the order of its text |
//!
//! All of a value's bytes are read. Twin of Java's package `dev.loopbridge.spi`.

use super::arguments::Arguments;
use super::encoded::Encoded;
use super::mismatch::Mismatch;
use super::reader::Reader;
use super::value::{FORM_INLINE, ValueType};
use super::writer::Writer;

/// A type that may stand in a record, a list, a map or an [`Option`]: numbers, `bool`, `char`, [`String`], `Vec<u8>` and
/// [`Bytes`](crate::Bytes), `Duration`, `SystemTime`, with the feature `uuid` `Uuid`, an [`Option`], `Vec`, `HashMap` or
/// `BTreeMap` of such types, and structs and enums with [`#[loopbridge::record]`](crate::record).
///
/// No crate implements it by hand: the attribute does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross between Rust and Java",
    label = "no type that may stand in a record or a list",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "take `Vec`, `HashMap` or `BTreeMap` in place of another collection, `String` in place of `&str`, and `i64` in \
            place of `isize`, `usize` or a longer integer"
)]
pub trait Data: Sized + Send + 'static {
    /// The type's name where it is a part.
    #[doc(hidden)]
    const SHAPE: ValueType;
    /// How many bytes a value takes.
    #[doc(hidden)]
    const SIZE: Size;

    /// Returns how many bytes this value takes.
    #[doc(hidden)]
    fn encoded_size(&self) -> usize;
    #[doc(hidden)]
    fn encode(&self, to: &mut Writer<'_>);
    #[doc(hidden)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, Mismatch>;

    /// Returns how many bytes these values take, without their count.
    #[doc(hidden)]
    #[inline]
    fn size_of_all(values: &[Self]) -> usize {
        match Self::SIZE.exactly() {
            Some(size) => size * values.len(),
            None => values.iter().map(Data::encoded_size).sum(),
        }
    }

    /// Writes these values, without their count.
    #[doc(hidden)]
    #[inline]
    fn encode_all(values: &[Self], to: &mut Writer<'_>) {
        for value in values {
            value.encode(to);
        }
    }

    /// Reads `count` values; there are bytes for the least size of so many.
    #[doc(hidden)]
    #[inline]
    fn decode_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, Mismatch> {
        let mut values = Vec::with_capacity(from.capacity::<Self>(count));
        for _ in 0..count {
            values.push(Self::decode(from)?);
        }
        Ok(values)
    }
}

/// [`Data`] that may be the element of a `Vec`: all but `u8`, since `Vec<u8>` is a byte sequence.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross between Rust and Java",
    label = "no type that may stand in a list",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "take `Vec`, `HashMap` or `BTreeMap` in place of another collection, `String` in place of `&str`, and `i64` in \
            place of `isize`, `usize` or a longer integer"
)]
pub trait Element: Data {}

/// The fewest bytes that a value of a type takes, and whether all values take so many.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Size {
    least: usize,
    exact: bool,
}

impl Size {
    pub const fn exact(bytes: usize) -> Size {
        Size {
            least: bytes,
            exact: true,
        }
    }

    pub const fn at_least(bytes: usize) -> Size {
        Size {
            least: bytes,
            exact: false,
        }
    }

    /// Returns the size of values one behind another.
    pub const fn of_all(parts: &[Size]) -> Size {
        let mut all = Size::exact(0);
        let mut place = 0;
        while place < parts.len() {
            all.least += parts[place].least;
            all.exact &= parts[place].exact;
            place += 1;
        }
        all
    }

    pub(super) const fn least(self) -> usize {
        self.least
    }

    pub const fn exactly(self) -> Option<usize> {
        if self.exact { Some(self.least) } else { None }
    }
}

/// Decodes a value that takes all of the bytes.
pub(crate) fn decode_whole<T: Data>(bytes: &[u8]) -> Result<T, Mismatch> {
    let mut from = Reader::new(bytes);
    let value = T::decode(&mut from)?;
    from.finish()?;
    Ok(value)
}

fn encode_into<T: Data>(value: &T, room: &mut [u8]) {
    let mut to = Writer::new(room);
    value.encode(&mut to);
    debug_assert!(to.is_full(), "{} says a wrong size", T::SHAPE);
}

impl Arguments<'_> {
    /// Reads a value that crosses as a byte sequence.
    #[doc(hidden)]
    pub fn data<T: Data>(&mut self) -> Result<T, Mismatch> {
        // The bytes as a whole have the length that they should have, so that what follows them can be read.
        self.with_sequence(|bytes| decode_whole(bytes).map_err(Mismatch::into_readable))
    }
}

impl Encoded {
    /// Writes a value that crosses as a byte sequence: into the record if it fits, else into memory of exactly its size.
    #[doc(hidden)]
    pub fn push_data<T: Data>(&mut self, value: &T) {
        let size = value.encoded_size();
        if !self.fits_sequence(size) {
            let mut bytes = vec![0; size];
            encode_into(value, &mut bytes);
            self.push_sequence(bytes);
            return;
        }
        self.push(&[FORM_INLINE]);
        self.push(&(size as u32).to_le_bytes());
        encode_into(value, self.extend(size));
    }
}
