//! One call: its guard, and the Tokio task of a call whose first poll was pending.

use std::cell::{Cell, OnceCell};
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;

use loopbridge_protocol::OutcomeKind;

use crate::blocking::{self, Counted, Ended};
use crate::first_poll::SpawnedSample;
use crate::panics;
use crate::poll::{CallFuture, CallWork, poll_once};
use crate::port::{Call, Port};
use crate::relay::{self, Relayed};
use crate::threads::NoThread;
use crate::value::Encoded;

thread_local! {
    /// The guard of the call whose code runs on this thread.
    static CURRENT: Cell<Option<NonNull<Guard>>> = const { Cell::new(None) };
}

/// Whether the call that runs on this thread was cancelled, or its runtime is closing.
///
/// For functions that compute for long, so that they can stop early; whatever they return then is dropped. A future
/// needs it only if one of its polls takes long: a cancelled future is dropped at its next await. In code that a call's
/// task has started by [`spawn_blocking`](crate::spawn_blocking), whether that call has ended. `false` on a thread that
/// runs neither.
pub fn cancelled() -> bool {
    let running = CURRENT.try_with(Cell::get).ok().flatten();
    // SAFETY: `enter` borrows the guard for as long as its address stands here, and this thread is in it.
    let unwanted = running.map(|guard| unsafe { guard.as_ref() }.is_unwanted());
    unwanted.unwrap_or_else(|| blocking::starter().is_some_and(|call| blocking::has_ended(&call)))
}

/// The end of the call whose code runs on this thread, or from whose code it was started.
pub(crate) fn end_of_current() -> Option<Ended> {
    let running = CURRENT.try_with(Cell::get).ok().flatten();
    // SAFETY: as in `cancelled`.
    let ended = running
        .map(|guard| Ended::clone(unsafe { guard.as_ref() }.ended.get_or_init(Ended::default)));
    ended.or_else(blocking::starter)
}

/// A port's reference for a few calls at a time: were there one for all of them, the threads that end calls would take
/// turns at its count.
pub(crate) struct PortShare(Arc<Port>);

impl PortShare {
    pub(crate) fn new(port: &Arc<Port>) -> Arc<PortShare> {
        Arc::new(PortShare(Arc::clone(port)))
    }
}

impl Deref for PortShare {
    type Target = Port;

    fn deref(&self) -> &Port {
        &self.0
    }
}

/// Exists while a call that left the dispatcher is unsettled; its drop settles (rule 1).
pub(crate) struct Guard {
    port: Arc<PortShare>,
    receiver: Option<Receiver>,
    /// For code that the call's task has put on the blocking pool.
    ended: OnceCell<Ended>,
}

/// What receives a call's outcome.
pub(crate) enum Receiver {
    /// Its slot.
    Call(Call),
    /// The invocation that Java handed the call over for.
    Relay(Relayed),
}

impl From<Call> for Receiver {
    fn from(call: Call) -> Receiver {
        Receiver::Call(call)
    }
}

impl From<Relayed> for Receiver {
    fn from(relayed: Relayed) -> Receiver {
        Receiver::Relay(relayed)
    }
}

impl Guard {
    pub(crate) fn new(port: Arc<PortShare>, receiver: impl Into<Receiver>) -> Guard {
        Guard {
            port,
            receiver: Some(receiver.into()),
            ended: OnceCell::new(),
        }
    }

    fn settle(mut self, outcome: OutcomeKind, encoded: &mut Encoded) {
        self.end(outcome, encoded);
    }

    fn end(&mut self, outcome: OutcomeKind, encoded: &mut Encoded) {
        let Some(receiver) = self.receiver.take() else {
            return;
        };
        if let Some(ended) = self.ended.get() {
            // Relaxed: the flag stands for itself, no other memory goes with it.
            ended.store(true, Ordering::Relaxed);
        }
        // Before the outcome can be seen: who has seen all outcomes finds no call and no task.
        self.port.environment().metrics().task_ended();
        match receiver {
            Receiver::Call(call) => {
                let id = call.id;
                if let Err(panic) = panics::catch(|| self.port.settle(call, outcome, encoded)) {
                    self.port.settle_after_panic(id, panic);
                }
            }
            Receiver::Relay(relayed) => relayed.settle(outcome, encoded),
        }
    }

    /// Runs this call's code, so that [`cancelled`] answers for it.
    fn enter<R>(&self, code: impl FnOnce() -> R) -> R {
        let _leave = Entered(CURRENT.replace(Some(NonNull::from(self))));
        code()
    }

    /// Answers on any thread what [`is_unwanted`](Self::is_unwanted) does.
    fn unwanted(&self) -> Box<dyn Fn() -> bool + Send> {
        match &self.receiver {
            Some(Receiver::Call(call)) => {
                let (port, id) = (Arc::clone(&self.port), call.id);
                Box::new(move || port.is_unwanted(id))
            }
            Some(Receiver::Relay(relayed)) => {
                let invocation = Arc::clone(&relayed.invocation);
                Box::new(move || relay::is_unwanted(&invocation))
            }
            None => Box::new(|| false),
        }
    }

    fn is_unwanted(&self) -> bool {
        self.receiver
            .as_ref()
            .is_some_and(|receiver| match receiver {
                Receiver::Call(call) => self.port.is_unwanted(call.id),
                Receiver::Relay(relayed) => relay::is_unwanted(&relayed.invocation),
            })
    }
}

/// An unsettled call in the hands of a benchmark.
#[cfg(feature = "benchmark")]
#[allow(missing_debug_implementations)]
pub struct HeldCall(Guard);

#[cfg(feature = "benchmark")]
impl HeldCall {
    pub(crate) fn new(guard: Guard) -> HeldCall {
        HeldCall(guard)
    }

    /// Settles the call, on any thread.
    pub fn settle(self, value: i64) {
        let mut encoded = Encoded::new();
        encoded.set(value);
        self.0.settle(OutcomeKind::Value, &mut encoded);
    }
}

/// Restores what ran on this thread before; calls nest when user code polls within a poll.
struct Entered(Option<NonNull<Guard>>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(receiver) = &self.receiver {
            let mut encoded = Encoded::new();
            let outcome = match receiver {
                Receiver::Call(call) => self.port.outcome_of_dropped(call.id, &mut encoded),
                Receiver::Relay(_) => encoded.bare(OutcomeKind::Closed),
            };
            self.end(outcome, &mut encoded);
        }
    }
}

/// The Tokio task of a call.
pub(crate) struct CallTask {
    future: Option<CallFuture>,
    guard: Option<Guard>,
    /// Of a function whose calls are spawned because they were slow: whether they still are.
    sample: Option<SpawnedSample>,
}

impl CallTask {
    pub(crate) fn new(guard: Guard, future: CallFuture, sample: Option<SpawnedSample>) -> CallTask {
        CallTask {
            future: Some(future),
            guard: Some(guard),
            sample,
        }
    }
}

impl Future for CallTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let task = &mut *self;
        let sample = task.sample.take().map(|sample| (sample, Instant::now()));
        let Some(guard) = task.guard.as_ref() else {
            return Poll::Ready(());
        };
        let mut encoded = Encoded::new();
        let polled = guard.enter(|| poll_once(&mut task.future, context, &mut encoded));
        if let Some((sample, start)) = sample {
            sample.polled(start.elapsed());
        }
        let Poll::Ready(mut outcome) = polled else {
            return Poll::Pending;
        };
        // What it waited for may have failed for that very reason.
        if outcome == OutcomeKind::Error && guard.port.environment().is_closing() {
            outcome = encoded.bare(OutcomeKind::Closed);
        }
        if let Some(guard) = task.guard.take() {
            guard.settle(outcome, &mut encoded);
        }
        Poll::Ready(())
    }
}

impl Drop for CallTask {
    fn drop(&mut self) {
        let (Some(future), Some(guard)) = (self.future.take(), self.guard.take()) else {
            return;
        };
        if guard
            .enter(|| {
                panics::catch(|| {
                    drop(future);
                    fault!(panic "drop");
                })
            })
            .is_err()
        {
            // Nobody asked for the outcome of a call that is dropped: its panic is counted.
            guard.port.environment().metrics().panic_caught();
        }
        // The guard settles.
    }
}

/// A call for the blocking pool. Dropped there without having run if it was cancelled while it waited.
pub(crate) struct BlockingCall {
    /// First, so that a call that is dropped is no longer counted once its outcome can be seen.
    counted: Counted,
    work: CallWork,
    guard: Guard,
}

impl BlockingCall {
    pub(crate) fn new(guard: Guard, work: CallWork) -> BlockingCall {
        let counted = Counted::call(guard.port.environment().metrics());
        BlockingCall {
            counted,
            work,
            guard,
        }
    }

    pub(crate) fn run(self) {
        let BlockingCall {
            mut counted,
            work,
            guard,
        } = self;
        counted.begin(guard.unwanted());
        let mut encoded = Encoded::new();
        let returned = guard.enter(|| panics::catch(|| work(&mut encoded)));
        drop(counted);
        let closing = guard.port.environment().is_closing();
        let outcome = match returned {
            // It may have stopped early.
            Ok(_) if closing => encoded.bare(OutcomeKind::Closed),
            Ok(outcome) => outcome,
            Err(panic) => encoded.panic(panic),
        };
        guard.settle(outcome, &mut encoded);
    }

    /// Ends it without having run, since there is no thread for it.
    #[cold]
    pub(crate) fn refused(self, reason: &NoThread) {
        let BlockingCall {
            counted,
            work,
            guard,
        } = self;
        drop(counted);
        let mut encoded = Encoded::new();
        if guard.enter(|| panics::catch(|| drop(work))).is_err() {
            guard.port.environment().metrics().panic_caught();
        }
        let outcome = encoded.exhausted(reason.to_string());
        guard.settle(outcome, &mut encoded);
    }
}
