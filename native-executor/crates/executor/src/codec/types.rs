//! The types of values that refer to no object, and how each is written and read.
//!
//! Each type has an implementation of its own, without a common one for "all numbers" or "all that is `AsRef<[u8]>`": the
//! set of types is closed, since each must have its twin in Java's `ValueType`, and the compiler names a type that is
//! missing by the trait that it lacks.

use std::marker::PhantomData;

use bytes::Bytes;

use super::arguments::{Argument, Arguments, Words};
use super::data::Data;
use super::encoded::{Encoded, Reply};
use super::mismatch::Mismatch;
use super::value::{Value, ValueType, sealed};

/// A [`Value`] that may stand inside an [`Option`]: all but `()`, [`JavaFn`](crate::JavaFn) and another [`Option`].
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` does not cross between Rust and Java",
    label = "no type that may be absent",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "an `Option` is of a value that is there: of no `()`, no other `Option` and no `JavaFn`; take `i64` in place of \
            `isize`, `usize` or a longer integer"
)]
pub trait Present: Argument + Reply {
    /// The type's name where the value may be absent.
    #[doc(hidden)]
    const OPTIONAL: ValueType = ValueType::Optional(&Self::TYPE);

    #[doc(hidden)]
    #[inline]
    fn read_optional(from: &mut Arguments<'_>) -> Result<Option<Self>, Mismatch> {
        Ok(match from.flag("the presence of an optional value")? {
            true => Some(Self::read(from)?),
            false => None,
        })
    }

    #[doc(hidden)]
    #[inline]
    fn write_optional(value: Option<Self>, to: &mut Encoded) {
        to.push(&[u8::from(value.is_some())]);
        if let Some(value) = value {
            value.write(to);
        }
    }
}

/// The name of an optional value that crosses as a byte sequence.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct OptionalData<T>(PhantomData<T>);

impl<T: Data> OptionalData<T> {
    const PART: ValueType = ValueType::Optional(&T::SHAPE);
    pub const TYPE: ValueType = ValueType::Data(&Self::PART);
}

/// A [`Value`] that refers to no object of either side: no [`JavaRef`](crate::JavaRef), [`Local`](crate::Local) or
/// [`JavaFn`](crate::JavaFn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` names an object, which no handler answers with",
    label = "no value of its own",
    note = "a handler answers with a number, a text or bytes; a function that Java calls takes and returns references"
)]
pub trait Plain: Value + Send {}

macro_rules! fixed_size {
    ($($type:ty: $name:literal),*) => {$(
        impl sealed::Sealed for $type {}
        impl Value for $type {
            const TYPE: ValueType = ValueType::Plain($name);
        }
        impl Plain for $type {}
        impl Argument for $type {
            #[inline]
            fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
                Ok(<$type>::from_le_bytes(from.array()?))
            }

            #[inline]
            fn of_words(from: &mut Words) -> Option<Self> {
                from.take().map(<$type>::from_le_bytes)
            }
        }
        impl Reply for $type {
            fn write(self, to: &mut Encoded) {
                to.push(&self.to_le_bytes());
            }
        }
    )*};
}

/// Lets a type stand in an [`Option`] that crosses as a byte sequence.
macro_rules! optional_as_data {
    ($($type:ty),*) => {$(
        impl Present for $type {
            const OPTIONAL: ValueType = OptionalData::<Self>::TYPE;

            fn read_optional(from: &mut Arguments<'_>) -> Result<Option<Self>, Mismatch> {
                from.data()
            }

            fn write_optional(value: Option<Self>, to: &mut Encoded) {
                to.push_data(&value);
            }
        }
    )*};
}

fixed_size!(i32: "i32", i64: "i64", f64: "f64");
fixed_size!(i8: "i8", i16: "i16", u8: "u8", u16: "u16", u32: "u32", u64: "u64", f32: "f32");

impl Present for i32 {}
impl Present for i64 {}
impl Present for f64 {}
optional_as_data!(i8, i16, u8, u16, u32, u64, f32, char);

impl sealed::Sealed for () {}
impl Value for () {
    const TYPE: ValueType = ValueType::Plain("unit");
}
impl Reply for () {
    fn write(self, _to: &mut Encoded) {}
}

impl sealed::Sealed for bool {}
impl Value for bool {
    const TYPE: ValueType = ValueType::Plain("bool");
}
impl Present for bool {}
impl Plain for bool {}
impl Argument for bool {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.flag("bool")
    }

    #[inline]
    fn of_words(from: &mut Words) -> Option<Self> {
        match from.take()? {
            [0] => Some(false),
            [1] => Some(true),
            [_] => None,
        }
    }
}
impl Reply for bool {
    fn write(self, to: &mut Encoded) {
        to.push(&[u8::from(self)]);
    }
}

impl sealed::Sealed for char {}
impl Value for char {
    const TYPE: ValueType = ValueType::Plain("char");
}
impl Plain for char {}
impl Argument for char {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        scalar(u32::from_le_bytes(from.array()?)).map_err(Mismatch::into_readable)
    }

    #[inline]
    fn of_words(from: &mut Words) -> Option<Self> {
        char::from_u32(u32::from_le_bytes(from.take()?))
    }
}
impl Reply for char {
    fn write(self, to: &mut Encoded) {
        to.push(&u32::from(self).to_le_bytes());
    }
}

/// Returns the character of a code point.
#[inline]
pub(super) fn scalar(point: u32) -> Result<char, Mismatch> {
    char::from_u32(point).ok_or_else(|| {
        Mismatch::new(format!(
            "a char is {point:#X}, which is no scalar value of Unicode"
        ))
    })
}

impl sealed::Sealed for String {}
impl Value for String {
    const TYPE: ValueType = ValueType::Plain("string");
}
impl Present for String {}
impl Plain for String {}
impl Argument for String {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        String::from_utf8(from.sequence()?)
            .map_err(|error| Mismatch::new(format!("the text is no UTF-8: {error}")))
    }
}
impl Reply for String {
    fn write(self, to: &mut Encoded) {
        to.push_sequence(self);
    }
}

impl sealed::Sealed for Vec<u8> {}
impl Value for Vec<u8> {
    const TYPE: ValueType = ValueType::Plain("bytes");
}
impl Present for Vec<u8> {}
impl Plain for Vec<u8> {}
impl Argument for Vec<u8> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.sequence()
    }
}
impl Reply for Vec<u8> {
    fn write(self, to: &mut Encoded) {
        to.push_sequence(self);
    }
}

impl sealed::Sealed for Bytes {}
impl Value for Bytes {
    const TYPE: ValueType = ValueType::Plain("bytes");
}
impl Present for Bytes {}
impl Plain for Bytes {}
impl Argument for Bytes {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        from.bytes()
    }
}
impl Reply for Bytes {
    fn write(self, to: &mut Encoded) {
        to.push_sequence(self);
    }
}

impl<T: Present> sealed::Sealed for Option<T> {}
impl<T: Present + Plain> Plain for Option<T> {}
impl<T: Present> Value for Option<T> {
    const TYPE: ValueType = T::OPTIONAL;
}
impl<T: Present> Argument for Option<T> {
    #[inline]
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        T::read_optional(from)
    }
}
impl<T: Present> Reply for Option<T> {
    #[inline]
    fn write(self, to: &mut Encoded) {
        T::write_optional(self, to);
    }
}
