//! How a call ended, and how an error or a panic is written for Java.

use std::error::Error;

use loopbridge_protocol::OutcomeKind;

use crate::value::{Encoded, Reply};

/// An error chain longer than this is cut: a chain that refers to itself must not become endless.
const MAX_CAUSES: usize = 128;

/// One text of a failure is cut to this many bytes; the limit on payloads is about results, so that an error must stay
/// small by itself.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// How a call ended. What there is to say about it is [`Encoded`] beside it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The value is encoded already.
    Value,
    Error(Box<Failure>),
    Panic(Box<Failure>),
    Cancelled,
    Closed,
    Refused(String),
    /// The result takes this many bytes, more than the port allows.
    TooLarge(usize),
}

impl Outcome {
    /// The record's code; its payload is written beside it.
    pub(crate) fn into_record(self, encoded: &mut Encoded) -> OutcomeKind {
        match self {
            Outcome::Value => OutcomeKind::Value,
            Outcome::Error(failure) => {
                encoded.set_raw(failure.encode());
                OutcomeKind::Error
            }
            Outcome::Panic(failure) => {
                encoded.set_raw(failure.encode());
                OutcomeKind::Panic
            }
            Outcome::Cancelled => {
                encoded.clear();
                OutcomeKind::Cancelled
            }
            Outcome::Closed => {
                encoded.clear();
                OutcomeKind::Closed
            }
            Outcome::Refused(reason) => {
                encoded.set(reason);
                OutcomeKind::Refused
            }
            Outcome::TooLarge(bytes) => {
                encoded.set(bytes as i64);
                OutcomeKind::TooLarge
            }
        }
    }
}

/// An error or a panic in the words Java repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct Failure {
    pub(crate) type_name: String,
    pub(crate) message: String,
    /// `file:line:column`, or nothing.
    pub(crate) location: String,
    /// The causes, outermost first.
    pub(crate) causes: Vec<String>,
}

impl Failure {
    pub(crate) fn of_error<E: Into<Box<dyn Error + Send + Sync>>>(error: E) -> Failure {
        let error: Box<dyn Error + Send + Sync> = error.into();
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source.filter(|_| causes.len() < MAX_CAUSES) {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Failure {
            type_name: std::any::type_name::<E>().to_owned(),
            message: error.to_string(),
            location: String::new(),
            causes,
        }
    }

    pub(crate) fn of_panic(message: impl Into<String>, location: impl Into<String>) -> Failure {
        Failure {
            type_name: "panic".to_owned(),
            message: message.into(),
            location: location.into(),
            causes: Vec::new(),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_text(&mut out, &self.type_name);
        put_text(&mut out, &self.message);
        put_text(&mut out, &self.location);
        out.extend_from_slice(&(self.causes.len() as u32).to_le_bytes());
        for cause in &self.causes {
            put_text(&mut out, cause);
        }
        out
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(&(end as u32).to_le_bytes());
    out.extend_from_slice(&text.as_bytes()[..end]);
}

/// What a function's future or closure yields: a [`Reply`], or a [`Result`] of one and any error.
pub trait Returned: Send + 'static {
    #[doc(hidden)]
    type Value: Reply;

    #[doc(hidden)]
    fn write(self, to: &mut Encoded) -> Result<(), Box<Failure>>;
}

impl<T: Reply> Returned for T {
    type Value = T;

    fn write(self, to: &mut Encoded) -> Result<(), Box<Failure>> {
        to.set(self);
        Ok(())
    }
}

impl<T, E> Returned for Result<T, E>
where
    T: Reply,
    E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    type Value = T;

    fn write(self, to: &mut Encoded) -> Result<(), Box<Failure>> {
        match self {
            Ok(value) => {
                to.set(value);
                Ok(())
            }
            Err(error) => Err(Box::new(Failure::of_error(error))),
        }
    }
}
