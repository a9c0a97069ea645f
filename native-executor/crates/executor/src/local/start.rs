//! How a loop-driven call starts: its arguments are read, and its future is polled for the first time.

use std::sync::Arc;
use std::task::{Context, Poll};

use loopbridge_protocol::record::{RECORD_WORDS, Words as RecordWords};
use loopbridge_protocol::{CallId, OutcomeKind, Step, Submission};

use super::half::{LoopHalf, Task};
use super::waker::LoopWaker;
use crate::call::first_local_poll::{FirstPoll, Left};
use crate::call::prepare::{Unprepared, no_cell, poll_local, poll_words};
use crate::codec::arguments::{Arguments, Words};
use crate::codec::encoded::Encoded;
use crate::codec::lease::{Lender, block_of};
use crate::panics;
use crate::port::Call;

impl LoopHalf {
    /// Starts the call that the direct record holds.
    ///
    /// With `later` the owner polls it for the first time behind the loop's other tasks.
    pub(crate) fn start(&self, later: bool) -> Step {
        self.port.loop_counters().begun.add_one();
        self.start_record(&self.port.direct().read(), later)
    }

    /// Starts the call whose record consists of these words; its outcome goes into the direct record all the same.
    pub(crate) fn start_words(&self, words: [u64; 4]) -> Step {
        self.port.loop_counters().begun.add_one();
        let [head, call, first, second] = words;
        let plain = Submission::plain_call(head).and_then(|(function, length)| {
            let arguments = Words::new(first, second, length)?;
            Some((function, arguments))
        });
        let Some((function, mut arguments)) = plain else {
            return self.start_record(&record_of(words), false);
        };
        let id = CallId::of_word(call);
        let mut encoded = Encoded::new();
        let entered = self.enter();
        let waker = self.waker(id);
        let mut left = Left::default();
        let started = waker.lend(|waker| {
            let mut first = FirstPoll {
                context: Some(Context::from_waker(waker)),
                encoded: &mut encoded,
                spare: &self.memory,
                left: &mut left,
            };
            let (functions, watch) = (self.functions, self.watch);
            poll_words(functions, function, &mut arguments, &mut first, watch)
        });
        let Some(started) = started else {
            self.give_back(waker);
            drop(entered);
            return self.start_record(&record_of(words), false);
        };
        let call = Call::lending_nothing(id);
        self.started(call, started, left, waker, &mut encoded)
    }

    #[inline(never)]
    fn start_record(&self, words: &RecordWords, later: bool) -> Step {
        let mut encoded = Encoded::new();
        let submission = match Submission::decode(words) {
            Ok(submission) => submission,
            Err(error) => {
                let outcome = encoded.unreadable(&error);
                return self.settle(Call::lending_nothing(error.call), outcome, &mut encoded);
            }
        };
        let id = submission.call;
        let _entered = self.enter();
        let mut copy = None;
        // SAFETY: rule 8; the arguments are read here, before the call can settle, and not kept.
        let block =
            unsafe { block_of(submission.arguments, id.slot, self.port.cells(), &mut copy) };
        let Some(block) = block else {
            let outcome = no_cell(id).write(&mut encoded);
            return self.settle(Call::lending_nothing(id), outcome, &mut encoded);
        };
        let waker = self.waker(id);
        let lender = Lender::of_record(&self.port, submission.needs_port, Some(id));
        let mut arguments = Arguments::new(block, lender).of_port(&*self.port);
        let mut left = Left::default();
        let started = waker.lend(|waker| {
            let mut first = FirstPoll {
                context: (!later).then(|| Context::from_waker(waker)),
                encoded: &mut encoded,
                spare: &self.memory,
                left: &mut left,
            };
            let (functions, watch) = (self.functions, self.watch);
            poll_local(
                functions,
                submission.function,
                &mut arguments,
                &mut first,
                watch,
            )
        });
        let lent = arguments.take_lent();
        self.started(Call { id, lent }, started, left, waker, &mut encoded)
    }

    /// Settles a call that has ended at its start, and keeps any other.
    #[inline]
    fn started(
        &self,
        call: Call,
        started: Result<Poll<OutcomeKind>, Unprepared>,
        mut left: Left,
        waker: Arc<LoopWaker>,
        encoded: &mut Encoded,
    ) -> Step {
        let outcome = match started {
            Ok(Poll::Ready(outcome)) => outcome,
            Ok(Poll::Pending) => return self.keep_started(call, left, waker),
            Err(unprepared) => {
                let outcome = unprepared.write(encoded);
                // If the drop panics too, that panic is ignored: the outcome has the first one.
                let _ = panics::catch(|| drop(left.future.take()));
                outcome
            }
        };
        self.give_back(waker);
        let counters = self.port.loop_counters();
        if left.was_polled {
            counters.polls.add_one();
            counters.ready_at_first_poll.add_one();
        }
        let outcome = self.reason(outcome, encoded);
        self.settle(call, outcome, encoded)
    }

    /// Keeps a call whose future was not ready at its first poll, or is to be polled later.
    fn keep_started(&self, call: Call, left: Left, waker: Arc<LoopWaker>) -> Step {
        let task = Task {
            call,
            future: left.future,
            waker,
        };
        if !left.was_polled {
            self.keep(task);
            return Step::Again;
        }
        self.port.loop_counters().polls.add_one();
        self.pend(task)
    }
}

fn record_of(words: [u64; 4]) -> RecordWords {
    let mut record = [0; RECORD_WORDS];
    record[..words.len()].copy_from_slice(&words);
    record
}
