//! A slot's cell: arguments on their way down, the result on its way up, and the slot's next call.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::record::CELL_WORDS;
use loopbridge_protocol::{
    Arguments, CallId, Cells, CompletionConsumer, CompletionProducer, Outcome, OutcomeKind,
    Payload, PortMemory, Submission, SubmissionConsumer, SubmissionKind, SubmissionProducer, Words,
};
use model::{control, model};

const SLOT: u32 = 0;

fn call(generation: u32) -> Words {
    Submission {
        kind: SubmissionKind::Call,
        needs_port: false,
        function: 0,
        call: CallId {
            slot: SLOT,
            generation,
        },
        arguments: Arguments::Cell { length: 9 },
    }
    .encode()
}

fn outcome(call: CallId) -> Words {
    Outcome {
        kind: OutcomeKind::Value,
        lent: false,
        call,
        payload: Payload::Cell { length: 9 },
    }
    .encode()
}

/// The owner loop: one slot, one call at a time.
struct Owner {
    cells: Cells,
    calls: SubmissionProducer,
    outcomes: CompletionConsumer,
}

impl Owner {
    /// The owner of a port with one slot, which has submitted the first call.
    fn of_first_call() -> (Self, Arc<PortMemory>) {
        let memory = Arc::new(PortMemory::allocate_with_cells(2, 2, 1).unwrap());
        let mut owner = Self {
            cells: Cells::new(memory.clone()),
            calls: SubmissionProducer::new(memory.clone()),
            outcomes: CompletionConsumer::new(memory.clone()),
        };
        owner.submit(1);
        (owner, memory)
    }

    fn submit(&mut self, generation: u32) {
        assert!(self.cells.write(SLOT, &[generation as u8; 9]));
        assert!(self.calls.try_submit(&call(generation)));
    }

    fn read(&mut self) -> Option<u32> {
        let words = self.outcomes.try_next()?;
        let outcome = Outcome::decode(&words).expect("a whole record");
        let mut copy = [0; CELL_WORDS];
        let result = self.cells.read(SLOT, 9, &mut copy).expect("a cell");
        assert_eq!(result, [outcome.call.generation as u8 + 100; 9]);
        Some(outcome.call.generation)
    }
}

/// Takes a call and copies its arguments, as the dispatcher does.
fn take(calls: &mut SubmissionConsumer, cells: &Cells) -> Option<CallId> {
    let call = Submission::decode(calls.try_next()?)
        .expect("a whole record")
        .call;
    let mut copy = [0; CELL_WORDS];
    let arguments = cells.read(SLOT, 9, &mut copy).expect("a cell");
    assert_eq!(arguments, [call.generation as u8; 9]);
    Some(call)
}

fn settle(memory: &Arc<PortMemory>, call: CallId) {
    let cells = Cells::new(memory.clone());
    assert!(cells.write(call.slot, &[call.generation as u8 + 100; 9]));
    CompletionProducer::new(memory.clone()).publish(&[outcome(call)]);
}

/// The first call is ended by a thread of its own, the second, in the same slot, by the dispatcher.
#[test]
fn a_cell_passes_from_the_owner_to_the_ending_thread_and_back() {
    model("a cell and its slot's next call", "I3 I8", || {
        let (mut owner, memory) = Owner::of_first_call();
        let dispatcher = {
            let memory = memory.clone();
            thread::spawn(move || {
                let mut calls = SubmissionConsumer::new(memory.clone());
                let cells = Cells::new(memory.clone());
                let first = take(&mut calls, &cells).expect("submitted before");
                let worker = {
                    let memory = memory.clone();
                    thread::spawn(move || settle(&memory, first))
                };
                let second = take(&mut calls, &cells);
                if let Some(second) = second {
                    settle(&memory, second);
                }
                worker.join().unwrap();
                (calls, second.is_some())
            })
        };
        let early = owner.read();
        if early.is_some() {
            owner.submit(2);
        }
        let (mut calls, settled) = dispatcher.join().unwrap();
        if early.is_none() {
            assert_eq!(owner.read(), Some(1));
            owner.submit(2);
        }
        if !settled {
            let second = take(&mut calls, &Cells::new(memory.clone())).expect("submitted");
            settle(&memory, second);
        }
        assert_eq!(owner.read(), Some(2));
    });
}

/// Breaks rule 3 of the cells: a thread that lost the right to end the call writes its cell.
#[test]
fn a_thread_that_comes_second_must_not_write() {
    control("a second result written into the cell", || {
        let (mut owner, memory) = Owner::of_first_call();
        let mut calls = SubmissionConsumer::new(memory.clone());
        let first = take(&mut calls, &Cells::new(memory.clone())).expect("submitted before");
        let late = {
            let cells = Cells::new(memory.clone());
            thread::spawn(move || assert!(cells.write(SLOT, &[1; 9])))
        };
        settle(&memory, first);
        assert_eq!(owner.read(), Some(1));
        owner.submit(2);
        late.join().unwrap();
    });
}

/// Breaks rule 3 of the cells: the record is published before the result is written.
#[test]
fn a_result_behind_its_record_is_a_race() {
    control("a record published before its cell", || {
        let (mut owner, memory) = Owner::of_first_call();
        let dispatcher = {
            let memory = memory.clone();
            thread::spawn(move || {
                let mut calls = SubmissionConsumer::new(memory.clone());
                let cells = Cells::new(memory.clone());
                let first = take(&mut calls, &cells).expect("submitted before");
                CompletionProducer::new(memory.clone()).publish(&[outcome(first)]);
                assert!(cells.write(SLOT, &[101; 9]));
            })
        };
        owner.read();
        dispatcher.join().unwrap();
    });
}
