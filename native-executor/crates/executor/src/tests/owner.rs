//! A model of the owner loop: Java's half of the protocol, on the thread of a test.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use loopbridge_protocol::record::Inline;
use loopbridge_protocol::{
    Arguments, CallId, CompletionConsumer, Doorbell, Idle, Outcome, OutcomeKind, Payload,
    PortMemory, Reschedule, Ring, Submission, SubmissionKind, SubmissionProducer, WakeWord,
};

use tokio::runtime::Handle;

use super::PATIENCE;
use crate::dispatcher::Dispatcher;
use crate::port::{Port, PortConfig};
use crate::runtime::Runtime;
use crate::wake::{Upcall, Wake};

pub(super) struct Owner {
    pub(super) runtime: Arc<Runtime>,
    pub(super) port: Arc<Port>,
    /// How many upcalls are to fail.
    pub(super) failing_upcalls: Arc<AtomicUsize>,
    submissions: SubmissionProducer,
    completions: CompletionConsumer,
    doorbell: Doorbell,
    wake_word: WakeWord,
    woken: Receiver<()>,
    /// The wake word is SCHEDULED, and the right to drain is here.
    draining: bool,
    generations: Vec<u32>,
    free: VecDeque<u32>,
    /// Blocks of arguments that calls still use.
    blocks: Vec<Option<Box<[u8]>>>,
    /// Slots whose call has settled while its memory is still lent.
    pub(super) lent: Vec<u32>,
}

/// Sends a message to the test's thread instead of calling Java.
struct Signal {
    to: Mutex<Sender<()>>,
    failing: Arc<AtomicUsize>,
}

impl Wake for Signal {
    fn wake(&self) -> Upcall {
        let fails = |left: usize| left.checked_sub(1);
        let failed = self
            .failing
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails);
        if failed.is_ok() {
            return Upcall::Failed;
        }
        match self.to.lock().expect("no test panics here").send(()) {
            Ok(()) => Upcall::Made,
            Err(_) => Upcall::Gone,
        }
    }
}

/// How a call settled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) call: CallId,
    pub(super) kind: OutcomeKind,
    pub(super) lent: bool,
    pub(super) payload: Vec<u8>,
    pub(super) external: bool,
}

impl Owner {
    pub(super) fn new(runtime: &Arc<Runtime>) -> Owner {
        Owner::with(runtime, 4_096, 1 << 20)
    }

    pub(super) fn with(runtime: &Arc<Runtime>, slots: u32, max_payload_bytes: usize) -> Owner {
        Owner::bind(runtime, slots, max_payload_bytes, |config| {
            runtime.open_port(config).expect("an open runtime")
        })
    }

    /// An owner whose dispatcher is no task: it runs when the test polls it. Tasks that it spawns go to `tokio`.
    pub(super) fn with_idle_dispatcher(
        runtime: &Arc<Runtime>,
        tokio: &Handle,
    ) -> (Owner, Dispatcher) {
        let mut dispatcher = None;
        let owner = Owner::bind(runtime, 64, 1 << 20, |config| {
            let (port, submissions) = Port::new(Arc::clone(runtime), config);
            let port = Arc::new(port);
            let made = Dispatcher::new(Arc::clone(&port), submissions, tokio.clone());
            dispatcher = Some(made);
            port
        });
        (owner, dispatcher.expect("made with the port"))
    }

    fn bind(
        runtime: &Arc<Runtime>,
        slots: u32,
        max_payload_bytes: usize,
        open: impl FnOnce(PortConfig) -> Arc<Port>,
    ) -> Owner {
        let capacity = 2 * slots.next_power_of_two();
        let memory = Arc::new(PortMemory::allocate(capacity, capacity).expect("powers of two"));
        let (to, woken) = channel();
        let failing_upcalls = Arc::<AtomicUsize>::default();
        let wake = Signal {
            to: Mutex::new(to),
            failing: Arc::clone(&failing_upcalls),
        };
        let config = PortConfig {
            memory: Arc::clone(&memory),
            slots,
            max_payload_bytes,
            ticket_tag: 0x5bd1_e995_9d1b_58d3,
            wake: Box::new(wake),
        };
        Owner {
            runtime: Arc::clone(runtime),
            port: open(config),
            failing_upcalls,
            submissions: SubmissionProducer::new(Arc::clone(&memory)),
            completions: CompletionConsumer::new(Arc::clone(&memory)),
            doorbell: Doorbell::new(Arc::clone(&memory)),
            wake_word: WakeWord::new(memory),
            woken,
            draining: false,
            generations: vec![0; slots as usize],
            free: (0..slots).collect(),
            blocks: (0..slots).map(|_| None).collect(),
            lent: Vec::new(),
        }
    }

    /// Starts a call, in a loop turn of its own.
    pub(super) fn call(&mut self, function: &str, arguments: &Written) -> CallId {
        let call = self.submit(function, arguments);
        self.flush();
        call
    }

    /// Starts a call and settles it.
    pub(super) fn run(&mut self, function: &str, arguments: &Written) -> Settled {
        let call = self.call(function, arguments);
        let settled = self.next();
        assert_eq!(settled.call, call);
        settled
    }

    /// Starts a call, to be flushed with others.
    pub(super) fn submit(&mut self, function: &str, arguments: &Written) -> CallId {
        let wanted = format!(" {function}(");
        let functions = self.runtime.functions();
        let number = functions
            .iter()
            .position(|known| known.to_string().contains(&wanted));
        let number = number.unwrap_or_else(|| panic!("no function {function}"));
        self.submit_number(number as u32, arguments)
    }

    pub(super) fn submit_number(&mut self, function: u32, arguments: &Written) -> CallId {
        let slot = self.free.pop_front().expect("a free slot");
        let call = CallId {
            slot,
            generation: self.generations[slot as usize],
        };
        let place = match Inline::new(&arguments.bytes) {
            Some(inline) => Arguments::Inline(inline),
            None => {
                let block = self.blocks[slot as usize].insert(arguments.bytes.clone().into());
                Arguments::External {
                    address: block.as_ptr().expose_provenance() as u64,
                    length: block.len() as u64,
                }
            }
        };
        let submission = Submission {
            kind: SubmissionKind::Call,
            lends: arguments.lends,
            function,
            call,
            arguments: place,
        };
        assert!(self.submissions.try_submit(&submission.encode()));
        call
    }

    /// Whether a call is accepted: there is a slot, and room for its record and for the cancel of every live call.
    pub(super) fn accepts(&self) -> bool {
        !self.free.is_empty() && self.submissions.free() >= 2 + self.in_flight() as u64
    }

    /// Whether no record is left in the ring. The dispatcher may have copied some that it did not take yet.
    pub(super) fn ring_is_empty(&self) -> bool {
        self.submissions.free() == 2 * self.generations.len().next_power_of_two() as u64
    }

    /// Cancels a call unless it has settled; at most once for each.
    pub(super) fn submit_cancel(&mut self, call: CallId) {
        if self.generations[call.slot as usize] != call.generation {
            return;
        }
        assert!(
            self.submissions
                .try_submit(&Submission::cancel(call).encode())
        );
    }

    /// Submits a record of a free slot whose other bytes are the given ones.
    pub(super) fn submit_bytes(&mut self, mut record: [u8; 64]) -> CallId {
        let slot = self.free.pop_front().expect("a free slot");
        let generation = self.generations[slot as usize];
        record[8..12].copy_from_slice(&slot.to_le_bytes());
        record[12..16].copy_from_slice(&generation.to_le_bytes());
        let word = |at: usize| std::array::from_fn(|byte| record[at * 8 + byte]);
        self.submit_words(&std::array::from_fn(|at| u64::from_le_bytes(word(at))));
        CallId { slot, generation }
    }

    pub(super) fn submit_words(&mut self, words: &[u64; 8]) {
        assert!(self.submissions.try_submit(words));
    }

    pub(super) fn cancel(&mut self, call: CallId) {
        self.submit_cancel(call);
        self.flush();
    }

    /// The end of a loop turn.
    pub(super) fn flush(&mut self) {
        let _ = self.ring();
    }

    /// The end of a loop turn; what the doorbell said.
    pub(super) fn ring(&mut self) -> Ring {
        let ring = self.doorbell.ring();
        if ring == Ring::Downcall {
            self.port.ring();
        }
        ring
    }

    /// The next outcome; waits for it. RELEASED records free their slot and are not returned.
    pub(super) fn next(&mut self) -> Settled {
        loop {
            if let Some(settled) = self.try_next() {
                return settled;
            }
            self.await_wake();
        }
    }

    /// The next outcome if the owner was woken for one; else it is idle.
    pub(super) fn try_next(&mut self) -> Option<Settled> {
        self.draining |= self.woken.try_recv().is_ok();
        while self.draining {
            while let Some(words) = self.completions.try_next() {
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

    fn await_wake(&mut self) {
        let woken = self.woken.recv_timeout(PATIENCE);
        woken.unwrap_or_else(|_| panic!("nothing wakes: {:?}", self.runtime.counters()));
        assert!(!self.draining, "two drains at once");
        self.draining = true;
    }

    /// Waits until the memory of the calls that settled is back.
    pub(super) fn await_released(&mut self) {
        loop {
            assert_eq!(self.try_next(), None);
            if self.lent.is_empty() {
                return;
            }
            self.await_wake();
        }
    }

    /// Waits for the drain that follows the runtime's end, and empties the ring.
    pub(super) fn drain_closed(&mut self) -> Vec<Settled> {
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

    pub(super) fn in_flight(&self) -> usize {
        self.generations.len() - self.free.len()
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
        let (payload, external) = match outcome.payload {
            Payload::Inline(inline) => (inline.to_vec(), false),
            Payload::External { ticket, length } => {
                let bytes = self.port.take_payload(ticket).expect("a payload");
                assert_eq!(bytes.len(), length as usize);
                (bytes.to_vec(), true)
            }
        };
        Some(Settled {
            call,
            kind: outcome.kind,
            lent: outcome.lent,
            payload,
            external,
        })
    }

    fn free(&mut self, slot: u32) {
        let generation = &mut self.generations[slot as usize];
        *generation = generation.wrapping_add(1);
        self.blocks[slot as usize] = None;
        self.free.push_back(slot);
    }
}

/// Arguments as Java writes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    lends: bool,
}

pub(super) fn none() -> Written {
    Written::default()
}

impl Written {
    pub(super) fn raw(mut self, bytes: &[u8]) -> Written {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(super) fn i64(self, value: i64) -> Written {
        self.raw(&value.to_le_bytes())
    }

    pub(super) fn bytes(self, value: &[u8]) -> Written {
        let length = (value.len() as u32).to_le_bytes();
        self.raw(&[0]).raw(&length).raw(value)
    }

    pub(super) fn lent(self, value: &'static [u8]) -> Written {
        let address = (value.as_ptr().expose_provenance() as u64).to_le_bytes();
        let length = (value.len() as u32).to_le_bytes();
        let mut written = self.raw(&[1]).raw(&address).raw(&length);
        written.lends = true;
        written
    }
}
