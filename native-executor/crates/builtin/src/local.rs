//! Functions that their owner loop drives.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use loopbridge::{Bytes, JavaError, JavaFn, Local, Registry};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The waker of `localWait`, and how often that was polled.
static WAITING: Mutex<Option<Waker>> = Mutex::new(None);
static POLLS: AtomicI64 = AtomicI64::new(0);

/// How many futures of `localWatched` and objects were dropped on the thread on which they were made, and elsewhere.
static DROPPED_AT_HOME: AtomicI64 = AtomicI64::new(0);
static DROPPED_ELSEWHERE: AtomicI64 = AtomicI64::new(0);

/// How many tasks have run that `localWatched` spawned while it was dropped.
static RUN_FROM_DROPS: AtomicI64 = AtomicI64::new(0);

type Counter = Local<(Cell<i64>, Watched)>;

pub(crate) fn register(functions: &mut Registry) {
    functions
        .local("localAdd", |a: i64, b: i64| async move { a + b })
        .local("localEcho", |bytes: Bytes| async move { bytes })
        .local("localEchoOptionalLong", |value: Option<i64>| async move {
            value
        })
        .local("localSum", |bytes: Bytes, millis: i64| async move {
            pause(millis).await;
            bytes.iter().map(|byte| i64::from(*byte)).sum::<i64>()
        })
        .local("localSleep", |millis: i64| pause(millis))
        .local("localStays", |times: i64| async move {
            let (owner, count) = (thread::current().id(), Rc::new(Cell::new(0_i64)));
            for _ in 0..times {
                pause(1).await;
                if thread::current().id() == owner {
                    count.set(count.get() + 1);
                }
            }
            count.get()
        })
        .local("localYieldTimes", yield_itself)
        .local("localReady", ready_operations)
        .local("localWait", wait)
        .blocking("localWake", wake)
        .local("localNever", pending::<()>)
        .local("localWakesAtLast", || async {
            let _last = WakesAtLast;
            pending::<()>().await;
        })
        .local("localWatched", || async {
            let _watched = Watched::new();
            pending::<()>().await;
        })
        .blocking("droppedAtHome", || DROPPED_AT_HOME.load(Ordering::Relaxed))
        .blocking("droppedElsewhere", || {
            DROPPED_ELSEWHERE.load(Ordering::Relaxed)
        })
        .blocking("runFromDrops", || RUN_FROM_DROPS.load(Ordering::Relaxed))
        .local(
            "localAsk",
            |number: i64, ask: JavaFn<i64, i64>| async move { ask.call(number).await },
        )
        .local(
            "localAskInTurn",
            |times: i64, ask: JavaFn<i64, i64>| async move {
                let mut sum = 0;
                for number in 0..times {
                    sum += ask.call(number).await?;
                }
                Ok::<i64, JavaError>(sum)
            },
        )
        .local("counter", |start: i64| async move {
            Local::new((Cell::new(start), Watched::new()))
        })
        .local("counterOrNone", |start: Option<i64>| async move {
            start.map(|start| Local::new((Cell::new(start), Watched::new())))
        })
        .local("count", |counter: Counter, by: i64| async move {
            counter.0.set(counter.0.get() + by);
            counter.0.get()
        })
        .local(
            "countLater",
            |counter: Counter, by: i64, millis: i64| async move {
                pause(millis).await;
                counter.0.set(counter.0.get() + by);
                counter.0.get()
            },
        )
        .local("sameCounter", |counter: Counter| async move { counter })
        .local("text", |text: String| async move {
            Local::new(RefCell::new(text))
        });
}

async fn pause(millis: i64) {
    let millis = u64::try_from(millis).unwrap_or(0);
    if millis > 0 {
        sleep(Duration::from_millis(millis)).await;
    }
}

/// Wakes itself `times` times.
fn yield_itself(times: i64) -> impl Future<Output = i64> {
    let mut left = times.max(0);
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(times);
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Awaits `count` operations of Tokio's that are ready.
async fn ready_operations(count: i64) -> i64 {
    let (to, mut from) = mpsc::unbounded_channel();
    for number in 0..count {
        let _ = to.send(number);
    }
    let mut received = 0;
    while received < count && from.recv().await.is_some() {
        received += 1;
    }
    received
}

/// Waits for `localWake`. Returns how often the future was polled.
fn wait() -> impl Future<Output = i64> {
    let mut waits = true;
    POLLS.store(0, Ordering::Relaxed);
    poll_fn(move |context| {
        let polls = POLLS.fetch_add(1, Ordering::Relaxed) + 1;
        if !std::mem::replace(&mut waits, false) {
            return Poll::Ready(polls);
        }
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = Some(context.waker().clone());
        Poll::Pending
    })
}

/// Wakes the future of `localWait` `times` times. Returns whether there was one.
fn wake(times: i64) -> bool {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let waker = waiting.take();
    for _ in 0..times {
        if let Some(waker) = &waker {
            waker.wake_by_ref();
        }
    }
    waker.is_some()
}

/// Wakes the future of `localWait` when it is dropped.
struct WakesAtLast;

impl Drop for WakesAtLast {
    fn drop(&mut self) {
        wake(1);
    }
}

/// Counts on which thread it was dropped, and spawns a task there.
struct Watched {
    owner: thread::ThreadId,
    not_send: Rc<()>,
}

impl Watched {
    fn new() -> Watched {
        Watched {
            owner: thread::current().id(),
            not_send: Rc::new(()),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        debug_assert_eq!(Rc::strong_count(&self.not_send), 1);
        let count = match thread::current().id() == self.owner {
            true => &DROPPED_AT_HOME,
            false => &DROPPED_ELSEWHERE,
        };
        count.fetch_add(1, Ordering::Relaxed);
        drop(tokio::spawn(async {
            RUN_FROM_DROPS.fetch_add(1, Ordering::Relaxed)
        }));
    }
}
