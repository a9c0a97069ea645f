//! The owner loop: submits, cancels, drains, and checks the records that it reads.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::Ordering;

use loopbridge_protocol::sync::Arc;
use loopbridge_protocol::{
    Arguments, CallId, CompletionConsumer, Doorbell, Idle, Inline, Outcome, OutcomeKind, Payload,
    Reschedule, Ring, Submission, SubmissionKind, SubmissionProducer, WakeWord,
};

use super::{Defect, Known, PENDING, Plan, Port, READY, Task, content};
use crate::threads::{Flag, Receiver, Thread, receive};

/// Records that one drain reads before it lets other tasks run.
const DRAIN_AT_MOST: usize = 3;

/// The owner's report: how each call ended.
#[derive(Default)]
pub(crate) struct Report {
    made: Vec<CallId>,
    cancelled: Vec<CallId>,
    /// Settled by an outcome.
    settled: Vec<(CallId, OutcomeKind)>,
    /// Settled by the owner, once the port was closed.
    swept: Vec<CallId>,
    drains: usize,
    wrong: usize,
}

impl Report {
    /// Calls that settled.
    pub(crate) fn settled(&self) -> usize {
        self.settled.len() + self.swept.len()
    }

    /// Checks it against the dispatcher's own record.
    pub(super) fn check(&self, known: &Known, plan: Plan) {
        assert_eq!(self.made.len(), self.settled(), "calls that did not settle");
        assert_eq!(self.wrong, 0, "payloads of another call");
        let aborted: HashSet<CallId> = known.aborted.iter().copied().collect();
        let cancelled: HashSet<CallId> = self.cancelled.iter().copied().collect();
        for (call, kind) in &self.settled {
            let aborted = aborted.contains(call);
            let expected = match aborted {
                true => OutcomeKind::Cancelled,
                false => OutcomeKind::Value,
            };
            assert_eq!(*kind, expected, "{call:?}");
            assert!(!aborted || cancelled.contains(call), "{call:?}");
        }
        // Each call that reached the dispatcher has an outcome.
        assert_eq!(known.begun.len(), self.settled.len());
        if plan.close_at > plan.calls {
            assert_eq!(self.swept, []);
            assert_eq!(self.made.len(), plan.calls);
        }
        assert!(
            self.drains <= self.settled.len() * 2 + 2,
            "{} drains of {} outcomes",
            self.drains,
            self.settled.len()
        );
    }
}

pub(super) struct Owner {
    port: Arc<Port>,
    tasks: Receiver<Task>,
    dispatcher: Thread,
    closing: Arc<Flag>,
    calls: SubmissionProducer,
    outcomes: CompletionConsumer,
    doorbell: Doorbell,
    wake: WakeWord,
    generations: Vec<u32>,
    free: VecDeque<u32>,
    live: Vec<CallId>,
    to_cancel: Vec<CallId>,
    /// Slots of settled calls whose memory is still lent.
    lent: Vec<u32>,
    report: Report,
}

impl Owner {
    pub(super) fn new(
        port: &Arc<Port>,
        tasks: Receiver<Task>,
        dispatcher: Thread,
        closing: Arc<Flag>,
    ) -> Self {
        Self {
            port: port.clone(),
            tasks,
            dispatcher,
            closing,
            calls: SubmissionProducer::new(port.memory.clone()),
            outcomes: CompletionConsumer::new(port.memory.clone()),
            doorbell: Doorbell::new(port.memory.clone()),
            wake: WakeWord::new(port.memory.clone()),
            generations: vec![2; port.plan.slots as usize],
            free: (0..port.plan.slots).collect(),
            live: Vec::new(),
            to_cancel: Vec::new(),
            lent: Vec::new(),
            report: Report::default(),
        }
    }

    pub(super) fn report(self) -> Report {
        self.report
    }

    /// Until the port is closed.
    pub(super) fn run(&mut self) {
        self.turn();
        loop {
            let Some(Task::Drain) = receive(&self.tasks) else {
                panic!("the loop is closed");
            };
            if self.drain() == Idle::Closed {
                break;
            }
            self.turn();
        }
        self.report.swept.append(&mut self.live);
    }

    /// The actions of the user's code on the loop, between drains.
    fn turn(&mut self) {
        for call in std::mem::take(&mut self.to_cancel) {
            if self.live.contains(&call) {
                let cancel = Submission::cancel(call).encode();
                assert!(self.calls.try_submit(&cancel), "room for each cancel");
                self.report.cancelled.push(call);
            }
        }
        // One record is kept free for the cancel of each live call.
        while self.report.made.len() < self.port.plan.calls && !self.free.is_empty() {
            assert!(self.calls.free() >= 2 + self.live.len() as u64);
            self.call();
        }
        if self.doorbell.ring() == Ring::Downcall {
            self.port.downcall.store(true, Ordering::Release);
            self.dispatcher.unpark();
        }
        let all_settled = self.live.is_empty() && self.lent.is_empty();
        let made = self.report.made.len();
        if made >= self.port.plan.close_at || made == self.port.plan.calls && all_settled {
            self.closing.store(true, Ordering::Release);
            self.dispatcher.unpark();
        }
    }

    fn call(&mut self) {
        let number = self.report.made.len();
        let slot = self.free.pop_front().expect("a free slot");
        let call = CallId {
            slot,
            generation: self.generations[slot as usize],
        };
        let content = content(call);
        self.port.lent[slot as usize].write(content);
        let submission = Submission {
            kind: SubmissionKind::Call,
            needs_port: number % 3 == 2,
            function: if number % 4 == 3 { READY } else { PENDING },
            call,
            arguments: Arguments::Inline(Inline::EMPTY),
        };
        assert!(self.calls.try_submit(&submission.encode()));
        self.report.made.push(call);
        self.live.push(call);
        if number.is_multiple_of(2) {
            self.to_cancel.push(call);
        }
    }

    fn drain(&mut self) -> Idle {
        self.report.drains += 1;
        let mut left = DRAIN_AT_MOST;
        loop {
            while self.next() {
                left -= 1;
                if left == 0 {
                    // The drain holds SCHEDULED, so that stays set.
                    let queued = self.port.to_owner.send(Task::Drain);
                    queued.expect("this loop is there");
                    return Idle::Open;
                }
            }
            self.port.drains.fetch_sub(1, Ordering::Relaxed);
            if self.wake.idle() == Idle::Closed {
                while self.next() {}
                return Idle::Closed;
            }
            if self.outcomes.is_empty() || self.port.plan.defect == Defect::NoLastLook {
                return Idle::Open;
            }
            match self.wake.reschedule() {
                Reschedule::Drain => self.port.own(),
                Reschedule::Leave => return Idle::Open,
            }
        }
    }

    /// Reads a record, if there is one.
    fn next(&mut self) -> bool {
        let Some(words) = self.outcomes.try_next() else {
            return false;
        };
        let outcome = Outcome::decode(&words).expect("a whole record");
        let call = outcome.call;
        let slot = call.slot as usize;
        let expected = content(call).to_le_bytes();
        if !matches!(outcome.payload, Payload::Inline(content) if *content == expected) {
            self.report.wrong += 1;
        }
        assert_eq!(
            call.generation, self.generations[slot],
            "{outcome:?} of a call that is over"
        );
        if outcome.kind == OutcomeKind::Released {
            let at = self.lent.iter().position(|lent| *lent == call.slot);
            self.lent.swap_remove(at.expect("RELEASED after LENT"));
        } else {
            let at = self.live.iter().position(|live| *live == call);
            self.live.swap_remove(at.expect("a call settles once"));
            self.report.settled.push((call, outcome.kind));
            if outcome.lent {
                self.lent.push(call.slot);
                return true;
            }
        }
        self.generations[slot] = self.generations[slot].wrapping_add(1);
        self.free.push_back(call.slot);
        true
    }
}
