//! Objects that native code may name, and the invocations of those that are handlers.

use loopbridge_protocol::record::{SUBMISSION_INLINE, acknowledgement};
use loopbridge_protocol::{Answer, AnswerKind, AnswerPayload, CallId, Relay, Request};

use super::{Owner, Written};
use crate::Bytes;

/// A request or withdrawal of native code's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Invoke {
        handler: CallId,
        invocation: u64,
        argument: Vec<u8>,
        external: bool,
    },
    Withdraw(u64),
}

/// The owner's record of an invocation that native code has requested.
pub(super) struct Invoked {
    handler: CallId,
    answered: bool,
    withdrawn: bool,
}

impl Owner {
    /// Makes an object that native code may name: a handler that allows this many invocations at once, or an exception.
    pub(crate) fn object(&mut self, at_once: u32) -> CallId {
        self.next_object += 1;
        let object = CallId {
            slot: self.next_object,
            generation: 1 + self.next_object % 3,
        };
        self.objects.insert(object, at_once);
        object
    }

    /// The next invocation or withdrawal; waits for it.
    pub(crate) fn next_asked(&mut self) -> Asked {
        loop {
            if let Some(asked) = self.try_asked() {
                return asked;
            }
            self.await_wake();
        }
    }

    /// The next invocation or withdrawal if the owner was woken for one; otherwise none, and the owner is idle.
    pub(crate) fn try_asked(&mut self) -> Option<Asked> {
        while let Some(settled) = self.drain() {
            self.settled.push_back(settled);
        }
        self.asked.pop_front()
    }

    /// The next request, which is an invocation: its ticket and argument.
    pub(crate) fn next_invocation(&mut self) -> (u64, Vec<u8>) {
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
    pub(crate) fn await_dropped(&mut self) {
        loop {
            assert_eq!(self.try_asked(), None);
            if self.objects.is_empty() {
                return;
            }
            self.await_wake();
        }
    }

    /// Answers an invocation.
    pub(crate) fn submit_answer(&mut self, invocation: u64, kind: AnswerKind, value: &Written) {
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
    pub(crate) fn submit_relay(&mut self, invocation: u64, function: &str, arguments: &Written) {
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

    pub(crate) fn relay(&mut self, invocation: u64, function: &str, arguments: &Written) {
        self.submit_relay(invocation, function, arguments);
        self.flush();
    }

    /// Answers an invocation with a record that need not be readable.
    pub(crate) fn submit_answer_words(&mut self, invocation: u64, words: &[u64; 8]) {
        let invoked = self.invocations.get_mut(&invocation).expect("invoked");
        assert!(!std::mem::replace(&mut invoked.answered, true));
        self.submit_words(words);
    }

    pub(crate) fn answer(&mut self, invocation: u64, value: &Written) {
        self.submit_answer(invocation, AnswerKind::Value, value);
        self.flush();
    }

    pub(crate) fn fail(&mut self, invocation: u64, error: &Written) {
        self.submit_answer(invocation, AnswerKind::Error, error);
        self.flush();
    }

    /// Acknowledges a withdrawal.
    pub(crate) fn submit_acknowledgement(&mut self, invocation: u64) {
        let invoked = self.invocations.remove(&invocation).expect("invoked");
        assert!(invoked.withdrawn);
        self.submit_words(&acknowledgement(invocation));
    }

    pub(crate) fn acknowledge(&mut self, invocation: u64) {
        self.submit_acknowledgement(invocation);
        self.flush();
    }

    pub(super) fn request(&mut self, request: &Request) {
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
                let (argument, external) = self.payload(handler, argument);
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
}
