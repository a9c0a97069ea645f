//! Functions that wait for a signal, each for a number of its own.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use loopbridge::Registry;

/// The numbers for which a call waits, and those that were signalled before a call waited for them.
static SIGNALS: Mutex<Option<HashMap<i64, Signal>>> = Mutex::new(None);

/// How many waits have ended.
static ENDED: AtomicI64 = AtomicI64::new(0);

enum Signal {
    Awaited(Waker),
    Given,
}

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("awaitSignal", Wait::new)
        .local("localAwaitSignal", Wait::new)
        .blocking("signal", signal)
        .blocking("wakeWaiting", wake_waiting);
}

fn with_signals<R>(work: impl FnOnce(&mut HashMap<i64, Signal>) -> R) -> R {
    let mut signals: MutexGuard<'_, _> = SIGNALS.lock().unwrap_or_else(PoisonError::into_inner);
    work(signals.get_or_insert_default())
}

/// Waits for a number. Returns its position in the order in which all such waits ended.
struct Wait {
    number: i64,
}

impl Wait {
    fn new(number: i64) -> Wait {
        Wait { number }
    }
}

impl Future for Wait {
    type Output = i64;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<i64> {
        with_signals(|signals| match signals.get_mut(&self.number) {
            Some(Signal::Given) => {
                signals.remove(&self.number);
                // Relaxed: each position is given out once, and nothing else depends on it.
                Poll::Ready(ENDED.fetch_add(1, Ordering::Relaxed))
            }
            Some(Signal::Awaited(waker)) => {
                waker.clone_from(context.waker());
                Poll::Pending
            }
            None => {
                let awaited = Signal::Awaited(context.waker().clone());
                signals.insert(self.number, awaited);
                Poll::Pending
            }
        })
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let waiting = with_signals(|signals| match signals.get(&self.number) {
            Some(Signal::Awaited(_)) => signals.remove(&self.number),
            _ => None,
        });
        drop(waiting); // outside of the lock, since it may be the last reference to a task
    }
}

/// Ends the waits for `count` numbers, one after another.
fn signal(first: i64, count: i64) {
    for number in first..first.saturating_add(count) {
        let before = with_signals(|signals| signals.insert(number, Signal::Given));
        if let Some(Signal::Awaited(waker)) = before {
            waker.wake();
        }
    }
}

/// Wakes the waits for `count` numbers `times` times without ending them. Returns the nanoseconds of the slowest wake.
fn wake_waiting(first: i64, count: i64, times: i64) -> i64 {
    let wakers: Vec<Waker> = with_signals(|signals| {
        let waker_of = |number| match signals.get(&number) {
            Some(Signal::Awaited(waker)) => Some(waker.clone()),
            _ => None,
        };
        (first..first.saturating_add(count))
            .filter_map(waker_of)
            .collect()
    });
    let mut slowest = 0;
    for _ in 0..times {
        for waker in &wakers {
            let start = Instant::now();
            waker.wake_by_ref();
            slowest = slowest.max(start.elapsed().as_nanos());
        }
    }
    i64::try_from(slowest).unwrap_or(i64::MAX)
}
