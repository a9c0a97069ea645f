//! How an error or a panic is written for Java.

use std::convert::Infallible;
use std::error::Error;

use loopbridge_protocol::OutcomeKind;

use crate::handler::{self, JavaError};
use crate::value::{Encoded, Reply};

/// An error chain longer than this is cut: a chain that refers to itself must not become endless.
const MAX_CAUSES: usize = 128;

/// One text of a failure is cut to this many bytes; the limit on payloads is about results, so that an error must stay
/// small by itself.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// An error or a panic in the words Java repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) type_name: String,
    pub(crate) message: String,
    /// `file:line:column`, or nothing.
    pub(crate) location: String,
    /// The causes, outermost first.
    pub(crate) causes: Vec<String>,
}

impl Failure {
    pub(crate) fn of_panic(message: impl Into<String>, location: impl Into<String>) -> Failure {
        Failure {
            type_name: "panic".to_owned(),
            message: message.into(),
            location: location.into(),
            causes: Vec::new(),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
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

    /// What was encoded, for Rust itself.
    pub(crate) fn decode(encoded: &[u8]) -> Option<Failure> {
        let (type_name, rest) = take_text(encoded)?;
        let (message, rest) = take_text(rest)?;
        let (location, rest) = take_text(rest)?;
        let (count, mut rest) = take_number(rest)?;
        let mut causes = Vec::new();
        for _ in 0..count {
            let (cause, after) = take_text(rest)?;
            causes.push(cause);
            rest = after;
        }
        Some(Failure {
            type_name,
            message,
            location,
            causes,
        })
    }
}

/// The first text, and what follows it.
fn take_text(from: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = take_number(from)?;
    let (text, rest) = rest.split_at_checked(length)?;
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

fn take_number(from: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = from.split_first_chunk()?;
    Some((u32::from_le_bytes(*number) as usize, rest))
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.extend_from_slice(&(end as u32).to_le_bytes());
    out.extend_from_slice(&text.as_bytes()[..end]);
}

/// An error of a function: its words, and what a Java handler threw if that is in its chain.
#[derive(Clone, Debug)]
pub(crate) struct ToldError {
    pub(crate) failure: Failure,
    pub(crate) thrown: Option<InChain>,
}

/// What a Java handler threw, and where it stands in the words of an error: 0 is the error itself, 1 its first cause.
#[derive(Clone, Debug)]
pub(crate) struct InChain {
    pub(crate) place: u32,
    pub(crate) error: JavaError,
}

impl ToldError {
    /// Walks the chain of an error.
    pub(crate) fn of(error: &(dyn Error + 'static), type_name: &str) -> ToldError {
        let mut told = ToldError {
            failure: Failure {
                type_name: type_name.to_owned(),
                message: error.to_string(),
                location: String::new(),
                causes: Vec::new(),
            },
            thrown: None,
        };
        let mut link = error;
        while let Some(source) = handler::source_of(link) {
            let causes = &mut told.failure.causes;
            if causes.len() >= MAX_CAUSES {
                break;
            }
            if let Some(java) = JavaError::behind(source) {
                // A wrapper with the same words stands for the error in it. One with its own has it as a cause.
                let said = causes.last().unwrap_or(&told.failure.message);
                let text = java.to_string();
                if *said != text {
                    causes.push(text);
                }
                told.end_with(java);
                break;
            }
            causes.push(source.to_string());
            link = source;
        }
        told
    }

    /// The last words are those of `java`.
    fn end_with(&mut self, java: JavaError) {
        let Failure {
            type_name,
            message,
            causes,
            ..
        } = &mut self.failure;
        let place = causes.len() as u32;
        let Some(relayed) = java.told() else {
            if java.object().is_some() {
                self.thrown = Some(InChain { place, error: java });
            }
            return;
        };
        match causes.last_mut() {
            Some(last) => last.clone_from(&relayed.failure.message),
            None => {
                message.clone_from(&relayed.failure.message);
                type_name.clone_from(&relayed.failure.type_name);
            }
        }
        causes.extend_from_slice(&relayed.failure.causes);
        causes.truncate(MAX_CAUSES);
        let thrown = relayed.thrown.clone().map(|inner| InChain {
            place: place + inner.place,
            error: inner.error,
        });
        self.thrown = thrown.filter(|thrown| thrown.place as usize <= causes.len());
    }
}

/// What a function's future or closure yields: a [`Reply`], or a [`Result`] of one and any error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no result that goes to Java",
    label = "neither a value that goes to Java nor a `Result` of one"
)]
pub trait Returned: 'static {
    #[doc(hidden)]
    type Value;
    #[doc(hidden)]
    type Error;

    #[doc(hidden)]
    fn write(self, to: &mut Encoded) -> OutcomeKind
    where
        Self::Value: Reply,
        Self::Error: ReturnedError;
}

impl<T: Reply> Returned for T {
    type Value = T;
    type Error = Infallible;

    fn write(self, to: &mut Encoded) -> OutcomeKind {
        to.set(self);
        OutcomeKind::Value
    }
}

/// The error of a [`Result`]: whatever implements [`Error`], and what becomes a boxed one, such as [`String`] or
/// `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that Java can be told of",
    label = "the error of this function's `Result`",
    note = "implement `std::error::Error` and `Display` for it, by hand or by a derive, and let it be `Send` and `Sync`; a \
            `String` or a `Box<dyn Error + Send + Sync>` is an error too"
)]
pub trait ReturnedError: Into<Box<dyn Error + Send + Sync>> + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>> + Send + 'static> ReturnedError for E {}

impl<T: 'static, E: 'static> Returned for Result<T, E> {
    type Value = T;
    type Error = E;

    fn write(self, to: &mut Encoded) -> OutcomeKind
    where
        T: Reply,
        E: ReturnedError,
    {
        match self {
            Ok(value) => {
                to.set(value);
                OutcomeKind::Value
            }
            Err(error) => {
                let error: Box<dyn Error + Send + Sync> = error.into();
                to.fail_with(&*error, std::any::type_name::<E>())
            }
        }
    }
}
