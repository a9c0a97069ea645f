//! The first poll of a loop-driven future: what is dropped, and what becomes of its memory.

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use loopbridge_protocol::OutcomeKind;

use crate::call::first_local_poll::{FirstPoll, Left, Spare};
use crate::codec::encoded::Encoded;

#[derive(Default)]
struct Polls {
    spare: Spare,
    encoded: Option<Encoded>,
}

impl Polls {
    /// Runs the first poll, or leaves it for later. Returns what `FirstPoll` returns, or that it has panicked.
    fn run<F>(&mut self, future: F, later: bool) -> (Option<Poll<OutcomeKind>>, Left)
    where
        F: Future<Output = i64> + 'static,
    {
        let mut left = Left::default();
        let mut first = FirstPoll {
            context: (!later).then(|| Context::from_waker(Waker::noop())),
            encoded: self.encoded.insert(Encoded::new()),
            spare: &self.spare,
            left: &mut left,
        };
        let polled = catch_unwind(AssertUnwindSafe(|| first.run(|| future))).ok();
        (polled, left)
    }

    fn value(&self) -> i64 {
        let bytes = self.encoded.as_ref().expect("a poll").inline().to_vec();
        i64::from_le_bytes(bytes.try_into().expect("a number"))
    }
}

const READY: Option<Poll<OutcomeKind>> = Some(Poll::Ready(OutcomeKind::Value));

/// A future that notes where it is polled, and counts its drops.
struct Located {
    number: i64,
    end: End,
    seen: Rc<Seen>,
}

#[derive(Default)]
struct Seen {
    place: Cell<usize>,
    drops: Cell<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Ready,
    Pending,
    Panic,
    PanicInDrop,
}

impl Future for Located {
    type Output = i64;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<i64> {
        self.seen.place.set(std::ptr::from_ref(&*self).addr());
        match self.end {
            End::Ready | End::PanicInDrop => Poll::Ready(self.number),
            End::Pending => Poll::Pending,
            End::Panic => panic!("in the poll"),
        }
    }
}

impl Drop for Located {
    fn drop(&mut self) {
        self.seen.drops.set(self.seen.drops.get() + 1);
        assert!(self.end != End::PanicInDrop, "in the drop");
    }
}

fn located(number: i64, end: End) -> (Located, Rc<Seen>) {
    let seen = Rc::<Seen>::default();
    let located = Located {
        number,
        end,
        seen: Rc::clone(&seen),
    };
    (located, seen)
}

#[test]
fn one_that_is_ready_is_dropped_and_its_memory_is_used_again() {
    let mut polls = Polls::default();
    let mut places = Vec::new();
    for number in 0..4 {
        let (future, seen) = located(number, End::Ready);
        let (polled, left) = polls.run(future, false);
        assert_eq!(polled, READY);
        assert_eq!(polls.value(), number);
        assert!(left.was_polled && left.future.is_none());
        assert_eq!(seen.drops.get(), 1);
        places.push(seen.place.get());
    }
    places.dedup();
    assert_eq!(places.len(), 1);
}

#[test]
fn one_that_waits_stays_where_it_was_polled() {
    let mut polls = Polls::default();
    let (waits, seen) = located(1, End::Pending);
    let (polled, mut left) = polls.run(waits, false);
    assert_eq!(polled, Some(Poll::Pending));
    let place = seen.place.replace(0);
    let (other, seen_of_other) = located(2, End::Ready);
    assert_eq!(polls.run(other, false).0, READY);
    assert_ne!(seen_of_other.place.get(), place);
    let mut waiting = left.future.take().expect("the future");
    let mut context = Context::from_waker(Waker::noop());
    let again = waiting
        .as_mut()
        .poll_into(&mut context, &mut Encoded::new());
    assert!(again.is_pending());
    assert_eq!(seen.place.get(), place);
    assert_eq!(seen.drops.get(), 0);
    drop(waiting);
    assert_eq!(seen.drops.get(), 1);
}

#[test]
fn one_for_later_is_not_polled() {
    let mut polls = Polls::default();
    let (future, seen) = located(1, End::Panic);
    let (polled, left) = polls.run(future, true);
    assert_eq!(polled, Some(Poll::Pending));
    assert!(!left.was_polled && left.future.is_some());
    assert_eq!((seen.place.get(), seen.drops.get()), (0, 0));
}

#[test]
fn one_that_panics_is_left_to_the_caller() {
    let mut polls = Polls::default();
    let (future, seen) = located(1, End::Panic);
    let (polled, left) = polls.run(future, false);
    assert_eq!(polled, None);
    assert_eq!(seen.drops.get(), 0, "its drop may panic too");
    drop(left.future.expect("the future"));
    assert_eq!(seen.drops.get(), 1);
}

#[test]
fn one_whose_drop_panics_is_dropped_once() {
    let mut polls = Polls::default();
    let (future, seen) = located(1, End::PanicInDrop);
    let (polled, left) = polls.run(future, false);
    assert_eq!(polled, None);
    assert!(left.future.is_none());
    assert_eq!(seen.drops.get(), 1);
    let (next, _) = located(2, End::Ready);
    assert_eq!(polls.run(next, false).0, READY);
}

#[test]
fn futures_of_any_size_take_turns() {
    let mut polls = Polls::default();
    for number in 0..3 {
        assert_eq!(polls.run(async { 7 }, false).0, READY);
        assert_eq!(polls.value(), 7);
        let large = [number; 100];
        assert_eq!(polls.run(async move { large[99] }, false).0, READY);
        assert_eq!(polls.value(), number);
        assert_eq!(polls.run(std::future::ready(number), false).0, READY);
        assert_eq!(polls.run(NoSize, false).0, READY);
        assert_eq!(polls.value(), 9);
    }
}

/// A future that takes no memory.
struct NoSize;

impl Future for NoSize {
    type Output = i64;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<i64> {
        Poll::Ready(9)
    }
}
