//! How the dispatcher starts a call that Java hands over as the answer to an invocation.

use std::sync::Arc;

use loopbridge_protocol::{AnswerPayload, OutcomeKind, Relay, Words};

use super::Starter;
use super::start::Receive;
use super::waiting::Name;
use crate::call::prepare::{Unprepared, Work, prepare};
use crate::call::relay::Relayed;
use crate::codec::answer::Failed;
use crate::codec::arguments::Arguments;
use crate::codec::encoded::Encoded;
use crate::codec::java_error::JavaError;
use crate::codec::lease::Lender;
use crate::panics;
use crate::port::Port;

impl Receive for Relayed {
    fn name(&self) -> Name {
        Name::Relay(Arc::clone(&self.invocation))
    }

    /// Leaves the outcome unchanged: the result stays in Rust, so that no limit on payloads applies and nothing is
    /// copied.
    fn detach(&self, _port: &Port, outcome: OutcomeKind, _encoded: &mut Encoded) -> OutcomeKind {
        outcome
    }

    fn settle(self, starter: &mut Starter, outcome: OutcomeKind) {
        starter.port.counters().finished.add_one();
        Relayed::settle(self, &starter.port, outcome, &mut starter.encoded);
    }
}

impl Starter {
    /// Starts the call of a RELAY record; its outcome goes to the future that awaits the invocation.
    pub(super) fn relay(&mut self, words: &Words, ending: bool) {
        self.spawned = true; // the task that awaits the answer is woken
        let ticket = words[1];
        // The arguments are read even if no future waits for the answer: the record hands over the objects that they
        // name, and reading is what takes them, so that they are given back to Java when they are dropped.
        let (number, work) = match self.prepare(words) {
            Ok(prepared) => prepared,
            Err(failed) => return self.port.answered(ticket, Err(failed)),
        };
        // When the dispatcher ends the call is not started: `Port::dispatcher_ended` fails the invocation with all
        // others.
        let invocation = (!ending).then(|| self.port.relay(ticket)).flatten();
        let Some(invocation) = invocation else {
            return self.discard(work);
        };
        self.port.counters().begun.add_one();
        self.port.counters().relays_begun.add_one();
        self.start(number, Relayed { ticket, invocation }, work);
    }

    fn prepare(&self, words: &Words) -> Result<(usize, Work), Failed> {
        let mismatch = |reason: String| Failed::Error(JavaError::mismatch(reason));
        let relay =
            Relay::decode(words).map_err(|fault| Failed::Error(JavaError::unreadable(fault)))?;
        let taken;
        let block = match relay.arguments {
            AnswerPayload::Inline(bytes) => bytes,
            AnswerPayload::Given(ticket) => {
                taken = self.port.given(ticket)?;
                &taken
            }
        };
        let lender = Lender::of_record(&self.port, relay.needs_port, None);
        let arguments = &mut Arguments::new(block, lender).of_port(&*self.port);
        match prepare(self.functions, relay.function, arguments) {
            Ok(work) => Ok((relay.function as usize, work)),
            Err(Unprepared::Refused(reason)) => Err(mismatch(reason)),
            Err(Unprepared::LoopDriven(function)) => Err(mismatch(format!(
                "{function} cannot be handed over; start it, and answer with what comes of it"
            ))),
            Err(Unprepared::Panicked(panic)) => {
                self.port.environment().metrics().panic_caught();
                Err(Failed::Panicked(panic))
            }
        }
    }

    /// Drops a call that was prepared but is not started. The drop runs user code, which may panic.
    fn discard(&self, work: Work) {
        if panics::catch(|| drop(work)).is_err() {
            self.port.environment().metrics().panic_caught();
        }
    }
}
