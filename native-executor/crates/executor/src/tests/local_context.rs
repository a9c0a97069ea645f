//! Tokio's context on a loop's thread: which runtime's is found by loop-driven code, and by other code of the thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use loopbridge_protocol::record::Inline;
use loopbridge_protocol::{Arguments, CallId, Step, Submission, SubmissionKind};
use tokio::runtime::{Handle, Id};

use super::owner::Owner;
use super::runtime;
use crate::Registry;
use crate::local::{self, LoopHalf};
use crate::runtime::{Runtime, ShutdownError};

type Inside = Box<dyn FnOnce()>;

thread_local! {
    /// What the next call runs in its poll.
    static INSIDE: RefCell<Option<Inside>> = const { RefCell::new(None) };
    /// The runtime in whose context the last call ended.
    static FOUND: Cell<Option<Id>> = const { Cell::new(None) };
}

fn functions(registry: &mut Registry) {
    registry.local("run", || async {
        if let Some(inside) = INSIDE.take() {
            inside();
        }
        FOUND.set(current());
    });
}

/// The runtime in whose context the calling code runs.
fn current() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

/// One of this thread's halves.
struct Half {
    handle: i64,
    half: Rc<LoopHalf>,
    owner: Owner,
    id: Id,
}

impl Half {
    fn new(handle: i64) -> Half {
        let owner = Owner::new(&runtime(functions));
        let half = local::bind(handle, &owner.port, owner.runtime.functions()).expect("a half");
        let tokio = owner.port.environment().tokio().expect("open");
        Half {
            handle,
            half,
            id: tokio.id(),
            owner,
        }
    }

    /// Runs a call, and returns the runtime in whose context it was.
    fn run(&self) -> Option<Id> {
        let call = CallId {
            slot: 0,
            generation: 1,
        };
        let submission = Submission {
            kind: SubmissionKind::Call,
            needs_port: false,
            function: 0,
            call,
            arguments: Arguments::Inline(Inline::EMPTY),
        };
        self.owner.port.direct().write(&submission.encode());
        let step = self.half.start(false);
        assert!(matches!(step, Step::Returned | Step::Settled), "{step:?}");
        FOUND.take()
    }

    fn run_inside(&self, inside: impl FnOnce() + 'static) -> Option<Id> {
        INSIDE.set(Some(Box::new(inside)));
        self.run()
    }

    fn runtime(&self) -> &Arc<Runtime> {
        &self.owner.runtime
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        local::end(self.handle);
    }
}

#[test]
fn it_stays_between_two_calls_and_goes_with_the_last_half() {
    assert_eq!(current(), None);
    let half = Half::new(1);
    for _ in 0..3 {
        assert_eq!(half.run(), Some(half.id));
        assert_eq!(current(), Some(half.id), "it stays");
    }
    drop(half);
    assert_eq!(current(), None);
}

#[test]
fn each_of_two_runtimes_finds_its_own() {
    let (first, second) = (Half::new(1), Half::new(2));
    for _ in 0..3 {
        assert_eq!(first.run(), Some(first.id));
        assert_eq!(second.run(), Some(second.id));
        assert_eq!(current(), Some(first.id), "the first one's stays");
    }
    drop(first);
    assert_eq!(current(), None);
    for _ in 0..2 {
        assert_eq!(second.run(), Some(second.id));
        assert_eq!(current(), Some(second.id), "now this one's stays");
    }
}

#[test]
fn nested_calls_find_their_own_also_in_a_context_that_user_code_has_entered() {
    let (first, second) = (Rc::new(Half::new(1)), Rc::new(Half::new(2)));
    let (outer, inner) = (Rc::clone(&first), Rc::clone(&second));
    let found = first.run_inside(move || {
        let innermost = Rc::clone(&outer);
        assert_eq!(
            inner.run_inside(move || assert_eq!(innermost.run(), Some(innermost.id))),
            Some(inner.id)
        );
        let other = inner.owner.port.environment().tokio().expect("open");
        let entered = other.enter();
        assert_eq!(outer.run(), Some(outer.id));
        assert_eq!(current(), Some(inner.id));
        drop(entered);
        assert_eq!(current(), Some(outer.id));
    });
    assert_eq!(found, Some(first.id));
    assert_eq!(current(), Some(first.id));
}

#[test]
fn in_a_context_of_other_code_it_is_left_after_each_call() {
    let other = runtime(functions);
    let tokio = other.environment().tokio().expect("open");
    let entered = tokio.enter();
    let half = Half::new(1);
    assert_eq!(half.run(), Some(half.id));
    assert_eq!(current(), Some(tokio.id()));
    drop(entered);
    assert_eq!(current(), None);
    assert_eq!(half.run(), Some(half.id));
    assert_eq!(current(), Some(half.id), "it stays");
}

#[test]
fn its_end_in_another_context_is_put_off() {
    let other = runtime(functions);
    let tokio = other.environment().tokio().expect("open");
    let half = Half::new(1);
    assert_eq!(half.run(), Some(half.id));
    let entered = tokio.enter();
    drop(half);
    assert_eq!(current(), Some(tokio.id()));
    drop(entered);
    let next = Half::new(2);
    assert_eq!(next.run(), Some(next.id));
    assert_eq!(current(), Some(next.id), "this one's stays, and no other");
    drop(next);
    assert_eq!(current(), None);
}

#[test]
fn an_end_from_within_a_call_is_put_off() {
    let half = Half::new(1);
    let found = half.run_inside(|| local::end(1));
    assert_eq!(found, Some(half.id));
    let next = Half::new(2);
    assert_eq!(next.run(), Some(next.id));
    drop(next);
    assert_eq!(current(), None);
}

#[test]
fn a_panic_leaves_it_as_it_was() {
    let half = Half::new(1);
    half.run_inside(|| panic!("as planned"));
    assert_eq!(current(), Some(half.id));
    assert_eq!(half.run(), Some(half.id));
}

#[test]
fn a_runtime_is_closed_on_a_loops_thread_but_not_in_a_call() {
    let half = Half::new(1);
    let closing = Arc::clone(half.runtime());
    half.run_inside(move || {
        let refused = closing.shutdown(Duration::ZERO);
        assert!(matches!(refused, Err(ShutdownError::OnRuntimeThread)));
    });
    assert!(half.runtime().shutdown(Duration::ZERO).is_ok());
    assert_eq!(current(), None);
}

#[test]
fn a_thread_may_end_in_any_context() {
    let other = runtime(functions);
    let tokio = other.environment().tokio().expect("open");
    let ends = |last: fn(&Handle)| {
        let tokio = tokio.clone();
        let ended = thread::spawn(move || {
            let half = Half::new(1);
            assert_eq!(half.run(), Some(half.id));
            last(&tokio);
            std::mem::forget(half); // the end of the thread ends it
        });
        ended.join().expect("no panic");
    };
    ends(|_| ());
    ends(|tokio| std::mem::forget(tokio.enter()));
}
