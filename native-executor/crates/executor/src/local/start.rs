//! How a loop-driven call starts: its arguments are read, and its future is polled for the first time.

use std::sync::Arc;
use std::task::{Context, Poll};

use loopbridge_protocol::{Step, Submission};

use super::half::{LoopHalf, Task};
use super::waker::LoopWaker;
use crate::call::first_local_poll::{FirstPoll, Left};
use crate::call::poll::LocalFuture;
use crate::call::prepare::{no_cell, poll_local};
use crate::codec::arguments::Arguments;
use crate::codec::encoded::Encoded;
use crate::codec::lease::{Lender, block_of};
use crate::panics;
use crate::port::Call;

impl LoopHalf {
    /// Starts the call that the direct record holds.
    ///
    /// With `later` the owner polls it for the first time behind the loop's other tasks.
    pub(crate) fn start(&self, later: bool) -> Step {
        let words = self.port.direct().read();
        let mut encoded = Encoded::new();
        let submission = match Submission::decode(&words) {
            Ok(submission) => submission,
            Err(error) => {
                let outcome = encoded.unreadable(&error);
                return self.settle(Call::lending_nothing(error.call), outcome, &mut encoded);
            }
        };
        self.port.loop_counters().begun.add_one();
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
        let mut arguments = Arguments::new(block, lender);
        let mut left = Left::default();
        let started = waker.lend(|waker| {
            let mut first = FirstPoll {
                context: (!later).then(|| Context::from_waker(waker)),
                encoded: &mut encoded,
                spare: &self.memory,
                left: &mut left,
            };
            let function = submission.function;
            poll_local(self.functions, function, &mut arguments, &mut first)
        });
        let lent = arguments.take_lent();
        let call = Call { id, lent };
        let outcome = match started {
            Ok(Poll::Ready(outcome)) => outcome,
            Ok(Poll::Pending) => {
                let future = left.future.take();
                return self.keep_started(call, future, waker, later);
            }
            Err(unprepared) => {
                let outcome = unprepared.write(&mut encoded);
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
        let outcome = self.reason(outcome, &mut encoded);
        self.settle(call, outcome, &mut encoded)
    }

    /// Keeps a call whose future was not ready at its first poll, or is to be polled later.
    fn keep_started(
        &self,
        call: Call,
        future: Option<LocalFuture>,
        waker: Arc<LoopWaker>,
        later: bool,
    ) -> Step {
        let task = Task {
            call,
            future,
            waker,
        };
        if later {
            self.keep(task);
            return Step::Again;
        }
        self.port.loop_counters().polls.add_one();
        self.pend(task)
    }
}
