//! Twin of `RecordLayout.java` (bridge-core, package `dev.loopbridge`): every constant that both
//! languages share.
//!
//! A port's block is a header of words that each stand alone on a 128-byte line, then the
//! submission records, then the completion records. Integers are little endian.
//!
//! ```text
//! submission record                                  completion record
//!  0 kind   1 flags   2..3 inline length              0..7 sequence
//!  4..7 function      8..11 slot                      8 outcome   9 flags   10..11 inline length
//! 12..15 generation                                  12..15 slot  16..19 generation
//! 16..63 inline arguments, or                        20..23 payload length (EXTERNAL)
//! 16..23 address  24..31 length (EXTERNAL)           24..63 inline, or 24..31 ticket (EXTERNAL)
//! ```
//!
//! Decoding is total: any 64 bytes give a record or a [`RecordError`] that still names the call, so
//! that it can be refused instead of being lost.

use std::fmt;
use std::ops::Deref;

/// Number of this layout; changes with every incompatible change.
pub const ABI: u64 = 1;
/// Bytes of a record.
pub const RECORD_BYTES: usize = 64;
/// Words of a record.
pub const RECORD_WORDS: usize = RECORD_BYTES / 8;
/// Byte offset of the count of submission records published; written by the owner loop.
pub const SUBMISSION_TAIL: usize = 0;
/// Byte offset of the count of submission records consumed; written by the dispatcher.
pub const SUBMISSION_HEAD: usize = 128;
/// Byte offset of the doorbell word.
pub const DOORBELL: usize = 256;
/// Byte offset of the count of completion records claimed; written by any native thread.
pub const COMPLETION_TAIL: usize = 384;
/// Byte offset of the wake word.
pub const WAKE: usize = 512;
/// Byte offset of the first submission record; the completion records follow the last of them.
pub const RINGS: usize = 1024;
/// Bytes of arguments that fit in a submission record.
pub const SUBMISSION_INLINE: usize = 48;
/// Bytes of payload that fit in a completion record.
pub const COMPLETION_INLINE: usize = 40;

/// Submission flag: the arguments are a block elsewhere, named by address and length.
pub const SUBMISSION_EXTERNAL: u8 = 1;
/// Submission flag: some argument lends Java's memory.
pub const SUBMISSION_LENDS: u8 = 2;
/// Completion flag: the payload is native memory, named by a ticket.
pub const OUTCOME_EXTERNAL: u8 = 1;
/// Completion flag: memory lent by the call is still in use, a RELEASED record follows.
pub const OUTCOME_LENT: u8 = 2;

/// Doorbell bit: the dispatcher sleeps, or is about to.
pub const DOORBELL_PARKED: u64 = 1;
/// Doorbell bit: the dispatcher has ended.
pub const DOORBELL_CLOSED: u64 = 2;
/// Wake bit: a drain is scheduled or running.
pub const WAKE_SCHEDULED: u64 = 1;
/// Wake bit: the native half has ended, no outcome follows that is not in the ring.
pub const WAKE_CLOSED: u64 = 2;

/// A record as it lies in a ring.
pub type Words = [u64; RECORD_WORDS];

/// What a submission asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SubmissionKind {
    /// Begin a call.
    Call = 1,
    /// Cancel a call that began earlier in the same ring.
    Cancel = 2,
}

impl SubmissionKind {
    /// The kind with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Call),
            2 => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// How a call ended, or that its lent memory is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OutcomeKind {
    /// The function's value.
    Value = 1,
    /// The function returned an error.
    Error = 2,
    /// The function panicked.
    Panic = 3,
    /// The call was cancelled before it had an outcome.
    Cancelled = 4,
    /// The runtime closed before the call had an outcome.
    Closed = 5,
    /// The record or its arguments were malformed; the payload is a message.
    Refused = 6,
    /// No outcome: memory lent by a call that ended earlier is free.
    Released = 7,
    /// The result exceeds the largest payload; the payload is its size as an i64.
    TooLarge = 8,
}

impl OutcomeKind {
    /// The kind with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Value),
            2 => Some(Self::Error),
            3 => Some(Self::Panic),
            4 => Some(Self::Cancelled),
            5 => Some(Self::Closed),
            6 => Some(Self::Refused),
            7 => Some(Self::Released),
            8 => Some(Self::TooLarge),
            _ => None,
        }
    }
}

/// Names a call across the boundary: a slot of the owner's table and that slot's use count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// Index into the owner's slot table.
    pub slot: u32,
    /// Which use of the slot.
    pub generation: u32,
}

/// At most `N` bytes held in the record itself.
#[derive(Clone, Copy)]
pub struct Inline<const N: usize> {
    length: u16,
    bytes: [u8; N],
}

impl<const N: usize> Inline<N> {
    /// No bytes.
    pub const EMPTY: Self = Self {
        length: 0,
        bytes: [0; N],
    };

    /// A copy of `bytes`, or `None` when they do not fit.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut inline = Self::EMPTY;
        inline.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        inline.length = u16::try_from(bytes.len()).ok()?;
        Some(inline)
    }
}

impl<const N: usize> Deref for Inline<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl<const N: usize> PartialEq for Inline<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> Eq for Inline<N> {}

impl<const N: usize> fmt::Debug for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inline").field(&&**self).finish()
    }
}

/// Where a call's encoded arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// In the record.
    Inline(Inline<SUBMISSION_INLINE>),
    /// In a block of Java's that stays valid until the call settles.
    External {
        /// First byte of the block; never null when `length` is not 0.
        address: u64,
        /// Bytes of the block; `address + length` does not overflow.
        length: u64,
    },
}

/// A decoded submission record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// What is asked for.
    pub kind: SubmissionKind,
    /// Whether some argument lends Java's memory.
    pub lends: bool,
    /// The function's number in the library's description; 0 for a cancel.
    pub function: u32,
    /// The call.
    pub call: CallId,
    /// Its arguments; empty for a cancel.
    pub arguments: Arguments,
}

impl Submission {
    /// The record that cancels `call`.
    pub const fn cancel(call: CallId) -> Self {
        let arguments = Arguments::Inline(Inline::EMPTY);
        Self {
            kind: SubmissionKind::Cancel,
            lends: false,
            function: 0,
            call,
            arguments,
        }
    }

    /// The record's words.
    pub fn encode(&self) -> Words {
        let mut bytes = [0; RECORD_BYTES];
        bytes[0] = self.kind as u8;
        bytes[1] = if self.lends { SUBMISSION_LENDS } else { 0 };
        bytes[4..8].copy_from_slice(&self.function.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.call.slot.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.call.generation.to_le_bytes());
        match &self.arguments {
            Arguments::Inline(inline) => {
                bytes[2..4].copy_from_slice(&inline.length.to_le_bytes());
                bytes[16..16 + inline.len()].copy_from_slice(inline);
            }
            Arguments::External { address, length } => {
                bytes[1] |= SUBMISSION_EXTERNAL;
                bytes[16..24].copy_from_slice(&address.to_le_bytes());
                bytes[24..32].copy_from_slice(&length.to_le_bytes());
            }
        }
        to_words(&bytes)
    }

    /// Reads a record. Bytes that the kind and flags give no meaning are not looked at.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag, a length or an address has no
    /// meaning.
    pub fn decode(words: &Words) -> Result<Self, RecordError> {
        let bytes = to_bytes(words);
        let call = CallId {
            slot: u32_at(&bytes, 8),
            generation: u32_at(&bytes, 12),
        };
        let fault = |fault| RecordError { call, fault };
        let kind = SubmissionKind::from_code(bytes[0])
            .ok_or_else(|| fault(RecordFault::Kind(bytes[0])))?;
        let flags = bytes[1];
        if flags & !(SUBMISSION_EXTERNAL | SUBMISSION_LENDS) != 0 {
            return Err(fault(RecordFault::Flags(flags)));
        }
        if kind == SubmissionKind::Cancel {
            return Ok(Self::cancel(call));
        }
        let arguments = if flags & SUBMISSION_EXTERNAL != 0 {
            let (address, length) = (u64_at(&bytes, 16), u64_at(&bytes, 24));
            if (address == 0 && length != 0) || address.checked_add(length).is_none() {
                return Err(fault(RecordFault::Block { address, length }));
            }
            Arguments::External { address, length }
        } else {
            let length = u16_at(&bytes, 2);
            Arguments::Inline(inline_at(&bytes, 16, length).map_err(fault)?)
        };
        let lends = flags & SUBMISSION_LENDS != 0;
        Ok(Self {
            kind,
            lends,
            function: u32_at(&bytes, 4),
            call,
            arguments,
        })
    }
}

/// Where an outcome's encoded payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// In the record.
    Inline(Inline<COMPLETION_INLINE>),
    /// In native memory that Java gives back by its ticket.
    External {
        /// Ticket of the memory.
        ticket: u64,
        /// Its bytes.
        length: u32,
    },
}

impl Payload {
    /// No payload.
    pub const NONE: Self = Self::Inline(Inline::EMPTY);
}

/// A decoded completion record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How the call ended.
    pub kind: OutcomeKind,
    /// Whether memory lent by the call is still in use, so that a RELEASED record follows.
    pub lent: bool,
    /// The call.
    pub call: CallId,
    /// Its value, error or message.
    pub payload: Payload,
}

impl Outcome {
    /// An outcome without payload whose call lends nothing any more.
    pub const fn bare(kind: OutcomeKind, call: CallId) -> Self {
        Self {
            kind,
            lent: false,
            call,
            payload: Payload::NONE,
        }
    }

    /// The record's words. Word 0 is 0: the ring puts its sequence there.
    pub fn encode(&self) -> Words {
        let mut bytes = [0; RECORD_BYTES];
        bytes[8] = self.kind as u8;
        bytes[9] = if self.lent { OUTCOME_LENT } else { 0 };
        bytes[12..16].copy_from_slice(&self.call.slot.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.call.generation.to_le_bytes());
        match &self.payload {
            Payload::Inline(inline) => {
                bytes[10..12].copy_from_slice(&inline.length.to_le_bytes());
                bytes[24..24 + inline.len()].copy_from_slice(inline);
            }
            Payload::External { ticket, length } => {
                bytes[9] |= OUTCOME_EXTERNAL;
                bytes[20..24].copy_from_slice(&length.to_le_bytes());
                bytes[24..32].copy_from_slice(&ticket.to_le_bytes());
            }
        }
        to_words(&bytes)
    }

    /// Reads a record, whatever its sequence.
    ///
    /// # Errors
    ///
    /// A [`RecordError`] that names the call, when a code, a flag or a length has no meaning.
    pub fn decode(words: &Words) -> Result<Self, RecordError> {
        let bytes = to_bytes(words);
        let call = CallId {
            slot: u32_at(&bytes, 12),
            generation: u32_at(&bytes, 16),
        };
        let fault = |fault| RecordError { call, fault };
        let kind =
            OutcomeKind::from_code(bytes[8]).ok_or_else(|| fault(RecordFault::Kind(bytes[8])))?;
        let flags = bytes[9];
        if flags & !(OUTCOME_EXTERNAL | OUTCOME_LENT) != 0 {
            return Err(fault(RecordFault::Flags(flags)));
        }
        let payload = if flags & OUTCOME_EXTERNAL != 0 {
            Payload::External {
                ticket: u64_at(&bytes, 24),
                length: u32_at(&bytes, 20),
            }
        } else {
            Payload::Inline(inline_at(&bytes, 24, u16_at(&bytes, 10)).map_err(fault)?)
        };
        Ok(Self {
            kind,
            lent: flags & OUTCOME_LENT != 0,
            call,
            payload,
        })
    }
}

/// A record that has no meaning, and the call it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The call as the record names it; it may not exist.
    pub call: CallId,
    /// What is wrong.
    pub fault: RecordFault,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// No kind or outcome has this code.
    Kind(u8),
    /// Some of these flags have no meaning.
    Flags(u8),
    /// More bytes inline than a record holds.
    InlineLength {
        /// The length in the record.
        given: u16,
        /// The most that fits.
        limit: usize,
    },
    /// An external block that cannot exist: null, or past the end of memory.
    Block {
        /// The address in the record.
        address: u64,
        /// The length in the record.
        length: u64,
    },
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CallId { slot, generation } = self.call;
        write!(f, "record of slot {slot}, generation {generation}: ")?;
        match self.fault {
            RecordFault::Kind(code) => write!(f, "unknown kind {code}"),
            RecordFault::Flags(flags) => write!(f, "unknown flags {flags:#04x}"),
            RecordFault::InlineLength { given, limit } => {
                write!(f, "{given} bytes inline where {limit} fit")
            }
            RecordFault::Block { address, length } => {
                write!(f, "no block of {length} bytes at {address:#x}")
            }
        }
    }
}

impl std::error::Error for RecordError {}

/// The layout as text, one `name=value` per constant; `RecordLayout.java` builds the same.
pub fn layout_text() -> String {
    let layout: [(&str, u64); 28] = [
        ("abi", ABI),
        ("record", RECORD_BYTES as u64),
        ("sq.tail", SUBMISSION_TAIL as u64),
        ("sq.head", SUBMISSION_HEAD as u64),
        ("sq.doorbell", DOORBELL as u64),
        ("cq.tail", COMPLETION_TAIL as u64),
        ("cq.wake", WAKE as u64),
        ("rings", RINGS as u64),
        ("sq.inline", SUBMISSION_INLINE as u64),
        ("cq.inline", COMPLETION_INLINE as u64),
        ("submission.call", SubmissionKind::Call as u64),
        ("submission.cancel", SubmissionKind::Cancel as u64),
        ("submission.external", SUBMISSION_EXTERNAL.into()),
        ("submission.lends", SUBMISSION_LENDS.into()),
        ("outcome.value", OutcomeKind::Value as u64),
        ("outcome.error", OutcomeKind::Error as u64),
        ("outcome.panic", OutcomeKind::Panic as u64),
        ("outcome.cancelled", OutcomeKind::Cancelled as u64),
        ("outcome.closed", OutcomeKind::Closed as u64),
        ("outcome.refused", OutcomeKind::Refused as u64),
        ("outcome.released", OutcomeKind::Released as u64),
        ("outcome.tooLarge", OutcomeKind::TooLarge as u64),
        ("outcome.external", OUTCOME_EXTERNAL.into()),
        ("outcome.lent", OUTCOME_LENT.into()),
        ("doorbell.parked", DOORBELL_PARKED),
        ("doorbell.closed", DOORBELL_CLOSED),
        ("wake.scheduled", WAKE_SCHEDULED),
        ("wake.closed", WAKE_CLOSED),
    ];
    let entries: Vec<String> = layout
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    entries.join(";")
}

/// FNV-1a (64 bits) of [`layout_text`]; compared at load, so that two layouts never meet in one
/// port.
pub fn fingerprint() -> u64 {
    layout_text()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
}

fn to_words(bytes: &[u8; RECORD_BYTES]) -> Words {
    std::array::from_fn(|word| u64_at(bytes, word * 8))
}

fn to_bytes(words: &Words) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn array_at<const N: usize>(bytes: &[u8; RECORD_BYTES], offset: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[offset + index])
}

fn u16_at(bytes: &[u8; RECORD_BYTES], offset: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, offset))
}

fn u32_at(bytes: &[u8; RECORD_BYTES], offset: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, offset))
}

fn u64_at(bytes: &[u8; RECORD_BYTES], offset: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, offset))
}

fn inline_at<const N: usize>(
    bytes: &[u8; RECORD_BYTES],
    offset: usize,
    length: u16,
) -> Result<Inline<N>, RecordFault> {
    let held = bytes
        .get(offset..offset + usize::from(length))
        .and_then(Inline::new);
    held.ok_or(RecordFault::InlineLength {
        given: length,
        limit: N,
    })
}
