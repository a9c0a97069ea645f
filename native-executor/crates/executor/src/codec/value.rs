//! The types that cross the boundary and how a result is encoded.
//!
//! Values are little endian, untagged and in the order of the signature; a string or bytes value starts with a form
//! byte and a 32-bit length. No tag is needed, since both sides compare the signature before the first call. Twin of
//! `ValueType.java` and of the reader in `bridge-core`.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use loopbridge_protocol::record::{COMPLETION_INLINE, Inline as RecordInline};
use loopbridge_protocol::{CallId, OutcomeKind, RecordError};

use crate::codec::arguments::{Arguments, Mismatch};
use crate::codec::error_chain::{ErrorChain, InChain};
use crate::codec::object::{JavaRef, Object};
use crate::panics::Panic;
use crate::port::Port;
use crate::threads;

/// A string's or byte sequence's own bytes follow.
pub(crate) const FORM_INLINE: u8 = 0;
/// A string's or byte sequence's address follows; arguments only.
pub(crate) const FORM_LENT: u8 = 1;

/// The name of a type in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueType {
    name: &'static str,
    optional: bool,
    /// Argument and answer if the type is a Java handler.
    function: Option<(&'static ValueType, &'static ValueType)>,
    /// The types of the parts if the type is a tuple.
    parts: &'static [ValueType],
}

impl ValueType {
    pub(crate) const fn plain(name: &'static str) -> ValueType {
        ValueType {
            name,
            optional: false,
            function: None,
            parts: &[],
        }
    }

    pub(crate) const fn tuple(parts: &'static [ValueType]) -> ValueType {
        ValueType {
            parts,
            ..ValueType::plain("")
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

impl fmt::Display for ValueType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)?;
        if let Some((argument, answer)) = self.function {
            write!(out, "<{argument};{answer}>")?;
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

/// A type that crosses the boundary: `bool`, `i32`, `i64`, `f64`, [`String`], [`Bytes`], `Vec<u8>`, [`JavaRef`], an
/// [`Option`] of these, `()` as a result, a tuple of two to eight as a result or for a handler,
/// [`JavaFn`](crate::JavaFn) as an argument, and [`Local`](crate::Local) in loop-driven functions.
///
/// The set is closed: anything else crosses as the values it consists of, as several arguments, or encoded as a
/// [`String`] or [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not cross between Rust and Java",
    label = "no type that crosses",
    note = "values are `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef`, `Local`, an `Option` of \
            these, and `JavaFn`"
)]
pub trait Value: sealed::Sealed + Sized + 'static {
    /// The type's name in a signature.
    #[doc(hidden)]
    const TYPE: ValueType;
}

/// A [`Value`] that may be an argument.
///
/// In place of a `&str` a function takes a [`String`], of a slice `Vec<u8>` or [`Bytes`], of an integer of another type
/// `i64`; a struct or a list comes as several arguments, or encoded as a [`String`] or [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come from Java as an argument",
    label = "no type of an argument",
    note = "arguments are `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef`, an `Option` of these, \
            `JavaFn` and, in functions registered by `local`, `Local`",
    note = "take `String` in place of `&str`, `Vec<u8>` or `Bytes` in place of a slice, `i64` in place of another integer, \
            and a struct or a list as several arguments, or encoded as `String` or `Bytes`"
)]
pub trait Argument: Value {
    #[doc(hidden)]
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch>;
}

/// A [`Value`] that may be a result, or the argument of a Java handler.
///
/// A handler that takes several arguments is a [`JavaFn`](crate::JavaFn) of a tuple of two to eight [`Plain`] values:
/// `JavaFn<(i64, String), bool>`. In Java the tuple is a record.
///
/// In place of a `&str` a function returns a [`String`], of a slice `Vec<u8>` or [`Bytes`], of an integer of another type
/// `i64`; a struct or a list goes encoded as a [`String`] or [`Bytes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not go to Java, as a result or to a handler",
    label = "no type of a result",
    note = "results are `()`, `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef`, an `Option` of these, \
            in functions registered by `local` also `Local`, and a `Result` of all of these",
    note = "return `String` in place of `&str`, `Vec<u8>` or `Bytes` in place of a slice, `i64` in place of another integer, \
            and a struct or a list encoded as `String` or `Bytes`"
)]
pub trait Reply: Value {
    #[doc(hidden)]
    fn write(self, to: &mut Encoded);
}

/// A [`Value`] that may stand inside an [`Option`]: all but `()`, [`JavaFn`](crate::JavaFn) and another [`Option`].
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` does not cross between Rust and Java",
    label = "no type that may be absent",
    note = "an `Option` is of `bool`, `i32`, `i64`, `f64`, `String`, `Vec<u8>`, `Bytes`, `JavaRef` or `Local`",
    note = "use `i64` in place of another integer, and a struct or a list encoded as `String` or `Bytes`"
)]
pub trait Present: Argument + Reply {}

/// A [`Value`] that refers to no object of either side: no [`JavaRef`], [`Local`](crate::Local) or
/// [`JavaFn`](crate::JavaFn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` names an object, which no handler answers with",
    label = "no value of its own",
    note = "a handler answers with a number, a text or bytes; a function that Java calls takes and returns references"
)]
pub trait Plain: Value + Send {}

/// The payload of a completion record: a short value itself, or the bytes of a long string or byte sequence.
///
/// A value is written in place, into a buffer that the dispatcher or the call's task has: copying it once more would
/// cost more than encoding it does. One thread uses it at a time.
#[doc(hidden)]
#[derive(Debug)]
pub struct Encoded {
    length: usize,
    room: usize,
    inline: [u8; COMPLETION_INLINE],
    /// The raw bytes of a string or byte sequence, or an encoded failure; if there are any, `inline` is not used.
    external: Option<Bytes>,
    /// The reference that keeps alive the object that the record names. It is dropped after that record is published:
    /// its drop publishes a request to drop the object, and the owner must read the record that names the object first.
    held: Option<Held>,
}

/// A reference that keeps an object alive until the record that gives it to Java is published.
#[derive(Debug)]
pub(crate) enum Held {
    Thrown(InChain),
    Ref(JavaRef),
    /// An object of Rust's, which Java holds from now on.
    Local(CallId),
    /// A panic that is not encoded yet, since the outcome may still be discarded.
    Panic(Box<Panic>),
}

impl Held {
    fn object(&self) -> Option<&Object> {
        match self {
            Held::Thrown(thrown) => thrown.error.object(),
            Held::Ref(reference) => Some(reference.object()),
            Held::Local(_) | Held::Panic(_) => None,
        }
    }
}

impl Encoded {
    /// Makes an empty one for a completion record.
    pub(crate) const fn new() -> Encoded {
        Encoded::with_room(COMPLETION_INLINE)
    }

    /// Makes an empty one that takes at most `room` bytes inline, for records with less space.
    pub(crate) const fn with_room(room: usize) -> Encoded {
        Encoded {
            length: 0,
            room,
            inline: [0; COMPLETION_INLINE],
            external: None,
            held: None,
        }
    }

    /// Drops what was written.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
        // The test keeps the common case, a value that is inline, from running the code of a drop; here and in
        // `drop_held`.
        if self.external.is_some() {
            self.external = None;
        }
        self.drop_held();
    }

    /// Keeps the owner of an object that was written.
    pub(crate) fn hold(&mut self, held: Held) {
        self.held = Some(held);
    }

    /// Drops what keeps the object alive; called after the record is published.
    pub(crate) fn drop_held(&mut self) {
        if self.held.is_some() {
            self.held = None;
        }
    }

    /// Returns whether [`drop_held`](Self::drop_held) has to follow the record's publication.
    pub(crate) fn holds_object(&self) -> bool {
        self.held.is_some()
    }

    /// Returns whether the written object belongs to another loop than `port`'s.
    pub(crate) fn holds_foreign(&self, port: &Port) -> bool {
        let object = self.held.as_ref().and_then(Held::object);
        object.is_some_and(|object| !object.is_of(port))
    }

    pub(crate) fn push_object(&mut self, id: CallId) {
        self.push(&id.slot.to_le_bytes());
        self.push(&id.generation.to_le_bytes());
    }

    /// Writes the name of an object of Rust's.
    pub(crate) fn push_local(&mut self, id: CallId) {
        self.push_object(id);
        self.hold(Held::Local(id));
    }

    /// Takes back the object of Rust's that was written, so that the caller drops it.
    pub(crate) fn take_local(&mut self) -> Option<CallId> {
        match self.held.take() {
            Some(Held::Local(id)) => Some(id),
            _ => None,
        }
    }

    /// Replaces what was written by the outcome that the object belongs to another loop.
    #[cold]
    pub(crate) fn wrong_loop(&mut self) -> OutcomeKind {
        self.clear();
        OutcomeKind::WrongLoop
    }

    /// Writes a result.
    pub(crate) fn set<R: Reply>(&mut self, result: R) {
        self.clear();
        result.write(self);
    }

    /// Writes raw bytes, inline if they fit.
    pub(crate) fn set_raw(&mut self, bytes: Vec<u8>) {
        self.clear();
        if bytes.len() <= self.room {
            self.push(&bytes);
        } else {
            self.external = Some(Bytes::from(bytes));
        }
    }

    /// Keeps a panic, to be encoded later, and returns the outcome.
    #[cold]
    pub(crate) fn panic(&mut self, panic: Box<Panic>) -> OutcomeKind {
        // This panic is the bridge's own and means that the system has no thread left, which is no defect of the
        // function.
        if threads::is_no_thread(&panic) {
            return self.exhausted(panic.text().to_owned());
        }
        self.clear();
        self.hold(Held::Panic(panic));
        OutcomeKind::Panic
    }

    /// Encodes the panic for Java, followed by the ticket under which `keep` keeps it.
    #[cold]
    pub(crate) fn write_panic(&mut self, keep: impl FnOnce(Box<Panic>) -> u64) {
        if let Some(panic) = self.take_panic() {
            let mut bytes = panic.failure().encode();
            bytes.extend_from_slice(&keep(panic).to_le_bytes());
            self.set_raw(bytes);
        }
    }

    /// Takes the panic out.
    pub(crate) fn take_panic(&mut self) -> Option<Box<Panic>> {
        match self.held.take() {
            Some(Held::Panic(panic)) => Some(panic),
            other => {
                self.held = other;
                None
            }
        }
    }

    /// Returns what a Java handler threw, if that is in the chain of the error that was written.
    pub(crate) fn thrown(&self) -> Option<&InChain> {
        match &self.held {
            Some(Held::Thrown(thrown)) => Some(thrown),
            _ => None,
        }
    }

    /// Writes an error with its chain of causes, and returns the outcome.
    #[cold]
    pub(crate) fn fail_with(
        &mut self,
        error: &(dyn Error + 'static),
        type_name: &str,
    ) -> OutcomeKind {
        let ErrorChain { failure, thrown } = ErrorChain::of(error, type_name);
        let mut bytes = failure.encode();
        let object = thrown.as_ref().and_then(|thrown| thrown.error.object());
        let Some((thrown, object)) = thrown.as_ref().zip(object.map(|object| object.id)) else {
            self.set_raw(bytes);
            return OutcomeKind::Error;
        };
        // The object's place in the chain and its name end the payload, so that Java puts the very object there.
        bytes.extend_from_slice(&thrown.place.to_le_bytes());
        bytes.extend_from_slice(&object.slot.to_le_bytes());
        bytes.extend_from_slice(&object.generation.to_le_bytes());
        self.set_raw(bytes);
        self.hold(Held::Thrown(thrown.clone()));
        OutcomeKind::Thrown
    }

    /// Writes why a record cannot be run as a call, and returns the outcome.
    #[cold]
    pub(crate) fn refuse(&mut self, reason: String) -> OutcomeKind {
        self.set(reason);
        OutcomeKind::Refused
    }

    /// Writes why a record could not be read, and returns the outcome.
    #[cold]
    pub(crate) fn unreadable(&mut self, error: &RecordError) -> OutcomeKind {
        self.refuse(format!("unreadable record: {error}"))
    }

    /// Writes which resource the system has run out of, and returns the outcome.
    #[cold]
    pub(crate) fn exhausted(&mut self, reason: String) -> OutcomeKind {
        self.set(reason);
        OutcomeKind::Exhausted
    }

    /// Drops what was written: the outcome has no payload.
    pub(crate) fn bare(&mut self, kind: OutcomeKind) -> OutcomeKind {
        self.clear();
        kind
    }

    /// Returns the text that was [`set`](Self::set).
    pub(crate) fn text(&self) -> String {
        let bytes = match &self.external {
            Some(bytes) => bytes,
            None => self.inline[..self.length].get(5..).unwrap_or_default(),
        };
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// Takes the bytes that did not fit into the record.
    pub(crate) fn take_external(&mut self) -> Option<Bytes> {
        self.external.take()
    }

    pub(crate) fn external(&self) -> Option<&Bytes> {
        self.external.as_ref()
    }

    pub(crate) fn set_external(&mut self, bytes: Bytes) {
        self.external = Some(bytes);
    }

    /// Returns the bytes for the record itself.
    pub(crate) fn inline(&self) -> RecordInline<'_, COMPLETION_INLINE> {
        // The bytes always fit: `inline` has the size of the record's space.
        RecordInline::new(&self.inline[..self.length]).unwrap_or(RecordInline::EMPTY)
    }

    fn room(&self) -> usize {
        self.room - self.length
    }

    /// Appends bytes; the caller checked that there is room.
    fn push(&mut self, bytes: &[u8]) {
        self.inline[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

/// Writes a string or byte sequence: inline, with form and length, if it fits behind what is already there; else alone,
/// as raw bytes. Such an external payload is one value without form, length or presence byte, since Java knows its
/// length from the record and an absent value is always inline; so no byte of it is copied.
fn write_sequence<B: AsRef<[u8]> + Into<Bytes>>(sequence: B, to: &mut Encoded) {
    let bytes = sequence.as_ref();
    if bytes.len() + 5 > to.room() {
        to.length = 0;
        to.external = Some(sequence.into());
        return;
    }
    to.push(&[FORM_INLINE]);
    to.push(&(bytes.len() as u32).to_le_bytes());
    to.push(bytes);
}

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
        write_sequence(self, to);
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
        write_sequence(self, to);
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
        write_sequence(self, to);
    }
}

impl<T: Present> sealed::Sealed for Option<T> {}
impl<T: Present + Plain> Plain for Option<T> {}
impl<T: Present> Value for Option<T> {
    const TYPE: ValueType = ValueType {
        optional: true,
        ..ValueType::plain(T::TYPE.name)
    };
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
