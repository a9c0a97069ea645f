//! The types that cross the boundary, as a signature names them.
//!
//! Values are little endian, untagged and in the order of the signature; a string or bytes value starts with a form
//! byte and a 32-bit length. No tag is needed, since both sides compare the signature before the first call. Twin of
//! `ValueType.java` and of the reader in `bridge-core`.

use std::any::TypeId;
use std::fmt;

use super::text::Text;

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
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum ValueType {
    /// A type without parts, by its name.
    Plain(&'static str),
    /// The same, or nothing.
    Optional(&'static ValueType),
    List(&'static ValueType),
    /// Keys and values.
    Map(&'static ValueType, &'static ValueType),
    /// A record or an enum, by the name of its type.
    Named(&'static str),
    /// A value that crosses as bytes in the encoding of [`Data`](crate::Data).
    Data(&'static ValueType),
    /// The parts of a tuple.
    Tuple(&'static [ValueType]),
    /// Argument and answer of a handler of Java's.
    Function(&'static ValueType, &'static ValueType),
    /// An object that all loops may use.
    Object(ObjectType),
}

impl ValueType {
    /// Returns whether a presence byte precedes the value.
    pub(crate) const fn is_optional(&self) -> bool {
        matches!(self, ValueType::Optional(_))
    }

    /// Writes the type as signatures name it.
    pub(super) const fn write(&self, to: &mut Text<'_>) {
        match self {
            ValueType::Plain(name) => to.put(name),
            ValueType::Optional(of) => {
                of.write(to);
                to.put("?");
            }
            ValueType::List(of) => enclosed(to, "list<", &[of], "", ">"),
            ValueType::Map(keys, values) => enclosed(to, "map<", &[keys, values], ",", ">"),
            ValueType::Named(name) => {
                to.put("#");
                to.put(name);
            }
            ValueType::Data(of) => enclosed(to, "{", &[of], "", "}"),
            ValueType::Tuple(parts) => {
                to.put("[");
                let mut place = 0;
                while place < parts.len() {
                    to.put(if place == 0 { "" } else { "+" });
                    parts[place].write(to);
                    place += 1;
                }
                to.put("]");
            }
            ValueType::Function(argument, answer) => {
                enclosed(to, "fn<", &[argument, answer], ";", ">");
            }
            ValueType::Object(of) => {
                to.put("object<");
                to.put(of.name);
                to.put(">");
            }
        }
    }

    /// Calls `each` with the types of objects that this type names.
    pub(crate) fn objects(&self, each: &mut dyn FnMut(ObjectType)) {
        match self {
            ValueType::Object(of) => each(*of),
            ValueType::Optional(of) => of.objects(each),
            ValueType::Function(argument, answer) => {
                argument.objects(each);
                answer.objects(each);
            }
            _ => {}
        }
    }
}

/// Writes types between an opening and a closing text.
const fn enclosed(to: &mut Text<'_>, open: &str, of: &[&ValueType], between: &str, close: &str) {
    to.put(open);
    of[0].write(to);
    if let [_, second] = of {
        to.put(between);
        second.write(to);
    }
    to.put(close);
}

/// A type of objects that all loops may use: its name for Java, and the type itself.
#[derive(Clone, Copy, Debug)]
pub struct ObjectType {
    pub(crate) name: &'static str,
    pub(crate) id: fn() -> TypeId,
}

impl fmt::Display for ValueType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut length = Text::measuring();
        self.write(&mut length);
        let mut bytes = vec![0; length.length()];
        self.write(&mut Text::into(&mut bytes));
        out.write_str(&String::from_utf8_lossy(&bytes))
    }
}

pub(crate) mod sealed {
    /// Keeps other crates from making a value by hand.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be made a value by hand",
        label = "no type of loopbridge's, and no record",
        note = "mark the type with #[loopbridge::record], or let it cross as several arguments"
    )]
    pub trait Sealed {}
}

/// A type that crosses the boundary: all [`Data`](crate::Data), [`JavaRef`](crate::JavaRef) and
/// [`Shared`](crate::Shared) and an [`Option`] of these, `()` as a result, a tuple of two to eight as a result or for a
/// handler, [`JavaFn`](crate::JavaFn) as an argument, and [`Local`](crate::Local) in loop-driven functions.
///
/// A type of one's own is added by [`#[loopbridge::record]`](crate::record).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross between Rust and Java",
    label = "no type that crosses",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "other values are numbers, `bool`, `char`, `String`, `Bytes`, `Duration`, `SystemTime`, a `Vec`, `HashMap` or \
            `BTreeMap` of values, an `Option` of one, `JavaRef`, `Shared`, `Local` and `JavaFn`"
)]
pub trait Value: sealed::Sealed + Sized + 'static {
    /// The type's name in a signature.
    #[doc(hidden)]
    const TYPE: ValueType;
}
