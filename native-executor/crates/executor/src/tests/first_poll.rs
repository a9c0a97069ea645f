//! A function whose first poll is slow is spawned at once, and the dispatcher polls it again once it is quick.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::owner::{Owner, none};
use super::{assert_at_rest, runtime};
use crate::Registry;

static MICROS: AtomicU64 = AtomicU64::new(0);

fn register(functions: &mut Registry) {
    functions.function("burn", || async {
        let duration = Duration::from_micros(MICROS.load(Ordering::Relaxed));
        let start = Instant::now();
        while start.elapsed() < duration {
            std::hint::spin_loop();
        }
    });
}

#[test]
fn a_slow_function_is_spawned_until_it_is_quick_again() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    MICROS.store(500, Ordering::Relaxed);
    for _ in 0..50 {
        owner.run("burn", &none());
    }
    let slow = runtime.counters();
    // The clock is read once for eight polls, and then at each of two.
    assert!((2..=10).contains(&slow.ready_at_first_poll), "{slow:?}");
    assert_eq!(slow.ready_at_first_poll + slow.tasks_spawned, 50);
    MICROS.store(0, Ordering::Relaxed);
    let mut quick = 0;
    while runtime.counters().ready_at_first_poll < slow.ready_at_first_poll + 10 {
        owner.run("burn", &none());
        quick += 1;
        assert!(quick < 10_000, "it is never polled by the dispatcher again");
    }
    assert!(
        quick >= 32,
        "one quick poll is no proof, {quick} calls were"
    );
    assert_at_rest(&runtime);
}
