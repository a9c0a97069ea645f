//! The outcomes of a call that are no value: how each is written in place of a result.

use std::error::Error;

use loopbridge_protocol::{OutcomeKind, RecordError};

use super::encoded::{Encoded, Held};
use super::error_chain::ErrorChain;
use super::failure::Failure;
use crate::panics::Panic;
use crate::threads;

impl Encoded {
    /// Drops what was written: the outcome has no payload.
    pub(crate) fn bare(&mut self, kind: OutcomeKind) -> OutcomeKind {
        self.clear();
        kind
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

    /// Replaces what was written by the outcome that the object belongs to another loop.
    #[cold]
    pub(crate) fn wrong_loop(&mut self) -> OutcomeKind {
        self.clear();
        OutcomeKind::WrongLoop
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
            let mut bytes = Failure::of_panic(panic.text(), panic.place()).encode();
            bytes.extend_from_slice(&keep(panic).to_le_bytes());
            self.set_raw(bytes);
        }
    }

    /// Returns the text that was [`set`](Self::set).
    pub(crate) fn text(&self) -> String {
        const FORM_AND_LENGTH: usize = 5;
        let inline = self.inline();
        let bytes = match self.external() {
            Some(bytes) => bytes,
            None => inline.get(FORM_AND_LENGTH..).unwrap_or_default(),
        };
        String::from_utf8_lossy(bytes).into_owned()
    }
}
