//! Objects of Rust that live on their loop.

use super::*;

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
