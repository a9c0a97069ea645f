//! Runs a scenario on random schedules of shuttle: half of them by probabilistic concurrency testing of depth 3, half
//! by a random walk.
//!
//! Shuttle's atomics are sequentially consistent. Loom's models, which are far smaller, cover what weaker orderings
//! allow beyond that.
//!
//! | variable | |
//! |---|---|
//! | `SHUTTLE_SEED` | where the schedules begin |
//! | `SHUTTLE_SCHEDULES` | how many for each scenario, 2 000 if it is not set |
//! | `SHUTTLE_SECONDS` | how long each scenario may take; without limit if it is not set |
//! | `SHUTTLE_SCHEDULE` | the one schedule to run, as a failure has printed it |
//!
//! A scenario states which promises it is about, by the numbers that the stress suites use. Those suites read the lines
//! that it prints:
//!
//! ```text
//! scenario NAME [I1 I2]: begins
//! scenario NAME [I1 I2]: 2000 schedules, seed 1
//! scenario NAME [I1 I2]: failed in schedule 17
//! control NAME: noticed | missed
//! ```

#![allow(
    dead_code,
    reason = "each test binary has a copy of this file; not all have controls"
)]

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler};
use shuttle::{Config, MaxSteps, Runner};

const DEPTH: usize = 3;
/// A schedule is this long only if threads run in circles.
const MAX_STEPS: usize = 100_000;

/// Runs `body` on many schedules under the name `name`.
pub(crate) fn scenario(
    name: &'static str,
    promises: &'static str,
    body: impl Fn() + Copy + Send + Sync + 'static,
) {
    let scenario = format!("scenario {name} [{promises}]");
    report(format_args!("{scenario}: begins"));
    let run = Arc::new(AtomicUsize::new(0));
    let outcome = catch_unwind(AssertUnwindSafe(|| explore(&run, body)));
    let schedules = run.load(Ordering::Relaxed);
    match outcome {
        Ok(()) => report(format_args!(
            "{scenario}: {schedules} schedules, seed {}",
            seed()
        )),
        Err(panic) => {
            report(format_args!("{scenario}: failed in schedule {schedules}"));
            resume_unwind(panic);
        }
    }
}

/// Runs a `body` that breaks the protocol and so must fail; prints whether it did.
pub(crate) fn control(name: &'static str, body: impl Fn() + Copy + Send + Sync + 'static) {
    if std::env::var_os("SHUTTLE_SCHEDULE").is_some() {
        return;
    }
    let run = Arc::new(AtomicUsize::new(0));
    let outcome = catch_unwind(AssertUnwindSafe(|| explore(&run, body)));
    let noticed = outcome.is_err();
    let seen = if noticed { "noticed" } else { "missed" };
    report(format_args!("control {name}: {seen}"));
    assert!(noticed, "no schedule shows {name}");
}

fn explore(run: &Arc<AtomicUsize>, body: impl Fn() + Copy + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 17;
    config.max_steps = MaxSteps::FailAfter(MAX_STEPS);
    config.silence_warnings = true;
    // Each of the two gets half of the time.
    config.max_time = number("SHUTTLE_SECONDS").map(|seconds| Duration::from_secs(seconds) / 2);
    let counted = {
        let run = run.clone();
        move || {
            run.fetch_add(1, Ordering::Relaxed);
            body();
        }
    };
    if let Ok(schedule) = std::env::var("SHUTTLE_SCHEDULE") {
        let replay = ReplayScheduler::new_from_encoded(&schedule);
        Runner::new(replay, config).run(counted);
        return;
    }
    let schedules = number("SHUTTLE_SCHEDULES").unwrap_or(2_000) as usize;
    let drawn = PctScheduler::new_from_seed(seed(), DEPTH, schedules / 2);
    Runner::new(drawn, config.clone()).run(counted.clone());
    let walked = RandomScheduler::new_from_seed(seed(), schedules - schedules / 2);
    Runner::new(walked, config).run(counted);
}

fn seed() -> u64 {
    number("SHUTTLE_SEED").unwrap_or(1)
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is a number, not {value}")))
}

/// Writes a line past the test harness, which would drop the output of a passing test, and into the output that the
/// harness shows of a test that fails.
fn report(line: std::fmt::Arguments<'_>) {
    // In one write: tests that run at the same time write too.
    let line = format!("{line}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("stderr is writable");
    print!("{line}");
}
