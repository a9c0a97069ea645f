//! Objects that all loops of a runtime use: by calls of all kinds, beside their close, until their drop.

mod drops;

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use loopbridge_protocol::OutcomeKind;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::owner::{Owner, Settled, Written, none};
use super::{assert_at_rest, functions, runtime, wait_for};
use crate::runtime::Runtime;
use crate::{JavaFn, Registry, Shared, SharedType};

/// The names of the threads on which tallies were dropped, by their numbers, which no two tests share.
static DROPPED: Mutex<BTreeMap<i64, String>> = Mutex::new(BTreeMap::new());
/// The numbers of the tallies that were made.
static MADE: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());
static NEXT: AtomicI64 = AtomicI64::new(1);

fn fresh() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn dropped() -> MutexGuard<'static, BTreeMap<i64, String>> {
    DROPPED.lock().expect("no test panics here")
}

fn note_drop(number: i64) {
    let here = thread::current().name().unwrap_or_default().to_owned();
    dropped().insert(number, here);
}

struct Tally {
    number: i64,
    count: AtomicI64,
    gate: Semaphore,
}

impl SharedType for Tally {
    const NAME: &'static str = "Tally";
}

impl Drop for Tally {
    fn drop(&mut self) {
        assert!(Handle::try_current().is_ok(), "in Tokio's context");
        note_drop(self.number);
    }
}

/// One whose drop needs no context.
struct Bare(i64);

impl SharedType for Bare {
    const NAME: &'static str = "Bare";
}

impl Drop for Bare {
    fn drop(&mut self) {
        note_drop(self.0);
    }
}

struct Fragile;

impl SharedType for Fragile {
    const NAME: &'static str = "Fragile";
}

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("in the drop, as planned");
    }
}

type SharedTally = Shared<Tally>;

fn made() -> MutexGuard<'static, BTreeSet<i64>> {
    MADE.lock().expect("no test panics here")
}

fn tally(number: i64) -> SharedTally {
    made().insert(number);
    Shared::new(Tally {
        number,
        count: AtomicI64::new(0),
        gate: Semaphore::new(0),
    })
}

fn add(tally: &Tally) -> i64 {
    tally.count.fetch_add(1, Ordering::Relaxed) + 1
}

fn register(functions: &mut Registry) {
    functions
        .function("open", |number: i64| async move { tally(number) })
        .function("openSome", |number: Option<i64>| async move {
            number.map(tally)
        })
        .function("openNever", |number: i64| async move {
            let _tally = tally(number);
            pending::<()>().await;
        })
        .function("openBare", |number: i64| async move {
            Shared::new(Bare(number))
        })
        .function("openFragile", || async { Shared::new(Fragile) })
        .function("add", |tally: SharedTally| async move { add(&tally) })
        .heavy("addHeavy", |tally: SharedTally| async move { add(&tally) })
        .blocking("addBlocking", |tally: SharedTally| add(&tally))
        .local("addLocal", |tally: SharedTally| async move { add(&tally) })
        .local("keepLocal", |tally: SharedTally| async move {
            pending::<()>().await;
            drop(tally);
        })
        .function("addMaybe", |tally: Option<SharedTally>| async move {
            tally.map_or(0, |tally| add(&tally))
        })
        .function("same", |tally: SharedTally| async move { tally })
        .function("wait", |tally: SharedTally| async move {
            drop(tally.gate.acquire().await);
            add(&tally)
        })
        .function("let", |tally: SharedTally| async move {
            tally.gate.add_permits(1);
        })
        .function(
            "show",
            |tally: SharedTally, to: JavaFn<SharedTally, i64>| async move { to.call(tally).await },
        )
        .function(
            "ask",
            |to: JavaFn<i64, i64>| async move { to.call(0).await },
        );
}

fn ticket_of(settled: &Settled) -> i64 {
    assert_eq!(settled.kind, OutcomeKind::Value, "{settled:?}");
    i64::from_le_bytes(settled.payload[..].try_into().expect("a ticket"))
}

/// An owner with an object, and the object's number and ticket.
fn opened(runtime: &Arc<Runtime>) -> (Owner, i64, i64) {
    let mut owner = Owner::new(runtime);
    let number = fresh();
    let ticket = ticket_of(&owner.run("open", &none().i64(number)));
    (owner, number, ticket)
}

fn value(settled: &Settled) -> i64 {
    ticket_of(settled)
}

fn refusal(owner: &mut Owner, arguments: &Written) -> String {
    let settled = owner.run("add", arguments);
    assert_eq!(settled.kind, OutcomeKind::Refused);
    String::from_utf8_lossy(&settled.payload).into_owned()
}

fn close(runtime: &Runtime, ticket: i64) -> bool {
    runtime.close_object(ticket as u64)
}

fn await_drop(number: i64) -> String {
    let start = std::time::Instant::now();
    while start.elapsed() < super::PATIENCE {
        if let Some(thread) = dropped().get(&number) {
            return thread.clone();
        }
        thread::yield_now();
    }
    panic!("object {number} is not dropped");
}

/// The same for a call that may have been cancelled before it ran.
fn await_drop_if_made(number: i64) {
    let made = made().contains(&number);
    if made {
        await_drop(number);
    }
}

fn objects(runtime: &Runtime) -> u64 {
    runtime.counters().live_shared_objects
}

#[test]
fn calls_of_all_kinds_use_it_until_it_is_closed() {
    let runtime = runtime(register);
    let (mut owner, number, ticket) = opened(&runtime);
    for (count, function) in ["add", "addHeavy", "addBlocking"].into_iter().enumerate() {
        let settled = owner.run(function, &none().i64(ticket));
        assert_eq!(value(&settled), count as i64 + 1);
    }
    assert_eq!(objects(&runtime), 1);
    assert!(close(&runtime, ticket));
    assert_eq!(objects(&runtime), 0);
    assert!(await_drop(number).starts_with("test-"));
    assert!(!close(&runtime, ticket), "closed twice");
    assert!(refusal(&mut owner, &none().i64(ticket)).contains("or closed"));
    assert_at_rest(&runtime);
}

#[test]
fn no_other_number_names_it() {
    let runtime = runtime(register);
    let (mut owner, _, ticket) = opened(&runtime);
    for bit in 0..64 {
        let refused = refusal(&mut owner, &none().i64(ticket ^ (1 << bit)));
        assert!(refused.contains("argument 1 (object<Tally>)"), "{refused}");
        assert!(!close(&runtime, ticket ^ (1 << bit)));
        assert!(
            owner
                .port
                .give_object((ticket ^ (1 << bit)) as u64)
                .is_none()
        );
        assert!(!owner.port.take_object_back(ticket as u64));
    }
    assert_eq!(value(&owner.run("add", &none().i64(ticket))), 1);
}

#[test]
fn one_of_another_type_is_refused_by_its_name() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    let ticket = ticket_of(&owner.run("openFragile", &none()));
    let refused = refusal(&mut owner, &none().i64(ticket));
    assert!(
        refused.contains("an object<Fragile>, not an object<Tally>"),
        "{refused}"
    );
    assert!(close(&runtime, ticket));
    wait_for(&runtime, "the panic of the drop", |counters| {
        counters.panics == 1 && counters.blocking_running == 0
    });
}

#[test]
fn an_optional_one() {
    let runtime = runtime(register);
    let mut owner = Owner::new(&runtime);
    assert_eq!(owner.run("openSome", &none().raw(&[0])).payload, [0]);
    let number = fresh();
    let settled = owner.run("openSome", &none().raw(&[1]).i64(number));
    assert_eq!(settled.payload[0], 1);
    let ticket = i64::from_le_bytes(settled.payload[1..].try_into().expect("a ticket"));
    assert_eq!(
        value(&owner.run("addMaybe", &none().raw(&[1]).i64(ticket))),
        1
    );
    assert_eq!(value(&owner.run("addMaybe", &none().raw(&[0]))), 0);
    assert!(close(&runtime, ticket));
    await_drop(number);
}

#[test]
fn closed_during_a_call_it_lives_until_that_has_ended() {
    let runtime = runtime(register);
    let (mut owner, number, ticket) = opened(&runtime);
    let same = ticket_of(&owner.run("same", &none().i64(ticket)));
    assert_ne!(same, ticket);
    owner.call("wait", &none().i64(ticket));
    wait_for(&runtime, "the task", |counters| counters.live_tasks == 1);
    assert!(close(&runtime, ticket));
    assert_eq!(owner.run("let", &none().i64(same)).payload, []);
    assert!(close(&runtime, same));
    assert_eq!(value(&owner.next()), 1);
    await_drop(number);
    assert_at_rest(&runtime);
}

#[test]
fn sixteen_ports_use_one_without_waiting_for_one_another() {
    const PORTS: usize = 16;
    let runtime = runtime(register);
    let (_owner, number, ticket) = opened(&runtime);
    let loops: Vec<_> = (0..PORTS)
        .map(|_| {
            let runtime = Arc::clone(&runtime);
            thread::spawn(move || {
                let mut owner = Owner::with(&runtime, 64, 1_000);
                for _ in 0..200 {
                    assert!(value(&owner.run("add", &none().i64(ticket))) > 0);
                }
                owner
            })
        })
        .collect();
    let mut owners: Vec<Owner> = loops.into_iter().map(|it| it.join().unwrap()).collect();
    // Each port has looked into the table that all share once, and has waited for no other.
    assert_eq!(runtime.objects().waits(), PORTS as u64);
    assert_eq!(
        value(&owners[0].run("add", &none().i64(ticket))),
        200 * PORTS as i64 + 1
    );
    assert!(close(&runtime, ticket));
    await_drop(number);
    assert!(refusal(&mut owners[0], &none().i64(ticket)).contains("or closed"));
}

/// The close comes beside starts of four ports: each call finds the object or is refused, and none keeps it.
#[test]
fn a_close_beside_starts_leaves_nothing() {
    let runtime = runtime(register);
    let mut owners: Vec<Owner> = (0..4).map(|_| Owner::with(&runtime, 64, 1_000)).collect();
    for _ in 0..100 {
        let number = fresh();
        let ticket = ticket_of(&owners[0].run("open", &none().i64(number)));
        for owner in &mut owners {
            owner.call("add", &none().i64(ticket));
        }
        assert!(close(&runtime, ticket));
        for owner in &mut owners {
            let kind = owner.next().kind;
            assert!(
                matches!(kind, OutcomeKind::Value | OutcomeKind::Refused),
                "{kind:?}"
            );
        }
        await_drop(number);
    }
    assert_eq!(objects(&runtime), 0);
    assert_at_rest(&runtime);
}

#[test]
fn a_handler_gets_one_and_closes_it() {
    let runtime = runtime(register);
    let (mut owner, number, ticket) = opened(&runtime);
    let handler = owner.object(1);
    owner.call("show", &none().i64(ticket).handler(handler, 1));
    let (invocation, argument) = owner.next_invocation();
    let shown = i64::from_le_bytes(argument[..].try_into().expect("a ticket"));
    assert_eq!(objects(&runtime), 2);
    assert!(close(&runtime, shown) && close(&runtime, ticket));
    let answer = none().i64(5);
    owner.submit_answer(invocation, loopbridge_protocol::AnswerKind::Value, &answer);
    owner.flush();
    assert_eq!(value(&owner.next()), 5);
    await_drop(number);
    owner.await_dropped();
}

/// A relay has no slot by which Java could keep the object until the record is read.
#[test]
fn a_relay_takes_the_object_that_it_was_given() {
    let runtime = runtime(register);
    let (mut owner, number, ticket) = opened(&runtime);
    let handler = owner.object(1);
    owner.call("ask", &none().handler(handler, 1));
    let (invocation, _) = owner.next_invocation();
    let given = owner.port.give_object(ticket as u64).expect("an object");
    assert!(close(&runtime, ticket));
    owner.relay(invocation, "add", &none().i64(given as i64));
    assert_eq!(value(&owner.next()), 1);
    await_drop(number);
    assert!(refusal(&mut owner, &none().i64(given as i64)).contains("or closed"));
    owner.await_dropped();
}

struct Namesake;

impl SharedType for Namesake {
    const NAME: &'static str = "Tally";
}

struct Nameless;

impl SharedType for Nameless {
    const NAME: &'static str = "Tally<i64>";
}

#[test]
#[should_panic(expected = "two types of shared objects have the name \"Tally\"")]
fn two_types_of_one_name_do_not_load() {
    functions(|registry| {
        register(registry);
        registry.function(
            "namesake",
            |_: i64, to: JavaFn<Shared<Namesake>, i64>| async move {
                drop(to);
            },
        );
    });
}

#[test]
#[should_panic(expected = "is no identifier")]
fn a_type_name_that_is_no_identifier_does_not_load() {
    functions(|registry| {
        registry.blocking("nameless", |_: Shared<Nameless>| ());
    });
}
