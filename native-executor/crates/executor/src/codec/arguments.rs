//! Reads a call's arguments from the block that Java wrote into the record or lent beside it. Java's bytes are checked,
//! never trusted: a block that does not fit the signature fails its call and nothing else (rule 7).

use bytes::Bytes;
use loopbridge_protocol::CallId;

use super::lease::{Lender, LentByCall};
use super::mismatch::Mismatch;
use super::object::{Object, Owner};
use super::value::{FORM_INLINE, FORM_LENT, Value, ValueType};
use crate::objects::ObjectRef;

/// A [`Value`] that may be an argument.
///
/// In place of a `&str` a function takes a [`String`], of a slice a `Vec` or [`Bytes`], of `usize`, `isize` and longer
/// integers `i64`; a struct or an enum has [`#[loopbridge::record]`](crate::record).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come from Java as an argument",
    label = "no type of an argument",
    note = "mark a struct or an enum of your own with #[loopbridge::record]",
    note = "an object, of a type with #[loopbridge::object], is taken as a `Shared` of it",
    note = "take `String` in place of `&str`, a `Vec` or `Bytes` in place of a slice, `Vec`, `HashMap` or `BTreeMap` in \
            place of another collection, and `i64` in place of `isize`, `usize` or a longer integer"
)]
pub trait Argument: Value {
    #[doc(hidden)]
    fn read(from: &mut Arguments<'_>) -> Result<Self, Mismatch>;

    /// Reads one that is of a fixed size; `None` if it is not, or the words do not hold one.
    #[doc(hidden)]
    #[inline]
    fn of_words(_from: &mut Words) -> Option<Self> {
        None
    }
}

/// Arguments of a call that came in registers: the bytes that are not read yet of two words.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Words {
    bits: u128,
    length: usize,
}

impl Words {
    /// Makes those of the first `length` bytes; `None` if two words have fewer.
    #[inline]
    pub(crate) fn new(first: u64, second: u64, length: u16) -> Option<Words> {
        let length = usize::from(length);
        (length <= size_of::<u128>()).then(|| Words {
            bits: u128::from(first) | u128::from(second) << u64::BITS,
            length,
        })
    }

    /// Takes the next bytes, at most a word; `None` if fewer are left.
    #[inline]
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        const { assert!(N <= size_of::<u64>()) };
        self.length = self.length.checked_sub(N)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.bits.to_le_bytes()[..N]);
        self.bits >>= 8 * N;
        Some(bytes)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// The part of an arguments block that is not read yet.
///
/// Memory for a value is allocated only after its length was compared with what the block holds: a wrong length must
/// not take gigabytes.
#[doc(hidden)]
pub struct Arguments<'a> {
    rest: &'a [u8],
    read: usize,
    lender: Lender,
    /// The port whose record this is; `None` if no object of Rust's can be among the arguments.
    port: Option<&'a dyn Owner>,
    /// Takes the place of a block: one string or byte sequence that did not fit into a record.
    whole: Option<Bytes>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(block: &'a [u8], lender: Lender) -> Arguments<'a> {
        Arguments {
            rest: block,
            read: 0,
            lender,
            port: None,
            whole: None,
        }
    }

    /// Reads a result that does not stand in a record: a string or byte sequence, without form, length and presence.
    pub(crate) fn whole(result: Bytes) -> Arguments<'static> {
        Arguments {
            rest: &[],
            read: 0,
            lender: Lender::none(),
            port: None,
            whole: Some(result),
        }
    }

    /// Makes the objects that all loops of the port's runtime may use known to these arguments.
    #[inline]
    pub(crate) fn of_port(mut self, port: &'a dyn Owner) -> Arguments<'a> {
        self.port = Some(port);
        self
    }

    /// Takes the memory that the arguments read so far have lent.
    #[inline]
    pub(crate) fn take_lent(&mut self) -> Option<Box<LentByCall>> {
        self.lender.finish()
    }

    /// Reads the next argument. After a mismatch further ones are read only if the block has the expected layout; this
    /// is so that handlers and objects behind it are taken, and given back to Java when they are dropped.
    #[inline]
    pub(crate) fn next<A: Argument>(&mut self) -> Result<A, Mismatch> {
        self.read += 1;
        A::read(self).map_err(|mismatch| self.misread(mismatch, &A::TYPE))
    }

    #[cold]
    fn misread(&mut self, mismatch: Mismatch, argument: &ValueType) -> Mismatch {
        if !mismatch.readable {
            self.rest = &[];
        }
        let reason = format!("argument {} ({argument}): {mismatch}", self.read);
        Mismatch { reason, ..mismatch }
    }

    /// Checks that all bytes were read: bytes that are left mean that the two sides disagree about the signature.
    pub(crate) fn finish(&self) -> Result<(), Mismatch> {
        let whole = self.whole.as_ref().map_or(0, Bytes::len);
        let (left, read) = (self.rest.len() + whole, self.read);
        if left == 0 {
            return Ok(());
        }
        Err(Mismatch::new(format!(
            "{left} bytes are left over after {read} arguments"
        )))
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], Mismatch> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            let left = self.rest.len();
            return Err(Mismatch::new(format!(
                "{length} bytes are needed, {left} are left"
            )));
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Mismatch> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn flag(&mut self, what: &str) -> Result<bool, Mismatch> {
        if self.whole.is_some() {
            return Ok(true);
        }
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(Mismatch::new(format!("{what} is {other}, not 0 or 1"))),
        }
    }

    fn length(&mut self) -> Result<usize, Mismatch> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// Reads a string or byte sequence into memory of the reader's own.
    pub(crate) fn sequence(&mut self) -> Result<Vec<u8>, Mismatch> {
        if let Some(whole) = self.whole.take() {
            return Ok(whole.into());
        }
        self.with_sequence(|bytes| Ok(bytes.to_vec()))
    }

    /// Reads a string or byte sequence where it lies.
    #[inline]
    pub(super) fn with_sequence<T>(
        &mut self,
        read: impl FnOnce(&[u8]) -> Result<T, Mismatch>,
    ) -> Result<T, Mismatch> {
        if let Some(whole) = self.whole.take() {
            return read(&whole);
        }
        match self.array()? {
            [FORM_INLINE] => {
                let length = self.length()?;
                self.take(length).and_then(read)
            }
            [FORM_LENT] => {
                let (address, length) = self.lent()?;
                self.lender.view(address, length).and_then(read)
            }
            [form] => Err(unknown_form(form)),
        }
    }

    /// Reads a byte sequence. If it lies in lent memory, that stays lent until the last clone of the result is dropped.
    pub(crate) fn bytes(&mut self) -> Result<Bytes, Mismatch> {
        if let Some(whole) = self.whole.take() {
            return Ok(whole);
        }
        match self.array()? {
            [FORM_INLINE] => {
                let length = self.length()?;
                self.take(length).map(Bytes::copy_from_slice)
            }
            [FORM_LENT] => {
                let (address, length) = self.lent()?;
                self.lender.lend(address, length)
            }
            [form] => Err(unknown_form(form)),
        }
    }

    /// Reads a handler, and for how many of its invocations Java has reserved the records (rule 5).
    pub(crate) fn handler(&mut self) -> Result<(Object, u32), Mismatch> {
        let object = self.object()?;
        Ok((object, u32::from_le_bytes(self.array()?)))
    }

    /// Reads the name of an object of the owner's.
    pub(crate) fn object(&mut self) -> Result<Object, Mismatch> {
        let slot = u32::from_le_bytes(self.array()?);
        let generation = u32::from_le_bytes(self.array()?);
        let owner = self.lender.owner()?;
        Ok(Object::new(owner, CallId { slot, generation }))
    }

    /// Reads the ticket of an object that all loops may use, and returns the object.
    pub(crate) fn shared(&mut self) -> Result<ObjectRef, Mismatch> {
        let ticket = u64::from_le_bytes(self.array()?);
        let object = self.port.and_then(|port| port.shared(ticket));
        object.ok_or_else(|| Mismatch::of_object("no object of this runtime's, or closed"))
    }

    fn lent(&mut self) -> Result<(u64, usize), Mismatch> {
        Ok((u64::from_le_bytes(self.array()?), self.length()?))
    }
}

fn unknown_form(form: u8) -> Mismatch {
    Mismatch::new(format!(
        "the form of a string or bytes is {form}, not {FORM_INLINE} or {FORM_LENT}"
    ))
}
