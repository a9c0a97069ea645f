//! The owner loop of a model: the twin of the Java half, which runs one task at a time.
//!
//! An event loop runs its tasks one after another, so a task here is a closure that runs under the
//! loop's mutex, on the thread that queued it. The mutex orders the tasks as the loop's thread
//! would; an upcall that comes while a task runs waits for its end, like a queued one.

use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::{Arc, Mutex};
use loopbridge_protocol::record::decode_request;
use loopbridge_protocol::{
    CallId, CompletionConsumer, Idle, Outcome, OutcomeKind, PortMemory, Reschedule, Wake, WakeWord,
    Words,
};

/// The loop, and the state that only its tasks touch.
pub(crate) struct OwnerLoop {
    wake: WakeWord,
    confined: Mutex<Confined>,
    /// Drains that hold SCHEDULED. Not one of loom's atomics: it must not order what it counts.
    drains: AtomicUsize,
}

/// The loop-confined half of a port.
pub(crate) struct Confined {
    outcomes: CompletionConsumer,
    /// The outcomes that were read, in the order of the ring.
    pub(crate) seen: Vec<(CallId, OutcomeKind)>,
    /// The other records that were read, in the same order.
    pub(crate) requests: Vec<Words>,
    /// Calls that were submitted and have no outcome.
    pub(crate) unsettled: Vec<CallId>,
    /// How many calls the owner settled itself, once the native half had ended.
    pub(crate) swept: usize,
    /// Whether the native half has ended; no call is accepted from then on.
    pub(crate) closed: bool,
}

impl OwnerLoop {
    /// A loop whose first drain is scheduled and has not started; [`drain`](Self::drain) runs it.
    pub(crate) fn scheduled(memory: &Arc<PortMemory>) -> Arc<Self> {
        let owner = Self::idle(memory);
        assert_eq!(owner.wake.schedule(), Wake::Upcall);
        owner.drains.store(1, Ordering::Relaxed);
        owner
    }

    /// A loop without a drain.
    pub(crate) fn idle(memory: &Arc<PortMemory>) -> Arc<Self> {
        Arc::new(Self {
            wake: WakeWord::new(memory.clone()),
            confined: Mutex::new(Confined {
                outcomes: CompletionConsumer::new(memory.clone()),
                seen: Vec::new(),
                requests: Vec::new(),
                unsettled: Vec::new(),
                swept: 0,
                closed: false,
            }),
            drains: AtomicUsize::new(0),
        })
    }

    /// Runs a task of the loop.
    pub(crate) fn execute<R>(&self, task: impl FnOnce(&mut Confined) -> R) -> R {
        task(&mut self.confined.lock().unwrap())
    }

    /// The upcall: queues the drain if the caller's transition of the wake word orders it.
    pub(crate) fn wake(&self, wake: Wake) {
        if wake == Wake::Upcall {
            self.own();
            self.drain();
        }
    }

    /// The drain.
    pub(crate) fn drain(&self) {
        self.execute(|confined| {
            loop {
                confined.read();
                self.drains.fetch_sub(1, Ordering::Relaxed);
                if self.wake.idle() == Idle::Closed {
                    confined.read();
                    confined.sweep();
                    return;
                }
                if confined.outcomes.is_empty() {
                    return;
                }
                match self.wake.reschedule() {
                    Reschedule::Drain => self.own(),
                    Reschedule::Leave => return,
                }
            }
        });
    }

    fn own(&self) {
        let others = self.drains.fetch_add(1, Ordering::Relaxed);
        assert_eq!(others, 0, "a second drain is scheduled");
    }
}

impl Confined {
    fn read(&mut self) {
        while let Some(words) = self.outcomes.try_next() {
            if decode_request(&words).is_ok() {
                self.requests.push(words);
                continue;
            }
            let outcome = Outcome::decode(&words).expect("a whole record");
            self.unsettled.retain(|call| *call != outcome.call);
            self.seen.push((outcome.call, outcome.kind));
        }
    }

    fn sweep(&mut self) {
        self.swept += self.unsettled.len();
        self.unsettled.clear();
        self.closed = true;
    }
}
