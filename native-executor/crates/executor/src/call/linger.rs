//! How a dispatcher without work looks for more before it sleeps. Being woken through the kernel costs both sides far
//! more than a short look.
//!
//! Looking pays when a record comes while it lasts, and costs a core when none does. The dispatcher learns which of the
//! two to expect without looking: each time it is woken, it knows how long it slept. It looks while most of those gaps
//! were short. The time of looks that found nothing is bounded as well: it is paid from an allowance, which grows by a
//! tenth of the time that passes. A yield after which the core stayed away for long is paid as well.
//!
//! Twin of `Linger.java` in `bridge-core`, with the same trust and allowance. There are two since each side looks at the
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

/// A gap includes the wake, so a short one may be so many times as long as the looks.
const SHORT_GAP: u32 = 2;

/// From this trust on the dispatcher looks; a short gap or a record adds one, a long gap halves.
const TRUSTING: u32 = 2;

const MOST_TRUST: u32 = 8;

/// One in so many nanoseconds may be lost to looks that find nothing.
const LOST_SHARE: u32 = 10;

/// The most that the allowance can be, in looks that find nothing.
const MOST_MISSES: u32 = 4;

pub(crate) struct Linger {
    limit: Duration,
    crowded: Duration,
    trust: u32,
    allowance: Duration,
    /// The time up to which the allowance has grown; in the future if more was lost than the allowance held.
    allowed_at: Instant,
    /// Since when the dispatcher sleeps; `None` while it does not.
    parked: Option<Instant>,
}

impl Linger {
    pub(crate) fn new(limit: Duration) -> Linger {
        Linger {
            limit,
            crowded: CROWDED,
            trust: TRUSTING,
            allowance: limit * MOST_MISSES,
            allowed_at: Instant::now(),
            parked: None,
        }
    }

    /// Notes that the dispatcher goes to sleep.
    pub(crate) fn parks(&mut self) {
        if !self.limit.is_zero() {
            self.parked = Some(Instant::now());
        }
    }

    /// Notes that the dispatcher runs at `now`, perhaps after a sleep.
    pub(crate) fn runs(&mut self, now: Instant) {
        if let Some(parked) = self.parked.take() {
            if now - parked <= self.limit * SHORT_GAP {
                self.trust = (self.trust + 1).min(MOST_TRUST);
            } else {
                self.trust /= 2;
            }
        }
    }

    /// Looks until `ready` returns true or the limit is reached, if a record is to be expected.
    pub(crate) fn until(&mut self, mut ready: impl FnMut() -> bool) -> bool {
        if self.limit.is_zero() {
            return false;
        }
        let start = Instant::now();
        self.earn(start);
        if self.trust < TRUSTING || self.allowance < self.limit {
            return false;
        }
        let mut last = start;
        let lost = loop {
            for _ in 0..LOOKS {
                if ready() {
                    self.trust = (self.trust + 1).min(MOST_TRUST);
                    return true;
                }
                for _ in 0..PAUSES {
                    spin_loop();
                }
            }
            let now = Instant::now();
            let took = now - start;
            if now - last >= self.crowded {
                break took.max(self.limit); // the whole, since tries have to be rare where others need the core
            }
            if took >= self.limit {
                break took;
            }
            yield_now();
            last = now;
            self.yielded(now.elapsed());
        };
        self.pay(lost);
        self.trust /= 2;
        false
    }

    fn earn(&mut self, now: Instant) {
        let grown = self.allowance + now.saturating_duration_since(self.allowed_at) / LOST_SHARE;
        self.allowance = grown.min(self.limit * MOST_MISSES);
        self.allowed_at = self.allowed_at.max(now);
    }

    /// Pays for a yield after which the core stayed away for long. A record that is there by now does not make up for
    /// it.
    fn yielded(&mut self, away: Duration) {
        if away >= self.limit {
            self.pay(away);
        }
    }

    fn pay(&mut self, lost: Duration) {
        let short = lost.saturating_sub(self.allowance);
        self.allowance = self.allowance.saturating_sub(lost);
        self.allowed_at += short * LOST_SHARE;
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

    /// Returns whether the dispatcher looked, in vain.
    fn looks(linger: &mut Linger) -> bool {
        let mut looks = 0;
        let found = linger.until(|| {
            looks += 1;
            false
        });
        assert!(!found);
        looks > 0
    }

    /// The dispatcher sleeps for `gap`.
    fn sleeps(linger: &mut Linger, gap: Duration) {
        linger.parks();
        let parked = linger.parked.expect("it sleeps");
        linger.runs(parked + gap);
    }

    #[test]
    fn a_miss_ends_the_looks_until_gaps_are_short() {
        let limit = Duration::from_micros(10);
        let mut linger = alone(limit);
        assert!(looks(&mut linger));
        assert!(!looks(&mut linger));
        sleeps(&mut linger, 10 * limit);
        assert!(!looks(&mut linger));
        sleeps(&mut linger, limit);
        sleeps(&mut linger, limit);
        linger.allowance = MOST_MISSES * limit;
        assert!(looks(&mut linger));
    }

    #[test]
    fn long_gaps_end_the_looks_without_a_miss() {
        let mut linger = alone(LONG);
        for _ in 0..20 {
            sleeps(&mut linger, SHORT);
        }
        assert!(linger.until(|| true));
        for _ in 0..3 {
            sleeps(&mut linger, 3 * LONG);
        }
        assert!(!linger.until(|| panic!("a look")));
    }

    /// The gaps count as short because of the wake, though the looks are too short for them.
    #[test]
    fn looks_in_vain_take_a_tenth_of_the_time_at_most() {
        let limit = Duration::from_micros(50);
        let mut linger = alone(limit);
        let start = Instant::now();
        let mut lost = Duration::ZERO;
        while start.elapsed() < Duration::from_millis(20) {
            sleeps(&mut linger, 2 * limit);
            let before = linger.allowance;
            if looks(&mut linger) {
                lost += limit;
                assert!(linger.allowance < before.max(limit * MOST_MISSES));
            }
        }
        assert!(
            lost <= start.elapsed() / LOST_SHARE + limit * (MOST_MISSES + 1),
            "{lost:?}"
        );
    }

    #[test]
    fn a_crowded_core_ends_a_try_and_takes_the_whole_of_its_time() {
        let mut linger = Linger {
            crowded: Duration::ZERO,
            ..Linger::new(LONG)
        };
        for _ in 0..MOST_MISSES {
            linger.trust = MOST_TRUST;
            assert!(looks(&mut linger));
        }
        linger.trust = MOST_TRUST;
        assert!(!looks(&mut linger));
    }

    #[test]
    fn a_core_that_stays_away_for_long_is_paid_even_if_a_record_came() {
        let mut linger = alone(LONG);
        assert!(linger.until(|| true));
        linger.yielded(LONG - SHORT);
        assert_eq!(linger.allowance, LONG * MOST_MISSES);
        linger.yielded(LONG * 10);
        assert!(!linger.until(|| panic!("a look")));
        linger.earn(Instant::now() + LONG * 59);
        assert_eq!(linger.allowance, Duration::ZERO);
        linger.earn(Instant::now() + LONG * 80);
        assert!(linger.allowance > LONG);
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
            linger.parks();
            linger.runs(Instant::now());
            assert!(!linger.until(|| panic!("a look")));
        }
    }
}
