//! Calls and cancels, which the owner submits.

use loopbridge_protocol::record::Inline;
use loopbridge_protocol::{Arguments, CallId, Ring, Submission, SubmissionKind};

use super::{Owner, Settled, Written};

impl Owner {
    /// Starts a call, in a loop turn of its own.
    pub(crate) fn call(&mut self, function: &str, arguments: &Written) -> CallId {
        let call = self.submit(function, arguments);
        self.flush();
        call
    }

    /// Starts a call and settles it.
    pub(crate) fn run(&mut self, function: &str, arguments: &Written) -> Settled {
        let call = self.call(function, arguments);
        let settled = self.next();
        assert_eq!(settled.call, call);
        settled
    }

    /// Starts a call, to be flushed with others.
    pub(crate) fn submit(&mut self, function: &str, arguments: &Written) -> CallId {
        let number = self.number(function);
        self.submit_number(number, arguments)
    }

    pub(super) fn number(&self, function: &str) -> u32 {
        let wanted = format!(" {function}(");
        let functions = self.runtime.functions();
        let number = functions
            .iter()
            .position(|known| known.to_string().contains(&wanted));
        number.unwrap_or_else(|| panic!("no function {function}")) as u32
    }

    /// Takes a slot for a call.
    pub(crate) fn take_slot(&mut self) -> CallId {
        let slot = self.free.pop_front().expect("a free slot");
        CallId {
            slot,
            generation: self.generations[slot as usize],
        }
    }

    pub(crate) fn submit_number(&mut self, function: u32, arguments: &Written) -> CallId {
        let call = self.take_slot();
        let place = match Inline::new(&arguments.bytes) {
            Some(inline) => Arguments::Inline(inline),
            None if self.port.cells().write(call.slot, &arguments.bytes) => Arguments::Cell {
                length: arguments.bytes.len() as u16,
            },
            None => {
                let block = self.blocks[call.slot as usize].insert(arguments.bytes.clone().into());
                Arguments::External {
                    address: block.as_ptr().expose_provenance() as u64,
                    length: block.len() as u64,
                }
            }
        };
        let submission = Submission {
            kind: SubmissionKind::Call,
            needs_port: arguments.needs_port,
            function,
            call,
            arguments: place,
        };
        assert!(self.submissions.try_submit(&submission.encode()));
        call
    }

    /// Whether a call is accepted: there is a slot, and room for its record and for the cancel of every live call.
    pub(crate) fn accepts(&self) -> bool {
        !self.free.is_empty() && self.submissions.free() >= 2 + self.in_flight() as u64
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.generations.len() - self.free.len()
    }

    /// Whether no record is left in the ring. The dispatcher may have copied records that it has not taken yet.
    pub(crate) fn ring_is_empty(&self) -> bool {
        self.submissions.free() == 2 * self.generations.len().next_power_of_two() as u64
    }

    /// Cancels a call unless it has settled; at most once for each.
    pub(crate) fn submit_cancel(&mut self, call: CallId) {
        if self.generations[call.slot as usize] != call.generation {
            return;
        }
        assert!(
            self.submissions
                .try_submit(&Submission::cancel(call).encode())
        );
    }

    pub(crate) fn cancel(&mut self, call: CallId) {
        self.submit_cancel(call);
        self.flush();
    }

    /// Submits a record of a free slot whose other bytes are the given ones.
    pub(crate) fn submit_bytes(&mut self, mut record: [u8; 64]) -> CallId {
        let slot = self.free.pop_front().expect("a free slot");
        let generation = self.generations[slot as usize];
        record[8..12].copy_from_slice(&slot.to_le_bytes());
        record[12..16].copy_from_slice(&generation.to_le_bytes());
        let word = |at: usize| std::array::from_fn(|byte| record[at * 8 + byte]);
        self.submit_words(&std::array::from_fn(|at| u64::from_le_bytes(word(at))));
        CallId { slot, generation }
    }

    pub(crate) fn submit_words(&mut self, words: &[u64; 8]) {
        assert!(self.submissions.try_submit(words));
    }

    /// Ends a loop turn.
    pub(crate) fn flush(&mut self) {
        let _ = self.ring();
    }

    /// Ends a loop turn; the state in which it found the doorbell.
    pub(crate) fn ring(&mut self) -> Ring {
        let ring = self.doorbell.ring();
        if ring == Ring::Downcall {
            self.port.ring();
        }
        ring
    }
}
