//! Objects that all loops of a runtime use.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use loopbridge::{JavaFn, Registry, Shared, SharedType};
use tokio::runtime::Handle;
use tokio::time::sleep;

/// The names of the threads on which tallies were dropped, by their numbers. It is for tests and outlives each runtime.
static DROPPED: Mutex<Option<HashMap<i64, String>>> = Mutex::new(None);

fn dropped() -> MutexGuard<'static, Option<HashMap<i64, String>>> {
    DROPPED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A count, and the number by which a test learns of its drop.
struct Tally {
    number: i64,
    count: AtomicI64,
}

impl SharedType for Tally {
    const NAME: &'static str = "Tally";
}

impl Tally {
    fn add(&self, by: i64) -> i64 {
        self.count.fetch_add(by, Ordering::Relaxed) + by
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let place = match Handle::try_current() {
            Ok(_) => thread::current().name().unwrap_or_default().to_owned(),
            Err(_) => "no runtime".to_owned(),
        };
        dropped().get_or_insert_default().insert(self.number, place);
    }
}

/// Another type, so that a test can pass the wrong one.
struct Label(String);

impl SharedType for Label {
    const NAME: &'static str = "Label";
}

fn tally(number: i64) -> Shared<Tally> {
    Shared::new(Tally {
        number,
        count: AtomicI64::new(0),
    })
}

pub(crate) fn register(functions: &mut Registry) {
    functions
        .function("openTally", |number: i64| async move { tally(number) })
        .function("openTallyLater", |number: i64, millis: i64| async move {
            let tally = tally(number);
            pause(millis).await;
            tally
        })
        .local("localOpenTally", |number: i64| async move { tally(number) })
        .function("openTallyOrNone", |number: Option<i64>| async move {
            number.map(tally)
        })
        .function("tally", |tally: Shared<Tally>, by: i64| async move {
            tally.add(by)
        })
        .heavy("heavyTally", |tally: Shared<Tally>, by: i64| async move {
            tally.add(by)
        })
        .blocking("blockingTally", |tally: Shared<Tally>, by: i64| {
            tally.add(by)
        })
        .local("localTally", |tally: Shared<Tally>, by: i64| async move {
            tally.add(by)
        })
        .function(
            "tallyLater",
            |tally: Shared<Tally>, by: i64, millis: i64| async move {
                pause(millis).await;
                tally.add(by)
            },
        )
        .function(
            "tallyBoth",
            |tally: Shared<Tally>, other: Option<Shared<Tally>>| async move {
                tally.add(1) + other.map_or(0, |other| other.add(1))
            },
        )
        .function("sameTally", |tally: Shared<Tally>| async move { tally })
        .function(
            "showTally",
            |tally: Shared<Tally>, to: JavaFn<Shared<Tally>, i64>| async move {
                to.call(tally).await
            },
        )
        .function("askTally", |to: JavaFn<i64, i64>| async move {
            to.call(0).await
        })
        .blocking("tallyDropped", |number: i64| {
            dropped().as_mut().and_then(|all| all.remove(&number))
        })
        .function("openLabel", |text: String| async move {
            Shared::new(Label(text))
        })
        .function("labelText", |label: Shared<Label>| async move {
            label.0.clone()
        });
}

async fn pause(millis: i64) {
    sleep(Duration::from_millis(u64::try_from(millis).unwrap_or(0))).await;
}
