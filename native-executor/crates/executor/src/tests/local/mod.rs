//! Loop-driven calls: the model owner's thread is their loop.

mod calls;
mod objects;
mod threads;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use loopbridge_protocol::record::CELL_WORDS;
use loopbridge_protocol::record::{Inline, RECORD_WORDS};
use loopbridge_protocol::{
    Arguments, CallId, Outcome, OutcomeKind, Payload, Step, Submission, SubmissionKind,
};

use super::owner::{Owner, Written, none, object_at_end};
use super::{runtime, wait_for};
use crate::local::{self, LoopHalf};
use crate::{Bytes, JavaFn, Local, Registry};

const HANDLE: i64 = 7;

/// Futures and objects of `Dropped` that were dropped.
static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Dropped {
    /// Not `Send`.
    _home: Rc<()>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        assert!(
            tokio::runtime::Handle::try_current().is_ok(),
            "in Tokio's context"
        );
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

fn dropped() -> Dropped {
    Dropped { _home: Rc::new(()) }
}

thread_local! {
    static WAITING: Cell<Option<Waker>> = const { Cell::new(None) };
}

const FUNCTIONS: [&str; 11] = [
    "ready",
    "sleep",
    "wait",
    "again",
    "never",
    "panic",
    "object",
    "lost_object",
    "object_that_panics",
    "object_and_handler",
    "tokio's",
];

/// Panics in its drop.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in the drop");
    }
}

fn functions(registry: &mut Registry) {
    registry
        .local("ready", |number: i64| async move { number + 1 })
        .local("sleep", |number: i64| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            number
        })
        .local("wait", |number: i64| {
            let mut waits = true;
            poll_fn(move |context| {
                if !std::mem::replace(&mut waits, false) {
                    return Poll::Ready(number);
                }
                WAITING.set(Some(context.waker().clone()));
                Poll::Pending
            })
        })
        .local("again", |number: i64| {
            let mut left = number;
            poll_fn(move |context| {
                if left == 0 {
                    return Poll::Ready(number);
                }
                left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            })
        })
        .local("never", |_number: i64| async move {
            let _dropped = dropped();
            pending::<()>().await;
        })
        .local("panic", |number: i64| async move {
            let _dropped = dropped();
            assert_ne!(number, 0, "as planned");
        })
        .local(
            "object",
            |_number: i64| async move { Local::new(dropped()) },
        )
        .local("lost_object", |_number: i64| {
            let last = PanicsInDrop;
            poll_fn(move |_context| {
                let _ = &last;
                Poll::Ready(Local::new(dropped()))
            })
        })
        .local("object_that_panics", |_number: i64| async move {
            Local::new(PanicsInDrop)
        })
        .local(
            "object_and_handler",
            |_object: Local<Dropped>, _handler: JavaFn<i64, i64>| async move {},
        )
        .function("tokio's", |number: i64| async move { number });
}

/// An owner on this thread, and its port's loop-driven half.
struct Here {
    owner: Owner,
    half: Rc<LoopHalf>,
    calls: u32,
}

impl Here {
    fn new() -> Here {
        let owner = Owner::new(&runtime(functions));
        let half =
            local::bind(HANDLE, &owner.port, owner.runtime.functions()).expect("no other thread");
        Here {
            owner,
            half,
            calls: 0,
        }
    }

    fn start(&mut self, function: &str, number: i64) -> (CallId, Step) {
        self.start_with(function, &none().i64(number), false)
    }

    fn start_with(&mut self, function: &str, arguments: &Written, later: bool) -> (CallId, Step) {
        let call = self.next_call();
        (call, self.start_as(call, function, arguments, later))
    }

    fn next_call(&mut self) -> CallId {
        let slot = self.calls;
        self.calls += 1;
        CallId {
            slot,
            generation: 1,
        }
    }

    fn start_as(&mut self, call: CallId, function: &str, arguments: &Written, later: bool) -> Step {
        let record = self.record(call, function, arguments).encode();
        self.owner.port.direct().write(&record);
        self.half.start(later)
    }

    fn record<'a>(&self, call: CallId, function: &str, arguments: &'a Written) -> Submission<'a> {
        let number = FUNCTIONS.iter().position(|known| *known == function);
        Submission {
            kind: SubmissionKind::Call,
            needs_port: arguments.needs_port,
            function: number.expect("a function") as u32,
            call,
            arguments: Arguments::Inline(Inline::new(&arguments.bytes).expect("few bytes")),
        }
    }

    /// The outcome in the direct record.
    fn outcome(&self, call: CallId) -> (OutcomeKind, Vec<u8>) {
        let words = self.owner.port.direct().read();
        let outcome = Outcome::decode(&words).expect("an outcome");
        assert_eq!(outcome.call, call);
        let payload = match outcome.payload {
            Payload::Inline(bytes) => bytes.to_vec(),
            Payload::Cell { length } => {
                let mut copy = [0; CELL_WORDS];
                let cells = self.owner.port.cells();
                let bytes = cells.read(call.slot, usize::from(length), &mut copy);
                bytes.expect("a cell").to_vec()
            }
            Payload::External { ticket, .. } => {
                let bytes: Bytes = self.owner.port.take_payload(ticket).expect("a payload");
                bytes.to_vec()
            }
        };
        (outcome.kind, payload)
    }

    /// The object that the outcome names.
    fn object(&self, call: CallId) -> CallId {
        object_at_end(&self.outcome(call).1)
    }

    fn value(&self, call: CallId) -> i64 {
        let (kind, payload) = self.outcome(call);
        assert_eq!(kind, OutcomeKind::Value);
        i64::from_le_bytes(payload.try_into().expect("a number"))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        local::end(HANDLE);
    }
}
