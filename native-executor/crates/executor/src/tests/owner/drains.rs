//! Drains of the completion ring, and the outcomes they read.

use loopbridge_protocol::record::{CELL_WORDS, decode_request};
use loopbridge_protocol::{CallId, Idle, Outcome, OutcomeKind, Payload, Reschedule};

use super::super::PATIENCE;
use super::Owner;

/// How a call settled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) call: CallId,
    pub(crate) kind: OutcomeKind,
    pub(crate) lent: bool,
    pub(crate) payload: Vec<u8>,
    pub(crate) external: bool,
}

impl Owner {
    /// The next outcome; waits for it. RELEASED records free their slot and are not returned.
    pub(crate) fn next(&mut self) -> Settled {
        loop {
            if let Some(settled) = self.try_next() {
                return settled;
            }
            self.await_wake();
        }
    }

    /// The next outcome if the owner was woken for one; otherwise none, and the owner is idle.
    pub(crate) fn try_next(&mut self) -> Option<Settled> {
        self.settled.pop_front().or_else(|| self.drain())
    }

    /// The next loop-driven call that was woken; waits for it.
    pub(crate) fn next_poll(&mut self) -> CallId {
        loop {
            assert_eq!(self.try_asked(), None);
            if let Some(call) = self.polls.pop_front() {
                return call;
            }
            self.await_wake();
        }
    }

    /// Waits until the memory of the settled calls is lent no more.
    pub(crate) fn await_released(&mut self) {
        loop {
            assert_eq!(self.try_next(), None);
            if self.lent.is_empty() {
                return;
            }
            self.await_wake();
        }
    }

    /// Waits for the drain that follows the runtime's end, and empties the ring.
    pub(crate) fn drain_closed(&mut self) -> Vec<Settled> {
        let mut settled = Vec::new();
        loop {
            let closed = self.wake_word.is_closed();
            settled.extend(std::iter::from_fn(|| self.try_next()));
            if closed {
                return settled;
            }
            self.await_wake();
        }
    }

    pub(super) fn await_wake(&mut self) {
        let woken = self.woken.recv_timeout(PATIENCE);
        woken.unwrap_or_else(|_| panic!("nothing wakes: {:?}", self.runtime.counters()));
        assert!(!self.draining, "two drains at once");
        self.draining = true;
    }

    pub(super) fn drain(&mut self) -> Option<Settled> {
        self.draining |= self.woken.try_recv().is_ok();
        while self.draining {
            while let Some(words) = self.completions.try_next() {
                if let Ok(request) = decode_request(&words) {
                    self.request(&request);
                    continue;
                }
                let outcome = Outcome::decode(&words).expect("a readable record");
                if let Some(settled) = self.outcome(outcome) {
                    return Some(settled);
                }
            }
            let _: Idle = self.wake_word.idle();
            self.draining =
                !self.completions.is_empty() && self.wake_word.reschedule() == Reschedule::Drain;
        }
        None
    }

    fn outcome(&mut self, outcome: Outcome) -> Option<Settled> {
        let call = outcome.call;
        assert_eq!(
            call.generation, self.generations[call.slot as usize],
            "an outcome of a call that has settled: {outcome:?}"
        );
        if outcome.kind == OutcomeKind::Released {
            let before = self.lent.len();
            self.lent.retain(|slot| *slot != call.slot);
            assert_eq!(self.lent.len() + 1, before, "RELEASED without LENT");
            self.free(call.slot);
            return None;
        }
        match outcome.lent {
            true => self.lent.push(call.slot),
            false => self.free(call.slot),
        }
        let (payload, external) = self.payload(call, outcome.payload);
        if outcome.kind == OutcomeKind::Thrown {
            let thrown = object_at_end(&payload);
            let known = self.objects.contains_key(&thrown);
            assert!(known, "{thrown:?} was released before its outcome");
        }
        Some(Settled {
            call,
            kind: outcome.kind,
            lent: outcome.lent,
            payload,
            external,
        })
    }

    pub(super) fn payload(&self, call: CallId, payload: Payload) -> (Vec<u8>, bool) {
        match payload {
            Payload::Inline(inline) => (inline.to_vec(), false),
            Payload::Cell { length } => {
                let mut copy = [0; CELL_WORDS];
                let bytes = self
                    .port
                    .cells()
                    .read(call.slot, usize::from(length), &mut copy);
                (bytes.expect("a cell").to_vec(), true)
            }
            Payload::External { ticket, length } => {
                let bytes = self.port.take_payload(ticket).expect("a payload");
                assert_eq!(bytes.len(), length as usize);
                (bytes.to_vec(), true)
            }
        }
    }

    fn free(&mut self, slot: u32) {
        let generation = &mut self.generations[slot as usize];
        *generation = generation.wrapping_add(1);
        self.blocks[slot as usize] = None;
        self.free.push_back(slot);
    }
}

/// The object that the payload of an outcome [`OutcomeKind::Thrown`] names.
pub(crate) fn object_at_end(payload: &[u8]) -> CallId {
    let (rest, generation) = payload.split_last_chunk().expect("a generation");
    let (_, slot) = rest.split_last_chunk().expect("a slot");
    CallId {
        slot: u32::from_le_bytes(*slot),
        generation: u32::from_le_bytes(*generation),
    }
}
