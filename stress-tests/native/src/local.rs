//! The work as loop-driven functions, and objects that are woken, pinned and dropped around them.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::mem::take;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Poll, Waker};
use std::time::Instant;

use loopbridge::{JavaRef, Local, Registry};

use crate::work;

/// The waker of `wait`, and how often it was polled since the last `polls`.
static WAITING: Mutex<Option<Waker>> = Mutex::new(None);
static POLLS: AtomicI64 = AtomicI64::new(0);

/// The tickets that `dropTickets` drops.
static TICKETS: Mutex<Vec<JavaRef>> = Mutex::new(Vec::new());

pub(crate) fn register(functions: &mut Registry) {
    functions
        .local("localAdd", work::add)
        .local("localFib", |index: i64| async move { work::fib(index) })
        .local("wait", wait)
        .local("wakeMeanwhile", wake_meanwhile)
        .local("polls", || async { POLLS.swap(0, Ordering::Relaxed) })
        .local("object", || async { Local::new(Cell::new(0_i64)) })
        .local(
            "visit",
            |object, times| async move { visit(&object, times) },
        )
        .function("keepTicket", |ticket: JavaRef| async move {
            lock(&TICKETS).push(ticket);
        })
        .heavy("dropTickets", || async {
            let dropped = take(&mut *lock(&TICKETS));
            dropped.len() as i64
        });
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for ever, and counts its polls.
fn wait() -> impl Future<Output = ()> {
    poll_fn(|context| {
        POLLS.fetch_add(1, Ordering::Relaxed);
        let mut waiting = lock(&WAITING);
        match &mut *waiting {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    })
}

/// Holds the loop up while a worker wakes the waiting future this many times; returns the nanoseconds of the wakes.
async fn wake_meanwhile(times: i64) -> i64 {
    let (done, taken) = mpsc::channel();
    drop(tokio::spawn(async move {
        let waker = lock(&WAITING).clone();
        let Some(waker) = waker else { return };
        let start = Instant::now();
        for _ in 0..times {
            waker.wake_by_ref();
        }
        let nanos = start.elapsed().as_nanos();
        drop(waker);
        let _ = done.send(nanos as i64);
    }));
    taken.recv().unwrap_or(-1)
}

/// Touches the object this many times, and returns that number.
fn visit(object: &Local<Cell<i64>>, times: i64) -> i64 {
    for _ in 0..times {
        let object = black_box(object);
        object.set(object.get() + 1);
    }
    object.take()
}
