//! Two tasks that poll one dispatcher: each record is seen after its wake, and one thread drops the dispatcher.
#![cfg(loom)]

mod model;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use loopbridge_protocol::{GivenBack, Seat, Taken};
use model::model;

/// The records that a dispatcher has seen.
struct Dispatcher(usize);

struct Port {
    seat: Seat<Dispatcher>,
    /// The ring: how many records it has got.
    records: AtomicUsize,
    dropped: AtomicUsize,
}

impl Port {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            seat: Seat::new(Dispatcher(0)),
            records: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
        })
    }

    /// A task is woken for a record. The wake of the workers' task after a note is the loop.
    fn submit_and_poll(&self) {
        // Relaxed, here and below: only the seat orders the record before the other task's look.
        self.records.fetch_add(1, Ordering::Relaxed);
        while let Taken::Here(mut dispatcher) = self.seat.take() {
            dispatcher.0 = self.records.load(Ordering::Relaxed);
            match self.seat.give_back(dispatcher) {
                GivenBack::Again => {}
                GivenBack::Sleeps => return,
                GivenBack::Ended(_) => return self.drops(),
            }
        }
    }

    fn drops(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_wake_beside_a_poll_of_the_other_task_is_not_lost() {
    model("two polls", "I1 I12", || {
        let port = Port::new();
        let rest = {
            let port = port.clone();
            thread::spawn(move || {
                port.submit_and_poll();
                port.submit_and_poll();
            })
        };
        port.submit_and_poll();
        rest.join().unwrap();
        let dispatcher = port.seat.end().expect("both polls are over");
        assert_eq!(dispatcher.0, 3);
    });
}

#[test]
fn a_dispatcher_that_ends_beside_a_poll_is_dropped_once() {
    model("poll, end of the seat", "I1 I6", || {
        let port = Port::new();
        let rest = {
            let port = port.clone();
            thread::spawn(move || port.submit_and_poll())
        };
        if port.seat.end().is_some() {
            port.drops();
        }
        rest.join().unwrap();
        assert_eq!(port.dropped.load(Ordering::Relaxed), 1);
        assert!(matches!(port.seat.take(), Taken::Ended));
    });
}
