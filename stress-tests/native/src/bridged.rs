//! The work as functions of the bridge.

use std::future::pending;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use loopbridge::{HeldCall, JavaFn, Registry};

use crate::work;

/// How many calls a worker is given at once.
const CHUNK: usize = 1024;

/// Calls that end when `release` runs, in chunks, so that workers are given calls without a copy of them.
static HELD: Mutex<Vec<Vec<HeldCall>>> = Mutex::new(Vec::new());

type Ask = JavaFn<i64, i64>;

/// The handler that `askKept` asks.
static KEPT: Mutex<Option<Ask>> = Mutex::new(None);

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("add", work::add)
        .function("pendOnce", work::pend_once)
        .function("burn", work::burn)
        .heavy("burnHeavy", work::burn)
        .function("fib", |index: i64| async move { work::fib(index) })
        .function("cpuLoop", work::cpu_loop)
        .function("echo", |bytes: Bytes| async move { bytes })
        .function("read", |length: i64| async move {
            vec![7_u8; usize::try_from(length).unwrap_or(0)]
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
        .held("hold", hold)
        .function("heldCount", || async {
            held().iter().map(Vec::len).sum::<usize>() as i64
        })
        .function("release", release);
}

fn held() -> MutexGuard<'static, Vec<Vec<HeldCall>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kept() -> MutexGuard<'static, Option<Ask>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hold(call: HeldCall) {
    let mut held = held();
    match held.last_mut() {
        Some(chunk) if chunk.len() < CHUNK => chunk.push(call),
        _ => {
            let mut chunk = Vec::with_capacity(CHUNK);
            chunk.push(call);
            held.push(chunk);
        }
    }
}

/// Settles all held calls from this many workers at once: each worker has a range of them, in the order of their start.
async fn release(workers: i64) -> i64 {
    let chunks = take(&mut *held());
    let count = chunks.iter().map(Vec::len).sum::<usize>();
    let share = chunks
        .len()
        .div_ceil(usize::try_from(workers).unwrap_or(1).max(1))
        .max(1);
    let mut chunks = chunks.into_iter();
    loop {
        let mine: Vec<Vec<HeldCall>> = chunks.by_ref().take(share).collect();
        if mine.is_empty() {
            break count as i64;
        }
        drop(tokio::spawn(async move {
            for (value, call) in (0..).zip(mine.into_iter().flatten()) {
                call.settle(value);
            }
        }));
    }
}
