//! A model of the owner loop: Java's half of the protocol, on the thread of a test.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use loopbridge_protocol::record::{Inline, SUBMISSION_INLINE, acknowledgement, decode_request};
use loopbridge_protocol::{
    Answer, AnswerKind, AnswerPayload, Arguments, CallId, CompletionConsumer, Doorbell, Idle,
    Outcome, OutcomeKind, Payload, PortMemory, Relay, Request, Reschedule, Ring, Submission,
    SubmissionKind, SubmissionProducer, WakeWord,
};

use tokio::runtime::Handle;

use super::PATIENCE;
use crate::Bytes;
use crate::call::dispatcher::Dispatcher;
use crate::mapping::Mapping;
use crate::port::wake::{Answering, Upcall, Wake};
use crate::port::{Port, PortConfig};
use crate::runtime::Runtime;

pub(super) struct Owner {
    pub(super) runtime: Arc<Runtime>,
    pub(super) port: Arc<Port>,
    /// How many upcalls are to fail; every other one by a panic.
    pub(super) failing_upcalls: Arc<AtomicUsize>,
    submissions: SubmissionProducer,
    completions: CompletionConsumer,
    doorbell: Doorbell,
    wake_word: WakeWord,
    woken: Receiver<()>,
    /// The wake word is SCHEDULED, and this owner has the drain that goes with it.
    draining: bool,
    generations: Vec<u32>,
    free: VecDeque<u32>,
    /// Blocks of arguments that calls still use.
    blocks: Vec<Option<Box<[u8]>>>,
    /// Slots whose call has settled while its memory is still lent.
    pub(super) lent: Vec<u32>,
    /// The objects that native code may name, and how often it may invoke each at once.
    pub(super) objects: HashMap<CallId, u32>,
    next_object: u32,
    invocations: HashMap<u64, Invoked>,
    /// Outcomes that were read while the test waited for something else.
    settled: VecDeque<Settled>,
    asked: VecDeque<Asked>,
    /// Loop-driven calls that were woken.
    pub(super) polls: VecDeque<CallId>,
}

/// The owner's record of an invocation that native code has requested.
struct Invoked {
    handler: CallId,
    answered: bool,
    withdrawn: bool,
}

/// A request or withdrawal of native code's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Invoke {
        handler: CallId,
        invocation: u64,
        argument: Vec<u8>,
        external: bool,
    },
    Withdraw(u64),
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
        if let Ok(left) = failed {
            assert!(left % 2 == 0, "an upcall that panics, as planned");
            return Upcall::Failed;
        }
        match self.to.lock().expect("no test panics here").send(()) {
            Ok(()) => Upcall::Made,
            Err(_) => Upcall::Gone,
        }
    }

    fn ask(&self) -> Answering {
        Answering::Failed // no model of a handler that runs inside a poll: Java's tests cover those
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

    /// An owner whose dispatcher is no task: it runs when the test polls it. Tasks that it spawns run on `tokio`.
    pub(super) fn with_idle_dispatcher(
        runtime: &Arc<Runtime>,
        tokio: &Handle,
    ) -> (Owner, Dispatcher) {
        let mut dispatcher = None;
        let owner = Owner::bind(runtime, 64, 1 << 20, |config| {
            let (port, submissions) =
                Port::new(Arc::clone(runtime.environment()), config).expect("memory");
            let port = Arc::new(port);
            let made = Dispatcher::new(
                Arc::clone(&port),
                submissions,
                tokio.clone(),
                runtime.functions(),
            );
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
        // Not part of the memory, so that a closed port frees nothing: this owner still reads, which Java does not.
        let mapping = Arc::new(Mapping::new(1).expect("memory"));
        let (to, woken) = channel();
        let failing_upcalls = Arc::<AtomicUsize>::default();
        let wake = Signal {
            to: Mutex::new(to),
            failing: Arc::clone(&failing_upcalls),
        };
        let config = PortConfig {
            mapping,
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
            objects: HashMap::new(),
            next_object: 0,
            invocations: HashMap::new(),
            settled: VecDeque::new(),
            asked: VecDeque::new(),
            polls: VecDeque::new(),
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
        let number = self.number(function);
        self.submit_number(number, arguments)
    }

    fn number(&self, function: &str) -> u32 {
        let wanted = format!(" {function}(");
        let functions = self.runtime.functions();
        let number = functions
            .iter()
            .position(|known| known.to_string().contains(&wanted));
        number.unwrap_or_else(|| panic!("no function {function}")) as u32
    }

    /// Takes a slot for a call.
    pub(super) fn take_slot(&mut self) -> CallId {
        let slot = self.free.pop_front().expect("a free slot");
        CallId {
            slot,
            generation: self.generations[slot as usize],
        }
    }

    pub(super) fn submit_number(&mut self, function: u32, arguments: &Written) -> CallId {
        let call = self.take_slot();
        let place = match Inline::new(&arguments.bytes) {
            Some(inline) => Arguments::Inline(inline),
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
    pub(super) fn accepts(&self) -> bool {
        !self.free.is_empty() && self.submissions.free() >= 2 + self.in_flight() as u64
    }

    /// Whether no record is left in the ring. The dispatcher may have copied records that it has not taken yet.
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

    /// Ends a loop turn.
    pub(super) fn flush(&mut self) {
        let _ = self.ring();
    }

    /// Ends a loop turn; the state in which it found the doorbell.
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

    /// The next outcome if the owner was woken for one; otherwise none, and the owner is idle.
    pub(super) fn try_next(&mut self) -> Option<Settled> {
        self.settled.pop_front().or_else(|| self.drain())
    }

    /// The next invocation or withdrawal; waits for it.
    pub(super) fn next_asked(&mut self) -> Asked {
        loop {
            if let Some(asked) = self.try_asked() {
                return asked;
            }
            self.await_wake();
        }
    }

    /// The next invocation or withdrawal if the owner was woken for one; otherwise none, and the owner is idle.
    pub(super) fn try_asked(&mut self) -> Option<Asked> {
        while let Some(settled) = self.drain() {
            self.settled.push_back(settled);
        }
        self.asked.pop_front()
    }

    /// The next loop-driven call that was woken; waits for it.
    pub(super) fn next_poll(&mut self) -> CallId {
        loop {
            assert_eq!(self.try_asked(), None);
            if let Some(call) = self.polls.pop_front() {
                return call;
            }
            self.await_wake();
        }
    }

    /// The next request, which is an invocation: its ticket and argument.
    pub(super) fn next_invocation(&mut self) -> (u64, Vec<u8>) {
        match self.next_asked() {
            Asked::Invoke {
                invocation,
                argument,
                ..
            } => (invocation, argument),
            Asked::Withdraw(withdrawn) => panic!("{withdrawn:#x} is withdrawn"),
        }
    }

    /// Waits until native code has released all objects.
    pub(super) fn await_dropped(&mut self) {
        loop {
            assert_eq!(self.try_asked(), None);
            if self.objects.is_empty() {
                return;
            }
            self.await_wake();
        }
    }

    /// Makes an object that native code may name: a handler that allows this many invocations at once, or an exception.
    pub(super) fn object(&mut self, at_once: u32) -> CallId {
        self.next_object += 1;
        let object = CallId {
            slot: self.next_object,
            generation: 1 + self.next_object % 3,
        };
        self.objects.insert(object, at_once);
        object
    }

    /// Answers an invocation.
    pub(super) fn submit_answer(&mut self, invocation: u64, kind: AnswerKind, value: &Written) {
        let payload = match value.bytes.len() <= SUBMISSION_INLINE {
            true => AnswerPayload::Inline(&value.bytes),
            false => {
                let given = Bytes::copy_from_slice(&value.bytes);
                AnswerPayload::Given(self.port.give_payload(given).expect("a ticket"))
            }
        };
        let answer = Answer {
            invocation,
            kind,
            payload,
        };
        self.submit_answer_words(invocation, &answer.encode());
    }

    /// Answers an invocation with a call.
    pub(super) fn submit_relay(&mut self, invocation: u64, function: &str, arguments: &Written) {
        let function = self.number(function);
        let arguments_at = match arguments.bytes.len() <= SUBMISSION_INLINE {
            true => AnswerPayload::Inline(&arguments.bytes),
            false => {
                let given = Bytes::copy_from_slice(&arguments.bytes);
                AnswerPayload::Given(self.port.give_payload(given).expect("a ticket"))
            }
        };
        let relay = Relay {
            invocation,
            function,
            needs_port: arguments.needs_port,
            arguments: arguments_at,
        };
        self.submit_answer_words(invocation, &relay.encode());
    }

    pub(super) fn relay(&mut self, invocation: u64, function: &str, arguments: &Written) {
        self.submit_relay(invocation, function, arguments);
        self.flush();
    }

    /// Answers an invocation with a record that need not be readable.
    pub(super) fn submit_answer_words(&mut self, invocation: u64, words: &[u64; 8]) {
        let invoked = self.invocations.get_mut(&invocation).expect("invoked");
        assert!(!std::mem::replace(&mut invoked.answered, true));
        self.submit_words(words);
    }

    pub(super) fn answer(&mut self, invocation: u64, value: &Written) {
        self.submit_answer(invocation, AnswerKind::Value, value);
        self.flush();
    }

    pub(super) fn fail(&mut self, invocation: u64, error: &Written) {
        self.submit_answer(invocation, AnswerKind::Error, error);
        self.flush();
    }

    /// Acknowledges a withdrawal.
    pub(super) fn submit_acknowledgement(&mut self, invocation: u64) {
        let invoked = self.invocations.remove(&invocation).expect("invoked");
        assert!(invoked.withdrawn);
        self.submit_words(&acknowledgement(invocation));
    }

    pub(super) fn acknowledge(&mut self, invocation: u64) {
        self.submit_acknowledgement(invocation);
        self.flush();
    }

    fn drain(&mut self) -> Option<Settled> {
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

    fn await_wake(&mut self) {
        let woken = self.woken.recv_timeout(PATIENCE);
        woken.unwrap_or_else(|_| panic!("nothing wakes: {:?}", self.runtime.counters()));
        assert!(!self.draining, "two drains at once");
        self.draining = true;
    }

    /// Waits until the memory of the settled calls is lent no more.
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

    fn request(&mut self, request: &Request) {
        let asked = match *request {
            Request::Invoke {
                handler,
                invocation,
                argument,
            } => {
                let at_once = self.objects.get(&handler);
                let at_once = *at_once.unwrap_or_else(|| panic!("{handler:?} is no object"));
                let invoked = Invoked {
                    handler,
                    answered: false,
                    withdrawn: false,
                };
                let before = self.invocations.insert(invocation, invoked);
                assert!(before.is_none(), "a ticket comes twice");
                let open = self.open_invocations(handler);
                assert!(open <= at_once as usize, "{open} at once");
                let (argument, external) = self.payload(argument);
                Asked::Invoke {
                    handler,
                    invocation,
                    argument,
                    external,
                }
            }
            Request::Withdraw { invocation } => {
                let invoked = self.invocations.get_mut(&invocation).expect("invoked");
                let twice = std::mem::replace(&mut invoked.withdrawn, true);
                assert!(!twice, "withdrawn twice");
                Asked::Withdraw(invocation)
            }
            Request::Poll { call } => return self.polls.push_back(call),
            Request::Drop { object } => {
                let known = self.objects.remove(&object);
                assert!(known.is_some(), "{object:?} is no object");
                let ended = self.port.is_closing() || self.runtime.is_closing();
                let open = self.open_invocations(object);
                assert!(ended || open == 0, "dropped before its invocations ended");
                self.invocations
                    .retain(|_, invoked| invoked.handler != object);
                return;
            }
        };
        self.asked.push_back(asked);
    }

    /// Invocations that have a turn, by the owner's own record.
    fn open_invocations(&self, handler: CallId) -> usize {
        let open = |invoked: &&Invoked| {
            invoked.handler == handler && (invoked.withdrawn || !invoked.answered)
        };
        self.invocations.values().filter(open).count()
    }

    fn payload(&self, payload: Payload) -> (Vec<u8>, bool) {
        match payload {
            Payload::Inline(inline) => (inline.to_vec(), false),
            Payload::External { ticket, length } => {
                let bytes = self.port.take_payload(ticket).expect("a payload");
                assert_eq!(bytes.len(), length as usize);
                (bytes.to_vec(), true)
            }
        }
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
        let (payload, external) = self.payload(outcome.payload);
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

    fn free(&mut self, slot: u32) {
        let generation = &mut self.generations[slot as usize];
        *generation = generation.wrapping_add(1);
        self.blocks[slot as usize] = None;
        self.free.push_back(slot);
    }
}

/// The object that the payload of an outcome [`OutcomeKind::Thrown`] names.
pub(super) fn object_at_end(payload: &[u8]) -> CallId {
    let (rest, generation) = payload.split_last_chunk().expect("a generation");
    let (_, slot) = rest.split_last_chunk().expect("a slot");
    CallId {
        slot: u32::from_le_bytes(*slot),
        generation: u32::from_le_bytes(*generation),
    }
}

/// Arguments, or a handler's answer, in the form in which Java writes them.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) needs_port: bool,
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
        written.needs_port = true;
        written
    }

    /// An object of [`Owner::object`] as a handler.
    pub(super) fn handler(self, object: CallId, at_once: u32) -> Written {
        let mut written = self.object(object).raw(&at_once.to_le_bytes());
        written.needs_port = true;
        written
    }

    /// An exception that the owner keeps as this object; with generation 0 it does not keep it.
    pub(super) fn thrown(self, object: CallId, class: &str, message: &str, stack: &str) -> Written {
        self.object(object)
            .bytes(class.as_bytes())
            .bytes(message.as_bytes())
            .bytes(stack.as_bytes())
    }

    pub(super) fn object(self, object: CallId) -> Written {
        self.raw(&object.slot.to_le_bytes())
            .raw(&object.generation.to_le_bytes())
    }
}
