//! A call from its submission to its outcome: both rings and the slot's state together, with a cancel in between and
//! the slot used again.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::{
    Arguments, Begin, CallId, CallState, Cancel, CompletionConsumer, CompletionProducer, Finish,
    Inline, Outcome, OutcomeKind, PortMemory, Submission, SubmissionConsumer, SubmissionKind,
    SubmissionProducer,
};
use model::model;

/// The slot's uses; their generations wrap.
const USES: [CallId; 3] = [
    CallId {
        slot: 0,
        generation: 3,
    },
    CallId {
        slot: 0,
        generation: 0,
    },
    CallId {
        slot: 0,
        generation: 1,
    },
];

/// A function whose calls are ready at their first poll; those of any other are not.
const READY: u32 = 1;
const PENDING: u32 = 0;

/// Begins and cancels calls in the order of the ring. It ends a call that is ready itself, and publishes the outcomes
/// of one turn together; the other calls have a thread each that ends them.
struct Dispatcher {
    calls: SubmissionConsumer,
    outcomes: CompletionProducer,
    state: Arc<CallState<2>>,
    workers: Vec<thread::JoinHandle<()>>,
    aborted: Vec<CallId>,
}

impl Dispatcher {
    fn new(memory: &Arc<PortMemory>) -> Self {
        Self {
            calls: SubmissionConsumer::new(memory.clone()),
            outcomes: CompletionProducer::new(memory.clone()),
            state: Arc::new(CallState::new()),
            workers: Vec::new(),
            aborted: Vec::new(),
        }
    }

    fn turn(&mut self) {
        let mut ready = Vec::new();
        while let Some(words) = self.calls.try_next() {
            let submission = Submission::decode(words).expect("a whole record");
            let call = submission.call;
            match submission.kind {
                SubmissionKind::Call => {
                    assert_eq!(self.state.begin(call.generation), Begin::Begun);
                    if submission.function == READY {
                        self.state.finish_own(call.generation);
                        ready.push(Outcome::bare(OutcomeKind::Value, call).encode());
                    } else {
                        self.spawn(call);
                    }
                }
                SubmissionKind::Cancel => {
                    if self.state.cancel(call.generation) == Cancel::Abort {
                        self.aborted.push(call);
                    }
                }
                SubmissionKind::Answer | SubmissionKind::Acknowledge | SubmissionKind::Relay => {
                    unreachable!("no submission, as `decode` knows")
                }
            }
        }
        if !ready.is_empty() {
            self.outcomes.publish(&ready);
        }
    }

    fn join_workers(&mut self) {
        let workers = self.workers.drain(..);
        workers.for_each(|worker| worker.join().unwrap());
    }

    fn spawn(&mut self, call: CallId) {
        let (state, outcomes) = (self.state.clone(), self.outcomes.clone());
        self.workers.push(thread::spawn(move || {
            let kind = match state.finish(call.generation) {
                Finish::Deliver => OutcomeKind::Value,
                Finish::Discard => OutcomeKind::Cancelled,
                Finish::Stale => panic!("finished once"),
            };
            outcomes.publish(&[Outcome::bare(kind, call).encode()]);
        }));
    }
}

/// The owner: submits, and reads outcomes into `settled`.
struct Owner {
    calls: SubmissionProducer,
    outcomes: CompletionConsumer,
    /// The functions of the slot's uses.
    functions: &'static [u32],
    settled: Vec<(CallId, OutcomeKind)>,
}

impl Owner {
    /// An owner that has made the slot's first call.
    fn with_first_use(memory: &Arc<PortMemory>, functions: &'static [u32]) -> Self {
        let mut owner = Self {
            calls: SubmissionProducer::new(memory.clone()),
            outcomes: CompletionConsumer::new(memory.clone()),
            functions,
            settled: Vec::new(),
        };
        owner.call();
        owner
    }

    /// Makes the call of the slot's next use.
    fn call(&mut self) {
        let next = self.settled.len();
        let submission = Submission {
            kind: SubmissionKind::Call,
            needs_port: false,
            function: self.functions[next],
            call: USES[next],
            arguments: Arguments::Inline(Inline::EMPTY),
        };
        assert!(self.calls.try_submit(&submission.encode()));
    }

    fn cancel(&mut self, call: CallId) {
        let cancel = Submission::cancel(call).encode();
        assert!(self.calls.try_submit(&cancel));
    }

    /// Uses the slot again as soon as its outcome can be read.
    fn drain(&mut self) {
        while let Some(words) = self.outcomes.try_next() {
            let outcome = Outcome::decode(&words).expect("a whole record");
            self.settled.push((outcome.call, outcome.kind));
            if self.settled.len() < self.functions.len() {
                self.call();
            }
        }
    }
}

/// The owner cancels its first call, if that has not settled, while the dispatcher takes two turns.
fn cancel_beside_dispatcher(
    owner: &mut Owner,
    memory: &Arc<PortMemory>,
) -> thread::JoinHandle<Dispatcher> {
    let mut dispatcher = Dispatcher::new(memory);
    let dispatching = thread::spawn(move || {
        dispatcher.turn();
        dispatcher.turn();
        dispatcher
    });
    owner.drain();
    if owner.settled.is_empty() {
        owner.cancel(USES[0]);
        owner.drain();
    }
    dispatching
}

#[test]
fn a_cancelled_call_settles_once_and_its_slot_is_used_again() {
    model("call, cancel, slot reuse", "I3 I5 I20", || {
        let memory = Arc::new(PortMemory::allocate(4, 2).unwrap());
        let mut owner = Owner::with_first_use(&memory, &[PENDING, PENDING]);
        let dispatching = cancel_beside_dispatcher(&mut owner, &memory);

        // From here on only the owner runs.
        let mut dispatcher = dispatching.join().unwrap();
        while owner.settled.len() < 2 {
            dispatcher.turn();
            dispatcher.join_workers();
            owner.drain();
        }
        let first = match dispatcher.aborted.as_slice() {
            [] => OutcomeKind::Value,
            aborted => {
                assert_eq!(aborted, [USES[0]]);
                OutcomeKind::Cancelled
            }
        };
        assert_eq!(
            owner.settled,
            [(USES[0], first), (USES[1], OutcomeKind::Value)]
        );
    });
}

/// The slot's uses before and after the end of a task, ready at their first poll. The cancel of the first use comes too
/// late wherever the dispatcher is: it is read after the end of its call, or in one copy with it.
#[test]
fn a_call_that_never_left_the_dispatcher_gives_its_slot_to_a_task_and_takes_it_back() {
    model("ready call, stale cancel, slot reuse", "I3 I5 I20", || {
        let memory = Arc::new(PortMemory::allocate(4, 2).unwrap());
        let mut owner = Owner::with_first_use(&memory, &[READY, PENDING, READY]);
        let dispatching = cancel_beside_dispatcher(&mut owner, &memory);

        // Another thread drives the dispatcher on; tasks still run beside it.
        let mut dispatcher = dispatching.join().unwrap();
        dispatcher.turn();
        owner.drain();
        while owner.settled.len() < 3 {
            dispatcher.join_workers();
            owner.drain();
            dispatcher.turn();
            owner.drain();
        }
        assert_eq!(dispatcher.aborted, []);
        assert_eq!(owner.settled, USES.map(|call| (call, OutcomeKind::Value)));
    });
}
