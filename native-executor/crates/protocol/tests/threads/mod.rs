//! Threads that wait for each other: shuttle's threads, where shuttle notices when all of them wait, or real threads,
//! which give up after a while.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary has a copy of this file; not all use all of it"
)]

#[cfg(shuttle)]
mod backend {
    use std::sync::mpsc::RecvError;

    pub(crate) use shuttle::sync::atomic::AtomicBool as Flag;
    pub(crate) use shuttle::sync::mpsc::{Receiver, Sender, channel};
    pub(crate) use shuttle::thread::{Thread, spawn};

    /// The next message; `None` when none can come.
    pub(crate) fn receive<T>(from: &Receiver<T>) -> Option<T> {
        match from.recv() {
            Ok(message) => Some(message),
            Err(RecvError) => None,
        }
    }

    /// Waits until `done`, which is called each time that another thread unparks this one.
    pub(crate) fn park(done: impl Fn() -> bool) {
        while !done() {
            shuttle::thread::park();
        }
    }
}

#[cfg(not(shuttle))]
mod backend {
    use std::sync::mpsc::RecvTimeoutError;
    use std::time::{Duration, Instant};

    pub(crate) use std::sync::atomic::AtomicBool as Flag;
    pub(crate) use std::sync::mpsc::{Receiver, Sender, channel};
    pub(crate) use std::thread::{Thread, spawn};

    /// Longer than any thread here waits, on the slowest machine.
    const PATIENCE: Duration = Duration::from_secs(15);

    /// The next message; `None` when none can come.
    pub(crate) fn receive<T>(from: &Receiver<T>) -> Option<T> {
        match from.recv_timeout(PATIENCE) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("hangs: nothing comes"),
        }
    }

    /// Waits until `done`, which is called each time that another thread unparks this one.
    pub(crate) fn park(done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            std::thread::park_timeout(PATIENCE);
            assert!(start.elapsed() < PATIENCE, "hangs: no thread rings");
        }
    }
}

pub(crate) use backend::*;
