//! The loop-driven calls of one port: started, polled, cancelled and settled on the thread of the port's owner loop.

use std::cell::{Cell, RefCell};
use std::mem;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll};

use loopbridge_protocol::{CallId, OutcomeKind, Pend, Step};
use tokio::runtime::{EnterGuard, Handle, Id};

use super::context::{self, RUNNING, Running};
use super::objects::{Objects, no_objects};
use super::waker::LoopWaker;
use crate::call::first_local_poll::Spare;
use crate::call::poll::{LocalFuture, poll_once};
use crate::call::registry::Function;
use crate::codec::encoded::Encoded;
use crate::panics::{self, Watch};
use crate::port::{Call, Port};

/// The part of a port that lives on its owner loop's thread. That thread alone uses it; code of its futures may come
/// back to it, so that no cell stays borrowed while user code runs.
pub(crate) struct LoopHalf {
    pub(super) port: Arc<Port>,
    pub(super) functions: &'static [Function],
    tokio: Handle,
    /// The runtime's identity, which `tokio` has too, but not at hand.
    runtime: Id,
    /// The thread's own, which are not looked up for each call.
    running: NonNull<Running>,
    pub(super) watch: Watch,
    /// The loop-driven calls, by slot.
    tasks: RefCell<Vec<Entry>>,
    /// The waker of a future that has ended, which the next future uses: so a call that is ready at once allocates
    /// none.
    spare: Cell<Option<Arc<LoopWaker>>>,
    /// The memory of such a future, which the next one uses.
    pub(super) memory: Spare,
    pub(super) objects: RefCell<Objects>,
}

#[derive(Default)]
enum Entry {
    #[default]
    Free,
    Waiting(Task),
    /// The slot's task is being polled, and is owned by that poll.
    Polled {
        call: CallId,
        cancelled: bool,
    },
}

pub(super) struct Task {
    pub(super) call: Call,
    /// `None` if the call was cancelled while a POLL record was in the ring.
    pub(super) future: Option<LocalFuture>,
    pub(super) waker: Arc<LoopWaker>,
}

impl LoopHalf {
    pub(super) fn new(port: &Arc<Port>, functions: &'static [Function], tokio: Handle) -> LoopHalf {
        LoopHalf {
            port: Arc::clone(port),
            functions,
            runtime: tokio.id(),
            running: RUNNING.with(|running| NonNull::from(running)),
            watch: Watch::here(),
            tokio,
            tasks: RefCell::default(),
            spare: Cell::default(),
            memory: Spare::default(),
            objects: RefCell::new(no_objects()),
        }
    }

    pub(super) fn port(&self) -> &Arc<Port> {
        &self.port
    }

    pub(super) fn is_of_runtime(&self, half: &LoopHalf) -> bool {
        self.runtime == half.runtime
    }

    /// Keeps a task whose future waits.
    pub(super) fn pend(&self, task: Task) -> Step {
        let step = match task.waker.state().pend() {
            Pend::Idle => Step::Pending,
            Pend::Again => Step::Again,
        };
        self.keep(task);
        step
    }

    /// Returns the outcome that Java gets. A future that fails while its runtime closes may fail because of that; Java
    /// gets the reason, not the symptom.
    #[inline]
    pub(super) fn reason(&self, outcome: OutcomeKind, encoded: &mut Encoded) -> OutcomeKind {
        match outcome {
            OutcomeKind::Error | OutcomeKind::Panic if self.port.environment().is_closing() => {
                encoded.bare(OutcomeKind::Closed)
            }
            outcome => outcome,
        }
    }

    /// Takes back the waker of a future that has ended.
    #[inline]
    pub(super) fn give_back(&self, waker: Arc<LoopWaker>) {
        if LoopWaker::is_unused(&waker) {
            self.spare.set(Some(waker));
        } else {
            let _ = waker.state().end();
        }
    }

    /// Polls a call that was woken, or whose [`Step`] was `Again`.
    pub(crate) fn poll(&self, id: CallId) -> Step {
        let Some(task) = self.take(id) else {
            return Step::Pending; // the call has ended
        };
        let mut encoded = Encoded::new();
        let _entered = self.enter();
        // The call was cancelled, and this record was all that kept its slot from being free (rule 4 of `poll`).
        if task.future.is_none() {
            let outcome = encoded.bare(OutcomeKind::Cancelled);
            return self.settle(task.call, outcome, &mut encoded);
        }
        task.waker.state().begin();
        self.run(task, &mut encoded)
    }

    /// Polls a task, which is not polled for the first time, or whose first poll came later. Its entry is `Polled`.
    fn run(&self, mut task: Task, encoded: &mut Encoded) -> Step {
        self.port.loop_counters().polls.add_one();
        let future = &mut task.future;
        let polled = task
            .waker
            .lend(|waker| poll_once(future, &mut Context::from_waker(waker), encoded));
        // User code runs in a poll, and may call Java, which may cancel this very call.
        let cancelled = self.was_cancelled_meanwhile(task.call.id);
        let outcome = match polled {
            Poll::Pending if cancelled => {
                self.discard(task.future.take());
                encoded.bare(OutcomeKind::Cancelled)
            }
            Poll::Pending => return self.pend(task),
            Poll::Ready(_) if cancelled => {
                self.forget_result(encoded);
                encoded.bare(OutcomeKind::Cancelled)
            }
            Poll::Ready(outcome) => self.reason(outcome, encoded),
        };
        self.give_back(task.waker);
        self.settle(task.call, outcome, encoded)
    }

    /// Cancels a call: drops its future.
    pub(crate) fn cancel(&self, id: CallId) -> Step {
        if let Some(Entry::Polled { call, cancelled }) =
            self.tasks.borrow_mut().get_mut(id.slot as usize)
            && *call == id
        {
            *cancelled = true;
            return Step::Pending; // the poll that runs ends the call
        }
        let Some(mut task) = self.take(id) else {
            return Step::Pending;
        };
        let _entered = self.enter();
        self.discard(task.future.take());
        if task.waker.state().end() {
            self.keep(task); // the POLL record in the ring names the slot; the call ends when that is read
            return Step::Pending;
        }
        let mut encoded = Encoded::new();
        let outcome = encoded.bare(OutcomeKind::Cancelled);
        self.settle(task.call, outcome, &mut encoded)
    }

    /// Drops an object that Java has closed. Returns `false` if this port has no object of that name.
    pub(crate) fn release(&self, id: CallId) -> bool {
        let _entered = self.enter();
        let removed = self.objects.borrow_mut().remove(id.to_word());
        self.count_objects();
        let found = removed.is_some();
        self.discard(removed);
        found
    }

    /// Drops all futures and objects. The calls have settled in Java, or settle by the records published here.
    pub(super) fn end(&self) {
        let entered = panics::catch(|| self.enter());
        let entries = mem::take(&mut *self.tasks.borrow_mut());
        for entry in entries {
            if let Entry::Waiting(mut task) = entry {
                let _ = task.waker.state().end();
                let future = task.future.take();
                match entered {
                    Ok(_) => self.discard(future),
                    // Tokio's variables of this thread are destroyed already. A future that cannot be dropped in
                    // Tokio's context is leaked, since its drop may need that.
                    Err(_) => mem::forget(future),
                }
                self.port.loop_counters().finished.add_one();
                self.port.publish_dropped(&task.call);
            }
        }
        let objects = self.objects.borrow_mut().remove_all();
        self.count_objects();
        // Each is dropped by itself: two that panic in one unwinding would abort the process.
        objects.into_iter().for_each(|object| self.discard(object));
    }

    /// Settles a call by the direct record.
    #[inline]
    pub(super) fn settle(&self, call: Call, outcome: OutcomeKind, encoded: &mut Encoded) -> Step {
        self.port.loop_counters().finished.add_one();
        if outcome == OutcomeKind::Value
            && call.lent.is_none()
            && let Some((length, word)) = encoded.word()
        {
            self.port.direct().write_value(call.id, length, word);
            return Step::Returned;
        }
        self.settle_any(&call, outcome, encoded)
    }

    #[inline(never)]
    fn settle_any(&self, call: &Call, outcome: OutcomeKind, encoded: &mut Encoded) -> Step {
        self.port.settle_direct(call, outcome, encoded);
        Step::Settled
    }

    /// Drops a value of user code, whose drop may panic.
    fn discard<T>(&self, user_code: T) {
        if panics::catch(|| drop(user_code)).is_err() {
            self.port.environment().metrics().panic_caught();
        }
    }

    /// Drops a result that Java will not get, and the object that it has put into `objects`.
    fn forget_result(&self, encoded: &mut Encoded) {
        if let Some(id) = encoded.take_local() {
            let removed = self.objects.borrow_mut().remove(id.to_word());
            self.count_objects();
            self.discard(removed);
        }
        self.discard(encoded.take_external());
    }

    pub(super) fn count_objects(&self) {
        let live = self.objects.borrow().len();
        self.port.loop_counters().objects.set(live as u64);
    }

    pub(super) fn waker(&self, id: CallId) -> Arc<LoopWaker> {
        if let Some(spare) = self.spare.take() {
            spare.reset(id);
            return spare;
        }
        LoopWaker::new(Arc::clone(&self.port), id)
    }

    pub(super) fn keep(&self, task: Task) {
        let slot = task.call.id.slot as usize;
        let mut tasks = self.tasks.borrow_mut();
        if tasks.len() <= slot {
            tasks.resize_with(slot + 1, Entry::default);
        }
        tasks[slot] = Entry::Waiting(task);
    }

    /// Takes a waiting task, to poll or to end it.
    fn take(&self, id: CallId) -> Option<Task> {
        let mut tasks = self.tasks.borrow_mut();
        let place = tasks.get_mut(id.slot as usize)?;
        if !matches!(place, Entry::Waiting(task) if task.call.id == id) {
            return None;
        }
        let polled = Entry::Polled {
            call: id,
            cancelled: false,
        };
        match mem::replace(place, polled) {
            Entry::Waiting(task) => Some(task),
            _ => None,
        }
    }

    /// Frees the entry of a task that was polled. Returns whether the call was cancelled during the poll.
    fn was_cancelled_meanwhile(&self, id: CallId) -> bool {
        let mut tasks = self.tasks.borrow_mut();
        let Some(place) = tasks.get_mut(id.slot as usize) else {
            return false;
        };
        let Entry::Polled { call, cancelled } = *place else {
            return false; // a first poll has no entry
        };
        if call == id {
            *place = Entry::Free;
        }
        call == id && cancelled
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        // SAFETY: a half stays on its thread, whose variable has no destructor.
        let running = unsafe { self.running.as_ref() };
        let before = running.half.get();
        let kept = before.is_none() && running.kept.get() == Some(self.runtime);
        // Tokio's context comes first, since that may panic if the thread is ending.
        let tokio = if kept {
            None
        } else {
            self.enter_tokio(before.is_none())
        };
        running.half.set(Some(NonNull::from(self)));
        Entered {
            before,
            running: self.running,
            _tokio: tokio,
        }
    }

    #[cold]
    fn enter_tokio(&self, outermost: bool) -> Option<EnterGuard<'_>> {
        let kept = outermost && context::keep(&self.tokio);
        (!kept).then(|| self.tokio.enter())
    }
}

/// Exists while this thread runs code of a half, in its runtime's context; such code nests when it calls Java.
pub(super) struct Entered<'a> {
    before: Option<NonNull<LoopHalf>>,
    /// The thread's own.
    running: NonNull<Running>,
    /// `None` if the thread keeps the context entered.
    _tokio: Option<EnterGuard<'a>>,
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this value stays on its thread, whose variable has no destructor.
        unsafe { self.running.as_ref() }.half.set(self.before);
    }
}
