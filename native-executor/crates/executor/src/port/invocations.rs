//! The requests of a port to its owner: invocations of handlers, and records that are no outcome of a call. Any thread.

use std::sync::Arc;

use bytes::Bytes;
use loopbridge_protocol::{Answer, AnswerKind, AnswerPayload, Payload, Request};

use super::Port;
use super::invocation::Invocation;
use super::wake::Answering;
use crate::codec::answer::{Block, Failed};
use crate::codec::encoded::Encoded;
use crate::codec::java_error::JavaError;

impl Port {
    /// Asks the owner to run a handler, and returns the ticket of the invocation. `on_loop` is true if the caller is a
    /// loop-driven future of the same loop, so that the handler can run at once.
    pub(crate) fn invoke(
        self: &Arc<Port>,
        invocation: &Arc<Invocation>,
        encoded: &mut Encoded,
        on_loop: bool,
    ) -> Result<u64, JavaError> {
        let size = encoded.external().map_or(0, Bytes::len);
        if size > self.max_payload_bytes {
            return Err(JavaError::too_large(size, self.max_payload_bytes));
        }
        if encoded.holds_foreign(&**self) {
            return Err(JavaError::wrong_loop());
        }
        let ticket = self.invocations.insert(Arc::clone(invocation));
        let ticket = ticket.map_err(|_| self.closed_error())?;
        // This comes after the insertion: either the dispatcher's end finds the invocation, or this finds that the
        // dispatcher has ended (rule 6 of the state). Else an invocation could wait for ever.
        if self.state.has_ended() && self.invocations.remove(ticket).is_some() {
            return Err(self.closed_error());
        }
        if !encoded.name_shared(|object| self.environment.objects().insert(object)) {
            let _ = self.invocations.remove(ticket);
            return Err(self.closed_error());
        }
        let argument = match encoded.take_external() {
            // The argument is copied, since it may lie in memory that a call has borrowed, and the handler may keep it.
            Some(bytes) => self
                .keep(Bytes::copy_from_slice(&bytes))
                .unwrap_or(Payload::NONE),
            None => Payload::Inline(encoded.inline()),
        };
        let request = Request::Invoke {
            handler: invocation.handler().object.id,
            invocation: ticket,
            argument,
        };
        match on_loop {
            true => self.ask(&request, ticket),
            false => self.request(&request),
        }
        Ok(ticket)
    }

    /// Runs a handler at once by a direct upcall, since the caller is a loop-driven future of the same loop.
    fn ask(self: &Arc<Port>, request: &Request<'_>, ticket: u64) {
        self.direct.write(&request.encode());
        match self.wake.ask() {
            Answering::Now => {
                let words = self.direct.read();
                let answer = Answer::decode(&words)
                    .map_err(|fault| Failed::Error(JavaError::unreadable(fault)))
                    .and_then(|answer| self.answer_of(&answer));
                self.answered(ticket, answer);
            }
            Answering::Later => {}
            Answering::Failed => self.answered(ticket, Err(Failed::Error(JavaError::unasked()))),
        }
    }

    /// Publishes a record that is no outcome of a call.
    pub(crate) fn request(&self, request: &Request<'_>) {
        self.publish_record(&request.encode());
    }

    /// Makes the error of an invocation to which no answer will come, since this port reads none any more.
    pub(crate) fn closed_error(&self) -> JavaError {
        JavaError::closed(self.environment.is_closing())
    }

    /// Reads the owner's answer. It is read even if no future waits for it, since reading takes the payload and the
    /// objects that it names.
    pub(crate) fn answer_of(self: &Arc<Port>, answer: &Answer<'_>) -> Result<Block, Failed> {
        let block = match answer.payload {
            AnswerPayload::Inline(bytes) => Block::inline(bytes),
            AnswerPayload::Given(ticket) => Block::Given(self.given(ticket)?),
        };
        match answer.kind {
            AnswerKind::Value => Ok(block),
            AnswerKind::Error => Err(Failed::Error(JavaError::read(self, block.bytes()))),
            AnswerKind::Panic => Err(match block.bytes().split_first_chunk() {
                Some((panic, error)) => Failed::Panic {
                    panic: u64::from_le_bytes(*panic),
                    error: JavaError::read(self, error),
                },
                None => Failed::Error(JavaError::unreadable("a panic without a ticket")),
            }),
        }
    }

    /// Takes the payload that Java gave for an answer.
    pub(crate) fn given(&self, ticket: u64) -> Result<Bytes, Failed> {
        self.take_given(ticket).ok_or_else(|| {
            let reason = "the answer names no payload of the port".to_owned();
            Failed::Error(JavaError::mismatch(reason))
        })
    }

    /// Delivers the answer to an invocation; called when the dispatcher has read it.
    pub(crate) fn answered(&self, ticket: u64, answer: Result<Block, Failed>) {
        let ended = self.invocations.remove_if(ticket, |it| it.answered());
        if let Some(invocation) = ended {
            invocation.deliver(answer);
            invocation.ended();
        }
    }

    /// Marks that a call makes the answer. Returns the invocation, unless it was withdrawn. It stays in the table until
    /// the call has ended.
    pub(crate) fn relay(&self, ticket: u64) -> Option<Arc<Invocation>> {
        let relay = |it: &Arc<Invocation>| it.answered().then(|| Arc::clone(it));
        self.invocations.with(ticket, relay).flatten()
    }

    /// Delivers the answer that a call has made; called when that call has ended.
    pub(crate) fn relayed(&self, ticket: u64, answer: Result<Block, Failed>) {
        if let Some(invocation) = self.invocations.remove(ticket) {
            invocation.deliver(answer);
            invocation.ended();
        }
    }

    /// Ends an invocation whose withdrawal the owner has acknowledged.
    pub(crate) fn acknowledged(&self, ticket: u64) {
        let ended = self.invocations.remove_if(ticket, |it| it.acknowledged());
        if let Some(invocation) = ended {
            invocation.ended();
        }
    }
}
