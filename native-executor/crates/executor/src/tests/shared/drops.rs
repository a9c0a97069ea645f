//! Where objects are dropped, and that they are: by calls, by their close, by their runtime's.

use std::thread;

use loopbridge_protocol::{
    Arguments, CallId, Inline, OutcomeKind, Step, Submission, SubmissionKind,
};

use super::super::owner::{Owner, none};
use super::super::{PATIENCE, runtime, wait_for};
use super::{
    Fragile, await_drop, await_drop_if_made, close, fresh, objects, opened, register, tally,
    ticket_of,
};
use crate::Shared;
use crate::local::{self, LoopHalf};
use crate::objects::drop_on_pool;

const HANDLE: i64 = 11;

#[test]
fn one_that_its_caller_does_not_get_is_dropped() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let number = fresh();
    let call = owner.call("openNever", &none().i64(number));
    wait_for(&runtime, "the task", |counters| counters.live_tasks == 1);
    owner.cancel(call);
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    await_drop_if_made(number);
    // Whichever comes first, an outcome that Java discards leaves no object.
    for _ in 0..200 {
        let number = fresh();
        let call = owner.submit("open", &none().i64(number));
        owner.submit_cancel(call);
        owner.flush();
        let settled = owner.next();
        if settled.kind == OutcomeKind::Value {
            assert!(close(&runtime, ticket_of(&settled)));
        }
        await_drop_if_made(number);
    }
    assert_eq!(objects(&runtime), 0);
}

#[test]
fn those_left_go_with_their_runtime() {
    let runtime = runtime(register);
    let (mut owner, number, ticket) = opened(&runtime);
    let waiting = fresh();
    let in_use = ticket_of(&owner.run("open", &none().i64(waiting)));
    owner.call("wait", &none().i64(in_use));
    wait_for(&runtime, "the task", |counters| counters.live_tasks == 1);
    runtime.shutdown(PATIENCE).expect("the first shutdown");
    assert!(await_drop(number).starts_with("test-"));
    await_drop(waiting);
    assert_eq!(objects(&runtime), 0);
    assert!(!close(&runtime, ticket) && !close(&runtime, in_use));
}

#[test]
fn what_was_given_and_not_read_is_dropped() {
    let runtime = runtime(register);
    let (owner, number, ticket) = opened(&runtime);
    let given = owner.port.give_object(ticket as u64).expect("an object");
    assert!(owner.port.take_object_back(given));
    assert!(!owner.port.take_object_back(given));
    assert!(owner.port.give_object(ticket as u64).is_some());
    assert!(close(&runtime, ticket));
    owner.port.close();
    await_drop(number);
}

/// Starts a loop-driven call, this thread being the loop, with an object that Java closes at once.
fn start_local(owner: &Owner, half: &LoopHalf, function: &str, ticket: i64) -> Step {
    let given = owner.port.give_object(ticket as u64).expect("an object");
    assert!(close(&owner.runtime, ticket));
    let call = CallId {
        slot: 9,
        generation: 1,
    };
    let functions = owner.runtime.functions();
    let number = functions
        .iter()
        .position(|known| known.to_string().contains(function));
    let argument = given.to_le_bytes();
    let record = Submission {
        kind: SubmissionKind::Call,
        needs_port: false,
        function: number.expect("a function") as u32,
        call,
        arguments: Arguments::Inline(Inline::new(&argument).expect("8 bytes")),
    };
    owner.port.direct().write(&record.encode());
    half.start(false)
}

/// The last reference is that of a call on a loop's thread, where the drop must not block.
#[test]
fn a_loop_driven_call_that_has_the_last_reference_drops_nothing_on_its_loop() {
    let runtime = runtime(register);
    let (owner, number, ticket) = opened(&runtime);
    let half = local::bind(HANDLE, &owner.port, runtime.functions()).expect("no other thread");
    let step = start_local(&owner, &half, "addLocal", ticket);
    assert_eq!(step, Step::Returned);
    assert!(await_drop(number).starts_with("test-"));
    local::end(HANDLE);
}

/// The call waits while its runtime is closed, so that the loop has the last reference and the pool has ended.
#[test]
fn a_loop_that_outlives_its_runtime_drops_nothing_itself() {
    let runtime = runtime(register);
    let (owner, number, ticket) = opened(&runtime);
    let half = local::bind(HANDLE, &owner.port, runtime.functions()).expect("no other thread");
    let step = start_local(&owner, &half, "keepLocal", ticket);
    assert_eq!(step, Step::Pending);
    runtime.shutdown(PATIENCE).expect("the first shutdown");
    local::end(HANDLE);
    assert_eq!(await_drop(number), "loopbridge-drop");
}

/// The caller may be a loop, and has found the runtime open.
#[test]
fn who_closes_one_beside_the_runtime_does_not_drop_it() {
    let runtime = runtime(register);
    let tokio = runtime.tokio().expect("an open runtime");
    runtime.shutdown(PATIENCE).expect("the first shutdown");
    let number = fresh();
    drop_on_pool(&tokio, runtime.metrics(), tally(number));
    assert_eq!(await_drop(number), "loopbridge-drop");
    drop_on_pool(&tokio, runtime.metrics(), Shared::new(Fragile));
    wait_for(&runtime, "the panic", |counters| counters.panics == 1);
}

#[test]
fn who_takes_one_back_beside_the_close_of_the_runtime_does_not_drop_it() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let number = fresh();
    let ticket = ticket_of(&owner.run("openBare", &none().i64(number)));
    let given = owner.port.give_object(ticket as u64).expect("an object");
    assert!(close(&runtime, ticket));
    wait_for(&runtime, "the pool", |counters| {
        counters.blocking_queued + counters.blocking_running == 0
    });
    let (tokio, _) = runtime.close().expect("an open runtime");
    assert!(owner.port.take_object_back(given));
    assert_eq!(await_drop(number), "loopbridge-drop");
    tokio.shutdown_timeout(PATIENCE);
}

#[test]
fn a_close_beside_that_of_the_runtime_drops_it_once_and_in_the_context() {
    for _ in 0..20 {
        let runtime = runtime(register);
        let (_owner, number, ticket) = opened(&runtime);
        thread::scope(|scope| {
            let closer = thread::Builder::new().name("closer".to_owned());
            let closed = closer.spawn_scoped(scope, || close(&runtime, ticket));
            runtime.shutdown(PATIENCE).expect("the first shutdown");
            closed.expect("a thread").join().expect("no panic");
        });
        assert_ne!(await_drop(number), "closer");
    }
}

/// The runtime has given its objects up, and still runs calls.
#[test]
fn a_panic_of_the_drop_of_a_result_that_java_does_not_get_is_counted() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (tokio, _) = runtime.close().expect("an open runtime");
    let settled = owner.run("openFragile", &none());
    assert_eq!(settled.kind, OutcomeKind::Closed);
    wait_for(&runtime, "the panic", |counters| counters.panics == 1);
    tokio.shutdown_timeout(PATIENCE);
}
