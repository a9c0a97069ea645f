//! How an outcome gets into the completion ring, or into the direct record. Any thread.

use bytes::Bytes;
use loopbridge_protocol as protocol;
use loopbridge_protocol::{CallId, Finish, Handover, OutcomeKind, Payload, Settle, Words};

use super::ready::Ready;
use super::{Call, Port};
use crate::codec::encoded::Encoded;
use crate::codec::lease::released;
use crate::codec::object::Owner;
use crate::metrics::Metrics;
use crate::objects::ObjectRef;
use crate::panics::Panic;

/// Where a payload may go that its record does not hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Into the cell of the call's slot, if it fits; else it is kept.
    Cell,
    /// It is kept, and the record has its ticket.
    Kept,
}

impl Port {
    /// Returns whether the outcome of a running call will be dropped: the call is cancelled, or its port or runtime
    /// closes.
    pub(crate) fn is_unwanted(&self, id: CallId) -> bool {
        self.slots.is_cancelled(id) || self.is_closing() || self.environment.is_closing()
    }

    /// Returns the outcome of a call whose task is dropped before it has one.
    pub(crate) fn outcome_of_dropped(&self, id: CallId, encoded: &mut Encoded) -> OutcomeKind {
        if self.slots.is_cancelled(id) || self.is_closing() {
            OutcomeKind::Cancelled
        } else if self.environment.is_closing() {
            OutcomeKind::Closed
        } else {
            encoded.panic(Panic::of("the call's task was dropped"))
        }
    }

    /// Makes a result fit for Java. A result that is too large becomes `TooLarge`. One that lies in memory that the
    /// call borrowed is copied: that memory is the caller's again once the call has settled, and a write of the
    /// caller's must not change the result. An object of another loop becomes an error, since this loop must not touch
    /// it.
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
        // A function may return a slice of its own argument; an address in the lent range shows that.
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

    /// Ends a call (rule 1): consumes it and publishes its record. `finish` decides whether the outcome or a cancel
    /// came first.
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

    /// Ends a call that has neither task nor thread; only the dispatcher calls this. A record that needs nothing else
    /// to be done is added to `ready`, which the dispatcher publishes with others.
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
        // Lent memory and held objects are handed back around the publication, so that it cannot be put off.
        if call.lent.is_some() || encoded.holds_object() {
            return self.publish(call, outcome, encoded);
        }
        ready.push(&self.record(call.id, outcome, encoded, Room::Cell));
    }

    /// Ends a call after a panic in the bridge's own code kept it from being settled. Returns whether the call had not
    /// ended. If its record was published all the same, the record made here names a past use of the slot, and Java
    /// ignores it.
    pub(crate) fn settle_after_panic(&self, id: CallId, panic: Box<Panic>) -> bool {
        let lost = self.slots.finish_unguarded(id) != Finish::Stale;
        let mut encoded = Encoded::new();
        let outcome = encoded.panic(panic);
        self.count(outcome);
        // Without the cell: if the call has ended before, that may be another call's now (rule 3 of the cells).
        let record = self.record(id, outcome, &mut encoded, Room::Kept).encode();
        self.publish_record(&record);
        lost
    }

    fn count(&self, outcome: OutcomeKind) {
        if outcome == OutcomeKind::Panic {
            self.environment.metrics().panic_caught();
        }
    }

    /// Replaces the outcome of a call that was cancelled: Java reads CANCELLED, whatever the function returned.
    fn unwanted(&self, encoded: &mut Encoded) -> OutcomeKind {
        self.discard(encoded);
        encoded.bare(OutcomeKind::Cancelled)
    }

    /// Drops a result. The drop may run user code.
    fn discard(&self, encoded: &mut Encoded) {
        encoded.drop_held();
        if let Some(bytes) = encoded.take_external() {
            self.discard_payload(bytes);
        }
    }

    /// Makes the record of an outcome; `lent` is false, and `publish` sets it if the call still lends memory. With
    /// [`Room::Cell`] the caller is the one that ends the call, and publishes the record next.
    fn record<'a>(
        &self,
        call: CallId,
        mut kind: OutcomeKind,
        encoded: &'a mut Encoded,
        room: Room,
    ) -> protocol::Outcome<'a> {
        // A panic is kept and encoded here and not before: an outcome that is discarded takes none of the few places.
        if kind == OutcomeKind::Panic {
            encoded.write_panic(|panic| self.environment.panics().keep(panic));
        }
        // As late as that of a panic: an object that has a ticket lives until Java closes it.
        if !encoded.name_shared(|object| self.environment.objects().insert(object)) {
            kind = OutcomeKind::Closed;
        }
        let mut kept = None;
        if let Some(bytes) = encoded.take_external() {
            if room == Room::Cell && self.cells.write(call.slot, &bytes) {
                let length = bytes.len() as u16;
                kept = Some(Payload::Cell { length });
                self.discard_payload(bytes);
            } else {
                kept = self.keep(bytes);
            }
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
        let mut record = self.record(call.id, outcome, encoded, Room::Cell);
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

    /// Ends a loop-driven call: writes its outcome into the direct record, which the owner reads when its call returns.
    pub(crate) fn settle_direct(&self, call: &Call, outcome: OutcomeKind, encoded: &mut Encoded) {
        self.count(outcome);
        let outcome = self.detach(call, outcome, encoded);
        let mut record = self.record(call.id, outcome, encoded, Room::Cell);
        match call.lent.as_ref().map(|by| by.lent.lend.settle()) {
            None | Some(Settle::Free) => self.direct.write(&record.encode()),
            Some(Settle::Lent(lending)) => {
                record.lent = true;
                self.direct.write(&record.encode());
                if lending.published() == Handover::ReleaseNow {
                    self.publish_record(&released(call.id).encode());
                }
            }
        }
        encoded.drop_held();
    }

    /// Publishes the last record about a loop-driven call whose future was dropped with its thread or with the port.
    /// The slot has room for one more record only, since a POLL of the call may be in the ring.
    pub(crate) fn publish_dropped(&self, call: &Call) {
        match call.lent.as_ref().map(|by| by.lent.lend.settle()) {
            None | Some(Settle::Free) => {
                let dropped = protocol::Outcome::bare(OutcomeKind::Cancelled, call.id);
                self.completions.publish(&[dropped.encode()]);
                self.schedule();
            }
            Some(Settle::Lent(lending)) => {
                if lending.published() == Handover::ReleaseNow {
                    self.publish_record(&released(call.id).encode());
                }
            }
        }
    }

    /// Publishes the records in `ready` together.
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

    /// Publishes one record, and makes sure that the owner drains the ring.
    pub(super) fn publish_record(&self, record: &Words) {
        self.completions.publish(std::slice::from_ref(record));
        self.schedule();
    }
}

impl Owner for Port {
    fn publish(&self, record: &Words) {
        self.publish_record(record);
    }

    fn metrics(&self) -> &Metrics {
        self.environment.metrics()
    }

    fn shared(&self, ticket: u64) -> Option<ObjectRef> {
        self.object(ticket)
    }
}
