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

/// So many misses is one that cost other tasks time.
const CROWDED_MISSES: u32 = 4;

/// After so many misses in a row the next tries are no fewer.
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

    /// Too short for a second round of looks.
    const SHORT: Duration = Duration::from_nanos(1);

    /// Longer than any test: a try that ends was a hit.
    const LONG: Duration = Duration::from_secs(3_600);

    fn alone(limit: Duration) -> Linger {
        Linger {
            crowded: LONG,
            ..Linger::new(limit)
        }
    }

    /// How many tries in a row look at nothing, before one looks in vain.
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
