//! The types of values that refer to no object, and how each is written and read.
//!
//! Each type has an implementation of its own, without a common one for "all numbers" or "all that is `AsRef<[u8]>`": the
//! set of types is closed, since each must have its twin in Java's `ValueType`, and the compiler names a type that is
//! missing by the trait that it lacks.

use bytes::Bytes;

use super::arguments::{Argument, Arguments, Words};
use super::encoded::{Encoded, Reply};
use super::mismatch::Mismatch;
use super::value::{Value, ValueType, sealed};

/// A [`Value`] that may stand inside an [`Option`]: all but `()`, [`JavaFn`](crate::JavaFn) and another [`Option`].
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` does not cross between Rust and Java",
    label = "no type that may be absent",
    note = "an `Option` is of `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef`, `Shared` or `Local`",
    note = "use `i64` in place of another integer, and a struct or a list encoded as `String` or `Bytes`"
)]
pub trait Present: Argument + Reply {}

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
            const TYPE: ValueType = ValueType::plain($name);
        }
        impl Present for $type {}
        impl Plain for $type {}
        impl Argument for $type {
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

fixed_size!(i32: "i32", i64: "i64", f64: "f64");

impl sealed::Sealed for () {}
impl Value for () {
    const TYPE: ValueType = ValueType::plain("unit");
}
impl Reply for () {
    fn write(self, _to: &mut Encoded) {}
}

impl sealed::Sealed for bool {}
impl Value for bool {
    const TYPE: ValueType = ValueType::plain("bool");
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

impl sealed::Sealed for String {}
impl Value for String {
    const TYPE: ValueType = ValueType::plain("string");
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
    const TYPE: ValueType = ValueType::plain("bytes");
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
    const TYPE: ValueType = ValueType::plain("bytes");
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
    const TYPE: ValueType = T::TYPE.optional();
}
impl<T: Present> Argument for Option<T> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch> {
        Ok(match from.flag("the presence of an optional value")? {
            true => Some(T::read(from)?),
            false => None,
        })
    }
}
impl<T: Present> Reply for Option<T> {
    fn write(self, to: &mut Encoded) {
        to.push(&[u8::from(self.is_some())]);
        if let Some(value) = self {
            value.write(to);
        }
    }
}
