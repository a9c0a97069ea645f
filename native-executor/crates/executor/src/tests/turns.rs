//! The dispatcher's turns, one by one: when its outcomes are published, and what becomes of the records that it copied.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use loopbridge_protocol::{CallId, OutcomeKind, Ring};

use super::owner::{Owner, Settled, none};
use super::{PATIENCE, assert_at_rest, runtime, runtime_that_lingers};
use crate::call::dispatcher::tasks::WorkerTask;
use crate::runtime::Runtime;
use crate::{Bytes, Registry};

/// More polls than it takes for a function to count as quick, and no multiple of what is published together.
const MANY: i64 = 41;

static UNKNOWN: Gate = Gate(AtomicBool::new(false));
static KNOWN: Gate = Gate(AtomicBool::new(true));

/// Holds up the polls that reach it while it is shut.
struct Gate(AtomicBool);

impl Gate {
    fn pass(&self) {
        // Acquire and Release, here and below: the test's thread and the dispatcher's share nothing else.
        while !self.0.load(Ordering::Acquire) {
            thread::yield_now();
        }
    }

    /// Shut for as long as the value lives, so that a test that fails does not wait for its dispatcher.
    fn shut(&self) -> Shut<'_> {
        self.0.store(false, Ordering::Release);
        Shut(self)
    }
}

struct Shut<'a>(&'a Gate);

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}

fn register(functions: &mut Registry) {
    functions
        .function("add", |a: i64, b: i64| async move { a + b })
        .function("unit", || async {})
        .function("echo", |bytes: Bytes| async { bytes })
        .function("fail", |text: String| async { Err::<(), _>(text) })
        .function("unknown", || async { UNKNOWN.pass() })
        .function("known", || async { KNOWN.pass() })
        .function("slow", || async {
            let start = Instant::now();
            // Longer than a quick poll may take.
            while start.elapsed() < Duration::from_micros(200) {
                std::hint::spin_loop();
            }
        });
}

/// A port whose dispatcher runs on the test's demand.
struct Turns {
    owner: Owner,
    dispatcher: WorkerTask,
    runtime: Arc<Runtime>,
    _tokio: tokio::runtime::Runtime,
}

impl Turns {
    fn of(runtime: Arc<Runtime>) -> Turns {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime for tasks, of which there are none");
        runtime.rest_thread().close(PATIENCE); // the test alone polls the dispatcher
        let (owner, dispatcher) = Owner::with_idle_dispatcher(&runtime, tokio.handle());
        Turns {
            owner,
            dispatcher,
            runtime,
            _tokio: tokio,
        }
    }

    /// Lets the dispatcher run until it sleeps or has ended.
    fn run(&mut self) -> Poll<()> {
        run(&mut self.dispatcher)
    }

    fn submit_many(&mut self) {
        for number in 0..MANY {
            self.owner.submit("add", &none().i64(number).i64(0));
        }
    }

    fn settled(&mut self) -> Vec<Settled> {
        std::iter::from_fn(|| self.owner.try_next()).collect()
    }

    /// Asserts that while a call behind the gate is polled the outcomes before it can be read, and no others.
    fn assert_settled_before(&mut self, gate: &Gate, before: &[[u8; 8]]) {
        let shut = gate.shut();
        let (owner, dispatcher) = (&mut self.owner, &mut self.dispatcher);
        thread::scope(|scope| {
            let shut = shut;
            scope.spawn(|| assert!(run(dispatcher).is_pending()));
            for payload in before {
                assert_eq!(owner.next().payload, payload);
            }
            assert_eq!(owner.try_next(), None);
            drop(shut);
            assert_eq!(owner.next().kind, OutcomeKind::Value);
        });
    }

    /// Leaves calls copied and not begun: a slow poll ends the turn after itself.
    fn break_off_before(&mut self, calls: usize) -> Vec<CallId> {
        // The dispatcher times polls singly after one that was slow.
        self.owner.submit("slow", &none());
        assert!(self.run().is_pending());
        assert_eq!(self.settled().len(), 1);
        self.owner.submit("slow", &none());
        let left: Vec<CallId> = (0..calls)
            .map(|_| self.owner.submit("unit", &none()))
            .collect();
        self.owner.submit_cancel(left[0]);
        let mut context = Context::from_waker(Waker::noop());
        let polled = Pin::new(&mut self.dispatcher).poll(&mut context);
        assert!(polled.is_pending());
        assert_eq!(self.settled().len(), 1);
        assert!(self.owner.ring_is_empty());
        left
    }
}

/// Asserts that the calls, and no others, have ended in this way and order.
fn assert_ended(owner: &mut Owner, calls: &[CallId], kind: OutcomeKind) {
    let settled = std::iter::from_fn(|| owner.try_next());
    let ended: Vec<(CallId, OutcomeKind)> = settled.map(|end| (end.call, end.kind)).collect();
    let expected: Vec<(CallId, OutcomeKind)> = calls.iter().map(|call| (*call, kind)).collect();
    assert_eq!(ended, expected);
}

/// Notes that a poll asks for the next one.
#[derive(Default)]
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        // Relaxed: the dispatcher wakes itself, on the thread that looks.
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls the dispatcher until it sleeps or has ended: on a busy machine it may yield at any time.
fn run(dispatcher: &mut WorkerTask) -> Poll<()> {
    loop {
        let again = Arc::<Again>::default();
        let waker = Waker::from(Arc::clone(&again));
        let polled = Pin::new(&mut *dispatcher).poll(&mut Context::from_waker(&waker));
        if polled.is_ready() || !again.0.load(Ordering::Relaxed) {
            return polled;
        }
    }
}

/// Afterwards the dispatcher sleeps: a record that it kept would wait for the next call.
#[test]
fn quick_results_are_published_by_the_end_of_their_turn() {
    let mut turns = Turns::of(runtime(register));
    for turn in 1..=5 {
        turns.submit_many();
        assert!(turns.run().is_pending());
        assert_eq!(turns.owner.ring(), Ring::Downcall);
        let payloads: Vec<Vec<u8>> = turns.settled().into_iter().map(|end| end.payload).collect();
        assert!(
            payloads
                .into_iter()
                .eq((0..MANY).map(|number| number.to_le_bytes()))
        );
        assert_eq!(turns.runtime.counters().upcalls, turn);
    }
    assert_eq!(turns.runtime.counters().tasks_spawned, 0);
    assert_at_rest(&turns.runtime);
}

#[test]
fn a_slow_first_poll_of_an_unknown_function_holds_back_nothing_settled_before_it() {
    let mut turns = Turns::of(runtime(register));
    turns.submit_many();
    turns.owner.submit("unknown", &none());
    let before: Vec<_> = (0..MANY).map(|number| number.to_le_bytes()).collect();
    turns.assert_settled_before(&UNKNOWN, &before);
    assert_at_rest(&turns.runtime);
}

/// A function that was quick so far may have become slow, as the polls before it did.
#[test]
fn nothing_waits_for_a_known_function_while_polls_are_slow() {
    let mut turns = Turns::of(runtime(register));
    for _ in 0..MANY {
        turns.owner.submit("known", &none());
    }
    assert!(turns.run().is_pending());
    assert_eq!(turns.settled().len() as i64, MANY);
    turns.owner.submit("slow", &none());
    assert!(turns.run().is_pending());
    assert_eq!(turns.settled().len(), 1);

    turns.owner.submit("add", &none().i64(1).i64(2));
    turns.owner.submit("known", &none());
    turns.assert_settled_before(&KNOWN, &[3_i64.to_le_bytes()]);
    assert_at_rest(&turns.runtime);
}

#[test]
fn a_turn_that_was_broken_off_goes_on_with_what_it_copied() {
    let mut turns = Turns::of(runtime(register));
    let left = turns.break_off_before(5);
    assert!(turns.run().is_pending());
    assert_ended(&mut turns.owner, &left, OutcomeKind::Value);
    assert_at_rest(&turns.runtime);
}

/// Java finds none of these calls in the ring, and waits for their outcomes.
#[test]
fn a_dispatcher_dropped_within_a_batch_settles_what_it_copied() {
    let mut turns = Turns::of(runtime(register));
    let mut calls = turns.break_off_before(5);
    let Turns {
        mut owner,
        dispatcher,
        runtime,
        _tokio,
    } = turns;
    calls.push(owner.submit("unit", &none()));
    drop(dispatcher);
    assert_eq!(owner.ring(), Ring::Closed);
    assert_ended(&mut owner, &calls, OutcomeKind::Closed);
    assert_at_rest(&runtime);
}

#[test]
fn a_port_closed_within_a_batch_cancels_what_was_copied() {
    let mut turns = Turns::of(runtime(register));
    let left = turns.break_off_before(5);
    turns.owner.port.close();
    assert!(turns.run().is_ready());
    assert_eq!(turns.owner.ring(), Ring::Closed);
    assert_ended(&mut turns.owner, &left, OutcomeKind::Cancelled);
    assert_at_rest(&turns.runtime);
}

#[test]
fn a_dispatcher_that_does_not_linger_parks_after_each_turn() {
    let mut turns = Turns::of(runtime_that_lingers(register, Duration::ZERO));
    for _ in 0..100 {
        assert!(turns.run().is_pending());
        turns.owner.submit("unit", &none());
        assert_eq!(turns.owner.ring(), Ring::Downcall);
        assert!(turns.run().is_pending());
        assert_eq!(turns.settled().len(), 1);
    }
    assert_eq!(turns.runtime.counters().doorbells, 100);
    assert_at_rest(&turns.runtime);
}

/// All of these are written into one place, and published from the same few.
#[test]
fn an_outcome_shows_nothing_of_those_before_it() {
    let mut turns = Turns::of(runtime(register));
    let sizes = [35, 0, 36, 1, 500, 8, 34];
    for turn in 0..4 {
        for size in sizes {
            turns
                .owner
                .submit("echo", &none().bytes(&[0xff; 500][..size]));
            turns.owner.submit("unit", &none());
            turns
                .owner
                .submit("fail", &none().bytes(&[b'x'; 500][..size]));
            turns.owner.submit("add", &none().i64(turn).i64(1));
            // It takes no arguments.
            turns.owner.submit("unit", &none().i64(1));
            turns.owner.submit("unit", &none());
        }
        let mut settled = Vec::new();
        // On a busy machine a turn may end before it has read all records.
        while settled.len() < 6 * sizes.len() {
            assert!(turns.run().is_pending());
            settled.extend(turns.settled());
        }
        for (size, ends) in sizes.iter().zip(settled.chunks(6)) {
            let inline = *size <= 35;
            let head = if inline { 5 } else { 0 };
            assert_eq!(ends[0].payload[head..], [0xff; 500][..*size]);
            assert_eq!(ends[0].external, !inline);
            let error = String::from_utf8_lossy(&ends[2].payload);
            assert_eq!(
                (ends[2].kind, error.matches('x').count()),
                (OutcomeKind::Error, *size)
            );
            assert_eq!(ends[3].payload, (turn + 1).to_le_bytes());
            assert_eq!(ends[4].kind, OutcomeKind::Refused);
            for unit in [&ends[1], &ends[5]] {
                assert_eq!((unit.kind, unit.payload.len()), (OutcomeKind::Value, 0));
            }
        }
    }
    assert_at_rest(&turns.runtime);
}
