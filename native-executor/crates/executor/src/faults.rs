//! Which faults are to happen; only with the feature `faults`.
//!
//! A fault is armed by its name. It fires at some of the passes of its place, which its own random numbers choose.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The prefix of the names of all points in the library.
const PREFIX: &str = "loopbridge-fault:";

/// How many points are armed. Each pass reads this alone while no point is armed.
static ARMED: AtomicUsize = AtomicUsize::new(0);
static POINTS: Mutex<Vec<Point>> = Mutex::new(Vec::new());

thread_local! {
    /// True if this thread arms faults; no fault fires on such a thread.
    static EXEMPT: Cell<bool> = const { Cell::new(false) };
}

struct Point {
    name: String,
    random: u64,
    one_in: u64,
    left: u64,
    fired: u64,
}

/// Arms the fault of that name. It fires at one in `one_in` passes of its place on average, drawn from `seed`, and at
/// most `times` times; `times` of 0 disarms it. From then on no fault fires on the calling thread.
pub fn arm(name: &str, seed: u64, one_in: u64, times: u64) {
    EXEMPT.set(true);
    let mut points = points();
    points.retain(|point| point.name != name);
    points.push(Point {
        name: name.to_owned(),
        random: seed,
        one_in: one_in.max(1),
        left: times,
        fired: 0,
    });
    let armed = points.iter().filter(|point| point.left > 0).count();
    // Relaxed: the points themselves are read under the lock.
    ARMED.store(armed, Ordering::Relaxed);
}

/// Returns how often the fault of that name has fired since it was armed.
pub fn fired(name: &str) -> u64 {
    let points = points();
    let point = points.iter().find(|point| point.name == name);
    point.map_or(0, |point| point.fired)
}

/// Returns whether the fault of that full name fires at this pass.
#[inline]
pub(crate) fn fires(name: &str) -> bool {
    // Relaxed: as in `arm`; a pass at the moment of arming may miss it.
    ARMED.load(Ordering::Relaxed) > 0 && drawn(name)
}

#[cold]
fn drawn(name: &str) -> bool {
    if EXEMPT.try_with(Cell::get).unwrap_or(true) {
        return false;
    }
    let mut points = points();
    let short = name.strip_prefix(PREFIX).unwrap_or(name);
    let Some(point) = points.iter_mut().find(|point| point.name == short) else {
        return false;
    };
    // SplitMix64.
    point.random = point.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = point.random;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let fires = point.left > 0 && (mixed ^ (mixed >> 31)).is_multiple_of(point.one_in);
    if fires {
        point.left -= 1;
        point.fired += 1;
    }
    fires
}

fn points() -> MutexGuard<'static, Vec<Point>> {
    POINTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn passes(name: &'static str, count: usize) -> Vec<bool> {
        let full = format!("{PREFIX}{name}");
        let passing = thread::spawn(move || (0..count).map(|_| fires(&full)).collect());
        passing.join().expect("no fault here")
    }

    #[test]
    fn an_armed_fault_fires_by_its_seed_and_not_more_often_than_it_may() {
        assert!(!passes("seeded", 10).contains(&true));
        arm("seeded", 7, 4, 1_000);
        let first = passes("seeded", 400);
        let fired = first.iter().filter(|fired| **fired).count();
        assert!((50..150).contains(&fired), "{fired} of 400, 1 in 4");
        assert_eq!(self::fired("seeded"), fired as u64);
        arm("seeded", 7, 4, 1_000);
        assert_eq!(passes("seeded", 400), first);
        arm("seeded", 7, 1, 2);
        assert_eq!(passes("seeded", 4), [true, true, false, false]);
        arm("seeded", 7, 1, 0);
        assert!(!passes("seeded", 10).contains(&true));
    }

    #[test]
    fn who_arms_a_fault_is_spared() {
        arm("spared", 1, 1, 10);
        assert!(!fires("loopbridge-fault:spared"));
        assert_eq!(fired("spared"), 0);
    }

    #[test]
    fn a_point_panics_or_returns_true() {
        arm("points", 1, 1, 2);
        let fired = thread::spawn(|| fault!("points")).join();
        assert!(fired.expect("no panic"));
        let panicked = thread::spawn(|| fault!(panic "points")).join();
        assert!(panicked.is_err());
    }
}
