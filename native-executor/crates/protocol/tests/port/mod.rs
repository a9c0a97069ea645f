//! A whole port on threads: the owner loop, the dispatcher, and workers that complete calls and drop lent memory.
//! Shuttle runs it on random schedules, `stress` on real threads.
//!
//! Calls differ by their number: some are ready at their first poll, some are cancelled, some lend
//! memory. The slots' generations are two bits wide on the native side and wrap often.

mod owner;

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use loopbridge_protocol::sync::Arc;
use loopbridge_protocol::{
    Begin, CallId, CallState, Cancel, Close, CompletionProducer, Doorbell, Finish, Handover,
    Inline, Lend, Outcome, OutcomeKind, Park, Payload, PortMemory, Release, Settle, Submission,
    SubmissionConsumer, SubmissionKind, Wake, WakeWord, Words,
};

use crate::threads::{self, Receiver, Sender, channel, receive};
use owner::Owner;
pub(crate) use owner::Report;

/// A run of the port: its size, its calls and its end.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) slots: u32,
    pub(crate) calls: usize,
    pub(crate) workers: usize,
    /// Close the port when this many calls are made, whatever is in flight; with more than are made, it is not closed
    /// early.
    pub(crate) close_at: usize,
    pub(crate) defect: Defect,
}

/// The bug that is planted, if any.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    /// The drain does not look again after it went idle.
    NoLastLook,
    /// The dispatcher settles a call that it aborts, although the call's finisher does.
    AbortSettles,
}

/// A function whose calls are ready at their first poll.
const READY: u32 = 1;
/// A function whose calls end on a worker.
const PENDING: u32 = 0;

/// The state that the threads share.
struct Port {
    plan: Plan,
    memory: Arc<PortMemory>,
    states: Vec<CallState<2>>,
    lent: Vec<Memory>,
    to_owner: Sender<Task>,
    /// Set when the owner has rung and found the dispatcher asleep.
    downcall: threads::Flag,
    /// Drains that hold SCHEDULED. An atomic of the standard library: it must not order what it counts.
    drains: AtomicUsize,
}

/// The memory that the owner lends: no atomic, so that only the protocol orders its accesses.
struct Memory(UnsafeCell<u64>);

// SAFETY: the owner writes it only while it is not lent, a worker reads it only while it is. The scene tests that this
// holds, and ThreadSanitizer checks it.
unsafe impl Sync for Memory {}

impl Memory {
    fn write(&self, value: u64) {
        // SAFETY: the owner calls this while the memory is not lent.
        unsafe { *self.0.get() = value };
    }

    fn read(&self) -> u64 {
        // SAFETY: a worker calls this before it drops the lease.
        unsafe { *self.0.get() }
    }
}

/// A task of the event loop.
enum Task {
    Drain,
}

/// A message to a worker.
enum Work {
    Complete(CallId, Option<Arc<Lend>>),
    DropLease(CallId, Arc<Lend>),
}

/// Runs the plan; returns the owner's report, which was checked against the dispatcher's.
pub(crate) fn run(plan: Plan) -> Report {
    let slots = plan.slots.next_power_of_two();
    // The owner never waits for room: stale cancels may lie before a call and its own cancel.
    let memory = Arc::new(PortMemory::allocate(4 * slots, 2 * slots).unwrap());
    let (to_owner, tasks) = channel();
    let port = Arc::new(Port {
        plan,
        memory,
        states: (0..plan.slots).map(|_| CallState::new()).collect(),
        lent: (0..plan.slots)
            .map(|_| Memory(UnsafeCell::new(0)))
            .collect(),
        to_owner,
        downcall: threads::Flag::new(false),
        drains: AtomicUsize::new(0),
    });
    let (hands, workers): (Vec<_>, Vec<_>) = (0..plan.workers)
        .map(|_| {
            let (hand, work) = channel();
            let port = port.clone();
            (hand, threads::spawn(move || port.work(&work)))
        })
        .unzip();
    let closing = Arc::new(threads::Flag::new(false));
    let dispatcher = {
        let (port, closing) = (port.clone(), closing.clone());
        threads::spawn(move || {
            let mut dispatcher = Dispatcher::new(&port, hands);
            dispatcher.run(&closing);
            workers
                .into_iter()
                .for_each(|worker| worker.join().unwrap());
            // No thread publishes from here on.
            port.wake(WakeWord::new(port.memory.clone()).close());
            dispatcher.known
        })
    };
    let mut owner = Owner::new(&port, tasks, dispatcher.thread().clone(), closing);
    owner.run();
    let report = owner.report();
    report.check(&dispatcher.join().unwrap(), plan);
    report
}

/// The payload and the lent memory of a call.
fn content(call: CallId) -> u64 {
    (u64::from(call.generation) << 32 | u64::from(call.slot)) ^ 0x9e37_79b9_7f4a_7c15
}

impl Port {
    /// Makes the upcall, if the caller's transition of the wake word orders it.
    fn wake(&self, wake: Wake) {
        if wake == Wake::Upcall {
            self.own();
            self.to_owner.send(Task::Drain).expect("the owner is there");
        }
    }

    /// Counts that a drain holds SCHEDULED.
    fn own(&self) {
        let others = self.drains.fetch_add(1, Ordering::Relaxed);
        assert_eq!(others, 0, "a second drain is scheduled");
    }

    fn publish(&self, records: &[Words]) {
        CompletionProducer::new(self.memory.clone()).publish(records);
        self.wake(WakeWord::new(self.memory.clone()).schedule());
    }

    fn outcome(kind: OutcomeKind, call: CallId, lent: bool) -> Words {
        let content = content(call).to_le_bytes();
        let payload = Payload::Inline(Inline::new(&content).expect("8 bytes"));
        Outcome {
            kind,
            lent,
            call,
            payload,
        }
        .encode()
    }

    fn work(&self, work: &Receiver<Work>) {
        while let Some(work) = receive(work) {
            match work {
                Work::Complete(call, lend) => self.complete(call, lend),
                Work::DropLease(call, lend) => {
                    assert_eq!(self.lent[call.slot as usize].read(), content(call));
                    if lend.lease_dropped() == Release::Separately {
                        self.publish(&[Self::outcome(OutcomeKind::Released, call, false)]);
                    }
                }
            }
        }
    }

    fn complete(&self, call: CallId, lend: Option<Arc<Lend>>) {
        let kind = match self.states[call.slot as usize].finish(call.generation) {
            Finish::Deliver => OutcomeKind::Value,
            Finish::Discard => OutcomeKind::Cancelled,
            Finish::Stale => panic!("{call:?} is finished once"),
        };
        let settle = lend.as_ref().map_or(Settle::Free, |lend| lend.settle());
        let lending = match settle {
            Settle::Free => return self.publish(&[Self::outcome(kind, call, false)]),
            Settle::Lent(lending) => lending,
        };
        self.publish(&[Self::outcome(kind, call, true)]);
        if lending.published() == Handover::ReleaseNow {
            self.publish(&[Self::outcome(OutcomeKind::Released, call, false)]);
        }
    }
}

/// The dispatcher's own record of the calls, for the check at the end.
#[derive(Default)]
struct Known {
    begun: Vec<CallId>,
    aborted: Vec<CallId>,
}

struct Dispatcher {
    port: Arc<Port>,
    calls: SubmissionConsumer,
    doorbell: Doorbell,
    hands: Vec<Sender<Work>>,
    next_hand: usize,
    known: Known,
}

impl Dispatcher {
    fn new(port: &Arc<Port>, hands: Vec<Sender<Work>>) -> Self {
        Self {
            port: port.clone(),
            calls: SubmissionConsumer::new(port.memory.clone()),
            doorbell: Doorbell::new(port.memory.clone()),
            hands,
            next_hand: 0,
            known: Known::default(),
        }
    }

    /// Ends after it has closed the doorbell; the workers end when they have done their work.
    fn run(&mut self, closing: &threads::Flag) {
        while !closing.load(Ordering::Acquire) {
            self.turn();
            match self.doorbell.park() {
                Park::Closed => unreachable!("only this thread closes"),
                Park::Parked if self.calls.is_empty() => threads::park(|| {
                    self.port.downcall.swap(false, Ordering::Acquire)
                        || closing.load(Ordering::Acquire)
                }),
                Park::Parked => {}
            }
            let _ = self.doorbell.unpark();
        }
        assert_eq!(self.doorbell.close(), Close::First);
        self.turn();
        self.hands.clear();
    }

    fn turn(&mut self) {
        let mut ready = Vec::new();
        while let Some(words) = self.calls.try_next() {
            let submission = Submission::decode(words).expect("a whole record");
            let call = submission.call;
            let state = &self.port.states[call.slot as usize];
            match submission.kind {
                SubmissionKind::Cancel => {
                    if state.cancel(call.generation) == Cancel::Abort {
                        self.known.aborted.push(call);
                        if self.port.plan.defect == Defect::AbortSettles {
                            ready.push(Port::outcome(OutcomeKind::Cancelled, call, false));
                        }
                    }
                }
                SubmissionKind::Call => {
                    assert_eq!(state.begin(call.generation), Begin::Begun);
                    self.known.begun.push(call);
                    if submission.function == READY {
                        state.finish_own(call.generation);
                        ready.push(Port::outcome(OutcomeKind::Value, call, false));
                    } else {
                        let lends = submission.needs_port;
                        self.hand_over(call, lends);
                    }
                }
                _ => unreachable!("no submission, as `decode` knows"),
            }
        }
        if !ready.is_empty() {
            self.port.publish(&ready);
        }
    }

    /// Another worker than the call's gets the lease, if there is one.
    fn hand_over(&mut self, call: CallId, lends: bool) {
        let lend = lends.then(|| Arc::new(Lend::new()));
        self.give(Work::Complete(call, lend.clone()));
        if let Some(lend) = lend {
            self.give(Work::DropLease(call, lend));
        }
    }

    fn give(&mut self, work: Work) {
        let hand = &self.hands[self.next_hand % self.hands.len()];
        hand.send(work).expect("the worker is there");
        self.next_hand += 1;
    }
}
