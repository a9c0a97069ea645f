//! How loop-driven calls are started, polled, woken, cancelled and settled.

use super::*;

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
