//! The native half of a port: its payloads, and the way of an outcome into the completion ring.

mod invocations;
mod upcalls;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{
    CallId, CompletionProducer, Direct, DispatcherState, Doorbell, Finish, Handover, OutcomeKind,
    Payload, PortMemory, Rings, Settle, SlotTable, SubmissionConsumer, WakeWord,
};

use crate::environment::Environment;
use crate::invocation::Invocation;
use crate::lease::LentByCall;
use crate::mapping::Mapping;
use crate::metrics::{DispatcherCounters, LoopCounters, PortCounters};
use crate::panics::{self, Panic};
use crate::ready::Ready;
use crate::slots::CallSlots;
use crate::value::Encoded;
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

    // Outcomes: any thread

    /// Whether nobody will ask for the outcome of a running call.
    pub(crate) fn is_unwanted(&self, id: CallId) -> bool {
        self.slots.is_cancelled(id) || self.is_closing() || self.environment.is_closing()
    }

    /// The outcome of a call whose task is dropped before it has one.
    pub(crate) fn outcome_of_dropped(&self, id: CallId, encoded: &mut Encoded) -> OutcomeKind {
        if self.slots.is_cancelled(id) || self.is_closing() {
            OutcomeKind::Cancelled
        } else if self.environment.is_closing() {
            OutcomeKind::Closed
        } else {
            encoded.panic(Panic::of("the call's task was dropped"))
        }
    }

    /// Makes a result fit for Java: no larger than allowed, and a copy if it lies in memory that the call borrowed, since
    /// it must not change when the caller, whose memory that is again, writes there.
    /// What a handler of another loop threw is none of this loop's objects.
    pub(crate) fn detach(
        &self,
        call: &Call,
        outcome: OutcomeKind,
        encoded: &mut Encoded,
    ) -> OutcomeKind {
        match outcome {
            OutcomeKind::Value if encoded.external().is_some() => self.detach_bytes(call, encoded),
            OutcomeKind::Value if encoded.holds_object() && encoded.holds_foreign(self) => {
                encoded.wrong_loop()
            }
            OutcomeKind::Thrown if encoded.holds_foreign(self) => OutcomeKind::Error,
            _ => outcome,
        }
    }

    fn detach_bytes(&self, call: &Call, encoded: &mut Encoded) -> OutcomeKind {
        let Some(bytes) = encoded.external() else {
            return OutcomeKind::Value;
        };
        let size = bytes.len();
        let fits = size <= self.max_payload_bytes;
        let borrowed = call.lent.as_ref().is_some_and(|by| by.may_hold(bytes));
        if fits && !borrowed {
            return OutcomeKind::Value;
        }
        let copy = fits.then(|| Bytes::copy_from_slice(bytes));
        self.discard(encoded);
        match copy {
            Some(copy) => {
                encoded.set_external(copy);
                OutcomeKind::Value
            }
            None => {
                encoded.set(size as i64);
                OutcomeKind::TooLarge
            }
        }
    }

    /// Ends a call (rule 1): the call is consumed, and its record published.
    pub(crate) fn settle(&self, call: Call, outcome: OutcomeKind, encoded: &mut Encoded) {
        fault!(panic "settle");
        self.count(outcome);
        let outcome = match self.slots.finish(call.id) {
            Finish::Deliver if !self.is_closing() => self.detach(&call, outcome, encoded),
            Finish::Deliver | Finish::Discard => self.unwanted(encoded),
            Finish::Stale => return self.discard(encoded),
        };
        self.publish(&call, outcome, encoded);
    }

    /// Ends a call that never left the dispatcher, who is the caller. A record that needs nothing else to be done is left
    /// in `ready`, for the caller to publish with others.
    pub(crate) fn settle_own(
        &self,
        call: &Call,
        mut outcome: OutcomeKind,
        encoded: &mut Encoded,
        ready: &mut Ready,
    ) {
        self.count(outcome);
        self.slots.finish_own(call.id);
        if self.is_closing() {
            outcome = self.unwanted(encoded);
        }
        if call.lent.is_some() || encoded.holds_object() {
            return self.publish(call, outcome, encoded);
        }
        ready.push(&self.record(call.id, outcome, encoded));
    }

    /// Ends a call that a panic of the bridge's own has cut off on its way to be settled; whether it had not ended. If its
    /// record was published all the same, this one names a use of the slot that is over, and Java ignores it.
    pub(crate) fn settle_after_panic(&self, id: CallId, panic: Box<Panic>) -> bool {
        let lost = self.slots.finish(id) != Finish::Stale;
        let mut encoded = Encoded::new();
        let outcome = encoded.panic(panic);
        self.count(outcome);
        self.publish(&Call { id, lent: None }, outcome, &mut encoded);
        lost
    }

    fn count(&self, outcome: OutcomeKind) {
        if outcome == OutcomeKind::Panic {
            self.environment.metrics().panic_caught();
        }
    }

    /// The outcome of a call that nobody waits for.
    fn unwanted(&self, encoded: &mut Encoded) -> OutcomeKind {
        self.discard(encoded);
        encoded.bare(OutcomeKind::Cancelled)
    }

    /// Drops what nobody asked for. It may hold user code.
    fn discard(&self, encoded: &mut Encoded) {
        encoded.drop_held();
        if let Some(bytes) = encoded.take_external() {
            self.discard_payload(bytes);
        }
    }

    /// The record of an outcome, for a call that lends nothing any more.
    fn record<'a>(
        &self,
        call: CallId,
        mut kind: OutcomeKind,
        encoded: &'a mut Encoded,
    ) -> protocol::Outcome<'a> {
        if kind == OutcomeKind::Panic {
            encoded.write_panic(|panic| self.environment.panics().keep(panic));
        }
        let mut kept = None;
        if let Some(bytes) = encoded.take_external() {
            kept = self.keep(bytes);
            if kept.is_none() {
                kind = OutcomeKind::Closed;
            }
        }
        protocol::Outcome {
            kind,
            lent: false,
            call,
            payload: kept.unwrap_or(Payload::Inline(encoded.inline())),
        }
    }

    fn publish(&self, call: &Call, outcome: OutcomeKind, encoded: &mut Encoded) {
        let mut record = self.record(call.id, outcome, encoded);
        match call.lent.as_ref().map(|by| by.lent.lend.settle()) {
            None | Some(Settle::Free) => {
                if fault!("stale") {
                    let mut call = call.id;
                    call.generation = call.generation.wrapping_sub(1);
                    let stale = protocol::Outcome::bare(OutcomeKind::Cancelled, call);
                    self.completions.publish(&[stale.encode()]);
                }
                if fault!("garbage") {
                    self.completions.publish(&[[u64::MAX; 8]]);
                }
                self.completions.publish(&[record.encode()]);
            }
            Some(Settle::Lent(lending)) => {
                record.lent = true;
                self.completions.publish(&[record.encode()]);
                if lending.published() == Handover::ReleaseNow {
                    self.completions.publish(&[released(call.id).encode()]);
                }
            }
        }
        self.schedule();
        encoded.drop_held();
    }

    /// Ends a loop-driven call: its outcome goes into the direct record.
    pub(crate) fn settle_direct(&self, call: &Call, outcome: OutcomeKind, encoded: &mut Encoded) {
        self.count(outcome);
        let outcome = self.detach(call, outcome, encoded);
        let mut record = self.record(call.id, outcome, encoded);
        match call.lent.as_ref().map(|by| by.lent.lend.settle()) {
            None | Some(Settle::Free) => self.direct.write(&record.encode()),
            Some(Settle::Lent(lending)) => {
                record.lent = true;
                self.direct.write(&record.encode());
                if lending.published() == Handover::ReleaseNow {
                    self.publish_released(call.id);
                }
            }
        }
        encoded.drop_held();
    }

    /// The last record about a loop-driven call whose future was dropped with its thread or with the port: one record,
    /// since a POLL may be in the ring before it.
    pub(crate) fn publish_dropped(&self, call: &Call) {
        match call.lent.as_ref().map(|by| by.lent.lend.settle()) {
            None | Some(Settle::Free) => {
                let dropped = protocol::Outcome::bare(OutcomeKind::Cancelled, call.id);
                self.completions.publish(&[dropped.encode()]);
                self.schedule();
            }
            Some(Settle::Lent(lending)) => {
                if lending.published() == Handover::ReleaseNow {
                    self.publish_released(call.id);
                }
            }
        }
    }

    /// Publishes what is ready.
    pub(crate) fn publish_ready(&self, ready: &mut Ready) {
        if !ready.is_empty() {
            self.completions.publish(ready.records());
            if fault!("twice") {
                self.completions.publish(ready.records());
            }
            ready.clear();
            self.schedule();
        }
    }

    /// Keeps a payload until Java gives it back; `None` if there is no ticket left for it.
    fn keep(&self, bytes: Bytes) -> Option<Payload<'static>> {
        let length = bytes.len() as u32;
        let ticket = self.insert(&self.payloads, bytes)?;
        Some(Payload::External { ticket, length })
    }

    fn insert(&self, table: &SlotTable<Bytes>, bytes: Bytes) -> Option<u64> {
        let size = bytes.len();
        self.environment.metrics().payload_kept(size);
        let kept = match fault!("keep") {
            true => Err(protocol::Full(bytes)),
            false => table.insert(bytes),
        };
        match kept {
            Ok(ticket) => Some(ticket),
            Err(full) => {
                self.environment.metrics().payload_given_back(size);
                self.discard_payload(full.0);
                None
            }
        }
    }

    /// The memory lent by a call that settled before is free.
    pub(crate) fn publish_released(&self, id: CallId) {
        self.completions.publish(&[released(id).encode()]);
        self.schedule();
    }

    // Payloads: Java, any thread

    /// Address and length of a payload, valid until it is released.
    pub(crate) fn payload(&self, ticket: u64) -> Option<(*const u8, usize)> {
        self.payloads
            .with(ticket, |bytes| (bytes.as_ptr(), bytes.len()))
    }

    /// Takes what Java gives for an answer; `None` if there is no ticket left for it.
    pub(crate) fn give_payload(&self, bytes: Bytes) -> Option<u64> {
        self.insert(&self.given, bytes)
    }

    /// Takes what Java gave.
    pub(crate) fn take_given(&self, ticket: u64) -> Option<Bytes> {
        let bytes = self.given.remove(ticket)?;
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Takes a payload out, to be copied; exactly one caller gets it.
    pub(crate) fn take_payload(&self, ticket: u64) -> Option<Bytes> {
        let Some(bytes) = self.payloads.remove(ticket) else {
            return self.take_given(ticket); // of an answer that nobody read
        };
        self.environment.metrics().payload_given_back(bytes.len());
        Some(bytes)
    }

    /// Drops a payload's memory, which may be the last act of user code.
    pub(crate) fn discard_payload(&self, bytes: Bytes) {
        if panics::catch(|| drop(bytes)).is_err() {
            self.environment.metrics().panic_caught();
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

fn released(id: CallId) -> protocol::Outcome<'static> {
    protocol::Outcome::bare(OutcomeKind::Released, id)
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
