//! The work, the same for every arm.

use std::time::{Duration, Instant};

use tokio::task::yield_now;

pub(crate) async fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Pends once, and is woken at once.
pub(crate) async fn pend_once(value: i64) -> i64 {
    yield_now().await;
    value
}

/// Computes for so many microseconds.
pub(crate) async fn burn(micros: i64) -> i64 {
    let duration = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    let start = Instant::now();
    while start.elapsed() < duration {
        std::hint::spin_loop();
    }
    micros
}
