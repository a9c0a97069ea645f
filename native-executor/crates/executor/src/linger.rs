//! Whether a dispatcher without work looks again before it sleeps. To be woken through the kernel costs far more than a
//! short look, both sides together.

use std::hint::spin_loop;
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// Looks between two looks at the clock, after each of which the core is offered to others: one of them may be the very
/// thread that is waited for.
const LOOKS: u32 = 8;

/// Pauses between two looks, so that the ring's other end is not held up by them.
const PAUSES: u32 = 8;

/// Looks that take longer than this are those of a thread whose core others want.
const CROWDED: Duration = Duration::from_micros(5);

/// After so many misses in a row the next tries are no fewer.
const MOST_MISSES: u32 = 10;

pub(crate) struct Linger {
    limit: Duration,
    misses: u32,
    skips: u32,
}

impl Linger {
    pub(crate) fn new(limit: Duration) -> Linger {
        Linger {
            limit,
            misses: 0,
            skips: 0,
        }
    }

    /// Looks until `ready` or until the limit; the more often that was in vain, the more seldom it tries.
    pub(crate) fn until(&mut self, mut ready: impl FnMut() -> bool) -> bool {
        if self.limit.is_zero() {
            return false;
        }
        if self.skips > 0 {
            self.skips -= 1;
            return false;
        }
        let start = Instant::now();
        let mut last = start;
        loop {
            for _ in 0..LOOKS {
                if ready() {
                    self.misses /= 2;
                    return true;
                }
                for _ in 0..PAUSES {
                    spin_loop();
                }
            }
            let now = Instant::now();
            if now - start >= self.limit || now - last >= CROWDED {
                break;
            }
            last = now;
            yield_now();
        }
        self.misses = (self.misses + 1).min(MOST_MISSES);
        self.skips = (1 << self.misses) - 1;
        false
    }
}
