//! A model of the owner loop: Java's half of the protocol, on the thread of a test.

mod calls;
mod drains;
mod handlers;
mod written;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use loopbridge_protocol::{
    CallId, CompletionConsumer, Doorbell, PortMemory, SubmissionProducer, WakeWord,
};
use tokio::runtime::Handle;

pub(super) use self::drains::{Settled, object_at_end};
pub(super) use self::handlers::Asked;
use self::handlers::Invoked;
pub(super) use self::written::{Written, none};
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
        let memory = Arc::new(
            PortMemory::allocate_with_cells(capacity, capacity, slots).expect("powers of two"),
        );
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
