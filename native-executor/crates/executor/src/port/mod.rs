//! The native half of a port.
//!
//! | file | |
//! |---|---|
//! | `port` | its fields, its owner's thread, its end |
//! | `slots` | the state of each call, and the task to abort |
//! | `outcomes`, `ready` | how an outcome gets into the completion ring |
//! | `invocation`, `invocations` | the requests to its owner: invocations of handlers, polls, drops of objects |
//! | `objects` | the runtime's objects, as this port's records name them |
//! | `payloads` | results and answers in native memory |
//! | `upcalls`, `wake` | how the owner is made to drain the completion ring |
//!
//! A port moves records and keeps what they name. It starts no call: the dispatcher in `call` reads the submission ring,
//! and settles calls by the functions of `outcomes`. So nothing here names a function, a task or JNI; the upcall comes in
//! as a [`Wake`].

pub(crate) mod invocation;
mod invocations;
mod objects;
mod outcomes;
mod payloads;
pub(crate) mod ready;
pub(crate) mod slots;
mod upcalls;
pub(crate) mod wake;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{
    CallId, Cells, CompletionProducer, Direct, DispatcherState, Doorbell, PortMemory, Rings,
    SharedView, SlotTable, SubmissionConsumer, WakeWord,
};

use self::invocation::Invocation;
use self::slots::CallSlots;
use self::wake::Wake;
use crate::codec::lease::LentByCall;
use crate::environment::Environment;
use crate::mapping::{self, Mapping};
use crate::metrics::{DispatcherCounters, LoopCounters, PortCounters};
use crate::objects::ObjectRef;

/// One owner loop bound to one runtime.
///
/// A port lives as long as anything refers to it: the table of handles, its dispatcher, unsettled calls, leases. So
/// does the memory it shares with Java (rule 8), except for the rings: their pages are given back when Java has closed
/// the port and the dispatcher has ended. Records that are published after that are read by no thread.
///
/// Any thread may use a port. Its fields are atomic words, tables with locks of their own, or never change.
pub(crate) struct Port {
    environment: Arc<Environment>,
    mapping: Arc<Mapping>,
    doorbell: Doorbell,
    completions: CompletionProducer,
    wake_word: WakeWord,
    slots: Arc<CallSlots>,
    /// Results in native memory, until Java gives them back. Java frees them by their tickets, at any time and from any
    /// thread, so that a ticket must not be one of the other two tables.
    payloads: SlotTable<Bytes>,
    /// Payloads of answers, from the time Java gives them until the dispatcher reads the record that names them.
    given: SlotTable<Bytes>,
    /// Invocations about which a record may still come. The table keeps them alive, since the awaiting future may be
    /// dropped before that record is read.
    invocations: SlotTable<Arc<Invocation>>,
    /// The objects of the runtime that this port's calls have used.
    objects: SharedView<ObjectRef>,
    /// Objects that Java gave with a record, until the dispatcher reads it.
    given_objects: SlotTable<ObjectRef>,
    max_payload_bytes: usize,
    /// The waker of the dispatcher's task.
    dispatcher: AtomicWaker,
    counters: Arc<PortCounters>,
    direct: Direct,
    /// Short arguments and results that their records do not hold.
    cells: Cells,
    /// The number of the thread on which the port's loop-driven futures live; 0 if there is none.
    loop_thread: AtomicUsize,
    /// The requests to the dispatcher, for a retry or its end, and the fact that it has ended.
    state: DispatcherState,
    wake: Box<dyn Wake>,
}

/// A call that has not settled. The code that owns this value has to settle it (rule 1).
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) lent: Option<Box<LentByCall>>,
}

impl Call {
    /// Makes a call whose record lends nothing, or whose arguments were not read.
    pub(crate) const fn lending_nothing(id: CallId) -> Call {
        Call { id, lent: None }
    }
}

/// The settings with which Java opens a port.
pub(crate) struct PortConfig {
    /// The mapping that contains `memory`.
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) memory: Arc<PortMemory>,
    pub(crate) slots: u32,
    pub(crate) max_payload_bytes: usize,
    /// A random number, so that no ticket can be guessed; each table of tickets uses another rotation of it.
    pub(crate) ticket_tag: u64,
    pub(crate) wake: Box<dyn Wake>,
}

impl Port {
    /// Makes a port, and the consumer of its submission ring for its dispatcher.
    ///
    /// # Errors
    ///
    /// If the system has no memory for the port's slots.
    pub(crate) fn new(
        environment: Arc<Environment>,
        config: PortConfig,
    ) -> io::Result<(Port, SubmissionConsumer)> {
        let slots = Arc::new(CallSlots::new(config.slots)?);
        let memory = config.memory;
        let counters = {
            let slots = Arc::clone(&slots);
            environment
                .metrics()
                .port_opened(Box::new(move || slots.running()))
        };
        let port = Port {
            doorbell: Doorbell::new(Arc::clone(&memory)),
            completions: CompletionProducer::new(Arc::clone(&memory)),
            wake_word: WakeWord::new(Arc::clone(&memory)),
            slots,
            mapping: Arc::clone(&config.mapping),
            payloads: SlotTable::new(u32::MAX, config.ticket_tag),
            given: SlotTable::new(u32::MAX, config.ticket_tag.rotate_left(32)),
            invocations: SlotTable::new(u32::MAX, config.ticket_tag.rotate_left(16)),
            objects: SharedView::new(environment.objects()),
            given_objects: SlotTable::new(u32::MAX, config.ticket_tag.rotate_left(48)),
            max_payload_bytes: config.max_payload_bytes.min(u32::MAX as usize),
            dispatcher: AtomicWaker::new(),
            counters,
            direct: Direct::new(Arc::clone(&memory)),
            cells: Cells::new(Arc::clone(&memory)),
            loop_thread: AtomicUsize::new(0),
            state: DispatcherState::new(),
            wake: config.wake,
            environment,
        };
        Ok((port, mapping::submissions(&config.mapping, memory)))
    }

    pub(crate) fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    pub(crate) fn doorbell(&self) -> &Doorbell {
        &self.doorbell
    }

    pub(crate) fn slots(&self) -> &CallSlots {
        &self.slots
    }

    pub(crate) fn dispatcher_waker(&self) -> &AtomicWaker {
        &self.dispatcher
    }

    pub(crate) fn counters(&self) -> &DispatcherCounters {
        &self.counters.dispatcher
    }

    pub(crate) fn loop_counters(&self) -> &LoopCounters {
        &self.counters.owner
    }

    pub(crate) fn direct(&self) -> &Direct {
        &self.direct
    }

    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Makes the calling thread the one on which loop-driven futures live. Returns `false` if another thread is that.
    pub(crate) fn settle_on_this_thread(&self) -> bool {
        let this = this_thread();
        // Acquire: pairs with the Release in `leave`; a thread that takes the place sees that the one before has
        // dropped all.
        let taken = self
            .loop_thread
            .compare_exchange(0, this, Ordering::AcqRel, Ordering::Acquire);
        taken.is_ok() || taken == Err(this)
    }

    /// Frees the place of the loop-driven futures' thread, which has dropped all of them.
    pub(crate) fn leave(&self) {
        self.loop_thread.store(0, Ordering::Release);
    }

    /// Wakes the dispatcher. Java calls this if it finds that the dispatcher parked before Java submitted.
    pub(crate) fn ring(&self) {
        self.environment.metrics().doorbell_rung();
        self.dispatcher.wake();
    }

    /// Closes the port for Java: the dispatcher cancels the calls that still run, and ends.
    pub(crate) fn close(&self) {
        let rings = self.state.close();
        self.dispatcher.wake();
        self.discard_rings(rings);
    }

    /// Gives the rings' pages back if no thread reads the rings any more.
    fn discard_rings(&self, rings: Rings) {
        if rings == Rings::Discard {
            self.mapping
                .discard(protocol::record::RINGS..self.mapping.bytes());
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.state.is_closing()
    }

    /// Marks the wake word CLOSED since the runtime has ended: Java then knows that no record will come beside those in
    /// the ring and those of functions that still compute or block.
    pub(crate) fn runtime_ended(&self) {
        match self.wake_word.close() {
            protocol::Wake::Upcall => self.wake_owner(),
            // A drain is scheduled already. If the upcall that was to schedule it failed, this thread repeats it.
            protocol::Wake::Coalesced => self.retry_at_last(),
        }
    }

    /// Ends what depends on the dispatcher: the dispatcher calls this as its last action, after it has read its last
    /// record.
    pub(crate) fn dispatcher_ended(&self) {
        let end = self.state.end();
        self.discard_rings(end.rings);
        if end.retry {
            self.retry_at_last();
        }
        // This comes after `end`: either this loop finds an invocation that `invoke` inserts, or `invoke` finds that
        // the dispatcher has ended (rule 6 of the state). So no invocation waits for ever.
        for invocation in self.invocations.remove_all() {
            invocation.lost(self.closed_error());
            invocation.ended();
        }
        self.drop_given_objects();
    }

    /// Returns whether Java has closed the port and has given all of its payloads back.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.is_closing() && self.payloads.is_empty()
    }
}

/// Returns a number that no other living thread has: the address of one of the thread's own variables.
fn this_thread() -> usize {
    thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

impl Drop for Port {
    fn drop(&mut self) {
        self.drop_given_objects();
        for bytes in self
            .payloads
            .remove_all()
            .into_iter()
            .chain(self.given.remove_all())
        {
            self.environment.metrics().payload_given_back(bytes.len());
            self.discard_payload(bytes);
        }
        self.environment.metrics().port_freed(&self.counters);
    }
}
