//! The answers of a handler, and the exceptions that it throws.

use super::*;

#[test]
fn a_value_comes_in_the_record() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let handler = owner.object(1);
    let call = owner.call("ask", &none().i64(7).handler(handler, 1));
    let asked = owner.next_asked();
    let Asked::Invoke { invocation, .. } = asked else {
        panic!("{asked:?}");
    };
    let expected = Asked::Invoke {
        handler,
        invocation,
        argument: 7_i64.to_le_bytes().to_vec(),
        external: false,
    };
    assert_eq!(asked, expected);
    owner.answer(invocation, &none().i64(42));
    let expected = Settled {
        call,
        kind: OutcomeKind::Value,
        lent: false,
        payload: 42_i64.to_le_bytes().to_vec(),
        external: false,
    };
    assert_eq!(owner.next(), expected);
    owner.await_dropped();
    // The smallest possible answer.
    let handler = owner.object(1);
    owner.call("askNothing", &none().handler(handler, 1));
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, []);
    owner.answer(invocation, &none());
    assert_eq!(owner.next().kind, OutcomeKind::Value);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn long_arguments_and_values_go_by_ticket() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for length in [27, 28, 43, 44, 10_000] {
        let bytes = vec![length as u8; length];
        let handler = owner.object(1);
        owner.call("askBytes", &none().bytes(&bytes).handler(handler, 1));
        let asked = owner.next_asked();
        let Asked::Invoke {
            invocation,
            argument,
            external,
            ..
        } = asked
        else {
            panic!("{asked:?}");
        };
        assert_eq!(external, length > 27);
        assert!(argument.ends_with(&bytes));
        assert_eq!(runtime.counters().live_payloads, 0);
        owner.submit_answer(invocation, AnswerKind::Value, &none().bytes(&bytes));
        let given = runtime.counters().live_payloads;
        assert_eq!(given, u64::from(length > 43));
        owner.flush();
        let settled = owner.next();
        assert_eq!(settled.kind, OutcomeKind::Value);
        assert!(settled.payload.ends_with(&bytes));
        owner.await_dropped();
        assert_at_rest(&runtime);
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_argument_over_the_limit_is_not_sent() {
    let runtime = runtime(register);
    let mut owner = Owner::with(&runtime, 4, 1_000);
    let handler = owner.object(1);
    let written = none().bytes(&[1; 1_001]).handler(handler, 1);
    let settled = owner.run("askBytes", &written);
    assert_eq!(settled.kind, OutcomeKind::Error);
    let text = String::from_utf8_lossy(&settled.payload).into_owned();
    assert!(text.contains(TOO_LARGE), "{text}");
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_error_has_its_texts_and_its_object_is_released() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let unkept = CallId {
        slot: u32::MAX,
        generation: 0,
    };
    // The owner may have kept the exception or not. The texts are short and long.
    for (kept, stack) in [(true, "at"), (false, "at"), (true, "at a.B\n"), (false, "")] {
        let stack = stack.repeat(if stack.len() > 2 { 1_000 } else { 1 });
        let handler = owner.object(1);
        owner.call("askWhy", &none().handler(handler, 1));
        let (invocation, _) = owner.next_invocation();
        let thrown = if kept { owner.object(0) } else { unkept };
        owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", &stack));
        let settled = owner.next();
        assert_eq!(settled.kind, OutcomeKind::Value);
        assert!(
            settled
                .payload
                .ends_with(format!("a.B\ngone\n{stack}").as_bytes())
        );
        // The function drops the error before its outcome is published.
        assert!(!owner.objects.contains_key(&thrown));
        owner.await_dropped();
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_object_is_released_with_the_last_clone_of_its_error() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (mut asking, invocation) = begun(&mut owner, &ask, 1);
    let thrown = owner.object(0);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "", ""));
    await_read(&mut owner);
    let error = answered(&mut asking).expect_err("what was thrown");
    assert_eq!(error.to_string(), "a.B");
    let clone = error.clone();
    drop(error);
    drop(asking);
    drop(ask);
    assert_eq!(owner.try_asked(), None);
    assert_eq!(
        owner.objects.keys().copied().collect::<Vec<_>>(),
        [thrown],
        "only the handler was released"
    );
    drop(clone);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

/// An error of the owner's in `ERRORS`; its object and place.
fn thrown(owner: &mut Owner, message: &str) -> (CallId, i64) {
    let (_, ask) = keep(owner, 1);
    let (mut asking, invocation) = begun(owner, &ask, 1);
    let (thrown, place) = (owner.object(0), fresh());
    owner.fail(
        invocation,
        &none().thrown(thrown, "java.io.IOException", message, ""),
    );
    await_read(owner);
    let error = answered(&mut asking).expect_err("what was thrown");
    errors().insert(place, error);
    (thrown, place)
}

#[test]
fn what_was_thrown_is_released_after_the_outcome_that_names_it() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    for function in ["fail", "failHeavily", "failBlocking"] {
        for message in ["gone", &"gone ".repeat(10_000)] {
            let (thrown, place) = thrown(&mut owner, message);
            let settled = owner.run(function, &none().i64(place));
            assert_eq!(settled.kind, OutcomeKind::Thrown);
            assert_eq!(object_at_end(&settled.payload), thrown);
            let text = String::from_utf8_lossy(&settled.payload).into_owned();
            assert!(text.contains("java.io.IOException: gone"), "{text}");
            owner.await_dropped();
        }
    }
    // The error of a call that waited for it.
    for _ in 0..100 {
        let (handler, thrown) = (owner.object(1), owner.object(0));
        owner.call("ask", &none().i64(1).handler(handler, 1));
        let (invocation, _) = owner.next_invocation();
        owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
        let settled = owner.next();
        assert_eq!(settled.kind, OutcomeKind::Thrown);
        assert_eq!(object_at_end(&settled.payload), thrown);
        owner.await_dropped();
    }
    assert_nothing_left(owner, &runtime);
}

#[test]
fn what_was_thrown_on_another_loop_is_an_error() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let mut other = Owner::new(&runtime);
    for function in ["fail", "failHeavily", "failBlocking"] {
        let (_, place) = thrown(&mut other, "gone");
        let settled = owner.run(function, &none().i64(place));
        assert_eq!(settled.kind, OutcomeKind::Error);
        let text = String::from_utf8_lossy(&settled.payload).into_owned();
        assert!(text.contains("java.io.IOException: gone"), "{text}");
        other.await_dropped();
    }
    other.port.close();
    drop(other);
    assert_nothing_left(owner, &runtime);
}

#[test]
fn what_is_thrown_at_a_cancelled_call_is_released() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (handler, thrown) = (owner.object(1), owner.object(0));
    let call = owner.call("ask", &none().i64(1).handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    owner.cancel(call);
    assert_eq!(owner.next().kind, OutcomeKind::Cancelled);
    // The owner has not read the withdrawal yet.
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    assert!(owner.objects.contains_key(&handler));
    owner.acknowledge(invocation);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}
