//! The life of one call in all its combinations: what its future does, what wakes it, when it is cancelled, what ends
//! around it, and what becomes of its lent memory.
//!
//! Each combination is run, except those that a rule of [`Case::left_out`] shows to be impossible or equal to another.
//! The call must settle once, in a way that the case allows, and leave nothing behind.

mod case;
mod script;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use loopbridge_protocol::OutcomeKind::Value;

use self::case::{Cancel, Case, Ends, Lent, Reads, Woken, cases};
use self::script::{SCRIPTS, Script, register};
use super::owner::{Owner, Settled, none};
use super::runtime;
use crate::runtime::Runtime;

/// The matrix by its name, with the promises it shows by the numbers that the stress suites use.
const LIFECYCLE: &str = "matrix lifecycle [I3 I5 I6 I9]";
/// After this many failed cases the others are not tried.
const SHOWN: usize = 10;
/// Longer than any step of a case takes, and short enough that a case which hangs is reported.
const SHORT_PATIENCE: Duration = Duration::from_secs(10);
/// The memory that is lent to calls.
static MEMORY: [u8; 64] = [5; 64];

fn wait_until(what: &str, patience: Duration, done: impl Fn() -> bool) -> Result<(), String> {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > patience {
            return Err(format!("waits for {what}"));
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// Runs one case on an open runtime.
fn run(runtime: &Arc<Runtime>, case: Case) -> Result<(), String> {
    let script = Script::new(case);
    let number = script.publish();
    let lived = live(runtime, &script, number);
    // Not before nothing is left: a call whose outcome is not read may be begun late.
    SCRIPTS.lock().expect("no panic").remove(&number);
    lived
}

fn live(runtime: &Arc<Runtime>, script: &Script, number: i64) -> Result<(), String> {
    let case = script.case;
    let mut owner = Owner::with(runtime, 4, 1 << 16);
    let settled = play(runtime, &mut owner, script, number)?;
    if case.reads != Reads::Gone {
        check(case, script, &settled)?;
    }
    drop(script.kept.lock().expect("no panic").take());
    if case.reads != Reads::Gone {
        owner.await_released();
    }
    let waker = script.waker.lock().expect("no panic").take();
    if let Some(waker) = waker.filter(|_| case.woken == Woken::Late) {
        waker.wake();
        if case.reads != Reads::Gone && owner.try_next().is_some() {
            return Err("a late wake settles something".to_owned());
        }
    }
    owner.port.close();
    drop(owner);
    let gone = || script.dropped.load(Ordering::Relaxed) == script.made.load(Ordering::Relaxed);
    wait_until("the future's drop", SHORT_PATIENCE, gone)?;
    let rests = || {
        // A call whose outcome is not read may be begun only now.
        drop(script.kept.lock().expect("no panic").take());
        drop(script.waker.lock().expect("no panic").take());
        is_at_rest(runtime)
    };
    wait_until("nothing to be left", SHORT_PATIENCE, rests)
        .map_err(|error| format!("{error}: {:?}", runtime.counters()))
}

/// From the call to the outcome that the owner reads.
fn play(
    runtime: &Arc<Runtime>,
    owner: &mut Owner,
    script: &Script,
    number: i64,
) -> Result<Vec<Settled>, String> {
    let case = script.case;
    let ended = runtime.counters().calls_finished + 1;
    let arguments = none().i64(number);
    let arguments = match case.lent {
        Lent::Nothing => arguments.raw(&[0]),
        _ => arguments.raw(&[1]).lent(&MEMORY),
    };
    let function = if case.heavy { "heavy" } else { "scripted" };
    let call = owner.submit(function, &arguments);
    if case.cancel == Cancel::AtOnce {
        owner.submit_cancel(call);
    }
    if case.ends != Ends::RuntimeBefore {
        owner.flush();
        if case.cancel != Cancel::AtOnce {
            wait_until("the first poll", SHORT_PATIENCE, || {
                script.polls.load(Ordering::Relaxed) > 0
            })?;
        }
    }
    if case.cancel == Cancel::AfterFirstPoll {
        owner.cancel(call);
    }
    wake(script);
    match case.ends {
        Ends::Nothing => {}
        Ends::Port => owner.port.close(),
        Ends::Runtime | Ends::RuntimeBefore => {
            let left = runtime.shutdown(SHORT_PATIENCE);
            if left != Ok(0) {
                return Err(format!("the runtime's end: {left:?}"));
            }
        }
    }
    if case.reads == Reads::Late || case.cancel == Cancel::AfterEnd {
        wait_until("the call's end", SHORT_PATIENCE, || {
            runtime.counters().calls_finished == ended
        })?;
    }
    if case.cancel == Cancel::AfterEnd {
        owner.cancel(call);
    }
    Ok(match (case.reads, case.ends) {
        (Reads::Gone, _) => Vec::new(),
        (_, Ends::Nothing | Ends::Port) => vec![owner.next()],
        (_, Ends::Runtime | Ends::RuntimeBefore) => owner.drain_closed(),
    })
}

fn wake(script: &Script) {
    let wake = || {
        let waker = script.waker.lock().expect("no panic").clone();
        waker.expect("polled").wake();
    };
    match script.case.woken {
        Woken::Never | Woken::ByItself | Woken::Late => {}
        Woken::ByOwner => {
            script.go.store(true, Ordering::Relaxed);
            wake();
        }
        Woken::ByThread => std::thread::scope(|scope| {
            script.go.store(true, Ordering::Relaxed);
            scope.spawn(wake);
        }),
        Woken::ByBoth => std::thread::scope(|scope| {
            script.go.store(true, Ordering::Relaxed);
            scope.spawn(wake);
            wake();
        }),
    }
}

fn check(case: Case, script: &Script, settled: &[Settled]) -> Result<(), String> {
    let [settled] = settled else {
        return Err(format!("settles {} times", settled.len()));
    };
    let allowed = case.may_settle_as();
    if !allowed.contains(&settled.kind) {
        return Err(format!("{:?}, not one of {allowed:?}", settled.kind));
    }
    if settled.kind == Value && settled.payload != 7_i64.to_le_bytes() {
        return Err(format!("the value is {:?}", settled.payload));
    }
    let kept = script.kept.lock().expect("no panic").is_some();
    if settled.lent != kept {
        return Err(format!("lent is {}, kept is {kept}", settled.lent));
    }
    Ok(())
}

/// Whether nothing is left of any call.
fn is_at_rest(runtime: &Runtime) -> bool {
    let counters = runtime.counters();
    counters.live_tasks == 0
        && counters.calls_begun == counters.calls_finished
        && counters.live_payloads == 0
        && counters.live_payload_bytes == 0
        && counters.live_leases == 0
        && counters.live_ports == 0
}

#[test]
fn every_life_of_a_call_settles_it_once_and_leaves_nothing() {
    print(&format!("{LIFECYCLE}: begins"));
    let mut left_out = BTreeMap::<&str, usize>::new();
    let mut tried = 0;
    let mut failed = Vec::new();
    let mut open = runtime(register);
    for case in cases() {
        if let Some(rule) = case.left_out() {
            *left_out.entry(rule).or_default() += 1;
            continue;
        }
        tried += 1;
        if let Err(wrong) = run(&open, case) {
            failed.push(format!("{case:?}: {wrong}"));
            if failed.len() == SHOWN {
                break;
            }
            open = runtime(register);
        } else if matches!(case.ends, Ends::Runtime | Ends::RuntimeBefore) {
            open = runtime(register);
        }
    }
    if !failed.is_empty() {
        print(&format!(
            "{LIFECYCLE}: failed in {}",
            failed.join("\nand in ")
        ));
        panic!("{} cases failed", failed.len());
    }
    for (rule, count) in left_out {
        print(&format!("left out {count}: {rule}"));
    }
    print(&format!("{LIFECYCLE}: {tried} combinations"));
}

/// Something that [`is_at_rest`] does not see would escape the matrix.
#[test]
fn memory_that_stays_lent_is_noticed() {
    let runtime = runtime(register);
    let case = Case {
        lent: Lent::Kept,
        ..cases().next().expect("a case")
    };
    let script = Script::new(case);
    let number = script.publish();
    let mut owner = Owner::with(&runtime, 4, 1 << 16);
    play(&runtime, &mut owner, &script, number).expect("a value");
    owner.port.close();
    drop(owner);
    let rests = || is_at_rest(&runtime);
    let noticed = wait_until("the memory", Duration::from_millis(50), rests).is_err();
    let seen = if noticed { "noticed" } else { "missed" };
    print(&format!("control memory that stays lent: {seen}"));
    assert!(noticed);
}

/// Writes a line past the test harness, which would drop the output of a passing test.
fn print(line: &str) {
    // In one write: tests that run at the same time write too.
    let line = format!("{line}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("stderr is writable");
}
