//! Which functions the dispatcher may poll itself: those whose first poll is quick.
//!
//! A slow first poll holds up the calls behind it. The dispatcher looks at the clock once for several polls; when they
//! took too long together it times the next ones singly, and a function that is slow more than once is spawned at once
//! from then on. Its tasks count when it is quick again, so that finding out holds up nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A first poll longer than this costs the calls behind it more than a task of its own would cost.
const SLOW: Duration = Duration::from_micros(5);

/// A first poll longer than this is not one of a thread that lost its core for a moment.
const VERY_SLOW: Duration = Duration::from_micros(50);

/// How many polls share one look at the clock.
const SHARED: u32 = 8;

/// Polls that took longer than this together are followed by some that are timed singly.
const LONG: Duration = Duration::from_micros(40);

/// How many these are.
const SINGLY: u32 = 64;

/// How often in a row a function has to be slow to be spawned at once, one that is very slow counting twice: a thread
/// that lost its core makes quick polls look slow.
const SLOW_IN_A_ROW: u32 = 4;

/// How many polls without a slow one make a function known to be quick.
const KNOWN: u32 = 32;

/// How many quick first polls in a row a spawned function needs to be polled by the dispatcher again; doubles each time
/// it turns out slow again, up to the second number.
const QUICK_AGAIN: u32 = 32;
const QUICK_AGAIN_MOST: u32 = 1 << 16;

/// Times the dispatcher's first polls: several together, or each singly after some took long.
pub(crate) struct PollTimer {
    since: Instant,
    polls: u32,
    /// So many polls are still timed singly.
    singly: u32,
}

impl PollTimer {
    pub(crate) fn new() -> PollTimer {
        PollTimer {
            since: Instant::now(),
            polls: 0,
            singly: 0,
        }
    }

    /// A turn of the dispatcher begins.
    pub(crate) fn turn_begins(&mut self) {
        self.since = Instant::now();
        self.polls = 0;
    }

    /// A turn ends: polls that it timed together are looked at.
    pub(crate) fn turn_ends(&mut self) {
        if self.polls > 0 {
            self.look();
        }
    }

    /// Whether polls are timed singly, since some took long.
    pub(crate) fn is_wary(&self) -> bool {
        self.singly > 0
    }

    /// Runs a first poll; how long it took, if it was timed, and whether other tasks should have a turn now.
    pub(crate) fn time<R>(&mut self, poll: impl FnOnce() -> R) -> (R, Option<Duration>, bool) {
        if self.singly > 0 {
            self.singly -= 1;
            let start = Instant::now();
            let polled = poll();
            let took = start.elapsed();
            return (polled, Some(took), took >= SLOW);
        }
        let polled = poll();
        self.polls += 1;
        let slow = self.polls == SHARED && self.look();
        (polled, None, slow)
    }

    fn look(&mut self) -> bool {
        let now = Instant::now();
        let slow = now.duration_since(self.since) >= LONG;
        if slow {
            self.singly = SINGLY;
        }
        self.since = now;
        self.polls = 0;
        slow
    }
}

/// How one function's first polls have gone on one port.
#[derive(Default)]
pub(crate) struct FirstPollPolicy {
    slow_in_a_row: u32,
    /// Polls by the dispatcher since one was slow.
    polls: u32,
    /// Spawned at once when set, until its tasks have had so many quick first polls in a row.
    spawn_until: Option<u32>,
    /// The last such number.
    needed: u32,
    quick_in_a_row: Arc<AtomicU32>,
}

impl FirstPollPolicy {
    /// If a call is to be spawned at once: what its task reports to.
    pub(crate) fn spawns(&mut self) -> Option<SpawnedSample> {
        let needed = self.spawn_until?;
        // Relaxed: a hint.
        if self.quick_in_a_row.load(Ordering::Relaxed) < needed {
            return Some(SpawnedSample {
                quick_in_a_row: Arc::clone(&self.quick_in_a_row),
            });
        }
        self.spawn_until = None;
        // Half as many are now enough.
        self.slow_in_a_row = SLOW_IN_A_ROW / 2;
        None
    }

    /// The dispatcher is about to poll; whether that is known to be quick, so that outcomes of other calls may wait for
    /// it.
    pub(crate) fn is_quick(&mut self) -> bool {
        self.polls = self.polls.saturating_add(1);
        self.polls > KNOWN
    }

    /// The dispatcher timed a first poll.
    pub(crate) fn polled(&mut self, took: Duration) {
        if took < SLOW {
            self.slow_in_a_row = 0;
            return;
        }
        self.polls = 0;
        self.slow_in_a_row += if took < VERY_SLOW { 1 } else { 2 };
        if self.slow_in_a_row >= SLOW_IN_A_ROW {
            self.needed = (self.needed * 2).clamp(QUICK_AGAIN, QUICK_AGAIN_MOST);
            self.quick_in_a_row.store(0, Ordering::Relaxed);
            self.spawn_until = Some(self.needed);
        }
    }
}

/// Counts how long the first polls of spawned calls took, for the dispatcher.
pub(crate) struct SpawnedSample {
    quick_in_a_row: Arc<AtomicU32>,
}

impl SpawnedSample {
    pub(crate) fn polled(&self, took: Duration) {
        // Relaxed: a hint. A lost update only delays the way back by one call.
        let row = self.quick_in_a_row.load(Ordering::Relaxed);
        let row = if took < SLOW {
            row.saturating_add(1)
        } else {
            0
        };
        self.quick_in_a_row.store(row, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_very_slow_poll_is_forgiven_and_two_are_not() {
        let mut policy = FirstPollPolicy::default();
        for _ in 0..10 {
            policy.polled(VERY_SLOW);
            policy.polled(Duration::ZERO);
            assert!(policy.spawns().is_none());
        }
        policy.polled(VERY_SLOW);
        policy.polled(VERY_SLOW);
        assert!(policy.spawns().is_some());
    }

    #[test]
    fn three_slow_polls_are_forgiven_and_four_are_not() {
        let mut policy = FirstPollPolicy::default();
        for _ in 0..10 {
            for _ in 0..3 {
                policy.polled(SLOW);
            }
            policy.polled(Duration::ZERO);
            assert!(policy.spawns().is_none());
        }
        for _ in 0..4 {
            assert!(policy.spawns().is_none());
            policy.polled(SLOW);
        }
        assert!(policy.spawns().is_some());
    }

    #[test]
    fn the_way_back_gets_longer() {
        let mut policy = FirstPollPolicy::default();
        policy.polled(VERY_SLOW);
        let mut needed = Vec::new();
        for _ in 0..16 {
            policy.polled(VERY_SLOW);
            let mut quick = 0;
            while let Some(sample) = policy.spawns() {
                if quick == 5 {
                    sample.polled(SLOW);
                }
                sample.polled(Duration::ZERO);
                quick += 1;
            }
            needed.push(quick - 5);
        }
        assert_eq!(needed[..3], [32, 64, 128]);
        assert_eq!(needed[14..], [QUICK_AGAIN_MOST; 2]);
    }
}
