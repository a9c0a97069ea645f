//! Calls that Java hands over: the result of each is the answer to an invocation, and does not pass through Java.

use std::sync::Arc;

use loopbridge_protocol::OutcomeKind;

use crate::error_chain::{ErrorChain, InChain};
use crate::failure::Failure;
use crate::invocation::{Block, Failed, Invocation};
use crate::java_error::JavaError;
use crate::port::Port;
use crate::value::Encoded;

/// An invocation that a call is to answer: whoever holds it settles it.
pub(crate) struct Relayed {
    pub(crate) ticket: u64,
    pub(crate) invocation: Arc<Invocation>,
}

/// Whether nobody waits for the answer to an invocation.
pub(crate) fn is_unwanted(invocation: &Invocation) -> bool {
    let port = invocation.port();
    invocation.is_abandoned() || port.is_closing() || port.environment().is_closing()
}

impl Relayed {
    /// Answers with the call's outcome.
    pub(crate) fn settle(self, outcome: OutcomeKind, encoded: &mut Encoded) {
        let port = self.invocation.port();
        let answer = answer_of(port, outcome, encoded);
        port.relayed(self.ticket, answer);
    }
}

/// An outcome as an answer. A result is taken as it is, whatever its size: it stays in Rust.
fn answer_of(port: &Port, outcome: OutcomeKind, encoded: &mut Encoded) -> Result<Block, Failed> {
    // A call may have stopped early since its port ends.
    let closing = port.is_closing() || port.environment().is_closing();
    let answer = match outcome {
        OutcomeKind::Value | OutcomeKind::Error if closing => {
            Err(Failed::Error(JavaError::closed(port)))
        }
        OutcomeKind::Value => Ok(match encoded.take_external() {
            Some(bytes) => Block::Whole(bytes),
            None => Block::inline(&encoded.inline()),
        }),
        OutcomeKind::Panic => {
            port.environment().metrics().panic_caught();
            Err(encoded
                .take_panic()
                .map_or_else(|| Failed::Error(JavaError::closed(port)), Failed::Panicked))
        }
        OutcomeKind::Exhausted => Err(Failed::Error(JavaError::exhausted(encoded.text()))),
        OutcomeKind::Thrown | OutcomeKind::Error => Err(Failed::Error(error_of(encoded))),
        _ => Err(Failed::Error(JavaError::closed(port))),
    };
    encoded.clear();
    answer
}

/// What a Java handler threw is that again; another error is what Java would have made of it.
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
