//! The native half of a port.
//!
//! | file | |
//! |---|---|
//! | `port` | what it is made of, its owner's thread, its end |
//! | `outcomes` | the way of an outcome into the completion ring |
//! | `invocations` | what it asks of its owner |
//! | `payloads` | results and answers in native memory |
//! | `upcalls` | how the owner is made to drain |

mod invocations;
mod outcomes;
mod payloads;
mod upcalls;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{
    CallId, CompletionProducer, Direct, DispatcherState, Doorbell, PortMemory, Rings, SlotTable,
    SubmissionConsumer, WakeWord,
};

use crate::environment::Environment;
use crate::invocation::Invocation;
use crate::lease::LentByCall;
use crate::mapping::Mapping;
use crate::metrics::{DispatcherCounters, LoopCounters, PortCounters};
use crate::slots::CallSlots;
use crate::wake::Wake;

/// One owner loop bound to one runtime.
///
/// Lives as long as anything refers to it: the table of handles, its dispatcher, unsettled calls, leases. So does the
/// memory it shares with Java (rule 8), but for the rings: those are given back when Java is done with the port and the
/// dispatcher has ended. Whatever is published after that is read by nobody.
pub(crate) struct Port {
    environment: Arc<Environment>,
    mapping: Arc<Mapping>,
    doorbell: Doorbell,
    completions: CompletionProducer,
    wake_word: WakeWord,
    slots: CallSlots,
    payloads: SlotTable<Bytes>,
    /// Of answers, from Java's giving them to the dispatcher's reading of the record that names them.
    given: SlotTable<Bytes>,
    invocations: SlotTable<Arc<Invocation>>,
    max_payload_bytes: usize,
    /// Wakes the dispatcher's task.
    dispatcher: AtomicWaker,
    counters: Arc<PortCounters>,
    direct: Direct,
    /// The thread that loop-driven futures live on; 0 if there is none.
    loop_thread: AtomicUsize,
    /// What is asked of the dispatcher, and what it leaves to others when it has ended.
    state: DispatcherState,
    wake: Box<dyn Wake>,
}

/// A call that has not settled: whoever holds it settles it.
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) lent: Option<Box<LentByCall>>,
}

impl Call {
    /// A call whose record lends nothing, or nothing that was read.
    pub(crate) const fn lending_nothing(id: CallId) -> Call {
        Call { id, lent: None }
    }
}

/// What a port is opened with.
pub(crate) struct PortConfig {
    /// What `memory` lies in.
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) memory: Arc<PortMemory>,
    pub(crate) slots: u32,
    pub(crate) max_payload_bytes: usize,
    /// A number that nobody can guess; each table of tickets takes it turned another way.
    pub(crate) ticket_tag: u64,
    pub(crate) wake: Box<dyn Wake>,
}

impl Port {
    /// The port and the end of its submission ring that its dispatcher reads.
    ///
    /// # Errors
    ///
    /// The system has no memory for the port's slots.
    pub(crate) fn new(
        environment: Arc<Environment>,
        config: PortConfig,
    ) -> io::Result<(Port, SubmissionConsumer)> {
        let slots = CallSlots::new(config.slots)?;
        let memory = config.memory;
        let counters = environment.metrics().port_opened();
        let port = Port {
            doorbell: Doorbell::new(Arc::clone(&memory)),
            completions: CompletionProducer::new(Arc::clone(&memory)),
            wake_word: WakeWord::new(Arc::clone(&memory)),
            slots,
            mapping: config.mapping,
            payloads: SlotTable::new(u32::MAX, config.ticket_tag),
            given: SlotTable::new(u32::MAX, config.ticket_tag.rotate_left(32)),
            invocations: SlotTable::new(u32::MAX, config.ticket_tag.rotate_left(16)),
            max_payload_bytes: config.max_payload_bytes.min(u32::MAX as usize),
            dispatcher: AtomicWaker::new(),
            counters,
            direct: Direct::new(Arc::clone(&memory)),
            loop_thread: AtomicUsize::new(0),
            state: DispatcherState::new(),
            wake: config.wake,
            environment,
        };
        Ok((port, SubmissionConsumer::new(memory)))
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

    /// Makes the caller's thread the one of the loop-driven futures, unless another is.
    pub(crate) fn settle_on_this_thread(&self) -> bool {
        let this = this_thread();
        // AcqRel, Acquire: a thread that comes after another sees that it has left.
        let taken = self
            .loop_thread
            .compare_exchange(0, this, Ordering::AcqRel, Ordering::Acquire);
        taken.is_ok() || taken == Err(this)
    }

    /// The thread of the loop-driven futures has dropped them all.
    pub(crate) fn leave(&self) {
        self.loop_thread.store(0, Ordering::Release);
    }

    /// Java rang: the dispatcher parked before Java submitted.
    pub(crate) fn ring(&self) {
        self.environment.metrics().doorbell_rung();
        self.dispatcher.wake();
    }

    /// Java is done with the port: the dispatcher cancels what still runs, and ends.
    pub(crate) fn close(&self) {
        let rings = self.state.close();
        self.dispatcher.wake();
        self.discard_rings(rings);
    }

    /// Gives the rings' memory back when nobody reads them any more.
    fn discard_rings(&self, rings: Rings) {
        if rings == Rings::Discard {
            self.mapping.discard(protocol::record::RINGS);
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.state.is_closing()
    }

    /// The runtime has ended: whatever the ring does not hold will not come, but for what still computes or blocks.
    pub(crate) fn runtime_ended(&self) {
        match self.wake_word.close() {
            protocol::Wake::Upcall => self.wake_owner(),
            protocol::Wake::Coalesced => self.retry_at_last(),
        }
    }

    /// The dispatcher has read its last record; it calls this last.
    pub(crate) fn dispatcher_ended(&self) {
        let end = self.state.end();
        self.discard_rings(end.rings);
        if end.retry {
            self.retry_at_last();
        }
        // After `end`: of this and an insertion in `invoke` one finds the other (rule 6 of the state).
        for invocation in self.invocations.remove_all() {
            invocation.lost();
            invocation.ended();
        }
    }

    /// Whether Java is done with the port and with all of its payloads.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.is_closing() && self.payloads.is_empty()
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    thread_local! {
        static PLACE: u8 = const { 0 };
    }
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

impl Drop for Port {
    fn drop(&mut self) {
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
