//! The types that cross the boundary, as a signature names them.
//!
//! Values are little endian, untagged and in the order of the signature; a string or bytes value starts with a form
//! byte and a 32-bit length. No tag is needed, since both sides compare the signature before the first call. Twin of
//! `ValueType.java` and of the reader in `bridge-core`.

use std::any::TypeId;
use std::fmt;

// Bytes are lent above a size that Java chooses for each argument, so that the form cannot follow from the type. A long
// result needs no form: it is alone in its payload.
/// A string's or byte sequence's own bytes follow.
pub(crate) const FORM_INLINE: u8 = 0;
/// A string's or byte sequence's address follows; arguments only.
pub(crate) const FORM_LENT: u8 = 1;

/// The name of a type in a signature.
///
/// Both sides compare signatures as texts, once for each function. So a type is its name and nothing that has to be
/// equal in two languages but the text.
#[derive(Clone, Copy, Debug)]
pub struct ValueType {
    name: &'static str,
    optional: bool,
    /// Argument and answer if the type is a Java handler.
    function: Option<(&'static ValueType, &'static ValueType)>,
    /// The type of the object if all loops may use it.
    object: Option<ObjectType>,
    /// The types of the parts if the type is a tuple.
    parts: &'static [ValueType],
}

impl ValueType {
    pub(crate) const fn plain(name: &'static str) -> ValueType {
        ValueType {
            name,
            optional: false,
            function: None,
            object: None,
            parts: &[],
        }
    }

    pub(crate) const fn object(of: ObjectType) -> ValueType {
        ValueType {
            object: Some(of),
            ..ValueType::plain("object")
        }
    }

    /// Calls `each` with the types of objects that this type names.
    pub(crate) fn objects(&self, each: &mut dyn FnMut(ObjectType)) {
        self.object.iter().for_each(|object| each(*object));
        if let Some((argument, answer)) = self.function {
            argument.objects(each);
            answer.objects(each);
        }
    }

    pub(crate) const fn tuple(parts: &'static [ValueType]) -> ValueType {
        ValueType {
            parts,
            ..ValueType::plain("")
        }
    }

    /// Returns this type for a value that may be absent.
    pub(super) const fn optional(self) -> ValueType {
        ValueType {
            optional: true,
            ..self
        }
    }

    pub(crate) const fn is_optional(&self) -> bool {
        self.optional
    }

    pub(crate) const fn function(
        argument: &'static ValueType,
        answer: &'static ValueType,
    ) -> ValueType {
        ValueType {
            function: Some((argument, answer)),
            ..ValueType::plain("fn")
        }
    }
}

/// A type of objects that all loops may use: its name for Java, and the type itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectType {
    pub(crate) name: &'static str,
    pub(crate) id: fn() -> TypeId,
}

impl fmt::Display for ValueType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)?;
        if let Some((argument, answer)) = self.function {
            write!(out, "<{argument};{answer}>")?;
        }
        if let Some(object) = self.object {
            write!(out, "<{}>", object.name)?;
        }
        for (place, part) in self.parts.iter().enumerate() {
            write!(out, "{}{part}", if place == 0 { "[" } else { "+" })?;
        }
        out.write_str(if self.parts.is_empty() { "" } else { "]" })?;
        out.write_str(if self.optional { "?" } else { "" })
    }
}

pub(crate) mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be made a value: the set of types that cross the boundary is closed",
        label = "no type of loopbridge's",
        note = "let it cross as what it is made of, as several arguments, or encoded as a `String` or `Bytes`"
    )]
    pub trait Sealed {}
}

/// A type that crosses the boundary: `bool`, `i32`, `i64`, `f64`, [`String`], [`Bytes`](crate::Bytes), `Vec<u8>`, [`JavaRef`](crate::JavaRef),
/// [`Shared`](crate::Shared), an [`Option`] of these, `()` as a result, a tuple of two to eight as a result or for a handler,
/// [`JavaFn`](crate::JavaFn) as an argument, and [`Local`](crate::Local) in loop-driven functions.
///
/// The set is closed: anything else crosses as the values it consists of, as several arguments, or encoded as a
/// [`String`] or [`Bytes`](crate::Bytes).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross between Rust and Java",
    label = "no type that crosses",
    note = "values are `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef`, `Shared`, `Local`, an `Option` of \
            these, and `JavaFn`"
)]
pub trait Value: sealed::Sealed + Sized + 'static {
    /// The type's name in a signature.
    #[doc(hidden)]
    const TYPE: ValueType;
}
