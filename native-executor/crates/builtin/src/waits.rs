//! Functions that take time: they wait, compute, or never end.

use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use loopbridge::Registry;
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

/// The lock of `hold` and `tryHold`.
static LOCK: Mutex<()> = Mutex::const_new(());

/// How many threads are inside `burn`.
static BURNING: AtomicI64 = AtomicI64::new(0);

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("sleep", |millis: i64| sleep(duration_of_millis(millis)))
        .function("yieldTimes", yield_times)
        .function("burn", |micros: i64| async move { burn(micros) })
        .heavy("burnHeavy", |micros: i64| async move { burn(micros) })
        .blocking("burnBlocking", burn)
        .blocking("burnUntilCancelled", || {
            while !loopbridge::cancelled() {
                std::hint::spin_loop();
            }
        })
        .function("burning", || async { BURNING.load(Ordering::Relaxed) })
        .function("never", pending::<()>)
        .function("hold", || async {
            let _held = LOCK.lock().await;
            pending::<()>().await;
        })
        .function("tryHold", |millis: i64| async move {
            let held = timeout(duration_of_millis(millis), LOCK.lock()).await;
            held.is_ok()
        });
}

/// Waits until no call holds the lock of `hold`.
pub(crate) async fn free() {
    drop(LOCK.lock().await);
}

fn duration_of_millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// Yields to other tasks `times` times. Returns `times`.
async fn yield_times(times: i64) -> i64 {
    for _ in 0..times {
        yield_now().await;
    }
    times.max(0)
}

/// Computes for `micros` microseconds, whether it is cancelled or not.
fn burn(micros: i64) {
    // Relaxed: tests read the count until it is as expected, and nothing else depends on it.
    BURNING.fetch_add(1, Ordering::Relaxed);
    let duration = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let start = Instant::now();
    while start.elapsed() < duration {
        std::hint::spin_loop();
    }
    BURNING.fetch_sub(1, Ordering::Relaxed);
}
