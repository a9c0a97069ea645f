//! Calls that answer an invocation. Java hands them over, and their results do not pass through Java.

use std::sync::Arc;

use loopbridge_protocol::OutcomeKind;

use crate::codec::answer::{Block, Failed};
use crate::codec::encoded::Encoded;
use crate::codec::error_chain::{ErrorChain, InChain};
use crate::codec::failure::Failure;
use crate::codec::java_error::JavaError;
use crate::port::Port;
use crate::port::invocation::Invocation;

/// An invocation that a call is to answer. The code that owns this value has to settle it.
pub(crate) struct Relayed {
    pub(crate) ticket: u64,
    pub(crate) invocation: Arc<Invocation>,
}

/// Returns whether no future waits for the answer to an invocation.
pub(crate) fn is_unwanted(port: &Port, invocation: &Invocation) -> bool {
    invocation.is_abandoned() || port.is_closing() || port.environment().is_closing()
}

impl Relayed {
    /// Answers the invocation with the call's outcome.
    pub(crate) fn settle(self, port: &Port, outcome: OutcomeKind, encoded: &mut Encoded) {
        // Counted before the answer is visible: a thread that has seen all answers then finds no live task in the
        // counters.
        port.environment().metrics().relay_ended();
        let answer = answer_of(port, outcome, encoded);
        port.relayed(self.ticket, answer);
    }
}

/// Makes an answer of an outcome. A result of any size is taken as it is, since it stays in Rust.
fn answer_of(port: &Port, outcome: OutcomeKind, encoded: &mut Encoded) -> Result<Block, Failed> {
    // A call may have stopped early because its port or runtime closes.
    let closing = port.is_closing() || port.environment().is_closing();
    let answer = match outcome {
        OutcomeKind::Value | OutcomeKind::Error if closing => {
            Err(Failed::Error(port.closed_error()))
        }
        OutcomeKind::Value => Ok(match encoded.take_external() {
            Some(bytes) => Block::Whole(bytes),
            None => Block::inline(&encoded.inline()),
        }),
        OutcomeKind::Panic => {
            port.environment().metrics().panic_caught();
            Err(encoded
                .take_panic()
                .map_or_else(|| Failed::Error(port.closed_error()), Failed::Panicked))
        }
        OutcomeKind::Exhausted => Err(Failed::Error(JavaError::exhausted(encoded.text()))),
        OutcomeKind::Thrown | OutcomeKind::Error => Err(Failed::Error(error_of(encoded))),
        _ => Err(Failed::Error(port.closed_error())),
    };
    encoded.clear();
    answer
}

/// Makes the error: the same one if a Java handler threw it, else the one that Java would have made.
fn error_of(encoded: &Encoded) -> JavaError {
    let thrown = encoded.thrown();
    if let Some(InChain { place: 0, error }) = thrown {
        return error.clone();
    }
    let inline = encoded.inline();
    let written = encoded.external().map_or(&*inline, |bytes| bytes);
    match Failure::decode(written) {
        Some(failure) => JavaError::of_call(ErrorChain {
            failure,
            thrown: thrown.cloned(),
        }),
        None => JavaError::unreadable("an error of a call"),
    }
}
