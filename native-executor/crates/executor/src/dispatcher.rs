//! The dispatcher: one Tokio task per port that reads the submission ring.
//!
//! It decodes a record, polls the call's future once and settles it if it is ready; else the call becomes a task. It
//! owns the ring's consuming end and is the only one to begin and to cancel calls, in the order of the ring. It survives
//! whatever user code does. When it ends, by the runtime's shutdown or because Java is done with the port, it settles
//! what is left in the ring.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use loopbridge_protocol::record::RECORD_WORDS;
use loopbridge_protocol::{CallId, Park, Submission, SubmissionConsumer, SubmissionKind, Words};
use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::arguments::Arguments;
use crate::call::{BlockingCall, CallTask, Guard, poll_once};
#[cfg(feature = "benchmark")]
use crate::call::HeldCall;
use crate::failure::Outcome;
use crate::lease::{Lender, block_of};
use crate::linger::Linger;
use crate::pace::{Pace, Probe, Watch};
use crate::panics;
use crate::port::{Call, Port};
use crate::registry::{Body, CallFuture, CallWork};
use crate::value::Encoded;

/// Records read before other tasks of the worker get a turn.
const BATCH: usize = 256;

/// How long the dispatcher may keep its worker from other tasks.
const LONGEST_POLL: Duration = Duration::from_micros(500);

/// The pause before a failed upcall is repeated, and its longest.
const REPEAT: Duration = Duration::from_millis(1);
const REPEAT_MOST: Duration = Duration::from_secs(1);

pub(crate) struct Dispatcher {
    port: Arc<Port>,
    submissions: SubmissionConsumer,
    tokio: Handle,
    /// For each function.
    pace: Box<[Pace]>,
    watch: Watch,
    /// First polls of this turn took long.
    slow: bool,
    /// This turn made tasks, which want to run.
    spawned: Cell<bool>,
    linger: Linger,
    repeat: Option<Pin<Box<Sleep>>>,
    repeat_after: Duration,
    ended: bool,
}

/// What a turn left behind.
enum Turn {
    /// The ring was empty.
    Empty,
    /// There may be more; others first.
    More,
}

impl Dispatcher {
    pub(crate) fn new(
        port: Arc<Port>,
        submissions: SubmissionConsumer,
        tokio: Handle,
    ) -> Dispatcher {
        let functions = port.runtime().functions().len();
        Dispatcher {
            linger: Linger::new(port.runtime().linger()),
            pace: (0..functions).map(|_| Pace::default()).collect(),
            port,
            submissions,
            tokio,
            watch: Watch::new(),
            slow: false,
            spawned: Cell::new(false),
            repeat: None,
            repeat_after: REPEAT,
            ended: false,
        }
    }

    fn turn(&mut self) -> Turn {
        self.slow = false;
        self.watch.turn_begins();
        let turn = self.read_batch();
        self.watch.turn_ends();
        turn
    }

    fn read_batch(&mut self) -> Turn {
        let mut words = [0; RECORD_WORDS];
        for _ in 0..BATCH {
            if !self.submissions.read_next(&mut words) {
                return Turn::Empty;
            }
            self.accept(&words, false);
            if self.slow {
                return Turn::More;
            }
        }
        Turn::More
    }

    /// Handles a record. Nothing in here panics but user code, which is caught where it is called; should anything do
    /// so all the same, the call ends and the dispatcher lives on.
    fn accept(&mut self, words: &Words, ending: bool) {
        let submission = Submission::decode(words);
        let id = match &submission {
            Ok(submission) => submission.call,
            Err(error) => error.call,
        };
        let handled = panics::catch(|| match submission {
            Ok(submission) => match submission.kind {
                SubmissionKind::Call => self.call(&submission, ending),
                SubmissionKind::Cancel => self.cancel(id),
            },
            Err(error) => {
                if let Some(call) = self.begin(id) {
                    self.settle(
                        call,
                        Outcome::Refused(format!("unreadable record: {error}")),
                    );
                }
            }
        });
        if let Err(panic) = handled {
            self.settle_with(Call { id, lent: None }, Outcome::Panic(panic));
        }
    }

    fn cancel(&self, id: CallId) {
        if self.port.slots().cancel(id) {
            self.port.counters().cancels_applied.add_one();
        }
    }

    /// Starts a call; `None` if the record names no free slot of this port: no record could tell Java which call is
    /// meant.
    fn begin(&self, id: CallId) -> Option<Call> {
        let begun = self.port.slots().begin(id);
        begun.then(|| {
            self.port.counters().begun.add_one();
            Call { id, lent: None }
        })
    }

    fn call(&mut self, submission: &Submission, ending: bool) {
        let Some(mut call) = self.begin(submission.call) else {
            return;
        };
        if ending {
            return self.settle(call, Outcome::Closed);
        }
        let functions = self.port.runtime().functions();
        let number = submission.function as usize;
        let Some(function) = functions.get(number) else {
            let known = functions.len();
            let reason = format!("there is no function {number}, the library has {known}");
            return self.settle(call, Outcome::Refused(reason));
        };
        let lender = match submission.lends {
            true => Lender::of(&self.port, submission.call),
            false => Lender::none(),
        };
        // SAFETY: rule 8; the arguments are read here, before the call can settle, and not kept.
        let block = unsafe { block_of(submission.arguments) };
        let mut arguments = Arguments::new(block, lender);
        let prepared = panics::catch(|| match &function.body {
            Body::Async(prepare) => prepare(&mut arguments).map(Work::Poll),
            Body::Heavy(prepare) => prepare(&mut arguments).map(Work::Spawn),
            Body::Blocking(prepare) => prepare(&mut arguments).map(Work::Block),
            #[cfg(feature = "benchmark")]
            Body::Held(receive) => arguments.finish().map(|()| Work::Hold(*receive)),
        });
        call.lent = arguments.into_lent();
        match prepared {
            Ok(Ok(Work::Poll(future))) => self.poll(number, call, future),
            Ok(Ok(Work::Spawn(future))) => self.spawn(call, future, None),
            Ok(Ok(Work::Block(work))) => self.block(call, work),
            #[cfg(feature = "benchmark")]
            Ok(Ok(Work::Hold(receive))) => {
                self.port.counters().tasks_spawned.add_one();
                receive(HeldCall::new(Guard::new(Arc::clone(&self.port), call)));
            }
            Ok(Err(mismatch)) => {
                let reason = format!("{function}: {mismatch}");
                self.settle(call, Outcome::Refused(reason));
            }
            Err(panic) => self.settle(call, Outcome::Panic(panic)),
        }
    }

    /// Polls a call once; a ready one never becomes a task.
    fn poll(&mut self, function: usize, call: Call, future: CallFuture) {
        let mut encoded = Encoded::new();
        let pace = &mut self.pace[function];
        if let Some(probe) = pace.spawns() {
            return self.spawn(call, future, Some(probe));
        }
        let mut future = Some(future);
        // Whatever wakes this waker is seen by the task's own first poll, which comes without being woken.
        let mut context = Context::from_waker(Waker::noop());
        let (polled, took, slow) = self.watch.time(|| {
            // Its result is detached here, since to copy a large one takes long too.
            let polled = poll_once(&mut future, &mut context, &mut encoded);
            polled.map(|outcome| self.port.detach(&call, outcome, &mut encoded))
        });
        if let Some(took) = took {
            pace.polled(took);
        }
        self.slow |= slow;
        match (polled, future) {
            (Poll::Ready(outcome), _) => {
                self.port.counters().ready_at_first_poll.add_one();
                self.port.counters().finished.add_one();
                self.port.settle(call, outcome, &mut encoded);
            }
            (Poll::Pending, Some(future)) => self.spawn(call, future, None),
            (Poll::Pending, None) => self.settle(call, Outcome::Closed),
        }
    }

    fn spawn(&self, call: Call, future: CallFuture, probe: Option<Probe>) {
        let id = call.id;
        let guard = Guard::new(Arc::clone(&self.port), call);
        self.port.counters().tasks_spawned.add_one();
        self.spawned.set(true);
        self.port.slots().task_starting(id);
        let task = CallTask::new(guard, future, probe);
        if let Ok(task) = panics::catch(|| self.tokio.spawn(task).abort_handle()) {
            self.port.slots().task_started(id, task);
        }
    }

    fn block(&self, call: Call, work: CallWork) {
        let id = call.id;
        let guard = Guard::new(Arc::clone(&self.port), call);
        self.port.counters().blocking_spawned.add_one();
        self.port.slots().task_starting(id);
        let call = BlockingCall::new(guard, work);
        // Tokio panics if the system has no thread left; the call was dropped then, and its guard settled it.
        let spawned = panics::catch(|| self.tokio.spawn_blocking(|| call.run()).abort_handle());
        if let Ok(task) = spawned {
            self.port.slots().task_started(id, task);
        }
    }

    /// Settles a call that never left the dispatcher.
    fn settle(&self, call: Call, outcome: Outcome) {
        self.port.counters().finished.add_one();
        self.settle_with(call, outcome);
    }

    fn settle_with(&self, call: Call, outcome: Outcome) {
        self.port.settle(call, outcome, &mut Encoded::new());
    }

    /// Repeats a failed upcall, at growing intervals.
    fn pay_wake(&mut self, context: &mut Context<'_>) {
        while self.port.owes_wake() {
            let pause = self.repeat.get_or_insert_with(|| {
                let after = self.repeat_after;
                self.repeat_after = (after * 2).min(REPEAT_MOST);
                Box::pin(tokio::time::sleep(after))
            });
            if pause.as_mut().poll(context).is_pending() {
                return;
            }
            self.repeat = None;
            self.port.pay_wake();
        }
        self.repeat = None;
        self.repeat_after = REPEAT;
    }

    /// Whether a record came soon enough to go on without having slept.
    fn lingers(&mut self) -> bool {
        let port = &self.port;
        let submissions = &mut self.submissions;
        self.linger
            .until(|| !submissions.is_empty() || port.is_closing())
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let _ = self.port.doorbell().close();
        while let Some(words) = self.submissions.try_next() {
            self.accept(&words, true);
        }
        if self.port.is_closing() {
            self.port.slots().abort_all();
        }
        self.port.dispatcher_ended();
    }
}

enum Work {
    Poll(CallFuture),
    Spawn(CallFuture),
    Block(CallWork),
    #[cfg(feature = "benchmark")]
    Hold(fn(HeldCall)),
}

impl Future for Dispatcher {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let dispatcher = &mut *self;
        let end = Instant::now() + LONGEST_POLL;
        loop {
            if dispatcher.port.is_closing() {
                dispatcher.end();
                return Poll::Ready(());
            }
            let turn = dispatcher.turn();
            // Tasks made here run on this thread unless another takes them, and others want their turn some time.
            if dispatcher.spawned.take() || dispatcher.slow || Instant::now() >= end {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if matches!(turn, Turn::More) || dispatcher.lingers() {
                continue;
            }
            // Registered before the last look: a doorbell that comes after it finds the waker.
            dispatcher.port.dispatcher_waker().register(context.waker());
            dispatcher.pay_wake(context);
            if dispatcher.port.doorbell().park() == Park::Closed {
                return Poll::Ready(());
            }
            if dispatcher.submissions.is_empty() && !dispatcher.port.is_closing() {
                return Poll::Pending;
            }
            let _ = dispatcher.port.doorbell().unpark();
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.end();
    }
}
