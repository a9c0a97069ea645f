//! The dispatcher: one Tokio task per port that reads the submission ring.
//!
//! The dispatcher decodes a record, polls the call's future once and settles the call if the future is ready; else the
//! call becomes a task of its own. It is the ring's only consumer, and the only task that begins and cancels calls,
//! in the order of the ring: so a cancel is never handled before the call it names. A panic of user code does not end
//! it. When it ends, because the runtime shuts down or because Java has closed the port, it settles every call that is
//! left in the ring.

mod relays;
mod start;
mod waiting;

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

use self::waiting::Waiting;
use super::first_poll::{FirstPollPolicy, PollTimer};
use super::guard::PortShare;
use super::linger::Linger;
use super::prepare::{prepare, read_record};
use super::registry::Function;
use crate::codec::answer::Failed;
use crate::codec::encoded::Encoded;
use crate::codec::java_error::JavaError;
use crate::panics::{self, Panic};
use crate::port::ready::Ready;
use crate::port::slots::Tasks;
use crate::port::{Call, Port};

/// How many records a turn reads before other tasks of the worker run.
const BATCH: usize = 256;

/// How long one poll of the dispatcher may occupy its worker thread: other tasks of that thread wait meanwhile.
const LONGEST_POLL: Duration = Duration::from_micros(500);

/// The pause before a failed upcall is repeated; each further one is twice as long, up to `REPEAT_MOST`.
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

/// Handles the records. It is apart from [`Dispatcher`] so that a record can be handled while the ring is borrowed.
struct Starter {
    port: Arc<Port>,
    functions: &'static [Function],
    tokio: Handle,
    /// Outcomes of ready calls, published together: one claim of the ring and one look at the wake word serve them all.
    ready: Ready,
    /// The result of the call that is being handled; kept here so that no call allocates its own.
    encoded: Encoded,
    /// One policy for each function, by its number.
    policies: Box<[FirstPollPolicy]>,
    timer: PollTimer,
    tasks: Tasks,
    /// Calls that become tasks at the end of this turn.
    waiting: Waiting,
    share: Arc<PortShare>,
    /// How many calls use `share`.
    shared: u32,
    /// True if first polls of this turn took so long that the turn ends early.
    slow: bool,
    /// True if this turn made or woke tasks; then the dispatcher yields so that they can run.
    spawned: bool,
}

/// The state in which a turn left the ring.
enum Turn {
    /// The ring was empty.
    Empty,
    /// The turn reached a limit, and the ring may hold further records.
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
                waiting: Waiting::new(),
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
        // Head and name of the record that is being handled: enough to end what it names if handling it panics.
        let mut current = None;
        // One `catch` for the whole batch, since one for each record would cost more than most records do. User code is
        // caught further in; what arrives here is a defect of the bridge, and must not end the dispatcher.
        let read = panics::catch(|| {
            for _ in 0..BATCH {
                let Some(words) = self.submissions.try_next() else {
                    turn = Turn::Empty;
                    break;
                };
                current = Some((words[0], words[1]));
                starter.accept(words, false);
                if starter.slow {
                    break;
                }
            }
        });
        if let (Err(panic), Some((head, name))) = (read, current) {
            starter.cut_off(head, name, panic);
        }
        starter.port.publish_ready(&mut starter.ready);
        starter.timer.turn_ends();
        starter.spawn_waiting(); // behind the reading of the clock, since it is no first poll
        turn
    }

    /// Repeats a failed upcall, after pauses that grow.
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

    /// Looks for further records for a short time before the dispatcher sleeps. Returns whether one came, or the close
    /// of the port: being woken through the kernel costs far more than a short look.
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
        // The doorbell is closed first: a record whose ring found it open is read by the loop below, and for one whose
        // ring found it closed Java itself settles the call (rule 4 of the doorbell).
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
    /// Handles one record. `ending` is true when the dispatcher ends, so that the record's call is not to be started.
    #[inline]
    fn accept(&mut self, words: &Words, ending: bool) {
        fault!(panic "accept");
        // Answers, relays and acknowledgements name an invocation; the rest names a call, and is decoded below.
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
            // An unreadable record still names a call, which has to settle (rule 1): it begins, so that it can end.
            Err(error) => {
                if self.begin(error.call) {
                    let outcome = self.encoded.unreadable(&error);
                    self.settle(&Call::lending_nothing(error.call), outcome);
                }
            }
        }
    }

    /// Ends the call or invocation that a record names, after a panic in the bridge's own code kept the record from
    /// being handled to its end.
    #[cold]
    fn cut_off(&mut self, head: u64, name: u64, panic: Box<Panic>) {
        let id = CallId::of_word(name);
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
        self.spawned = true; // the task that awaits the answer is woken below

        let answer = Answer::decode(words)
            .map_err(|fault| Failed::Error(JavaError::unreadable(fault)))
            .and_then(|answer| self.port.answer_of(&answer));
        self.port.answered(words[1], answer);
    }

    fn cancel(&mut self, id: CallId) {
        if self.port.slots().cancel(id) {
            self.spawn_waiting(); // the call may be among them
            self.tasks.abort(id);
            self.port.counters().cancels_applied.add_one();
        }
    }

    /// Begins a call. Returns `false` if the record names no free slot of this port: then no record could name the call
    /// to Java, and nothing is published.
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
        let (call, prepared) = read_record(&self.port, submission, |arguments| {
            prepare(self.functions, submission.function, arguments)
        });
        match prepared {
            Ok(work) => self.start(submission.function as usize, call, work),
            Err(unprepared) => {
                let outcome = unprepared.write(&mut self.encoded);
                self.settle(&call, outcome);
            }
        }
    }

    /// Settles a call that the dispatcher did not pass on to a task or thread. Only the dispatcher knows such a call,
    /// so that no other thread races for its slot, and its record can wait for others in `ready`.
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
        let now = Instant::now();
        let end = now + LONGEST_POLL;
        dispatcher.linger.runs(now);
        loop {
            if dispatcher.starter.port.is_closing() {
                dispatcher.end();
                return Poll::Ready(());
            }
            let turn = dispatcher.turn();
            // The dispatcher yields: tasks spawned here run on this worker thread unless another worker takes them, and
            // a dispatcher that never returned would keep this thread's other tasks from running.
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
            // The order is register, park, look again: a doorbell that rings after the registration finds the waker,
            // and a record that was submitted before the park is found by the last look (rule 2 of the doorbell).
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
                dispatcher.linger.parks();
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
