//! The wake word under more producers and rounds than loom can explore.
#![cfg(shuttle)]

mod scenario;
mod threads;

use std::sync::atomic::{AtomicUsize, Ordering};

use loopbridge_protocol::sync::Arc;
use loopbridge_protocol::{
    CallId, CompletionConsumer, CompletionProducer, Idle, Outcome, OutcomeKind, PortMemory,
    Reschedule, Wake, WakeWord, Words,
};
use scenario::scenario;
use threads::{Receiver, Sender, channel, receive, spawn};

const PRODUCERS: u32 = 3;
const ROUNDS: u32 = 3;

struct Port {
    memory: Arc<PortMemory>,
    wake: WakeWord,
    /// Drains in the loop's queue.
    loop_tasks: Sender<()>,
    /// Drains that hold SCHEDULED.
    drains: AtomicUsize,
}

impl Port {
    fn new() -> (Arc<Self>, Receiver<()>) {
        let memory = Arc::new(PortMemory::allocate(1, 32).unwrap());
        let (loop_tasks, tasks) = channel();
        let port = Self {
            wake: WakeWord::new(memory.clone()),
            memory,
            loop_tasks,
            drains: AtomicUsize::new(0),
        };
        (Arc::new(port), tasks)
    }

    fn wake(&self, wake: Wake) {
        if wake == Wake::Upcall {
            self.own();
            self.loop_tasks.send(()).expect("the loop is there");
        }
    }

    fn own(&self) {
        let others = self.drains.fetch_add(1, Ordering::Relaxed);
        assert_eq!(others, 0, "a second drain is scheduled");
    }

    /// Publishes batches of one and two records, each with its own schedule.
    fn produce(&self, producer: u32) {
        for round in 0..ROUNDS {
            let records: Vec<Words> = (0..=round % 2).map(|_| record(producer, round)).collect();
            CompletionProducer::new(self.memory.clone()).publish(&records);
            self.wake(self.wake.schedule());
        }
    }
}

/// A record that contains the numbers of its producer and round.
fn record(producer: u32, round: u32) -> Words {
    let call = CallId {
        slot: producer,
        generation: round,
    };
    Outcome::bare(OutcomeKind::Value, call).encode()
}

/// The loop: runs drains, each of at most `at_most` records, until `done` of the records that were read, or until the
/// port is closed. Waits for ever if a wake is lost, which shuttle reports as a deadlock.
fn drain_until(
    port: &Port,
    tasks: &Receiver<()>,
    at_most: usize,
    done: impl Fn(&[CallId]) -> bool,
) -> Vec<CallId> {
    let mut ring = CompletionConsumer::new(port.memory.clone());
    let mut read = Vec::new();
    let mut next = |read: &mut Vec<CallId>| {
        let words = ring.try_next();
        read.extend(words.map(|words| Outcome::decode(&words).expect("a whole record").call));
        words.is_some()
    };
    while !done(&read) && receive(tasks).is_some() {
        let mut left = at_most;
        loop {
            while left > 0 && next(&mut read) {
                left -= 1;
            }
            if left == 0 {
                // The drain holds SCHEDULED, so that stays set; the drain queues itself behind the loop's other tasks.
                port.loop_tasks.send(()).expect("the loop is there");
                break;
            }
            port.drains.fetch_sub(1, Ordering::Relaxed);
            if port.wake.idle() == Idle::Closed {
                while next(&mut read) {}
                return read;
            }
            if !next(&mut read) {
                break;
            }
            left -= 1;
            match port.wake.reschedule() {
                Reschedule::Drain => port.own(),
                Reschedule::Leave => break,
            }
        }
    }
    read
}

/// Each producer's records in the order of its rounds, none twice, none missing.
fn assert_all(read: &[CallId]) {
    for producer in 0..PRODUCERS {
        let rounds: Vec<u32> = read
            .iter()
            .filter(|call| call.slot == producer)
            .map(|call| call.generation)
            .collect();
        assert_eq!(rounds, [0, 1, 1, 2], "of producer {producer}");
    }
}

fn producers(port: &Arc<Port>) -> Vec<shuttle::thread::JoinHandle<()>> {
    (0..PRODUCERS)
        .map(|producer| {
            let port = port.clone();
            spawn(move || port.produce(producer))
        })
        .collect()
}

#[test]
fn no_record_waits_for_ever() {
    scenario("three producers, three rounds", "I1 I2 I24", || {
        let (port, tasks) = Port::new();
        let producers = producers(&port);
        let read = drain_until(&port, &tasks, 3, |read| read.len() == 12);
        producers.into_iter().for_each(|each| each.join().unwrap());
        assert_all(&read);
    });
}

#[test]
fn what_was_published_before_the_close_is_read() {
    scenario("three producers, close", "I3 I1 I9", || {
        let (port, tasks) = Port::new();
        let closer = {
            let (port, producers) = (port.clone(), producers(&port));
            spawn(move || {
                producers.into_iter().for_each(|each| each.join().unwrap());
                port.wake(port.wake.close());
            })
        };
        let read = drain_until(&port, &tasks, 2, |_| false);
        closer.join().unwrap();
        assert_all(&read);
    });
}
