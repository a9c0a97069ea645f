//! Invocations that Rust drops, and how many may be under way.

use super::*;

#[test]
fn a_dropped_future_withdraws_once_and_its_turn_is_free_when_the_owner_knows() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let mut first = asking(&ask, 1);
    assert!(poll(&mut first).is_pending());
    assert!(poll(&mut first).is_pending());
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, 1_i64.to_le_bytes());
    assert_eq!(owner.try_asked(), None);
    drop(first);
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    let mut second = asking(&ask, 2);
    await_read(&mut owner);
    assert!(poll(&mut second).is_pending());
    assert_eq!(owner.try_asked(), None);
    owner.acknowledge(invocation);
    await_read(&mut owner);
    assert!(poll(&mut second).is_pending());
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, 2_i64.to_le_bytes());
    owner.answer(invocation, &none().i64(3));
    await_read(&mut owner);
    assert_eq!(answered(&mut second).ok(), Some(3));
    drop((second, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_timeout_withdraws() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let handler = owner.object(1);
    owner.call("askInHaste", &none().i64(5).handler(handler, 1));
    let (hasty, argument) = owner.next_invocation();
    assert_eq!(argument, 5_i64.to_le_bytes());
    assert_eq!(owner.next_asked(), Asked::Withdraw(hasty));
    await_read(&mut owner);
    assert_eq!(owner.try_asked(), None);
    owner.acknowledge(hasty);
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, 6_i64.to_le_bytes());
    owner.answer(invocation, &none().i64(7));
    assert_eq!(owner.next().payload, 7_i64.to_le_bytes());
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_answer_to_what_was_withdrawn_is_ignored() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (handler, ask) = keep(&mut owner, 1);
    let (first, invocation) = begun(&mut owner, &ask, 1);
    drop(first);
    // The objects that the answer names are taken all the same.
    owner.answer(invocation, &none().bytes(&[1; 1_000]));
    await_read(&mut owner);
    assert_eq!(runtime.counters().live_payloads, 0);
    let mut second = asking(&ask, 2);
    assert!(poll(&mut second).is_pending());
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    assert_eq!(owner.try_asked(), None);
    owner.acknowledge(invocation);
    await_read(&mut owner);
    assert!(poll(&mut second).is_pending());
    let (invocation, _) = owner.next_invocation();
    drop(second);
    drop(ask);
    assert_eq!(owner.next_asked(), Asked::Withdraw(invocation));
    await_read(&mut owner);
    assert!(owner.objects.contains_key(&handler));
    owner.acknowledge(invocation);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn an_answer_that_was_read_is_not_withdrawn() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let (first, invocation) = begun(&mut owner, &ask, 1);
    let thrown = owner.object(0);
    owner.fail(invocation, &none().thrown(thrown, "a.B", "gone", ""));
    await_read(&mut owner);
    // The turn is free even though the future has not read the answer.
    let (mut second, invocation) = begun(&mut owner, &ask, 2);
    assert!(owner.objects.contains_key(&thrown));
    drop(first);
    assert_eq!(owner.try_asked(), None);
    assert!(!owner.objects.contains_key(&thrown));
    owner.answer(invocation, &none().i64(1));
    await_read(&mut owner);
    assert_eq!(answered(&mut second).ok(), Some(1));
    drop((second, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn no_more_are_in_flight_than_the_handler_allows() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 3);
    let mut asked: Vec<Asking> = (0..6).map(|number| asking(&ask, number)).collect();
    for asking in &mut asked {
        assert!(poll(asking).is_pending());
    }
    let invocations: Vec<u64> = (0..3_i64)
        .map(|number| {
            let (invocation, argument) = owner.next_invocation();
            assert_eq!(argument, number.to_le_bytes());
            invocation
        })
        .collect();
    assert_eq!(owner.try_asked(), None);
    // An invocation that still waits for its turn has nothing to withdraw.
    drop(asked.remove(3));
    assert_eq!(owner.try_asked(), None);
    owner.answer(invocations[1], &none().i64(10));
    await_read(&mut owner);
    assert_eq!(owner.try_asked(), None);
    assert!(poll(&mut asked[4]).is_pending(), "not its turn yet");
    assert_eq!(owner.try_asked(), None);
    assert!(poll(&mut asked[3]).is_pending());
    let (fourth, argument) = owner.next_invocation();
    assert_eq!(argument, 4_i64.to_le_bytes());
    assert_eq!(owner.try_asked(), None);
    owner.answer(invocations[0], &none().i64(10));
    await_read(&mut owner);
    assert!(poll(&mut asked[4]).is_pending());
    let (fifth, argument) = owner.next_invocation();
    assert_eq!(argument, 5_i64.to_le_bytes());
    for invocation in [fifth, invocations[2], fourth] {
        owner.answer(invocation, &none().i64(10));
    }
    await_read(&mut owner);
    for mut asking in asked {
        assert_eq!(answered(&mut asking).ok(), Some(10));
    }
    drop(ask);
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_turn_goes_on_when_the_one_whose_it_was_is_dropped() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let (_, ask) = keep(&mut owner, 1);
    let mut asked: Vec<Asking> = (0..3).map(|number| asking(&ask, number)).collect();
    for asking in &mut asked {
        assert!(poll(asking).is_pending());
    }
    let (invocation, _) = owner.next_invocation();
    owner.answer(invocation, &none().i64(1));
    await_read(&mut owner);
    drop(asked.remove(1)); // has its turn, and has not been polled since
    assert!(poll(&mut asked[1]).is_pending());
    let (invocation, argument) = owner.next_invocation();
    assert_eq!(argument, 2_i64.to_le_bytes());
    owner.answer(invocation, &none().i64(2));
    await_read(&mut owner);
    assert_eq!(answered(&mut asked[1]).ok(), Some(2));
    drop((asked, ask));
    owner.await_dropped();
    assert_nothing_left(owner, &runtime);
}

#[test]
fn a_handler_is_released_with_its_last_clone_and_its_last_invocation() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    // The model refuses a second drop, and one before the invocations have ended.
    let (handler, ask) = keep(&mut owner, 2);
    let clones: Vec<LongFn> = (0..10).map(|_| ask.clone()).collect();
    drop(ask);
    let (mut last, mut withdrawn) = (asking(&clones[0], 1), asking(&clones[0], 2));
    assert!(poll(&mut last).is_pending());
    assert!(poll(&mut withdrawn).is_pending());
    drop(clones);
    let (invocation, _) = owner.next_invocation();
    let (given_up, _) = owner.next_invocation();
    drop(withdrawn);
    assert_eq!(owner.next_asked(), Asked::Withdraw(given_up));
    owner.answer(invocation, &none().i64(1));
    await_read(&mut owner);
    assert_eq!(answered(&mut last).ok(), Some(1));
    drop(last);
    assert_eq!(owner.try_asked(), None);
    assert!(owner.objects.contains_key(&handler));
    owner.acknowledge(given_up);
    owner.await_dropped();
    // A handler that is never called.
    let (handler, ask) = keep(&mut owner, 1);
    assert_eq!(owner.try_asked(), None);
    assert!(owner.objects.contains_key(&handler));
    drop(ask);
    assert_eq!(owner.try_asked(), None);
    assert!(owner.objects.is_empty());
    assert_nothing_left(owner, &runtime);
}
