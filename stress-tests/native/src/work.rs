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

/// Computes a Fibonacci number by so many additions.
pub(crate) fn fib(index: i64) -> i64 {
    let (mut last, mut next) = (0_i64, 1_i64);
    for _ in 0..index {
        (last, next) = (next, last.wrapping_add(next));
    }
    last
}

/// Computes one part of the CPU loop: the sum of so many numbers of an xorshift generator, each made of the one before.
pub(crate) async fn cpu_loop(part: i64, steps: i64) -> i64 {
    let mut number = part.wrapping_mul(0x9E37_79B9) + 1;
    let mut sum = 0_i64;
    for _ in 0..steps {
        number ^= number << 13;
        number ^= number.cast_unsigned().wrapping_shr(7).cast_signed();
        number ^= number << 17;
        sum = sum.wrapping_add(number);
    }
    sum
}
