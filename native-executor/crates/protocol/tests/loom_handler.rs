//! A handler's invocations beside the end of its port: each is answered or refused once, and the handler is released
//! after the last of them.
#![cfg(loom)]

mod model;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use loopbridge_protocol::record::{acknowledgement, decode_request};
use loopbridge_protocol::{
    Answer, AnswerKind, AnswerPayload, Answered, CallId, CompletionConsumer, CompletionProducer,
    DispatcherState, Doorbell, InvocationState, Payload, PortMemory, Request, SlotTable,
    SubmissionConsumer, SubmissionKind, SubmissionProducer, Withdrawn,
};
use model::model;

const HANDLER: CallId = CallId {
    slot: 0,
    generation: 1,
};

/// The executor's port, as far as it concerns invocations.
struct Port {
    requests: CompletionProducer,
    invocations: SlotTable<Arc<Invocation>>,
    dispatcher: DispatcherState,
}

/// Rust's reference to a handler; its drop releases the handler.
struct Handler(Arc<Port>);

impl Drop for Handler {
    fn drop(&mut self) {
        // After a failure the model makes no further use of loom.
        if !std::thread::panicking() {
            self.0.request(&Request::Drop { object: HANDLER });
        }
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Value,
    Closed,
}

struct Invocation {
    state: InvocationState,
    handler: Arc<Handler>,
    /// The outcomes that the future has received.
    outcomes: UnsafeCell<Vec<Outcome>>,
    /// How often the turn of the invocation was given back.
    ended: UnsafeCell<usize>,
}

// SAFETY: loom panics at an access to the cells that nothing orders.
unsafe impl Sync for Invocation {}
// SAFETY: as for `Sync`.
unsafe impl Send for Invocation {}

impl Invocation {
    fn new(handler: Handler) -> Arc<Self> {
        Arc::new(Self {
            state: InvocationState::new(),
            handler: Arc::new(handler),
            outcomes: UnsafeCell::new(Vec::new()),
            ended: UnsafeCell::new(0),
        })
    }

    fn deliver(&self, outcome: Outcome) {
        // SAFETY: loom checks.
        self.outcomes
            .with_mut(|all| unsafe { (*all).push(outcome) });
    }

    fn ended(&self) {
        // SAFETY: loom checks.
        self.ended.with_mut(|ended| unsafe { *ended += 1 });
    }

    /// An unanswered future withdraws its invocation when it is dropped.
    fn give_up(&self, ticket: u64) -> Withdrawn {
        let withdrawn = self.state.withdraw();
        if withdrawn == Withdrawn::Publish {
            let invocation = ticket;
            self.handler.0.request(&Request::Withdraw { invocation });
        }
        withdrawn
    }

    /// The outcomes that the future received, once the invocation is over and has given its turn back once.
    fn outcomes(&self) -> Vec<Outcome> {
        // SAFETY: loom checks.
        assert_eq!(self.ended.with(|ended| unsafe { *ended }), 1);
        // SAFETY: loom checks.
        self.outcomes
            .with_mut(|all| unsafe { std::mem::take(&mut *all) })
    }
}

impl Port {
    fn new(memory: &Arc<PortMemory>) -> Arc<Self> {
        Arc::new(Self {
            requests: CompletionProducer::new(memory.clone()),
            invocations: SlotTable::new(u32::MAX, 0x5bd1_e995),
            dispatcher: DispatcherState::new(),
        })
    }

    fn request(&self, request: &Request<'_>) {
        self.requests.publish(&[request.encode()]);
    }

    /// A place in the table; `None` if no answer will be read, and the caller gives the outcome to the future.
    fn begin(&self, invocation: &Arc<Invocation>) -> Option<u64> {
        let ticket = self.invocations.insert(invocation.clone()).ok()?;
        (!self.dispatcher.has_ended() || self.invocations.remove(ticket).is_none())
            .then_some(ticket)
    }

    /// A worker requests the invocation from the owner; `None` as above.
    fn invoke(&self, invocation: &Arc<Invocation>) -> Option<u64> {
        let ticket = self.begin(invocation)?;
        self.request(&Request::Invoke {
            handler: HANDLER,
            invocation: ticket,
            argument: Payload::NONE,
        });
        Some(ticket)
    }

    fn answered(&self, ticket: u64) {
        let answered = |it: &Arc<Invocation>| it.state.answer() == Answered::Deliver;
        if let Some(invocation) = self.invocations.remove_if(ticket, answered) {
            invocation.deliver(Outcome::Value);
            invocation.ended();
        }
    }

    fn acknowledged(&self, ticket: u64) {
        let acknowledged = |it: &Arc<Invocation>| it.state.acknowledge();
        if let Some(invocation) = self.invocations.remove_if(ticket, acknowledged) {
            invocation.ended();
        }
    }

    fn dispatcher_ended(&self) {
        let _only_invocations_here = self.dispatcher.end();
        for invocation in self.invocations.remove_all() {
            if invocation.state.answer() == Answered::Deliver {
                invocation.deliver(Outcome::Closed);
            }
            invocation.ended();
        }
    }
}

/// Reads the owner's answers.
struct Dispatcher {
    port: Arc<Port>,
    answers: SubmissionConsumer,
    doorbell: Doorbell,
}

impl Dispatcher {
    fn new(port: &Arc<Port>, memory: &Arc<PortMemory>) -> Self {
        Self {
            port: port.clone(),
            answers: SubmissionConsumer::new(memory.clone()),
            doorbell: Doorbell::new(memory.clone()),
        }
    }

    fn turn(&mut self) {
        while let Some(words) = self.answers.try_next() {
            match SubmissionKind::of(words) {
                Some(SubmissionKind::Answer) => self.port.answered(words[1]),
                Some(SubmissionKind::Acknowledge) => self.port.acknowledged(words[1]),
                other => panic!("{other:?}"),
            }
        }
    }

    fn end(&mut self) {
        let _ = self.doorbell.close();
        self.turn();
        self.port.dispatcher_ended();
    }
}

/// Answers each invocation and acknowledges each withdrawal, in the order of the ring. Does not answer an invocation
/// whose withdrawal it has read.
struct Owner {
    requests: CompletionConsumer,
    answers: SubmissionProducer,
    /// The records that were read: INVOKE, WITHDRAW and DROP.
    read: Vec<char>,
}

impl Owner {
    fn new(memory: &Arc<PortMemory>) -> Self {
        Self {
            requests: CompletionConsumer::new(memory.clone()),
            answers: SubmissionProducer::new(memory.clone()),
            read: Vec::new(),
        }
    }

    fn drain(&mut self) {
        while let Some(words) = self.requests.try_next() {
            match decode_request(&words).expect("a whole record") {
                Request::Invoke {
                    invocation,
                    handler,
                    ..
                } => {
                    assert_eq!(handler, HANDLER);
                    self.read.push('I');
                    let answer = Answer {
                        invocation,
                        kind: AnswerKind::Value,
                        payload: AnswerPayload::Inline(&[]),
                    };
                    assert!(self.answers.try_submit(&answer.encode()));
                }
                Request::Withdraw { invocation } => {
                    self.read.push('W');
                    assert!(self.answers.try_submit(&acknowledgement(invocation)));
                }
                Request::Drop { object } => {
                    assert_eq!(object, HANDLER);
                    self.read.push('D');
                }
                Request::Poll { .. } => unreachable!("no such call"),
            }
        }
    }

    fn read(&self) -> String {
        self.read.iter().collect()
    }
}

/// An invocation of the handler's last clone.
fn last(memory: &Arc<PortMemory>) -> (Arc<Port>, Arc<Invocation>) {
    let port = Port::new(memory);
    let invocation = Invocation::new(Handler(port.clone()));
    (port, invocation)
}

/// The future is dropped while its answer is on its way, and with it the handler's last clone: the thread that holds
/// the invocation last releases the handler.
#[test]
fn a_handler_is_released_after_its_last_invocation() {
    model("answer, withdraw, drop of the handler", "I6 I9", || {
        let memory = Arc::new(PortMemory::allocate(4, 4).unwrap());
        let (port, invocation) = last(&memory);
        let mut dispatcher = Dispatcher::new(&port, &memory);
        let worker = {
            let port = port.clone();
            thread::spawn(move || {
                let ticket = port.invoke(&invocation).expect("the dispatcher lives");
                invocation.give_up(ticket)
            })
        };
        let dispatching = thread::spawn(move || {
            dispatcher.turn();
            dispatcher
        });
        let mut owner = Owner::new(&memory);
        owner.drain();
        let withdrawn = worker.join().unwrap();
        let mut dispatcher = dispatching.join().unwrap();
        owner.drain();
        dispatcher.turn();
        owner.drain();
        let expected = match withdrawn {
            Withdrawn::Publish => "IWD",
            Withdrawn::TooLate => "ID",
        };
        assert_eq!(owner.read(), expected);
        assert!(port.invocations.is_empty());
    });
}

/// A worker begins an invocation while the dispatcher ends; the owner's answer may still be read, or may come too late,
/// or the owner may not get the request.
#[test]
fn an_invocation_begins_while_the_dispatcher_ends() {
    model("invoke, answer, dispatcher's end", "I3 I6", || {
        let memory = Arc::new(PortMemory::allocate(4, 4).unwrap());
        let (port, invocation) = last(&memory);
        let mut dispatcher = Dispatcher::new(&port, &memory);
        let worker = {
            let (port, invocation) = (port.clone(), invocation.clone());
            thread::spawn(move || {
                let refused = port.invoke(&invocation).is_none();
                if refused {
                    invocation.ended();
                }
                refused
            })
        };
        let ending = thread::spawn(move || {
            dispatcher.turn();
            dispatcher.end();
        });
        let mut owner = Owner::new(&memory);
        owner.drain();
        let refused = worker.join().unwrap();
        ending.join().unwrap();

        let outcomes = invocation.outcomes();
        drop(invocation);
        match refused {
            true => assert_eq!(outcomes, []),
            false => assert_eq!(outcomes.len(), 1, "{outcomes:?}"),
        }
        assert!(port.invocations.is_empty());
        owner.drain();
        assert_eq!(owner.read(), if refused { "D" } else { "ID" });
    });
}

/// The same, and meanwhile the future is dropped.
#[test]
fn an_invocation_is_withdrawn_while_the_dispatcher_ends() {
    model("invoke, withdraw, dispatcher's end", "I3 I5", || {
        let memory = Arc::new(PortMemory::allocate(4, 4).unwrap());
        let (port, invocation) = last(&memory);
        let mut dispatcher = Dispatcher::new(&port, &memory);
        let worker = {
            let (port, invocation) = (port.clone(), invocation.clone());
            thread::spawn(move || match port.invoke(&invocation) {
                Some(ticket) => Some(invocation.give_up(ticket)),
                None => {
                    invocation.ended();
                    None
                }
            })
        };
        let ending = thread::spawn(move || dispatcher.end());
        let mut owner = Owner::new(&memory);
        owner.drain();
        let withdrawn = worker.join().unwrap();
        ending.join().unwrap();

        let outcomes = invocation.outcomes();
        drop(invocation);
        let answers = usize::from(withdrawn == Some(Withdrawn::TooLate));
        assert_eq!(outcomes.len(), answers, "{outcomes:?}");
        assert!(port.invocations.is_empty());
        owner.drain();
        let read = match withdrawn {
            None => "D",
            Some(Withdrawn::TooLate) => "ID",
            Some(Withdrawn::Publish) => "IWD",
        };
        assert_eq!(owner.read(), read);
    });
}

/// The owner answers a loop-driven future within its poll, without a ring.
#[test]
fn an_answer_within_the_poll_meets_the_dispatchers_end() {
    model("ask, dispatcher's end", "I3 I6", || {
        let memory = Arc::new(PortMemory::allocate(4, 4).unwrap());
        let (port, invocation) = last(&memory);
        let mut dispatcher = Dispatcher::new(&port, &memory);
        let ending = thread::spawn(move || dispatcher.end());
        let begun = port.begin(&invocation);
        match begun {
            Some(ticket) => port.answered(ticket),
            None => invocation.ended(),
        }
        ending.join().unwrap();
        assert_eq!(invocation.outcomes().len(), usize::from(begun.is_some()));
        drop(invocation);
        assert!(port.invocations.is_empty());
        let mut owner = Owner::new(&memory);
        owner.drain();
        assert_eq!(owner.read(), "D");
    });
}
