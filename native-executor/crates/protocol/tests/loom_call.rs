//! A call's whole way: both rings and its slot's state together, with a cancel on the way and the
//! slot used again.
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

/// The generations of the slot's two uses; the second is the first one's after the wrap.
const USES: [CallId; 2] = [
    CallId {
        slot: 0,
        generation: 3,
    },
    CallId {
        slot: 0,
        generation: 0,
    },
];

/// Begins and cancels in the order of the ring; a thread per call finishes it.
struct Dispatcher {
    calls: SubmissionConsumer,
    outcomes: CompletionProducer,
    state: Arc<CallState<2>>,
    workers: Vec<thread::JoinHandle<()>>,
    aborted: Vec<CallId>,
}

impl Dispatcher {
    fn turn(&mut self) {
        while let Some(words) = self.calls.try_next() {
            let submission = Submission::decode(&words).expect("a whole record");
            let call = submission.call;
            match submission.kind {
                SubmissionKind::Call => {
                    assert_eq!(self.state.begin(call.generation), Begin::Begun);
                    self.spawn(call);
                }
                SubmissionKind::Cancel => {
                    if self.state.cancel(call.generation) == Cancel::Abort {
                        self.aborted.push(call);
                    }
                }
            }
        }
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
    settled: Vec<(CallId, OutcomeKind)>,
}

impl Owner {
    fn submit(&mut self, kind: SubmissionKind, call: CallId) {
        let arguments = Arguments::Inline(Inline::EMPTY);
        let submission = Submission {
            kind,
            lends: false,
            function: 0,
            call,
            arguments,
        };
        assert!(self.calls.try_submit(&submission.encode()));
    }

    /// Uses the slot a second time as soon as the first outcome is there.
    fn drain(&mut self) {
        while let Some(words) = self.outcomes.try_next() {
            let outcome = Outcome::decode(&words).expect("a whole record");
            self.settled.push((outcome.call, outcome.kind));
            if self.settled.len() == 1 {
                self.submit(SubmissionKind::Call, USES[1]);
            }
        }
    }
}

#[test]
fn a_cancelled_call_settles_once_and_its_slot_is_used_again() {
    model("call, cancel, slot reuse", || {
        let memory = Arc::new(PortMemory::allocate(4, 2).unwrap());
        let mut owner = Owner {
            calls: SubmissionProducer::new(memory.clone()),
            outcomes: CompletionConsumer::new(memory.clone()),
            settled: Vec::new(),
        };
        let mut dispatcher = Dispatcher {
            calls: SubmissionConsumer::new(memory.clone()),
            outcomes: CompletionProducer::new(memory),
            state: Arc::new(CallState::new()),
            workers: Vec::new(),
            aborted: Vec::new(),
        };
        owner.submit(SubmissionKind::Call, USES[0]);
        let dispatching = thread::spawn(move || {
            dispatcher.turn();
            dispatcher.turn();
            dispatcher
        });
        owner.drain();
        if owner.settled.is_empty() {
            owner.submit(SubmissionKind::Cancel, USES[0]);
            owner.drain();
        }

        // Nothing runs beside the owner from here on.
        let mut dispatcher = dispatching.join().unwrap();
        while owner.settled.len() < 2 {
            dispatcher.turn();
            dispatcher
                .workers
                .drain(..)
                .for_each(|worker| worker.join().unwrap());
            owner.drain();
        }
        let kinds = owner.settled.iter().copied();
        let first = match dispatcher.aborted.as_slice() {
            [] => OutcomeKind::Value,
            aborted => {
                assert_eq!(aborted, [USES[0]]);
                OutcomeKind::Cancelled
            }
        };
        assert!(kinds.eq([(USES[0], first), (USES[1], OutcomeKind::Value)]));
    });
}
