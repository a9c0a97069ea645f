//! State of the runtime: one value of a type for each runtime, and none beyond its end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::owner::{Owner, none};
use super::runtime;
use crate::{Registry, spawn_blocking, state};

/// The threads on which counts were dropped, by their numbers.
static DROPPED: Mutex<BTreeMap<i64, String>> = Mutex::new(BTreeMap::new());
static MADE: AtomicI64 = AtomicI64::new(0);

struct Count {
    number: i64,
    value: AtomicI64,
}

impl Count {
    fn new() -> Count {
        let _other = state(|| 7_u64); // of another type
        Count {
            number: MADE.fetch_add(1, Ordering::Relaxed),
            value: AtomicI64::new(0),
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let here = thread::current().name().unwrap_or_default().to_owned();
        let mut dropped = DROPPED.lock().expect("no test panics here");
        dropped.insert(self.number, here);
    }
}

fn count() -> i64 {
    state(Count::new).value.fetch_add(1, Ordering::Relaxed) + 1
}

fn register(functions: &mut Registry) {
    functions
        .function("count", || async { count() })
        .heavy("spawned", || async {
            tokio::spawn(async { spawn_blocking(count).await })
                .await
                .expect("a count")
                .expect("a count")
        })
        .blocking("blocking", count)
        .blocking("number", || state(Count::new).number);
}

fn number(owner: &mut Owner, function: &str) -> i64 {
    let payload = owner.run(function, &none()).payload;
    i64::from_le_bytes(payload.try_into().expect("a number"))
}

#[test]
fn each_runtime_has_its_own_until_it_is_closed() {
    let (one, other) = (runtime(register), runtime(register));
    let (mut owner, mut second) = (Owner::new(&one), Owner::new(&one));
    assert_eq!(number(&mut owner, "count"), 1);
    assert_eq!(number(&mut second, "blocking"), 2);
    assert_eq!(number(&mut owner, "spawned"), 3);
    assert_eq!(number(&mut Owner::new(&other), "count"), 1);
    let made = number(&mut owner, "number");
    assert_ne!(made, number(&mut Owner::new(&other), "number"));
    one.shutdown(super::PATIENCE).expect("the first shutdown");
    let dropped = DROPPED.lock().expect("no test panics here");
    assert!(dropped[&made].starts_with("test-"), "{dropped:?}");
    assert_eq!(dropped.len(), 1, "the other runtime keeps its own");
}

#[test]
fn threads_that_ask_at_once_get_one_value() {
    struct Slow;
    let runtime = runtime(register);
    let handle = runtime.tokio().expect("an open runtime");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let handle = handle.clone();
            thread::spawn(move || {
                let _context = handle.enter();
                state(|| {
                    thread::yield_now();
                    Slow
                })
            })
        })
        .collect();
    let values: Vec<Arc<Slow>> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(values.iter().all(|value| Arc::ptr_eq(value, &values[0])));
}

#[test]
#[should_panic(expected = "outside of a runtime")]
fn outside_of_a_runtime_there_is_none() {
    state(|| 1_i64);
}

#[test]
#[should_panic(expected = "outside of a runtime")]
fn a_runtime_of_the_users_own_has_none() {
    let own = tokio::runtime::Builder::new_current_thread();
    let own = { own }.build().expect("a runtime");
    own.block_on(async { state(|| 1_i64) });
}
