//! How a call is started. The code is the same whether its outcome goes to a slot of Java's or answers an invocation.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loopbridge_protocol::OutcomeKind;

use super::Starter;
use super::waiting::Name;
use crate::call::first_poll::SpawnedSample;
#[cfg(feature = "benchmark")]
use crate::call::guard::HeldCall;
use crate::call::guard::{BlockingCall, CallTask, Guard, PortShare, Receiver};
use crate::call::poll::{CallFuture, CallWork, poll_once};
use crate::call::prepare::Work;
use crate::codec::encoded::Encoded;
use crate::port::{Call, Port};
use crate::threads;

/// How many calls share one [`PortShare`]: a compromise between one allocation for each call and one counter for all.
const CALLS_A_SHARE: u32 = 32;

/// The receiver of the outcome of a call that the dispatcher starts.
pub(super) trait Receive: Into<Receiver> {
    /// The name by which a cancel finds the call's task.
    fn name(&self) -> Name;

    /// Makes an outcome fit for the receiver, such as by copying a result that lies in borrowed memory.
    fn detach(&self, port: &Port, outcome: OutcomeKind, encoded: &mut Encoded) -> OutcomeKind;

    /// Ends a call that has neither task nor thread; `encoded` of the `starter` holds its result.
    fn settle(self, starter: &mut Starter, outcome: OutcomeKind);
}

impl Receive for Call {
    fn name(&self) -> Name {
        Name::Call(self.id)
    }

    #[inline]
    fn detach(&self, port: &Port, outcome: OutcomeKind, encoded: &mut Encoded) -> OutcomeKind {
        port.detach(self, outcome, encoded)
    }

    #[inline]
    fn settle(self, starter: &mut Starter, outcome: OutcomeKind) {
        starter.settle(&self, outcome);
    }
}

impl Starter {
    /// Starts a call of the function with this number.
    #[inline]
    pub(super) fn start<R: Receive>(&mut self, number: usize, receiver: R, work: Work) {
        match work {
            Work::Async(future) => self.poll(number, receiver, future),
            Work::Heavy(future) => self.spawn(receiver, future, None),
            Work::Blocking(work) => self.block(receiver, work),
            #[cfg(feature = "benchmark")]
            Work::Held(receive) => {
                self.port.counters().tasks_spawned.add_one();
                receive(HeldCall::new(self.guard(receiver)));
            }
        }
    }

    /// Polls a call once. A call that is ready never becomes a task, which saves the cost of spawning one.
    #[inline]
    fn poll<R: Receive>(&mut self, number: usize, receiver: R, future: CallFuture) {
        let policy = &mut self.policies[number];
        if let Some(sample) = policy.spawns() {
            return self.spawn(receiver, future, Some(sample));
        }
        // A poll that may take long must not delay outcomes that are ready already, nor tasks. While polls are timed
        // singly the first slow one ends the turn, so that tasks wait for no other.
        let quick = policy.is_quick();
        if !quick || self.timer.times_singly() {
            self.port.publish_ready(&mut self.ready);
        }
        if !quick {
            self.waiting.spawn(&self.tokio, &mut self.tasks);
        }
        let mut future = Some(future);
        // A waker that does nothing is enough: if the call is pending it becomes a task, and Tokio polls a new task
        // without being woken, so that the task finds whatever would have woken it here.
        let mut context = Context::from_waker(Waker::noop());
        let (port, encoded) = (&self.port, &mut self.encoded);
        let (polled, took, slow) = self.timer.time(|| {
            let polled = poll_once(&mut future, &mut context, encoded);
            // This is timed too, since copying a large result takes long.
            polled.map(|outcome| receiver.detach(port, outcome, encoded))
        });
        if let Some(took) = took {
            policy.polled(took);
        }
        self.slow |= slow;
        match (polled, future) {
            (Poll::Ready(outcome), _) => {
                self.port.counters().ready_at_first_poll.add_one();
                receiver.settle(self, outcome);
            }
            (Poll::Pending, Some(future)) => self.spawn(receiver, future, None),
            // The poll was pending, and the future is gone: there is nothing left to spawn.
            (Poll::Pending, None) => {
                let outcome = self.encoded.bare(OutcomeKind::Closed);
                receiver.settle(self, outcome);
            }
        }
    }

    fn spawn<R: Receive>(
        &mut self,
        receiver: R,
        future: CallFuture,
        sample: Option<SpawnedSample>,
    ) {
        let name = receiver.name();
        let guard = self.guard(receiver);
        self.port.counters().tasks_spawned.add_one();
        self.spawned = true;
        self.waiting
            .push(name, CallTask::new(guard, future, sample));
    }

    pub(super) fn spawn_waiting(&mut self) {
        self.waiting.spawn(&self.tokio, &mut self.tasks);
    }

    fn block<R: Receive>(&mut self, receiver: R, work: CallWork) {
        let name = receiver.name();
        let guard = self.guard(receiver);
        self.port.counters().blocking_spawned.add_one();
        let call = BlockingCall::new(guard, work);
        match threads::spawn_blocking(&self.tokio, call, BlockingCall::run) {
            Ok(task) => name.started(&mut self.tasks, task),
            Err((call, reason)) => call.refused(&reason),
        }
    }

    fn guard(&mut self, receiver: impl Into<Receiver>) -> Guard {
        if self.shared == CALLS_A_SHARE {
            self.share = PortShare::new(&self.port);
            self.shared = 0;
        }
        self.shared += 1;
        Guard::new(Arc::clone(&self.share), receiver)
    }
}
