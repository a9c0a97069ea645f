//! One call that has left the dispatcher: its guard, and its task or its work on the blocking pool.

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

use super::first_poll::SpawnedSample;
use super::poll::{CallFuture, CallWork, poll_once};
use super::relay::{self, Relayed};
use crate::blocking::{self, Counted, Ended};
use crate::codec::encoded::Encoded;
use crate::panics;
use crate::port::{Call, Port};
use crate::threads::NoThread;

thread_local! {
    /// The guard of the call whose code runs on this thread, for [`cancelled`]; `None` between two polls.
    static CURRENT: Cell<Option<NonNull<Guard>>> = const { Cell::new(None) };
}

/// Returns whether the call that runs on this thread was cancelled, or its runtime is closing.
///
/// It is for functions that compute for long, so that they can stop early; whatever they return then is dropped. A
/// future needs it only if one of its polls takes long: a cancelled future is dropped at its next await. In code that a
/// call's task has started by [`spawn_blocking`](crate::spawn_blocking) it returns whether that call has ended. On a
/// thread that runs neither it returns `false`.
pub fn cancelled() -> bool {
    let running = CURRENT.try_with(Cell::get).ok().flatten();
    // SAFETY: `enter` borrows the guard for as long as its address stands here, and this thread is in it.
    let unwanted = running.map(|guard| unsafe { guard.as_ref() }.is_unwanted());
    unwanted.unwrap_or_else(|| blocking::starter().is_some_and(|call| blocking::has_ended(&call)))
}

/// Returns the flag that is set when the call ends whose code runs on this thread, or from whose code it was started.
pub(crate) fn end_of_current() -> Option<Ended> {
    let running = CURRENT.try_with(Cell::get).ok().flatten();
    // SAFETY: as in `cancelled`.
    let ended = running
        .map(|guard| Ended::clone(unsafe { guard.as_ref() }.ended.get_or_init(Ended::default)));
    ended.or_else(blocking::starter)
}

/// A reference to a port that a few calls share. With one count for all calls, the threads that end calls would contend
/// for its cache line; a share for each call would cost an allocation for each.
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

/// The guard of a call that left the dispatcher. It exists while the call is unsettled, and its drop settles the call,
/// whether the call's task ends, is aborted or is dropped with its runtime (rule 1). Any thread.
pub(crate) struct Guard {
    port: Arc<PortShare>,
    receiver: Option<Receiver>,
    /// Set when the call ends, for code that its task has put on the blocking pool; made when there is such code.
    ended: OnceCell<Ended>,
}

/// The receiver of a call's outcome.
pub(crate) enum Receiver {
    /// The call's slot: the outcome goes to Java.
    Call(Call),
    /// The invocation that the call answers: the outcome goes to the future that awaits it, in Rust.
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
            // Relaxed: no other memory is read because of the flag.
            ended.store(true, Ordering::Relaxed);
        }
        match receiver {
            Receiver::Call(call) => {
                let id = call.id;
                // User code may panic in here, such as a payload's drop; the call settles all the same (rule 1).
                if let Err(panic) = panics::catch(|| self.port.settle(call, outcome, encoded)) {
                    self.port.settle_after_panic(id, panic);
                }
            }
            Receiver::Relay(relayed) => relayed.settle(&self.port, outcome, encoded),
        }
    }

    /// Runs code of this call, for which [`cancelled`] then returns the state of this call.
    fn enter<R>(&self, code: impl FnOnce() -> R) -> R {
        let _leave = Entered(CURRENT.replace(Some(NonNull::from(self))));
        code()
    }

    /// Returns a function that computes [`is_unwanted`](Self::is_unwanted) on any thread.
    fn unwanted(&self) -> Box<dyn Fn() -> bool + Send> {
        match &self.receiver {
            Some(Receiver::Call(call)) => {
                let (port, id) = (Arc::clone(&self.port), call.id);
                Box::new(move || port.is_unwanted(id))
            }
            Some(Receiver::Relay(relayed)) => {
                let (port, invocation) = (Arc::clone(&self.port), Arc::clone(&relayed.invocation));
                Box::new(move || relay::is_unwanted(&port, &invocation))
            }
            None => Box::new(|| false),
        }
    }

    fn is_unwanted(&self) -> bool {
        self.receiver
            .as_ref()
            .is_some_and(|receiver| match receiver {
                Receiver::Call(call) => self.port.is_unwanted(call.id),
                Receiver::Relay(relayed) => relay::is_unwanted(&self.port, &relayed.invocation),
            })
    }
}

/// An unsettled call that a benchmark holds.
///
/// It is for measuring the way back to Java alone. An ordinary function cannot be used in its place: its calls settle in
/// tasks, so that the measure would include Tokio's scheduling of these. Without the feature none of it is compiled.
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

/// Restores the guard that was current before; calls nest when user code polls a call within a poll.
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

/// What the task of a call needs beside the future; it lies in the future's room between two polls.
#[doc(hidden)]
pub struct Kept {
    guard: Guard,
    /// Measures the first poll, if the function's calls are spawned because they were slow.
    sample: Option<SpawnedSample>,
}

/// The Tokio task of a call.
pub(crate) struct CallTask {
    future: Option<CallFuture>,
}

impl CallTask {
    pub(crate) fn new(
        guard: Guard,
        mut future: CallFuture,
        sample: Option<SpawnedSample>,
    ) -> CallTask {
        *future.as_mut().kept() = Some(Kept { guard, sample });
        CallTask {
            future: Some(future),
        }
    }

    /// Takes what the future keeps; the guard is not in the future while that is polled or dropped.
    fn take(&mut self) -> Option<Kept> {
        self.future.as_mut()?.as_mut().kept().take()
    }
}

impl Future for CallTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let task = &mut *self;
        let Some(Kept { guard, sample }) = task.take() else {
            return Poll::Ready(());
        };
        let sample = sample.map(|sample| (sample, Instant::now()));
        let mut encoded = Encoded::new();
        let polled = guard.enter(|| poll_once(&mut task.future, context, &mut encoded));
        if let Some((sample, start)) = sample {
            sample.polled(start.elapsed());
        }
        let Poll::Ready(mut outcome) = polled else {
            if let Some(future) = &mut task.future {
                let sample = None;
                *future.as_mut().kept() = Some(Kept { guard, sample });
            }
            return Poll::Pending;
        };
        // A future that fails while its runtime closes may fail because of that; Java gets the reason, not the symptom.
        if outcome == OutcomeKind::Error && guard.port.environment().is_closing() {
            outcome = encoded.bare(OutcomeKind::Closed);
        }
        guard.settle(outcome, &mut encoded);
        Poll::Ready(())
    }
}

impl Drop for CallTask {
    fn drop(&mut self) {
        let Some(Kept { guard, .. }) = self.take() else {
            return;
        };
        let future = self.future.take();
        if guard
            .enter(|| {
                panics::catch(|| {
                    drop(future);
                    fault!(panic "drop");
                })
            })
            .is_err()
        {
            // The outcome of a call that is dropped is CANCELLED or CLOSED, so that its panic is counted only.
            guard.port.environment().metrics().panic_caught();
        }
        // The drop of `guard` settles the call, after its future is dropped.
    }
}

/// A call for the blocking pool. It is dropped there without having run if it was cancelled while it waited for a
/// thread.
pub(crate) struct BlockingCall {
    /// The first field, since fields drop in order: a call that is dropped is no longer counted once its outcome is
    /// visible.
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
            // The function may have stopped early because the runtime closes.
            Ok(_) if closing => encoded.bare(OutcomeKind::Closed),
            Ok(outcome) => outcome,
            Err(panic) => encoded.panic(panic),
        };
        guard.settle(outcome, &mut encoded);
    }

    /// Settles the call without having run it, since the system has no thread for it.
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
