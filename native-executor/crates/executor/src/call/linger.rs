//! How a dispatcher without work looks for more before it sleeps. Being woken through the kernel costs both sides far
//! more than a short look.
//!
//! Twin of `Linger.java` in `bridge-core`, with the same counting of misses. There are two since each side looks at the
//! ring that it reads, on its own thread: a dispatcher looks in one loop and yields its core in between, whereas an
//! event loop comes back for each look, behind its other tasks, and has its I/O in between.

use std::hint::spin_loop;
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// How often the ring is read between two reads of the clock. After that the core is yielded to other threads: one of
/// them may be the thread whose records are awaited.
const LOOKS: u32 = 8;

/// Spin pauses between two reads of the ring, so that the reads do not slow the producer down.
const PAUSES: u32 = 8;

/// If a round of reads takes longer than this, other threads need the core.
const CROWDED: Duration = Duration::from_micros(5);

/// The weight of a miss during which other threads needed the core.
const CROWDED_MISSES: u32 = 4;

/// The highest count of misses: from there on tries become no rarer.
const MOST_MISSES: u32 = 10;

pub(crate) struct Linger {
    limit: Duration,
    crowded: Duration,
    misses: u32,
    skips: u32,
}

impl Linger {
    pub(crate) fn new(limit: Duration) -> Linger {
        Linger {
            limit,
            crowded: CROWDED,
            misses: 0,
            skips: 0,
        }
    }

    /// Looks until `ready` returns true or the limit is reached. The more tries have failed in a row, the rarer they
    /// become.
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
            if now - last >= self.crowded {
                self.misses += CROWDED_MISSES - 1;
                break;
            }
            if now - start >= self.limit {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A limit that is too short for a second round of looks.
    const SHORT: Duration = Duration::from_nanos(1);

    /// A limit longer than any test, so that a try that ends has succeeded.
    const LONG: Duration = Duration::from_secs(3_600);

    fn alone(limit: Duration) -> Linger {
        Linger {
            crowded: LONG,
            ..Linger::new(limit)
        }
    }

    /// Returns how many tries in a row are skipped before one looks and fails.
    fn skipped(linger: &mut Linger) -> u32 {
        for skipped in 0.. {
            let mut looks = 0;
            let found = linger.until(|| {
                looks += 1;
                false
            });
            assert!(!found);
            if looks > 0 {
                return skipped;
            }
        }
        unreachable!("it never looks again");
    }

    #[test]
    fn misses_make_tries_seldom_but_never_end_them() {
        let mut linger = alone(SHORT);
        let skips: Vec<u32> = (0..13).map(|_| skipped(&mut linger)).collect();
        assert_eq!(skips[..5], [0, 1, 3, 7, 15]);
        assert_eq!(skips[10..], [1_023; 3]);
    }

    #[test]
    fn each_hit_makes_up_for_half_of_the_misses() {
        let mut linger = alone(SHORT);
        for _ in 0..4 {
            skipped(&mut linger);
        }
        linger.skips = 0;
        assert!(linger.until(|| true));
        // 4 misses became 2: one more skips 7 tries.
        assert_eq!(skipped(&mut linger), 0);
        assert_eq!(skipped(&mut linger), 7);
    }

    #[test]
    fn a_crowded_core_ends_a_try_and_makes_the_next_seldom() {
        let mut linger = Linger {
            crowded: Duration::ZERO,
            ..Linger::new(LONG)
        };
        assert_eq!(skipped(&mut linger), 0);
        assert_eq!(skipped(&mut linger), 15);
    }

    #[test]
    fn it_looks_until_something_is_there() {
        let mut linger = alone(LONG);
        let mut looks = 0;
        assert!(linger.until(|| {
            looks += 1;
            looks == 10 * LOOKS
        }));
        assert_eq!(looks, 10 * LOOKS);
    }

    #[test]
    fn it_stops_at_its_limit() {
        let limit = Duration::from_micros(50);
        let start = Instant::now();
        assert!(!alone(limit).until(|| false));
        assert!(start.elapsed() >= limit);
    }

    #[test]
    fn a_limit_of_zero_looks_at_nothing() {
        let mut linger = Linger::new(Duration::ZERO);
        for _ in 0..10 {
            assert!(!linger.until(|| panic!("a look")));
        }
    }
}
