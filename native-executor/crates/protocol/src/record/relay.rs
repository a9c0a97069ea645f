//! A call whose result is the answer to an invocation.

use super::bytes::{halves, inline_at};
use super::{
    AnswerPayload, Inline, RECORD_WORDS, RecordFault, SUBMISSION_EXTERNAL, SUBMISSION_INLINE,
    SUBMISSION_NEEDS_PORT, SubmissionKind, Words,
};

/// A relay: what the owner loop submits in place of an answer. Its arguments lend no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay<'a> {
    /// The invocation.
    pub invocation: u64,
    /// The function's number in the library's description.
    pub function: u32,
    /// True if some argument names an object of the owner's.
    pub needs_port: bool,
    /// The encoded arguments.
    pub arguments: AnswerPayload<'a>,
}

impl<'a> Relay<'a> {
    /// Returns the record's words.
    ///
    /// # Panics
    ///
    /// If there are more bytes inline than a record holds.
    pub fn encode(&self) -> Words {
        let mut words = [0; RECORD_WORDS];
        let needs_port = if self.needs_port {
            SUBMISSION_NEEDS_PORT
        } else {
            0
        };
        let (flags, inline_length) = match self.arguments {
            AnswerPayload::Inline(bytes) => {
                let inline = Inline::<SUBMISSION_INLINE>::new(bytes).expect("bytes that fit");
                inline.write(&mut words, 2);
                (needs_port, inline.length())
            }
            AnswerPayload::Given(ticket) => {
                words[2] = ticket;
                (needs_port | SUBMISSION_EXTERNAL, 0)
            }
        };
        let kind = SubmissionKind::Relay as u32;
        let head = kind | u32::from(flags) << 8 | u32::from(inline_length) << 16;
        words[0] = halves(head, self.function);
        words[1] = self.invocation;
        words
    }

    /// Reads a record of [`SubmissionKind::Relay`].
    ///
    /// # Errors
    ///
    /// A [`RecordFault`], when a flag or a length has no meaning; word 1 names the invocation in
    /// that case too.
    pub fn decode(words: &'a Words) -> Result<Self, RecordFault> {
        let head = words[0];
        let flags = (head >> 8) as u8;
        if flags & !(SUBMISSION_EXTERNAL | SUBMISSION_NEEDS_PORT) != 0 {
            return Err(RecordFault::Flags(flags));
        }
        let arguments = if flags & SUBMISSION_EXTERNAL != 0 {
            AnswerPayload::Given(words[2])
        } else {
            let inline = inline_at::<SUBMISSION_INLINE>(words, 2, (head >> 16) as u16)?;
            AnswerPayload::Inline(inline.as_slice())
        };
        Ok(Self {
            invocation: words[1],
            function: (head >> 32) as u32,
            needs_port: flags & SUBMISSION_NEEDS_PORT != 0,
            arguments,
        })
    }
}
