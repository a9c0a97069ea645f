//! Which functions the dispatcher polls itself: those whose first poll is quick.
//!
//! A slow first poll delays the calls behind it. The dispatcher reads the clock once for several polls. If they took
//! too long together it times the next ones singly, and a function that is slow more than once is spawned at once from
//! then on. The tasks of such a function measure when it is quick again, since measuring there delays no other call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A first poll longer than this costs the calls behind it more than a task of its own would cost.
const SLOW: Duration = Duration::from_micros(5);

/// A first poll longer than this is slow even if the thread lost its core for a moment.
const VERY_SLOW: Duration = Duration::from_micros(50);

/// How many polls are timed together by one read of the clock.
const SHARED: u32 = 8;

/// If polls took longer than this together, the next ones are timed singly.
const LONG: Duration = Duration::from_micros(40);

/// How many polls are then timed singly.
const SINGLY: u32 = 64;

/// How often in a row a function has to be slow to be spawned at once. A very slow poll counts twice. One slow poll is
/// not enough, since a thread that lost its core makes quick polls look slow.
const SLOW_IN_A_ROW: u32 = 4;

/// How many polls without a slow one make a function known to be quick.
const KNOWN: u32 = 32;

/// How many quick first polls in a row a spawned function needs to be polled by the dispatcher again. The number
/// doubles each time the function turns out slow again, up to the second constant.
const QUICK_AGAIN: u32 = 32;
const QUICK_AGAIN_MOST: u32 = 1 << 16;

/// Times the dispatcher's first polls: several together, or each singly after some took long.
pub(crate) struct PollTimer {
    since: Instant,
    polls: u32,
    /// How many polls are still to be timed singly.
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

    /// Begins to time a turn of the dispatcher.
    pub(crate) fn turn_begins(&mut self) {
        self.since = Instant::now();
        self.polls = 0;
    }

    /// Ends a turn, and checks the time of the polls that were timed together in it.
    pub(crate) fn turn_ends(&mut self) {
        if self.polls > 0 {
            self.look();
        }
    }

    /// Returns whether polls are timed singly, since some took long.
    pub(crate) fn times_singly(&self) -> bool {
        self.singly > 0
    }

    /// Runs a first poll. Returns its result, how long it took if it was timed, and whether other tasks should run now.
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

/// The measurements of one function's first polls on one port.
#[derive(Default)]
pub(crate) struct FirstPollPolicy {
    slow_in_a_row: u32,
    /// How many polls the dispatcher made since the last slow one.
    polls: u32,
    /// If set, calls are spawned at once until their tasks have had this many quick first polls in a row.
    spawn_until: Option<u32>,
    /// The last value of `spawn_until`.
    needed: u32,
    quick_in_a_row: Arc<AtomicU32>,
}

impl FirstPollPolicy {
    /// Returns, if a call is to be spawned at once, the sample to which its task adds its measurement.
    pub(crate) fn spawns(&mut self) -> Option<SpawnedSample> {
        let needed = self.spawn_until?;
        // Relaxed: a hint.
        if self.quick_in_a_row.load(Ordering::Relaxed) < needed {
            return Some(SpawnedSample {
                quick_in_a_row: Arc::clone(&self.quick_in_a_row),
            });
        }
        self.spawn_until = None;
        // The function was slow before, so that half as many slow polls spawn it again.
        self.slow_in_a_row = SLOW_IN_A_ROW / 2;
        None
    }

    /// Counts a poll that the dispatcher is about to make. Returns whether the function is known to be quick, so that
    /// ready outcomes of other calls may wait for the poll.
    pub(crate) fn is_quick(&mut self) -> bool {
        self.polls = self.polls.saturating_add(1);
        self.polls > KNOWN
    }

    /// Takes the time of a first poll that the dispatcher made.
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

/// Counts for the dispatcher how many first polls of spawned calls were quick in a row.
pub(crate) struct SpawnedSample {
    quick_in_a_row: Arc<AtomicU32>,
}

impl SpawnedSample {
    pub(crate) fn polled(&self, took: Duration) {
        // Relaxed: a hint. A lost update only delays the return to the dispatcher by one call.
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
