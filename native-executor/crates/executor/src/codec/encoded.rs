//! A result as it is encoded for Java.
//!
//! A result that fits into its record goes there, without an allocation. A longer string or byte sequence stays where it
//! is, and the record has a ticket of it. What is written can be discarded until its record is published, because a
//! cancel may come first; so an object that is written is held here, and a panic is encoded last.

use std::sync::Arc;

use bytes::Bytes;
use loopbridge_protocol::CallId;
use loopbridge_protocol::record::{COMPLETION_INLINE, Inline as RecordInline};

use super::error_chain::InChain;
use super::object::{Object, Owner};
use super::value::{FORM_INLINE, Value};
use crate::objects::ObjectRef;
use crate::panics::Panic;

/// A [`Value`] that may be a result, or the argument of a Java handler.
///
/// A handler that takes several arguments is a [`JavaFn`](crate::JavaFn) of a tuple of two to eight values that are
/// [`Plain`](crate::Plain): `JavaFn<(i64, String), bool>`. In Java the tuple is a record.
///
/// In place of a `&str` a function returns a [`String`], of a slice a `Vec` or [`Bytes`], of `usize`, `isize` and longer
/// integers `i64`; a struct or an enum has [`#[loopbridge::record]`](crate::record).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not go to Java, as a result or to a handler",
    label = "no type of a result",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "return `String` in place of `&str`, a `Vec` or `Bytes` in place of a slice, `Vec`, `HashMap` or `BTreeMap` in \
            place of another collection, and `i64` in place of `isize`, `usize` or a longer integer"
)]
pub trait Reply: Value {
    #[doc(hidden)]
    fn write(self, to: &mut Encoded);
}

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
    /// An object of Java's.
    Object(Arc<Object>),
    /// An object of Rust's, which Java holds from now on.
    Local(CallId),
    /// An object of Rust's that all loops may use. It has no ticket yet, since the outcome may still be discarded.
    Shared(ObjectRef),
    /// A panic that is not encoded yet, since the outcome may still be discarded.
    Panic(Box<Panic>),
}

impl Held {
    fn object(&self) -> Option<&Object> {
        match self {
            Held::Thrown(thrown) => thrown.error.object(),
            Held::Object(object) => Some(object),
            Held::Local(_) | Held::Shared(_) | Held::Panic(_) => None,
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
    pub(super) fn hold(&mut self, held: Held) {
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

    /// Returns whether the written object belongs to another owner than this one.
    pub(crate) fn holds_foreign(&self, owner: &impl Owner) -> bool {
        let object = self.held.as_ref().and_then(Held::object);
        object.is_some_and(|object| !object.is_of(owner))
    }

    /// Writes the name of an object of Java's, which stays alive until the record is published.
    pub(crate) fn push_object(&mut self, object: Arc<Object>) {
        self.push_name(object.id);
        self.hold(Held::Object(object));
    }

    fn push_name(&mut self, id: CallId) {
        self.push(&id.slot.to_le_bytes());
        self.push(&id.generation.to_le_bytes());
    }

    /// Writes the name of an object of Rust's.
    pub(crate) fn push_local(&mut self, id: CallId) {
        self.push_name(id);
        self.hold(Held::Local(id));
    }

    /// Takes back the object of Rust's that was written, so that the caller drops it.
    pub(crate) fn take_local(&mut self) -> Option<CallId> {
        match self.held.take() {
            Some(Held::Local(id)) => Some(id),
            _ => None,
        }
    }

    /// Writes an object of Rust's that all loops may use: room for its ticket, as the last bytes.
    pub(crate) fn push_shared(&mut self, object: ObjectRef) {
        self.push(&0_u64.to_le_bytes());
        self.hold(Held::Shared(object));
    }

    /// Writes the ticket of such an object, which `keep` keeps for Java from then on. Returns `false`, and drops the
    /// object, if `keep` refuses it.
    #[inline]
    pub(crate) fn name_shared(
        &mut self,
        keep: impl FnOnce(ObjectRef) -> Result<u64, ObjectRef>,
    ) -> bool {
        if !matches!(self.held, Some(Held::Shared(_))) {
            return true;
        }
        let Some(Held::Shared(object)) = self.held.take() else {
            return true;
        };
        let Ok(ticket) = keep(object) else {
            return false;
        };
        let at = self.length - size_of::<u64>();
        self.inline[at..self.length].copy_from_slice(&ticket.to_le_bytes());
        true
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

    /// Returns the bytes and their number if they fit into one word, and no object or payload belongs to them.
    #[inline]
    pub(crate) fn word(&self) -> Option<(u8, u64)> {
        const BYTES: usize = size_of::<u64>();
        if self.length > BYTES || self.external.is_some() || self.held.is_some() {
            return None;
        }
        let mut word = [0; BYTES];
        word.copy_from_slice(&self.inline[..BYTES]);
        Some((self.length as u8, u64::from_le_bytes(word)))
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

    /// Writes a string or byte sequence: inline, with form and length, if it fits behind what is already there; else
    /// alone, as raw bytes. Such an external payload is one value without form, length or presence byte, since Java
    /// knows its length from the record and an absent value is always inline; so no byte of it is copied.
    pub(super) fn push_sequence<B: AsRef<[u8]> + Into<Bytes>>(&mut self, sequence: B) {
        let bytes = sequence.as_ref();
        if !self.fits_sequence(bytes.len()) {
            self.length = 0;
            self.external = Some(sequence.into());
            return;
        }
        self.push(&[FORM_INLINE]);
        self.push(&(bytes.len() as u32).to_le_bytes());
        self.push(bytes);
    }

    /// Returns whether a string or byte sequence, with form and length, fits behind what is already there.
    #[inline]
    pub(super) fn fits_sequence(&self, length: usize) -> bool {
        const FORM_AND_LENGTH: usize = 5;
        length + FORM_AND_LENGTH <= self.room - self.length
    }

    /// Appends bytes that the caller writes; the caller checked that there is room.
    #[inline]
    pub(super) fn extend(&mut self, length: usize) -> &mut [u8] {
        let start = self.length;
        self.length += length;
        &mut self.inline[start..self.length]
    }

    /// Appends bytes; the caller checked that there is room.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.inline[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}
