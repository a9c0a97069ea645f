//! The dispatcher: one Tokio task per port that reads the submission ring.
//!
//! It decodes a record, polls the call's future once and settles it if it is ready; else the call becomes a task. It
//! owns the ring's consuming end and is the only one to begin and to cancel calls, in the order of the ring. It survives
//! whatever user code does. When it ends, by the runtime's shutdown or because Java is done with the port, it settles
//! what is left in the ring.

mod relays;
mod start;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use loopbridge_protocol::{
    Answer, CallId, OutcomeKind, Park, Submission, SubmissionConsumer, SubmissionKind, Words,
};
use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::arguments::Arguments;
use crate::call::PortShare;
use crate::first_poll::{FirstPollPolicy, PollTimer};
use crate::invocation::{Failed, answer_of};
use crate::java_error::JavaError;
use crate::lease::{Lender, block_of};
use crate::linger::Linger;
use crate::panics::{self, Panic};
use crate::port::{Call, Port};
use crate::ready::Ready;
use crate::registry::{self, Function};
use crate::slots::Tasks;
use crate::value::Encoded;

/// Records read before other tasks of the worker get a turn.
const BATCH: usize = 256;

/// How long the dispatcher may keep its worker from other tasks.
const LONGEST_POLL: Duration = Duration::from_micros(500);

/// The pause before a failed upcall is repeated, and its longest.
const REPEAT: Duration = Duration::from_millis(1);
const REPEAT_MOST: Duration = Duration::from_secs(1);

pub(crate) struct Dispatcher {
    submissions: SubmissionConsumer,
    starter: Starter,
    linger: Linger,
    repeat: Option<Pin<Box<Sleep>>>,
    repeat_after: Duration,
    ended: bool,
}

/// What turns a record into a call that runs or has ended.
struct Starter {
    port: Arc<Port>,
    functions: &'static [Function],
    tokio: Handle,
    /// Outcomes to be published together.
    ready: Ready,
    /// The result of the call at hand.
    encoded: Encoded,
    /// For each function.
    policies: Box<[FirstPollPolicy]>,
    timer: PollTimer,
    tasks: Tasks,
    share: Arc<PortShare>,
    /// So many calls have the share.
    shared: u32,
    /// First polls of this turn took long.
    slow: bool,
    /// This turn made or woke tasks, which want to run.
    spawned: bool,
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
        functions: &'static [Function],
    ) -> Dispatcher {
        let tasks = Tasks::new();
        let share = PortShare::new(&port);
        Dispatcher {
            submissions,
            linger: Linger::new(port.environment().linger()),
            starter: Starter {
                functions,
                policies: functions
                    .iter()
                    .map(|_| FirstPollPolicy::default())
                    .collect(),
                port,
                tokio,
                ready: Ready::new(),
                encoded: Encoded::new(),
                timer: PollTimer::new(),
                tasks,
                share,
                shared: 0,
                slow: false,
                spawned: false,
            },
            repeat: None,
            repeat_after: REPEAT,
            ended: false,
        }
    }

    fn turn(&mut self) -> Turn {
        let starter = &mut self.starter;
        starter.slow = false;
        starter.timer.turn_begins();
        let mut turn = Turn::More;
        let mut at_hand = None;
        let read = panics::catch(|| {
            for _ in 0..BATCH {
                let Some(words) = self.submissions.try_next() else {
                    turn = Turn::Empty;
                    break;
                };
                at_hand = Some((words[0], words[1]));
                starter.accept(words, false);
                if starter.slow {
                    break;
                }
            }
        });
        if let (Err(panic), Some((head, name))) = (read, at_hand) {
            starter.cut_off(head, name, panic);
        }
        starter.port.publish_ready(&mut starter.ready);
        starter.timer.turn_ends();
        turn
    }

    /// Repeats a failed upcall, at growing intervals.
    fn retry_upcall(&mut self, context: &mut Context<'_>) {
        while self.starter.port.is_retry_requested() {
            let pause = self.repeat.get_or_insert_with(|| {
                let after = self.repeat_after;
                self.repeat_after = (after * 2).min(REPEAT_MOST);
                Box::pin(tokio::time::sleep(after))
            });
            if pause.as_mut().poll(context).is_pending() {
                return;
            }
            self.repeat = None;
            self.starter.port.retry();
        }
        self.repeat = None;
        self.repeat_after = REPEAT;
    }

    /// Whether a record came soon enough to go on without having slept.
    fn lingers(&mut self) -> bool {
        let port = &self.starter.port;
        let submissions = &mut self.submissions;
        self.linger
            .until(|| !submissions.is_empty() || port.is_closing())
    }

    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let port = Arc::clone(&self.starter.port);
        let _ = port.doorbell().close();
        while let Some(words) = self.submissions.try_next() {
            self.starter.accept(words, true);
        }
        self.starter.port.publish_ready(&mut self.starter.ready);
        if port.is_closing() {
            self.starter.tasks.abort_all();
        }
        port.dispatcher_ended();
    }
}

impl Starter {
    /// Handles a record.
    #[inline]
    fn accept(&mut self, words: &Words, ending: bool) {
        fault!(panic "accept");
        match SubmissionKind::of(words) {
            Some(SubmissionKind::Answer) => return self.answered(words),
            Some(SubmissionKind::Relay) => return self.relay(words, ending),
            Some(SubmissionKind::Acknowledge) => return self.port.acknowledged(words[1]),
            Some(SubmissionKind::Call | SubmissionKind::Cancel) | None => {}
        }
        match Submission::decode(words) {
            Ok(submission) if submission.kind == SubmissionKind::Cancel => {
                self.cancel(submission.call);
            }
            Ok(submission) => self.call(&submission, ending),
            Err(error) => {
                if self.begin(error.call) {
                    let outcome = self.encoded.unreadable(&error);
                    self.settle(&Call::lending_nothing(error.call), outcome);
                }
            }
        }
    }

    /// Ends what the record at hand is about, since a panic of the bridge's own has cut it off.
    #[cold]
    fn cut_off(&mut self, head: u64, name: u64, panic: Box<Panic>) {
        let id = CallId {
            slot: name as u32,
            generation: (name >> 32) as u32,
        };
        match SubmissionKind::of(&[head, 0, 0, 0, 0, 0, 0, 0]) {
            Some(SubmissionKind::Cancel) => self.cancel(id),
            Some(SubmissionKind::Acknowledge) => self.port.acknowledged(name),
            Some(SubmissionKind::Answer | SubmissionKind::Relay) => {
                self.port.answered(name, Err(Failed::Panicked(panic)));
            }
            Some(SubmissionKind::Call) | None => {
                let _ = self.begin(id);
                if self.port.settle_after_panic(id, panic) {
                    self.port.counters().finished.add_one();
                }
            }
        }
    }

    fn answered(&mut self, words: &Words) {
        self.spawned = true; // the task that waits for it wants to run

        let answer = Answer::decode(words)
            .map_err(|fault| Failed::Error(JavaError::unreadable(fault)))
            .and_then(|answer| answer_of(&self.port, &answer));
        self.port.answered(words[1], answer);
    }

    fn cancel(&self, id: CallId) {
        if self.port.slots().cancel(id) {
            self.tasks.abort(id);
            self.port.counters().cancels_applied.add_one();
        }
    }

    /// Begins a call; `false` if the record names no free slot of this port: no record could tell Java which call is
    /// meant.
    fn begin(&self, id: CallId) -> bool {
        let begun = self.port.slots().begin(id);
        if begun {
            self.port.counters().begun.add_one();
        }
        begun
    }

    fn call(&mut self, submission: &Submission, ending: bool) {
        let id = submission.call;
        if !self.begin(id) {
            return;
        }
        if ending {
            let outcome = self.encoded.bare(OutcomeKind::Closed);
            return self.settle(&Call::lending_nothing(id), outcome);
        }
        let lender = Lender::of_record(&self.port, submission.needs_port, Some(id));
        // SAFETY: rule 8; the arguments are read here, before the call can settle, and not kept.
        let block = unsafe { block_of(submission.arguments) };
        let arguments = &mut Arguments::new(block, lender);
        let prepared = registry::prepare(self.functions, submission.function, arguments);
        let lent = arguments.take_lent();
        let call = Call { id, lent };
        match prepared {
            Ok(work) => self.start(submission.function as usize, call, work),
            Err(unprepared) => {
                let outcome = unprepared.write(&mut self.encoded);
                self.settle(&call, outcome);
            }
        }
    }

    /// Settles a call that never left the dispatcher.
    fn settle(&mut self, call: &Call, outcome: OutcomeKind) {
        self.port.counters().finished.add_one();
        self.port
            .settle_own(call, outcome, &mut self.encoded, &mut self.ready);
        if self.ready.is_full() {
            self.port.publish_ready(&mut self.ready);
        }
    }
}

impl Future for Dispatcher {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let dispatcher = &mut *self;
        let end = Instant::now() + LONGEST_POLL;
        loop {
            if dispatcher.starter.port.is_closing() {
                dispatcher.end();
                return Poll::Ready(());
            }
            let turn = dispatcher.turn();
            // Tasks made here run on this thread unless another takes them, and others want their turn some time.
            if std::mem::take(&mut dispatcher.starter.spawned)
                || dispatcher.starter.slow
                || Instant::now() >= end
            {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if matches!(turn, Turn::More) || dispatcher.lingers() {
                continue;
            }
            // Registered before the last look: a doorbell that comes after it finds the waker.
            dispatcher
                .starter
                .port
                .dispatcher_waker()
                .register(context.waker());
            dispatcher.retry_upcall(context);
            if dispatcher.starter.port.doorbell().park() == Park::Closed {
                return Poll::Ready(());
            }
            if dispatcher.submissions.is_empty() && !dispatcher.starter.port.is_closing() {
                return Poll::Pending;
            }
            let _ = dispatcher.starter.port.doorbell().unpark();
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.end();
    }
}
