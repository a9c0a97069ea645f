//! The life of one call in all its combinations: what its future does, what wakes it, when it is cancelled, what ends
//! around it, and what becomes of its lent memory.
//!
//! Each combination is run, except those that a rule of [`Case::left_out`] shows to be impossible or equal to another.
//! The call must settle once, in a way that the case allows, and leave nothing behind.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use loopbridge_protocol::OutcomeKind::{self, Cancelled, Closed, Panic, Value};

use super::owner::{Owner, Settled, none};
use super::runtime;
use crate::runtime::Runtime;
use crate::{Bytes, Registry};

/// The behaviour of the call's future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    IsReady,
    /// Its error's drop panics.
    FailsBadly,
    Panics,
    Waits,
    PanicsWhenWoken,
    /// Waits, and panics when it is dropped.
    PanicsInDrop,
}

/// The thread that wakes it, once it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    Never,
    ByItself,
    ByOwner,
    ByThread,
    ByBoth,
    /// After everything else.
    Late,
}

/// The moment at which the owner cancels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cancel {
    Never,
    /// In the turn that submits the call.
    AtOnce,
    AfterFirstPoll,
    /// Before its outcome is read.
    AfterEnd,
}

/// The end that happens around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Nothing,
    /// The port, after the first poll.
    Port,
    /// The runtime, after the first poll.
    Runtime,
    /// The runtime, while the call is in the ring, unless the dispatcher happens to be awake.
    RuntimeBefore,
}

/// How the owner reads outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    AtOnce,
    /// When nothing else is left to happen.
    Late,
    /// Never: the loop has ended, and the port is closed.
    Gone,
}

/// The memory that the call was lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lent {
    Nothing,
    /// Dropped with the future.
    Memory,
    /// Kept until after the outcome.
    Kept,
}

const DOES: [Does; 6] = [
    Does::IsReady,
    Does::FailsBadly,
    Does::Panics,
    Does::Waits,
    Does::PanicsWhenWoken,
    Does::PanicsInDrop,
];
const WOKEN: [Woken; 6] = [
    Woken::Never,
    Woken::ByItself,
    Woken::ByOwner,
    Woken::ByThread,
    Woken::ByBoth,
    Woken::Late,
];
const CANCELS: [Cancel; 4] = [
    Cancel::Never,
    Cancel::AtOnce,
    Cancel::AfterFirstPoll,
    Cancel::AfterEnd,
];
const ENDS: [Ends; 4] = [
    Ends::Nothing,
    Ends::Port,
    Ends::Runtime,
    Ends::RuntimeBefore,
];
const READS: [Reads; 3] = [Reads::AtOnce, Reads::Late, Reads::Gone];
const LENT: [Lent; 3] = [Lent::Nothing, Lent::Memory, Lent::Kept];
const HEAVY: [bool; 2] = [false, true];

#[derive(Clone, Copy, Debug)]
struct Case {
    does: Does,
    woken: Woken,
    cancel: Cancel,
    ends: Ends,
    reads: Reads,
    lent: Lent,
    /// Spawned at once instead of polled by the dispatcher.
    heavy: bool,
}

fn cases() -> impl Iterator<Item = Case> {
    let sizes = [6, 6, 4, 4, 3, 3, 2];
    (0..sizes.iter().product::<usize>()).map(move |mut number| {
        let mut at = sizes.map(|size| {
            let at = number % size;
            number /= size;
            at
        });
        let [does, woken, cancel, ends, reads, lent, heavy] = &mut at;
        Case {
            does: DOES[*does],
            woken: WOKEN[*woken],
            cancel: CANCELS[*cancel],
            ends: ENDS[*ends],
            reads: READS[*reads],
            lent: LENT[*lent],
            heavy: HEAVY[*heavy],
        }
    })
}

impl Case {
    fn ends_at_first_poll(self) -> bool {
        matches!(self.does, Does::IsReady | Does::FailsBadly | Does::Panics)
    }

    fn is_woken(self) -> bool {
        !matches!(self.woken, Woken::Never | Woken::Late)
    }

    /// Whether the call ends without a cancel and without an end around it.
    fn ends_by_itself(self) -> bool {
        self.ends_at_first_poll() || self.is_woken()
    }

    /// The reason why the case is not run; none if it is.
    fn left_out(self) -> Option<&'static str> {
        let before = self.ends == Ends::RuntimeBefore;
        let around = self.ends != Ends::Nothing || self.reads == Reads::Gone;
        if self.ends_at_first_poll() && self.is_woken() {
            Some("a future that ends in its first poll never waits to be woken")
        } else if !self.ends_by_itself() && self.cancel == Cancel::Never && !around {
            Some("a call that nothing ends is no case")
        } else if self.cancel == Cancel::AfterEnd
            && !self.ends_by_itself()
            && matches!(self.ends, Ends::Nothing | Ends::RuntimeBefore)
        {
            Some("a cancel after the end of a call that only the cancel could end")
        } else if before && (self.woken != Woken::Never || self.cancel != Cancel::Never) {
            Some("a call that may never leave the ring is neither woken nor cancelled")
        } else if self.cancel == Cancel::AtOnce
            && matches!(self.woken, Woken::ByOwner | Woken::ByThread | Woken::ByBoth)
        {
            Some("no thread has the waker of a future that may never be polled")
        } else if self.reads == Reads::Gone && self.ends == Ends::Port {
            Some("an owner that is gone closes the port anyway")
        } else {
            None
        }
    }

    /// The ways in which the call may settle.
    fn may_settle_as(self) -> Vec<OutcomeKind> {
        let mut kinds = Vec::new();
        if self.ends_by_itself() {
            kinds.push(match self.does {
                Does::IsReady | Does::Waits => Value,
                _ => Panic,
            });
        }
        // A call that is a task of its own, as slow functions' calls are, may be ended between its poll and its
        // outcome.
        match self.cancel {
            Cancel::AtOnce | Cancel::AfterFirstPoll => kinds.push(Cancelled),
            _ => {}
        }
        match self.ends {
            Ends::Port => kinds.push(Cancelled),
            Ends::Runtime | Ends::RuntimeBefore => kinds.push(Closed),
            Ends::Nothing => {}
        }
        kinds
    }
}

/// The state that the test and the call's future share.
struct Script {
    case: Case,
    go: AtomicBool,
    polls: AtomicUsize,
    made: AtomicUsize,
    dropped: AtomicUsize,
    waker: Mutex<Option<Waker>>,
    kept: Mutex<Option<Bytes>>,
}

/// The matrix by its name, with the promises it shows by the numbers that the stress suites use.
const LIFECYCLE: &str = "matrix lifecycle [I3 I5 I6 I9]";
/// After this many failed cases the others are not tried.
const SHOWN: usize = 10;
/// Longer than any step of a case takes, and short enough that a case which hangs is reported.
const SHORT_PATIENCE: Duration = Duration::from_secs(10);

/// The scripts by their numbers, which calls have as their argument.
static SCRIPTS: LazyLock<Mutex<HashMap<i64, Arc<Script>>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicI64 = AtomicI64::new(0);
static MEMORY: [u8; 64] = [5; 64];

impl Script {
    fn new(case: Case) -> Arc<Script> {
        Arc::new(Script {
            case,
            go: AtomicBool::new(false),
            polls: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            waker: Mutex::new(None),
            kept: Mutex::new(None),
        })
    }

    /// Registers it under the argument of its call.
    fn publish(self: &Arc<Script>) -> i64 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut scripts = SCRIPTS.lock().expect("no panic");
        scripts.insert(number, self.clone());
        number
    }
}

/// The future of a call.
struct Scripted {
    script: Arc<Script>,
    _held: Option<Bytes>,
}

impl Scripted {
    fn new(number: i64, lent: Option<Bytes>) -> Scripted {
        let script = SCRIPTS.lock().expect("no panic")[&number].clone();
        script.made.fetch_add(1, Ordering::Relaxed);
        let held = match script.case.lent {
            Lent::Kept => {
                *script.kept.lock().expect("no panic") = lent;
                None
            }
            _ => lent,
        };
        Scripted {
            script,
            _held: held,
        }
    }
}

impl Future for Scripted {
    type Output = Result<i64, Bad>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let script = &self.script;
        *script.waker.lock().expect("no panic") = Some(context.waker().clone());
        let first = script.polls.fetch_add(1, Ordering::Relaxed) == 0;
        match script.case.does {
            Does::IsReady => return Poll::Ready(Ok(7)),
            Does::FailsBadly => return Poll::Ready(Err(Bad)),
            Does::Panics => panic!("as planned"),
            _ if script.go.load(Ordering::Relaxed) => {}
            _ => {
                if first && script.case.woken == Woken::ByItself {
                    script.go.store(true, Ordering::Relaxed);
                    context.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
        }
        assert!(script.case.does != Does::PanicsWhenWoken, "as planned");
        Poll::Ready(Ok(7))
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.script.dropped.fetch_add(1, Ordering::Relaxed);
        if self.script.case.does == Does::PanicsInDrop && !std::thread::panicking() {
            panic!("in the drop, as planned");
        }
    }
}

/// An error whose drop panics.
#[derive(Debug)]
struct Bad;

impl std::fmt::Display for Bad {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("bad")
    }
}

impl std::error::Error for Bad {}

impl Drop for Bad {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "in the error's drop, as planned");
    }
}

fn register(functions: &mut Registry) {
    functions
        .function("scripted", Scripted::new)
        .heavy("heavy", Scripted::new);
}

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
