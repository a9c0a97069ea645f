//! The work in Tokio alone: its cost without any JVM.

use std::future::pending;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::work;

/// Runs `burn` over and over, `in_flight` at a time, for `duration`; returns how many ended.
pub(crate) fn burn(runtime: &Runtime, in_flight: i32, micros: i64, duration: Duration) -> i64 {
    let driver = runtime.spawn(async move {
        let end = Instant::now() + duration;
        let mut tasks = JoinSet::new();
        let mut ended = 0;
        for _ in 0..in_flight {
            tasks.spawn(work::burn(micros));
        }
        while tasks.join_next().await.is_some() {
            ended += 1;
            if Instant::now() < end {
                tasks.spawn(work::burn(micros));
            }
        }
        ended
    });
    runtime.block_on(driver).unwrap_or(0)
}

/// Spawns so many tasks that never end, until the value is dropped: the cost of a pending future in Tokio itself.
pub(crate) fn pend(runtime: &Runtime, count: i32) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        tasks.spawn_on(pending::<()>(), runtime.handle());
    }
    tasks
}

/// Runs all parts of the CPU loop, each as a task; returns their sum.
pub(crate) fn cpu_loop(runtime: &Runtime, parts: i32, steps: i64) -> i64 {
    let driver = runtime.spawn(async move {
        let mut tasks: JoinSet<i64> = (0..i64::from(parts))
            .map(|part| work::cpu_loop(part, steps))
            .collect();
        let mut sum = 0_i64;
        while let Some(part) = tasks.join_next().await {
            sum = sum.wrapping_add(part.unwrap_or(0));
        }
        sum
    });
    runtime.block_on(driver).unwrap_or(0)
}
