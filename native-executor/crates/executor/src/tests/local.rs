//! Loop-driven calls: the model owner's thread is their loop.

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

#[test]
fn a_ready_call_settles_in_the_direct_record() {
    let mut here = Here::new();
    for number in 0..100 {
        let (call, step) = here.start("ready", number);
        assert_eq!(step, Step::Returned);
        assert_eq!(here.value(call), number + 1);
    }
    let counters = here.owner.runtime.counters();
    assert_eq!(counters.ready_at_first_poll, 100);
    assert_eq!(counters.calls_begun, 100);
    assert_eq!(counters.calls_finished, 100);
    assert_eq!(counters.upcalls, 0);
}

#[test]
fn a_call_of_four_words_settles_as_one_in_the_direct_record() {
    let mut here = Here::new();
    let (call, _) = here.start("never", 0); // so that its slot is not the first
    assert_eq!(here.half.cancel(call), Step::Settled);
    for (function, number, step) in [
        ("ready", 41, Step::Returned),
        ("panic", 0, Step::Settled),
        ("wait", 5, Step::Pending),
    ] {
        let call = here.next_call();
        let words = here.record(call, function, &none().i64(number)).encode();
        here.owner.port.direct().write(&[0; RECORD_WORDS]);
        let head = [words[0], words[1], words[2], words[3]];
        assert_eq!(here.half.start_words(head), step, "{function}");
        match step {
            Step::Returned => assert_eq!(here.value(call), number + 1),
            Step::Pending => {
                WAITING.take().expect("it waits").wake();
                assert_eq!(here.owner.next_poll(), call);
                assert_eq!(here.half.poll(call), Step::Returned);
                assert_eq!(here.value(call), number);
            }
            _ => assert_eq!(here.outcome(call).0, OutcomeKind::Panic),
        }
    }
}

#[test]
fn a_wake_is_one_record_and_one_upcall_however_often() {
    let mut here = Here::new();
    for wakes in [1, 10, 1_000] {
        let before = here.owner.runtime.counters().upcalls;
        let (call, step) = here.start("wait", 5);
        assert_eq!(step, Step::Pending);
        let waker = WAITING.take().expect("it waits");
        let woken = thread::spawn(move || (0..wakes).for_each(|_| waker.wake_by_ref()));
        woken.join().expect("no panic");
        assert_eq!(here.owner.next_poll(), call);
        assert_eq!(here.half.poll(call), Step::Returned);
        assert_eq!(here.value(call), 5);
        assert!(here.owner.polls.is_empty());
        assert_eq!(here.owner.runtime.counters().upcalls, before + 1);
    }
}

#[test]
fn a_timer_of_tokios_wakes_it() {
    let mut here = Here::new();
    let (call, step) = here.start("sleep", 9);
    assert_eq!(step, Step::Pending);
    assert_eq!(here.owner.next_poll(), call);
    assert_eq!(here.half.poll(call), Step::Returned);
    assert_eq!(here.value(call), 9);
}

#[test]
fn one_that_wakes_itself_asks_for_another_turn_and_publishes_nothing() {
    let mut here = Here::new();
    let (call, mut step) = here.start("again", 3);
    for _ in 0..3 {
        assert_eq!(step, Step::Again);
        step = here.half.poll(call);
    }
    assert_eq!(step, Step::Returned);
    assert_eq!(here.value(call), 3);
    assert_eq!(here.owner.runtime.counters().upcalls, 0);
    let (call, step) = here.start_with("ready", &none().i64(1), true);
    assert_eq!(step, Step::Again, "its first poll is left to the owner");
    assert_eq!(here.half.poll(call), Step::Returned);
}

#[test]
fn a_cancel_drops_it_at_once_and_a_record_on_its_way_ends_it() {
    let mut here = Here::new();
    let before = DROPPED.load(Ordering::Relaxed);
    let (never, step) = here.start("never", 0);
    assert_eq!(step, Step::Pending);
    assert_eq!(here.half.cancel(never), Step::Settled);
    assert_eq!(here.outcome(never).0, OutcomeKind::Cancelled);
    assert!(DROPPED.load(Ordering::Relaxed) > before);
    assert_eq!(here.half.cancel(never), Step::Pending, "again");
    assert_eq!(here.half.poll(never), Step::Pending, "after its end");

    let (waits, _) = here.start("wait", 5);
    let waker = WAITING.take().expect("it waits");
    waker.wake_by_ref();
    assert_eq!(here.half.cancel(waits), Step::Pending);
    waker.wake();
    assert_eq!(here.owner.next_poll(), waits);
    assert_eq!(here.half.poll(waits), Step::Settled);
    assert_eq!(here.outcome(waits).0, OutcomeKind::Cancelled);
    assert!(here.owner.polls.is_empty());
    let counters = here.owner.runtime.counters();
    assert_eq!(counters.live_local_futures, 0);
}

#[test]
fn a_panic_and_an_unreadable_call_are_outcomes() {
    let mut here = Here::new();
    let (call, step) = here.start("panic", 0);
    assert_eq!(step, Step::Settled);
    let (kind, payload) = here.outcome(call);
    assert_eq!(kind, OutcomeKind::Panic);
    assert!(String::from_utf8_lossy(&payload).contains("as planned"));
    let (call, step) = here.start_with("ready", &none().raw(&[1, 2, 3]), false);
    assert_eq!(step, Step::Settled);
    assert_eq!(here.outcome(call).0, OutcomeKind::Refused);
    let (call, step) = here.start("tokio's", 1);
    assert_eq!(step, Step::Settled);
    let (kind, payload) = here.outcome(call);
    assert_eq!(kind, OutcomeKind::Refused);
    assert!(String::from_utf8_lossy(&payload).contains("is not loop-driven"));
}

#[test]
fn the_ring_takes_no_loop_driven_call() {
    let mut owner = Owner::new(&runtime(functions));
    let settled = owner.run("ready", &none().i64(1));
    assert_eq!(settled.kind, OutcomeKind::Refused);
}

#[test]
fn another_thread_is_refused_until_the_first_has_left() {
    let here = Here::new();
    let port = Arc::clone(&here.owner.port);
    let registered = here.owner.runtime.functions();
    let refused = thread::spawn(move || local::bind(HANDLE, &port, registered).is_err());
    assert!(refused.join().expect("no panic"));
    local::end(HANDLE);
    let port = Arc::clone(&here.owner.port);
    let taken = thread::spawn(move || local::bind(HANDLE, &port, registered).is_ok());
    assert!(taken.join().expect("no panic"));
}

#[test]
fn a_thread_that_ends_drops_what_it_has_and_wakes_the_owner() {
    let mut here = Here::new();
    local::end(HANDLE);
    let port = Arc::clone(&here.owner.port);
    let before = DROPPED.load(Ordering::Relaxed);
    let call = here.owner.take_slot();
    let object = here.owner.take_slot();
    let registered = here.owner.runtime.functions();
    let other = thread::spawn(move || {
        let half = local::bind(HANDLE, &port, registered).expect("the port has no half yet");
        for (call, function) in [(call, "never"), (object, "object")] {
            let number = FUNCTIONS.iter().position(|known| *known == function);
            let submission = Submission {
                kind: SubmissionKind::Call,
                needs_port: false,
                function: number.expect("a function") as u32,
                call,
                arguments: Arguments::Inline(Inline::new(&[0; 8]).expect("few bytes")),
            };
            port.direct().write(&submission.encode());
            let _ = half.start(false);
        }
    });
    other.join().expect("no panic");
    wait_for(&here.owner.runtime, "the thread to leave", |counters| {
        counters.live_local_futures == 0 && counters.live_local_objects == 0
    });
    assert!(DROPPED.load(Ordering::Relaxed) >= before + 2);
    let settled = here.owner.next();
    assert_eq!((settled.call, settled.kind), (call, OutcomeKind::Cancelled));
}

#[test]
fn an_object_is_released_once_and_by_its_own_name_only() {
    let mut here = Here::new();
    let (call, step) = here.start("object", 0);
    assert_eq!(step, Step::Settled);
    let id = here.object(call);
    assert_eq!(here.owner.runtime.counters().live_local_objects, 1);
    let other = CallId {
        generation: id.generation + 1,
        ..id
    };
    assert!(!here.half.release(other));
    assert!(here.half.release(id));
    assert!(!here.half.release(id));
    assert_eq!(here.owner.runtime.counters().live_local_objects, 0);
}

#[test]
fn an_object_whose_call_panics_after_all_is_dropped() {
    let mut here = Here::new();
    let (call, step) = here.start("lost_object", 0);
    assert_eq!(step, Step::Settled);
    assert_eq!(here.outcome(call).0, OutcomeKind::Panic);
    assert_eq!(here.owner.runtime.counters().live_local_objects, 0);
}

#[test]
fn a_handler_beside_an_object_that_is_gone_is_released() {
    let mut here = Here::new();
    let handler = here.owner.object(1);
    let gone = CallId {
        slot: 0,
        generation: 1,
    };
    let arguments = none().object(gone).handler(handler, 1);
    let (call, step) = here.start_with("object_and_handler", &arguments, false);
    assert_eq!(step, Step::Settled);
    let (kind, reason) = here.outcome(call);
    assert_eq!(kind, OutcomeKind::Refused);
    assert!(String::from_utf8_lossy(&reason).contains("argument 1 (local)"));
    here.owner.await_dropped();
}

#[test]
fn a_name_means_nothing_to_the_thread_that_comes_after() {
    let mut here = Here::new();
    let (call, _) = here.start("object", 0);
    let before = here.object(call);
    local::end(HANDLE);
    here.half = local::bind(HANDLE, &here.owner.port, here.owner.runtime.functions())
        .expect("the port has no half yet");
    let (call, _) = here.start("object", 0);
    assert_ne!(here.object(call), before);
    assert!(!here.half.release(before));
    assert_eq!(here.owner.runtime.counters().live_local_objects, 1);
}

#[test]
fn objects_that_panic_when_they_are_dropped_together() {
    let mut here = Here::new();
    for _ in 0..3 {
        let (call, _) = here.start("object_that_panics", 0);
        assert_eq!(here.outcome(call).0, OutcomeKind::Value);
    }
    local::end(HANDLE);
    let counters = here.owner.runtime.counters();
    assert_eq!((counters.live_local_objects, counters.panics), (0, 3));
}

#[test]
fn a_cancel_that_comes_twice_is_none_of_the_next_call_in_its_slot() {
    let mut here = Here::new();
    let (never, _) = here.start("never", 0);
    assert_eq!(here.half.cancel(never), Step::Settled);
    assert_eq!(here.half.cancel(never), Step::Pending);
    let next = CallId {
        generation: never.generation + 1,
        ..never
    };
    let step = here.start_as(next, "ready", &none().i64(1), false);
    assert_eq!(step, Step::Returned);
    assert_eq!(here.value(next), 2);
}

#[test]
fn a_handle_finds_its_own_half_while_that_is_bound() {
    assert!(local::find(HANDLE).is_none());
    let here = Here::new();
    let other = Owner::new(&here.owner.runtime);
    let registered = here.owner.runtime.functions();
    let second = local::bind(HANDLE + 1, &other.port, registered).expect("no other thread");
    let finds = |handle, half| local::find(handle).is_some_and(|found| Rc::ptr_eq(&found, half));
    for _ in 0..2 {
        assert!(finds(HANDLE, &here.half));
        assert!(finds(HANDLE, &here.half));
        assert!(finds(HANDLE + 1, &second));
        assert!(local::find(0).is_none() && local::find(HANDLE + 2).is_none());
    }
    local::end(HANDLE + 1);
    assert!(local::find(HANDLE + 1).is_none());
    assert!(finds(HANDLE, &here.half));
    let elsewhere = thread::spawn(|| local::find(HANDLE).is_none());
    assert!(elsewhere.join().expect("no panic"));
}
