//! Two threads and a lock that orders nothing.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

struct Counter {
    locked: AtomicBool,
    count: UnsafeCell<u64>,
}

// SAFETY: none, that is the mistake: the lock is taken and released by relaxed operations.
unsafe impl Sync for Counter {}

fn main() {
    let counter = Arc::new(Counter {
        locked: AtomicBool::new(false),
        count: UnsafeCell::new(0),
    });
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let counter = counter.clone();
            thread::spawn(move || {
                for _ in 0..10_000 {
                    while counter.locked.swap(true, Ordering::Relaxed) {
                        thread::yield_now();
                    }
                    // SAFETY: see above.
                    unsafe { *counter.count.get() += 1 };
                    counter.locked.store(false, Ordering::Relaxed);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    // SAFETY: both threads have ended.
    println!("counted {}", unsafe { *counter.count.get() });
}
