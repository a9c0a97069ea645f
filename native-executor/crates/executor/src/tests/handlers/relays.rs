//! A handler answers with a call: the call's result answers the invocation, and Java gets none of it.

use std::error::Error;
use std::fmt;
use std::sync::Weak;

use loopbridge_protocol::Relay;
use tokio::task::yield_now;

use super::super::failures::{texts, texts_and_ticket};
use super::panics::{Own, PAYLOADS, payload, text};
use super::*;
use crate::cancelled;

pub(super) fn add(functions: &mut Registry) {
    functions
        .function("twice", |number: i64| async move { 2 * number })
        .function("twiceLater", |number: i64| async move {
            yield_now().await;
            2 * number
        })
        .heavy("twiceHeavily", |number: i64| async move { 2 * number })
        .blocking("twiceBlocking", |number: i64| 2 * number)
        .function("same", |bytes: Bytes| async move { bytes })
        .function("textOf", |length: Option<i64>| async move {
            length.map(|length| "x".repeat(length as usize))
        })
        .function("askText", |ask: JavaFn<(), Option<String>>| async move {
            ask.call(()).await
        })
        .function("stuck", |place: i64| stuck(held(place)))
        .blocking("untilUnwanted", |place: i64| {
            let held = held(place);
            while !cancelled() {
                std::thread::yield_now();
            }
            held.number
        })
        .function("refuse", || async { Err::<i64, _>(Refused) });
}

/// A value of a test's, which a function holds.
fn held(place: i64) -> Own {
    let held = PAYLOADS.lock().expect("no panic").remove(&place);
    held.expect("something to hold")
}

async fn stuck(held: Own) -> i64 {
    std::future::pending::<()>().await;
    held.number
}

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("refused")
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&fmt::Error)
    }
}

/// Calls a function that asks a handler, and answers with a call.
fn run_relayed(
    owner: &mut Owner,
    asks: &str,
    arguments: Written,
    function: &str,
    relayed: &Written,
) -> Settled {
    let handler = owner.object(1);
    owner.call(asks, &arguments.handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    owner.relay(invocation, function, relayed);
    let settled = owner.next();
    owner.await_dropped();
    settled
}

/// An invocation, answered with a call that never ends: its future, and the value that the call holds.
fn stuck_in(owner: &mut Owner, ask: &LongFn, function: &str) -> (Asking, Weak<()>) {
    let (asked, invocation) = begun(owner, ask, 1);
    let (place, gone) = payload();
    let begun = owner.runtime.counters().calls_begun;
    owner.relay(invocation, function, &none().i64(place));
    let runtime = Arc::clone(&owner.runtime);
    wait_for(&runtime, "the call", |counters| {
        counters.calls_begun == begun + 1
            && !PAYLOADS.lock().expect("no panic").contains_key(&place)
    });
    (asked, gone)
}

fn await_gone(runtime: &Runtime, gone: &Weak<()>) {
    wait_for(runtime, "what the call holds", |_| gone.strong_count() == 0);
}

#[test]
fn a_result_answers_whatever_runs_the_call() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for function in ["twice", "twiceLater", "twiceHeavily", "twiceBlocking"] {
        let before = runtime.counters();
        let number = none().i64(21);
        let settled = run_relayed(&mut owner, "ask", number.clone(), function, &number);
        assert_eq!(settled.payload, 42_i64.to_le_bytes(), "{function}");
        let after = runtime.counters();
        assert_eq!(after.calls_begun - before.calls_begun, 2, "{function}");
        let ready = after.ready_at_first_poll - before.ready_at_first_poll;
        assert_eq!(ready, u64::from(function == "twice"));
        let tasks = after.tasks_spawned - before.tasks_spawned;
        let asking = 1;
        let own = u64::from(["twiceLater", "twiceHeavily"].contains(&function));
        assert_eq!(tasks, asking + own, "{function}");
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_result_is_of_any_size() {
    let runtime = runtime(register);
    // Values that may be large payloads are compared as they cross.
    let mut owner = Owner::with(&runtime, 16, 200_000);
    for length in [0, 1, 34, 35, 36, 43, 44, 100_000] {
        let bytes = vec![length as u8; length];
        let relayed = none().bytes(&bytes);
        let settled = run_relayed(&mut owner, "askBytes", none().bytes(&[]), "same", &relayed);
        assert_eq!(settled.kind, OutcomeKind::Value);
        assert!(settled.payload.ends_with(&bytes), "{length}");
        let relayed = none().raw(&[1]).i64(length as i64);
        let settled = run_relayed(&mut owner, "askText", none(), "textOf", &relayed);
        assert!(settled.payload.ends_with("x".repeat(length).as_bytes()));
    }
    let settled = run_relayed(&mut owner, "askText", none(), "textOf", &none().raw(&[0]));
    assert_eq!(settled.payload, [0]);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_error_is_what_java_would_have_made_of_it() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let settled = run_relayed(&mut owner, "askWhy", none(), "refuse", &none());
    let class = "dev.loopbridge.NativeException";
    let cause = fmt::Error.to_string();
    let stack = format!("{class}: refused\nCaused by: {class}: {cause}\n");
    assert_eq!(text(&settled), format!("{class}\nrefused\n{stack}"));
    // Returned, it is the original error.
    let settled = run_relayed(&mut owner, "ask", none().i64(1), "refuse", &none());
    assert_eq!(settled.kind, OutcomeKind::Error);
    let all = texts(&settled);
    assert!(all[0].ends_with("Refused"), "{all:?}");
    assert_eq!(all[1..], ["refused", "", &cause]);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn what_a_handler_below_threw_stays_that_object() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (outer, inner) = (owner.object(1), owner.object(1));
    owner.call("ask", &none().i64(1).handler(outer, 1));
    let (invocation, _) = owner.next_invocation();
    owner.relay(invocation, "ask", &none().i64(2).handler(inner, 1));
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, 2_i64.to_le_bytes());
    let thrown = owner.object(0);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    // Asserts that the object is still there.
    assert_eq!(owner.next().kind, OutcomeKind::Thrown);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_panic_goes_on_where_the_answer_is_awaited() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for function in ["panicWith", "panicHeavily", "panicBlocking"] {
        let (place, gone) = payload();
        let place_of = none().i64(place);
        let settled = run_relayed(&mut owner, "askCaught", none(), function, &place_of);
        assert_eq!(text(&settled), format!("own {place}"));
        let (place, _) = payload();
        let place_of = none().i64(place);
        let settled = run_relayed(&mut owner, "ask", none().i64(1), function, &place_of);
        let (texts, _) = texts_and_ticket(&settled);
        assert!(texts[2].contains("panics.rs:"), "{texts:?}");
        await_gone(&runtime, &gone);
    }
    // The panic of the call, and that of the function that awaited the answer and did not catch it.
    assert_eq!(runtime.counters().panics, 3 * 3);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_dropped_future_drops_the_call_and_the_owner_gets_nothing() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    for function in ["stuck", "untilUnwanted"] {
        let (asked, gone) = stuck_in(&mut owner, &ask, function);
        // The call has the turn.
        let mut next = asking(&ask, 2);
        assert!(poll(&mut next).is_pending());
        assert_eq!(owner.try_asked(), None);
        drop(asked);
        await_gone(&runtime, &gone);
        let invocation = loop {
            assert!(poll(&mut next).is_pending());
            match owner.try_asked() {
                Some(Asked::Invoke { invocation, .. }) => break invocation,
                other => assert_eq!(other, None),
            }
        };
        owner.relay(invocation, "twice", &none().i64(4));
        assert_eq!(wait(next).ok(), Some(8));
        await_read(&mut owner); // its turn is over
    }
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_call_for_what_was_withdrawn_does_not_begin() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let begun_before = runtime.counters().calls_begun;
    let (asked, invocation) = begun(&mut owner, &ask, 1);
    drop(asked);
    // The objects that it names are taken all the same.
    let inner = owner.object(1);
    let arguments = none().i64(1).handler(inner, 1);
    owner.relay(invocation, "ask", &arguments);
    await_read(&mut owner);
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    owner.acknowledge(invocation);
    await_read(&mut owner);
    assert!(!owner.objects.contains_key(&inner));
    assert_eq!(runtime.counters().calls_begun, begun_before + 2);
    let (asked, invocation) = begun(&mut owner, &ask, 1);
    drop(asked);
    owner.relay(invocation, "same", &none().bytes(&[1; 1_000]));
    await_read(&mut owner);
    assert_eq!(runtime.counters().live_payloads, 0);
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    owner.acknowledge(invocation);
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

/// Asks on a thread of its own, answers with a call that never ends, and ends what runs the call.
fn lost_at_the_end(with: &str, function: &str, end: fn(&Owner)) {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (asked, gone) = stuck_in(&mut owner, &ask, function);
    std::thread::scope(|threads| {
        let waits = threads.spawn(|| wait(asked));
        end(&owner);
        assert_eq!(class(waits.join().expect("an answer")), with);
    });
    await_gone(&runtime, &gone);
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn the_end_of_the_runtime_drops_the_call() {
    for function in ["stuck", "untilUnwanted"] {
        lost_at_the_end(CLOSED, function, |owner| {
            assert_eq!(owner.runtime.shutdown(PATIENCE), Ok(0));
        });
    }
}

#[test]
fn the_end_of_the_port_drops_the_call() {
    for function in ["stuck", "untilUnwanted"] {
        lost_at_the_end(OWNER_GONE, function, |owner| owner.port.close());
    }
}

#[test]
fn a_call_that_is_read_at_the_end_does_not_begin() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (asked, invocation) = begun(&mut owner, &ask, 1);
    // The doorbell is not rung: the dispatcher reads the relay when it ends, unless it lingers just now.
    owner.submit_relay(invocation, "same", &none().bytes(&[1; 1_000]));
    owner.port.close();
    let lost = class(wait(asked));
    assert!(lost == OWNER_GONE || lost == MISMATCH, "{lost}");
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_call_that_cannot_be_is_an_error() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let mut refused = |change: &dyn Fn(&mut [u64; 8])| {
        let (mut asked, invocation) = begun(&mut owner, &ask, 1);
        let relay = Relay {
            invocation,
            function: 0,
            needs_port: false,
            arguments: AnswerPayload::Inline(&[]),
        };
        let mut words = relay.encode();
        change(&mut words);
        owner.submit_answer_words(invocation, &words);
        await_read(&mut owner);
        let error = answered(&mut asked).expect_err("no call");
        assert_eq!(error.class(), MISMATCH);
        error.message().to_owned()
    };
    let unknown = refused(&|words| words[0] |= 4_711 << 32);
    assert!(unknown.starts_with("there is no function 4711, the library has"));
    let argument = "async keep(i64,fn<i64;i64>)->unit: argument 1 (i64): 8 bytes are needed";
    assert!(refused(&|words| words[0] += 1 << 32).starts_with(argument));
    assert!(refused(&|words| words[0] |= 8 << 8).contains("unreadable"));
    assert!(refused(&|words| words[0] |= 49 << 16).contains("unreadable"));
    assert!(refused(&|words| words[0] |= 1 << 8).contains("no payload of the port"));
    // A result of another type, and a result that is not read to its end.
    for (function, arguments) in [
        ("same", none().bytes(&[1])),
        ("same", none().bytes(&[1; 100])),
        ("ready", none()),
    ] {
        let (asked, invocation) = begun(&mut owner, &ask, 1);
        owner.relay(invocation, function, &arguments);
        assert_eq!(class(wait(asked)), MISMATCH, "{function}");
        await_read(&mut owner); // its turn is over
    }
    // Nothing that the relay names is lent.
    let lends: &'static [u8] = &[7; 100];
    let (asked, invocation) = begun(&mut owner, &ask, 1);
    owner.relay(invocation, "same", &none().lent(lends));
    assert_eq!(class(wait(asked)), MISMATCH);
    // A relay that answers no invocation is harmless.
    let relay = Relay {
        invocation: 4_711,
        function: 0,
        needs_port: false,
        arguments: AnswerPayload::Inline(&[]),
    };
    owner.submit_words(&relay.encode());
    await_read(&mut owner);
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_second_answer_to_what_a_call_answers_is_ignored() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (mut asked, invocation) = begun(&mut owner, &ask, 1);
    let (place, gone) = payload();
    owner.relay(invocation, "stuck", &none().i64(place));
    let answer = Answer {
        invocation,
        kind: AnswerKind::Value,
        payload: AnswerPayload::Inline(&[6; 8]),
    };
    owner.submit_words(&answer.encode());
    owner.submit_words(&acknowledgement(invocation));
    await_read(&mut owner);
    assert!(poll(&mut asked).is_pending());
    drop((asked, ask));
    await_gone(&runtime, &gone);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn calls_that_end_and_are_given_up_in_any_order_leave_nothing() {
    const CALLS: usize = 20_000;
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 1_024, 1 << 20);
    let mut random = Random(0x1405_7b7e_f767_814f);
    let (mut begun, mut values, mut cancelled) = (0, 0, 0);
    let mut live = Vec::new();
    while begun < CALLS || owner.in_flight() > 0 {
        for _ in 0..random.below(16) {
            if begun == CALLS || owner.in_flight() > 100 {
                break;
            }
            begun += 1;
            let handler = owner.object(1);
            live.push(owner.submit("ask", &none().i64(1).handler(handler, 1)));
            if random.below(2) == 0 {
                owner.submit_cancel(live.swap_remove(random.below(live.len())));
            }
        }
        owner.flush();
        while let Some(asked) = owner.try_asked() {
            match asked {
                Asked::Invoke { invocation, .. } => {
                    let functions = ["twice", "twiceLater", "twiceHeavily", "twiceBlocking"];
                    let function = functions[random.below(4)];
                    owner.submit_relay(invocation, function, &none().i64(2));
                }
                Asked::Withdraw(invocation) => owner.submit_acknowledgement(invocation),
            }
        }
        while let Some(settled) = owner.try_next() {
            live.retain(|call| *call != settled.call);
            match settled.kind {
                OutcomeKind::Value => values += 1,
                kind => {
                    assert_eq!(kind, OutcomeKind::Cancelled);
                    cancelled += 1;
                }
            }
        }
        owner.flush();
    }
    assert_eq!(values + cancelled, CALLS);
    assert!(values > CALLS / 100 && cancelled > CALLS / 100);
    wait_for(&runtime, "the calls", |counters| counters.live_tasks == 0);
    while !owner.objects.is_empty() {
        if let Some(Asked::Withdraw(invocation)) = owner.try_asked() {
            owner.submit_acknowledgement(invocation);
            owner.flush();
        }
        std::thread::yield_now();
    }
    assert_nothing_left(owner, &runtime);
}
