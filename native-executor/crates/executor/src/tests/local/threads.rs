//! The thread to which a half belongs, and its end.

use super::*;

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
