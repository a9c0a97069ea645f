//! Lent memory: one record frees it, after the last access to it, and after the outcome.
#![cfg(loom)]

mod model;

use loom::cell::Cell;
use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::{
    CallId, CompletionConsumer, CompletionProducer, Handover, Lend, Outcome, OutcomeKind,
    PortMemory, Release, Settle,
};
use model::model;

const CALL: CallId = CallId {
    slot: 0,
    generation: 0,
};

/// Java's memory, which native code may read while it is lent.
struct Lent {
    lend: Lend,
    byte: Cell<u8>,
    /// Whether the outcome is in the ring; only the order that `Lend` makes publishes this.
    outcome: Cell<bool>,
    outcomes: CompletionProducer,
}

// SAFETY: loom runs one thread at a time and panics at an access to a cell that nothing orders.
unsafe impl Sync for Lent {}
// SAFETY: as for `Sync`.
unsafe impl Send for Lent {}

impl Lent {
    fn complete(&self) {
        let value = Outcome::bare(OutcomeKind::Value, CALL);
        match self.lend.settle() {
            Settle::Free => self.outcomes.publish(&[value.encode()]),
            Settle::Lent(lending) => {
                let lent = Outcome {
                    lent: true,
                    ..value
                };
                self.outcomes.publish(&[lent.encode()]);
                self.outcome.set(true);
                if lending.published() == Handover::ReleaseNow {
                    self.release();
                }
            }
        }
    }

    fn drop_lease(&self) {
        assert_eq!(self.byte.get(), 1);
        if self.lend.lease_dropped() == Release::Separately {
            self.release();
        }
    }

    fn release(&self) {
        assert!(self.outcome.get());
        self.outcomes
            .publish(&[Outcome::bare(OutcomeKind::Released, CALL).encode()]);
    }
}

/// Reads the records of one call, as the owner does; `true` once the memory is lent no more.
fn read(ring: &mut CompletionConsumer, kinds: &mut Vec<(OutcomeKind, bool)>) -> bool {
    while let Some(words) = ring.try_next() {
        let outcome = Outcome::decode(&words).expect("a whole record");
        kinds.push((outcome.kind, outcome.lent));
    }
    kinds.last().is_some_and(|(_, lent)| !lent)
}

#[test]
fn the_lease_is_dropped_while_the_call_settles() {
    model("lease drop, settle", "I8 I6", || {
        let memory = Arc::new(PortMemory::allocate(1, 2).unwrap());
        let lent = Arc::new(Lent {
            lend: Lend::new(),
            byte: Cell::new(1),
            outcome: Cell::new(false),
            outcomes: CompletionProducer::new(memory.clone()),
        });
        let (completion, lease) = (lent.clone(), lent.clone());
        let completion = thread::spawn(move || completion.complete());
        let lease = thread::spawn(move || lease.drop_lease());

        let mut ring = CompletionConsumer::new(memory);
        let mut kinds = Vec::new();
        let mut free = false;
        for _ in 0..2 {
            if !free && read(&mut ring, &mut kinds) {
                // Java uses its memory again.
                lent.byte.set(2);
                free = true;
            }
        }
        completion.join().unwrap();
        lease.join().unwrap();
        read(&mut ring, &mut kinds);
        let (value, released) = (OutcomeKind::Value, OutcomeKind::Released);
        assert!(
            kinds == [(value, false)] || kinds == [(value, true), (released, false)],
            "{kinds:?}"
        );
    });
}
