//! Runs a loom model to its end, or reports that it did not reach it.
//!
//! A model is green only if loom explored all of its interleavings up to the preemption bound. Loom stops short of that
//! in three ways, and each becomes a failure with the word "incomplete":
//!
//! * `max_branches`: loom panics in the middle of an interleaving. The panic is recognized by its
//!   text and reported as incomplete, because the bound and not the protocol ended it.
//! * `max_permutations` and `max_duration`: loom returns as if it had finished, and it looks at
//!   them only every `checkpoint_interval` interleavings. They are taken away from loom and checked
//!   here, at the start of each interleaving, which is by definition one that is still unexplored.
//!
//! The bound itself is part of the report. Two limits of loom are not counted as bounds, and models stay below them:
//! five threads (loom panics), and seven stores remembered for each atomic word (loom forgets the oldest, so a model
//! makes fewer stores than that to a word which it loads).
//!
//! A model states which promises it is about, by the numbers that the stress suites use; all of them are about I19, the
//! memory model. Those suites read the lines that it prints:
//!
//! ```text
//! model NAME [I1 I2 I19]: begins
//! model NAME [I1 I2 I19]: 1948 permutations, complete (preemption bound 3)
//! model NAME [I1 I2 I19]: failed in permutation 17
//! model NAME [I1 I2 I19]: incomplete: more than 10000 branches in permutation 17
//! control NAME: noticed | missed
//! ```
//!
//! `LOOM_MAX_PREEMPTIONS`, `LOOM_MAX_BRANCHES`, `LOOM_MAX_PERMUTATIONS` and `LOOM_MAX_DURATION`
//! (seconds) override the defaults.

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const PREEMPTION_BOUND: usize = 3;
const MAX_BRANCHES: usize = 10_000;

/// Explores `body` under the name `name` and prints how many interleavings there were.
#[allow(
    dead_code,
    reason = "each test binary has a copy of this file; the one of controls has no models"
)]
pub(crate) fn model(
    name: &'static str,
    promises: &'static str,
    body: impl Fn() + Send + Sync + 'static,
) {
    let model = format!("model {name} [{promises} I19]");
    report(format_args!("{model}: begins"));
    let mut builder = loom::model::Builder::new();
    let bound = *builder.preemption_bound.get_or_insert(PREEMPTION_BOUND);
    if std::env::var_os("LOOM_MAX_BRANCHES").is_none() {
        builder.max_branches = MAX_BRANCHES;
    }
    let max_permutations = builder.max_permutations.take();
    let max_duration = builder.max_duration.take();

    let explored = Arc::new(AtomicUsize::new(0));
    let count = explored.clone();
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        builder.check(move || {
            let before = count.fetch_add(1, Ordering::Relaxed);
            if max_permutations.is_some_and(|max| before >= max) {
                panic!("incomplete: more than {before} permutations");
            }
            if max_duration.is_some_and(|max| start.elapsed() >= max) {
                panic!("incomplete: out of time after {before} permutations");
            }
            body();
        });
    }));

    let permutations = explored.load(Ordering::Relaxed);
    let end = match &outcome {
        Ok(()) => format!("{permutations} permutations, complete (preemption bound {bound})"),
        Err(panic) if text(&**panic).contains("exceeded maximum number of branches") => {
            let limit = builder.max_branches;
            format!("incomplete: more than {limit} branches in permutation {permutations}")
        }
        Err(panic) if text(&**panic).starts_with("incomplete") => text(&**panic).to_owned(),
        Err(_) => format!("failed in permutation {permutations}"),
    };
    report(format_args!("{model}: {end}"));
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Explores a `body` that breaks the protocol and so must fail; prints whether it did.
#[allow(
    dead_code,
    reason = "each test binary has a copy of this file; only the one of controls calls this"
)]
pub(crate) fn control(name: &'static str, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(PREEMPTION_BOUND);
    let outcome = catch_unwind(AssertUnwindSafe(|| builder.check(body)));
    let noticed = outcome.is_err();
    let seen = if noticed { "noticed" } else { "missed" };
    report(format_args!("control {name}: {seen}"));
    assert!(noticed, "loom finds nothing wrong with {name}");
}

/// Writes a line past the test harness, which would drop the output of a passing test.
fn report(line: std::fmt::Arguments<'_>) {
    // In one write: tests that run at the same time write too.
    let line = format!("{line}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("stderr is writable");
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or_default()
}
