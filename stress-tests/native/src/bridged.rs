//! The work as functions of the bridge.

use std::future::pending;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use loopbridge::{HeldCall, JavaFn, Registry};

use crate::work;

/// Calls that end when `release` runs.
static HELD: Mutex<Vec<HeldCall>> = Mutex::new(Vec::new());

type Ask = JavaFn<i64, i64>;

/// The handler that `askKept` asks.
static KEPT: Mutex<Option<Ask>> = Mutex::new(None);

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("add", work::add)
        .function("pendOnce", work::pend_once)
        .function("burn", work::burn)
        .heavy("burnHeavy", work::burn)
        .function("echo", |bytes: Bytes| async move { bytes })
        .function("read", |length: i64| async move {
            vec![7; usize::try_from(length).unwrap_or(0)]
        })
        .function("never", pending::<()>)
        .function("ask", |number: i64, ask: Ask| async move {
            ask.call(number).await
        })
        .function("keep", |ask: Ask| async move { *kept() = Some(ask) })
        .function("askKept", |number: i64| {
            let ask = kept().clone();
            async move {
                match ask {
                    Some(ask) => ask.call(number).await,
                    None => Ok(number),
                }
            }
        })
        .function("forget", || async { *kept() = None })
        .held("hold", |call| held().push(call))
        .function("heldCount", || async { held().len() as i64 })
        .function("release", release);
}

fn held() -> MutexGuard<'static, Vec<HeldCall>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kept() -> MutexGuard<'static, Option<Ask>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Settles all held calls from this many workers at once.
async fn release(workers: i64) -> i64 {
    let mut calls = take(&mut *held());
    let count = calls.len();
    let share = count.div_ceil(usize::try_from(workers).unwrap_or(1).max(1));
    while !calls.is_empty() {
        let rest = calls.split_off(share.min(calls.len()));
        let part = std::mem::replace(&mut calls, rest);
        drop(tokio::spawn(async move {
            for (value, call) in (0..).zip(part) {
                call.settle(value);
            }
        }));
    }
    count as i64
}
