//! Call slots and lent memory: each event in each state.
#![cfg(not(any(loom, shuttle)))]

use loopbridge_protocol::{Begin, CallState, Cancel, Finish, Handover, Lend, Release, Settle};

#[test]
fn an_empty_slot_knows_no_call() {
    let state: CallState = CallState::new();
    assert_eq!(state.cancel(0), Cancel::Stale);
    assert_eq!(state.finish_unguarded(0), Finish::Stale);
    assert!(!state.is_cancelled(0));
}

#[test]
fn a_running_call_delivers_once() {
    let state: CallState = CallState::new();
    assert_eq!(state.begin(5), Begin::Begun);
    assert_eq!(state.finish(5), Finish::Deliver);
    assert_eq!(state.finish_unguarded(5), Finish::Stale);
    assert_eq!(state.cancel(5), Cancel::Stale);
}

#[test]
fn a_cancelled_call_is_discarded_once() {
    let state: CallState = CallState::new();
    assert_eq!(state.begin(5), Begin::Begun);
    assert_eq!(state.cancel(5), Cancel::Abort);
    assert!(state.is_cancelled(5) && !state.is_cancelled(4));
    assert_eq!(state.cancel(5), Cancel::Stale);
    assert_eq!(state.finish(5), Finish::Discard);
    assert_eq!(state.finish_unguarded(5), Finish::Stale);
}

#[test]
fn a_slot_in_use_is_busy() {
    let state: CallState = CallState::new();
    assert_eq!(state.begin(5), Begin::Begun);
    assert_eq!(state.begin(6), Begin::Busy);
    assert_eq!(state.cancel(5), Cancel::Abort);
    assert_eq!(state.begin(6), Begin::Busy);
    assert_eq!(state.finish(5), Finish::Discard);
    assert_eq!(state.begin(6), Begin::Begun);
}

#[test]
fn events_of_another_generation_are_stale() {
    let state: CallState = CallState::new();
    assert_eq!(state.begin(u32::MAX), Begin::Begun);
    for generation in [0, 1, u32::MAX - 1] {
        assert_eq!(state.cancel(generation), Cancel::Stale);
        assert_eq!(state.finish_unguarded(generation), Finish::Stale);
    }
    assert!(!state.is_empty());
    assert_eq!(state.finish(u32::MAX), Finish::Deliver);
    assert!(state.is_empty());
}

#[test]
fn without_its_guard_a_call_ends_once_too() {
    let state: CallState = CallState::new();
    assert_eq!(state.begin(5), Begin::Begun);
    assert_eq!(state.finish_unguarded(5), Finish::Deliver);
    assert_eq!(state.begin(6), Begin::Begun);
    assert_eq!(state.cancel(6), Cancel::Abort);
    assert_eq!(state.finish_unguarded(6), Finish::Discard);
    assert!(state.is_empty());
}

/// A narrow slot over a million uses, so that its generation wraps a quarter of a million times.
#[test]
fn a_narrow_generation_wraps_safely() {
    let state: CallState<2> = CallState::new();
    for generation in 0..1_000_000_u32 {
        assert_eq!(state.begin(generation), Begin::Begun);
        assert_eq!(state.cancel(generation.wrapping_sub(1)), Cancel::Stale);
        assert_eq!(
            state.finish_unguarded(generation.wrapping_sub(1)),
            Finish::Stale
        );
        let cancel = generation % 3 == 0;
        if cancel {
            assert_eq!(state.cancel(generation), Cancel::Abort);
        }
        let expected = if cancel {
            Finish::Discard
        } else {
            Finish::Deliver
        };
        assert_eq!(state.finish(generation), expected);
    }
}

#[test]
fn memory_returned_before_the_call_settles_is_free_with_the_outcome() {
    let lend = Lend::new();
    assert_eq!(lend.lease_dropped(), Release::WithOutcome);
    assert!(matches!(lend.settle(), Settle::Free));
}

#[test]
fn memory_returned_after_the_outcome_is_released_by_the_lease() {
    let lend = Lend::new();
    let Settle::Lent(lending) = lend.settle() else {
        panic!("the lease is held")
    };
    assert_eq!(lending.published(), Handover::LeaseHolder);
    assert_eq!(lend.lease_dropped(), Release::Separately);
}

#[test]
fn memory_returned_while_the_outcome_is_published_is_released_after_it() {
    let lend = Lend::new();
    let Settle::Lent(lending) = lend.settle() else {
        panic!("the lease is held")
    };
    assert_eq!(lend.lease_dropped(), Release::WithOutcome);
    assert_eq!(lending.published(), Handover::ReleaseNow);
}
