//! What the dispatcher does with a call that Java hands over as the answer to an invocation.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loopbridge_protocol::{AnswerPayload, OutcomeKind, Relay, Words};

use super::Starter;
use crate::arguments::Arguments;
use crate::call::{BlockingCall, CallTask, poll_once};
use crate::handler::{Failed, JavaError, given};
use crate::lease::Lender;
use crate::pace::Probe;
use crate::panics;
use crate::registry::{Body, CallFuture, CallWork};
use crate::relay::Relayed;
use crate::threads;

/// A call whose arguments were read.
enum Prepared {
    /// Of the function with this number, to be polled once.
    Async(usize, CallFuture),
    Heavy(CallFuture),
    Blocking(CallWork),
}

impl Starter {
    /// Starts the call, for the future that awaits the invocation.
    pub(super) fn relay(&mut self, words: &Words, ending: bool) {
        self.spawned = true; // the task that waits wants to run
        let ticket = words[1];
        // The arguments are read, wanted or not: what they name is taken.
        let prepared = match self.prepare(words) {
            Ok(prepared) => prepared,
            Err(failed) => return self.port.answered(ticket, Err(failed)),
        };
        // At the end the invocation is lost, with all others.
        let invocation = (!ending).then(|| self.port.relay(ticket)).flatten();
        let Some(invocation) = invocation else {
            return self.discard(prepared);
        };
        self.port.counters().begun.add_one();
        let relayed = Relayed { ticket, invocation };
        match prepared {
            Prepared::Async(number, future) => self.poll_relayed(number, relayed, future),
            Prepared::Heavy(future) => self.spawn_relayed(relayed, future, None),
            Prepared::Blocking(work) => self.block_relayed(relayed, work),
        }
    }

    fn prepare(&self, words: &Words) -> Result<Prepared, Failed> {
        let mismatch = |reason: String| Failed::Error(JavaError::mismatch(reason));
        let relay =
            Relay::decode(words).map_err(|fault| Failed::Error(JavaError::unreadable(fault)))?;
        let block = match relay.arguments {
            AnswerPayload::Inline(_) => None,
            AnswerPayload::Given(ticket) => Some(given(&self.port, ticket)?),
        };
        let block = match (&relay.arguments, &block) {
            (AnswerPayload::Inline(bytes), _) => bytes,
            (AnswerPayload::Given(_), block) => block.as_deref().unwrap_or_default(),
        };
        let lender = match relay.needs_port {
            true => Lender::naming(Arc::clone(&self.port)),
            false => Lender::none(),
        };
        let number = relay.function as usize;
        let function = self.functions.get(number).ok_or_else(|| {
            let known = self.functions.len();
            mismatch(format!(
                "there is no function {number}, the library has {known}"
            ))
        })?;
        let arguments = &mut Arguments::new(block, lender);
        let prepared = panics::catch(|| match &function.body {
            Body::Async(prepare) => {
                prepare(arguments).map(|future| Some(Prepared::Async(number, future)))
            }
            Body::Heavy(prepare) => prepare(arguments).map(Prepared::Heavy).map(Some),
            Body::Blocking(prepare) => prepare(arguments).map(Prepared::Blocking).map(Some),
            Body::Local(_) => Ok(None),
            #[cfg(feature = "benchmark")]
            Body::Held(_) => Ok(None),
        });
        match prepared {
            Ok(Ok(Some(prepared))) => Ok(prepared),
            Ok(Ok(None)) => Err(mismatch(format!(
                "{function} cannot be handed over; start it, and answer with what comes of it"
            ))),
            Ok(Err(reason)) => Err(mismatch(format!("{function}: {reason}"))),
            Err(panic) => {
                self.port.runtime().metrics().panic_caught();
                Err(Failed::Panicked(panic))
            }
        }
    }

    /// Drops a call that nobody waits for.
    fn discard(&self, prepared: Prepared) {
        if panics::catch(|| drop(prepared)).is_err() {
            self.port.runtime().metrics().panic_caught();
        }
    }

    /// As a call is: a ready one never becomes a task.
    fn poll_relayed(&mut self, number: usize, relayed: Relayed, future: CallFuture) {
        let pace = &mut self.pace[number];
        if let Some(probe) = pace.spawns() {
            return self.spawn_relayed(relayed, future, Some(probe));
        }
        if !pace.is_quick() || self.watch.is_wary() {
            self.port.publish_ready(&mut self.ready);
        }
        let mut future = Some(future);
        let mut context = Context::from_waker(Waker::noop());
        let encoded = &mut self.encoded;
        let (polled, took, slow) = self
            .watch
            .time(|| poll_once(&mut future, &mut context, encoded));
        if let Some(took) = took {
            pace.polled(took);
        }
        self.slow |= slow;
        let outcome = match (polled, future) {
            (Poll::Pending, Some(future)) => return self.spawn_relayed(relayed, future, None),
            (Poll::Pending, None) => OutcomeKind::Closed,
            (Poll::Ready(outcome), _) => {
                self.port.counters().ready_at_first_poll.add_one();
                outcome
            }
        };
        self.port.counters().finished.add_one();
        relayed.settle(outcome, &mut self.encoded);
    }

    fn spawn_relayed(&mut self, relayed: Relayed, future: CallFuture, probe: Option<Probe>) {
        let invocation = Arc::clone(&relayed.invocation);
        let guard = self.guard(relayed);
        self.port.counters().tasks_spawned.add_one();
        let task = CallTask::new(guard, future, probe);
        if let Ok(task) = panics::catch(|| self.tokio.spawn(task)) {
            invocation.relayed(task.abort_handle());
        }
    }

    fn block_relayed(&mut self, relayed: Relayed, work: CallWork) {
        let invocation = Arc::clone(&relayed.invocation);
        let guard = self.guard(relayed);
        self.port.counters().blocking_spawned.add_one();
        let call = BlockingCall::new(guard, work);
        match threads::spawn_blocking(&self.tokio, call, BlockingCall::run) {
            Ok(task) => invocation.relayed(task.abort_handle()),
            Err((call, reason)) => call.refused(&reason),
        }
    }
}
